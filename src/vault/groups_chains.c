/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Others' chains.
 *
 * Handles in the table of tags are rows with a bit that no session's row has.
 * A sender who hands the same chain over again, from a later place, does so
 * because we may have lost sight of it: it is then kept twice, and each tag
 * belongs to the one that had it first.
 *
 * A member can hand over another's chain as theirs.  It then expects tags of
 * its own, since the owner is in them, and takes none of the other's; and it
 * opens nothing of theirs, since the owner is signed. */
#include "vault/groups_chains.h"

#include <assert.h>
#include <string.h>

#include "crypto/hash.h"
#include "vault/records.h"

enum { CHAIN_FIELDS = 7, SKIPPED_FIELDS = 6 };
#define CHAIN_HANDLE UINT32_C(0x80000000)

void groups_chains_init(struct groups_chains *chains)
{
    rows_init(&chains->rows, sizeof(struct groups_chain), CHAINS_MAXIMUM, true);
}

void groups_chains_clear(struct groups_chains *chains)
{
    rows_clear(&chains->rows);
}

/* Records. */

static void write_fixed(
    struct wire_writer *writer, const uint8_t *bytes, size_t size)
{
    wire_write_bytes(writer, (struct span){bytes, size});
}

static void chain_save(struct step *step, const struct groups_chain *chain)
{
    const struct group_receiver *receiver = &chain->receiver;
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, CHAIN_FIELDS);
    wire_write_uint(&writer, chain->group);
    write_fixed(&writer, chain->receiver.owner.bytes, 32);
    wire_write_uint(&writer, chain->since_h);
    wire_write_uint(&writer, receiver->head);
    write_fixed(&writer, receiver->chain_key, 32);
    write_fixed(&writer, receiver->tag_key, 32);
    write_fixed(&writer, receiver->sign_public, 32);
    records_put(step, RECORD_GROUP_KEY, chain->row, &writer);
}

static enum status chain_read(
    struct wire_reader *reader, struct groups_chain *chain)
{
    struct group_key key;
    struct fingerprint owner = {{0}};
    wire_read_array_of(reader, CHAIN_FIELDS);
    chain->group = wire_read_uint(reader, UINT32_MAX);
    wire_read_fixed(reader, owner.bytes, 32);
    chain->since_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    key.number = (uint32_t)wire_read_uint(reader, LIMIT_GROUP_MESSAGES);
    wire_read_fixed(reader, key.chain_key, 32);
    wire_read_fixed(reader, key.tag_key, 32);
    wire_read_fixed(reader, key.sign_public, 32);
    enum status status = wire_read_done(reader);
    group_receiver_begin(
        &chain->receiver, CHAIN_HANDLE | (uint32_t)chain->row, &owner, &key);
    secret_wipe(&key, sizeof(key));
    return status;
}

enum status groups_chains_load(struct groups_chains *chains, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    if (record->row >= CHAIN_HANDLE)
        return STATUS_INVALID;
    struct groups_chain *chain;
    enum status status = rows_add(&chains->rows, record->row, &chain);
    if (status)
        return status;
    status = chain_read(&reader, chain);
    if (status)
        rows_remove(&chains->rows, record->row);
    return status;
}

static uint64_t skipped_row(const struct step *step, const struct tag *tag)
{
    return records_blind(step, RECORD_GROUP_SKIPPED,
        (struct span){tag->bytes, sizeof(tag->bytes)});
}

static void skipped_save(struct step *step, const struct tag_entry *entry)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, SKIPPED_FIELDS);
    write_fixed(&writer, entry->tag.bytes, sizeof(entry->tag.bytes));
    wire_write_uint(&writer, entry->session);
    wire_write_uint(&writer, entry->number);
    wire_write_uint(&writer, entry->expires_h);
    write_fixed(&writer, entry->header_key, sizeof(entry->header_key));
    write_fixed(&writer, entry->message_key, sizeof(entry->message_key));
    records_put_until(step, RECORD_GROUP_SKIPPED,
        skipped_row(step, &entry->tag), &writer, entry->expires_h);
}

enum status groups_chains_load_skipped(
    struct step *step, const struct vault_record *record, struct tags *tags)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct tag_entry entry = {.kind = TAG_GROUP_SKIPPED};
    wire_read_array_of(&reader, SKIPPED_FIELDS);
    wire_read_fixed(&reader, entry.tag.bytes, sizeof(entry.tag.bytes));
    entry.session = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    entry.number = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    entry.expires_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    wire_read_fixed(&reader, entry.header_key, sizeof(entry.header_key));
    wire_read_fixed(&reader, entry.message_key, sizeof(entry.message_key));
    enum status status = wire_read_done(&reader);
    if (!status)
        status = tags_add(tags, &entry);
    secret_wipe(&entry, sizeof(entry));
    return status;
}

/* Taking in. */

static bool is_of(
    const struct groups_chain *chain, const struct groups_chain *offered)
{
    return chain->group == offered->group &&
           fingerprint_equal(&chain->receiver.owner, &offered->receiver.owner);
}

