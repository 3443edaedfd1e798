/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/frame.h"

#include <stdbool.h>

#include "proto/wire.h"
#include "tests/proto/samples.h"
#include "tests/tap.h"

static uint8_t out[LIMIT_FRAME_BYTES + 1], again[LIMIT_FRAME_BYTES];
static struct frame_scratch scratch;
static struct reconcile_item items[RANGES_ITEMS_MAXIMUM + 1];

static enum status decode(size_t size, struct frame *frame)
{
    return frame_decode((struct span){out, size}, &scratch, frame);
}

/* Encode, decode, encode again to the same bytes; and refuse it cut anywhere,
 * in a smaller buffer, and with a byte behind it. */
static bool turns(const struct frame *frame, struct frame *back)
{
    size_t size = 0, second = 0;
    if (frame_encode(frame, out, LIMIT_FRAME_BYTES, &size) ||
        frame_bytes(frame) != size)
        return false;
    for (size_t cut = 0; cut < size; cut++)
        if (decode(cut, back) != STATUS_INVALID ||
            frame_encode(frame, again, cut, &second) != STATUS_TOO_LARGE)
            return false;
    out[size] = 1;
    return decode(size + 1, back) == STATUS_INVALID &&
           decode(size, back) == STATUS_OK && back->type == frame->type &&
           frame_encode(back, again, sizeof(again), &second) == STATUS_OK &&
           second == size && memcmp(out, again, size) == 0;
}

