/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames over links that are slow, uneven and lossy: by a clock of our own. */
#include "platform/shape.h"

#include <string.h>

#include "proto/limits.h"
#include "tests/tap.h"

static const struct lane forward = {LANE_FORWARD, 0},
                         control = {LANE_CONTROL, 0};

enum { SECOND_US = 1000000, FRAME = 1000 };

static uint8_t bytes[FRAME];
static const struct transport_frame frame = {.bytes = {bytes, FRAME}};
static const struct envelope_id envelope = {{7}};
static const struct transport_frame passed = {
    .bytes = {bytes, FRAME}, .forward = &envelope};
static struct random_seeded chance;

static struct shape *make(const char *text)
{
    struct shape_terms terms;
    random_seeded_init(&chance, 7, 1);
    return shape_read(text, &terms) == STATUS_OK
               ? shape_new(&terms, &chance.base)
               : NULL;
}

/* Take all that arrive by then; how many, and the last one's mark. */
static int take_all(struct shape *shape, uint64_t now_us, uint8_t *mark)
{
    struct shape_arrival arrival;
    int count = 0;
    for (; shape_take(shape, now_us, &arrival); count++)
        *mark = arrival.frame.data[0];
    return count;
}

static void test_read(void)
{
    struct shape_terms terms;
    ok(shape_read("jitter_us=3,latency_us=20,loss_ppm=1000000,bandwidth=5",
           &terms) == STATUS_OK &&
            terms.latency_us == 20 && terms.jitter_us == 3 &&
            terms.loss_ppm == 1000000 && terms.bandwidth == 5,
        "terms are read by name, in any order");
    ok(shape_read("", &terms) == STATUS_OK && terms.latency_us == 0,
        "none are none");
    static const char *const wrong[] = {"latency=20ms",
        "latency_us=", "latency_us=-1", "latency_us=1x", "loss_ppm=1000001",
        ",", "latency_us=1,,jitter_us=1", "latency_us=9999999999999999999"};
    bool refused = true;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        refused = refused && shape_read(wrong[i], &terms) == STATUS_INVALID;
    ok(refused, "what is none of these is refused");
}

static void test_latency(void)
{
    struct shape *shape = make("latency_us=20000");
    uint8_t mark = 0;
    ok(shape_due_us(shape) == UINT64_MAX, "nothing is under way at first");
    ok(shape_send(shape, 1, forward, &frame, 5) == STATUS_OK &&
            shape_due_us(shape) == 20005,
        "a frame takes the latency");
    ok(take_all(shape, 20004, &mark) == 0 && take_all(shape, 20005, &mark) == 1,
        "and is there then, and not before");
    shape_free(shape);
}

static void test_jitter(void)
{
    struct shape *shape = make("latency_us=1000,jitter_us=50000");
    bool ordered = true;
    struct shape_arrival arrival;
    uint64_t least = UINT64_MAX, most = 0;
    for (int i = 0; i < 200; i++) {
        bytes[0] = (uint8_t)i;
        ordered = ordered &&
                  shape_send(shape, 1 + i % 2, control, &frame, 0) == STATUS_OK;
    }
    uint8_t last[2] = {0, 0};
    for (int i = 0; i < 200; i++) {
        uint64_t due = shape_due_us(shape);
        least = due < least ? due : least;
        most = due > most ? due : most;
        ordered = ordered && shape_take(shape, due, &arrival);
        uint8_t *before = &last[arrival.link - 1];
        ordered = ordered && arrival.frame.data[0] >= *before;
        *before = arrival.frame.data[0];
    }
    ok(ordered, "the frames of a link keep their order");
    ok(least >= 1000 && most <= 51000 && most > 40000,
        "jitter is added to the latency, and no more than that");
    shape_free(shape);
    bytes[0] = 0;
}

static void test_loss(void)
{
    struct shape *shape = make("loss_ppm=250000");
    uint8_t mark = 0;
    for (int i = 0; i < 2000; i++)
        (void)!shape_send(shape, 3, forward, &frame, 0);
    int came = take_all(shape, 0, &mark);
    ok(came > 1400 && came < 1600, "a quarter of the frames is lost");
    shape_free(shape);
}

static void test_bandwidth(void)
{
    struct shape *shape = make("bandwidth=10000");
    uint8_t mark = 0;
    for (int i = 0; i < 10; i++)
        (void)!shape_send(shape, 4, forward, &frame, 0);
    ok(take_all(shape, SECOND_US / 2, &mark) == 5,
        "half a second carries half of a second's bytes");
    ok(shape_send(shape, 5, forward, &frame, SECOND_US / 2) == STATUS_OK &&
            take_all(shape, SECOND_US * 6 / 10, &mark) == 2,
        "and each link has its own");
    int taken = 0;
    while (taken < 1000 &&
           shape_send(shape, 4, forward, &frame, SECOND_US) == STATUS_OK)
        taken++;
    ok(taken > 150 && taken <= (int)(LIMIT_LINK_QUEUE_BYTES / FRAME) + 1,
        "what waits is bounded by a link's queue");
    shape_free(shape);
}