/* Whether all that an offered chain opens, one that is there opens too. */
static bool leads_there(
    const struct groups_chain *chain, const struct groups_chain *offered)
{
    const struct group_receiver *there = &chain->receiver;
    const struct group_receiver *here = &offered->receiver;
    return memcmp(there->sign_public, here->sign_public, 32) == 0 &&
           here->head <= there->head;
}

/* Remove a chain with its skipped entries. */
static void chain_drop(struct groups_chains *chains, struct step *step,
    const struct groups_chain *chain, struct tags *tags)
{
    uint64_t row = chain->row;
    uint32_t handle = chain->receiver.handle;
    size_t cursor = 0;
    const struct tag_entry *entry;
    while ((entry = tags_next(tags, &cursor)))
        if (entry->session == handle && entry->kind == TAG_GROUP_SKIPPED)
            records_delete(
                step, RECORD_GROUP_SKIPPED, skipped_row(step, &entry->tag));
    tags_remove_session(tags, handle);
    records_delete(step, RECORD_GROUP_KEY, row);
    rows_remove(&chains->rows, row);
}

/* Keep an owner, and a group's owners who are no members, within their
 * numbers. */
static bool make_room(struct groups_chains *chains, struct step *step,
    const struct groups_chain *offered, struct tags *tags)
{
    const struct groups_chain *oldest = NULL;
    size_t count = 0;
    size_t unused = 0;
    for (size_t i = 0; i < chains->rows.count; i++) {
        const struct groups_chain *chain = rows_at(&chains->rows, i);
        unused += chain->group == offered->group && !chain->is_used;
        if (!is_of(chain, offered))
            continue;
        count++;
        oldest = oldest ? oldest : chain;
    }
    if (count >= LIMIT_GROUP_KEYS)
        chain_drop(chains, step, oldest, tags);
    return unused < CHAINS_UNUSED;
}

struct groups_chain *groups_chains_add(struct groups_chains *chains,
    struct step *step, const struct groups_chain *offered, struct tags *tags)
{
    for (size_t i = 0; i < chains->rows.count; i++) {
        const struct groups_chain *chain = rows_at(&chains->rows, i);
        if (is_of(chain, offered) && leads_there(chain, offered))
            return NULL;
    }
    struct groups_chain *chain;
    if (!make_room(chains, step, offered, tags))
        return NULL;
    enum status status = rows_append(&chains->rows, &chain);
    if (status == STATUS_FULL)
        return NULL;
    step_check(step, status);
    if (status)
        return NULL;
    uint64_t row = chain->row;
    *chain = *offered;
    chain->row = row;
    chain->receiver.handle = CHAIN_HANDLE | (uint32_t)row;
    chain->is_used = false;
    chain->since_h = step->now_h;
    chain_save(step, chain);
    return chain;
}

enum status groups_chains_use(struct groups_chain *chain, struct tags *tags)
{
    if (chain->is_used)
        return STATUS_OK;
    enum status status = group_register(&chain->receiver, tags);
    chain->is_used = status == STATUS_OK;
    return status;
}

struct groups_chain *groups_chains_find(
    const struct groups_chains *chains, const struct tag_entry *entry)
{
    return rows_find(&chains->rows, entry->session & ~CHAIN_HANDLE);
}

/* Opening. */

enum status groups_chains_open(struct groups_chain *chain, struct step *step,
    struct groups_letter *letter, struct tags *tags)
{
    struct tag tag = letter->entry->tag;
    struct ratchet_opened *opened = &step->desk->opened;
    enum status status = group_open(&chain->receiver, tags, letter->entry,
        letter->envelope, letter->group, step->now_h, opened, &letter->view);
    if (status)
        return status;
    for (size_t i = 0; i < opened->skipped_count; i++) {
        const struct tag_entry *entry = tags_find(tags, &opened->skipped[i]);
        assert(entry);
        skipped_save(step, entry);
    }
    if (opened->used_skipped)
        records_delete(step, RECORD_GROUP_SKIPPED, skipped_row(step, &tag));
    chain_save(step, chain);
    return STATUS_OK;
}

/* Ends. */

void groups_chains_drop(struct groups_chains *chains, struct step *step,
    uint64_t group, struct tags *tags)
{
    for (size_t i = chains->rows.count; i-- > 0;) {
        const struct groups_chain *chain = rows_at(&chains->rows, i);
        if (chain->group == group)
            chain_drop(chains, step, chain, tags);
    }
}

static bool next_over(
    const struct step *step, const struct tags *tags, struct tag *out)
{
    size_t cursor = 0;
    const struct tag_entry *entry;
    while ((entry = tags_next(tags, &cursor))) {
        if (entry->kind != TAG_GROUP_SKIPPED || entry->expires_h >= step->now_h)
            continue;
        *out = entry->tag;
        return true;
    }
    return false;
}

void groups_chains_sweep(
    struct groups_chains *chains, struct step *step, struct tags *tags)
{
    struct tag over;
    for (size_t i = chains->rows.count; i-- > 0;) {
        const struct groups_chain *chain = rows_at(&chains->rows, i);
        if (step->now_h > chain->since_h + CHAIN_KEPT_H)
            chain_drop(chains, step, chain, tags);
    }
    while (next_over(step, tags, &over)) {
        tags_remove(tags, &over);
        records_delete(step, RECORD_GROUP_SKIPPED, skipped_row(step, &over));
    }
}
