/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The code says byte for byte what proto/vectors/encodings.txt says; that the
 * bytes mean what the file says they do is check-vectors.py's to hold. */
#include <stdbool.h>

#include "proto/beacon.h"
#include "proto/card.h"
#include "proto/frame.h"
#include "proto/group.h"
#include "proto/letter.h"
#include "proto/port.h"
#include "tests/proto/samples.h"
#include "tests/tap.h"

enum { NOW_S = 1764000000, EXPIRES_H = 490000 };

static struct {
    char name[64];
    uint8_t bytes[1200];
    size_t size;
} vectors[80];
static size_t vector_count, vectors_used;

static uint8_t out[LIMIT_PORT_BYTES];
static struct frame_scratch frame_scratch;
static struct port_scratch port_scratch;

static void vectors_load(void)
{
    char path[4096], digits[2401];
    static char line[8192];
    const char *source = getenv("top_srcdir");
    int size = snprintf(path, sizeof(path), "%s/proto/vectors/encodings.txt",
        source ? source : ".");
    need(size > 0 && (size_t)size < sizeof(path));
    FILE *file = fopen(path, "r");
    need(file);
    while (fgets(line, sizeof(line), file)) {
        if (line[0] == '#')
            continue;
        need(vector_count < sizeof(vectors) / sizeof(vectors[0]));
        need(sscanf(line, "%63s %2400s", vectors[vector_count].name, digits) ==
             2);
        size_t bytes = digits[0] == '-' ? 0 : strlen(digits) / 2;
        need(bytes == 0 || hex_decode(digits, vectors[vector_count].bytes,
                               bytes) == STATUS_OK);
        vectors[vector_count++].size = bytes;
    }
    fclose(file);
}

/* One that another test holds. */
static struct span vector_of(const char *name)
{
    for (size_t i = 0; i < vector_count; i++)
        if (strcmp(vectors[i].name, name) == 0)
            return (struct span){vectors[i].bytes, vectors[i].size};
    printf("Bail out! no vector %s\n", name);
    exit(99);
}

static struct span vector(const char *name)
{
    vectors_used++;
    return vector_of(name);
}

static struct envelope_id id(uint8_t first)
{
    struct envelope_id id;
    sample_fill(id.bytes, sizeof(id.bytes), first);
    return id;
}

static void check_frame(const char *name, const struct frame *frame)
{
    struct frame back;
    size_t size = 0;
    struct span bytes = vector(name);
    ok(frame_encode(frame, out, sizeof(out), &size) == STATUS_OK &&
            span_equal(bytes, (struct span){out, size}) &&
            frame_decode(bytes, &frame_scratch, &back) == STATUS_OK &&
            back.type == frame->type,
        name);
}

