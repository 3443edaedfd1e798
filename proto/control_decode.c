/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines to structs.
 *
 * The line's structure is counted before jansson sees it, so that a megabyte
 * of brackets cannot become forty of arrays.  After that every member must be
 * known, of its type and within its limit.  The values stay in jansson's tree,
 * from which the structs borrow; lists of structs are blocks beside it. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "proto/control_json.h"

enum { MEMORY_BLOCKS = 4 }; /* a relay's status has four lists */

struct control_memory {
    json_t *root;
    size_t block_count;
    void *blocks[MEMORY_BLOCKS];
};

/* A line while it is decoded. */
struct decoder {
    struct control_message message;
    const char *why;
};

static enum status refuse(struct decoder *decoder, const char *why)
{
    decoder->why = why;
    return STATUS_INVALID;
}

/* Memory for a list, freed with the message. */
static void *block_new(struct decoder *decoder, size_t count, size_t size)
{
    struct control_memory *memory = decoder->message.memory;
    if (memory->block_count == MEMORY_BLOCKS)
        return NULL;
    void *block = calloc(count ? count : 1, size);
    if (block)
        memory->blocks[memory->block_count++] = block;
    return block;
}

/* Whether values, names and nesting stay within their limits.  Whether it is
 * JSON at all is not asked. */
static bool structure_is_bounded(struct span line)
{
    size_t tokens = 0, depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < line.size; i++) {
        uint8_t c = line.data[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '[')) {
            tokens++;
            if (++depth > LIMIT_CONTROL_DEPTH)
                return false;
        } else if (!in_string && (c == '}' || c == ']'))
            depth -= depth > 0;
        else if (!in_string && c == ',')
            tokens++;
    }
    return tokens <= LIMIT_CONTROL_TOKENS;
}

/* All of a table's members, and extra ones that the caller has seen to. */
static enum status whole_read(struct decoder *decoder, const json_t *object,
    const struct member_table *table, size_t extra, void *base)
{
    if (!json_is_object(object))
        return refuse(decoder, "an object is missing");
    struct members_rule rule = {MEMBERS_ALL, MEMBERS_ALL, extra, NULL};
    enum status status = control_json_read(object, table, &rule, base);
    if (status)
        decoder->why = rule.why;
    return status;
}

static enum status rows_read(struct decoder *decoder, const json_t *array,
    const struct member_table *table, const void **rows, size_t *count)
{
    size_t size = json_array_size(array);
    if (!json_is_array(array) || size > LIMIT_CONTROL_ROWS)
        return refuse(decoder, "rows are missing, or too many");
    char *block = block_new(decoder, size, table->struct_bytes);
    if (!block)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < size; i++) {
        enum status status = whole_read(decoder, json_array_get(array, i),
            table, 0, block + i * table->struct_bytes);
        if (status)
            return status;
    }
    *rows = block;
    *count = size;
    return STATUS_OK;
}

static enum status texts_read(struct decoder *decoder, const json_t *array,
    const struct span **texts, size_t *count)
{
    size_t size = json_array_size(array);
    if (!json_is_array(array) || size > LIMIT_CONTROL_ROWS)
        return refuse(decoder, "a list is missing, or too long");
    struct span *block = block_new(decoder, size, sizeof(*block));
    if (!block)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < size; i++) {
        const json_t *text = json_array_get(array, i);
        if (!json_is_string(text))
            return refuse(decoder, "a list holds what is not text");
        block[i] = (struct span){
            (const uint8_t *)json_string_value(text), json_string_length(text)};
    }
    *texts = block;
    *count = size;
    return STATUS_OK;
}

static enum status counts_read(struct decoder *decoder, json_t *object,
    const struct control_count **counts, size_t *count)
{
    size_t size = json_object_size(object), i = 0;
    if (!json_is_object(object) || size > LIMIT_CONTROL_ROWS)
        return refuse(decoder, "counts are missing, or too many");
    struct control_count *block = block_new(decoder, size, sizeof(*block));
    if (!block)
        return STATUS_NO_MEMORY;
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        block[i].name = name;
        if (control_json_number(value, LIMIT_NUMBER, &block[i++].count))
            return refuse(decoder, "a count is not a number");
    }
    *counts = block;
    *count = size;
    return STATUS_OK;
}

