/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A parcel says what its frame said, however its memory has changed since:
 * held against the digest, and the digest against each field. */
#include <stdlib.h>
#include <string.h>

#include "sim/parcel.h"
#include "sim/trace.h"
#include "tests/tap.h"

struct lists {
    char endpoint[32];
    struct envelope_id ids[3];
    struct reconcile_item items[2][5];
    struct reconcile_range ranges[2];
    struct node_address nodes[2];
};

static void fill(struct lists *lists)
{
    *lists = (struct lists){.endpoint = "tcp://10.0.0.1:7311"};
    for (uint8_t i = 0; i < 3; i++)
        lists->ids[i].bytes[i] = i + 1;
    for (uint8_t i = 0; i < 10; i++)
        lists->items[i / 5][i % 5] = (struct reconcile_item){
            .expires_h = i, .id = {{i}}, .state = i % 2};
    for (uint8_t i = 0; i < 2; i++)
        lists->nodes[i] = (struct node_address){
            .node = {{i}}, .address = {4, 7311, {10, 0, 0, i}}};
    for (uint8_t i = 0; i < 2; i++)
        lists->ranges[i] =
            (struct reconcile_range){.bound = {.expires_h = 10 + i},
                .mode = RECONCILE_ITEMS,
                .item_count = i ? 5 : 1,
                .items = lists->items[i]};
}

static size_t make_frames(struct lists *lists, struct frame *out)
{
    out[0] = (struct frame){.type = FRAME_HELLO,
        .hello = {.version = 1,
            .endpoint_count = 1,
            .endpoints = {span_of_text(lists->endpoint)}}};
    out[1] = (struct frame){
        .type = FRAME_WANT, .ids = {.count = 3, .ids = lists->ids}};
    out[2] = (struct frame){.type = FRAME_RECONCILE,
        .reconcile = {.run = 4, .range_count = 2, .ranges = lists->ranges}};
    out[3] = (struct frame){.type = FRAME_PING, .ping = {77}};
    out[4] = (struct frame){
        .type = FRAME_RECEIPT, .receipt = {.id = {{9}}, .opening = {{8}}}};
    out[5] = (struct frame){.type = FRAME_SHUFFLE,
        .shuffle = {.walk = 3, .hops = 2, .list = {2, lists->nodes}}};
    out[6] = (struct frame){.type = FRAME_NEIGHBOR_REPLY,
        .neighbor_reply = {.accepted = true, .list = {1, lists->nodes}}};
    return 7;
}

/* To another part's parcels; the first place in memory is written over. */
static uint32_t carry(struct parcels *from, struct parcels *to, uint32_t handle)
{
    struct parcel *parcel = parcels_take(from, handle);
    struct span span = parcel_span(parcel);
    void *bytes = malloc(span.size);
    need(bytes);
    memcpy(bytes, span.data, span.size);
    memset((uint8_t *)parcel->bytes, 0xee, span.size - sizeof(*parcel));
    parcels_give_back(from, parcel);
    struct span carried = {bytes, span.size};
    need(parcels_add_span(to, carried, &handle) == STATUS_OK);
    memset(bytes, 0xee, span.size);
    free(bytes);
    return handle;
}

static void test_carried(struct parcels *parcels)
{
    struct parcels others;
    parcels_init(&others);
    struct lists *lists = malloc(sizeof(*lists));
    need(lists);
    fill(lists);
    struct frame frames[8];
    size_t count = make_frames(lists, frames);
    bool same = true;
    for (size_t i = 0; i < count; i++) {
        uint32_t bytes = (uint32_t)frame_bytes(&frames[i]), handle;
        need(parcels_add(parcels, &frames[i], bytes, &handle) == STATUS_OK);
        handle = carry(parcels, &others, handle);
        struct parcel *parcel = parcels_take(&others, handle);
        same &= trace_digest(&parcel->frame) == trace_digest(&frames[i]);
        same &= parcel->frame_bytes == bytes && parcel->size == 0;
        parcels_give_back(&others, parcel);
    }
    free(lists);
    ok(same, "a parcel is the same wherever its bytes are carried");
    uint32_t handle;
    struct span encoding = span_of_text("as it was encoded");
    need(parcels_add_bytes(parcels, encoding, &handle) == STATUS_OK);
    handle = carry(parcels, &others, handle);
    struct parcel *parcel = parcels_take(&others, handle);
    ok(span_equal((struct span){parcel->bytes, parcel->size}, encoding),
        "and so is an encoding");
    parcels_give_back(&others, parcel);
    parcels_clear(&others);
}

static void test_copies(struct parcels *parcels)
{
    struct lists *lists = malloc(sizeof(*lists));
    need(lists);
    fill(lists);
    struct frame frames[8];
    uint32_t handles[8];
    uint64_t digests[8];
    size_t count = make_frames(lists, frames);
    for (size_t i = 0; i < count; i++) {
        digests[i] = trace_digest(&frames[i]);
        uint32_t bytes = (uint32_t)frame_bytes(&frames[i]);
        need(parcels_add(parcels, &frames[i], bytes, &handles[i]) == STATUS_OK);
    }
    memset(lists, 0xee, sizeof(*lists));
    free(lists);
    int same = 1;
    for (size_t i = 0; i < count; i++) {
        struct parcel *parcel = parcels_take(parcels, handles[i]);
        same &= trace_digest(&parcel->frame) == digests[i];
        same &= parcel->frame_bytes == frame_bytes(&parcel->frame);
        parcels_give_back(parcels, parcel);
    }
    ok(same, "copies are deep: they outlive what they were made of");
}

/* Every field of a frame changes its digest. */
static void test_digests(void)
{
    struct lists lists;
    fill(&lists);
    struct frame frames[8];
    size_t count = make_frames(&lists, frames);
    uint64_t before[8];
    int told_apart = 1;
    for (size_t i = 0; i < count; i++)
        before[i] = trace_digest(&frames[i]);
    lists.endpoint[6]++;
    lists.ids[2].bytes[15]++;
    lists.items[1][4].state ^= 1;
    frames[3].ping.nonce++;
    frames[4].receipt.opening.bytes[31]++;
    lists.nodes[0].address.port++;
    for (size_t i = 0; i < count; i++)
        told_apart &= trace_digest(&frames[i]) != before[i];
    ok(told_apart, "a digest tells frames apart by their last bit");
}

int main(void)
{
    struct parcels parcels;
    parcels_init(&parcels);
    test_copies(&parcels);
    test_carried(&parcels);
    test_digests();
    uint32_t first, second;
    struct span bytes = {(const uint8_t *)"abc", 3};
    need(parcels_add_bytes(&parcels, bytes, &first) == STATUS_OK);
    struct parcel *parcel = parcels_take(&parcels, first);
    ok(parcel->size == 3 && !memcmp(parcel->bytes, "abc", 3),
        "keeps an encoding");
    parcels_give_back(&parcels, parcel);
    need(parcels_add_bytes(&parcels, bytes, &second) == STATUS_OK);
    ok(first == second, "and uses handles again");
    parcels_clear(&parcels);
    return tap_done();
}
