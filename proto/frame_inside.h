/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_FRAME_INSIDE_H
#define PROTO_FRAME_INSIDE_H

#include "base/status.h"

struct frame;
struct frame_scratch;
struct wire_reader;
struct wire_writer;

/* Rows of frame.c's table that stand in a file of their own.  A reader leaves
 * the error in the reader; a writer returns it. */
void frame_forward_join_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame);
enum status frame_forward_join_write(
    struct wire_writer *writer, const struct frame *frame);

void frame_neighbor_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame);
enum status frame_neighbor_write(
    struct wire_writer *writer, const struct frame *frame);

void frame_neighbor_reply_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame);
enum status frame_neighbor_reply_write(
    struct wire_writer *writer, const struct frame *frame);

/* SHUFFLE and SHUFFLE_REPLY, which has no hops. */
void frame_shuffle_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame);
enum status frame_shuffle_write(
    struct wire_writer *writer, const struct frame *frame);

#endif
