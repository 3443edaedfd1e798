/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine over a real database: what has burned is in no file any more, and
 * it is the scrub that sees to it: without, the same search finds it. */
#include "config.h"

#include <dirent.h>

#include "base/hex.h"
#include "base/random.h"
#include "crypto/hash.h"
#include "platform/vault_database.h"
#include "tests/platform/scratch.h"
#include "tests/tap.h"
#include "vault/vault.h"

enum {
    NOTES = 12,
    LETTERS = 8,
    BURN_S = 300,
    MARK_BYTES = 48,
    MARKS = 64,
    PARCELS = 256,
    FILE_BYTES = LIMIT_FILE_PART_BYTES + 100,
};

/* What one vault has said to the relay, for the other. */
struct parcel {
    enum port_type type;
    struct envelope_id id;
    struct opening opening;
    size_t size;
    uint8_t bytes[LIMIT_ENVELOPE_BYTES];
};
static struct parcel parcels[PARCELS];
static size_t parcel_count;

struct node {
    struct vault *vault;
    struct random_seeded random;
    struct vault_database *database;
    char path[300];
    char card[CARD_TEXT_CHARS + 1];
    uint64_t now_ms;
    bool scrubs;  /* whether it does what a SCRUB asks for */
    size_t asked; /* how many asked for it */
    enum control_kind answer;
};

static void node_step(struct node *node, struct vault_event *event);

static void fetch(struct node *node, const struct vault_effect *effect)
{
    enum { MOST = 8, BLOB_BYTES = 80 * 1024 };
    struct vault_row row;
    struct vault_event event = {.kind = VAULT_FETCHED};
    struct vault_record records[MOST];
    uint8_t *blobs = malloc((size_t)MOST * BLOB_BYTES);
    need(blobs && effect->fetch.count <= MOST);
    event.fetched.ticket = effect->fetch.ticket;
    event.fetched.records = records;
    for (size_t i = 0; i < effect->fetch.count; i++) {
        uint8_t *blob = blobs + i * BLOB_BYTES;
        if (vault_database_get(node->database, effect->fetch.kind,
                effect->fetch.rows[i], &row) != STATUS_OK)
            continue;
        need(row.blob.size <= BLOB_BYTES);
        memcpy(blob, row.blob.data, row.blob.size);
        records[event.fetched.count++] = (struct vault_record){
            effect->fetch.kind, row.row, {blob, row.blob.size}};
    }
    node_step(node, &event);
    free(blobs);
}

static void to_port(const struct port_message *message)
{
    struct parcel *parcel = &parcels[parcel_count];
    need(parcel_count < PARCELS);
    *parcel = (struct parcel){.type = message->type};
    if (message->type == PORT_SUBMIT) {
        struct span encoding = message->envelope.envelope->encoding;
        parcel->id = message->envelope.id;
        parcel->size = encoding.size;
        memcpy(parcel->bytes, encoding.data, encoding.size);
        parcel_count++;
    } else if (message->type == PORT_RELEASE) {
        parcel->id = message->receipt.id;
        parcel->opening = message->receipt.opening;
        parcel_count++;
    }
}

static void perform(struct node *node, const struct vault_effect *effect)
{
    const struct vault_row row = {
        effect->record.kind, effect->record.row, effect->record.blob};
    struct vault_event event = {.kind = VAULT_DERIVED};
    if (effect->kind == VAULT_PUT) {
        need(vault_database_put(node->database, &row) == STATUS_OK);
    } else if (effect->kind == VAULT_DELETE) {
        need(vault_database_delete(node->database, row.kind, row.row) ==
             STATUS_OK);
    } else if (effect->kind == VAULT_SCRUB) {
        node->asked++;
        if (node->scrubs)
            need(vault_database_scrub(node->database) == STATUS_OK);
    } else if (effect->kind == VAULT_FETCH) {
        fetch(node, effect);
    } else if (effect->kind == VAULT_DERIVE) {
        event.derived.ticket = effect->derive.ticket;
        memset(event.derived.key, 7, sizeof(event.derived.key));
        node_step(node, &event);
    } else if (effect->kind == VAULT_TO_PORT) {
        to_port(&effect->port);
    } else if (effect->kind == VAULT_REPLY) {
        node->answer = effect->reply.reply.kind;
        if (node->answer == CONTROL_CARD)
            strcpy(node->card, effect->reply.reply.card.card);
    }
}