static enum status node_read(struct decoder *decoder, const json_t *node,
    struct control_relay_status *relay)
{
    enum status status =
        whole_read(decoder, node, &control_table_node, 1, relay);
    if (status)
        return status;
    return texts_read(decoder, json_object_get(node, "endpoints"),
        &relay->endpoints, &relay->endpoint_count);
}

static enum status relay_read(struct decoder *decoder, const json_t *object,
    struct control_relay_status *relay)
{
    const void *links = NULL;
    enum status status =
        node_read(decoder, json_object_get(object, "node"), relay);
    if (!status)
        status = rows_read(decoder, json_object_get(object, "links"),
            &control_table_links, &links, &relay->link_count);
    relay->links = links;
    if (!status)
        status = whole_read(decoder, json_object_get(object, "proxy"),
            &control_table_proxy, 0, relay);
    if (!status)
        status = whole_read(decoder, json_object_get(object, "shelf"),
            &control_table_shelf, 0, relay);
    if (!status)
        status = whole_read(decoder, json_object_get(object, "stamps"),
            &control_table_stamps, 0, relay);
    if (!status)
        status = counts_read(decoder, json_object_get(object, "refused"),
            &relay->refused, &relay->refused_count);
    if (!status)
        status = counts_read(decoder, json_object_get(object, "traffic"),
            &relay->traffic, &relay->traffic_count);
    if (status)
        return status;
    const json_t *sandbox = json_object_get(object, "sandbox");
    relay->sandbox = json_string_value(sandbox);
    if (!relay->sandbox || json_object_size(object) != 9)
        return refuse(decoder, "a relay's status has other members than ours");
    return STATUS_OK;
}

