/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IMPORT_ENCOUNTERS_H
#define SIM_IMPORT_ENCOUNTERS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "sim/complaint.h"

/* Two nodes were in touch from one moment until another. */
struct encounter {
    uint64_t from_us;
    uint64_t to_us; /* later */
    uint32_t one;
    uint32_t other; /* more than one */
};

/* What a foreign trace says, on its way to a file of ours.  Begins zeroed. */
struct encounters {
    struct encounter *list;
    size_t count;
    size_t capacity;
    uint32_t *names; /* what the file called each node, or NULL: as we do */
    size_t node_count;
    uint64_t origin_us; /* what the file called our time 0 */
};

/* Append one; its ends may come in any order.  STATUS_NO_MEMORY. */
MUST_USE enum status encounters_add(
    struct encounters *contacts, const struct encounter *contact);

/* Make one of those of a pair that overlap, or follow without a gap. */
void encounters_join(struct encounters *contacts);

/* Number the nodes from 0, in the order of the file's numbers, and the time
 * from the first contact.  STATUS_INVALID with a complaint where our traces
 * have no room for so many nodes or so long a time; STATUS_NO_MEMORY. */
MUST_USE enum status encounters_settle(
    struct encounters *contacts, const char *path, struct complaint *complaint);

/* Where their times are later than ours can be, as when they are counted from
 * 1970, count them from the second of the first contact; otherwise leave them.
 * STATUS_INVALID with a complaint where they are too many all the same. */
MUST_USE enum status encounters_shift(
    struct encounters *contacts, const char *path, struct complaint *complaint);

/* Write them as sotto-scenario(5) has them: in order of time, those who part
 * before those who meet.  STATUS_NO_MEMORY; whether it could be written is the
 * stream's to know. */
MUST_USE enum status encounters_print(
    const struct encounters *contacts, FILE *stream);

/* From time 0 until the last contact ends. */
uint64_t encounters_end_us(const struct encounters *contacts);

void encounters_clear(struct encounters *contacts);

#endif
