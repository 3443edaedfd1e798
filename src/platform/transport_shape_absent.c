/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the place of transport_shape.c: a node that serves people is not asked to
 * lose their mail. */
#include "platform/transport_shape.h"

enum status transport_shape_check(const char *text, const char **why)
{
    (void)text;
    *why = "this sottod was built without --enable-link-shape, which is for "
           "simulations";
    return STATUS_INVALID;
}

enum status transport_shape_new(struct uv_loop_s *loop,
    struct transport *transport, const char *text, struct transport_shape **out)
{
    (void)loop, (void)transport, (void)text, (void)out;
    return STATUS_REFUSED;
}

void transport_shape_free(struct transport_shape *shape)
{
    (void)shape;
}

enum status transport_shape_pass(struct transport_shape *shape, uint32_t link,
    struct lane lane, const struct transport_frame *frame)
{
    (void)shape, (void)link, (void)lane, (void)frame;
    return STATUS_NOT_FOUND;
}

void transport_shape_hangup(struct transport_shape *shape, uint32_t link)
{
    (void)shape, (void)link;
}
