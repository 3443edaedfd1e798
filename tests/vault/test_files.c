/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files between two people: sizes, names, pace, cancelling, burning, expiry. */
#include "tests/vault/files.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_H = 24, STEPS = 10000 };

static struct world world;
static uint8_t bytes[LIMIT_FILE_BYTES + 1];
static struct person *ann, *bo;

static void begin(uint64_t seed)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    ann = &world.people[0];
    bo = &world.people[1];
    file_fill(bytes, sizeof(bytes), seed);
}

static struct span some(size_t size)
{
    return (struct span){bytes, size};
}

/* The first of what is in somebody's outbox. */
static struct row first_in_outbox(struct person *person)
{
    return ask_word(person, CONTROL_OUTBOX, "")->rows[0];
}

static struct row last_in_outbox(struct person *person)
{
    const struct answer *answer = ask_word(person, CONTROL_OUTBOX, "");
    return answer->rows[answer->count - 1];
}

static bool last_is(struct person *person, const char *state)
{
    return strcmp(last_file(person).file_state, state) == 0;
}

/* Whether the last file comes to a state, looked at so often. */
static bool comes_to(
    struct person *person, const char *state, uint64_t pause_ms)
{
    for (int i = 0; i < STEPS && !last_is(person, state); i++)
        world_run(&world, pause_ms);
    return last_is(person, state);
}

static bool has_text(struct person *person, const char *text)
{
    const struct answer *answer = ask_read_all(person);
    for (size_t i = 0; i < answer->count; i++)
        if (strcmp(answer->rows[i].text, text) == 0)
            return true;
    return false;
}

/* How many envelopes of the largest class were ever handed to the mesh. */
static size_t parts_carried(void)
{
    size_t count = 0;
    for (size_t i = 0; i < world.carried_count; i++)
        count += world.carried[i].envelope.class_ == 3;
    return count;
}

static void test_size(size_t size, const char *claim)
{
    begin(size + 1);
    struct answer *answer = send_file(ann, "bo", "plan.pdf", some(size));
    bool is_sent = answer->kind == CONTROL_SENT;
    world_run(&world, 10 * MINUTE_MS);
    struct row here = last_file(bo);
    ok(is_sent && file_is(ann, "delivered") && file_is(bo, "whole") &&
            strcmp(here.file, "plan.pdf") == 0 && here.file_bytes == size &&
            here.file_done == size && comes_out(bo, here.id, some(size)),
        claim);
    if (disk_count(&ann->disk, RECORD_FILE_PART) ||
        ann->last_outbox != OUTBOX_DELIVERED)
        ok(false, "what was delivered is on its sender's disk no more");
    world_free(&world);
}

