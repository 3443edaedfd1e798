/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters.  They are read only after the seal has opened, so their author is
 * known; he is not trusted any further, and every limit holds here too. */
#include "proto/letter.h"

#include <assert.h>
#include <stdbool.h>

#include "proto/wire.h"

enum { LETTER_FIELDS = 6 };

static bool type_is_known(uint64_t type)
{
    return (type >= LETTER_TEXT && type <= LETTER_SIGNED_FILE) ||
           (type >= LETTER_PROPOSE && type <= LETTER_LAST);
}

static void read_ids_decode(struct wire_reader *reader, struct letter *letter)
{
    letter->read_count = wire_read_array(reader, LIMIT_READ_IDS);
    if (letter->read_count == 0)
        reader->failed = true;
    for (size_t i = 0; i < letter->read_count; i++)
        wire_read_fixed(
            reader, letter->read[i].bytes, sizeof(letter->read[i].bytes));
}

static void fixed_decode(struct wire_reader *reader, uint8_t out[static 32])
{
    wire_read_fixed(reader, out, 32);
}

static void group_invite_decode(
    struct wire_reader *reader, struct letter *letter)
{
    wire_read_array_of(reader, 2);
    fixed_decode(reader, letter->group.bytes);
    letter->name = wire_read_text(reader, LIMIT_NAME_BYTES);
    if (letter->name.size == 0)
        reader->failed = true;
}

static void join_decode(struct wire_reader *reader, struct letter *letter)
{
    uint8_t card[CARD_BYTES];
    wire_read_array_of(reader, 3);
    fixed_decode(reader, letter->group.bytes);
    fixed_decode(reader, letter->join_key);
    wire_read_fixed(reader, card, sizeof(card));
    if (!reader->failed && card_decode(card, &letter->card))
        reader->failed = true;
}

static void ops_decode(struct wire_reader *reader, struct letter *letter)
{
    wire_read_array_of(reader, 2);
    fixed_decode(reader, letter->group.bytes);
    letter->op_count = wire_read_array(reader, LIMIT_GROUP_OPS_LETTER);
    if (letter->op_count == 0)
        reader->failed = true;
    for (size_t i = 0; i < letter->op_count; i++) {
        letter->ops[i] = wire_read_bytes(reader, GROUP_OP_BYTES);
        if (letter->ops[i].size == 0)
            reader->failed = true;
    }
}

static void ask_decode(struct wire_reader *reader, struct letter *letter)
{
    wire_read_array_of(reader, 2);
    fixed_decode(reader, letter->group.bytes);
    letter->head_count = wire_read_array(reader, LIMIT_GROUP_PARENTS);
    for (size_t i = 0; i < letter->head_count; i++)
        fixed_decode(reader, letter->heads[i].bytes);
}

static void key_decode(struct wire_reader *reader, struct letter *letter)
{
    wire_read_array_of(reader, 6);
    fixed_decode(reader, letter->group.bytes);
    fixed_decode(reader, letter->view);
    letter->key.number =
        (uint32_t)wire_read_uint(reader, LIMIT_GROUP_MESSAGES - 1);
    fixed_decode(reader, letter->key.chain_key);
    fixed_decode(reader, letter->key.tag_key);
    fixed_decode(reader, letter->key.sign_public);
}

/* The first bytes of a conversation's id, or all of them. */
static void conversation_decode(
    struct wire_reader *reader, struct letter *letter, size_t size)
{
    wire_read_fixed(reader, letter->evidence.conversation.bytes, size);
}

static void half_decode(struct wire_reader *reader, struct letter *letter)
{
    wire_read_array_of(reader, 1);
    conversation_decode(reader, letter, EVIDENCE_HALF_BYTES);
}

static void accept_decode(struct wire_reader *reader, struct letter *letter)
{
    wire_read_array_of(reader, 1);
    conversation_decode(reader, letter, sizeof(struct evidence_id));
}

