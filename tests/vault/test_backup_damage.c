/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A backup that is damaged, cut short or made up, and a restore that is left or
 * killed: there is no vault then, or the whole. */
#include "tests/vault/restore.h"

#include "vault/backup.h"

/* Change the first byte of each record of a kind, as whoever has the passphrase
 * can; how many there are. */
static size_t tamper(struct copy *copy, enum record_kind kind)
{
    enum { BLOCKS = 64 };
    static uint8_t plain[BLOCKS * ARCHIVE_PLAIN_BYTES];
    struct archive archive;
    struct archive_facts facts;
    uint8_t key[32];
    size_t blocks = (copy->size - ARCHIVE_HEADER_BYTES) / ARCHIVE_BLOCK_BYTES;
    uint8_t *sealed = copy->bytes + ARCHIVE_HEADER_BYTES;
    need(blocks <= BLOCKS && !archive_header_decode(copy->bytes, &facts));
    derive_one(span_of_text("safe"), facts.salt, key);
    archive_begin(&archive, copy->bytes, key);
    for (size_t i = 0; i < blocks; i++)
        need(!archive_open(&archive, sealed + i * ARCHIVE_BLOCK_BYTES,
            plain + i * ARCHIVE_PLAIN_BYTES));
    size_t count = 0;
    for (uint8_t *at = plain; *at;) {
        size_t size = (size_t)at[9] << 24 | (size_t)at[10] << 16 |
                      (size_t)at[11] << 8 | at[12];
        if (*at == kind) {
            at[BACKUP_ITEM_BYTES] ^= 0x40;
            count++;
        }
        at += BACKUP_ITEM_BYTES + size;
    }
    archive_begin(&archive, copy->bytes, key);
    for (size_t i = 0; i < blocks; i++)
        archive_seal(&archive, plain + i * ARCHIVE_PLAIN_BYTES, i + 1 == blocks,
            sealed + i * ARCHIVE_BLOCK_BYTES);
    return count;
}

