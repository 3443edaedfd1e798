/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames wait here, before the transport: what it then does with them is what
 * it always does.  Its own word on a frame comes too late for the engine; a
 * full queue by then is one more frame lost on the way. */
#include "config.h"

#include "platform/transport_shape.h"

#include <stdlib.h>
#include <uv.h>

#include "platform/random.h"
#include "platform/shape.h"
#include "platform/transport_inside.h"

struct transport_shape {
    struct transport *transport;
    struct shape *shape;
    uv_timer_t timer;
};

enum status transport_shape_check(const char *text, const char **why)
{
    struct shape_terms terms;
    *why = "it is not latency_us=N,jitter_us=N,loss_ppm=N,bandwidth=N";
    return shape_read(text, &terms);
}

enum status transport_shape_new(struct uv_loop_s *loop,
    struct transport *transport, const char *text, struct transport_shape **out)
{
    struct shape_terms terms;
    struct transport_shape *shape = calloc(1, sizeof(*shape));
    if (!shape || shape_read(text, &terms) ||
        !(shape->shape = shape_new(&terms, random_system()))) {
        free(shape);
        return STATUS_NO_MEMORY;
    }
    shape->transport = transport;
    uv_timer_init(loop, &shape->timer);
    shape->timer.data = shape;
    *out = shape;
    return STATUS_OK;
}

static void on_closed(uv_handle_t *handle)
{
    struct transport_shape *shape = handle->data;
    shape_free(shape->shape);
    free(shape);
}

void transport_shape_free(struct transport_shape *shape)
{
    if (shape)
        uv_close((uv_handle_t *)&shape->timer, on_closed);
}

static uint64_t now_us(void)
{
    return uv_hrtime() / 1000;
}

/* What was demoted here is told of as what the transport demotes. */
static void tell_demoted(struct transport_shape *shape)
{
    struct envelope_id id;
    uint32_t link;
    while (shape_take_demoted(shape->shape, &link, &id)) {
        transport_note_demoted(shape->transport, link, &id);
        transport_stir(shape->transport);
    }
}

static void pass_on(struct transport_shape *shape)
{
    struct shape_arrival arrival;
    while (shape_take(shape->shape, now_us(), &arrival))
        (void)!transport_send(
            shape->transport, arrival.link, arrival.lane, arrival.frame);
    tell_demoted(shape);
}

static void on_timer(uv_timer_t *timer);

/* libuv counts in milliseconds, from the beginning of its turn. */
static void wait_next(struct transport_shape *shape)
{
    uint64_t due_us = shape_due_us(shape->shape), now = now_us();
    if (due_us == UINT64_MAX) {
        uv_timer_stop(&shape->timer);
        return;
    }
    uv_update_time(shape->timer.loop);
    uv_timer_start(&shape->timer, on_timer,
        due_us > now ? (due_us - now + 500) / 1000 : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct transport_shape *shape = timer->data;
    pass_on(shape);
    wait_next(shape);
}

enum status transport_shape_pass(struct transport_shape *shape, uint32_t link,
    struct lane lane, const struct transport_frame *frame)
{
    enum status status = shape_send(shape->shape, link, lane, frame, now_us());
    tell_demoted(shape);
    wait_next(shape);
    return status == STATUS_NO_MEMORY ? STATUS_AGAIN : status;
}

void transport_shape_hangup(struct transport_shape *shape, uint32_t link)
{
    shape_hurry(shape->shape, link);
    pass_on(shape);
    wait_next(shape);
}
