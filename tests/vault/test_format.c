/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A vault that an earlier version wrote is upgraded in the transaction of its
 * first unlock; one of a later version is refused with both numbers. */
#include "crypto/seal.h"
#include "tests/vault/pair.h"
#include "vault/vault_state.h"

enum {
    MINUTE_MS = 60000,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS,
    PLAIN_BYTES = 8192,
    FIELDS_1 = 9
};

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct records keys;
static uint8_t plain[PLAIN_BYTES];

static struct span place_of(const struct disk_file *file, uint8_t out[static 9])
{
    out[0] = (uint8_t)file->kind;
    for (int i = 0; i < 8; i++)
        out[1 + i] = (uint8_t)(file->row >> (56 - 8 * i));
    return (struct span){out, 9};
}

/* The plain text of a record, in plain. */
static size_t open_file(const struct disk_file *file)
{
    uint8_t bytes[9];
    size_t size;
    need(record_open(keys.keys[file->kind], place_of(file, bytes),
             (struct span){file->blob, file->size}, plain, &size) == STATUS_OK);
    return size;
}

static void seal_file(struct disk_file *file, struct span text)
{
    uint8_t bytes[9];
    free(file->blob);
    file->size = record_bytes(text.size);
    file->blob = malloc(file->size);
    need(file->blob);
    record_seal(keys.keys[file->kind], place_of(file, bytes), text,
        &ann->random.base, file->blob);
}

/* A letter as format 1 has it: nine fields, all but the id numbers. */
static void letter_to_format_1(struct disk_file *file)
{
    struct wire_reader reader;
    struct wire_writer writer;
    uint8_t older[PLAIN_BYTES];
    size_t size;
    wire_read_init(&reader, (struct span){plain, open_file(file)});
    wire_write_init(&writer, older, sizeof(older));
    need(wire_read_array(&reader, 32) > FIELDS_1);
    wire_write_array(&writer, FIELDS_1);
    for (int i = 0; i < FIELDS_1; i++)
        if (i == 1)
            wire_write_bytes(&writer, wire_read_bytes(&reader, 16));
        else
            wire_write_uint(&writer, wire_read_uint(&reader, UINT64_MAX));
    need(!reader.failed && wire_write_done(&writer, &size) == STATUS_OK);
    seal_file(file, (struct span){older, size});
}

/* Contacts, and receipts that wait, have had a pace since format 4: their last
 * field, but for what format 5 has put behind it. */
static bool has_pace(const struct disk_file *file)
{
    return file->kind == RECORD_CONTACT || file->kind == RECORD_RELEASE ||
           file->kind == RECORD_OWED;
}

/* Without its last fields, of one byte each. */
static void shorten(struct disk_file *file, uint8_t fields)
{
    size_t size = open_file(file);
    need((plain[0] & 0xf0) == 0x90 && (plain[0] & 0x0f) > fields);
    uint8_t older[PLAIN_BYTES];
    memcpy(older, plain, size - fields);
    older[0] = (uint8_t)(older[0] - fields);
    seal_file(file, (struct span){older, size - fields});
}

static void to_format_3(struct disk_file *file)
{
    shorten(file, file->kind == RECORD_OWED ? 3 : 1);
}

/* Before there was more to be told than that a letter to a group has come. */
static void to_format_4(struct disk_file *file)
{
    shorten(file, file->kind == RECORD_OWED ? 2 : 0);
}

static void copy_elements(
    struct wire_reader *reader, struct wire_writer *writer, size_t count)
{
    const uint8_t *from = reader->at;
    while (count-- > 0)
        wire_read_skip(reader);
    size_t size = (size_t)(reader->at - from);
    need(!reader->failed && size <= writer->capacity - writer->size);
    memcpy(writer->data + writer->size, from, size);
    writer->size += size;
}

/* Before there was kept what a member is told, and what they know: the last two
 * fields of each, and the last of all. */