static bool is_record(const struct vault_effect *effect)
{
    return effect->kind == VAULT_PUT || effect->kind == VAULT_DELETE;
}

/* One step is one transaction, as in the daemon. */
static void node_step(struct node *node, struct vault_event *event)
{
    struct vault_effects effects;
    vault_effects_init(&effects);
    event->now_ms = node->now_ms;
    event->clock_s = 1800000000 + node->now_ms / 1000;
    need(vault_step(node->vault, event, &effects) == STATUS_OK);
    size_t stored = 0;
    while (stored < effects.count && is_record(&effects.list[stored]))
        stored++;
    if (stored)
        need(vault_database_begin(node->database) == STATUS_OK);
    for (size_t i = 0; i < stored; i++)
        perform(node, &effects.list[i]);
    if (stored)
        need(vault_database_commit(node->database) == STATUS_OK);
    for (size_t i = stored; i < effects.count; i++)
        perform(node, &effects.list[i]);
    vault_effects_free(&effects);
}

static enum control_kind ask(
    struct node *node, const struct control_request *request)
{
    struct vault_event event = {.kind = VAULT_REQUEST};
    event.request.request = request;
    node->answer = CONTROL_ERROR;
    node_step(node, &event);
    return node->answer;
}

static void node_open(struct node *node, const char *name, bool scrubs)
{
    static const struct vault_config config = {.cost = KEYSLOT_INTERACTIVE};
    char why[256];
    *node = (struct node){.scrubs = scrubs, .now_ms = 1000};
    snprintf(node->path, sizeof(node->path), "%s", scratch_path(name));
    random_seeded_init(&node->random, (uint64_t)name[0], scrubs);
    need(vault_database_open(node->path, &node->database, why) == STATUS_OK);
    node->vault = vault_new(&config, &node->random.base);
    need(node->vault);
    struct vault_event event = {.kind = VAULT_SLOTS};
    node_step(node, &event);
    const struct control_request request = {
        .method = CONTROL_INIT, .passphrase = span_of_text("ann")};
    need(ask(node, &request) == CONTROL_CARD);
}

static void node_close(struct node *node)
{
    vault_free(node->vault);
    vault_database_close(node->database);
}

/* The middle of each record that shall be gone. */
struct marks {
    size_t count;
    uint8_t bytes[MARKS][MARK_BYTES];
};

/* Of the 64 rows from the first. */
static size_t take_marks_from(struct node *node, enum record_kind kind,
    uint64_t first, struct marks *marks)
{
    struct vault_row row;
    size_t before = marks->count;
    for (uint64_t i = 0; i < 64; i++)
        if (vault_database_get(node->database, kind, first + i, &row) ==
            STATUS_OK) {
            need(marks->count < MARKS);
            memcpy(
                marks->bytes[marks->count++], row.blob.data + 100, MARK_BYTES);
        }
    return marks->count - before;
}

static size_t take_marks(
    struct node *node, enum record_kind kind, struct marks *marks)
{
    return take_marks_from(node, kind, 1, marks);
}

static size_t found_in(const char *path, const struct marks *marks)
{
    size_t size, found = 0;
    char *bytes = scratch_read(path, &size);
    for (size_t mark = 0; mark < marks->count; mark++)
        for (size_t i = 0; i + MARK_BYTES <= size; i++)
            found += memcmp(bytes + i, marks->bytes[mark], MARK_BYTES) == 0;
    free(bytes);
    return found;
}

/* In all the files there are. */
static size_t residue(const struct marks *marks)
{
    size_t found = 0, files = 0;
    DIR *folder = opendir(scratch);
    need(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", scratch, entry->d_name);
        found += found_in(path, marks);
        files++;
    }
    closedir(folder);
    need(files > 0);
    return found;
}

