/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A uv_poll handle that outlives its owner by one turn of the loop, as libuv
 * wants it, without the owner having to wait. */
#include "platform/watch.h"

#include <assert.h>
#include <stdlib.h>
#include <uv.h>

struct watch {
    uv_poll_t poll; /* first: the handle is the watch */
    void (*ready)(void *owner);
    void *owner;
};

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = (struct watch *)poll;

    (void)status; /* an error is a hang-up, and shows in the next read */
    (void)events;
    watch->ready(watch->owner);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

struct watch *watch_new(struct uv_loop_s *loop, int descriptor,
    enum watch_for what, void (*ready)(void *owner), void *owner)
{
    struct watch *watch = malloc(sizeof(*watch));

    if (!watch || uv_poll_init(loop, &watch->poll, descriptor) != 0) {
        free(watch);
        return NULL;
    }
    watch->ready = ready;
    watch->owner = owner;
    int failed = uv_poll_start(&watch->poll,
        what == WATCH_READABLE ? UV_READABLE : UV_DISCONNECT, on_event);
    assert(!failed);
    return watch;
}

void watch_free(struct watch *watch)
{
    if (watch)
        uv_close((uv_handle_t *)&watch->poll, on_closed);
}