static void group_to_format_5(struct disk_file *file)
{
    enum { FIELDS = 17, BEFORE_PEERS = 14, PEER = 5, PEER_5 = 3 };
    struct wire_reader reader;
    struct wire_writer writer;
    uint8_t older[PLAIN_BYTES];
    size_t size;
    wire_read_init(&reader, (struct span){plain, open_file(file)});
    wire_write_init(&writer, older, sizeof(older));
    wire_read_array_of(&reader, FIELDS);
    wire_write_array(&writer, FIELDS - 1);
    copy_elements(&reader, &writer, BEFORE_PEERS);
    size_t peers = wire_read_array(&reader, PLAIN_BYTES) / PEER;
    need(peers > 0);
    wire_write_array(&writer, peers * PEER_5);
    for (size_t i = 0; i < peers; i++) {
        copy_elements(&reader, &writer, PEER_5);
        wire_read_skip(&reader);
        wire_read_skip(&reader);
    }
    copy_elements(&reader, &writer, 1);
    need(wire_write_done(&writer, &size) == STATUS_OK);
    seal_file(file, (struct span){older, size});
}

/* Before it was kept which envelope a first contact is in: instead, how often
 * it had been sent. */
static void session_to_format_6(struct disk_file *file)
{
    enum { FIELDS = 17, BEFORE = 8, ENVELOPE = 4, AFTER = 5 };
    struct wire_reader reader;
    struct wire_writer writer;
    uint8_t older[PLAIN_BYTES];
    size_t size;
    wire_read_init(&reader, (struct span){plain, open_file(file)});
    wire_write_init(&writer, older, sizeof(older));
    wire_read_array_of(&reader, FIELDS);
    wire_write_array(&writer, BEFORE + 1 + AFTER);
    copy_elements(&reader, &writer, BEFORE);
    for (int i = 0; i < ENVELOPE; i++)
        wire_read_skip(&reader);
    wire_write_uint(&writer, 3);
    copy_elements(&reader, &writer, AFTER);
    need(wire_write_done(&writer, &size) == STATUS_OK);
    seal_file(file, (struct span){older, size});
}

/* How many of a kind have that many fields. */
static size_t count_fields(enum record_kind kind, uint8_t fields)
{
    need(fields < 16); /* a byte says how many */
    size_t count = 0;
    for (size_t i = 0; i < ann->disk.count; i++)
        if (ann->disk.files[i].kind == kind) {
            open_file(&ann->disk.files[i]);
            count += plain[0] == (0x90 | fields);
        }
    return count;
}

static size_t count_older(void)
{
    size_t count = 0;
    for (size_t i = 0; i < ann->disk.count; i++)
        if (ann->disk.files[i].kind == RECORD_INBOX) {
            open_file(&ann->disk.files[i]);
            count += plain[0] == (0x90 | FIELDS_1);
        }
    return count;
}

/* Ann, locked, with two letters and a disk as an earlier version left it. */
static void begin(uint64_t seed)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    need(ask_send(bo, "ann", "one")->kind == CONTROL_SENT);
    need(ask_send(bo, "ann", "two")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    keys = ann->vault->opened->records;
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    for (size_t i = 0; i < ann->disk.count; i++)
        if (ann->disk.files[i].kind == RECORD_INBOX)
            letter_to_format_1(&ann->disk.files[i]);
    disk_delete(&ann->disk, RECORD_FORMAT, 1);
    need(count_older() == 2);
}

static bool opens(void)
{
    return ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE;
}

static bool is_marked(void)
{
    struct disk_file *file = disk_find(&ann->disk, RECORD_FORMAT, 1);
    return file && open_file(file) == 2 && plain[0] == 0x91 &&
           plain[1] == RECORDS_FORMAT;
}

static void test_older(void)
{
    begin(1);
    ok(opens(), "a vault of format 1 is opened");
    ok(is_marked(), "and is of the present format then");
    struct answer *answer = ask_read_all(ann);
    ok(answer->count == 2 &&
            strcmp(answer->rows[0].text, answer->rows[1].text) != 0 &&
            strcmp(answer->rows[0].evidence, "deniable") == 0 &&
            strcmp(answer->rows[1].evidence, "deniable") == 0,
        "its letters are there, and deniable");
    ask_word(ann, CONTROL_READ, "");
    ok(count_older() == 0, "and take the present form when they are written");
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    ok(opens() && ask_read_all(ann)->count == 2, "it opens again");
    need(ask_send(bo, "ann", "three")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(ann->last_text, "three") == 0, "and goes on");
    world_free(&world);
}

/* Ann, locked: bo is a contact of hers, and receipts of what he wrote to her
 * and to a group wait, all as an earlier format had it. */
