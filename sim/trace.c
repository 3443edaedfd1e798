/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests go over the fields, not the encoding, so that no frame needs one;
 * a run with --wire computes them from what it decoded, and has the same. */
#include "sim/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "sim/journal.h"
#include "sim/noise.h"

/* Fewer than a word, the least significant first. */
static uint64_t rest_at(const uint8_t *bytes, size_t size)
{
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)bytes[i] << 8 * i;
    return word;
}

/* Words are read with the least significant byte first, on every machine. */
static uint64_t mix_bytes(uint64_t hash, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (; size >= 8; bytes += 8, size -= 8)
        hash = noise_mix(hash ^ number_word_reversed(bytes));
    return size ? noise_mix(hash ^ rest_at(bytes, size)) : hash;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    return noise_mix(hash ^ word);
}

static uint64_t digest_hello(uint64_t hash, const struct frame_hello *hello)
{
    hash = mix(hash, hello->version);
    hash = mix_bytes(hash, hello->node.bytes, sizeof(hello->node.bytes));
    hash = mix(hash, hello->features);
    hash = mix(hash, hello->clock_s);
    for (size_t i = 0; i < hello->endpoint_count; i++)
        hash = mix_bytes(mix(hash, hello->endpoints[i].size),
            hello->endpoints[i].data, hello->endpoints[i].size);
    return hash;
}

static uint64_t digest_node(uint64_t hash, const struct node_address *node)
{
    const struct address *address = &node->address;
    hash = mix_bytes(hash, node->node.bytes, sizeof(node->node.bytes));
    hash = mix_bytes(hash, address->bytes, sizeof(address->bytes));
    return mix(hash, (uint64_t)address->size << 16 | address->port);
}

static uint64_t digest_nodes(uint64_t hash, const struct frame_nodes *list)
{
    for (size_t i = 0; i < list->count; i++)
        hash = digest_node(hash, &list->nodes[i]);
    return mix(hash, list->count);
}

static uint64_t digest_range(uint64_t hash, const struct reconcile_range *range)
{
    hash = mix(hash, (uint64_t)range->mode << 32 | range->bound.expires_h);
    hash =
        mix_bytes(hash, range->bound.id.bytes, sizeof(range->bound.id.bytes));
    if (range->mode == RECONCILE_FINGERPRINT)
        hash = mix_bytes(hash, range->fingerprint, sizeof(range->fingerprint));
    for (size_t i = 0; i < range->item_count; i++) {
        const struct reconcile_item *item = &range->items[i];
        hash = mix(hash, (uint64_t)item->state << 32 | item->expires_h);
        hash = mix_bytes(hash, item->id.bytes, sizeof(item->id.bytes));
    }
    return hash;
}

uint64_t trace_digest(const struct frame *frame)
{
    uint64_t hash = noise_mix(frame->type);
    switch (frame->type) {
    case FRAME_HELLO:
        return digest_hello(hash, &frame->hello);
    case FRAME_PING:
    case FRAME_PONG:
        return mix(hash, frame->ping.nonce);
    case FRAME_DISCONNECT:
        return mix(hash, frame->disconnect.reason);
    case FRAME_TERMS:
        hash =
            mix(hash, (uint64_t)frame->terms.least << 8 | frame->terms.asked);
        return mix(hash, frame->terms.rate_bytes_s);
    case FRAME_PUSH:
    case FRAME_STEM:
        return mix_bytes(
            hash, frame->push.id.bytes, sizeof(frame->push.id.bytes));
    case FRAME_JOIN:
    case FRAME_PRUNE:
        return hash;
    case FRAME_FORWARD_JOIN:
        return mix(digest_node(hash, &frame->forward_join.node),
            frame->forward_join.hops);
    case FRAME_NEIGHBOR:
        return mix(hash, frame->neighbor.urgent);
    case FRAME_NEIGHBOR_REPLY:
        return digest_nodes(mix(hash, frame->neighbor_reply.accepted),
            &frame->neighbor_reply.list);
    case FRAME_SHUFFLE:
    case FRAME_SHUFFLE_REPLY:
        hash = mix(hash, frame->shuffle.walk);
        return digest_nodes(
            mix(hash, frame->shuffle.hops), &frame->shuffle.list);
    case FRAME_IHAVE:
    case FRAME_GRAFT:
    case FRAME_IDONTWANT:
    case FRAME_WANT:
    case FRAME_DECLINED:
    case FRAME_UNKEPT:
    case FRAME_CLEARED:
        return mix_bytes(
            hash, frame->ids.ids, frame->ids.count * sizeof(*frame->ids.ids));
    case FRAME_RECONCILE:
        hash = mix(hash,
            (uint64_t)frame->reconcile.run << 32 | frame->reconcile.round);
        for (size_t i = 0; i < frame->reconcile.range_count; i++)
            hash = digest_range(hash, &frame->reconcile.ranges[i]);
        return hash;
    case FRAME_RECEIPT:
    case FRAME_STEM_RECEIPT:
        hash = mix_bytes(
            hash, frame->receipt.id.bytes, sizeof(frame->receipt.id.bytes));
        return mix_bytes(hash, frame->receipt.opening.bytes,
            sizeof(frame->receipt.opening.bytes));
    }
    return hash;
}

static void add(struct trace *trace, const struct queue_event *event,
    const char *what, uint64_t digest)
{
    uint64_t hash = noise_mix(event->at_us);
    hash = mix(hash, (uint64_t)event->to << 32 | event->from);
    hash = mix(hash, event->sequence);
    hash = mix(hash, digest);
    trace->low += hash;
    trace->high += noise_mix(hash ^ digest);
    if (trace->journal)
        journal_event(trace->journal, event, what, digest);
}

void trace_frame(struct trace *trace, const struct queue_event *event,
    const struct frame *frame)
{
    const char *what = trace->journal ? frame_type_name(frame->type) : NULL;
    add(trace, event, what, trace_digest(frame));
}

void trace_event(
    struct trace *trace, const struct queue_event *event, const char *what)
{
    add(trace, event, what, event->kind);
}

void trace_print(const struct trace *trace, char out[static TRACE_CHARS + 1])
{
    snprintf(out, TRACE_CHARS + 1, "%016" PRIx64 "%016" PRIx64, trace->high,
        trace->low);
}
