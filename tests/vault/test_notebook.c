/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes: written, listed, read, removed, burned, and gone with the lock. */
#include "tests/vault/pair.h"

enum { MINUTE_MS = 60000, DAY_MS = 24 * 60 * MINUTE_MS };

static struct world world;

static struct answer *note_add(
    struct person *person, const char *text, uint64_t burn_s)
{
    struct control_request request = {.method = CONTROL_MEMO_ADD,
        .text = span_of_text(text),
        .burn_s = burn_s};
    return person_ask(person, &request);
}

static struct answer *note_list(struct person *person)
{
    struct control_request request = {.method = CONTROL_MEMO_LIST};
    return person_ask(person, &request);
}

static struct answer *note_with(
    struct person *person, enum control_method method, const char *id)
{
    struct control_request request = {
        .method = method, .note = span_of_text(id)};
    return person_ask(person, &request);
}

static struct person *begin(uint64_t seed)
{
    world_init(&world, 1, seed);
    struct person *a = &world.people[0];
    need(ask_word(a, CONTROL_INIT, "ann")->kind == CONTROL_CARD);
    return a;
}

static void test_notes(void)
{
    struct person *a = begin(1);
    ok(note_add(a, "", 0)->status == STATUS_INVALID, "no note is empty");
    ok(note_add(a, "x", LIMIT_BURN_S + 1)->status == STATUS_TOO_LARGE,
        "nor burns after longer than a letter");
    struct answer *answer = note_add(a, "milk\nand bread", 0);
    char first[CONTROL_MESSAGE_ID_CHARS + 1], second[sizeof(first)];
    strcpy(first, answer->rows[0].id);
    ok(answer->kind == CONTROL_MEMO_ROWS && answer->count == 1 &&
            strcmp(answer->rows[0].name, "milk") == 0 &&
            answer->rows[0].text[0] == 0,
        "a note is kept under its first line");
    /* 63 bytes, and a character of two that does not fit whole. */
    char line[80];
    memset(line, 'x', sizeof(line));
    memcpy(line + 63, "\xc3\xa9 and more", 12);
    line[75] = 0;
    answer = note_add(a, line, 0);
    strcpy(second, answer->rows[0].id);
    ok(strlen(answer->rows[0].name) == 63, "a title cuts no character");
    answer = note_list(a);
    ok(answer->count == 2 && answer->next == 0 &&
            strcmp(answer->rows[0].id, first) == 0 &&
            answer->rows[0].text[0] == 0,
        "they are listed in order, without texts");
    ask_word(a, CONTROL_LOCK, "");
    ok(note_list(a)->status == STATUS_LOCKED &&
            note_add(a, "x", 0)->status == STATUS_LOCKED,
        "the notebook is locked with the vault");
    person_die(a);
    person_start(a);
    ask_word(a, CONTROL_UNLOCK, "ann");
    char begin_of[9];
    snprintf(begin_of, sizeof(begin_of), "%s", first);
    answer = note_with(a, CONTROL_MEMO_READ, begin_of);
    ok(answer->count == 1 &&
            strcmp(answer->rows[0].text, "milk\nand bread") == 0,
        "a note is read by the start of its id, after a restart");
    ok(note_with(a, CONTROL_MEMO_READ, "")->status == STATUS_NOT_FOUND &&
            note_with(a, CONTROL_MEMO_READ, "zz")->status == STATUS_NOT_FOUND,
        "not by one that none has");
    size_t scrubs = a->disk.scrubs;
    ok(note_with(a, CONTROL_MEMO_REMOVE, first)->kind == CONTROL_DONE &&
            note_with(a, CONTROL_MEMO_READ, first)->status ==
                STATUS_NOT_FOUND &&
            disk_count(&a->disk, RECORD_NOTE_BODY) == 1 &&
            a->disk.scrubs > scrubs,
        "removed, it leaves the disk, and no residue");
    for (int i = 0; i < 40; i++)
        note_add(a, "many", 0);
    bool ambiguous = false;
    for (int digit = 0; digit < 16; digit++) {
        char prefix[2] = {"0123456789abcdef"[digit], 0};
        ambiguous |= note_with(a, CONTROL_MEMO_REMOVE, prefix)->status ==
                     STATUS_AMBIGUOUS;
    }
    ok(ambiguous, "what two ids begin with removes neither");
    struct control_request request = {.method = CONTROL_MEMO_LIST, .limit = 7};
    answer = person_ask(a, &request);
    request.cursor = answer->next;
    ok(answer->count == 7 && answer->next &&
            person_ask(a, &request)->count == 7,
        "long lists come in pages");
    world_free(&world);
}

static void test_burning(void)
{
    struct person *a = begin(2);
    note_add(a, "stays", 0);
    note_add(a, "burns", 300);
    world_run(&world, 299 * 1000);
    ok(note_list(a)->count == 2, "a second before, a note is there");
    world_run(&world, 2000);
    ok(note_list(a)->count == 1 &&
            disk_count(&a->disk, RECORD_NOTE_BODY) == 1 &&
            disk_count(&a->disk, RECORD_NOTE) == 1,
        "then it is gone, from the disk too");
    note_add(a, "burns", 300);
    world.clock_s += 30 * DAY_S;
    world_run(&world, 2 * MINUTE_MS);
    ok(note_list(a)->count == 2, "a clock that jumps ahead burns none early");
    world_run(&world, 4 * MINUTE_MS);
    ok(note_list(a)->count == 1, "nor late");
    note_add(a, "burns", 300);
    ask_word(a, CONTROL_LOCK, "");
    world_run(&world, 10 * MINUTE_MS);
    ask_word(a, CONTROL_UNLOCK, "ann");
    ok(note_list(a)->count == 1 && disk_count(&a->disk, RECORD_NOTE) == 1,
        "what came due under the lock burns on unlock");
    world_free(&world);
}

