/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_CONTROL_TABLE_H
#define PROTO_CONTROL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/control.h"

/* The shape of control's structs: which member of the JSON object is which
 * field of the struct.  Only the control_*.c files read it; reading and writing
 * are driven by the same rows, so that they can't differ. */

enum member_kind {
    MEMBER_SPAN,   /* struct span; limit: bytes */
    MEMBER_CHARS,  /* char[limit + 1]: lower-case letters, digits, a colon */
    MEMBER_WORD,   /* const char *; limit: bytes */
    MEMBER_NUMBER, /* uint64_t; limit: the largest value */
    MEMBER_BOOL,   /* bool */
    MEMBER_OUTBOX_STATE,
    MEMBER_VAULT_STATE,
};

struct member {
    const char *name;
    enum member_kind kind;
    size_t offset;
    uint64_t limit;
    const char *too_large; /* what to say past the limit; or NULL */
};

struct member_table {
    size_t count;
    size_t struct_bytes;
    const struct member *members;
};

#define MEMBER_TABLE(type, rows)                                               \
    {                                                                          \
        sizeof(rows) / sizeof((rows)[0]), sizeof(type), rows                   \
    }

/* tcp://ADDRESS:PORT, '#' and a key. */
enum {
    CONTROL_ENDPOINT_KEY_CHARS =
        LIMIT_ENDPOINT_BYTES + 1 + CONTROL_NODE_KEY_CHARS,
};

/* A request's parameters: bit i of a mask stands for row i. */
extern const struct member_table control_table_params;

struct method_row {
    const char *name;
    enum control_service service;
    uint32_t allowed;  /* mask */
    uint32_t required; /* mask */
};

/* The row of a method, which is one; and the method of a name.  False when
 * there is none. */
const struct method_row *control_table_method(enum control_method method);
bool control_table_find_method(const char *name, enum control_method *out);

/* What lies in a reply's union. */
enum reply_shape {
    SHAPE_ERROR, /* error */
    SHAPE_NOTHING,
    SHAPE_OBJECT, /* one struct of the table */
    SHAPE_ROWS,   /* a pointer to an array of them */
    SHAPE_RELAY,  /* struct control_relay_status */
};

struct kind_row {
    enum control_kind kind;
    const char *name; /* "kind" of a result; the method of a notification */
    bool is_note;
    enum reply_shape shape;
    size_t offset; /* in struct control_reply */
    const struct member_table *table;
};

/* The row of a kind, which is one; and the row of a name, or NULL. */
const struct kind_row *control_table_kind(enum control_kind kind);
const struct kind_row *control_table_find_kind(const char *name, bool is_note);

/* Tables that the shape of a relay's status is put together from. */
extern const struct member_table control_table_links;
extern const struct member_table control_table_node;
extern const struct member_table control_table_shelf;
extern const struct member_table control_table_proxy;
extern const struct member_table control_table_stamps;

#endif
