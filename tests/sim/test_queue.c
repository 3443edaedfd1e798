/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A million random events through the queue and through a sorted model. */
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
        const struct queue_event *ahead = queue_ahead(queue, AHEAD);
        foreseen += ahead != NULL;
        wrong +=
            ahead && (i + AHEAD >= EVENTS || !same(ahead, &model[i + AHEAD]));
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

int main(void)
{
    struct random_seeded random;
    random_seeded_init(&random, 7, 0);
    test_against_model(&random.base);
    test_while_draining(&random.base);
    return tap_done();
}
