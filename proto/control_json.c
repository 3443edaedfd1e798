/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of a table, one member of an object: the only place that knows how
 * a C type looks in JSON.  jansson has checked UTF-8 and refused NUL before a
 * string comes here; what goes out is checked here. */
#include "proto/control_json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"

void control_json_wipe(void *bytes, size_t size)
{
    if (size == 0)
        return;
    memset(bytes, 0, size);
    __asm__ volatile("" : : "r"(bytes) : "memory");
}

/* jansson's memory holds passphrases and letters: each block remembers its
 * size, and is wiped when it is freed.  jansson 2.14 never reallocates. */
union block_head {
    size_t size;
    max_align_t align;
};

static void *block_malloc(size_t size)
{
    if (size > SIZE_MAX - sizeof(union block_head))
        return NULL;
    union block_head *head = malloc(sizeof(*head) + size);
    if (!head)
        return NULL;
    head->size = size;
    return head + 1;
}

static void block_free(void *block)
{
    if (!block)
        return;
    union block_head *head = (union block_head *)block - 1;
    control_json_wipe(block, head->size);
    free(head);
}

void control_init(uint64_t seed)
{
    json_set_alloc_funcs(block_malloc, block_free);
    json_object_seed(seed ? (size_t)seed : 1); /* 0: read a device file */
}

static const void *field_at(const void *base, const struct member *member)
{
    return (const char *)base + member->offset;
}

static uint64_t number_at(const void *at)
{
    uint64_t number;
    memcpy(&number, at, sizeof(number));
    return number;
}

static struct span span_at(const void *at)
{
    struct span span;
    memcpy(&span, at, sizeof(span));
    return span;
}

/* A member that is text, as bytes. */
static struct span text_at(const void *at, enum member_kind kind)
{
    const char *word = at;
    if (kind == MEMBER_SPAN)
        return span_at(at);
    if (kind == MEMBER_WORD)
        memcpy(&word, at, sizeof(word));
    return word ? span_of_text(word) : (struct span){0};
}

static enum status text_write(
    const struct member *member, const void *at, json_t **out)
{
    struct span text = text_at(at, member->kind);
    if (text.size > member->limit)
        return STATUS_TOO_LARGE;
    if (!wire_is_utf8(text))
        return STATUS_INVALID;
    *out = json_stringn_nocheck(
        text.size ? (const char *)text.data : "", text.size);
    return STATUS_OK;
}

static enum status number_write(
    const struct member *member, const void *at, json_t **out)
{
    uint64_t number = number_at(at);
    if (number > member->limit)
        return STATUS_TOO_LARGE;
    *out = json_integer((json_int_t)number);
    return STATUS_OK;
}

static enum status value_write(
    const struct member *member, const void *at, json_t **out)
{
    switch (member->kind) {
    case MEMBER_SPAN:
    case MEMBER_CHARS:
    case MEMBER_WORD:
        return text_write(member, at, out);
    case MEMBER_NUMBER:
        return number_write(member, at, out);
    case MEMBER_BOOL:
        *out = json_boolean(*(const bool *)at);
        return STATUS_OK;
    case MEMBER_OUTBOX_STATE:
        *out = json_string(outbox_state_name(*(const enum outbox_state *)at));
        return STATUS_OK;
    case MEMBER_VAULT_STATE:
        *out = json_string(vault_state_name(*(const enum vault_state *)at));
        return STATUS_OK;
    }
    return STATUS_INVALID;
}

enum status control_json_write(json_t *object, const struct member_table *table,
    const void *base, uint32_t mask)
{
    assert(table->count <= 32);
    for (size_t i = 0; i < table->count; i++) {
        const struct member *member = &table->members[i];
        if (!(mask >> i & 1))
            continue;
        json_t *value = NULL;
        enum status status =
            value_write(member, field_at(base, member), &value);
        if (status)
            return status;
        if (json_object_set_new_nocheck(object, member->name, value))
            return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

static bool field_is_present(const struct member *member, const void *at)
{
    switch (member->kind) {
    case MEMBER_SPAN:
    case MEMBER_CHARS:
    case MEMBER_WORD:
        return text_at(at, member->kind).size > 0;
    case MEMBER_NUMBER:
        return number_at(at) > 0;
    case MEMBER_BOOL:
        return *(const bool *)at;
    case MEMBER_OUTBOX_STATE:
    case MEMBER_VAULT_STATE:
        return true;
    }
    return false;
}

uint32_t control_json_present(
    const struct member_table *table, const void *base)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct member *member = &table->members[i];
        if (field_is_present(member, field_at(base, member)))
            mask |= 1u << i;
    }
    return mask;
}