static void test_frames(const struct envelope *envelope)
{
    struct frame frame = {.type = FRAME_HELLO};
    frame.hello.version = FRAME_PROTOCOL_VERSION;
    sample_fill(frame.hello.node.bytes, 32, 1);
    frame.hello.endpoint_count = 1;
    frame.hello.endpoints[0] = span_of_text("tcp://192.0.2.1:7311");
    frame.hello.clock_s = NOW_S;
    check_frame("frame.hello", &frame);
    frame = (struct frame){.type = FRAME_PING, .ping = {1ull << 63}};
    check_frame("frame.ping", &frame);
    frame = (struct frame){.type = FRAME_PONG, .ping = {7}};
    check_frame("frame.pong", &frame);
    frame = (struct frame){
        .type = FRAME_DISCONNECT, .disconnect = {DISCONNECT_ASKED}};
    check_frame("frame.disconnect", &frame);
    frame = (struct frame){.type = FRAME_TERMS, .terms = {12, 14, 65536}};
    check_frame("frame.terms", &frame);
    frame = (struct frame){.type = FRAME_PUSH};
    frame.push.envelope = envelope;
    check_frame("frame.push", &frame);
    struct envelope_id ids[] = {id(0x10), id(0x30)};
    frame = (struct frame){.type = FRAME_IHAVE, .ids = {2, ids}};
    check_frame("frame.ihave", &frame);
    frame = (struct frame){.type = FRAME_GRAFT, .ids = {1, ids}};
    check_frame("frame.graft", &frame);
    frame = (struct frame){.type = FRAME_PRUNE};
    check_frame("frame.prune", &frame);
    frame = (struct frame){.type = FRAME_IDONTWANT, .ids = {1, ids}};
    check_frame("frame.idontwant", &frame);
    frame = (struct frame){.type = FRAME_WANT, .ids = {2, ids}};
    check_frame("frame.want", &frame);
    frame = (struct frame){.type = FRAME_STEM};
    frame.push.envelope = envelope;
    check_frame("frame.stem", &frame);
    frame = (struct frame){.type = FRAME_RECEIPT};
    frame.receipt.id = id(0x10);
    sample_fill(frame.receipt.opening.bytes, 32, 0x20);
    check_frame("frame.receipt", &frame);
    frame.type = FRAME_STEM_RECEIPT;
    check_frame("frame.stem-receipt", &frame);
    frame = (struct frame){.type = FRAME_DECLINED, .ids = {2, ids}};
    check_frame("frame.declined", &frame);
    frame = (struct frame){.type = FRAME_UNKEPT, .ids = {2, ids}};
    check_frame("frame.unkept", &frame);
    frame = (struct frame){.type = FRAME_CLEARED, .ids = {2, ids}};
    check_frame("frame.cleared", &frame);
}

static void test_member(void)
{
    struct node_address nodes[2] = {{.address = {4, 7311, {192, 0, 2, 1}}},
        {.address = {16, 443, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}}}};
    sample_fill(nodes[0].node.bytes, 32, 1);
    sample_fill(nodes[1].node.bytes, 32, 0x21);
    struct frame frame = {.type = FRAME_JOIN};
    check_frame("frame.join", &frame);
    frame = (struct frame){
        .type = FRAME_FORWARD_JOIN, .forward_join = {nodes[0], 6}};
    check_frame("frame.forward-join", &frame);
    frame = (struct frame){.type = FRAME_NEIGHBOR, .neighbor = {true}};
    check_frame("frame.neighbor", &frame);
    frame = (struct frame){
        .type = FRAME_NEIGHBOR_REPLY, .neighbor_reply = {false, {1, nodes}}};
    check_frame("frame.neighbor-reply", &frame);
    frame = (struct frame){
        .type = FRAME_SHUFFLE, .shuffle = {1ull << 40, 6, {2, nodes}}};
    check_frame("frame.shuffle", &frame);
    frame = (struct frame){
        .type = FRAME_SHUFFLE_REPLY, .shuffle = {1ull << 40, 0, {0, NULL}}};
    check_frame("frame.shuffle-reply", &frame);
}

static void test_reconcile(void)
{
    struct reconcile_item items[] = {
        {EXPIRES_H, id(1), ITEM_STORED}, {EXPIRES_H, id(2), ITEM_CLEARED}};
    struct reconcile_range ranges[] = {
        {.bound = {EXPIRES_H, {{0}}}, .mode = RECONCILE_SKIP},
        {.bound = {EXPIRES_H, {{0x80}}},
            .mode = RECONCILE_ITEMS,
            .item_count = 2,
            .items = items},
        {.bound = {EXPIRES_H + 1, {{1, 2}}}, .mode = RECONCILE_REPLY},
        {.bound = {UINT32_MAX, {{0}}}, .mode = RECONCILE_FINGERPRINT}};
    sample_fill(ranges[3].fingerprint, 16, 0x70);
    struct frame frame = {.type = FRAME_RECONCILE};
    frame.reconcile = (struct frame_reconcile){0x80000001, 1, 4, ranges};
    check_frame("frame.reconcile", &frame);
    frame.reconcile = (struct frame_reconcile){1, 2, 0, NULL};
    check_frame("frame.reconcile.finished", &frame);
}

static void check_letter(const char *name, const struct letter *letter)
{
    struct letter back;
    size_t size = 0;
    struct span bytes = vector(name);
    ok(letter_encode(letter, out, sizeof(out), &size) == STATUS_OK &&
            span_equal(bytes, (struct span){out, size}) &&
            letter_decode(bytes, &back) == STATUS_OK,
        name);
}

