/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structs to lines: a tree of JSON values is built from the tables, printed
 * once into memory of the exact size, and wiped.
 *
 * A builder keeps the first failure, so that the functions here can put one
 * member after another and ask once.  Of what a terminal obeys, JSON escapes
 * the first 32 characters; the controls U+0080 to U+009F are escaped too, since
 * a stranger's letter may be printed as it stands. */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "proto/control_json.h"
#include "proto/wire.h"

struct builder {
    json_t *root;
    enum status status;
};

static struct builder builder_begin(void)
{
    json_t *root = json_object();
    return (struct builder){root, root ? STATUS_OK : STATUS_NO_MEMORY};
}

static void note(struct builder *builder, enum status status)
{
    if (builder->status == STATUS_OK)
        builder->status = status;
}

/* Put value, which is taken over, into an object of the tree. */
static void put(
    struct builder *builder, json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new_nocheck(object, name, value))
        note(builder, STATUS_NO_MEMORY);
}

static void put_text(
    struct builder *builder, json_t *object, const char *name, struct span text)
{
    if (!wire_is_utf8(text))
        note(builder, STATUS_INVALID);
    else
        put(builder, object, name,
            json_stringn_nocheck(
                text.size ? (const char *)text.data : "", text.size));
}

static void put_word(
    struct builder *builder, json_t *object, const char *name, const char *word)
{
    put_text(
        builder, object, name, word ? span_of_text(word) : (struct span){0});
}

static void put_number(
    struct builder *builder, json_t *object, const char *name, uint64_t number)
{
    if (number > LIMIT_NUMBER)
        note(builder, STATUS_TOO_LARGE);
    else
        put(builder, object, name, json_integer((json_int_t)number));
}

static void put_members(struct builder *builder, json_t *object,
    const struct member_table *table, const void *base)
{
    if (builder->status == STATUS_OK)
        note(builder, control_json_write(object, table, base, MEMBERS_ALL));
}

/* A new object or array inside another; NULL when there is no memory, which
 * every jansson call takes. */
static json_t *put_new(
    struct builder *builder, json_t *object, const char *name, json_t *value)
{
    put(builder, object, name, value);
    return json_object_get(object, name);
}

static json_t *append_new(struct builder *builder, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value))
        note(builder, STATUS_NO_MEMORY);
    return json_array_get(array, json_array_size(array) - 1);
}

/* The two bytes of U+0080 .. U+009F in UTF-8. */
static bool is_c1(const char *at)
{
    return (uint8_t)at[0] == 0xc2 && (uint8_t)at[1] >= 0x80 &&
           (uint8_t)at[1] <= 0x9f;
}

/* Print value at out, which has room for size bytes and a NUL, and return the
 * size with each C1 control written as \u00XX. */
static size_t dump_escaped(const json_t *value, char *out, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    json_dumpb(value, out, size, JSON_COMPACT | JSON_ENCODE_ANY);
    out[size] = '\0';
    size_t extra = 0;
    for (size_t i = 0; i + 1 < size; i++)
        extra += is_c1(out + i) ? 4 : 0;
    /* From the end, so that the bytes move only once. */
    for (size_t from = size, to = size + extra; from < to;) {
        if (from >= 2 && is_c1(out + from - 2)) {
            uint8_t low = (uint8_t)out[from - 1];
            from -= 2;
            to -= 6;
            memcpy(out + to, "\\u00", 4);
            out[to + 4] = digits[low >> 4];
            out[to + 5] = digits[low & 15];
        } else
            out[--to] = out[--from];
    }
    return size + extra;
}

/* Lines while they are put together. */
struct lines {
    char *text;
    size_t size;
};

/* Add one value and a newline.  Escaping makes two bytes six. */
static enum status lines_add(struct lines *lines, const json_t *value)
{
    size_t size = json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
    if (size == 0)
        return STATUS_NO_MEMORY;
    size_t needed = lines->size + 3 * size + 2;
    char *text = malloc(needed);
    if (!text)
        return STATUS_NO_MEMORY;
    if (lines->size)
        memcpy(text, lines->text, lines->size);
    control_line_free(lines->text, lines->size);
    lines->text = text;
    lines->size += dump_escaped(value, text + lines->size, size);
    lines->text[lines->size++] = '\n';
    return STATUS_OK;
}

