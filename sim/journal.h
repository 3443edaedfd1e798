/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_JOURNAL_H
#define SIM_JOURNAL_H

#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/queue.h"

/* A run written down as it goes, for who compares it with another: the trace
 * hash of each virtual second, and the events of some.
 *
 *     SECOND HASH EVENTS              at a second's end, so many events so far
 *     @US TO FROM SEQUENCE WHAT DIGEST        an event; nodes, or - the mesh
 */
struct journal {
    FILE *file;
    uint64_t second;   /* the last one written */
    uint64_t first_us; /* events from here */
    uint64_t last_us;  /* to here, both included; 0: none */
};

/* Open a file to write; seconds is of whom events are, "FIRST:LAST" or one, or
 * NULL.  STATUS_INVALID and STATUS_IO with a complaint. */
MUST_USE enum status journal_open(struct journal *journal, const char *path,
    const char *seconds, struct complaint *complaint);

/* Whether all of it could be written. */
bool journal_close(struct journal *journal);

/* An event; what is its kind in a word. */
void journal_event(const struct journal *journal,
    const struct queue_event *event, const char *what, uint64_t digest);

/* A virtual second may have ended. */
void journal_second(struct journal *journal, uint64_t second, const char *hash,
    uint64_t events);

/* One line, read back. */
struct journal_line {
    bool is_event;
    uint64_t second; /* or the event's, rounded up */
    char text[160];  /* as it stands there */
    struct queue_event event;
    char what[24];
};

/* The next one of a stream.  STATUS_NOT_FOUND at the end, STATUS_INVALID where
 * it is none. */
MUST_USE enum status journal_read(FILE *stream, struct journal_line *out);

#endif
