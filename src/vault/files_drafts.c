/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client that hangs up is not told of here, so what it left behind stays
 * until another needs the room, or the vault is locked. */
#include "vault/files_drafts.h"

#include <string.h>

#include "crypto/content.h"
#include "crypto/hash.h"

void files_drafts_clear(struct files_drafts *drafts)
{
    for (size_t i = 0; i < FILES_DRAFTS; i++)
        secret_free(drafts->list[i]);
    *drafts = (struct files_drafts){.order = 0};
}

struct files_draft *files_drafts_find(
    struct files_drafts *drafts, const struct step *step)
{
    for (size_t i = 0; i < FILES_DRAFTS; i++) {
        struct files_draft *draft = drafts->list[i];
        if (!draft || draft->client != step->asker.client)
            continue;
        draft->order = ++drafts->order;
        return draft;
    }
    return NULL;
}

void files_drafts_end(struct files_drafts *drafts, struct files_draft *draft)
{
    for (size_t i = 0; i < FILES_DRAFTS; i++)
        if (draft && drafts->list[i] == draft) {
            secret_free(draft);
            drafts->list[i] = NULL;
        }
}

/* An empty place; else that of the one heard of least lately. */
static size_t place_for(const struct files_drafts *drafts)
{
    size_t oldest = 0;
    for (size_t i = 0; i < FILES_DRAFTS; i++) {
        if (!drafts->list[i])
            return i;
        if (drafts->list[i]->order < drafts->list[oldest]->order)
            oldest = i;
    }
    return oldest;
}

struct files_draft *files_drafts_begin(
    struct files_drafts *drafts, struct step *step)
{
    files_drafts_end(drafts, files_drafts_find(drafts, step));
    size_t place = place_for(drafts);
    files_drafts_end(drafts, drafts->list[place]);
    struct files_draft *draft = secret_new(sizeof(*draft));
    if (!draft) {
        step->failed = true;
        return NULL;
    }
    memset(draft, 0, sizeof(*draft));
    draft->client = step->asker.client;
    draft->order = ++drafts->order;
    drafts->list[place] = draft;
    return draft;
}

struct span files_draft_part(const struct files_draft *draft, size_t number)
{
    return (struct span){draft->content + number * LIMIT_FILE_PART_BYTES,
        file_part_bytes(draft->bytes, number)};
}

void files_draft_offer(
    const struct files_draft *draft, uint8_t *parts, struct file_offer *out)
{
    size_t count = (size_t)file_parts_of(draft->bytes);
    for (size_t i = 0; i < count; i++)
        content_hash(files_draft_part(draft, i), parts + i * FILE_HASH_BYTES);
    *out = (struct file_offer){
        .name = {draft->name, draft->name_size},
        .bytes = draft->bytes,
        .parts = {parts, count * FILE_HASH_BYTES},
    };
    content_hash((struct span){draft->content, draft->bytes}, out->hash);
}
