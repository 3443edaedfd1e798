/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A million random events through the queue and through a sorted model; and
 * destinations that take turns. */
#include <stdlib.h>

#include "base/random.h"
#include "sim/queue.h"
#include "tests/tap.h"

enum { EVENTS = 1000000, LATE = 1000, AHEAD = 3 };

static int compare(const void *a, const void *b)
{
    return queue_before(a, b) ? -1 : queue_before(b, a);
}

static struct queue_event draw(struct random *random, uint32_t sequence)
{
    /* Times crowd, so that every tie-break is met; a few lie far ahead. */
    uint64_t span = random_below(random, 50) ? 3000000 : 400000000;
    return (struct queue_event){
        .at_us = random_below(random, span),
        .to = (uint32_t)random_below(random, 4),
        .from = (uint32_t)random_below(random, 4),
        .sequence = sequence,
    };
}

static int same(const struct queue_event *a, const struct queue_event *b)
{
    return !queue_before(a, b) && !queue_before(b, a);
}

static void test_against_model(struct random *random)
{
    struct queue *queue = queue_new();
    struct queue_event *model = malloc(EVENTS * sizeof(*model));
    need(queue && model);
    for (uint32_t i = 0; i < EVENTS; i++) {
        model[i] = draw(random, i);
        need(queue_push(queue, &model[i]) == STATUS_OK);
    }
    qsort(model, EVENTS, sizeof(*model), compare);
    ok(queue_count(queue) == EVENTS, "counts what it holds");
    int ordered = 1;
    bool failed;
    struct queue_event event;
    uint32_t foreseen = 0, wrong = 0;
    for (uint32_t i = 0; i < EVENTS; i++) {
        size_t count;
        const struct queue_event *ahead = queue_ahead(queue, &count);
        bool is_seen = count > AHEAD;
        foreseen += is_seen;
        wrong += is_seen && (i + AHEAD >= EVENTS ||
                                !same(&ahead[AHEAD], &model[i + AHEAD]));
        ordered &= queue_pop(queue, UINT64_MAX, &event, &failed) &&
                   same(&event, &model[i]);
    }
    ok(ordered, "a million events come in the order of the sorted model");
    ok(foreseen > EVENTS / 2 && wrong == 0, "most can be seen coming");
    ok(!queue_pop(queue, UINT64_MAX, &event, &failed) && !failed,
        "and then none");
    printf("# %zu bytes of queue for %d events\n", queue_bytes(queue), EVENTS);
    free(model);
    queue_free(queue);
}

/* Events that add events, at once, soon and far ahead. */
static void test_while_draining(struct random *random)
{
    struct queue *queue = queue_new();
    need(queue);
    struct queue_event event = {.sequence = 0}, last = {0};
    need(queue_push(queue, &event) == STATUS_OK);
    uint32_t sequence = 1, popped = 0;
    int ordered = 1;
    bool failed;
    static const uint64_t delays[] = {
        0, 1, 900, 1024, 70000, 9000000, 80000000};
    while (queue_pop(queue, UINT64_MAX, &event, &failed)) {
        ordered &= popped == 0 || queue_before(&last, &event);
        last = event;
        popped++;
        for (int i = 0; i < 3 && sequence < 30 * LATE; i++) {
            struct queue_event next = {
                .at_us = event.at_us + delays[random_below(random, 7)],
                .to = event.to + 1,
                .sequence = sequence++,
            };
            need(queue_push(queue, &next) == STATUS_OK);
        }
    }
    ok(ordered, "what is added while draining comes in order too");
    ok(popped == sequence, "and nothing is lost");
    queue_free(queue);
}

enum { NODES = 300, WINDOW_US = 10000, PLANNED = 20, POPPED = 100000 };

struct turns { /* what came so far */
    struct queue_event last[NODES];
    struct queue_event last_for_all;
    uint32_t sequence, popped, changes, past, before_barrier, bad_first;
};

static void add(
    struct queue *queue, struct turns *turns, uint64_t at_us, uint32_t to)
{
    const struct queue_event event = {
        .at_us = at_us, .to = to, .sequence = turns->sequence++};
    need(queue_push(queue, &event) == STATUS_OK);
}

/* An event has come: it is behind what came there before, and no barrier was
 * passed by it. */
static void note(struct turns *turns, const struct queue_event *event)
{
    if (turns->last_for_all.sequence > 0 &&
        queue_before(event, &turns->last_for_all))
        turns->before_barrier++;
    if (event->to == QUEUE_ALL) {
        for (uint32_t i = 0; i < NODES; i++)
            turns->past += queue_before(event, &turns->last[i]);
        turns->last_for_all = *event;
        return;
    }
    struct queue_event *last = &turns->last[event->to];
    turns->past += last->sequence > 0 && !queue_before(last, event);
    *last = *event;
}

/* Each destination does something again soon, and to another no sooner than is
 * allowed; now and then something happens to all. */
static void answer(struct queue *queue, struct turns *turns,
    const struct queue_event *event, struct random *random)
{
    static const uint64_t own[] = {0, 1, 500, 1024, 3000};
    if (event->to == QUEUE_ALL) {
        add(queue, turns, event->at_us + 31000, QUEUE_ALL);
        add(queue, turns, event->at_us + 1, 7);
        return;
    }
    if (queue_count(queue) < NODES * PLANNED)
        add(queue, turns, event->at_us + own[random_below(random, 5)],
            event->to);
    uint32_t other = (uint32_t)random_below(random, NODES);
    add(queue, turns, event->at_us + WINDOW_US + random_below(random, 40000),
        other);
}

/* Taken until a moment, as a part of a run does; whatever is left is later. */
static void take_until(struct queue *queue, struct turns *turns,
    uint64_t until_us, struct random *random)
{
    struct queue_event event;
    bool failed;
    uint32_t turn = UINT32_MAX;
    while (
        turns->popped < POPPED && queue_pop(queue, until_us, &event, &failed)) {
        note(turns, &event);
        turns->popped++;
        turns->changes += event.to != turn;
        turn = event.to;
        answer(queue, turns, &event, random);
    }
    turns->bad_first +=
        turns->popped < POPPED && queue_first_us(queue) <= until_us;
}

static void test_turns(struct random *random, uint64_t step_us)
{
    struct queue *queue = queue_new();
    struct turns turns = {.sequence = 1};
    need(queue);
    queue_set_window(queue, WINDOW_US);
    for (uint32_t i = 0; i < NODES * PLANNED; i++)
        add(queue, &turns, random_below(random, 40000), i % NODES);
    add(queue, &turns, 20000, QUEUE_ALL);
    uint64_t until_us = step_us - 1;
    for (; turns.popped < POPPED; until_us += step_us)
        take_until(queue, &turns, until_us, random);
    ok(turns.past == 0, "each destination's events come in their order");
    ok(turns.before_barrier == 0 && turns.last_for_all.at_us > 100000,
        "what happens to all comes between what is before and behind it");
    ok(turns.bad_first == 0, "what is first is later than what was taken");
    printf("# %u turns in %u events\n", turns.changes, turns.popped);
    ok(turns.changes < turns.popped * 2 / 3, "and destinations take turns");
    ok(queue_count(queue) == turns.sequence - 1 - turns.popped,
        "nothing is lost");
    queue_free(queue);
}

int main(void)
{
    struct random_seeded random;
    random_seeded_init(&random, 7, 0);
    test_against_model(&random.base);
    test_while_draining(&random.base);
    test_turns(&random.base, UINT64_C(1) << 40);
    test_turns(&random.base, 10000);
    return tap_done();
}