static void test_hello(void)
{
    char endpoint[LIMIT_ENDPOINT_BYTES + 2] = {0};
    memset(endpoint, 'x', LIMIT_ENDPOINT_BYTES);
    struct frame frame = {.type = FRAME_HELLO}, back;
    frame.hello = (struct frame_hello){.version = UINT32_MAX,
        .features = 5,
        .endpoint_count = LIMIT_HELLO_ENDPOINTS,
        .clock_s = LIMIT_TIME_S};
    sample_fill(frame.hello.node.bytes, 32, 1);
    for (size_t i = 0; i < LIMIT_HELLO_ENDPOINTS; i++)
        frame.hello.endpoints[i] = span_of_text(endpoint);
    ok(turns(&frame, &back) && back.hello.version == UINT32_MAX &&
            back.hello.features == 5 && back.hello.clock_s == LIMIT_TIME_S &&
            node_key_equal(&back.hello.node, &frame.hello.node) &&
            back.hello.endpoint_count == LIMIT_HELLO_ENDPOINTS &&
            span_equal(back.hello.endpoints[7], frame.hello.endpoints[7]),
        "the largest hello comes back");
    endpoint[LIMIT_ENDPOINT_BYTES] = 'x';
    frame.hello.endpoints[3] = span_of_text(endpoint);
    ok(frame_bytes(&frame) == 0, "an endpoint too long is refused");
    frame.hello.endpoints[3] = span_of_text("\xff");
    size_t size;
    ok(frame_encode(&frame, out, sizeof(out), &size) == STATUS_INVALID,
        "so is one that is not UTF-8");
    frame.hello.endpoint_count = LIMIT_HELLO_ENDPOINTS + 1;
    ok(frame_encode(&frame, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "so is one too many");
    frame.hello.endpoint_count = 0;
    frame.hello.zone_count = 1;
    ok(frame_encode(&frame, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "and there are no zones");
}

static void test_short_frames(void)
{
    struct frame frame = {.type = FRAME_PING, .ping = {UINT64_MAX}}, back;
    ok(turns(&frame, &back) && back.ping.nonce == UINT64_MAX,
        "ping comes back");
    frame.type = FRAME_PONG;
    ok(turns(&frame, &back), "and pong");
    frame = (struct frame){
        .type = FRAME_DISCONNECT, .disconnect = {DISCONNECT_SCORE}};
    ok(turns(&frame, &back) && back.disconnect.reason == DISCONNECT_SCORE,
        "and disconnect");
    frame = (struct frame){.type = FRAME_RECEIPT};
    sample_fill(&frame.receipt.id, 16, 1);
    sample_fill(&frame.receipt.opening, 32, 2);
    ok(turns(&frame, &back) &&
            memcmp(&back.receipt, &frame.receipt, sizeof(back.receipt)) == 0,
        "and a receipt");
    frame.type = FRAME_STEM_RECEIPT;
    ok(turns(&frame, &back) &&
            memcmp(&back.receipt, &frame.receipt, sizeof(back.receipt)) == 0,
        "and one on its stem");
}

static void test_push(void)
{
    static uint8_t bytes[LIMIT_ENVELOPE_BYTES];
    struct envelope envelope = sample_envelope(3, bytes);
    struct frame frame = {.type = FRAME_PUSH}, back;
    frame.push.envelope = &envelope;
    size_t size = 0;
    need(frame_encode(&frame, out, sizeof(out), &size) == STATUS_OK);
    ok(size <= LIMIT_FRAME_BYTES && decode(size, &back) == STATUS_OK &&
            span_equal(back.push.envelope->encoding, envelope.encoding) &&
            back.push.id.bytes[0] == 0,
        "the largest envelope is pushed, without its id");
    envelope = sample_envelope(0, bytes);
    ok(turns(&frame, &back), "and the smallest");
    frame.type = FRAME_STEM;
    ok(turns(&frame, &back) && frame_has_envelope(back.type) &&
            span_equal(back.push.envelope->encoding, envelope.encoding),
        "so is one on its stem");
    frame.type = FRAME_PUSH;
    need(frame_encode(&frame, out, sizeof(out), &size) == STATUS_OK);
    out[size - 512]++;
    ok(decode(size, &back) == STATUS_INVALID,
        "a push of what is no envelope is refused");
}

static void test_want(void)
{
    struct envelope_id ids[LIMIT_FRAME_IDS + 1];
    sample_fill(ids, sizeof(ids), 0);
    struct frame frame = {.type = FRAME_WANT}, back;
    frame.ids = (struct frame_ids){LIMIT_FRAME_IDS, ids};
    ok(turns(&frame, &back) && back.ids.count == LIMIT_FRAME_IDS &&
            memcmp(back.ids.ids, ids, LIMIT_FRAME_IDS * 16) == 0,
        "the longest want comes back");
    size_t size = 0;
    frame.ids.count++;
    ok(frame_encode(&frame, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "one id more is refused");
    struct wire_writer writer;
    wire_write_init(&writer, out, sizeof(out));
    wire_write_array(&writer, 2);
    wire_write_uint(&writer, FRAME_WANT);
    wire_write_array(&writer, LIMIT_FRAME_IDS + 1);
    for (size_t i = 0; i <= LIMIT_FRAME_IDS; i++)
        wire_write_bytes(&writer, (struct span){ids[i].bytes, 16});
    need(wire_write_done(&writer, &size) == STATUS_OK);
    ok(decode(size, &back) == STATUS_INVALID, "from a peer too");
    frame.ids.count = 0;
    ok(frame_encode(&frame, out, sizeof(out), &size) == STATUS_INVALID,
        "none at all is refused");
    memcpy(out, "\x92\x15\x90", 3);
    ok(decode(3, &back) == STATUS_INVALID, "from a peer too");
}

/* A list of ids is weighed without being written. */
static void test_weights(void)
{
    static struct envelope_id ids[LIMIT_FRAME_IDS + 1];
    struct frame frame = {.type = FRAME_IHAVE, .ids = {0, ids}};
    bool all = frame_bytes(&frame) == 0;
    for (size_t i = 1; i <= LIMIT_FRAME_IDS; i++) {
        size_t size = 0;
        frame.ids.count = i;
        all = all && !frame_encode(&frame, NULL, SIZE_MAX, &size) &&
              frame_bytes(&frame) == size;
    }
    ok(all, "a list of ids weighs what it is when written");
    frame.ids.count = LIMIT_FRAME_IDS + 1;
    ok(frame_bytes(&frame) == 0, "and nothing when it is too long");
}

/* Those that list ids are one format under seven numbers. */
static void test_tree(void)
{
    static const enum frame_type types[] = {FRAME_IHAVE, FRAME_GRAFT,
        FRAME_IDONTWANT, FRAME_WANT, FRAME_DECLINED, FRAME_UNKEPT,
        FRAME_CLEARED};
    struct envelope_id ids[3];
    sample_fill(ids, sizeof(ids), 7);
    bool all = true;
    for (size_t i = 0; i < 7; i++) {
        struct frame frame = {.type = types[i], .ids = {3, ids}}, back;
        all = all && frame_has_ids(types[i]) && turns(&frame, &back) &&
              back.type == types[i] && back.ids.count == 3 &&
              memcmp(back.ids.ids, ids, sizeof(ids)) == 0;
    }
    ok(all && !frame_has_ids(FRAME_PRUNE), "seven types list ids");
    test_weights();
    struct frame prune = {.type = FRAME_PRUNE}, back;
    ok(turns(&prune, &back) && back.type == FRAME_PRUNE, "a prune comes back");
    memcpy(out, "\x92\x13\x90", 3);
    ok(decode(3, &back) == STATUS_INVALID, "with a field it is refused");
    memcpy(out, "\x92\x11\x90", 3);
    ok(decode(3, &back) == STATUS_INVALID, "so is an announcement of nothing");
}

static void test_terms(void)
{
    struct frame back,
        frame = {.type = FRAME_TERMS,
            .terms = {LIMIT_STAMP_VALUE, LIMIT_STAMP_VALUE, UINT32_MAX}};
    ok(turns(&frame, &back) && back.terms.least == LIMIT_STAMP_VALUE &&
            back.terms.asked == LIMIT_STAMP_VALUE &&
            back.terms.rate_bytes_s == UINT32_MAX,
        "terms come back, up to their limits");
    frame.terms.least++;
    ok(frame_bytes(&frame) == 0, "more than a stamp can be worth is refused");
    frame.terms.least--;
    frame.terms.asked++;
    ok(frame_bytes(&frame) == 0, "of both");
}

static struct node_address node_at(const char *endpoint, uint8_t first)
{
    struct node_address node;
    sample_fill(node.node.bytes, sizeof(node.node.bytes), first);
    need(address_parse(span_of_text(endpoint), &node.address) == STATUS_OK);
    return node;
}

static bool same_node(
    const struct node_address *a, const struct node_address *b)
{
    return node_key_equal(&a->node, &b->node) &&
           address_equal(&a->address, &b->address);
}

static void test_member(void)
{
    struct node_address nodes[LIMIT_FRAME_NODES + 1];
    for (uint8_t i = 0; i <= LIMIT_FRAME_NODES; i++)
        nodes[i] = node_at(
            i % 2 ? "tcp://[2001:db8::9]:65535" : "tcp://203.0.113.9:1", i);
    struct frame back, frame = {.type = FRAME_JOIN};
    ok(turns(&frame, &back), "a join comes back");
    frame = (struct frame){.type = FRAME_FORWARD_JOIN,
        .forward_join = {.node = nodes[1], .hops = LIMIT_WALK_HOPS}};
    ok(turns(&frame, &back) && back.forward_join.hops == LIMIT_WALK_HOPS &&
            same_node(&back.forward_join.node, &nodes[1]),
        "so does a newcomer's name");
    frame.forward_join.hops++;
    ok(frame_bytes(&frame) == 0, "that goes no further than it may");
    frame = (struct frame){.type = FRAME_NEIGHBOR, .neighbor = {true}};
    ok(turns(&frame, &back) && back.neighbor.urgent, "a plea");
    frame = (struct frame){
        .type = FRAME_NEIGHBOR_REPLY, .neighbor_reply = {true, {2, nodes}}};
    ok(turns(&frame, &back) && back.neighbor_reply.accepted &&
            back.neighbor_reply.list.count == 2 &&
            same_node(&back.neighbor_reply.list.nodes[1], &nodes[1]),
        "and its answer");
    frame = (struct frame){.type = FRAME_SHUFFLE,
        .shuffle = {UINT64_MAX, 3, {LIMIT_FRAME_NODES, nodes}}};
    ok(turns(&frame, &back) && back.shuffle.walk == UINT64_MAX &&
            back.shuffle.hops == 3 &&
            same_node(&back.shuffle.list.nodes[7], &nodes[7]),
        "a shuffle");
    ok(frame_bytes(&frame) < 512, "which is below half a kilobyte");
    frame.type = FRAME_SHUFFLE_REPLY;
    frame.shuffle.hops = 0;
    frame.shuffle.list.count = 0;
    ok(turns(&frame, &back) && back.shuffle.list.count == 0,
        "and what answers that");
    frame.shuffle.list.count = LIMIT_FRAME_NODES + 1;
    ok(frame_bytes(&frame) == 0, "more nodes than a frame holds are refused");
}

/* A FORWARD_JOIN with an address of that size and that port. */
static enum status decode_newcomer(size_t size, uint64_t port, size_t hops)
{
    static const uint8_t zeros[32];
    struct wire_writer writer;
    struct frame back;
    size_t written = 0;
    wire_write_init(&writer, out, sizeof(out));
    wire_write_array(&writer, 3);
    wire_write_uint(&writer, FRAME_FORWARD_JOIN);
    wire_write_array(&writer, 3);
    wire_write_bytes(&writer, (struct span){zeros, 32});
    wire_write_bytes(&writer, (struct span){zeros, size});
    wire_write_uint(&writer, port);
    wire_write_uint(&writer, hops);
    need(wire_write_done(&writer, &written) == STATUS_OK);
    return decode(written, &back);
}

static void test_member_limits(void)
{
    ok(decode_newcomer(4, 1, 0) == STATUS_OK &&
            decode_newcomer(16, 65535, 6) == STATUS_OK,
        "addresses have 4 or 16 bytes");
    size_t taken = 0;
    for (size_t size = 0; size <= 32; size++)
        taken += decode_newcomer(size, 1, 0) == STATUS_OK;
    ok(taken == 2, "and no other number of them");
    ok(decode_newcomer(4, 0, 0) == STATUS_INVALID &&
            decode_newcomer(4, 65536, 0) == STATUS_INVALID &&
            decode_newcomer(4, 1, 7) == STATUS_INVALID,
        "ports and hops are held to their limits");
    struct node_address nowhere = {.address = {.port = 1}};
    struct frame frame = {
        .type = FRAME_FORWARD_JOIN, .forward_join = {.node = nowhere}};
    size_t size;
    ok(frame_encode(&frame, out, sizeof(out), &size) == STATUS_INVALID,
        "a node without an address is not written");
}

static void test_unknown(void)
{
    struct frame back = {.type = FRAME_PONG};
    memcpy(out, "\x92\x0f\x90", 3);
    ok(decode(3, &back) == STATUS_NOT_FOUND && back.type == FRAME_PONG,
        "a well-formed frame of an unknown type is told apart");
    memcpy(out, "\x92\x0f\x80", 3);
    ok(decode(3, &back) == STATUS_INVALID, "from a malformed one");
    memcpy(out, "\x91\x02", 2);
    ok(decode(2, &back) == STATUS_INVALID, "a known one keeps its length");
    memcpy(out, "\x93\x02\x01\x01", 4);
    ok(decode(4, &back) == STATUS_INVALID, "in both directions");
    memset(out, 0, sizeof(out));
    ok(decode(LIMIT_FRAME_BYTES + 1, &back) == STATUS_INVALID,
        "a frame past its limit is refused");
    ok(strcmp(frame_type_name(FRAME_PUSH), "push") == 0 &&
            !frame_type_name((enum frame_type)15),
        "types have names, unknown ones none");
}

static void test_reconcile(void)
{
    for (size_t i = 0; i <= RANGES_ITEMS_MAXIMUM; i++) {
        items[i] = (struct reconcile_item){.expires_h = 100, .state = i & 1};
        items[i].id.bytes[0] = (uint8_t)(i >> 8);
        items[i].id.bytes[1] = (uint8_t)i;
    }
    struct reconcile_range ranges[] = {
        {.bound = {100, {{0}}}, .mode = RECONCILE_SKIP},
        {.bound = {100, {{1}}},
            .mode = RECONCILE_ITEMS,
            .item_count = 256,
            .items = items},
        {.bound = {100, {{1, 3}}},
            .mode = RECONCILE_REPLY,
            .item_count = 2,
            .items = items + 257},
        {.bound = {UINT32_MAX, {{0}}},
            .mode = RECONCILE_FINGERPRINT,
            .fingerprint = {1, 2}},
    };
    struct frame frame = {.type = FRAME_RECONCILE}, back;
    frame.reconcile = (struct frame_reconcile){UINT32_MAX, 1, 4, ranges};
    ok(turns(&frame, &back) && back.reconcile.range_count == 4 &&
            back.reconcile.run == UINT32_MAX && back.reconcile.round == 1,
        "ranges of every mode come back");
    const struct reconcile_range *got = back.reconcile.ranges;
    ok(got[1].item_count == 256 && got[1].items[255].state == ITEM_CLEARED &&
            got[2].items[0].id.bytes[0] == 1 && got[2].bound.id.bytes[1] == 3 &&
            got[3].bound.expires_h == UINT32_MAX && got[3].fingerprint[1] == 2,
        "with their bounds, items and fingerprints");
    frame.reconcile = (struct frame_reconcile){1, 0, 1, ranges + 3};
    size_t equal = frame_bytes(&frame);
    frame.reconcile.range_count = 0;
    ok(equal + frame_bytes(&frame) <= 48 && turns(&frame, &back),
        "to find two sets equal takes 48 bytes or fewer");
    frame.reconcile = (struct frame_reconcile){1, 0, 1, ranges + 1};
    ok(frame_bytes(&frame) <= 256 * 21 + 32, "an item takes 21 bytes");

    size_t size;
    const struct reconcile_range turned[] = {ranges[3], ranges[0]};
    frame.reconcile = (struct frame_reconcile){1, 0, 2, turned};
    ok(frame_encode(&frame, out, sizeof(out), &size) == STATUS_INVALID &&
            frame_bytes(&frame) == 0,
        "ranges that are not in order do not go out");
    struct reconcile_range all = {
        .bound = {UINT32_MAX, {{0}}}, .mode = RECONCILE_ITEMS, .items = items};
    frame.reconcile = (struct frame_reconcile){1, 0, 1, &all};
    all.item_count = RANGES_ITEMS_MAXIMUM + 1;
    ok(frame_encode(&frame, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "too many items are refused");
    all.item_count = LIMIT_RECONCILE_BYTES / 21 + 1;
    ok(frame_encode(&frame, out, sizeof(out), &size) == STATUS_TOO_LARGE &&
            frame_bytes(&frame) == 0,
        "so is a frame past its bytes");
    all.item_count = LIMIT_RECONCILE_BYTES / 21 - 1;
    ok(frame_encode(&frame, out, sizeof(out), &size) == STATUS_OK &&
            frame_bytes(&frame) == size && decode(size, &back) == STATUS_OK &&
            back.reconcile.ranges[0].item_count == all.item_count,
        "a full one comes back");
}

/* One item at (hours, first byte of id) inside (5, 0x10) .. (7, 0x20), in a
 * frame written without any check. */
static enum status decode_item(
    uint32_t hours, uint8_t first, uint8_t state, size_t count)
{
    uint8_t packed[42] = {0, 0, 0, (uint8_t)hours, first};
    packed[20] = state;
    memcpy(packed + 21, packed, 21);
    struct wire_writer writer;
    struct frame back;
    size_t size = 0;
    wire_write_init(&writer, out, sizeof(out));
    wire_write_array(&writer, 4);
    wire_write_uint(&writer, FRAME_RECONCILE);
    wire_write_uint(&writer, 1);
    wire_write_uint(&writer, 0);
    wire_write_array(&writer, 2);
    wire_write_array(&writer, 3);
    wire_write_uint(&writer, 5);
    wire_write_bytes(&writer, span_of_text("\x10"));
    wire_write_uint(&writer, RECONCILE_SKIP);
    wire_write_array(&writer, 4);
    wire_write_uint(&writer, 2);
    wire_write_bytes(&writer, span_of_text("\x20"));
    wire_write_uint(&writer, RECONCILE_ITEMS);
    wire_write_bytes(&writer, (struct span){packed, count});
    need(wire_write_done(&writer, &size) == STATUS_OK);
    return decode(size, &back);
}

static void test_items_in_range(void)
{
    ok(decode_item(5, 0x10, 0, 21) == STATUS_OK &&
            decode_item(6, 0, 1, 21) == STATUS_OK &&
            decode_item(7, 0x1f, 0, 21) == STATUS_OK &&
            decode_item(0, 0, 0, 0) == STATUS_OK,
        "items from the bound before up to their own are taken");
    ok(decode_item(5, 0x0f, 0, 21) == STATUS_INVALID &&
            decode_item(4, 0xff, 0, 21) == STATUS_INVALID &&
            decode_item(7, 0x20, 0, 21) == STATUS_INVALID &&
            decode_item(8, 0, 0, 21) == STATUS_INVALID,
        "items outside are refused");
    ok(decode_item(6, 0, 2, 21) == STATUS_INVALID, "so is an unknown state");
    ok(decode_item(6, 0, 0, 42) == STATUS_INVALID, "an item said twice");
    ok(decode_item(6, 0, 0, 20) == STATUS_INVALID &&
            decode_item(6, 0, 0, 22) == STATUS_INVALID,
        "and a part of one");
}

/* A reconciliation of these ranges' bytes. */
static enum status decode_ranges(const char *bytes, size_t size)
{
    struct frame back;
    memcpy(out, "\x94\x18\x01", 3);
    out[3] = 0;
    memcpy(out + 4, bytes, size);
    return decode(4 + size, &back);
}
#define RANGES(literal) decode_ranges(literal, sizeof(literal) - 1)

static void test_ranges(void)
{
    ok(RANGES("\x92\x93\x05\xc4\x01\x01\0\x93\0\xc4\x01\x02\0") == STATUS_OK,
        "bounds ascend");
    ok(RANGES("\x92\x93\x05\xc4\x01\x02\0\x93\0\xc4\x01\x02\0") ==
            STATUS_INVALID,
        "strictly");
    ok(RANGES("\x92\x93\x05\xc4\x01\x02\0\x93\0\xc4\x01\x01\0") ==
            STATUS_INVALID,
        "and never descend");
    ok(RANGES("\x92\x93\xce\xff\xff\xff\xff\xc4\0\0"
              "\x93\x01\xc4\0\0") == STATUS_INVALID,
        "hours do not run over");
    ok(RANGES("\x91\x93\x05\xc4\x02\x01\0\0") == STATUS_INVALID,
        "a bound's id is cut of its zeros");
    ok(RANGES("\x91\x94\x05\xc4\0\0\x01") == STATUS_INVALID &&
            RANGES("\x91\x93\x05\xc4\0\x01") == STATUS_INVALID &&
            RANGES("\x91\x94\x05\xc4\0\x01\xc4\x01\0") == STATUS_INVALID &&
            RANGES("\x91\x94\x05\xc4\0\x04\xc4\0") == STATUS_INVALID,
        "a range has what its mode says");
    static char many[3 + 5 * (RANGES_MAXIMUM + 1)];
    memcpy(many, "\xdc\x02\x00", 3);
    for (size_t i = 0; i <= RANGES_MAXIMUM; i++)
        memcpy(many + 3 + 5 * i, "\x93\x01\xc4\0\0", 5);
    ok(decode_ranges(many, sizeof(many) - 5) == STATUS_OK, "512 are taken");
    many[2] = 1;
    ok(decode_ranges(many, sizeof(many)) == STATUS_INVALID,
        "one more is refused");
}

int main(void)
{
    test_hello();
    test_short_frames();
    test_push();
    test_want();
    test_tree();
    test_terms();
    test_member();
    test_member_limits();
    test_unknown();
    test_reconcile();
    test_items_in_range();
    test_ranges();
    return tap_done();
}