static void pass(struct node *node, uint64_t ms)
{
    struct vault_event tick = {.kind = VAULT_TICK};
    node->now_ms += ms;
    node_step(node, &tick);
}

/* Write notes, let them burn and their day pass.  What is left of them. */
static size_t burn_notes(bool scrubs)
{
    struct node node;
    struct marks marks = {0};
    const struct control_request add = {.method = CONTROL_MEMO_ADD,
        .text = span_of_text("a mark that a burnt note would leave"),
        .burn_s = BURN_S};
    node_open(&node, scrubs ? "scrubbed.db" : "left.db", scrubs);
    for (int i = 0; i < NOTES; i++)
        need(ask(&node, &add) == CONTROL_MEMO_ROWS);
    need(take_marks(&node, RECORD_NOTE, &marks) == NOTES &&
         take_marks(&node, RECORD_NOTE_BODY, &marks) == NOTES &&
         take_marks(&node, RECORD_RING, &marks) == 1);
    ok(residue(&marks) >= marks.count,
        "the records are in the files while they are kept");
    pass(&node, BURN_S * 1000 + 1);
    pass(&node, 2 * DAY_S * 1000);
    ok(node.asked >= NOTES, "each burning asks for a scrub");
    size_t left = residue(&marks);
    node_close(&node);
    return left;
}

static void hand_over(struct node *node, const struct parcel *parcel)
{
    struct envelope envelope;
    struct port_message message = {.type = PORT_CLEARED};
    message.receipt.id = parcel->id;
    message.receipt.opening = parcel->opening;
    if (parcel->type == PORT_SUBMIT) {
        need(envelope_decode((struct span){parcel->bytes, parcel->size},
                 &envelope) == STATUS_OK);
        message = (struct port_message){.type = PORT_ENVELOPE};
        message.envelope.id = parcel->id;
        message.envelope.envelope = &envelope;
    }
    struct vault_event event = {.kind = VAULT_PORT, .port = &message};
    node_step(node, &event);
}

/* Hand over what both have said, until neither says any more; twice, since a
 * letter can come before the first contact that opens it. */
static void deliver(struct node *one, struct node *other)
{
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < parcel_count; i++) {
            hand_over(one, &parcels[i]);
            hand_over(other, &parcels[i]);
        }
    parcel_count = 0;
}

static void meet(struct node *node, const char *name, const struct node *other)
{
    const struct control_request add = {.method = CONTROL_ADD,
        .name = span_of_text(name),
        .card = span_of_text(other->card)};
    need(ask(node, &add) == CONTROL_CONTACT_ROWS);
}

/* Ann writes letters that burn, and bo reads them; their days pass.  What is
 * left of them, at either. */
static size_t burn_letters(bool scrubs)
{
    struct node ann, bo;
    struct marks marks = {0};
    const struct control_request send = {.method = CONTROL_SEND,
        .name = span_of_text("bo"),
        .text = span_of_text("a mark that a burnt letter would leave"),
        .burn_s = BURN_S};
    const struct control_request read = {
        .method = CONTROL_READ, .name = span_of_text("ann"), .limit = 1};
    node_open(&ann, scrubs ? "a.db" : "c.db", scrubs);
    node_open(&bo, scrubs ? "b.db" : "d.db", scrubs);
    meet(&ann, "bo", &bo);
    meet(&bo, "ann", &ann);
    for (int i = 0; i < LETTERS; i++)
        need(ask(&ann, &send) == CONTROL_SENT);
    need(take_marks(&ann, RECORD_OUTBOX_BODY, &marks) >= LETTERS);
    deliver(&ann, &bo);
    need(take_marks(&bo, RECORD_INBOX, &marks) == LETTERS &&
         take_marks(&bo, RECORD_INBOX_BODY, &marks) == LETTERS);
    for (int i = 0; i < LETTERS; i++)
        need(ask(&bo, &read) == CONTROL_LETTER_ROWS);
    need(take_marks(&bo, RECORD_INBOX_BODY, &marks) == LETTERS);
    ok(residue(&marks) >= LETTERS, "letters are in the files of both");
    pass(&bo, BURN_S * 1000 + 1); /* which lets the receipts go, too */
    need(take_marks(&bo, RECORD_INBOX_BODY, &marks) == 0);
    deliver(&ann, &bo);
    pass(&ann, 2 * DAY_S * 1000);
    pass(&bo, 2 * DAY_S * 1000);
    size_t left = residue(&marks);
    node_close(&ann);
    node_close(&bo);
    parcel_count = 0;
    return left;
}

