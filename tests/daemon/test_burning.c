/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine over a real database: what has burned is in no file any more, and
 * it is the scrub that sees to it: without, the same search finds it. */
#include "config.h"

#include "base/random.h"
#include "crypto/hash.h"
#include "platform/vault_database.h"
#include "tests/platform/scratch.h"
#include "tests/tap.h"
#include "vault/vault.h"

enum { NOTES = 12, BURN_S = 300, MARK_BYTES = 48, MARKS = 2 * NOTES + 1 };

struct node {
    struct vault *vault;
    struct random_seeded random;
    struct vault_database *database;
    char path[300];
    char log_path[320];
    uint64_t now_ms;
    bool scrubs;  /* whether it does what a SCRUB asks for */
    size_t asked; /* how many asked for it */
    enum control_kind answer;
};

static void node_step(struct node *node, struct vault_event *event);

static void fetch(struct node *node, const struct vault_effect *effect)
{
    struct vault_row row;
    struct vault_event event = {.kind = VAULT_FETCHED};
    struct vault_record record;
    uint8_t blob[8192];
    event.fetched.ticket = effect->fetch.ticket;
    event.fetched.records = &record;
    if (vault_database_get(node->database, effect->fetch.kind,
            effect->fetch.rows[0], &row) == STATUS_OK) {
        need(row.blob.size <= sizeof(blob));
        memcpy(blob, row.blob.data, row.blob.size);
        record = (struct vault_record){
            effect->fetch.kind, row.row, {blob, row.blob.size}};
        event.fetched.count = 1;
    }
    node_step(node, &event);
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
    } else if (effect->kind == VAULT_REPLY) {
        node->answer = effect->reply.reply.kind;
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
    snprintf(node->log_path, sizeof(node->log_path), "%s-wal", node->path);
    random_seeded_init(&node->random, 1, scrubs);
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

static void take_marks(struct node *node, struct marks *marks)
{
    static const uint32_t kinds[] = {RECORD_NOTE, RECORD_NOTE_BODY};
    struct vault_row row;
    marks->count = 0;
    for (uint64_t i = 0; i < 2 * NOTES + 1; i++) {
        uint32_t kind = i == 2 * NOTES ? RECORD_RING : kinds[i % 2];
        need(vault_database_get(node->database, kind,
                 kind == RECORD_RING ? 1 : 1 + i / 2, &row) == STATUS_OK);
        memcpy(marks->bytes[marks->count++], row.blob.data + 100, MARK_BYTES);
    }
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

static size_t residue(const struct node *node, const struct marks *marks)
{
    return found_in(node->path, marks) + found_in(node->log_path, marks);
}

/* Write notes, let them burn and their day pass.  What is left of them. */
static size_t burn(bool scrubs)
{
    struct node node;
    struct marks marks;
    struct vault_event tick = {.kind = VAULT_TICK};
    const struct control_request add = {.method = CONTROL_MEMO_ADD,
        .text = span_of_text("a mark that a burnt note would leave"),
        .burn_s = BURN_S};
    node_open(&node, scrubs ? "scrubbed.db" : "left.db", scrubs);
    for (int i = 0; i < NOTES; i++)
        need(ask(&node, &add) == CONTROL_MEMO_ROWS);
    take_marks(&node, &marks);
    ok(residue(&node, &marks) >= marks.count,
        "the records are in the files while they are kept");
    node.now_ms += BURN_S * 1000 + 1;
    node_step(&node, &tick);
    node.now_ms += 2 * DAY_S * 1000;
    node_step(&node, &tick);
    ok(node.asked >= NOTES, "each burning asks for a scrub");
    size_t left = residue(&node, &marks);
    node_close(&node);
    return left;
}

int main(void)
{
    need(!crypto_start());
    scratch_make();
    ok(burn(true) == 0, "what has burned is in no file, nor is its key");
    ok(burn(false) > 0, "where nothing is scrubbed it still is");
    return tap_done();
}
