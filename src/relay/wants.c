/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link's queue is an array of ids, asked for from the front: [0, asked) is
 * the batch that is out, of which owed are still to come.  Sizes are not known
 * before they come, so the first batch supposes the largest envelopes, and the
 * next ones the largest of the last.  Settled ids stay in the queue and are
 * passed over; the table says which still count. */
#include "relay/wants.h"

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

struct wanted {
    struct envelope_id id;
    uint32_t link;
    bool asked;
};

void wants_init(struct wants *wants, uint64_t seed)
{
    *wants = (struct wants){0};
    table_init(&wants->ids, sizeof(struct envelope_id), sizeof(struct wanted),
        WANTS_QUEUE * LIMIT_LINKS, seed);
}

void wants_clear(struct wants *wants)
{
    for (size_t i = 0; i < wants->count; i++)
        free(wants->queues[i].ids);
    free(wants->queues);
    table_clear(&wants->ids);
    *wants = (struct wants){0};
}

static struct wants_queue *find(const struct wants *wants, uint32_t link)
{
    for (size_t i = 0; i < wants->count; i++)
        if (wants->queues[i].link == link)
            return &wants->queues[i];
    return NULL;
}

static struct wants_queue *find_or_add(
    struct wants *wants, struct turn *turn, uint32_t link)
{
    struct wants_queue *queue = find(wants, link);
    if (queue)
        return queue;
    if (turn_grow(turn, (void **)&wants->queues, wants->count, &wants->capacity,
            sizeof(*wants->queues)))
        return NULL;
    queue = &wants->queues[wants->count++];
    *queue = (struct wants_queue){
        .link = link,
        .suppose_bytes = LIMIT_ENVELOPE_BYTES,
        .at_ms = turn->now_ms,
    };
    return queue;
}

/* Whether the queue's link still owes, or will be asked for, this id. */
static struct wanted *live(const struct wants *wants,
    const struct wants_queue *queue, const struct envelope_id *id)
{
    struct wanted *wanted = table_find(&wants->ids, id);
    return wanted && wanted->link == queue->link ? wanted : NULL;
}

static void remove_queue(struct wants *wants, struct wants_queue *queue)
{
    for (size_t i = 0; i < queue->count; i++)
        if (live(wants, queue, &queue->ids[i]))
            table_remove(&wants->ids, &queue->ids[i]);
    free(queue->ids);
    size_t behind = wants->count - (size_t)(queue - wants->queues) - 1;
    memmove(queue, queue + 1, behind * sizeof(*queue));
    wants->count--;
}

bool wants_add(struct wants *wants, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    const struct wanted *other = table_find(&wants->ids, id);
    if (other)
        return other->link == link;
    struct wants_queue *queue = find_or_add(wants, turn, link);
    if (!queue || queue->count == WANTS_QUEUE ||
        turn_grow(turn, (void **)&queue->ids, queue->count, &queue->capacity,
            sizeof(*queue->ids)))
        return false;
    void *out = NULL;
    enum status status = table_add(&wants->ids, id, &out);
    if (status) {
        if (status == STATUS_NO_MEMORY)
            turn->status = status;
        return false;
    }
    ((struct wanted *)out)->link = link;
    queue->ids[queue->count++] = *id;
    return true;
}

bool wants_wanted(const struct wants *wants, const struct envelope_id *id)
{
    return table_find(&wants->ids, id) != NULL;
}

bool wants_asked(
    const struct wants *wants, uint32_t link, const struct envelope_id *id)
{
    const struct wanted *wanted = table_find(&wants->ids, id);
    return wanted && wanted->link == link && wanted->asked;
}

void wants_settle(struct wants *wants, struct turn *turn,
    const struct envelope_id *id, uint32_t bytes)
{
    const struct wanted *wanted = table_find(&wants->ids, id);
    if (!wanted)
        return;
    struct wants_queue *queue = find(wants, wanted->link);
    if (wanted->asked) {
        if (bytes > queue->largest_bytes)
            queue->largest_bytes = bytes;
        if (--queue->owed == 0)
            queue->at_ms = turn->now_ms + WANTS_PAUSE_MS;
    }
    table_remove(&wants->ids, id);
}

bool wants_idle(const struct wants *wants, uint32_t link)
{
    return find(wants, link) == NULL;
}

bool wants_link_down(struct wants *wants, uint32_t link)
{
    struct wants_queue *queue = find(wants, link);
    if (!queue)
        return false;
    size_t before = wants->ids.count;
    remove_queue(wants, queue);
    return wants->ids.count < before;
}

/* Drop the front of the queue: the batch that was out, and what others have
 * settled behind it. */