/* End the builder, and hand the lines out if all went well. */
static enum status lines_end(
    struct lines *lines, struct builder *builder, char **out, size_t *size)
{
    enum status status = builder->status;
    json_decref(builder->root);
    if (status) {
        control_line_free(lines->text, lines->size);
        return status;
    }
    *out = lines->text;
    *size = lines->size;
    return STATUS_OK;
}

static enum status one_line(
    struct builder *builder, size_t maximum, char **out, size_t *size)
{
    struct lines lines = {0};
    if (builder->status == STATUS_OK)
        builder->status = lines_add(&lines, builder->root);
    if (lines.size > maximum)
        note(builder, STATUS_TOO_LARGE);
    return lines_end(&lines, builder, out, size);
}

void control_line_free(char *line, size_t size)
{
    if (line)
        control_json_wipe(line, size);
    free(line);
}

static void put_counts(struct builder *builder, json_t *object,
    const char *name, const struct control_count *counts, size_t count)
{
    json_t *inner = put_new(builder, object, name, json_object());
    for (size_t i = 0; i < count; i++)
        put_number(builder, inner, counts[i].name, counts[i].count);
}

static void put_rows(struct builder *builder, json_t *array,
    const struct member_table *table, const void *rows, size_t count)
{
    for (size_t i = 0; i < count && builder->status == STATUS_OK; i++)
        put_members(builder, append_new(builder, array, json_object()), table,
            (const char *)rows + i * table->struct_bytes);
}

static void put_texts(struct builder *builder, json_t *object, const char *name,
    const struct span *texts, size_t count)
{
    json_t *array = put_new(builder, object, name, json_array());
    for (size_t i = 0; i < count; i++) {
        if (!wire_is_utf8(texts[i]))
            note(builder, STATUS_INVALID);
        else
            append_new(builder, array,
                json_stringn_nocheck(
                    texts[i].size ? (const char *)texts[i].data : "",
                    texts[i].size));
    }
}

static void put_relay(struct builder *builder, json_t *object,
    const struct control_relay_status *relay)
{
    json_t *node = put_new(builder, object, "node", json_object());
    put_members(builder, node, &control_table_node, relay);
    put_texts(
        builder, node, "endpoints", relay->endpoints, relay->endpoint_count);
    put_rows(builder, put_new(builder, object, "links", json_array()),
        &control_table_links, relay->links, relay->link_count);
    put_members(builder, put_new(builder, object, "proxy", json_object()),
        &control_table_proxy, relay);
    put_members(builder, put_new(builder, object, "shelf", json_object()),
        &control_table_shelf, relay);
    put_members(builder, put_new(builder, object, "stamps", json_object()),
        &control_table_stamps, relay);
    put_word(builder, object, "sandbox", relay->sandbox);
    put_counts(
        builder, object, "refused", relay->refused, relay->refused_count);
    put_counts(
        builder, object, "traffic", relay->traffic, relay->traffic_count);
}

static void put_error(
    struct builder *builder, json_t *object, const struct control_reply *reply)
{
    enum status status = reply->error.status;
    put_number(builder, object, "code", (uint64_t)control_exit_code(status));
    put_text(builder, object, "message", reply->error.message);
    json_t *data = put_new(builder, object, "data", json_object());
    put_word(builder, data, "status", status_name(status));
}

/* The rows of a reply, wherever in its union they are. */
static const void *rows_of(
    const struct control_reply *reply, const struct kind_row *row)
{
    const void *rows;
    memcpy(&rows, (const char *)reply + row->offset, sizeof(rows));
    return rows;
}

static void put_result(
    struct builder *builder, json_t *object, const struct control_reply *reply)
{
    const struct kind_row *row = control_table_kind(reply->kind);
    const void *base = (const char *)reply + row->offset;
    switch (row->shape) {
    case SHAPE_ERROR:
        put_error(builder, object, reply);
        break;
    case SHAPE_NOTHING:
        break;
    case SHAPE_OBJECT:
        put_members(builder, object, row->table, base);
        break;
    case SHAPE_ROWS:
        if (reply->count > LIMIT_CONTROL_ROWS)
            note(builder, STATUS_TOO_LARGE);
        put_rows(builder, put_new(builder, object, "rows", json_array()),
            row->table, rows_of(reply, row), reply->count);
        put_number(builder, object, "next", reply->next);
        break;
    case SHAPE_RELAY:
        put_relay(builder, object, base);
        break;
    }
}

static struct builder message_begin(void)
{
    struct builder builder = builder_begin();
    put_word(&builder, builder.root, "jsonrpc", "2.0");
    return builder;
}