static void test_letters(void)
{
    struct letter letter = {.type = LETTER_TEXT,
        .sent_at_s = NOW_S,
        .expires_h = EXPIRES_H,
        .burn_s = 300,
        .text = span_of_text("Gr\xc3\xbc\xc3\x9f"
                             "e")};
    sample_fill(letter.id.bytes, 16, 0x10);
    check_letter("letter.text", &letter);
    letter.burn_s = 0;
    letter.text = (struct span){0};
    letter.type = LETTER_WELCOME;
    check_letter("letter.welcome", &letter);
    letter.type = LETTER_READ;
    letter.read_count = 2;
    sample_fill(letter.read[0].bytes, 16, 0x30);
    sample_fill(letter.read[1].bytes, 16, 0x31);
    check_letter("letter.read", &letter);
}

static void test_file_letters(void)
{
    uint8_t parts[2 * FILE_HASH_BYTES];
    struct letter letter = {.type = LETTER_FILE,
        .sent_at_s = NOW_S,
        .expires_h = EXPIRES_H,
        .text = span_of_text("plan")};
    sample_fill(letter.id.bytes, 16, 0x10);
    sample_fill(letter.file.hash, 32, 0x20);
    sample_fill(parts, sizeof(parts), 0x40);
    letter.file.name = span_of_text("gr\xc3\xbcn.pdf");
    letter.file.bytes = LIMIT_FILE_PART_BYTES + 1;
    letter.file.parts = (struct span){parts, sizeof(parts)};
    check_letter("letter.file", &letter);
    letter.type = LETTER_FILE_PART;
    sample_fill(letter.part.file.bytes, 16, 0x10);
    letter.part.number = 1;
    letter.part.bytes = span_of_text("x");
    check_letter("letter.file-part", &letter);
    letter.type = LETTER_FILE_DONE;
    letter.done = (struct file_done){letter.part.file, FILE_END_DAMAGED};
    check_letter("letter.file-done", &letter);
}

static void test_evidence_letters(void)
{
    struct letter letter = {.sent_at_s = NOW_S, .expires_h = EXPIRES_H};
    struct evidence *evidence = &letter.evidence;
    sample_fill(letter.id.bytes, 16, 0x10);
    sample_fill(evidence->conversation.bytes, 32, 0x70);
    letter.type = LETTER_PROPOSE;
    check_letter("letter.propose", &letter);
    letter.type = LETTER_ACCEPT;
    check_letter("letter.accept", &letter);
    letter.type = LETTER_NONE;
    check_letter("letter.none", &letter);
    evidence->number = 3;
    sample_fill(evidence->previous.bytes, 32, 0x80);
    evidence->seen = 2;
    sample_fill(evidence->seen_hash.bytes, 32, 0x90);
    sample_fill(evidence->signature, 64, 0xa0);
    letter.type = LETTER_END;
    check_letter("letter.end", &letter);
    letter.type = LETTER_SIGNED;
    letter.text = span_of_text("yes");
    check_letter("letter.signed", &letter);
    letter.type = LETTER_SIGNED_FILE;
    letter.file.name = span_of_text("a.txt");
    letter.file.bytes = 1;
    sample_fill(letter.file.hash, 32, 0x20);
    letter.file.parts = (struct span){letter.file.hash, 32};
    check_letter("letter.signed-file", &letter);
}

static struct card sample_card(void)
{
    struct card card = {
        .suite = 1, .prekey_id = 7, .prekey_expires_h = EXPIRES_H};
    sample_fill(card.sign_key, 32, 0x10);
    sample_fill(card.agree_key, 32, 0x20);
    sample_fill(card.address, 32, 0x30);
    sample_fill(card.prekey, 32, 0x40);
    sample_fill(card.signature, 64, 0x50);
    return card;
}

