/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A node that speaks the wire over libzmq's own sockets, by none of the
 * daemon's code but its encodings: what the transport would hold back, it does.
 * Each socket dials once; its monitor tells when the connection has ended. */
#include "config.h"

#include "tests/hostile/peer.h"

#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "crypto/hash.h"

enum { PATIENCE_MS = 60000, STEP_MS = 50 };

static void set_int(void *socket, int option, int value)
{
    if (zmq_setsockopt(socket, option, &value, sizeof(value)) != 0)
        hostile_die("zmq_setsockopt");
}

static void set_bytes(void *socket, int option, const void *data, size_t size)
{
    if (zmq_setsockopt(socket, option, data, size) != 0)
        hostile_die("zmq_setsockopt");
}

static void choose_key(struct peer *peer, const uint8_t *secret)
{
    char public_text[41], secret_text[41];
    if (secret)
        memcpy(peer->secret, secret, sizeof(peer->secret));
    else
        random_fill(&peer->hostile->random.base, peer->secret, 32);
    if (!zmq_z85_encode(secret_text, peer->secret, 32) ||
        zmq_curve_public(public_text, secret_text) != 0 ||
        !zmq_z85_decode(peer->key.bytes, public_text))
        hostile_die("a key");
}

static void narrow(void *dealer)
{
    set_int(dealer, ZMQ_RCVHWM, 1);
    set_int(dealer, ZMQ_RCVBUF, 4096);
}

static void watch(struct peer *peer)
{
    char name[48];
    snprintf(name, sizeof(name), "inproc://m%u", peer->hostile->dialled);
    if (zmq_socket_monitor(peer->dealer, name,
            ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                ZMQ_EVENT_CLOSED | ZMQ_EVENT_CONNECT_RETRIED |
                ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                ZMQ_EVENT_HANDSHAKE_FAILED_AUTH))
        hostile_die("zmq_socket_monitor");
    peer->monitor = zmq_socket(peer->hostile->zmq, ZMQ_PAIR);
    set_int(peer->monitor, ZMQ_LINGER, 0);
    if (zmq_connect(peer->monitor, name) != 0)
        hostile_die("zmq_connect");
}

static void secure(const struct peer *peer, enum peer_security security)
{
    switch (security) {
    case PEER_CURVE:
        set_bytes(
            peer->dealer, ZMQ_CURVE_SERVERKEY, peer->hostile->relay.bytes, 32);
        set_bytes(peer->dealer, ZMQ_CURVE_PUBLICKEY, peer->key.bytes, 32);
        set_bytes(peer->dealer, ZMQ_CURVE_SECRETKEY, peer->secret, 32);
        break;
    case PEER_CLEAR:
        break;
    case PEER_PASSWORD:
        set_bytes(peer->dealer, ZMQ_PLAIN_USERNAME, "node", 4);
        set_bytes(peer->dealer, ZMQ_PLAIN_PASSWORD, "password", 8);
        break;
    }
}

void peer_begin(
    struct hostile *hostile, struct peer *peer, const struct peer_kind *kind)
{
    *peer = (struct peer){.hostile = hostile, .goodbye = -1};
    hostile->dialled++;
    choose_key(peer, kind->secret);
    peer->dealer = zmq_socket(hostile->zmq, ZMQ_DEALER);
    set_int(peer->dealer, ZMQ_LINGER, 0);
    set_int(peer->dealer, ZMQ_RECONNECT_IVL, -1);
    secure(peer, kind->security);
    if (kind->name_bytes > 0)
        set_bytes(peer->dealer, ZMQ_ROUTING_ID, kind->name, kind->name_bytes);
    if (kind->is_narrow)
        narrow(peer->dealer);
    watch(peer);
    if (zmq_connect(peer->dealer, hostile->address) != 0)
        hostile_die(hostile->address);
}

void peer_close(struct peer *peer)
{
    zmq_socket_monitor(peer->dealer, NULL, 0);
    zmq_close(peer->monitor);
    zmq_close(peer->dealer);
}