enum status control_request_encode(
    const struct control_request *request, char **out, size_t *size)
{
    const struct method_row *method = control_table_method(request->method);
    uint32_t present = control_json_present(&control_table_params, request);
    assert((present & ~method->allowed) == 0);
    struct builder builder = message_begin();
    put_number(&builder, builder.root, "id", request->id);
    put_word(&builder, builder.root, "method", method->name);
    json_t *params = put_new(&builder, builder.root, "params", json_object());
    if (builder.status == STATUS_OK)
        builder.status = control_json_write(
            params, &control_table_params, request, present | method->required);
    return one_line(&builder, LIMIT_CONTROL_LINE_BYTES, out, size);
}

enum status control_reply_encode(
    const struct control_reply *reply, char **out, size_t *size)
{
    const struct kind_row *row = control_table_kind(reply->kind);
    struct builder builder = message_begin();
    json_t *root = builder.root, *inner;
    if (row->is_note) {
        put_word(&builder, root, "method", row->name);
        inner = put_new(&builder, root, "params", json_object());
    } else {
        bool error = row->shape == SHAPE_ERROR;
        put_number(&builder, root, "id", reply->id);
        inner =
            put_new(&builder, root, error ? "error" : "result", json_object());
        if (!error)
            put_word(&builder, inner, "kind", row->name);
    }
    put_result(&builder, inner, reply);
    return one_line(&builder, LIMIT_CONTROL_LINE_BYTES, out, size);
}

/* Rows, one a line. */
static enum status rows_print(
    const struct control_reply *reply, char **out, size_t *size)
{
    struct builder builder = builder_begin();
    json_t *rows = put_new(&builder, builder.root, "rows", json_array());
    const struct kind_row *row = control_table_kind(reply->kind);
    put_rows(&builder, rows, row->table, rows_of(reply, row), reply->count);
    struct lines lines = {.text = malloc(1)};
    if (!lines.text)
        note(&builder, STATUS_NO_MEMORY);
    for (size_t i = 0; i < reply->count && builder.status == STATUS_OK; i++)
        note(&builder, lines_add(&lines, json_array_get(rows, i)));
    return lines_end(&lines, &builder, out, size);
}

enum status control_reply_print(
    const struct control_reply *reply, char **out, size_t *size)
{
    const struct kind_row *row = control_table_kind(reply->kind);
    if (row->shape == SHAPE_ROWS)
        return rows_print(reply, out, size);
    struct builder builder = builder_begin();
    json_t *inner = builder.root;
    if (row->is_note)
        put_word(&builder, inner, "event", row->name);
    if (row->shape == SHAPE_ERROR)
        inner = put_new(&builder, inner, "error", json_object());
    put_result(&builder, inner, reply);
    return one_line(&builder, SIZE_MAX, out, size);
}

static void put_vault(struct builder *builder, json_t *vault, json_t *sandbox,
    const struct control_vault_status *status)
{
    if (!status) {
        put_word(builder, vault, "state", "not-running");
        return;
    }
    put_members(builder, vault, control_table_kind(CONTROL_VAULT_STATUS)->table,
        status);
    json_object_del(vault, "sandbox");
    put_word(builder, sandbox, "vault", status->sandbox);
}

enum status control_status_print(const struct control_relay_status *relay,
    const struct control_vault_status *vault, char **out, size_t *size)
{
    struct builder builder = builder_begin();
    json_t *root = builder.root;
    if (relay)
        put_relay(&builder, root, relay);
    json_t *inner = put_new(&builder, root, "vault", json_object());
    json_t *sandbox = put_new(&builder, root, "sandbox", json_object());
    if (relay)
        put_word(&builder, sandbox, "relay", relay->sandbox);
    put_vault(&builder, inner, sandbox, vault);
    return one_line(&builder, SIZE_MAX, out, size);
}

enum status control_fields_print(
    const struct control_field *fields, size_t count, char **out, size_t *size)
{
    struct builder builder = builder_begin();
    for (size_t i = 0; i < count; i++) {
        const struct control_field *field = &fields[i];
        if (field->text)
            put_word(&builder, builder.root, field->name, field->text);
        else if (field->body)
            put_text(&builder, builder.root, field->name, *field->body);
        else if (field->list)
            put_texts(&builder, builder.root, field->name, field->list,
                (size_t)field->number);
        else
            put_number(&builder, builder.root, field->name, field->number);
    }
    return one_line(&builder, SIZE_MAX, out, size);
}
