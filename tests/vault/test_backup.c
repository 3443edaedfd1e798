/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A backup, and the life after it. */
#include "tests/vault/restore.h"

#include "vault/backup.h"
#include "vault/prekeys.h"
#include "vault/vault_state.h"

static struct answer *notes(struct person *person)
{
    struct control_request request = {.method = CONTROL_MEMO_LIST};
    return person_ask(person, &request);
}

/* Everything is there, and goes on. */
static void test_whole(void)
{
    char was[CONTROL_FINGERPRINT_CHARS + 1];
    begin(1);
    note(ann, "a note", 0);
    need(ask_receipts(ann, "bo", "discreet")->kind == CONTROL_CONTACT_ROWS);
    strcpy(was, ask_word(ann, CONTROL_ID, "")->fingerprint);
    world.down = true; /* what is sent now is not known to have arrived */
    need(ask_send(ann, "bo", "under way")->kind == CONTROL_SENT);
    struct copy copy = back_up(ann, "safe");
    person_die(ann);
    world.down = false;
    size_t notes_of_bo = bo->note_sessions;
    need(ask_send(bo, "ann", "meanwhile")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    struct answer *answer = restore(&copy, "safe", "fresh");
    ok(answer->kind == CONTROL_RESTORED && answer->restored.contacts == 1 &&
            answer->restored.letters == 1 && answer->restored.notes == 1 &&
            answer->restored.unreached == 0,
        "a backup is restored, and what it held is counted");
    ok(strcmp(ask_word(home, CONTROL_ID, "")->fingerprint, was) == 0,
        "the identity is the same");
    struct card card;
    need(card_from_text(person_card(home), &card) == STATUS_OK);
    ok(card.prekey_id >= world.clock_s / 3600 + PREKEY_LEAP,
        "its prekeys are numbered past all that may have been given out");
    ok(count_text(home, "second") == 1 && notes(home)->count == 1 &&
            strcmp(notes(home)->rows[0].name, "a note") == 0,
        "letters and notes are there");
    answer = ask_receipts(home, "bo", "");
    ok(strcmp(answer->rows[0].receipts, "discreet") == 0,
        "and how soon a contact's letters are confirmed");
    need(ask_receipts(home, "bo", "default")->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, 10 * MINUTE_MS);
    ok(bo->note_sessions > notes_of_bo && home->note_sessions > 0,
        "both sides are shown the fresh first contact");
    ok(count_text(bo, "under way") == 1 && count_text(bo, "first") == 1,
        "a letter that was under way arrives, and none twice");
    ok(count_text(home, "meanwhile") == 1,
        "one that was written on the old session is sealed anew");
    need(ask_send(home, "bo", "from home")->kind == CONTROL_SENT);
    need(ask_send(bo, "ann", "to home")->kind == CONTROL_SENT);
    world_run(&world, 10 * MINUTE_MS);
    ok(count_text(bo, "from home") == 1 && count_text(home, "to home") == 1,
        "both write on");
    ask_word(home, CONTROL_LOCK, "");
    ok(ask_word(home, CONTROL_UNLOCK, "safe")->status == STATUS_REFUSED &&
            ask_word(home, CONTROL_UNLOCK, "ann")->status == STATUS_REFUSED &&
            ask_word(home, CONTROL_UNLOCK, "fresh")->kind == CONTROL_DONE,
        "the passphrase is the one that was chosen for it");
    ok(count_text(home, "second") == 1 && count_text(home, "to home") == 1,
        "also after a lock");
    for (size_t i = 0; i < world.carried_count; i++)
        for (size_t to = 1; to < 3; to++)
            fly_once(&world, to, PORT_ENVELOPE, i);
    world_run(&world, 10 * MINUTE_MS);
    ok(ask_read_all(home)->count == 3 && ask_read_all(bo)->count == 3,
        "every envelope again shows nothing again");
    free_all(&copy);
}

/* bo never heard that ann has a letter; after the restore it comes again. */
static void test_replay(void)
{
    begin(2);
    world.config.read_receipts = false; /* which would tell as well */
    person_die(ann);
    person_start(ann);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    struct control_request request = {.method = CONTROL_SEND,
        .name = span_of_text("ann"),
        .text = span_of_text("burned"),
        .burn_s = 60};
    need(person_ask(bo, &request)->kind == CONTROL_SENT);
    need(ask_send(bo, "ann", "once")->kind == CONTROL_SENT);
    while (count_text(ann, "once") == 0)
        world_run(&world, 1);
    world.deaf = true; /* no receipt goes out */
    request = (struct control_request){.method = CONTROL_READ};
    need(person_ask(ann, &request)->count == 3);
    world_run(&world, 5 * MINUTE_MS);
    need(ask_read_all(ann)->count == 2);
    struct copy copy = back_up(ann, "safe");
    person_die(ann);
    world.deaf = false;
    need(restore(&copy, "safe", "fresh")->kind == CONTROL_RESTORED);
    ok(count_text(home, "once") == 1, "a letter came before the backup");
    world_run(&world, 30 * MINUTE_MS);
    ok(count_text(home, "once") == 1 && count_text(home, "burned") == 0,
        "and is not shown again after it, nor one that has burned");
    struct answer *answer = ask_word(bo, CONTROL_OUTBOX, "");
    bool settled = true;
    for (size_t i = 0; i < answer->count; i++)
        settled &= answer->rows[i].outbox == OUTBOX_DELIVERED ||
                   answer->rows[i].outbox == OUTBOX_READ;
    ok(settled, "its sender hears that it arrived");
    free_all(&copy);
}

/* What is to burn, burns on its day; what has burned is in no backup. */
static void test_burning(void)
{
    begin(3);
    note(ann, "burned before", 60);
    note(ann, "burns later", 7200);
    struct control_request request = {.method = CONTROL_SEND,
        .name = span_of_text("ann"),
        .text = span_of_text("read and burn"),
        .burn_s = 3600};
    need(person_ask(bo, &request)->kind == CONTROL_SENT);
    world_run(&world, 5 * MINUTE_MS);
    request = (struct control_request){.method = CONTROL_READ};
    need(person_ask(ann, &request)->count == 2);
    struct copy copy = back_up(ann, "safe");
    person_die(ann);
    need(restore(&copy, "safe", "fresh")->kind == CONTROL_RESTORED);
    ok(notes(home)->count == 1 &&
            strcmp(notes(home)->rows[0].name, "burns later") == 0,
        "a note that has burned is in no backup");
    ok(count_text(home, "read and burn") == 1, "one that is to burn is");
    world_run(&world, 61 * MINUTE_MS);
    ok(count_text(home, "read and burn") == 0 && notes(home)->count == 1,
        "and burns when it would have");
    world_run(&world, 60 * MINUTE_MS);
    ok(notes(home)->count == 0 && disk_count(&home->disk, RECORD_NOTE) == 0 &&
            disk_count(&home->disk, RECORD_INBOX_BODY) == 1,
        "so does the note");
    person_die(home);
    disk_clear(&home->disk);
    person_start(home);
    need(restore(&copy, "safe", "fresh")->kind == CONTROL_RESTORED);
    ok(notes(home)->count == 0 && count_text(home, "read and burn") == 0,
        "what came due since the backup burns as it is restored");
    free_all(&copy);
}

/* Kinds in a backup, as bits; it opens with the passphrase alone. */
static uint64_t kinds_of(const struct copy *copy, const char *passphrase)
{
    static struct backup_stream stream;
    struct archive archive;
    struct archive_facts facts;
    struct backup_item item;
    uint8_t key[32], plain[ARCHIVE_PLAIN_BYTES];
    uint64_t kinds = 0;
    stream.size = 0;
    need(archive_header_decode(copy->bytes, &facts) == STATUS_OK);
    derive_one(span_of_text(passphrase), facts.salt, key);
    archive_begin(&archive, copy->bytes, key);
    size_t at = ARCHIVE_HEADER_BYTES;
    for (; at < copy->size; at += ARCHIVE_BLOCK_BYTES) {
        need(archive_open(&archive, copy->bytes + at, plain) == STATUS_OK);
        backup_feed(&stream, plain);
        while (backup_peek(&stream, &item) == STATUS_OK) {
            kinds |= UINT64_C(1) << item.kind;
            backup_drop(&stream, &item);
        }
        if (backup_peek(&stream, &item) == STATUS_NOT_FOUND)
            stream.size = 0;
    }
    need(archive.is_over);
    return kinds;
}

#define BIT(kind) (UINT64_C(1) << (kind))

static void test_content(void)
{
    begin(4);
    note(ann, "a note", 0);
    struct control_request request = {.method = CONTROL_ID, .invite = true};
    need(person_ask(ann, &request)->kind == CONTROL_CARD);
    world.down = true;
    need(ask_send(ann, "bo", "under way")->kind == CONTROL_SENT);
    need(disk_count(&ann->disk, RECORD_SESSION) > 0 &&
         disk_count(&ann->disk, RECORD_INVITE) > 0);
    struct copy copy = back_up(ann, "safe");
    uint64_t kinds = kinds_of(&copy, "safe");
    ok((kinds &
           (BIT(RECORD_SESSION) | BIT(RECORD_SKIPPED) | BIT(RECORD_INVITE) |
               BIT(RECORD_RELEASE) | BIT(RECORD_REQUEST) | BIT(RECORD_RING) |
               BIT(RECORD_TRIES))) == 0,
        "no chain, no session, no invite and no key of a day is in a backup");
    const uint64_t want =
        BIT(RECORD_IDENTITY) | BIT(RECORD_PREKEY) | BIT(RECORD_CONTACT) |
        BIT(RECORD_SEEN) | BIT(RECORD_OUTBOX) | BIT(RECORD_OUTBOX_BODY) |
        BIT(RECORD_INBOX) | BIT(RECORD_INBOX_BODY) | BIT(RECORD_NOTE) |
        BIT(RECORD_NOTE_BODY) | BIT(RECORD_BLIND);
    ok((kinds & want) == want, "all that it promises is");
    ok(copy.size == 64 + 4 * 65536, "a small one has the least size");
    struct copy again = back_up(ann, "safe");
    size_t same = 0;
    for (size_t i = 64; i < copy.size; i++)
        same += copy.bytes[i] == again.bytes[i];
    ok(again.size == copy.size && same < copy.size / 128,
        "two of the same vault have nothing in common");
    free(again.bytes);
    free_all(&copy);
}

/* What two people have signed goes along; what they have agreed on does not:
 * since the backup, more may have been signed under it. */
static void test_evidence(void)
{
    begin(11);
    ask_word(ann, CONTROL_EVIDENCE_ON, "bo");
    world_run(&world, MINUTE_MS);
    ask_word(bo, CONTROL_EVIDENCE_ON, "ann");
    world_run(&world, MINUTE_MS);
    ask_send(ann, "bo", "signed");
    ask_send(bo, "ann", "signed, too");
    world_run(&world, MINUTE_MS);
    struct copy copy = back_up(ann, "safe");
    ok((kinds_of(&copy, "safe") &
           (BIT(RECORD_ACCORD) | BIT(RECORD_PLACE) | BIT(RECORD_PLACE_BODY))) ==
            (BIT(RECORD_ACCORD) | BIT(RECORD_PLACE) | BIT(RECORD_PLACE_BODY)),
        "what was signed is in a backup");
    ask_send(ann, "bo", "signed since");
    world_run(&world, MINUTE_MS);
    need(strcmp(bo->last_evidence, "evidential") == 0);
    person_die(ann);
    need(restore(&copy, "safe", "fresh")->kind == CONTROL_RESTORED);
    struct answer *answer = ask_word(home, CONTROL_EVIDENCE, "bo");
    ok(strcmp(answer->evidence.state, "deniable") == 0 &&
            strcmp(home->last_change, "broken") == 0 &&
            answer->evidence.written == 1 && answer->evidence.received == 1,
        "a restored vault has what was signed, and goes on with nothing");
    answer = ask_send(home, "bo", "from the new home");
    ok(strcmp(answer->sent.evidence, "deniable") == 0,
        "what it writes is deniable");
    world_run(&world, 10 * MINUTE_MS);
    ok(strcmp(bo->last_change, "broken") == 0 && bo->last_by_them &&
            strcmp(ask_word(bo, CONTROL_EVIDENCE, "ann")->evidence.state,
                "deniable") == 0,
        "the other is told, and writes so, too");
    ok(count_text(bo, "signed since") == 1 &&
            strcmp(bo->last_text, "from the new home") == 0 &&
            strcmp(bo->last_evidence, "deniable") == 0,
        "and nothing comes twice, or as what it is not");
    ask_word(bo, CONTROL_EVIDENCE_ON, "ann");
    world_run(&world, MINUTE_MS);
    ask_word(home, CONTROL_EVIDENCE_ON, "bo");
    ask_send(home, "bo", "signed anew");
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_evidence, "evidential") == 0 &&
            ask_word(bo, CONTROL_EVIDENCE, "ann")->evidence.received == 3,
        "they may agree again");
    ask_word(home, CONTROL_LOCK, "");
    ok(ask_word(home, CONTROL_UNLOCK, "fresh")->kind == CONTROL_DONE &&
            ask_word(home, CONTROL_EVIDENCE, "bo")->evidence.written == 2,
        "all of it lies on the disk");
    free_all(&copy);
}