static void test_group_letters(void)
{
    struct letter letter = {
        .sent_at_s = NOW_S, .expires_h = EXPIRES_H, .card = sample_card()};
    sample_fill(letter.id.bytes, 16, 0x10);
    sample_fill(letter.group.bytes, 32, 0x70);
    letter.type = LETTER_GROUP_INVITE;
    letter.name = span_of_text("team");
    check_letter("letter.group-invite", &letter);
    letter.type = LETTER_GROUP_JOIN;
    sample_fill(letter.join_key, 32, 0x80);
    check_letter("letter.group-join", &letter);
    letter.type = LETTER_GROUP_OPS;
    letter.op_count = 2;
    letter.ops[0] = vector_of("group.remove");
    letter.ops[1] = vector_of("group.leave");
    check_letter("letter.group-ops", &letter);
    letter.type = LETTER_GROUP_ASK;
    letter.head_count = 2;
    sample_fill(letter.heads[0].bytes, 32, 0x40);
    sample_fill(letter.heads[1].bytes, 32, 0x60);
    check_letter("letter.group-ask", &letter);
    letter.type = LETTER_GROUP_KEY;
    sample_fill(letter.view, 32, 0x90);
    letter.key.number = 200;
    sample_fill(letter.key.chain_key, 32, 0xa0);
    sample_fill(letter.key.tag_key, 32, 0xb0);
    sample_fill(letter.key.sign_public, 32, 0xc0);
    check_letter("letter.group-key", &letter);
    letter.type = LETTER_GROUP_RECEIPT;
    letter.read_count = 1;
    sample_fill(letter.read[0].bytes, 16, 0x30);
    check_letter("letter.group-receipt", &letter);
}

static void check_op(const char *name, const struct group_op *op)
{
    struct group_op back;
    size_t size = 0;
    size_t signed_bytes = 0;
    struct span bytes = vector(name);
    group_op_encode(op, out, &size, &signed_bytes);
    ok(span_equal(bytes, (struct span){out, size}) &&
            signed_bytes == size - 66 &&
            group_op_decode(bytes, &back) == STATUS_OK,
        name);
}

static void test_group_ops(void)
{
    struct group_op op = {.kind = GROUP_NEW,
        .admin = true,
        .card = sample_card(),
        .name_size = 4,
        .name = "team"};
    sample_fill(op.author.bytes, 32, 0x60);
    op.subject = op.author;
    sample_fill(op.key, 32, 0x80);
    sample_fill(op.signature, 64, 0xa0);
    check_op("group.new", &op);
    op.kind = GROUP_ADD;
    sample_fill(op.group.bytes, 32, 0x70);
    op.parent_count = 2;
    sample_fill(op.parents[0].bytes, 32, 0x70);
    sample_fill(op.parents[1].bytes, 32, 0x71);
    sample_fill(op.subject.bytes, 32, 0x61);
    op.admin = false;
    op.name_size = 2;
    memcpy(op.name, "bo", 2);
    check_op("group.add", &op);
    op.kind = GROUP_REMOVE;
    op.parent_count = 1;
    sample_fill(op.parents[0].bytes, 32, 0x72);
    check_op("group.remove", &op);
    op.kind = GROUP_LEAVE;
    op.author = op.subject;
    check_op("group.leave", &op);
}

static void check_port(const char *name, const struct port_message *message)
{
    struct port_message back;
    size_t size = 0;
    struct span bytes = vector(name);
    ok(port_encode(message, out, sizeof(out), &size) == STATUS_OK &&
            span_equal(bytes, (struct span){out, size}) &&
            port_decode(bytes, &port_scratch, &back) == STATUS_OK,
        name);
}

