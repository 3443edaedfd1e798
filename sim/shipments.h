/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SHIPMENTS_H
#define SIM_SHIPMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "base/table.h"
#include "proto/control.h"
#include "sim/scenario.h"

/* Every file that is sent in a run, and what has become of it. */
enum { SHIPMENTS_NAME_CHARS = 24 };

struct shipment {
    uint32_t from; /* nodes */
    uint32_t to;
    uint32_t bytes;
    uint32_t life_h;
    uint32_t offered; /* times its letter was shown */
    uint32_t taken;   /* bytes that came out, and are right */
    bool is_damaged;  /* others came out, or more, or fewer */
    bool urgent;
    bool refused;  /* the sender's vault would not take it */
    bool is_asked; /* for its content, of the recipient's vault */
    bool is_out;   /* it came out to the end */
    char id[CONTROL_MESSAGE_ID_CHARS + 1]; /* there */
    uint64_t write_at_us;                  /* planned */
    uint64_t sent_us;    /* the sender's vault took it; LETTERS_NEVER */
    uint64_t whole_us;   /* it came out, right, at the recipient's */
    uint64_t receipt_us; /* the sender knows */
};

struct shipments {
    struct shipment *list;
    uint32_t count;
    uint32_t sent;
    uint32_t whole;
    uint32_t receipts;
    uint32_t refused;
    uint64_t seed;
    struct table by_id; /* message id to index */
};

/* Draw the files of a scenario, among the pairs of these nodes that its letters
 * go between, two nodes or more.  STATUS_NO_MEMORY. */
MUST_USE enum status shipments_init(struct shipments *shipments,
    const struct scenario *scenario, const uint32_t *homes, uint32_t count);
void shipments_clear(struct shipments *shipments);

/* A file's name, which is its number; it lies in out.  Which file a name is of:
 * STATUS_NOT_FOUND when of none. */
struct span shipments_name(
    uint32_t index, char out[static SHIPMENTS_NAME_CHARS]);
MUST_USE enum status shipments_find(
    const struct shipments *shipments, struct span name, uint32_t *index);

/* Write a piece of a file's content, from a place on. */
void shipments_content(const struct shipments *shipments, uint32_t index,
    size_t from, uint8_t *out, size_t size);

/* The next piece of a file came out of its recipient's vault, to be held
 * against its content; whether it is the last.  Then it is there, if all was
 * right. */
MUST_USE enum status shipments_take(struct shipments *shipments, uint32_t index,
    struct span piece, bool is_last, uint64_t now_us);

/* As for letters. */
MUST_USE enum status shipments_sent(struct shipments *shipments, uint32_t index,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us);
void shipments_refused(struct shipments *shipments, uint32_t index);
void shipments_receipt(struct shipments *shipments,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us);

/* Whether a file was there past its lifetime. */
bool shipments_is_late(const struct shipment *shipment);

#endif