static void test_sizes(void)
{
    test_size(0, "an empty file arrives");
    test_size(1, "one of one byte");
    test_size(LIMIT_FILE_PART_BYTES - 1, "of a part but a byte");
    test_size(LIMIT_FILE_PART_BYTES, "of exactly a part");
    test_size(LIMIT_FILE_PART_BYTES + 1, "of a part and a byte");
    test_size(LIMIT_FILE_BYTES, "and the largest there can be");
    begin(2);
    struct answer *answer =
        send_file(ann, "bo", "plan.pdf", some(LIMIT_FILE_BYTES + 1));
    ok(answer->status == STATUS_TOO_LARGE &&
            strstr(answer->message, "1,048,577") &&
            strstr(answer->message, "1,048,576"),
        "one byte more is refused at once, with the numbers");
    bool all = true;
    static const char *const names[] = {
        "", "a/b", "..", "a\nb", "\xe2\x80\xae"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        all = all &&
              send_file(ann, "bo", names[i], some(1))->status == STATUS_INVALID;
    ok(all, "and a name that no file may have");
    ok(send_file(ann, "eve", "a", some(1))->status == STATUS_NOT_FOUND,
        "and a file to nobody");
    ok(last_file(ann).id[0] == 0, "of which nothing is left");
    world_free(&world);
}

static void test_letter(void)
{
    begin(3);
    struct answer *answer = hand_over(ann,
        (struct control_request){.name = span_of_text("bo"),
            .file = span_of_text("plan.pdf"),
            .text = span_of_text("as promised"),
            .size = 5000},
        bytes);
    ok(answer->kind == CONTROL_SENT, "a letter with a file is queued");
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    strcpy(id, answer->sent.id);
    world.deaf = true; /* what is confirmed is not heard of */
    world_run(&world, MINUTE_MS);
    world.deaf = false;
    struct row row = first_in_outbox(ann);
    ok(strcmp(row.file, "plan.pdf") == 0 && row.file_bytes == 5000 &&
            row.file_done == 0 && row.outbox < OUTBOX_DELIVERED,
        "the outbox shows it with its file");
    ask_word(ann, CONTROL_LOCK, "");
    ask_word(bo, CONTROL_LOCK, "");
    ask_word(ann, CONTROL_UNLOCK, "ann");
    ask_word(bo, CONTROL_UNLOCK, "bo");
    world_run(&world, 10 * MINUTE_MS);
    answer = ask_word(bo, CONTROL_READ, "");
    row = answer->rows[0];
    ok(answer->count == 1 && strcmp(row.text, "as promised") == 0 &&
            strcmp(row.file, "plan.pdf") == 0 && row.file_done == 5000 &&
            strcmp(row.file_state, "whole") == 0 && strcmp(row.id, id) == 0,
        "it is read with its text, once, though both were locked meanwhile");
    world_run(&world, MINUTE_MS);
    ok(first_in_outbox(ann).outbox == OUTBOX_READ, "which its sender hears");
    ok(strcmp(last_file(bo).id, id) == 0 &&
            ask_file(bo, CONTROL_FILE_LIST, "zz")->status == STATUS_NOT_FOUND,
        "the file has the letter's id");
    world_free(&world);
}

/* What says that the letter was read comes before its receipt does. */
static void test_read_first(void)
{
    begin(19);
    world.forgets = true;
    send_file(ann, "bo", "plan.pdf", some(5000));
    world_run(&world, MINUTE_MS / 2);
    bool is_shown = ask_word(bo, CONTROL_READ, "")->count == 1;
    world_run(&world, MINUTE_MS / 2);
    world.forgets = false;
    world_run(&world, MINUTE_MS);
    ok(is_shown && file_is(ann, "delivered") && file_is(bo, "whole"),
        "a file goes on once its letter is read, receipt or none");
    world_free(&world);
}

/* The reader hears all, and nobody hears the reader. */
static void test_pace(void)
{
    begin(4);
    need(ask_send(ann, "bo", "hello")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    size_t before = parts_carried();
    need(ask_word(bo, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    send_file(ann, "bo", "big", some(LIMIT_FILE_BYTES));
    world_run(&world, HOUR_MS);
    ok(parts_carried() == before && file_is(ann, "offered"),
        "no part goes before its letter is confirmed");
    need(ask_word(bo, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    need(comes_to(ann, "sending", 10));
    ask_word(bo, CONTROL_LOCK, "");
    world_run(&world, HOUR_MS);
    ok(parts_carried() == before + LIMIT_FILE_PARTS_FLYING,
        "then so many go, and wait to be confirmed");
    ok(last_in_outbox(ann).outbox == OUTBOX_HANDED &&
            last_in_outbox(ann).delivered_to == 0,
        "and the letter, which has come, does not count as delivered");
    send_file(ann, "bo", "other", some(LIMIT_FILE_BYTES));
    world_run(&world, HOUR_MS);
    size_t submits = ann->submits;
    need(ask_send(ann, "bo", "a word")->kind == CONTROL_SENT);
    ok(ann->submits == submits + 1, "a letter goes at once all the same");
    ask_word(bo, CONTROL_UNLOCK, "bo");
    world_run(&world, MINUTE_MS);
    ok(has_text(bo, "a word"), "and comes");
    world_run(&world, HOUR_MS);
    const struct answer *answer = ask_file(ann, CONTROL_FILE_LIST, "");
    ok(answer->count == 2 &&
            strcmp(answer->rows[0].file_state, "delivered") == 0 &&
            strcmp(answer->rows[1].file_state, "delivered") == 0,
        "and both files come in the end");
    world_free(&world);
}

/* A peer takes so much at once, and so much a second. */
static void test_rate(void)
{
    begin(19);
    send_file(ann, "bo", "one", some(LIMIT_FILE_BYTES));
    send_file(bo, "ann", "other", some(LIMIT_FILE_BYTES));
    uint64_t began_ms = world.now_ms;
    bool is_kept = true;
    for (int i = 0; i < STEPS && !last_is(ann, "whole"); i++) {
        uint64_t passed_ms = world.now_ms - began_ms;
        is_kept = is_kept &&
                  parts_carried() <= 2 * (LIMIT_FILE_PARTS_BURST + 1 +
                                             passed_ms / LIMIT_FILE_PART_MS);
        world_run(&world, 100);
    }
    ok(is_kept && world.now_ms - began_ms >
                      (LIMIT_FILE_PARTS - LIMIT_FILE_PARTS_BURST) *
                          LIMIT_FILE_PART_MS,
        "a few parts go at once, and then one a second");
    ok(world.now_ms - began_ms < 60 * 1000, "which is no slower than it says");
    world_free(&world);
}

static void test_equal_parts(void)
{
    begin(5);
    memset(bytes, 0, sizeof(bytes));
    send_file(ann, "bo", "zeros", some(LIMIT_FILE_BYTES));
    world_run(&world, 10 * MINUTE_MS);
    ok(parts_carried() == 1 && file_is(ann, "delivered") &&
            file_is(bo, "whole") &&
            comes_out(bo, last_file(bo).id, some(LIMIT_FILE_BYTES)),
        "parts that are equal go once, and the file is whole");
    ok(disk_count(&bo->disk, RECORD_FILE_PART) == 2, "and lie here once");
    world_free(&world);
}

/* Send, and stop when some parts are there. */
static void send_half(uint64_t seed)
{
    begin(seed);
    need(send_file(ann, "bo", "big", some(LIMIT_FILE_BYTES))->kind ==
         CONTROL_SENT);
    while (last_file(bo).file_done < LIMIT_FILE_BYTES / 3)
        world_run(&world, 5);
}

static void test_cancel_sent(void)
{
    send_half(6);
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    strcpy(id, last_file(ann).id);
    struct answer *answer = ask_file(ann, CONTROL_FILE_CANCEL, id);
    ok(answer->kind == CONTROL_FILE_ROWS &&
            strcmp(answer->rows[0].file_state, "cancelled") == 0 &&
            disk_count(&ann->disk, RECORD_FILE_PART) == 0,
        "a file under way is cancelled, and its content gone here");
    size_t uncleared = 0;
    world_run(&world, 10 * MINUTE_MS);
    for (size_t i = 0; i < world.carried_count; i++)
        uncleared += !world.carried[i].cleared;
    ok(uncleared == 0, "what was under way is recalled everywhere");
    ok(file_is(bo, "cancelled") &&
            disk_count(&bo->disk, RECORD_FILE_PART) == 0 &&
            ask_file(bo, CONTROL_FILE_GET, id)->status == STATUS_REFUSED,
        "and its reader has none of it");
    ok(first_in_outbox(ann).outbox == OUTBOX_RECALLED, "it counts as recalled");
    world_free(&world);
    begin(7);
    send_file(ann, "bo", "small", some(9));
    strcpy(id, last_file(ann).id);
    ok(ask_word(ann, CONTROL_RECALL, id)->kind == CONTROL_SENT &&
            file_is(ann, "cancelled"),
        "recall of its letter does the same");
    world_run(&world, HOUR_MS);
    ok(bo->note_letters == 0 || file_is(bo, "cancelled"),
        "also before it has come");
    send_file(ann, "bo", "small", some(9));
    world_run(&world, HOUR_MS);
    answer = ask_file(ann, CONTROL_FILE_CANCEL, last_file(ann).id);
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "delivered"),
        "what is delivered cannot be cancelled");
    world_free(&world);
}

static void test_recall_half(void)
{
    send_half(9);
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    strcpy(id, last_file(ann).id);
    need(first_in_outbox(ann).outbox == OUTBOX_HANDED);
    for (int i = 0; i < 2; i++) {
        struct answer *answer = ask_word(ann, CONTROL_RECALL, id);
        ok(answer->kind == CONTROL_SENT &&
                answer->sent.outbox == OUTBOX_RECALLED,
            "a letter is recalled whose text has come, and not its file");
    }
    ok(first_in_outbox(ann).outbox == OUTBOX_RECALLED, "which the outbox says");
    world_run(&world, 10 * MINUTE_MS);
    ok(file_is(bo, "cancelled") && disk_count(&bo->disk, RECORD_FILE_PART) == 0,
        "and of the file its reader has nothing");
    world_free(&world);
}

static void test_cancel_received(void)
{
    send_half(8);
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    strcpy(id, last_file(bo).id);
    struct answer *answer = ask_file(bo, CONTROL_FILE_GET, id);
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "1,048,576"),
        "of one that is not whole it is said how much is there");
    ask_file(bo, CONTROL_FILE_CANCEL, id);
    ok(disk_count(&bo->disk, RECORD_FILE_PART) == 0 &&
            disk_count(&bo->disk, RECORD_FILE) == 0,
        "its reader can drop it");
    world_run(&world, 10 * MINUTE_MS);
    struct row row = last_file(ann);
    ok(strcmp(row.file_state, "refused") == 0 &&
            strcmp(row.file_reason, "dropped") == 0 &&
            ann->last_outbox == OUTBOX_REFUSED,
        "and its sender hears so, and stops");
    ok(parts_carried() < LIMIT_FILE_PARTS &&
            disk_count(&ann->disk, RECORD_FILE_PART) == 0,
        "the rest is never sent");
    answer = ask_read_all(bo);
    ok(answer->count == 1 && strcmp(answer->rows[0].file_state, "gone") == 0,
        "the letter says that its file is gone");
    send_file(ann, "bo", "small", some(9));
    world_run(&world, MINUTE_MS);
    strcpy(id, last_file(bo).id);
    ask_file(bo, CONTROL_FILE_CANCEL, id);
    world_run(&world, MINUTE_MS);
    ok(file_is(ann, "delivered") &&
            ask_file(bo, CONTROL_FILE_GET, id)->status == STATUS_NOT_FOUND,
        "one that was whole is destroyed, and stays delivered");
    world_free(&world);
}

static void send_burning(size_t size, uint64_t burn_s)
{
    hand_over(ann,
        (struct control_request){.name = span_of_text("bo"),
            .file = span_of_text("secret"),
            .burn_s = burn_s,
            .size = size},
        bytes);
}

static size_t file_records(struct person *person)
{
    return disk_count(&person->disk, RECORD_FILE) +
           disk_count(&person->disk, RECORD_FILE_PART);
}

static void test_burn(void)
{
    begin(9);
    send_burning(9, 300);
    world_run(&world, HOUR_MS);
    size_t scrubs = bo->disk.scrubs;
    ask_word(bo, CONTROL_READ, "");
    world_run(&world, 299 * 1000);
    ok(file_records(bo) == 2, "a file lives so long after its letter was read");
    world_run(&world, 2 * 1000);
    ok(file_records(bo) == 0 && bo->disk.scrubs > scrubs,
        "and is then destroyed, without residue");
    ok(ask_read_all(bo)->count == 0, "with its letter");
    ok(file_records(ann) == 1 && last_file(ann).file[0] == 0,
        "its sender keeps that there was one, and not its name");
    send_burning(9, 300);
    world_run(&world, HOUR_MS);
    need(comes_out(bo, last_file(bo).id, some(9)));
    world_run(&world, 301 * 1000);
    ok(file_records(bo) == 0, "one that was taken out was read");
    send_burning(9, 300);
    world_run(&world, HOUR_MS);
    world_run(&world, 8 * DAY_H * HOUR_MS);
    ok(file_records(bo) == 0, "one that is never read burns at its expiry");
    world_free(&world);
}

/* What has not come cannot burn. */
static void test_burn_unfinished(void)
{
    begin(10);
    send_burning(LIMIT_FILE_BYTES, 60);
    while (last_file(bo).file_done < LIMIT_FILE_BYTES / 3)
        world_run(&world, 5);
    ask_word(bo, CONTROL_READ, "");
    world.down = true;
    world_run(&world, HOUR_MS);
    ok(file_is(bo, "arriving"),
        "a file that was not whole when its letter was read still comes");
    world.down = false;
    struct vault_event event = {.kind = VAULT_PORT_UP};
    person_step(ann, &event);
    run_errands(ann);
    person_step(bo, &event);
    run_errands(bo);
    need(comes_to(bo, "whole", 1000));
    world_run(&world, 50 * 1000);
    ok(file_is(bo, "whole"), "then it lives as long as it was to");
    world_run(&world, 12 * 1000);
    ok(file_records(bo) == 0, "and burns");
    world_free(&world);
}

static void test_expiry(void)
{
    begin(11);
    hand_over(ann,
        (struct control_request){.name = span_of_text("bo"),
            .file = span_of_text("big"),
            .life_h = 2,
            .size = LIMIT_FILE_BYTES},
        bytes);
    while (last_file(bo).file_done < LIMIT_FILE_BYTES / 3)
        world_run(&world, 5);
    world.down = true;
    world_run(&world, MINUTE_MS + 1000);
    size_t scrubs = bo->disk.scrubs;
    world_run(&world, 5 * HOUR_MS);
    ok(file_is(ann, "expired") && file_is(bo, "expired") &&
            disk_count(&ann->disk, RECORD_FILE_PART) == 0 &&
            disk_count(&bo->disk, RECORD_FILE_PART) == 0,
        "what has not come in its time is given up by both");
    ok(bo->disk.scrubs > scrubs, "and leaves no residue");
    ok(ann->last_outbox == OUTBOX_EXPIRED, "the letter has expired");
    world_run(&world, 8 * DAY_H * HOUR_MS);
    ok(file_records(ann) == 0 && file_records(bo) == 0,
        "and in a week it is forgotten");
    world_free(&world);
}

static void test_room(void)
{
    begin(12);
    world.down = true;
    size_t sent = 0;
    while (
        sent < 100 && send_file(ann, "bo", "f", some(1))->kind == CONTROL_SENT)
        sent++;
    ok(sent == LIMIT_FILES_SENT && ann->answer.status == STATUS_FULL &&
            strstr(ann->answer.message, "64"),
        "so many files can be under way");
    ask_file(ann, CONTROL_FILE_CANCEL, last_file(ann).id);
    ok(send_file(ann, "bo", "f", some(1))->kind == CONTROL_SENT,
        "one that has ended makes room");
    world_free(&world);
    begin(13);
    size_t sizes[] = {LIMIT_FILE_BYTES, LIMIT_FILE_BYTES};
    memset(bytes, 7, sizeof(bytes)); /* one part each, so that it is fast */
    for (size_t i = 0; i < LIMIT_FILES_BYTES_ONE / sizes[0]; i++) {
        send_file(ann, "bo", "f", some(sizes[0]));
        world_run(&world, 10 * MINUTE_MS);
        need(file_is(bo, "whole"));
    }
    send_file(ann, "bo", "one more", some(1));
    world_run(&world, 10 * MINUTE_MS);
    struct row row = last_file(ann);
    ok(strcmp(row.file_state, "refused") == 0 &&
            strcmp(row.file_reason, "room") == 0,
        "one person can fill so much of another's vault");
    struct answer *answer = ask_read_all(bo);
    row = answer->rows[answer->count - 1];
    ok(strcmp(row.file, "one more") == 0 &&
            strcmp(row.file_state, "refused") == 0 &&
            strcmp(row.file_reason, "room") == 0,
        "the letter is shown, and says why its file is not there");
    ok(ask_word(bo, CONTROL_STATUS, "")->status_of.refused_file_room == 1,
        "it is counted");
    ask_file(bo, CONTROL_FILE_CANCEL, last_file(bo).id);
    send_file(ann, "bo", "now", some(1));
    world_run(&world, 10 * MINUTE_MS);
    ok(file_is(bo, "whole"), "and there is room again once one was dropped");
    world_free(&world);
}

static void test_removed(void)
{
    send_half(14);
    need(ask_word(bo, CONTROL_REMOVE, "ann")->kind == CONTROL_DONE);
    ok(file_records(bo) == 0, "with a contact their files go");
    need(ask_word(ann, CONTROL_REMOVE, "bo")->kind == CONTROL_DONE);
    ok(file_records(ann) == 0 && disk_count(&ann->disk, RECORD_OUTBOX) == 0,
        "and those to them");
    world_free(&world);
}

static void test_blocked(void)
{
    send_half(15);
    ask_word(ann, CONTROL_BLOCK, "bo");
    world_run(&world, 3 * HOUR_MS);
    ok(file_is(ann, "sending"), "nothing more goes to whoever is blocked");
    ok(send_file(ann, "bo", "f", some(1))->status == STATUS_REFUSED,
        "no file can be sent to them");
    ask_word(ann, CONTROL_UNBLOCK, "bo");
    world_run(&world, 12 * HOUR_MS);
    ok(file_is(ann, "delivered") && file_is(bo, "whole"),
        "it goes on when that has ended");
    world_free(&world);
}

/* A disk that has lost a part, or changed one. */
static void test_damage(void)
{
    begin(17);
    send_file(ann, "bo", "f", some(2 * LIMIT_FILE_PART_BYTES));
    world_run(&world, 10 * MINUTE_MS);
    for (size_t i = 0; i < bo->disk.count; i++)
        if (bo->disk.files[i].kind == RECORD_FILE_PART)
            bo->disk.files[i].blob[100] ^= 1;
    struct answer *answer = ask_file(bo, CONTROL_FILE_GET, last_file(bo).id);
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "part 1"),
        "a damaged part is not handed out, and named");
    for (size_t i = bo->disk.count; i-- > 0;)
        if (bo->disk.files[i].kind == RECORD_FILE_PART)
            disk_delete(&bo->disk, RECORD_FILE_PART, bo->disk.files[i].row);
    ok(ask_file(bo, CONTROL_FILE_GET, last_file(bo).id)->status ==
            STATUS_REFUSED,
        "nor a lost one");
    world_free(&world);
    send_half(18);
    for (size_t i = 0; i < bo->disk.count; i++)
        if (bo->disk.files[i].kind == RECORD_FILE_PART)
            bo->disk.files[i].blob[100] ^= 1;
    world_run(&world, 10 * MINUTE_MS);
    ok(file_is(bo, "damaged") && file_is(ann, "refused") &&
            strcmp(last_file(ann).file_reason, "damaged") == 0,
        "one that was damaged here before it was whole is never shown whole");
    world_free(&world);
}

int main(void)
{
    test_sizes();
    test_letter();
    test_read_first();
    test_pace();
    test_rate();
    test_equal_parts();
    test_cancel_sent();
    test_recall_half();
    test_cancel_received();
    test_burn();
    test_burn_unfinished();
    test_expiry();
    test_room();
    test_removed();
    test_blocked();
    test_damage();
    return tap_done();
}