/* The keys of days. */

static struct disk_file keep(struct disk *disk, enum record_kind kind)
{
    for (size_t i = 0; i < disk->count; i++) {
        struct disk_file *file = &disk->files[i];
        if (file->kind != kind)
            continue;
        struct disk_file copy = *file;
        copy.blob = malloc(file->size);
        need(copy.blob);
        memcpy(copy.blob, file->blob, file->size);
        return copy;
    }
    need(!"such a record is there");
    return (struct disk_file){.size = 0};
}

static void put_back(struct disk *disk, const struct disk_file *file)
{
    disk_put(disk, &(struct vault_record){
                       file->kind, file->row, {file->blob, file->size}});
}

static void test_ring(void)
{
    struct person *a = begin(3);
    ok(disk_count(&a->disk, RECORD_RING) == 0, "no key where nothing burns");
    note_add(a, "of today", 300);
    struct disk_file note = keep(&a->disk, RECORD_NOTE);
    ok(disk_count(&a->disk, RECORD_RING) == 1, "a note that burns has one");
    world_run(&world, 10 * MINUTE_MS);
    need(note_list(a)->count == 0);
    ask_word(a, CONTROL_LOCK, "");
    put_back(&a->disk, &note);
    ok(ask_word(a, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE &&
            disk_count(&a->disk, RECORD_NOTE) == 0,
        "of the same day, a record that was put back burns again");
    struct disk_file ring = keep(&a->disk, RECORD_RING);
    size_t scrubs = a->disk.scrubs;
    world_run(&world, (uint64_t)DAY_MS);
    struct disk_file later = keep(&a->disk, RECORD_RING);
    ok(later.size == ring.size ? memcmp(later.blob, ring.blob, ring.size) != 0
                               : true,
        "when the day is over the ring is rewritten");
    ok(a->disk.scrubs > scrubs, "and the old one scrubbed");
    ask_word(a, CONTROL_LOCK, "");
    put_back(&a->disk, &note);
    struct answer *answer = ask_word(a, CONTROL_UNLOCK, "ann");
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "note"),
        "then nobody opens what its key sealed, with any passphrase");
    put_back(&a->disk, &ring);
    ok(ask_word(a, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE,
        "that it was the key shows when it is put back as well");
    free(note.blob);
    free(ring.blob);
    free(later.blob);
    world_free(&world);
}

static void test_ring_letters(void)
{
    world_init(&world, 2, 4);
    world_meet(&world);
    struct person *a = &world.people[0], *b = &world.people[1];
    struct control_request request = {.method = CONTROL_SEND,
        .name = span_of_text("bo"),
        .text = span_of_text("for your eyes"),
        .burn_s = 300};
    need(person_ask(a, &request)->kind == CONTROL_SENT);
    struct disk_file outgoing = keep(&a->disk, RECORD_OUTBOX_BODY);
    world_run(&world, MINUTE_MS);
    ask_word(b, CONTROL_READ, "");
    struct disk_file body = keep(&b->disk, RECORD_INBOX_BODY);
    struct disk_file letter = keep(&b->disk, RECORD_INBOX);
    world_run(&world, 2 * (uint64_t)DAY_MS);
    ask_word(b, CONTROL_LOCK, "");
    put_back(&b->disk, &letter);
    put_back(&b->disk, &body);
    ok(ask_word(b, CONTROL_UNLOCK, "bo")->status == STATUS_REFUSED,
        "a letter that was read is sealed for its last day alone");
    world_run(&world, 14 * (uint64_t)DAY_MS);
    uint64_t row = outgoing.row;
    ask_word(a, CONTROL_LOCK, "");
    ok(disk_find(&a->disk, RECORD_OUTBOX_BODY, row) == NULL &&
            ask_word(a, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE,
        "and nothing that is there is without its key");
    free(outgoing.blob);
    free(body.blob);
    free(letter.blob);
    world_free(&world);
}

/* All that lives between a day and a year, and no clock can overfill it. */
static void test_ring_bounds(void)
{
    struct person *a = begin(5);
    for (uint64_t day = 1; day <= 365; day++)
        need(note_add(a, "x", day * DAY_S)->count == 1);
    struct disk_file ring = keep(&a->disk, RECORD_RING);
    ok(ring.size <= 4096, "a year of days takes one page");
    free(ring.blob);
    for (uint64_t jump = 0; jump < 40; jump++) {
        world.clock_s += 400 * DAY_S;
        need(note_add(a, "x", 40 * DAY_S)->count == 1);
    }
    ask_word(a, CONTROL_LOCK, "");
    ok(ask_word(a, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE,
        "clocks that ran wild leave the vault whole");
    world_free(&world);
}

int main(void)
{
    test_notes();
    test_burning();
    test_ring();
    test_ring_letters();
    test_ring_bounds();
    return tap_done();
}
