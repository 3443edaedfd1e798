/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How groups lie on disk: one record for each, and one for each operation,
 * whose row says which group it is of and in which place, so that parents come
 * before their children again whatever order records come in.
 *
 * A chain that was written on must never be written on again from an older
 * place, so a backup has none. */
#include <string.h>

#include "crypto/hash.h"
#include "vault/groups.h"
#include "vault/records.h"

enum {
    GROUP_FIELDS_16 = 16,
    GROUP_FIELDS = 17,
    PEER_FIELDS_3 = 3,
    PEER_FIELDS = 5,
    GUEST_FIELDS = 3,
    OP_PLACE_BITS = 16,
    OPS_ARRIVING = LIMIT_GROUPS * LIMIT_GROUP_OPS,
};

/* An operation that was read, until its roster is assembled. */
struct arriving {
    uint64_t row;
    size_t size;
    uint8_t bytes[GROUP_OP_BYTES];
};

void groups_init(struct groups *groups)
{
    rows_init(&groups->rows, sizeof(struct vault_group), LIMIT_GROUPS, true);
    rows_init(&groups->arriving, sizeof(struct arriving), OPS_ARRIVING, false);
}

void groups_clear(struct groups *groups)
{
    for (size_t i = 0; i < groups->rows.count; i++) {
        struct vault_group *group = rows_at(&groups->rows, i);
        roster_clear(&group->roster);
    }
    rows_clear(&groups->rows);
    rows_clear(&groups->arriving);
}

/* Out. */

static void write_fixed(
    struct wire_writer *writer, const uint8_t *bytes, size_t size)
{
    wire_write_bytes(writer, (struct span){bytes, size});
}

/* Nothing takes one byte: most members lack nothing. */
static void write_lack(
    struct wire_writer *writer, const struct group_op_hash *lacks)
{
    static const struct group_op_hash nothing;
    bool is_set = memcmp(lacks, &nothing, sizeof(nothing)) != 0;
    write_fixed(writer, lacks->bytes, is_set ? sizeof(lacks->bytes) : 0);
}

static void write_people(
    const struct vault_group *group, struct wire_writer *writer)
{
    wire_write_array(writer, group->peer_count * PEER_FIELDS);
    for (size_t i = 0; i < group->peer_count; i++) {
        write_fixed(writer, group->peers[i].who.bytes, 32);
        wire_write_uint(writer, group->peers[i].epoch);
        wire_write_uint(writer, group->peers[i].known);
        wire_write_uint(writer, group->peers[i].told);
        write_lack(writer, &group->peers[i].lacks.hash);
    }
    wire_write_array(writer, group->guest_count * GUEST_FIELDS);
    for (size_t i = 0; i < group->guest_count; i++) {
        write_fixed(writer, group->guests[i].who.bytes, 32);
        wire_write_bool(writer, group->guests[i].admin);
        wire_write_uint(writer, group->guests[i].until_h);
    }
}

static void group_write(const struct vault_group *group,
    const struct group_sender *sender, struct wire_writer *writer)
{
    wire_write_array(writer, GROUP_FIELDS);
    write_fixed(writer, group->id.bytes, 32);
    wire_write_uint(writer, group->membership);
    wire_write_text(writer, groups_name(group));
    write_fixed(writer, group->inviter.bytes, 32);
    write_fixed(writer, group->key.seed, 32);
    write_fixed(writer, group->key.public_, 32);
    wire_write_uint(writer, group->epoch);
    wire_write_uint(writer, group->began_s);
    wire_write_bool(writer, group->is_stale);
    wire_write_uint(writer, sender->sent);
    write_fixed(writer, sender->chain_key, 32);
    write_fixed(writer, sender->tag_key, 32);
    write_fixed(writer, sender->sign_seed, 32);
    write_fixed(writer, sender->sign_public, 32);
    write_people(group, writer);
    write_lack(writer, &group->lacks.hash);
}

