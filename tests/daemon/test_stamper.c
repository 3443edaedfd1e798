/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stamps are made while the loop goes on, in order, and given up at once. */
#include "daemon/stamper.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "proto/limits.h"
#include "tests/tap.h"

enum { BITS = 3, EXPIRES_H = 480000, JOBS = 4, TICKS = 200 };

struct made {
    struct envelope_id ids[JOBS];
    uint8_t stamps[JOBS][ENVELOPE_STAMP_BYTES];
    size_t count;
    bool is_elsewhere; /* told in another thread */
    pthread_t loop;
};

static void on_made(
    void *context, const struct envelope_id *id, const uint8_t *stamp)
{
    struct made *made = context;
    need(made->count < JOBS && stamp);
    made->is_elsewhere |= !pthread_equal(made->loop, pthread_self());
    made->ids[made->count] = *id;
    memcpy(made->stamps[made->count++], stamp, ENVELOPE_STAMP_BYTES);
}

static struct envelope_id id_of(uint8_t number)
{
    struct envelope_id id;
    memset(id.bytes, number, sizeof(id.bytes));
    return id;
}

static struct stamper *begin(struct made *made)
{
    struct stamper *stamper;
    *made = (struct made){.loop = pthread_self()};
    const struct stamper_config config = {.loop = uv_default_loop(),
        .nonce = 77,
        .made = on_made,
        .context = made};
    need(stamper_new(&config, &stamper) == STATUS_OK);
    return stamper;
}

static void in_order(void)
{
    struct made made;
    struct stamper *stamper = begin(&made);
    bool are_good = true;
    for (uint8_t i = 0; i < JOBS; i++) {
        struct envelope_id id = id_of(i);
        need(stamper_make(stamper, &id, EXPIRES_H, BITS) == STATUS_OK);
    }
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    for (uint8_t i = 0; i < made.count; i++) {
        struct envelope_id id = id_of(i);
        are_good &= envelope_id_equal(&made.ids[i], &id) &&
                    made.stamps[i][0] >= BITS &&
                    stamp_check(&id, EXPIRES_H, made.stamps[i]) == STATUS_OK;
    }
    ok(made.count == JOBS && are_good,
        "each stamp is made, in the order asked for, and is good");
    ok(!made.is_elsewhere, "and told in the loop's thread");
    stamper_free(stamper);
}

static void on_tick(uv_timer_t *timer)
{
    unsigned *ticks = timer->data;
    if (++*ticks == TICKS)
        uv_stop(timer->loop);
}

/* A stamp that nobody ever makes: a loop that made it would never tick. */
static void the_loop_goes_on(void)
{
    struct made made;
    struct stamper *stamper = begin(&made);
    struct envelope_id id = id_of(9);
    uv_timer_t timer;
    unsigned ticks = 0;
    uv_timer_init(uv_default_loop(), &timer);
    timer.data = &ticks;
    uv_timer_start(&timer, on_tick, 1, 1);
    need(stamper_make(stamper, &id, EXPIRES_H, STAMP_BITS_MOST) == STATUS_OK &&
         stamper_make(stamper, &id, EXPIRES_H, STAMP_BITS_MOST) == STATUS_OK);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    ok(ticks == TICKS && made.count == 0,
        "while a stamp is made the loop goes on");
    stamper_free(stamper);
    uv_close((uv_handle_t *)&timer, NULL);
    ok(uv_run(uv_default_loop(), UV_RUN_DEFAULT) == 0 && made.count == 0,
        "and one that is given up holds nothing up, nor the one behind it");
    stamper_free(NULL);
}

int main(void)
{
    alarm(120);
    need(crypto_start() == 0);
    in_order();
    the_loop_goes_on();
    ok(uv_loop_close(uv_default_loop()) == 0, "nothing is left in the loop");
    return tap_done();
}