enum status control_json_number(
    const json_t *value, uint64_t maximum, uint64_t *out)
{
    if (!json_is_integer(value))
        return STATUS_INVALID;
    json_int_t number = json_integer_value(value);
    if (number < 0)
        return STATUS_INVALID;
    if ((uint64_t)number > maximum)
        return STATUS_TOO_LARGE;
    *out = (uint64_t)number;
    return STATUS_OK;
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (!((*text >= 'a' && *text <= 'z') ||
                (*text >= '0' && *text <= '9') || *text == ':'))
            return false;
    return true;
}

static enum status text_read(
    const json_t *value, const struct member *member, void *at)
{
    if (!json_is_string(value))
        return STATUS_INVALID;
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    if (size > member->limit)
        return STATUS_TOO_LARGE;
    if (member->kind == MEMBER_SPAN) {
        struct span span = {(const uint8_t *)text, size};
        memcpy(at, &span, sizeof(span));
    } else if (member->kind == MEMBER_WORD) {
        memcpy(at, &text, sizeof(text));
    } else {
        if (!is_plain(text))
            return STATUS_INVALID;
        memcpy(at, text, size + 1);
    }
    return STATUS_OK;
}

static enum status outbox_state_read(
    const json_t *value, enum outbox_state *out)
{
    if (!json_is_string(value))
        return STATUS_INVALID;
    for (int i = OUTBOX_QUEUED; i <= OUTBOX_REFUSED; i++) {
        if (strcmp(json_string_value(value),
                outbox_state_name((enum outbox_state)i)) == 0) {
            *out = (enum outbox_state)i;
            return STATUS_OK;
        }
    }
    return STATUS_INVALID;
}

static enum status vault_state_read(const json_t *value, enum vault_state *out)
{
    if (!json_is_string(value))
        return STATUS_INVALID;
    for (int i = VAULT_EMPTY; i <= VAULT_UNLOCKED; i++) {
        if (strcmp(json_string_value(value),
                vault_state_name((enum vault_state)i)) == 0) {
            *out = (enum vault_state)i;
            return STATUS_OK;
        }
    }
    return STATUS_INVALID;
}

static enum status value_read(
    const json_t *value, const struct member *member, void *at)
{
    switch (member->kind) {
    case MEMBER_SPAN:
    case MEMBER_CHARS:
    case MEMBER_WORD:
        return text_read(value, member, at);
    case MEMBER_NUMBER:
        return control_json_number(value, member->limit, at);
    case MEMBER_BOOL:
        if (!json_is_boolean(value))
            return STATUS_INVALID;
        *(bool *)at = json_is_true(value);
        return STATUS_OK;
    case MEMBER_OUTBOX_STATE:
        return outbox_state_read(value, at);
    case MEMBER_VAULT_STATE:
        return vault_state_read(value, at);
    }
    return STATUS_INVALID;
}

enum status control_json_read(const json_t *object,
    const struct member_table *table, struct members_rule *rule, void *base)
{
    size_t taken = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct member *member = &table->members[i];
        const json_t *value = rule->allowed >> i & 1
                                  ? json_object_get(object, member->name)
                                  : NULL;
        if (!value && rule->required >> i & 1) {
            rule->why = "a member that is needed is missing";
            return STATUS_INVALID;
        }
        if (!value)
            continue;
        enum status status =
            value_read(value, member, (char *)base + member->offset);
        rule->why = status == STATUS_TOO_LARGE && member->too_large
                        ? member->too_large
                        : "a member has the wrong type or is over its limit";
        if (status)
            return status;
        taken++;
    }
    rule->why = "a member is not known here";
    return json_object_size(object) == taken + rule->extra ? STATUS_OK
                                                           : STATUS_INVALID;
}
