/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/relay/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

static void must(bool condition, const char *what)
{
    if (condition)
        return;
    printf("Bail out! %s\n", what);
    exit(99);
}

struct node_key probe_key(uint8_t name)
{
    struct node_key key;
    memset(key.bytes, name, sizeof(key.bytes));
    return key;
}

void probe_init(struct probe *probe, const struct relay_config *config)
{
    memset(probe, 0, sizeof(*probe));
    struct relay_config own = *config;
    own.node = probe_key(PROBE_KEY);
    random_seeded_init(&probe->random, 1, 1);
    relay_effects_init(&probe->effects);
    probe->relay = relay_new(&own, &probe->random.base);
    probe->now_ms = 1000000;
    must(probe->relay != NULL, "no relay");
}

void probe_free(struct probe *probe)
{
    relay_free(probe->relay);
    relay_effects_free(&probe->effects);
}

void probe_step(struct probe *probe, struct relay_event *event)
{
    relay_effects_reset(&probe->effects);
    event->now_ms = probe->now_ms;
    event->clock_s = PROBE_CLOCK_S + probe->now_ms / 1000;
    must(relay_step(probe->relay, event, &probe->effects) == STATUS_OK,
        "a step failed");
    const char *violation =
        relay_step_violation(probe->relay, event, &probe->effects);
    must(!violation, violation);
    violation = relay_violation(probe->relay);
    must(!violation, violation);
}

void probe_tick(struct probe *probe, uint64_t ms)
{
    probe->now_ms += ms;
    probe_step(probe, &(struct relay_event){.kind = RELAY_TICK});
}

void probe_up(struct probe *probe, uint32_t link, uint8_t key)
{
    probe_step(probe, &(struct relay_event){.kind = RELAY_LINK_UP,
                          .link_up = {.link = link, .key = probe_key(key)}});
}

void probe_open(struct probe *probe, uint32_t link, uint8_t key)
{
    probe_up(probe, link, key);
    probe_hello(probe, link, key);
}

void probe_open_with(struct probe *probe, uint32_t link, uint32_t features)
{
    struct frame hello = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION,
            .node = probe_key((uint8_t)link),
            .features = features}};
    probe_up(probe, link, (uint8_t)link);
    probe_frame(probe, link, &hello);
}

void probe_down(struct probe *probe, uint32_t link)
{
    probe_step(
        probe, &(struct relay_event){.kind = RELAY_LINK_DOWN, .link = {link}});
}

void probe_connect(struct probe *probe, uint8_t key, enum relay_origin origin)
{
    probe_step(
        probe, &(struct relay_event){.kind = RELAY_CONNECT,
                   .connect = {.endpoint = span_of_text("tcp://10.0.0.1:7311"),
                       .key = probe_key(key),
                       .origin = origin}});
}

void probe_dialled(
    struct probe *probe, uint32_t link, uint8_t key, uint32_t target)
{
    probe_step(probe, &(struct relay_event){.kind = RELAY_LINK_UP,
                          .link_up = {.link = link,
                              .key = probe_key(key),
                              .outbound = true,
                              .target = target}});
}

void probe_frame(struct probe *probe, uint32_t link, const struct frame *frame)
{
    probe_step(
        probe, &(struct relay_event){.kind = RELAY_FRAME,
                   .frame = {link, frame, (uint32_t)frame_bytes(frame)}});
}

void probe_hello(struct probe *probe, uint32_t link, uint8_t key)
{
    struct frame hello = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION, .node = probe_key(key)}};
    probe_frame(probe, link, &hello);
}

void probe_write(
    struct probe_letter *out, uint32_t number, uint8_t class_, int32_t life_h)
{
    static uint8_t body[LIMIT_ENVELOPE_BYTES];
    memset(out, 0, sizeof(*out));
    memcpy(out->opening.bytes, &number, sizeof(number));
    struct envelope *envelope = &out->envelope;
    envelope->class_ = class_;
    envelope->expires_h =
        (uint32_t)((int32_t)((PROBE_CLOCK_S + 1000) / (int32_t)HOUR_S) +
                   life_h);
    memcpy(envelope->tag.bytes, &number, sizeof(number));
    receipt_hash_of(&out->opening, &envelope->receipt_hash);
    envelope->body = (struct span){body, envelope_body_bytes(class_)};
    envelope_encode(envelope, out->bytes);
    must(
        envelope_decode((struct span){out->bytes, envelope_class_bytes(class_)},
            envelope) == STATUS_OK,
        "an envelope does not decode");
    envelope_identify(envelope->encoding, &out->id);
}

void probe_push(
    struct probe *probe, uint32_t link, const struct probe_letter *letter)
{
    struct frame push = {.type = FRAME_PUSH,
        .push = {.id = letter->id, .envelope = &letter->envelope}};
    probe_frame(probe, link, &push);
}

void probe_submit(struct probe *probe, const struct probe_letter *letter)
{
    probe_step(probe,
        &(struct relay_event){.kind = RELAY_SUBMIT,
            .submit = {.id = letter->id, .envelope = &letter->envelope}});
}

void probe_receipt(struct probe *probe, uint32_t link,
    const struct probe_letter *letter, bool honest)
{
    struct frame receipt = {.type = FRAME_RECEIPT,
        .receipt = {.id = letter->id, .opening = letter->opening}};
    receipt.receipt.opening.bytes[31] ^= !honest;
    probe_frame(probe, link, &receipt);
}

size_t probe_count(const struct probe *probe, enum relay_effect_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < probe->effects.count; i++)
        count += probe->effects.list[i].kind == kind;
    return count;
}

const struct relay_effect *probe_effect(
    const struct probe *probe, enum relay_effect_kind kind)
{
    for (size_t i = 0; i < probe->effects.count; i++)
        if (probe->effects.list[i].kind == kind)
            return &probe->effects.list[i];
    return NULL;
}

const struct frame *probe_sent(const struct probe *probe, enum frame_type type)
{
    for (size_t i = 0; i < probe->effects.count; i++)
        if (probe->effects.list[i].kind == RELAY_SEND &&
            probe->effects.list[i].frame.type == type)
            return &probe->effects.list[i].frame;
    return NULL;
}

const struct relay_view *probe_look(struct probe *probe)
{
    relay_look(probe->relay, &probe->view);
    return &probe->view;
}

uint64_t probe_refused(struct probe *probe, enum refusal why)
{
    return probe_look(probe)->refused[why];
}

int probe_state(const struct probe *probe, const struct probe_letter *letter)
{
    enum shelf_state state;
    return relay_knows(probe->relay, &letter->id, &state) ? (int)state : -1;
}
