/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_RELAY_NEIGHBOURS_H
#define TESTS_RELAY_NEIGHBOURS_H

#include "relay/dial.h"
#include "relay/member.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

/* A node that looks for neighbours, and those that it meets: by number of
 * link, and by name, which is what a key and an address are made of. */
static struct probe probe;
static uint32_t edges[LIMIT_LINKS];

static inline struct node_address node_at(uint8_t name, const char *endpoint)
{
    struct node_address node = {.node = probe_key(name)};
    need(address_parse(span_of_text(endpoint), &node.address) == STATUS_OK);
    return node;
}

static inline void begin(void)
{
    probe_init(&probe, &(struct relay_config){.is_member = true});
}

static inline size_t degree(void)
{
    return relay_edges(probe.relay, edges);
}

static inline bool is_edge(uint32_t link)
{
    size_t count = degree();
    for (size_t i = 0; i < count; i++)
        if (edges[i] == link)
            return true;
    return false;
}

static inline void hello(uint32_t link, uint8_t key, const char *endpoint)
{
    struct frame frame = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION,
            .node = probe_key(key),
            .features = FEATURE_TREE | FEATURE_MEMBER,
            .endpoint_count = endpoint ? 1 : 0,
            .endpoints = {span_of_text(endpoint ? endpoint : "")}}};
    probe_frame(&probe, link, &frame);
}

/* It dials us from there, and says that it listens there. */
static inline void comes_from(
    uint32_t link, uint8_t key, const char *from, const char *says)
{
    struct relay_event event = {.kind = RELAY_LINK_UP,
        .link_up = {.link = link, .key = probe_key(key)}};
    event.link_up.from = node_at(key, from).address;
    probe_step(&probe, &event);
    hello(link, key, says);
}

static inline void comes(uint32_t link, uint8_t key)
{
    char endpoint[LIMIT_ENDPOINT_BYTES];
    snprintf(endpoint, sizeof(endpoint), "tcp://10.0.0.%u:7311", key);
    comes_from(link, key, endpoint, endpoint);
}

static inline void pleads(uint32_t link, bool urgent)
{
    struct frame frame = {.type = FRAME_NEIGHBOR, .neighbor = {urgent}};
    probe_frame(&probe, link, &frame);
}

/* A node that our person named is dialled and takes us. */
static inline void keeps(uint32_t link, uint8_t key)
{
    probe_connect(&probe, key, ORIGIN_CONFIG);
    const struct relay_effect *dial = probe_effect(&probe, RELAY_DIAL);
    need(dial);
    probe_dialled(&probe, link, key, dial->dial.target);
    hello(link, key, NULL);
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_NEIGHBOR_REPLY,
            .neighbor_reply = {.accepted = true}});
}

/* As many neighbours that our person named as only dialled ones can be. */
static inline void keeps_all(void)
{
    for (uint8_t i = 0; i < MEMBER_DIALLED; i++)
        keeps(100 + i, (uint8_t)(0xf1 + i));
}

static inline bool keeps_still(void)
{
    bool all = true;
    for (uint32_t i = 0; i < MEMBER_DIALLED; i++)
        all &= is_edge(100 + i);
    return all;
}

static inline void restore(uint8_t name, bool is_anchor)
{
    char endpoint[LIMIT_ENDPOINT_BYTES];
    snprintf(endpoint, sizeof(endpoint), "tcp://10.1.%u.1:7311", name);
    const struct kept_node kept = {
        .at = node_at(name, endpoint), .is_anchor = is_anchor};
    probe_step(&probe, &(struct relay_event){.kind = RELAY_RESTORED_NODE,
                           .restored_node = &kept});
}

/* It knows these of an earlier run. */
static inline void restore_all(uint8_t first, uint8_t last)
{
    for (uint8_t i = first; i <= last; i++)
        restore(i, false);
}

static inline bool ended(uint32_t link)
{
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        if (effect->kind == RELAY_SEND && effect->link == link &&
            effect->frame.type == FRAME_DISCONNECT)
            return effect->frame.disconnect.reason == DISCONNECT_NEIGHBORS;
    }
    return false;
}

#endif