static void signed_decode(
    struct wire_reader *reader, struct letter *letter, size_t fields)
{
    wire_read_array_of(reader, 1 + EVIDENCE_PLACE_FIELDS + fields);
    conversation_decode(reader, letter, sizeof(struct evidence_id));
    evidence_read_place(reader, &letter->evidence);
    if (fields)
        letter->text = wire_read_text(reader, LIMIT_TEXT_BYTES);
    if (fields > 1)
        file_read_offer(reader, &letter->file);
}

static void file_decode(struct wire_reader *reader, struct letter *letter)
{
    wire_read_array_of(reader, 1 + FILE_OFFER_FIELDS);
    letter->text = wire_read_text(reader, LIMIT_TEXT_BYTES);
    file_read_offer(reader, &letter->file);
}

static void content_decode(struct wire_reader *reader, struct letter *letter)
{
    switch (letter->type) {
    case LETTER_TEXT:
        letter->text = wire_read_text(reader, LIMIT_TEXT_BYTES);
        break;
    case LETTER_READ:
    case LETTER_GROUP_RECEIPT:
        read_ids_decode(reader, letter);
        break;
    case LETTER_GROUP_INVITE:
        group_invite_decode(reader, letter);
        break;
    case LETTER_GROUP_JOIN:
        join_decode(reader, letter);
        break;
    case LETTER_GROUP_OPS:
        ops_decode(reader, letter);
        break;
    case LETTER_GROUP_ASK:
        ask_decode(reader, letter);
        break;
    case LETTER_GROUP_KEY:
        key_decode(reader, letter);
        break;
    case LETTER_WELCOME:
        letter->text = wire_read_text(reader, 0);
        break;
    case LETTER_FILE:
        file_decode(reader, letter);
        break;
    case LETTER_SIGNED_FILE:
        signed_decode(reader, letter, 1 + FILE_OFFER_FIELDS);
        break;
    case LETTER_FILE_PART:
        wire_read_array_of(reader, FILE_PART_FIELDS);
        file_read_part(reader, &letter->part);
        break;
    case LETTER_FILE_DONE:
        wire_read_array_of(reader, FILE_DONE_FIELDS);
        file_read_done(reader, &letter->done);
        break;
    case LETTER_PROPOSE:
    case LETTER_NONE:
        half_decode(reader, letter);
        break;
    case LETTER_ACCEPT:
        accept_decode(reader, letter);
        break;
    case LETTER_SIGNED:
        signed_decode(reader, letter, 1);
        break;
    case LETTER_END:
        signed_decode(reader, letter, 0);
        break;
    }
}

enum status letter_decode(struct span bytes, struct letter *out)
{
    struct wire_reader reader;
    wire_read_init(&reader, bytes);
    size_t fields = wire_read_array(&reader, SIZE_MAX);
    uint64_t type = wire_read_uint(&reader, UINT64_MAX);
    if (reader.failed)
        return STATUS_INVALID;
    if (!type_is_known(type))
        return wire_read_unknown(&reader, fields);
    if (fields != LETTER_FIELDS)
        return STATUS_INVALID;

    struct letter letter = {.type = (enum letter_type)type};
    wire_read_fixed(&reader, letter.id.bytes, sizeof(letter.id.bytes));
    letter.sent_at_s = wire_read_uint(&reader, LIMIT_TIME_S);
    letter.expires_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    letter.burn_s = (uint32_t)wire_read_uint(&reader, LIMIT_BURN_S);
    content_decode(&reader, &letter);
    enum status status = wire_read_done(&reader);
    if (status)
        return status;
    *out = letter;
    return STATUS_OK;
}

static enum status text_check(struct span text, size_t least, size_t most)
{
    if (text.size < least || text.size > most)
        return STATUS_TOO_LARGE;
    return wire_is_utf8(text) ? STATUS_OK : STATUS_INVALID;
}