/* On a link of 10 kB/s: the next that arrives, of a link that has just sent. */
static bool comes_next(struct shape *shape, enum lane_rank rank, uint8_t mark)
{
    struct shape_arrival arrival;
    uint64_t due_us = shape_due_us(shape);
    while (due_us != UINT64_MAX && !shape_take(shape, due_us, &arrival))
        due_us = shape_due_us(shape);
    return due_us != UINT64_MAX && arrival.lane.rank == rank &&
           arrival.frame.data[0] == mark;
}

static void test_ranks(void)
{
    struct shape *shape = make("bandwidth=10000,latency_us=1000");
    uint8_t mark = 0;
    for (uint8_t i = 1; i <= 3; i++) {
        bytes[0] = i;
        (void)!shape_send(shape, 1, forward, &frame, 0);
    }
    bytes[0] = 4;
    (void)!shape_send(shape, 1, control, &frame, 0);
    ok(comes_next(shape, LANE_FORWARD, 1) &&
            comes_next(shape, LANE_CONTROL, 4) &&
            comes_next(shape, LANE_FORWARD, 2),
        "what has to wait leaves by rank, and by age in it");
    ok(shape_due_us(shape) == 401000 && take_all(shape, 400999, &mark) == 0 &&
            take_all(shape, 401000, &mark) == 1 && mark == 3,
        "and then takes as long as its bytes do, and the latency");
    shape_free(shape);
    bytes[0] = 0;
}

static void test_demoted(void)
{
    struct shape *shape = make("bandwidth=100");
    struct envelope_id id = {{0}};
    uint8_t mark = 0;
    uint32_t link = 0;
    (void)!shape_send(shape, 6, forward, &frame, 0);
    (void)!shape_send(shape, 6, forward, &passed, SECOND_US);
    bytes[0] = 9;
    (void)!shape_send(shape, 6, forward, &frame, SECOND_US);
    uint64_t stale_us = SECOND_US + LIMIT_FORWARD_STALE_MS * 1000;
    ok(shape_due_us(shape) == stale_us &&
            take_all(shape, stale_us - 1, &mark) == 0 &&
            !shape_take_demoted(shape, &link, &id),
        "a forward that waits is looked at when it is stale");
    ok(take_all(shape, stale_us, &mark) == 0 &&
            shape_take_demoted(shape, &link, &id) && link == 6 &&
            id.bytes[0] == 7 && !shape_take_demoted(shape, &link, &id),
        "and is demoted then");
    ok(take_all(shape, 20 * SECOND_US, &mark) == 2 && mark == 9 &&
            shape_due_us(shape) == UINT64_MAX,
        "what was asked for comes, however late");
    bytes[0] = 0;
    (void)!shape_send(shape, 6, forward, &frame, 20 * SECOND_US);
    (void)!shape_send(shape, 6, forward, &passed, 20 * SECOND_US);
    shape_free(shape); /* with what waits */
}

static void test_hurry(void)
{
    struct shape *shape = make("latency_us=1000000");
    struct shape_arrival arrival = {0};
    bytes[0] = 1;
    (void)!shape_send(shape, 1, forward, &frame, 0);
    bytes[0] = 2;
    (void)!shape_send(shape, 2, control, &frame, 0);
    bytes[0] = 3;
    (void)!shape_send(shape, 2, forward, &frame, 0);
    shape_hurry(shape, 2);
    ok(shape_take(shape, 0, &arrival) && arrival.frame.data[0] == 2 &&
            arrival.lane.rank == LANE_CONTROL &&
            shape_take(shape, 0, &arrival) && arrival.frame.data[0] == 3 &&
            !shape_take(shape, 0, &arrival),
        "what is under way on a link that ends is there at once, in order");
    ok(shape_take(shape, SECOND_US, &arrival) && arrival.link == 1,
        "and the other's later");
    shape_free(shape);
    shape = make("bandwidth=10");
    for (bytes[0] = 1; bytes[0] < 4; bytes[0]++)
        (void)!shape_send(shape, 2, forward, &frame, 0);
    shape_hurry(shape, 2);
    uint8_t mark = 0;
    ok(take_all(shape, 0, &mark) == 3 && mark == 3,
        "what still waits for its turn likewise");
    bytes[0] = 0;
    shape_free(shape);
}

int main(void)
{
    test_read();
    test_latency();
    test_jitter();
    test_loss();
    test_bandwidth();
    test_ranks();
    test_demoted();
    test_hurry();
    return tap_done();
}