/* The other ends it while there is nobody: what was restored signs no end at
 * a place where it may have signed a letter. */
static void test_evidence_ended(void)
{
    begin(12);
    ask_word(ann, CONTROL_EVIDENCE_ON, "bo");
    world_run(&world, MINUTE_MS);
    ask_word(bo, CONTROL_EVIDENCE_ON, "ann");
    world_run(&world, MINUTE_MS);
    ask_send(ann, "bo", "signed");
    world_run(&world, MINUTE_MS);
    struct copy copy = back_up(ann, "safe");
    person_die(ann);
    ask_word(bo, CONTROL_EVIDENCE_OFF, "ann");
    need(restore(&copy, "safe", "fresh")->kind == CONTROL_RESTORED);
    world_run(&world, 10 * MINUTE_MS);
    const struct opened *opened = home->vault->opened;
    const struct accord *accord = rows_at(&opened->accords.rows, 0);
    ok(accord_is_closed(&opened->accords, accord, false),
        "an end that was under way comes to the restored vault");
    ok(!accord_is_closed(&opened->accords, accord, true),
        "which signs none of its own");
    free_all(&copy);
}

static void test_large(void)
{
    static char text[20000];
    begin(5);
    memset(text, 'n', sizeof(text) - 1);
    for (int i = 0; i < 30; i++) {
        text[0] = (char)('a' + i % 26);
        note(ann, text, 0);
    }
    struct copy copy = back_up(ann, "safe");
    ok(copy.size == 64 + 16 * 65536, "600 kB take a mebibyte");
    struct answer *answer = restore(&copy, "safe", "fresh");
    ok(answer->kind == CONTROL_RESTORED && answer->restored.notes == 30,
        "and come back");
    struct answer *list = notes(home);
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    strcpy(id, list->rows[29].id);
    struct control_request request = {
        .method = CONTROL_MEMO_READ, .note = span_of_text(id)};
    answer = person_ask(home, &request);
    ok(answer->count == 1 && answer->rows[0].text[0] == 'd' &&
            strlen(answer->rows[0].text) == sizeof(answer->rows[0].text) - 1,
        "to the last one");
    free_all(&copy);
}