/* A backup that opens, and holds records that are none. */
static void test_made_up(void)
{
    begin(9);
    note(ann, "a note", 0);
    need(ask_word(ann, CONTROL_EVIDENCE_ON, "bo")->kind ==
         CONTROL_EVIDENCE_STATE);
    world_run(&world, MINUTE_MS);
    need(ask_word(bo, CONTROL_EVIDENCE_ON, "ann")->kind ==
         CONTROL_EVIDENCE_STATE);
    world_run(&world, MINUTE_MS);
    need(ask_send(bo, "ann", "signed")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    struct copy copy = back_up(ann, "safe");
    size_t kinds = 0, refused = 0;
    for (int kind = RECORD_IDENTITY; kind <= RECORD_LAST; kind++) {
        if (!tamper(&copy, (enum record_kind)kind))
            continue;
        struct answer *answer = restore(&copy, "safe", "fresh");
        kinds++;
        refused += answer->kind == CONTROL_ERROR && is_empty();
        tamper(&copy, (enum record_kind)kind);
    }
    ok(kinds > 10 && refused == kinds,
        "a record of any kind that is none restores nothing");
    ok(restore(&copy, "safe", "fresh")->kind == CONTROL_RESTORED,
        "and what was left alone, all");
    free_all(&copy);
}

static bool is_refused(enum status status, const char *words)
{
    return home->answer.status == status && is_empty() &&
           strstr(home->answer.message, words);
}

/* What is wrong is said at once, and what it is. */
static void test_refusals(const struct copy *copy)
{
    static char text[2 * (64 + 65536) + 1];
    copy->bytes[0] ^= 1;
    restore_blocks(copy, "safe");
    ok(is_refused(STATUS_REFUSED, "no backup"), "another file is none");
    copy->bytes[0] ^= 1;
    copy->bytes[64 + 65536 + 9] ^= 1;
    restore_blocks(copy, "safe");
    ok(is_refused(STATUS_REFUSED, "damaged"),
        "a damaged block is refused as it comes");
    copy->bytes[64 + 65536 + 9] ^= 1;
    restore_blocks(copy, "");
    ok(is_refused(STATUS_INVALID, "empty"), "an empty passphrase is no try");
    memset(text, 'g', sizeof(text) - 1);
    struct control_request request = {.method = CONTROL_RESTORE,
        .data = span_of_text(text),
        .passphrase = span_of_text("safe")};
    person_ask(home, &request);
    ok(is_refused(STATUS_INVALID, "no block"),
        "what is not hexadecimal is no block");
}

/* Whatever is wrong with a backup, nothing comes of it. */
static void test_damage(void)
{
    begin(6);
    struct copy copy = back_up(ann, "safe");
    ok(restore(&copy, "wrong", "fresh")->status == STATUS_REFUSED &&
            strstr(home->answer.message, "wrong passphrase") && is_empty(),
        "a wrong passphrase restores nothing");
    size_t tried = 0, refused = 0;
    for (size_t at = 0; at < copy.size; at += at < 80 ? 3 : 6007) {
        copy.bytes[at] ^= 4;
        struct answer *answer = restore(&copy, "safe", "fresh");
        tried++;
        refused += answer->kind == CONTROL_ERROR && is_empty();
        copy.bytes[at] ^= 4;
    }
    ok(tried > 60 && refused == tried, "nor does one with a flipped bit");
    test_refusals(&copy);
    size_t whole = copy.size;
    copy.size -= ARCHIVE_BLOCK_BYTES;
    struct answer *answer = restore(&copy, "safe", "fresh");
    ok(answer->status == STATUS_REFUSED && is_empty() &&
            strstr(answer->message, "cut short"),
        "nor does one that is cut short");
    copy.size = whole;
    copy.bytes[16] = RECORDS_FORMAT + 1;
    answer = restore(&copy, "safe", "fresh");
    ok(answer->status == STATUS_REFUSED &&
            strstr(answer->message, "later version"),
        "a later version's is refused by name");
    copy.bytes[16] = RECORDS_FORMAT;
    ok(restore(&copy, "safe", "")->status == STATUS_INVALID,
        "an empty passphrase is refused at the end");
    ok(restore_end("fresh")->kind == CONTROL_RESTORED,
        "and another then taken");
    ok(restore(&copy, "safe", "fresh")->status == STATUS_EXISTS,
        "where a vault is, none is restored");
    free_all(&copy);
}

static void test_left(void)
{
    begin(7);
    struct copy copy = back_up(ann, "safe");
    need(restore_part(&copy, 0, 64 + 65536, "safe")->kind == CONTROL_PART);
    const struct span slots = {home->disk.slots, home->disk.slots_size};
    ok(home->disk.count > 0 && keyslot_voidness(slots) == KEYSLOT_BEGUN,
        "a restore that is left has written something that nothing opens");
    person_die(home);
    person_start(home);
    ok(home->disk.count == 0, "which the next start removes");
    ok(vault_get_state(home->vault) == VAULT_EMPTY &&
            ask_word(home, CONTROL_INIT, "new")->kind == CONTROL_CARD,
        "a vault is made in its place");
    ask_word(home, CONTROL_LOCK, "");
    ok(ask_word(home, CONTROL_UNLOCK, "new")->kind == CONTROL_DONE &&
            ask_read_all(home)->count == 0,
        "which opens, and has nothing of it");
    need(ask_word(home, CONTROL_PANIC, "")->kind == CONTROL_DONE);
    need(restore_part(&copy, 0, 64 + 65536, "safe")->kind == CONTROL_PART);
    ok(ask_word(home, CONTROL_INIT, "new")->kind == CONTROL_CARD &&
            ask_word(home, CONTROL_LOCK, "")->kind == CONTROL_DONE &&
            ask_word(home, CONTROL_UNLOCK, "new")->kind == CONTROL_DONE,
        "also while it is under way");
    free_all(&copy);
}

/* Killed in any step: there is no vault, or the whole. */
static void test_crash(void)
{
    size_t none = 0, whole = 0, runs = 0;
    begin(8);
    struct copy copy = back_up(ann, "safe");
    person_die(ann);
    for (uint64_t step = 1; step < 16; step++) {
        for (int late = 0; late < 2; late++) {
            person_die(home);
            disk_clear(&home->disk);
            person_start(home);
            home->crash = late ? CRASH_AFTER_COMMIT : CRASH_BEFORE_COMMIT;
            home->crash_step = home->steps + step;
            restore(&copy, "safe", "fresh");
            home->crash = CRASH_NONE;
            if (!home->vault)
                person_start(home);
            runs++;
            if (vault_get_state(home->vault) == VAULT_EMPTY) {
                none++;
            } else {
                ask_word(home, CONTROL_LOCK, "");
                whole += ask_word(home, CONTROL_UNLOCK, "fresh")->kind ==
                             CONTROL_DONE &&
                         count_text(home, "second") == 1;
            }
        }
    }
    ok(none + whole == runs && none > 10 && whole > 1,
        "a crash leaves no vault, or the whole one");
    free_all(&copy);
}

int main(void)
{
    test_made_up();
    test_damage();
    test_left();
    test_crash();
    return tap_done();
}
