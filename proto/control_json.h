/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_CONTROL_JSON_H
#define PROTO_CONTROL_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/control_table.h"

/* Structs to JSON objects and back, by their tables. */

/* Put the fields of the struct at base into object, those of the mask.
 * STATUS_TOO_LARGE past a limit, STATUS_INVALID when a text is not UTF-8,
 * STATUS_NO_MEMORY; the object may then hold some of them. */
MUST_USE enum status control_json_write(json_t *object,
    const struct member_table *table, const void *base, uint32_t mask);
enum { MEMBERS_ALL = 0xffffffffu };

/* Which fields of the struct are not zero, as a mask. */
uint32_t control_json_present(
    const struct member_table *table, const void *base);

/* Take an object's members into the struct at base, which borrows from it:
 * only members of the mask allowed, each of the mask required.  extra members
 * of the object are the caller's own.  STATUS_INVALID, or STATUS_TOO_LARGE past
 * a limit, with a static *why. */
struct members_rule {
    uint32_t allowed;
    uint32_t required;
    size_t extra;
    const char *why;
};
MUST_USE enum status control_json_read(const json_t *object,
    const struct member_table *table, struct members_rule *rule, void *base);

/* One integer from 0 to maximum.  STATUS_INVALID. */
MUST_USE enum status control_json_number(
    const json_t *value, uint64_t maximum, uint64_t *out);

/* Overwrite bytes so that the compiler can't leave it out. */
void control_json_wipe(void *bytes, size_t size);

#endif