/* A backup goes on while letters come, burn and change. */
static void test_meanwhile(void)
{
    static char text[20000];
    begin(9);
    memset(text, 'n', sizeof(text) - 1);
    for (int i = 0; i < 12; i++)
        note(ann, text, i % 2 ? 60 : 0);
    struct control_request request = {
        .method = CONTROL_BACKUP, .passphrase = span_of_text("safe")};
    struct copy copy = {0};
    struct answer *answer = person_ask(ann, &request);
    uint64_t next = answer->next;
    need(next);
    copy_add(&copy);
    need(ask_send(bo, "ann", "third")->kind == CONTROL_SENT);
    world_run(&world, 5 * MINUTE_MS);
    need(notes(ann)->count == 6);
    while (next) {
        request = (struct control_request){
            .method = CONTROL_BACKUP_MORE, .cursor = next};
        answer = person_ask(ann, &request);
        need(answer->kind == CONTROL_PART);
        next = answer->next;
        copy_add(&copy);
    }
    person_die(ann);
    answer = restore(&copy, "safe", "fresh");
    ok(answer->kind == CONTROL_RESTORED,
        "a vault that goes on meanwhile makes a whole backup");
    world_run(&world, 10 * MINUTE_MS);
    ok(notes(home)->count == 6 && count_text(home, "second") == 1 &&
            count_text(home, "third") <= 1,
        "of what it had");
    free(copy.bytes);

    copy = back_up(home, "safe");
    request =
        (struct control_request){.method = CONTROL_BACKUP_MORE, .cursor = 1};
    ok(person_ask(home, &request)->status == STATUS_NOT_FOUND,
        "no block comes of a backup that is over");
    request = (struct control_request){
        .method = CONTROL_BACKUP, .passphrase = span_of_text("")};
    ok(person_ask(home, &request)->status == STATUS_INVALID,
        "nor of an empty passphrase");
    ask_word(home, CONTROL_LOCK, "");
    request.passphrase = span_of_text("safe");
    ok(person_ask(home, &request)->status == STATUS_LOCKED,
        "nor of a vault that is locked");
    free_all(&copy);
}