static void take_monitor(struct peer *peer)
{
    uint8_t bytes[256];
    uint16_t event;
    while (zmq_recv(peer->monitor, bytes, sizeof(bytes), ZMQ_DONTWAIT) >= 2) {
        memcpy(&event, bytes, sizeof(event));
        zmq_recv(peer->monitor, bytes, sizeof(bytes), ZMQ_DONTWAIT);
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            peer->linked = true;
        else
            peer->out = true;
    }
}

static void take_frame(struct peer *peer, struct span bytes)
{
    static struct frame_scratch scratch;
    struct frame frame;
    if (frame_decode(bytes, &scratch, &frame))
        return;
    peer->got[frame.type % PEER_FRAME_TYPES]++;
    if (frame.type == FRAME_PONG)
        peer->echoed = frame.ping.nonce;
    if (frame.type == FRAME_DISCONNECT)
        peer->goodbye = (int)frame.disconnect.reason;
    if (frame.type == FRAME_PUSH) {
        struct envelope_id id;
        envelope_identify(frame.push.envelope->encoding, &id);
        peer->is_given |= envelope_id_equal(&id, &peer->wanted);
    }
    if (frame.type == FRAME_RECEIPT)
        peer->is_cleared |= envelope_id_equal(&frame.receipt.id, &peer->wanted);
    if (frame.type == FRAME_RECONCILE) {
        peer->run = frame.reconcile.run;
        peer->round = frame.reconcile.round;
    }
    if (frame.type == FRAME_PING) {
        frame.type = FRAME_PONG;
        peer_send(peer, &frame);
    }
}

static void take_frames(struct peer *peer)
{
    static uint8_t bytes[LIMIT_FRAME_BYTES];
    int size;
    while ((size = zmq_recv(
                peer->dealer, bytes, sizeof(bytes), ZMQ_DONTWAIT)) >= 0)
        take_frame(peer, (struct span){bytes, (size_t)size});
}

void peer_turn(struct peer *peer, long wait_ms)
{
    zmq_pollitem_t items[2] = {
        {.socket = peer->dealer, .events = ZMQ_POLLIN},
        {.socket = peer->monitor, .events = ZMQ_POLLIN},
    };
    zmq_poll(items, 2, wait_ms);
    take_frames(peer);
    take_monitor(peer);
}

static bool is_linked(const struct peer *peer)
{
    return peer->linked || peer->out;
}

static bool is_greeted(const struct peer *peer)
{
    return peer->got[FRAME_HELLO] > 0 || peer->out;
}

static bool is_settled(const struct peer *peer)
{
    return peer->echoed == peer->asked || peer->out;
}

static bool is_answered(const struct peer *peer)
{
    return peer->is_given || peer->is_cleared || peer->out;
}

static bool is_out(const struct peer *peer)
{
    return peer->out;
}

/* Whether a state came within a minute. */
static bool comes(struct peer *peer, bool (*holds)(const struct peer *peer))
{
    uint64_t until_ms = hostile_now_ms() + PATIENCE_MS;
    while (!holds(peer)) {
        if (hostile_now_ms() > until_ms)
            return false;
        peer_turn(peer, STEP_MS);
    }
    return true;
}

void peer_dial(
    struct hostile *hostile, struct peer *peer, const struct peer_kind *kind)
{
    peer_begin(hostile, peer, kind);
    if (!comes(peer, is_linked))
        hostile_die("the relay does not answer");
}

void peer_join(struct hostile *hostile, struct peer *peer,
    const struct peer_kind *kind, uint32_t features)
{
    peer_dial(hostile, peer, kind);
    const struct frame hello = peer_hello(peer, features);
    if (!peer_send(peer, &hello))
        return;
    if (!comes(peer, is_greeted))
        hostile_die("the relay does not greet");
}