static void drop_settled(const struct wants *wants, struct wants_queue *queue)
{
    size_t front = queue->asked;
    while (front < queue->count && !live(wants, queue, &queue->ids[front]))
        front++;
    queue->count -= front;
    memmove(queue->ids, queue->ids + front, queue->count * sizeof(*queue->ids));
    queue->asked = 0;
}

static size_t batch_limit(struct wants_queue *queue)
{
    if (queue->largest_bytes > 0)
        queue->suppose_bytes = queue->largest_bytes;
    queue->largest_bytes = 0;
    size_t limit = WANTS_BATCH_BYTES / queue->suppose_bytes;
    if (limit > LIMIT_FRAME_IDS)
        limit = LIMIT_FRAME_IDS;
    return limit > 2 ? limit : 2;
}

static void ask(struct wants *wants, struct turn *turn,
    struct wants_queue *queue, struct envelope_id *ids, size_t limit)
{
    size_t count = 0, i = 0;
    for (; i < queue->count && count < limit; i++) {
        struct wanted *wanted = live(wants, queue, &queue->ids[i]);
        if (!wanted || wanted->asked) /* wanted again since it was settled */
            continue;
        wanted->asked = true;
        ids[count++] = queue->ids[i];
    }
    queue->asked = i;
    queue->behind = queue->count - i;
    queue->owed = count;
    queue->at_ms = turn->now_ms + WANTS_ANSWER_MS;
    struct frame *frame = turn_send(turn, queue->link, FRAME_WANT);
    frame->ids = (struct frame_ids){count, ids};
}

void wants_tick(struct wants *wants, struct turn *turn)
{
    for (size_t i = 0; i < wants->count;) {
        struct wants_queue *queue = &wants->queues[i];
        if (queue->owed > 0 || queue->at_ms > turn->now_ms) {
            i++;
            continue;
        }
        drop_settled(wants, queue);
        if (queue->count == 0) {
            remove_queue(wants, queue);
            continue;
        }
        size_t limit = batch_limit(queue);
        struct envelope_id *ids = turn_alloc(turn, limit * sizeof(*ids));
        if (!ids)
            return;
        ask(wants, turn, queue, ids, limit);
        i++;
    }
}

bool wants_give_up(struct wants *wants, uint64_t now_ms, uint32_t *link)
{
    for (size_t i = 0; i < wants->count; i++) {
        struct wants_queue *queue = &wants->queues[i];
        if (queue->owed == 0 || queue->at_ms > now_ms)
            continue;
        *link = queue->link;
        remove_queue(wants, queue);
        return true;
    }
    return false;
}

uint64_t wants_deadline_ms(const struct wants *wants)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < wants->count; i++)
        if (wants->queues[i].at_ms < least)
            least = wants->queues[i].at_ms;
    return least;
}

size_t wants_bytes(const struct wants *wants)
{
    size_t bytes =
        table_bytes(&wants->ids) + wants->capacity * sizeof(*wants->queues);
    for (size_t i = 0; i < wants->count; i++)
        bytes += wants->queues[i].capacity * sizeof(*wants->queues[i].ids);
    return bytes;
}

static const char *queue_violation(const struct wants_queue *queue)
{
    if (queue->count > WANTS_QUEUE)
        return "more is wanted of a link than may be";
    if (queue->owed > queue->asked || queue->asked > queue->count)
        return "a link's debts are miscounted";
    if (queue->owed > 0 && queue->behind > 0 &&
        queue->asked < LIMIT_FRAME_IDS &&
        queue->asked * queue->suppose_bytes < WANTS_BATCH_BYTES / 2)
        return "less is asked for than a batch holds";
    return NULL;
}

const char *wants_step_violation(const struct wants *wants)
{
    size_t queued = 0;
    const char *why = NULL;
    for (size_t i = 0; !why && i < wants->count; i++) {
        queued += wants->queues[i].count;
        why = queue_violation(&wants->queues[i]);
    }
    return !why && queued < wants->ids.count ? "an id is wanted of nobody"
                                             : why;
}

const char *wants_violation(const struct wants *wants)
{
    size_t live_ids = 0;
    const char *why = wants_step_violation(wants);
    if (why)
        return why;
    for (size_t i = 0; i < wants->count; i++) {
        const struct wants_queue *queue = &wants->queues[i];
        size_t owed = 0;
        for (size_t j = 0; j < queue->count; j++) {
            const struct wanted *wanted = live(wants, queue, &queue->ids[j]);
            live_ids += wanted != NULL;
            owed += wanted && wanted->asked;
        }
        if (owed < queue->owed)
            return "a link's debts are miscounted";
    }
    if (live_ids < wants->ids.count)
        return "an id is wanted of nobody";
    return NULL;
}