static enum status count_check(size_t count, size_t most)
{
    return count >= 1 && count <= most ? STATUS_OK : STATUS_TOO_LARGE;
}

static enum status file_check(const struct letter *letter)
{
    const struct file_offer *file = &letter->file;
    if (file->bytes > LIMIT_NUMBER || file->parts.size % FILE_HASH_BYTES)
        return STATUS_TOO_LARGE;
    enum status status = text_check(letter->text, 0, LIMIT_TEXT_BYTES);
    return status ? status : text_check(file->name, 1, LIMIT_FILE_NAME_BYTES);
}

static enum status letter_check(const struct letter *letter)
{
    if (letter->sent_at_s > LIMIT_TIME_S || letter->burn_s > LIMIT_BURN_S)
        return STATUS_TOO_LARGE;
    switch (letter->type) {
    case LETTER_TEXT:
    case LETTER_SIGNED:
        return text_check(letter->text, 0, LIMIT_TEXT_BYTES);
    case LETTER_WELCOME:
        return text_check(letter->text, 0, 0);
    case LETTER_READ:
    case LETTER_GROUP_RECEIPT:
        return count_check(letter->read_count, LIMIT_READ_IDS);
    case LETTER_GROUP_INVITE:
        return text_check(letter->name, 1, LIMIT_NAME_BYTES);
    case LETTER_GROUP_OPS:
        return count_check(letter->op_count, LIMIT_GROUP_OPS_LETTER);
    case LETTER_GROUP_KEY:
        return letter->key.number < LIMIT_GROUP_MESSAGES ? STATUS_OK
                                                         : STATUS_TOO_LARGE;
    case LETTER_FILE:
    case LETTER_SIGNED_FILE:
        return file_check(letter);
    case LETTER_FILE_PART:
        return count_check(letter->part.bytes.size, LIMIT_FILE_PART_BYTES);
    case LETTER_GROUP_ASK:
        return letter->head_count <= LIMIT_GROUP_PARENTS ? STATUS_OK
                                                         : STATUS_TOO_LARGE;
    case LETTER_FILE_DONE:
    case LETTER_GROUP_JOIN:
    case LETTER_PROPOSE:
    case LETTER_ACCEPT:
    case LETTER_END:
    case LETTER_NONE:
        return STATUS_OK;
    }
    assert(!"a letter has a type");
    return STATUS_INVALID;
}

static void fixed_encode(
    struct wire_writer *writer, const uint8_t *bytes, size_t size)
{
    wire_write_bytes(writer, (struct span){bytes, size});
}

static void group_encode(
    struct wire_writer *writer, const struct letter *letter, size_t fields)
{
    wire_write_array(writer, fields);
    fixed_encode(writer, letter->group.bytes, sizeof(letter->group.bytes));
}

static void read_ids_encode(
    struct wire_writer *writer, const struct letter *letter)
{
    wire_write_array(writer, letter->read_count);
    for (size_t i = 0; i < letter->read_count; i++)
        fixed_encode(
            writer, letter->read[i].bytes, sizeof(letter->read[i].bytes));
}

static void join_encode(struct wire_writer *writer, const struct letter *letter)
{
    uint8_t card[CARD_BYTES];
    card_encode(&letter->card, card);
    group_encode(writer, letter, 3);
    fixed_encode(writer, letter->join_key, sizeof(letter->join_key));
    fixed_encode(writer, card, sizeof(card));
}

static void ops_encode(struct wire_writer *writer, const struct letter *letter)
{
    group_encode(writer, letter, 2);
    wire_write_array(writer, letter->op_count);
    for (size_t i = 0; i < letter->op_count; i++)
        wire_write_bytes(writer, letter->ops[i]);
}

static void ask_encode(struct wire_writer *writer, const struct letter *letter)
{
    group_encode(writer, letter, 2);
    wire_write_array(writer, letter->head_count);
    for (size_t i = 0; i < letter->head_count; i++)
        fixed_encode(
            writer, letter->heads[i].bytes, sizeof(letter->heads[i].bytes));
}