/* Hand a file over that burns. */
static void send_file(struct node *node, const uint8_t *bytes, size_t size)
{
    static char text[2 * FILE_BYTES + 1];
    const struct control_request send = {.method = CONTROL_FILE_SEND,
        .name = span_of_text("bo"),
        .file = span_of_text("f"),
        .size = size,
        .burn_s = BURN_S};
    hex_encode((struct span){bytes, size}, text);
    const struct control_request more = {
        .method = CONTROL_FILE_MORE, .data = span_of_text(text)};
    need(ask(node, &send) == CONTROL_DONE);
    need(ask(node, &more) == CONTROL_SENT);
}

/* As burn_letters, of a file of two parts. */
static size_t burn_file(bool scrubs)
{
    enum { PARTS_ROW = 1 << 8, PARTS = 2 };
    static uint8_t bytes[FILE_BYTES];
    struct node ann, bo;
    struct marks marks = {0};
    const struct control_request read = {.method = CONTROL_READ};
    node_open(&ann, scrubs ? "e.db" : "g.db", scrubs);
    node_open(&bo, scrubs ? "f.db" : "h.db", scrubs);
    meet(&ann, "bo", &bo);
    meet(&bo, "ann", &ann);
    random_fill(&ann.random.base, bytes, sizeof(bytes));
    send_file(&ann, bytes, sizeof(bytes));
    need(take_marks_from(&ann, RECORD_FILE_PART, PARTS_ROW, &marks) == PARTS);
    need(take_marks(&ann, RECORD_FILE, &marks) == 1);
    for (int i = 0; i < 8; i++) {
        deliver(&ann, &bo);
        pass(&bo, 1000);
        pass(&ann, 1000);
    }
    struct marks there = {0};
    need(take_marks_from(&bo, RECORD_FILE_PART, PARTS_ROW, &there) == PARTS);
    need(take_marks_from(&ann, RECORD_FILE_PART, PARTS_ROW, &there) == 0);
    ok(residue(&there) >= PARTS, "a file is in those of its reader");
    need(ask(&bo, &read) == CONTROL_LETTER_ROWS);
    need(take_marks(&bo, RECORD_FILE, &there) == 1);
    pass(&bo, BURN_S * 1000 + 1);
    need(take_marks_from(&bo, RECORD_FILE_PART, PARTS_ROW, &there) == 0);
    for (int i = 0; i < 2; i++) {
        deliver(&ann, &bo);
        pass(&ann, 2 * DAY_S * 1000);
        pass(&bo, 2 * DAY_S * 1000);
    }
    size_t left = residue(&marks) + residue(&there);
    node_close(&ann);
    node_close(&bo);
    parcel_count = 0;
    return left;
}

int main(void)
{
    need(!crypto_start());
    scratch_make();
    ok(burn_notes(true) == 0, "what has burned is in no file, nor is its key");
    ok(burn_notes(false) > 0, "where nothing is scrubbed it still is");
    ok(burn_letters(true) == 0,
        "a letter that burned after reading is in no file of either's");
    ok(burn_letters(false) > 0, "where nothing is scrubbed it still is");
    ok(burn_file(true) == 0,
        "a file that burned after its letter was read is in none of theirs");
    ok(burn_file(false) > 0, "where nothing is scrubbed it still is");
    return tap_done();
}