static void test_ports(const struct envelope *envelope)
{
    struct port_message message = {.type = PORT_SUBMIT};
    message.envelope.envelope = envelope;
    message.envelope.urgent = true;
    check_port("port.submit", &message);
    message.type = PORT_ENVELOPE;
    check_port("port.envelope", &message);
    message = (struct port_message){.type = PORT_RELEASE};
    message.receipt.id = id(0x10);
    sample_fill(message.receipt.opening.bytes, 32, 0x20);
    check_port("port.release", &message);
    message.type = PORT_CLEARED;
    check_port("port.cleared", &message);
    struct tag tags[2];
    sample_fill(tags[0].bytes, 16, 0x10);
    sample_fill(tags[1].bytes, 16, 0x30);
    message = (struct port_message){.type = PORT_LOOKUP};
    message.lookup.count = 2;
    message.lookup.tags = tags;
    check_port("port.lookup", &message);
    message = (struct port_message){.type = PORT_LISTEN};
    check_port("port.listen", &message);
    struct beacon_key keys[2];
    for (uint8_t i = 0; i < 2; i++) {
        sample_fill(keys[i].tag, sizeof(keys[i].tag), 0x10 + i);
        sample_fill(keys[i].key, sizeof(keys[i].key), 0x20 + 0x10 * i);
    }
    message = (struct port_message){.type = PORT_BEACON,
        .beacon = {.epoch = 7, .own = true, .count = 2, .keys = keys}};
    check_port("port.beacon", &message);
    message =
        (struct port_message){.type = PORT_HANDED, .handed = {id(0x10), 3}};
    check_port("port.handed", &message);
    message = (struct port_message){
        .type = PORT_REFUSED, .refused = {id(0x10), STATUS_FULL}};
    check_port("port.refused", &message);
    message =
        (struct port_message){.type = PORT_WAITS, .waits = {id(0x10), 12}};
    check_port("port.waits", &message);
}

static void test_beacon(void)
{
    struct beacon_datagram beacon = {.port = 7311}, back;
    sample_fill(beacon.node.bytes, 32, 1);
    sample_fill(beacon.boot, sizeof(beacon.boot), 0x40);
    size_t size = beacon_datagram_encode(&beacon, out);
    struct span bytes = vector("beacon");
    ok(span_equal(bytes, (struct span){out, size}) &&
            beacon_datagram_decode(bytes, &back) == STATUS_OK,
        "beacon");
    struct beacon_sealed sealed;
    sample_fill(sealed.salt, sizeof(sealed.salt), 0x40);
    sample_fill(sealed.entries, sizeof(sealed.entries), 0);
    size = beacon_sealed_encode(&sealed, out);
    bytes = vector("beacon.sealed");
    ok(span_equal(bytes, (struct span){out, size}) &&
            beacon_sealed_decode(bytes, &sealed) == STATUS_OK,
        "beacon.sealed");
}

static void test_card(void)
{
    struct card card = sample_card();
    card_encode(&card, out);
    ok(span_equal(vector("card"), (struct span){out, CARD_BYTES}), "card");
}

static void test_unknown_and_refused(void)
{
    struct frame frame;
    struct letter letter;
    struct port_message message;
    struct beacon_datagram beacon;
    ok(frame_decode(vector("frame.unknown"), &frame_scratch, &frame) ==
                STATUS_NOT_FOUND &&
            letter_decode(vector("letter.unknown"), &letter) ==
                STATUS_NOT_FOUND &&
            port_decode(vector("port.unknown"), &port_scratch, &message) ==
                STATUS_NOT_FOUND,
        "unknown types are told apart");
    for (size_t i = 0; i < vector_count; i++) {
        if (strncmp(vectors[i].name, "refused.", 8) != 0)
            continue;
        struct span bytes = vector(vectors[i].name);
        ok(frame_decode(bytes, &frame_scratch, &frame) == STATUS_INVALID &&
                letter_decode(bytes, &letter) != STATUS_OK &&
                beacon_datagram_decode(bytes, &beacon) != STATUS_OK,
            vectors[i].name);
    }
}

int main(void)
{
    vectors_load();
    static uint8_t bytes[LIMIT_ENVELOPE_BYTES];
    struct envelope envelope = sample_envelope(0, bytes);
    ok(span_equal(vector("envelope"), envelope.encoding), "envelope");
    test_frames(&envelope);
    test_member();
    test_reconcile();
    test_letters();
    test_group_letters();
    test_file_letters();
    test_evidence_letters();
    test_group_ops();
    test_ports(&envelope);
    test_beacon();
    test_card();
    test_unknown_and_refused();
    ok(vectors_used == vector_count, "every vector was used");
    return tap_done();
}