void groups_save(struct step *step, const struct vault_group *group)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    group_write(group, &group->sender, &writer);
    records_put(step, RECORD_GROUP, group->row, &writer);
}

void groups_write_chainless(
    const struct vault_group *group, struct wire_writer *writer)
{
    static const struct group_sender none;
    struct vault_group copy = *group;
    copy.is_stale = true;
    group_write(&copy, &none, writer);
    secret_wipe(&copy, sizeof(copy));
}

static uint64_t op_row(uint64_t group, size_t place)
{
    return group << OP_PLACE_BITS | (place + 1);
}

uint64_t groups_of_op(uint64_t row)
{
    return row >> OP_PLACE_BITS;
}

void groups_save_op(
    struct step *step, const struct vault_group *group, size_t place)
{
    const struct roster_op *entry = &group->roster.ops[place];
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 1);
    write_fixed(&writer, entry->bytes, entry->size);
    records_put(step, RECORD_GROUP_OP, op_row(group->row, place), &writer);
}

uint64_t groups_next_op(const struct groups *groups, uint64_t row)
{
    for (size_t i = 0; i < groups->rows.count; i++) {
        const struct vault_group *group = rows_at(&groups->rows, i);
        if (group->roster.count == 0 ||
            op_row(group->row, group->roster.count - 1) <= row)
            continue;
        return groups_of_op(row) == group->row ? row + 1
                                               : op_row(group->row, 0);
    }
    return 0;
}

void groups_forget(struct groups *groups, struct step *step, uint64_t row)
{
    struct vault_group *group = rows_find(&groups->rows, row);
    for (size_t i = 0; i < group->roster.count; i++)
        records_delete(step, RECORD_GROUP_OP, op_row(row, i));
    records_delete(step, RECORD_GROUP, row);
    roster_clear(&group->roster);
    rows_remove(&groups->rows, row);
    step_scrub(step);
}

/* In. */

static void read_lack(struct wire_reader *reader, struct group_op_hash *lacks)
{
    struct span bytes = wire_read_bytes(reader, sizeof(lacks->bytes));
    if (bytes.size == sizeof(lacks->bytes))
        memcpy(lacks->bytes, bytes.data, sizeof(lacks->bytes));
    else if (bytes.size != 0)
        reader->failed = true;
}

/* fields: of each.  With three, everybody was told all there was at once. */
static void read_peers(
    struct wire_reader *reader, struct vault_group *group, size_t fields)
{
    size_t items = wire_read_array(reader, LIMIT_GROUP_MEMBERS * fields);
    if (items % fields)
        reader->failed = true;
    group->peer_count = items / fields;
    for (size_t i = 0; i < group->peer_count; i++) {
        struct groups_peer *peer = &group->peers[i];
        wire_read_fixed(reader, peer->who.bytes, 32);
        peer->epoch = (uint32_t)wire_read_uint(reader, UINT32_MAX);
        peer->known = (uint32_t)wire_read_uint(reader, UINT32_MAX);
        peer->told = LIMIT_GROUP_OPS;
        if (fields == PEER_FIELDS_3)
            continue;
        peer->told = (uint32_t)wire_read_uint(reader, LIMIT_GROUP_OPS);
        read_lack(reader, &peer->lacks.hash);
    }
}

static void read_guests(struct wire_reader *reader, struct vault_group *group)
{
    size_t items =
        wire_read_array(reader, LIMIT_GROUP_MEMBERS * (size_t)GUEST_FIELDS);
    if (items % GUEST_FIELDS)
        reader->failed = true;
    group->guest_count = items / GUEST_FIELDS;
    for (size_t i = 0; i < group->guest_count; i++) {
        struct groups_guest *guest = &group->guests[i];
        wire_read_fixed(reader, guest->who.bytes, 32);
        guest->admin = wire_read_bool(reader);
        guest->until_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    }
}