static void begin_waiting(uint64_t seed, void (*make_older)(struct disk_file *))
{
    world_init(&world, 2, seed);
    world_meet(&world);
    need(
        ask_word(bo, CONTROL_GROUP_NEW, "lantern")->kind == CONTROL_GROUP_ROWS);
    struct control_request request = {.method = CONTROL_GROUP_ADD,
        .id = 1,
        .group = span_of_text("lantern"),
        .name = span_of_text("ann")};
    need(person_ask(bo, &request)->kind == CONTROL_GROUP_ROWS);
    world_run(&world, HOUR_MS);
    need(ask_receipts(ann, "bo", "discreet")->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(bo, "ann", "one")->kind == CONTROL_SENT);
    request = (struct control_request){.method = CONTROL_GROUP_SEND,
        .id = 1,
        .group = span_of_text("lantern"),
        .text = span_of_text("two")};
    need(person_ask(bo, &request)->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    keys = ann->vault->opened->records;
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    for (size_t i = 0; i < ann->disk.count; i++)
        if (has_pace(&ann->disk.files[i]))
            make_older(&ann->disk.files[i]);
}

static void test_format_3(void)
{
    begin_waiting(5, to_format_3);
    need(count_fields(RECORD_CONTACT, 7) == 1 &&
         count_fields(RECORD_RELEASE, 3) > 0 &&
         count_fields(RECORD_OWED, 3) == 1);
    ok(opens() && is_marked(), "a vault of format 3 is opened");
    ok(strcmp(ask_receipts(ann, "bo", "")->rows[0].receipts, "default") == 0,
        "its contacts' receipts are the default");
    size_t releases = ann->releases;
    world_run(&world, MINUTE_MS);
    ok(ann->releases > releases && count_fields(RECORD_OWED, 3) == 0,
        "as are those that wait, which are let go");
    need(ask_receipts(ann, "bo", "prompt")->kind == CONTROL_CONTACT_ROWS);
    ok(count_fields(RECORD_CONTACT, 8) == 1,
        "and a contact takes the present form when it is written");
    world_free(&world);
}

static void test_format_4(void)
{
    begin_waiting(6, to_format_4);
    need(count_fields(RECORD_OWED, 4) == 1);
    ok(opens() && is_marked(), "a vault of format 4 is opened");
    world_run(&world, 7 * HOUR_MS);
    ok(count_fields(RECORD_OWED, 4) == 0 &&
            disk_count(&ann->disk, RECORD_OWED) == 0,
        "and what it owes to a writer in a group is told");
    world_free(&world);
}

static void test_format_5(void)
{
    world_init(&world, 2, 7);
    world_meet(&world);
    need(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind ==
         CONTROL_GROUP_ROWS);
    struct control_request request = {.method = CONTROL_GROUP_ADD,
        .id = 1,
        .group = span_of_text("lantern"),
        .name = span_of_text("bo")};
    need(person_ask(ann, &request)->kind == CONTROL_GROUP_ROWS);
    world_run(&world, HOUR_MS);
    keys = ann->vault->opened->records;
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    for (size_t i = 0; i < ann->disk.count; i++)
        if (ann->disk.files[i].kind == RECORD_GROUP)
            group_to_format_5(&ann->disk.files[i]);
    size_t carried = world.carried_count;
    ok(opens() && is_marked(), "a vault of format 5 is opened");
    world_run(&world, MINUTE_MS);
    ok(world.carried_count == carried,
        "and tells its groups' members nothing again");
    request.method = CONTROL_GROUP_REMOVE;
    need(person_ask(ann, &request)->kind == CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    ok(world.carried_count == carried + 1,
        "and what has changed since in one letter");
    world_free(&world);
}

/* Ann has written to bo, who has not answered. */
static void test_format_6(void)
{
    world_init(&world, 2, 8);
    world_meet(&world);
    need(ask_word(bo, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    need(ask_send(ann, "bo", "one")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    keys = ann->vault->opened->records;
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    for (size_t i = 0; i < ann->disk.count; i++)
        if (ann->disk.files[i].kind == RECORD_SESSION)
            session_to_format_6(&ann->disk.files[i]);
    need(count_fields(RECORD_SESSION, 14) == 1);
    size_t carried = world.carried_count;
    ok(opens() && is_marked(), "a vault of format 6 is opened");
    world_run(&world, DAY_MS);
    ok(world.carried_count == carried + 1 &&
            count_fields(RECORD_SESSION, 14) == 0,
        "and its first contacts go on, each in an envelope that it keeps");
    need(ask_word(bo, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
    ok(ann->last_outbox == OUTBOX_DELIVERED, "and are answered");
    world_free(&world);
}

/* The unlock is cut off in each of its steps, before and after its commit. */
static void test_crash(void)
{
    size_t wrong = 0, crashes = 0, half = 0;
    for (int crash = CRASH_BEFORE_COMMIT; crash <= CRASH_AFTER_COMMIT; crash++)
        for (uint64_t step = 1;; step++) {
            begin(2);
            ann->steps = 0;
            ann->crash = (enum crash)crash;
            ann->crash_step = step;
            opens();
            bool crashed = ann->vault == NULL;
            crashes += crashed;
            ann->crash = CRASH_NONE;
            if (crashed) {
                half += !is_marked() && count_older() != 2;
                person_start(ann);
                wrong += !opens();
            }
            wrong += !is_marked() || ask_read_all(ann)->count != 2;
            world_free(&world);
            if (!crashed)
                break;
        }
    ok(crashes > 10 && half == 0,
        "cut off anywhere, the upgrade is done or is not");
    ok(wrong == 0, "and the vault opens");
}

static uint64_t sum_of(const struct disk *disk)
{
    uint64_t sum = disk->count;
    for (size_t i = 0; i < disk->count; i++)
        for (size_t j = 0; j < disk->files[i].size; j++)
            sum = sum * 31 + disk->files[i].blob[j];
    return sum;
}

static void test_later(void)
{
    begin(3);
    need(opens());
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    struct disk_file *file = disk_find(&ann->disk, RECORD_FORMAT, 1);
    const uint8_t later[] = {0x91, RECORDS_FORMAT + 1};
    seal_file(file, (struct span){later, sizeof(later)});
    uint64_t sum = sum_of(&ann->disk);
    struct answer *answer = ask_word(ann, CONTROL_UNLOCK, "ann");
    ok(answer->status == STATUS_REFUSED &&
            strstr(answer->message, "later version") &&
            strstr(answer->message, "format 8; this program knows 7"),
        "a vault of a later version is refused, and both are named");
    ok(vault_get_state(ann->vault) == VAULT_LOCKED && sum_of(&ann->disk) == sum,
        "it stays locked, and not a byte of it is changed");
    ok(ask_word(ann, CONTROL_UNLOCK, "wrong")->status == STATUS_REFUSED &&
            ask_word(ann, CONTROL_UNLOCK, "ann")->status == STATUS_REFUSED,
        "again and again");
    file->blob[40] ^= 1;
    answer = ask_word(ann, CONTROL_UNLOCK, "ann");
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "(format)"),
        "a damaged number is said to be damaged");
    world_free(&world);
}

/* A lock while the number is on its way. */
static void test_lock(void)
{
    begin(4);
    struct vault_event event = {.kind = VAULT_REQUEST};
    struct control_request request = {
        .method = CONTROL_UNLOCK, .id = 1, .passphrase = span_of_text("ann")};
    event.request.client = 7;
    event.request.request = &request;
    person_step(ann, &event);
    need(ann->errand_count == 1 && ann->errands[0].kind == VAULT_DERIVE);
    struct errand_of errand = ann->errands[0];
    ann->errand_count = 0;
    event = (struct vault_event){.kind = VAULT_DERIVED};
    event.derived.ticket = errand.ticket;
    memcpy(event.derived.key, errand.key, sizeof(errand.key));
    person_step(ann, &event);
    need(ann->errand_count == 1 && ann->errands[0].kind == VAULT_FETCH);
    request = (struct control_request){.method = CONTROL_LOCK, .id = 2};
    event = (struct vault_event){.kind = VAULT_REQUEST};
    event.request.request = &request;
    person_step(ann, &event);
    run_errands(ann);
    ok(vault_get_state(ann->vault) == VAULT_LOCKED && !is_marked(),
        "a lock while the number is on its way stops the unlock");
    ok(opens(), "and afterwards it can be unlocked");
    world_free(&world);
}

int main(void)
{
    test_older();
    test_format_3();
    test_format_4();
    test_format_5();
    test_format_6();
    test_crash();
    test_later();
    test_lock();
    return tap_done();
}
