/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two chains merged, as two sorted lists are: only the fronts are compared.
 *
 * A front is ready when all that its writer had seen of the other chain was
 * handed out.  Of honest chains one always is.  Two liars can each claim to
 * have seen what the other wrote later, where a gap hides the hashes that would
 * show it; then neither front is ready, and the clocks decide, so that every
 * record comes out once whatever the file says. */
#include "cli/transcript_walk.h"

#include <string.h>

enum { PROPOSER, ACCEPTER };

enum status transcript_walk_begin(
    struct transcript_walk *walk, struct span file)
{
    if (file.size < TRANSCRIPT_MAGIC_BYTES ||
        memcmp(file.data, TRANSCRIPT_MAGIC, TRANSCRIPT_MAGIC_BYTES) != 0)
        return STATUS_INVALID;
    *walk =
        (struct transcript_walk){.left = {file.data + TRANSCRIPT_MAGIC_BYTES,
                                     file.size - TRANSCRIPT_MAGIC_BYTES}};
    return STATUS_OK;
}

static enum status take(struct span *left, struct transcript_record *out)
{
    struct span bytes;
    return transcript_take(left, &bytes) ? STATUS_INVALID
                                         : transcript_decode(bytes, out);
}

static bool has_time(const struct transcript_record *record)
{
    return record->kind == TRANSCRIPT_LETTER || record->kind == TRANSCRIPT_END;
}

static enum status front_read(struct transcript_chain *chain)
{
    if (chain->records == 0)
        return STATUS_OK;
    enum status status = take(&chain->left, &chain->front);
    if (!status && has_time(&chain->front))
        chain->front_s = chain->front.sent_at_s;
    return status;
}

/* Stand at the beginning of a chain, and move *left behind it. */
static enum status chain_begin(
    struct transcript_chain *chain, struct span *left, uint32_t records)
{
    *chain = (struct transcript_chain){.left = *left, .records = records};
    for (uint32_t i = 0; i < records; i++) {
        struct span skipped;
        if (transcript_take(left, &skipped))
            return STATUS_INVALID;
    }
    return front_read(chain);
}

enum status transcript_walk_conversation(struct transcript_walk *walk)
{
    struct transcript_record head;
    if (walk->left.size == 0)
        return STATUS_NOT_FOUND;
    enum status status = take(&walk->left, &head);
    if (!status && head.kind != TRANSCRIPT_CONVERSATION)
        status = STATUS_INVALID;
    if (!status)
        status = chain_begin(
            &walk->chains[PROPOSER], &walk->left, head.proposer_count);
    if (!status)
        status = chain_begin(
            &walk->chains[ACCEPTER], &walk->left, head.accepter_count);
    return status;
}

/* A gap has seen nothing, and waits for nothing. */
static bool is_ready(
    const struct transcript_chain *chain, const struct transcript_chain *other)
{
    return chain->front.evidence.seen <= other->taken;
}

static bool accepter_is_next(const struct transcript_walk *walk)
{
    const struct transcript_chain *a = &walk->chains[PROPOSER];
    const struct transcript_chain *b = &walk->chains[ACCEPTER];
    if (a->records == 0 || b->records == 0)
        return a->records == 0;
    bool a_is_ready = is_ready(a, b), b_is_ready = is_ready(b, a);
    if (a_is_ready != b_is_ready)
        return b_is_ready;
    return b->front_s < a->front_s;
}

enum status transcript_walk_next(struct transcript_walk *walk,
    struct transcript_record *out, bool *of_accepter)
{
    bool is_accepter = accepter_is_next(walk);
    struct transcript_chain *chain = &walk->chains[is_accepter];
    if (chain->records == 0)
        return STATUS_NOT_FOUND;
    const struct transcript_record record = chain->front;
    chain->taken = record.kind == TRANSCRIPT_MISSING ? record.until
                                                     : record.evidence.number;
    chain->records--;
    enum status status = front_read(chain);
    if (status)
        return status;
    *out = record;
    *of_accepter = is_accepter;
    return STATUS_OK;
}
