/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of effects with the memory that they point into.
 *
 * Memory comes from a chain of blocks and is given back only as a whole, so an
 * effect's bytes stay where they are while the list grows.  Texts pass through
 * here: every block is wiped before it is freed or used again.  One block is
 * kept across resets, so a step that does little allocates nothing. */
#include "vault/effect.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

enum { CHUNK_BYTES = 8192, CHUNK_ALIGN = 16 };

struct vault_chunk {
    struct vault_chunk *next;
    size_t used;
    size_t capacity;
    _Alignas(CHUNK_ALIGN) uint8_t data[];
};

void vault_effects_init(struct vault_effects *effects)
{
    *effects = (struct vault_effects){.list = NULL};
}

static void chunk_wipe(struct vault_chunk *chunk)
{
    secret_wipe(chunk->data, chunk->used);
    chunk->used = 0;
}

/* Wipe and free all blocks but the last, which has the usual size. */
void vault_effects_reset(struct vault_effects *effects)
{
    while (effects->chunks) {
        struct vault_chunk *chunk = effects->chunks;
        chunk_wipe(chunk);
        if (!chunk->next && chunk->capacity == CHUNK_BYTES)
            break;
        effects->chunks = chunk->next;
        free(chunk);
    }
    if (effects->count)
        secret_wipe(effects->list, effects->count * sizeof(*effects->list));
    effects->count = 0;
}

void vault_effects_free(struct vault_effects *effects)
{
    vault_effects_reset(effects);
    free(effects->chunks);
    free(effects->list);
    vault_effects_init(effects);
}

static enum status list_grow(struct vault_effects *effects)
{
    size_t capacity = effects->capacity ? effects->capacity * 2 : 16;
    struct vault_effect *list = calloc(capacity, sizeof(*list));
    if (!list)
        return STATUS_NO_MEMORY;
    if (effects->count) {
        memcpy(list, effects->list, effects->count * sizeof(*list));
        secret_wipe(effects->list, effects->count * sizeof(*list));
    }
    free(effects->list);
    effects->list = list;
    effects->capacity = capacity;
    return STATUS_OK;
}

enum status vault_effects_add(struct vault_effects *effects,
    enum vault_effect_kind kind, struct vault_effect **out)
{
    if (effects->count == effects->capacity) {
        enum status status = list_grow(effects);
        if (status)
            return status;
    }
    struct vault_effect *effect = &effects->list[effects->count++];
    memset(effect, 0, sizeof(*effect));
    effect->kind = kind;
    *out = effect;
    return STATUS_OK;
}

static enum status chunk_add(struct vault_effects *effects, size_t size)
{
    size_t capacity = size > CHUNK_BYTES ? size : CHUNK_BYTES;
    struct vault_chunk *chunk = malloc(sizeof(*chunk) + capacity);
    if (!chunk)
        return STATUS_NO_MEMORY;
    chunk->next = effects->chunks;
    chunk->used = 0;
    chunk->capacity = capacity;
    effects->chunks = chunk;
    return STATUS_OK;
}

enum status vault_effects_alloc(
    struct vault_effects *effects, size_t size, void **out)
{
    size_t rounded = (size + CHUNK_ALIGN - 1) / CHUNK_ALIGN * CHUNK_ALIGN;
    struct vault_chunk *chunk = effects->chunks;
    if (!chunk || chunk->capacity - chunk->used < rounded) {
        enum status status = chunk_add(effects, rounded);
        if (status)
            return status;
        chunk = effects->chunks;
    }
    void *at = chunk->data + chunk->used;
    chunk->used += rounded;
    memset(at, 0, rounded);
    *out = at;
    return STATUS_OK;
}

enum status vault_effects_copy(
    struct vault_effects *effects, struct span bytes, struct span *out)
{
    void *at;
    enum status status = vault_effects_alloc(effects, bytes.size + 1, &at);
    if (status)
        return status;
    if (bytes.size)
        memcpy(at, bytes.data, bytes.size);
    *out = (struct span){at, bytes.size};
    return STATUS_OK;
}
