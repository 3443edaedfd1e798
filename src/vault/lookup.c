/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An envelope may be on the shelf before its tag is in our table: sent before
 * we were told to listen, or while we were locked, or past the window.  So a
 * tag that is new here is looked up once.  All at once would be megabytes for
 * a person with thousands of sessions, and the port is bounded: a few messages
 * a step, and the next step follows at once. */
#include "vault/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

void lookup_init(struct lookup *lookup)
{
    *lookup = (struct lookup){.tags = NULL};
}

void lookup_clear(struct lookup *lookup)
{
    if (lookup->tags)
        secret_wipe(lookup->tags, lookup->capacity * sizeof(*lookup->tags));
    free(lookup->tags);
    lookup_init(lookup);
}

static enum status lookup_reserve(struct lookup *lookup, size_t count)
{
    if (count <= lookup->capacity)
        return STATUS_OK;
    size_t capacity = lookup->capacity ? lookup->capacity : 64;
    while (capacity < count)
        capacity *= 2;
    struct tag *tags = calloc(capacity, sizeof(*tags));
    if (!tags)
        return STATUS_NO_MEMORY;
    if (lookup->count)
        memcpy(tags, lookup->tags, lookup->count * sizeof(*tags));
    size_t used = lookup->count;
    lookup_clear(lookup);
    *lookup = (struct lookup){tags, used, capacity};
    return STATUS_OK;
}

/* Past the maximum nothing is lost for good: all are looked up again when the
 * relay or the vault next comes up. */
void lookup_add(struct lookup *lookup, struct step *step,
    const struct tag *tags, size_t count)
{
    if (count == 0 || lookup->count + count > LOOKUP_MAXIMUM)
        return;
    enum status status = lookup_reserve(lookup, lookup->count + count);
    step_check(step, status);
    if (status)
        return;
    memcpy(lookup->tags + lookup->count, tags, count * sizeof(*tags));
    lookup->count += count;
}

void lookup_session(struct lookup *lookup, struct step *step,
    const struct tags *tags, uint64_t session)
{
    size_t cursor = 0;
    const struct tag_entry *entry;
    while ((entry = tags_next(tags, &cursor)))
        if (tag_is_placed(entry) && entry->session == session)
            lookup_add(lookup, step, &entry->tag, 1);
}

void lookup_all(
    struct lookup *lookup, struct step *step, const struct tags *tags)
{
    lookup->count = 0;
    size_t cursor = 0;
    const struct tag_entry *entry;
    while ((entry = tags_next(tags, &cursor)))
        lookup_add(lookup, step, &entry->tag, 1);
}

static void lookup_send(struct lookup *lookup, struct step *step, size_t count)
{
    struct span copy = step_copy(step,
        (struct span){(const uint8_t *)(lookup->tags + lookup->count - count),
            count * sizeof(*lookup->tags)});
    lookup->count -= count;
    if (!copy.data)
        return;
    struct port_message *message = step_port(step, PORT_LOOKUP);
    message->lookup.count = count;
    message->lookup.tags = (const struct tag *)(const void *)copy.data;
}

void lookup_flush(struct lookup *lookup, struct step *step)
{
    for (int i = 0; i < LOOKUP_MESSAGES && lookup->count > 0; i++) {
        size_t count =
            lookup->count < LIMIT_PORT_TAGS ? lookup->count : LIMIT_PORT_TAGS;
        lookup_send(lookup, step, count);
    }
    if (lookup->count > 0)
        step_at(step, TIMER_LOOKUP, 0, step->now_ms);
}