static enum status status_find(const char *name, enum status *out)
{
    for (int i = STATUS_OK + 1; i <= STATUS_IO; i++) {
        if (strcmp(status_name((enum status)i), name) == 0) {
            *out = (enum status)i;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

static enum status error_read(struct decoder *decoder, json_t *error)
{
    struct control_reply *reply = &decoder->message.reply;
    const json_t *message = json_object_get(error, "message");
    const json_t *data = json_object_get(error, "data");
    const char *word = json_string_value(json_object_get(data, "status"));
    uint64_t code;
    reply->kind = CONTROL_ERROR;
    if (!json_is_string(message) || !word || json_object_size(error) != 3 ||
        json_object_size(data) != 1 ||
        status_find(word, &reply->error.status) ||
        control_json_number(json_object_get(error, "code"), INT32_MAX, &code) ||
        code != (uint64_t)control_exit_code(reply->error.status))
        return refuse(decoder, "an error is not of our form");
    reply->error.message =
        (struct span){(const uint8_t *)json_string_value(message),
            json_string_length(message)};
    return STATUS_OK;
}

static enum status list_read(
    struct decoder *decoder, const json_t *result, const struct kind_row *row)
{
    struct control_reply *reply = &decoder->message.reply;
    const void *rows = NULL;
    enum status status = rows_read(decoder, json_object_get(result, "rows"),
        row->table, &rows, &reply->count);
    if (status)
        return status;
    memcpy((char *)reply + row->offset, &rows, sizeof(rows));
    if (control_json_number(
            json_object_get(result, "next"), LIMIT_NUMBER, &reply->next) ||
        json_object_size(result) != 3)
        return refuse(decoder, "rows have other members than ours");
    return STATUS_OK;
}

/* The fields of a result, which has "kind" besides, or of a notification. */
static enum status fields_read(
    struct decoder *decoder, json_t *object, const struct kind_row *row)
{
    struct control_reply *reply = &decoder->message.reply;
    static const struct member_table nothing = {0};
    size_t extra = row->is_note ? 0 : 1;
    reply->kind = row->kind;
    switch (row->shape) {
    case SHAPE_ERROR:
        break;
    case SHAPE_NOTHING:
        return whole_read(decoder, object, &nothing, extra, reply);
    case SHAPE_OBJECT:
        return whole_read(
            decoder, object, row->table, extra, (char *)reply + row->offset);
    case SHAPE_ROWS:
        return list_read(decoder, object, row);
    case SHAPE_RELAY:
        return relay_read(decoder, object, &reply->relay);
    }
    return refuse(decoder, "an error is not a result");
}

static enum status reply_read(struct decoder *decoder, const json_t *root)
{
    decoder->message.is_reply = true;
    json_t *result = json_object_get(root, "result");
    json_t *error = json_object_get(root, "error");
    if (control_json_number(json_object_get(root, "id"), LIMIT_NUMBER,
            &decoder->message.reply.id) ||
        json_object_size(root) != 3)
        return refuse(decoder, "a reply has an id and a result or an error");
    if (error)
        return error_read(decoder, error);
    const char *kind = json_string_value(json_object_get(result, "kind"));
    const struct kind_row *row =
        kind ? control_table_find_kind(kind, false) : NULL;
    if (!row)
        return refuse(decoder, "a result's kind is not known here");
    return fields_read(decoder, result, row);
}

static enum status note_read(
    struct decoder *decoder, const json_t *root, const char *method)
{
    decoder->message.is_reply = true;
    const struct kind_row *row = control_table_find_kind(method, true);
    if (!row || json_object_size(root) != 3)
        return refuse(decoder, "a request has an id; without one, the "
                               "method must be a notification's");
    return fields_read(decoder, json_object_get(root, "params"), row);
}

static enum status request_read(
    struct decoder *decoder, const json_t *root, const char *method)
{
    struct control_request *request = &decoder->message.request;
    if (!control_table_find_method(method, &request->method))
        return refuse(decoder, "the method is not known here");
    const json_t *params = json_object_get(root, "params");
    if (json_object_size(root) != (params ? 4 : 3))
        return refuse(decoder, "a member is not known here");
    const struct method_row *row = control_table_method(request->method);
    if (!params && !row->required)
        return STATUS_OK;
    if (!json_is_object(params))
        return refuse(decoder, "params is not an object with the members that "
                               "are needed");
    struct members_rule rule = {row->allowed, row->required, 0, NULL};
    enum status status =
        control_json_read(params, &control_table_params, &rule, request);
    if (status)
        decoder->why = rule.why;
    return status;
}

static enum status root_read(struct decoder *decoder, const json_t *root)
{
    const json_t *id = json_object_get(root, "id");
    const json_t *version = json_object_get(root, "jsonrpc");
    const json_t *method = json_object_get(root, "method");
    if (!json_is_object(root))
        return refuse(decoder, "not an object");
    if (id &&
        control_json_number(id, LIMIT_NUMBER, &decoder->message.request.id))
        return refuse(decoder, "the id is not a whole number from 0 to 2^53-1");
    if (!json_is_string(version) ||
        strcmp(json_string_value(version), "2.0") != 0)
        return refuse(decoder, "jsonrpc is not \"2.0\"");
    if (!method)
        return reply_read(decoder, root);
    if (!json_is_string(method))
        return refuse(decoder, "the method is not a text");
    return id ? request_read(decoder, root, json_string_value(method))
              : note_read(decoder, root, json_string_value(method));
}

static enum status line_parse(struct decoder *decoder, struct span line)
{
    if (line.size > LIMIT_CONTROL_LINE_BYTES || !structure_is_bounded(line))
        return refuse(decoder, "the line is too long, too deep or has too "
                               "many members");
    json_error_t error;
    const char *text = line.size ? (const char *)line.data : "";
    json_t *root = json_loadb(text, line.size, JSON_REJECT_DUPLICATES, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory)
        return STATUS_NO_MEMORY;
    control_json_wipe(&error, sizeof(error)); /* it quotes the line */
    if (!root)
        return refuse(decoder, "not JSON, or a member is there twice");
    decoder->message.memory->root = root;
    return root_read(decoder, root);
}

enum status control_decode(
    struct span line, struct control_message *out, const char **why)
{
    struct decoder decoder = {.why = "out of memory"};
    struct control_memory *memory = calloc(1, sizeof(*memory));
    enum status status = STATUS_NO_MEMORY;
    if (memory) {
        decoder.message.memory = memory;
        status = line_parse(&decoder, line);
    }
    if (status) {
        *why = decoder.why;
        out->request.id = decoder.message.request.id;
        control_message_clear(&decoder.message);
        return status;
    }
    *out = decoder.message;
    return STATUS_OK;
}

void control_message_clear(struct control_message *message)
{
    struct control_memory *memory = message->memory;
    if (memory) {
        for (size_t i = 0; i < memory->block_count; i++)
            free(memory->blocks[i]);
        json_decref(memory->root);
        free(memory);
    }
    *message = (struct control_message){0};
}