static void test_decoy(void)
{
    begin(10);
    struct control_request request = {.method = CONTROL_DURESS,
        .passphrase = span_of_text("ann"),
        .new_passphrase = span_of_text("no")};
    need(person_ask(ann, &request)->kind == CONTROL_DONE);
    need(ask_word(ann, CONTROL_UNLOCK, "no")->kind == CONTROL_DONE);
    struct copy copy = back_up(ann, "safe");
    ok((kinds_of(&copy, "safe") &
           (BIT(RECORD_CONTACT) | BIT(RECORD_INBOX) | BIT(RECORD_SEEN))) == 0,
        "a backup made under duress has the decoy alone");
    free_all(&copy);
}

/* A contact whose card has run out is counted, and not lost. */
static void test_late(void)
{
    begin(11);
    struct copy copy = back_up(ann, "safe");
    person_die(ann);
    world_run(&world, UINT64_C(30) * 24 * HOUR_MS);
    struct answer *answer = restore(&copy, "safe", "fresh");
    ok(answer->kind == CONTROL_RESTORED && answer->restored.unreached == 1,
        "after a month a contact's card has run out, as is said");
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(bo));
    need(ask_add(home, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(home, "bo", "here again")->kind == CONTROL_SENT);
    world_run(&world, 10 * MINUTE_MS);
    ok(count_text(bo, "here again") == 1, "a fresh card mends it");
    need(ask_send(bo, "ann", "and back")->kind == CONTROL_SENT);
    world_run(&world, 10 * MINUTE_MS);
    ok(count_text(home, "and back") == 1, "both ways");
    free_all(&copy);

    begin(12);
    world.config.card_renewal = true; /* bo's goes out each week */
    person_die(bo);
    person_start(bo);
    need(ask_word(bo, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    copy = back_up(ann, "safe");
    person_die(ann);
    world_run(&world, UINT64_C(30) * 24 * HOUR_MS);
    answer = restore(&copy, "safe", "fresh");
    need(answer->kind == CONTROL_RESTORED && answer->restored.unreached == 1);
    world_run(&world, 10 * MINUTE_MS);
    need(ask_send(bo, "ann", "found")->kind == CONTROL_SENT);
    world_run(&world, 10 * MINUTE_MS);
    ok(count_text(home, "found") == 1,
        "so does a newer one that comes, by itself");
    free_all(&copy);
}

int main(void)
{
    test_whole();
    test_replay();
    test_burning();
    test_content();
    test_evidence();
    test_evidence_ended();
    test_large();
    test_meanwhile();
    test_decoy();
    test_late();
    return tap_done();
}
