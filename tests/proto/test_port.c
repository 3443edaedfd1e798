/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/port.h"

#include "tests/proto/samples.h"
#include "tests/tap.h"

static uint8_t out[LIMIT_PORT_BYTES + 1], again[LIMIT_PORT_BYTES];
static struct port_scratch scratch;

static enum status decode(size_t size, struct port_message *message)
{
    return port_decode((struct span){out, size}, &scratch, message);
}

/* Encode, decode, encode again to the same bytes; and refuse it cut anywhere,
 * and with a byte behind it. */
static bool turns(const struct port_message *message, struct port_message *back)
{
    size_t size = 0, second = 0;
    if (port_encode(message, out, LIMIT_PORT_BYTES, &size))
        return false;
    for (size_t cut = 0; cut < size; cut++)
        if (decode(cut, back) != STATUS_INVALID ||
            port_encode(message, again, cut, &second) != STATUS_TOO_LARGE)
            return false;
    out[size] = 1;
    return decode(size + 1, back) == STATUS_INVALID &&
           decode(size, back) == STATUS_OK && back->type == message->type &&
           port_encode(back, again, sizeof(again), &second) == STATUS_OK &&
           second == size && memcmp(out, again, size) == 0;
}

static void test_envelopes(void)
{
    static uint8_t bytes[LIMIT_ENVELOPE_BYTES];
    struct envelope envelope = sample_envelope(0, bytes);
    struct port_message message = {.type = PORT_SUBMIT}, back;
    message.envelope.envelope = &envelope;
    message.envelope.urgent = true;
    ok(turns(&message, &back) && back.envelope.urgent &&
            span_equal(back.envelope.envelope->encoding, envelope.encoding),
        "submit comes back");
    message.type = PORT_ENVELOPE;
    ok(turns(&message, &back), "and envelope");
    envelope = sample_envelope(3, bytes);
    size_t size = 0;
    ok(port_encode(&message, out, sizeof(out), &size) == STATUS_OK &&
            decode(size, &back) == STATUS_OK,
        "with the largest too");
    out[size - 1 - 32767]++;
    ok(decode(size, &back) == STATUS_INVALID, "what is no envelope is refused");
}

static void test_lookup(void)
{
    struct tag tags[LIMIT_PORT_TAGS + 1];
    sample_fill(tags, sizeof(tags), 0);
    struct port_message message = {.type = PORT_LOOKUP}, back;
    message.lookup.count = LIMIT_PORT_TAGS;
    message.lookup.tags = tags;
    ok(turns(&message, &back) && back.lookup.count == LIMIT_PORT_TAGS &&
            memcmp(back.lookup.tags, tags, 16 * LIMIT_PORT_TAGS) == 0,
        "the longest lookup comes back");
    size_t size = 0;
    message.lookup.count++;
    ok(port_encode(&message, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "one tag more is refused");
    message.lookup.count = 0;
    ok(port_encode(&message, out, sizeof(out), &size) == STATUS_INVALID,
        "so is none");
    memcpy(out, "\x92\x03\x90", 3);
    ok(decode(3, &back) == STATUS_INVALID, "from the other side too");
}

static void test_beacons(void)
{
    static struct beacon_key keys[LIMIT_BEACON_KEYS + 1];
    struct port_message message = {.type = PORT_BEACON}, back;
    size_t size = 0;
    for (size_t i = 0; i <= LIMIT_BEACON_KEYS; i++) {
        memset(&keys[i], 7, sizeof(keys[i]));
        keys[i].tag[0] = (uint8_t)(i >> 8);
        keys[i].tag[1] = (uint8_t)i;
    }
    message.beacon.epoch = UINT32_MAX;
    message.beacon.count = LIMIT_BEACON_KEYS;
    message.beacon.keys = keys;
    ok(turns(&message, &back) && back.beacon.count == LIMIT_BEACON_KEYS &&
            back.beacon.epoch == UINT32_MAX && !back.beacon.own &&
            memcmp(back.beacon.keys, keys, 40 * LIMIT_BEACON_KEYS) == 0,
        "the keys of most contacts come back");
    message.beacon.count++;
    ok(port_encode(&message, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "one more is refused");
    message.beacon.count = 2;
    keys[1] = keys[0];
    ok(port_encode(&message, out, sizeof(out), &size) == STATUS_INVALID,
        "so are two with one tag");
    message.beacon.count = 0;
    ok(turns(&message, &back) && back.beacon.count == 0, "none are none");
    memcpy(out, "\x94\x05\x01\xc3\xc4\x01\x01", 7);
    ok(decode(7, &back) == STATUS_INVALID, "part of a key is malformed");
}

static void test_the_rest(void)
{
    struct port_message message = {.type = PORT_RELEASE}, back;
    sample_fill(&message.receipt, sizeof(message.receipt), 3);
    ok(turns(&message, &back) &&
            memcmp(&back.receipt, &message.receipt, sizeof(back.receipt)) == 0,
        "release comes back");
    message.type = PORT_CLEARED;
    ok(turns(&message, &back), "and cleared");
    message = (struct port_message){.type = PORT_LISTEN, .listen = true};
    ok(turns(&message, &back) && back.listen, "and listen");
    message = (struct port_message){
        .type = PORT_HANDED, .handed = {{{9}}, UINT32_MAX}};
    ok(turns(&message, &back) && back.handed.peers == UINT32_MAX &&
            back.handed.id.bytes[0] == 9,
        "and handed");
    message = (struct port_message){
        .type = PORT_REFUSED, .refused = {{{9}}, STATUS_FULL}};
    ok(turns(&message, &back) && back.refused.reason == STATUS_FULL,
        "and refused");
    message = (struct port_message){.type = PORT_WAITS, .waits = {{{9}}, 12}};
    ok(turns(&message, &back) && back.waits.bits == 12 &&
            back.waits.id.bytes[0] == 9,
        "and what waits");
    memcpy(out, "\x92\x04\x01", 3);
    ok(decode(3, &back) == STATUS_INVALID, "a number is not a boolean");
    memcpy(out, "\x92\x06\xc3", 3);
    ok(decode(3, &back) == STATUS_NOT_FOUND, "an unknown type is told apart");
    memset(out, 1, sizeof(out));
    ok(decode(sizeof(out), &back) == STATUS_INVALID,
        "a message past its limit is refused");
}

int main(void)
{
    test_envelopes();
    test_lookup();
    test_beacons();
    test_the_rest();
    return tap_done();
}
