/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of effects, and memory for the lists inside frames: chunks that
 * are handed out front to back and given back together.  A reset keeps the
 * first chunk, so that a quiet relay allocates nothing a step. */
#include "relay/effect.h"

#include <stdlib.h>
#include <string.h>

enum { EFFECTS_FIRST = 16, CHUNK_LEAST_BYTES = 4096 };

struct effect_chunk {
    struct effect_chunk *next;
    size_t used;
    size_t size;
    max_align_t data[];
};

void relay_effects_init(struct relay_effects *effects)
{
    *effects = (struct relay_effects){0};
}

static void chunks_free(struct effect_chunk *chunk)
{
    while (chunk) {
        struct effect_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void relay_effects_reset(struct relay_effects *effects)
{
    effects->count = 0;
    struct effect_chunk *first = effects->chunks;
    if (!first)
        return;
    chunks_free(first->next);
    first->next = NULL;
    first->used = 0;
}

void relay_effects_free(struct relay_effects *effects)
{
    chunks_free(effects->chunks);
    free(effects->list);
    relay_effects_init(effects);
}

enum status relay_effects_add(struct relay_effects *effects,
    enum relay_effect_kind kind, struct relay_effect **out)
{
    if (effects->count == effects->capacity) {
        size_t capacity =
            effects->capacity ? effects->capacity * 2 : EFFECTS_FIRST;
        struct relay_effect *list =
            realloc(effects->list, capacity * sizeof(*list));
        if (!list) {
            memset(&effects->spare, 0, sizeof(effects->spare));
            return STATUS_NO_MEMORY;
        }
        effects->list = list;
        effects->capacity = capacity;
    }
    struct relay_effect *effect = &effects->list[effects->count++];
    memset(effect, 0, sizeof(*effect));
    effect->kind = kind;
    *out = effect;
    return STATUS_OK;
}

static struct effect_chunk *chunk_new(size_t size)
{
    if (size < CHUNK_LEAST_BYTES)
        size = CHUNK_LEAST_BYTES;
    struct effect_chunk *chunk = malloc(sizeof(*chunk) + size);
    if (chunk)
        *chunk = (struct effect_chunk){.size = size};
    return chunk;
}

enum status relay_effects_alloc(
    struct relay_effects *effects, size_t size, void **out)
{
    size_t unit = sizeof(max_align_t);
    size = (size + unit - 1) / unit * unit;
    struct effect_chunk **last = &effects->chunks;
    while (*last && (*last)->size - (*last)->used < size)
        last = &(*last)->next;
    if (!*last && !(*last = chunk_new(size)))
        return STATUS_NO_MEMORY;
    struct effect_chunk *chunk = *last;
    *out = (uint8_t *)chunk->data + chunk->used;
    chunk->used += size;
    return STATUS_OK;
}