static void read_sender(struct wire_reader *reader, struct group_sender *sender)
{
    sender->sent = (uint32_t)wire_read_uint(reader, LIMIT_GROUP_MESSAGES);
    wire_read_fixed(reader, sender->chain_key, 32);
    wire_read_fixed(reader, sender->tag_key, 32);
    wire_read_fixed(reader, sender->sign_seed, 32);
    wire_read_fixed(reader, sender->sign_public, 32);
}

static enum status group_read(
    struct wire_reader *reader, struct vault_group *group)
{
    size_t fields = wire_read_array(reader, GROUP_FIELDS);
    if (fields < GROUP_FIELDS_16)
        reader->failed = true;
    wire_read_fixed(reader, group->id.bytes, 32);
    group->membership =
        (enum membership)wire_read_uint(reader, MEMBERSHIP_REMOVED);
    struct span name = wire_read_text(reader, LIMIT_NAME_BYTES);
    wire_read_fixed(reader, group->inviter.bytes, 32);
    wire_read_fixed(reader, group->key.seed, 32);
    wire_read_fixed(reader, group->key.public_, 32);
    group->epoch = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    group->began_s = wire_read_uint(reader, UINT64_MAX);
    group->is_stale = wire_read_bool(reader);
    read_sender(reader, &group->sender);
    read_peers(
        reader, group, fields == GROUP_FIELDS_16 ? PEER_FIELDS_3 : PEER_FIELDS);
    read_guests(reader, group);
    if (fields != GROUP_FIELDS_16)
        read_lack(reader, &group->lacks.hash);
    enum status status = wire_read_done(reader);
    if (status)
        return status;
    if (group->membership < MEMBERSHIP_JOINING || name.size == 0)
        return STATUS_INVALID;
    group->name_size = (uint8_t)name.size;
    memcpy(group->name, name.data, name.size);
    return STATUS_OK;
}

enum status groups_load(
    struct groups *groups, struct step *step, const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    if (record->row > UINT32_MAX)
        return STATUS_INVALID;
    struct vault_group *group;
    enum status status = rows_add(&groups->rows, record->row, &group);
    if (status)
        return status;
    status = group_read(&reader, group);
    if (status)
        rows_remove(&groups->rows, record->row);
    return status;
}

enum status groups_load_op(
    struct groups *groups, struct step *step, const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    wire_read_array_of(&reader, 1);
    struct span bytes = wire_read_bytes(&reader, GROUP_OP_BYTES);
    enum status status = wire_read_done(&reader);
    struct arriving *op;
    if (!status)
        status = rows_add(&groups->arriving, record->row, &op);
    if (status)
        return status;
    op->size = bytes.size;
    memcpy(op->bytes, bytes.data, bytes.size);
    return STATUS_OK;
}

/* Whether a group that was written to, or read in, has what it must have. */
static bool is_whole(const struct vault_group *group)
{
    if (group->roster.count == 0)
        return group->membership == MEMBERSHIP_JOINING;
    return group_id_equal(roster_group(&group->roster), &group->id);
}

static void bound_told(struct vault_group *group)
{
    for (size_t i = 0; i < group->peer_count; i++)
        if (group->peers[i].told > group->roster.count)
            group->peers[i].told = (uint32_t)group->roster.count;
}

enum status groups_assemble(struct groups *groups)
{
    for (size_t i = 0; i < groups->arriving.count; i++) {
        const struct arriving *op = rows_at(&groups->arriving, i);
        struct vault_group *group =
            rows_find(&groups->rows, groups_of_op(op->row));
        if (!group || op->row != op_row(group->row, group->roster.count))
            return STATUS_INVALID;
        bool added = false;
        enum status status = roster_take(
            &group->roster, (struct span){op->bytes, op->size}, &added);
        if (status == STATUS_NO_MEMORY)
            return status;
        if (status || !added)
            return STATUS_INVALID;
    }
    rows_clear(&groups->arriving);
    for (size_t i = 0; i < groups->rows.count; i++) {
        struct vault_group *group = rows_at(&groups->rows, i);
        if (!is_whole(group))
            return STATUS_INVALID;
        bound_told(group);
    }
    return STATUS_OK;
}