struct frame peer_hello(const struct peer *peer, uint32_t features)
{
    struct frame frame = {.type = FRAME_HELLO};
    frame.hello.version = FRAME_PROTOCOL_VERSION;
    frame.hello.node = peer->key;
    frame.hello.features = features;
    frame.hello.clock_s = hostile_wall_s();
    return frame;
}

bool peer_send_bytes(struct peer *peer, struct span bytes)
{
    while (!peer->out) {
        if (zmq_send(peer->dealer, bytes.data, bytes.size, ZMQ_DONTWAIT) >= 0)
            return true;
        zmq_pollitem_t items[2] = {
            {.socket = peer->dealer, .events = ZMQ_POLLOUT},
            {.socket = peer->monitor, .events = ZMQ_POLLIN},
        };
        zmq_poll(items, 2, STEP_MS);
        take_monitor(peer);
    }
    return false;
}

bool peer_send(struct peer *peer, const struct frame *frame)
{
    uint8_t bytes[LIMIT_FRAME_BYTES];
    size_t size;
    if (frame_encode(frame, bytes, sizeof(bytes), &size))
        hostile_die("a frame is not encoded");
    return peer_send_bytes(peer, (struct span){bytes, size});
}

bool peer_settle(struct peer *peer)
{
    struct frame ping = {.type = FRAME_PING};
    peer->asked = random_u64(&peer->hostile->random.base) >> 1 | 1;
    ping.ping.nonce = peer->asked;
    if (!peer_send(peer, &ping))
        return false;
    if (!comes(peer, is_settled))
        hostile_die("the relay does not answer a PING");
    return !peer->out;
}

bool peer_is_ended(struct peer *peer)
{
    return comes(peer, is_out);
}

bool peer_gets(struct peer *peer, enum frame_type type, uint64_t count)
{
    uint64_t until_ms = hostile_now_ms() + PATIENCE_MS;
    while (peer->got[type] < count && !peer->out && hostile_now_ms() < until_ms)
        peer_turn(peer, STEP_MS);
    return peer->got[type] >= count;
}

bool peer_is_given(struct peer *peer, const struct envelope_id *id)
{
    struct frame want = {.type = FRAME_WANT};
    want.ids.count = 1;
    want.ids.ids = id;
    peer->wanted = *id;
    return peer_send(peer, &want) && comes(peer, is_answered) && peer->is_given;
}

void forge(struct hostile *hostile, struct forged *forged, uint8_t class_,
    uint32_t life_h)
{
    struct random *random = &hostile->random.base;
    struct envelope *envelope = &forged->envelope;
    *envelope = (struct envelope){
        .class_ = class_,
        .expires_h = (uint32_t)(hostile_wall_s() / HOUR_S) + life_h,
        .body = {forged->body, envelope_body_bytes(class_)},
        .encoding = {forged->encoding, envelope_class_bytes(class_)},
    };
    random_fill(random, forged->opening.bytes, sizeof(forged->opening.bytes));
    random_fill(random, envelope->tag.bytes, sizeof(envelope->tag.bytes));
    random_fill(random, envelope->salt, sizeof(envelope->salt));
    receipt_hash_of(&forged->opening, &envelope->receipt_hash);
    forge_again(forged);
}

void forge_again(struct forged *forged)
{
    envelope_encode(&forged->envelope, forged->encoding);
    envelope_identify(forged->envelope.encoding, &forged->id);
}

struct frame forged_push(const struct forged *forged)
{
    struct frame frame = {.type = FRAME_PUSH};
    frame.push.id = forged->id;
    frame.push.envelope = &forged->envelope;
    return frame;
}

struct frame forged_receipt(const struct forged *forged)
{
    struct frame frame = {.type = FRAME_RECEIPT};
    frame.receipt.id = forged->id;
    frame.receipt.opening = forged->opening;
    return frame;
}

struct frame forged_false_receipt(const struct forged *forged)
{
    struct frame frame = forged_receipt(forged);
    frame.receipt.opening.bytes[0] ^= 1;
    return frame;
}
