/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose link it is: routing ids, node keys, HELLOs, clocks. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "base/hex.h"
#include "tests/hostile/curve.h"
#include "tests/hostile/hostile.h"
#include "tests/hostile/peer.h"

static const struct peer_kind plain = {0};

/* A peer's secret, kept for another run or read again. */
static void keep_secret(const struct hostile *hostile, const uint8_t *secret)
{
    FILE *file = fopen(hostile->argv[0], "wb");
    if (!file || fwrite(secret, 1, 32, file) != 32 || fclose(file) != 0)
        hostile_die(hostile->argv[0]);
}

static void recall_secret(const struct hostile *hostile, uint8_t *secret)
{
    FILE *file = fopen(hostile->argv[0], "rb");
    if (!file || fread(secret, 1, 32, file) != 32)
        hostile_die(hostile->argv[0]);
    fclose(file);
}

/* As low as a peer can fall: to where its link ends, and garbage from there. */
void mode_outcast(struct hostile *hostile)
{
    static struct forged forged;
    struct peer peer;
    forge(hostile, &forged, 0, 24);
    const struct frame push = forged_push(&forged);
    const struct frame receipt = forged_false_receipt(&forged);
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    peer_send(&peer, &push);
    peer_send(&peer, &receipt);
    hostile_tell("linked", peer_settle(&peer));
    peer_send_bytes(&peer, span_of_text("garbage"));
    hostile_tell("out", peer_is_ended(&peer));
    hostile_tell("frames", 3);
    keep_secret(hostile, peer.secret);
    peer_close(&peer);
}

void mode_return(struct hostile *hostile)
{
    uint8_t secret[32];
    struct peer peer;
    recall_secret(hostile, secret);
    peer_join(
        hostile, &peer, &(struct peer_kind){.secret = secret}, FEATURE_TREE);
    hostile_tell("linked", !peer.out && peer.got[FRAME_HELLO] > 0);
    hostile_tell("goodbye", peer.goodbye == DISCONNECT_SCORE);
    peer_close(&peer);
}

/* Names of one's own, among them some that two connections share.  (A name that
 * begins with a zero is of the form that libzmq gives, and a link like others;
 * what claims on such numbers could do, test_transport_attacks plays.) */
void mode_names(struct hostile *hostile)
{
    enum { NAMES = 32 };
    static struct peer peers[NAMES];
    uint64_t out = 0;
    for (int i = 0; i < NAMES; i++) {
        uint8_t name[5] = {1, 'n', 'a', 'm', (uint8_t)(i / 2)};
        if (i % 4 == 3)
            random_fill(&hostile->random.base, name + 1, sizeof(name) - 1);
        peer_begin(hostile, &peers[i],
            &(struct peer_kind){.name = name, .name_bytes = sizeof(name)});
        const struct frame hello = peer_hello(&peers[i], FEATURE_TREE);
        peer_send(&peers[i], &hello);
    }
    for (int i = 0; i < NAMES; i++)
        out += peer_is_ended(&peers[i]) && peers[i].got[FRAME_HELLO] == 0;
    hostile_tell("frames", NAMES);
    hostile_tell("out", out);
    for (int i = 0; i < NAMES; i++)
        peer_close(&peers[i]);
}

/* Each link is given up when the next is sought, so that only their number a
 * second is out of the ordinary. */
void mode_rush(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 400), linked = 0;
    uint64_t began_ms = hostile_now_ms();
    struct peer peer;
    for (uint64_t i = 0; i < count; i++) {
        peer_join(hostile, &peer, &plain, FEATURE_TREE);
        linked += peer.linked;
        peer_close(&peer);
    }
    hostile_tell("frames", count);
    hostile_tell("linked", linked);
    hostile_tell("seconds", (hostile_now_ms() - began_ms) / 1000 + 1);
    hostile_hold();
}

void mode_twins(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 50), out = 0;
    struct peer first, next;
    uint8_t secret[32];
    peer_join(hostile, &first, &plain, FEATURE_TREE);
    memcpy(secret, first.secret, sizeof(secret));
    for (uint64_t i = 0; i < count; i++) {
        peer_join(hostile, &next, &(struct peer_kind){.secret = secret},
            FEATURE_TREE);
        out += peer_is_ended(&first);
        peer_close(&first);
        first = next;
    }
    hostile_tell("frames", count);
    hostile_tell("out", out);
    hostile_tell("linked", peer_settle(&first));
    peer_close(&first);
}