static void key_encode(struct wire_writer *writer, const struct letter *letter)
{
    group_encode(writer, letter, 6);
    fixed_encode(writer, letter->view, sizeof(letter->view));
    wire_write_uint(writer, letter->key.number);
    fixed_encode(writer, letter->key.chain_key, 32);
    fixed_encode(writer, letter->key.tag_key, 32);
    fixed_encode(writer, letter->key.sign_public, 32);
}

static void conversation_encode(
    struct wire_writer *writer, const struct letter *letter, size_t size)
{
    fixed_encode(writer, letter->evidence.conversation.bytes, size);
}

static void signed_encode(
    struct wire_writer *writer, const struct letter *letter, size_t fields)
{
    wire_write_array(writer, 1 + EVIDENCE_PLACE_FIELDS + fields);
    conversation_encode(writer, letter, sizeof(struct evidence_id));
    evidence_write_place(writer, &letter->evidence);
    if (fields)
        wire_write_text(writer, letter->text);
    if (fields > 1)
        file_write_offer(writer, &letter->file);
}

static void content_encode(
    struct wire_writer *writer, const struct letter *letter)
{
    switch (letter->type) {
    case LETTER_TEXT:
    case LETTER_WELCOME:
        wire_write_text(writer, letter->text);
        break;
    case LETTER_READ:
    case LETTER_GROUP_RECEIPT:
        read_ids_encode(writer, letter);
        break;
    case LETTER_GROUP_INVITE:
        group_encode(writer, letter, 2);
        wire_write_text(writer, letter->name);
        break;
    case LETTER_GROUP_JOIN:
        join_encode(writer, letter);
        break;
    case LETTER_GROUP_OPS:
        ops_encode(writer, letter);
        break;
    case LETTER_GROUP_ASK:
        ask_encode(writer, letter);
        break;
    case LETTER_GROUP_KEY:
        key_encode(writer, letter);
        break;
    case LETTER_FILE:
        wire_write_array(writer, 1 + FILE_OFFER_FIELDS);
        wire_write_text(writer, letter->text);
        file_write_offer(writer, &letter->file);
        break;
    case LETTER_SIGNED_FILE:
        signed_encode(writer, letter, 1 + FILE_OFFER_FIELDS);
        break;
    case LETTER_FILE_PART:
        wire_write_array(writer, FILE_PART_FIELDS);
        file_write_part(writer, &letter->part);
        break;
    case LETTER_FILE_DONE:
        wire_write_array(writer, FILE_DONE_FIELDS);
        file_write_done(writer, &letter->done);
        break;
    case LETTER_PROPOSE:
    case LETTER_NONE:
        wire_write_array(writer, 1);
        conversation_encode(writer, letter, EVIDENCE_HALF_BYTES);
        break;
    case LETTER_ACCEPT:
        wire_write_array(writer, 1);
        conversation_encode(writer, letter, sizeof(struct evidence_id));
        break;
    case LETTER_SIGNED:
        signed_encode(writer, letter, 1);
        break;
    case LETTER_END:
        signed_encode(writer, letter, 0);
        break;
    }
}

enum status letter_encode(
    const struct letter *letter, uint8_t *out, size_t capacity, size_t *size)
{
    enum status status = letter_check(letter);
    if (status)
        return status;
    struct wire_writer writer;
    wire_write_init(&writer, out, capacity);
    wire_write_array(&writer, LETTER_FIELDS);
    wire_write_uint(&writer, letter->type);
    fixed_encode(&writer, letter->id.bytes, sizeof(letter->id.bytes));
    wire_write_uint(&writer, letter->sent_at_s);
    wire_write_uint(&writer, letter->expires_h);
    wire_write_uint(&writer, letter->burn_s);
    content_encode(&writer, letter);
    return wire_write_done(&writer, size);
}
