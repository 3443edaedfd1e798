/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_ERRAND_H
#define SIM_LIVE_ERRAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/table.h"
#include "proto/control.h"
#include "sim/live/folk_state.h"

/* What is asked of a node on its person's behalf: an answer says only which
 * request it is to, so what each is for is kept until it has one. */
struct course;

enum errand_asker {
    ERRAND_LETTER,
    ERRAND_GATHERING,     /* of a circle */
    ERRAND_CIRCLE_LETTER, /* of a circle's letter */
    ERRAND_SHIPMENT,      /* of a file */
    ERRAND_MEMBERS,       /* of a circle */
    ERRAND_CONTENT,       /* of a file */
};
struct errand {
    uint32_t node;
    enum errand_asker asker;
    uint32_t number;
};

/* Make room for so many at a time, in an empty table. */
void errand_init(struct table *asked, size_t most);

/* Ask a node that is up. */
void errand_ask(struct course *course, const struct errand *errand,
    struct control_request *request);

/* Whether a node is up. */
bool errand_is_up(const struct course *course, uint32_t node);

/* What a request was for, which has its answer now; false: it is none of
 * these. */
bool errand_end(
    struct course *course, uint32_t node, uint64_t request, struct errand *out);

/* Give up one that a node has not answered; false when there is none. */
bool errand_drop(struct course *course, uint32_t node, struct errand *out);

/* A node is about to be asked to send something. */
void errand_begin(struct course *course, struct folk_writing *writing);

/* A vault refused what was asked of it; the first is kept for the report. */
void errand_refused(
    struct course *course, uint32_t node, const struct control_reply *reply);

/* Whether a letter has the time of its writer's clock, right or false: from
 * when they were first asked to write it until now. */
bool errand_is_in_time(const struct course *course, uint32_t writer,
    const struct folk_writing *writing, const struct control_letter *letter);

/* What a node's person is called by everybody; it lies in out. */
enum { ERRAND_NAME_CHARS = 16 };
struct span errand_name(uint32_t node, char out[static ERRAND_NAME_CHARS]);

#endif