/* Say HELLO under that key; whether that ended the link, for misbehaviour. */
static bool claims(struct peer *peer, const struct node_key *key)
{
    struct frame hello = peer_hello(peer, FEATURE_TREE);
    hello.hello.node = *key;
    peer_send(peer, &hello);
    return peer_is_ended(peer) && peer->goodbye == DISCONNECT_SCORE;
}

void mode_impostor(struct hostile *hostile)
{
    struct node_key other;
    struct peer peer;
    uint64_t out = 0;
    if (hostile->argc < 1 || hex_decode(hostile->argv[0], other.bytes, 32))
        hostile_die("whose key?");
    peer_dial(hostile, &peer, &plain);
    out += claims(&peer, &other);
    peer_close(&peer);
    peer_dial(hostile, &peer, &plain);
    out += claims(&peer, &hostile->relay);
    peer_close(&peer);
    hostile_tell("frames", 2);
    hostile_tell("out", out);
}

void mode_changeling(struct hostile *hostile)
{
    struct node_key other;
    struct peer peer;
    random_fill(&hostile->random.base, other.bytes, sizeof(other.bytes));
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    hostile_tell("frames", 1);
    hostile_tell("out", claims(&peer, &other));
    peer_close(&peer);
}

static struct frame hello_of(const struct node_key *key)
{
    struct frame frame = {.type = FRAME_HELLO};
    frame.hello.version = FRAME_PROTOCOL_VERSION;
    frame.hello.node = *key;
    frame.hello.features = FEATURE_TREE;
    frame.hello.clock_s = hostile_wall_s();
    return frame;
}

/* Whether the relay greets and keeps a link whose CURVE handshake gives that
 * key, as libzmq writes it, for the name of who is asking. */
static bool is_taken(
    struct hostile *hostile, const struct node_key *alias, bool says_alias)
{
    char text[41];
    struct curve curve;
    struct frame frame = {.type = FRAME_PING};
    zmq_z85_encode(text, alias->bytes, sizeof(alias->bytes));
    curve_dial(hostile, &curve, &(struct curve_property){"User-Id", text});
    const struct frame hello = hello_of(says_alias ? alias : &curve.key);
    curve_send(&curve, &hello);
    curve_send(&curve, &frame);
    bool is_taken = curve.linked && curve_gets(&curve, FRAME_PONG, &frame);
    curve_close(&curve);
    return is_taken;
}

/* A relay that believed it would throw the first out as an impostor, and have
 * the second in the place of whose key it is. */
void mode_alias(struct hostile *hostile)
{
    struct node_key alias;
    if (hostile->argc < 1 || hex_decode(hostile->argv[0], alias.bytes, 32))
        hostile_die("whose key?");
    hostile_tell("linked", is_taken(hostile, &alias, false));
    hostile_tell("deceived", is_taken(hostile, &alias, true));
    hostile_tell("frames", 4);
}

void mode_greeter(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 50000), sent = 0;
    struct peer peer;
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    const struct frame hello = peer_hello(&peer, FEATURE_TREE);
    while (sent < count && peer_send(&peer, &hello)) {
        sent++;
        if (sent % 64 == 0)
            peer_turn(&peer, 0);
    }
    hostile_tell("frames", sent);
    hostile_tell("linked", peer_settle(&peer));
    hostile_tell("answers", peer.got[FRAME_HELLO]);
    peer_close(&peer);
}

/* A link that says something else, so that it is one. */
void mode_mute(struct hostile *hostile)
{
    const struct frame ping = {.type = FRAME_PING};
    struct peer peer;
    peer_dial(hostile, &peer, &plain);
    peer_send(&peer, &ping);
    hostile_tell("frames", 1);
    hostile_tell("out", peer_is_ended(&peer));
    hostile_tell("pongs", peer.got[FRAME_PONG]);
    peer_close(&peer);
}

void mode_clock(struct hostile *hostile)
{
    struct peer peer;
    peer_dial(hostile, &peer, &plain);
    struct frame hello = peer_hello(&peer, FEATURE_TREE);
    hello.hello.clock_s += hostile_number(hostile, 0, 86400);
    peer_send(&peer, &hello);
    bool linked = peer_settle(&peer);
    hostile_tell("frames", 1);
    hostile_tell("linked", linked);
    hostile_tell("out", !linked && peer.goodbye == DISCONNECT_CLOCK);
    peer_close(&peer);
}
