/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_SHAPE_H
#define PLATFORM_TRANSPORT_SHAPE_H

#include "base/status.h"
#include "platform/transport.h"

/* A transport whose links are as bad as a scenario says: for simulations, on
 * machines whose kernel cannot do it.  `./configure --enable-link-shape` builds
 * it in; otherwise every text is refused. */
struct transport_shape;

/* Whether this build takes such a text (see shape_read): STATUS_OK, or
 * STATUS_INVALID with *why, a static text. */
MUST_USE enum status transport_shape_check(const char *text, const char **why);

/* text has passed the check.  The transport is borrowed, and must outlive this.
 * STATUS_NO_MEMORY. */
MUST_USE enum status transport_shape_new(struct uv_loop_s *loop,
    struct transport *transport, const char *text,
    struct transport_shape **out);

/* As transport_free: the loop must still run. */
void transport_shape_free(struct transport_shape *shape);

/* As transport_pass: but the frame goes later, or not at all. */
MUST_USE enum status transport_shape_pass(struct transport_shape *shape,
    uint32_t link, struct lane lane, const struct transport_frame *frame);

/* Before transport_hangup: what is kept for the link goes now. */
void transport_shape_hangup(struct transport_shape *shape, uint32_t link);

#endif
