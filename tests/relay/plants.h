/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_RELAY_PLANTS_H
#define TESTS_RELAY_PLANTS_H

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "relay/reconcile_run.h"
#include "relay/relay_state.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

/* Whatever a relay can find wrong with itself is planted in the files of tests
 * that include this, one thing at a time, in a relay that has some of
 * everything; and is found by its name: what must hold after each step, after a
 * step that was about it.  tests/check-plants.sh compares the names with those
 * in the sources. */
static struct probe probe;
static struct probe_letter here, twin, cleared, own, hidden, unknown, loose;

static inline struct node_address node_at(uint8_t name)
{
    char endpoint[LIMIT_ENDPOINT_BYTES];
    struct node_address node = {.node = probe_key(name)};
    snprintf(endpoint, sizeof(endpoint), "tcp://10.0.0.%u:7311", name);
    need(address_parse(span_of_text(endpoint), &node.address) == STATUS_OK);
    return node;
}

/* A neighbour that dials us, and speaks of everything. */
static inline void comes(uint32_t link, uint8_t key)
{
    struct relay_event up = {.kind = RELAY_LINK_UP,
        .link_up = {.link = link, .key = probe_key(key)}};
    up.link_up.from = node_at(key).address;
    probe_step(&probe, &up);
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_HELLO,
            .hello = {.version = FRAME_PROTOCOL_VERSION,
                .node = probe_key(key),
                .features = FEATURE_TREE | FEATURE_MEMBER | FEATURE_STEM}});
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_NEIGHBOR, .neighbor = {.urgent = true}});
}

/* Links, dials, nodes that are known; envelopes stored, cleared, hidden, under
 * way and missing; receipts that wait. */
static inline void begin(void)
{
    struct node_address named[] = {node_at(0x21), node_at(0x22)};
    probe_init(&probe, &(struct relay_config){.is_member = true});
    for (uint32_t link = 1; link <= 4; link++)
        comes(link, (uint8_t)link);
    probe_connect(&probe, 0x31, ORIGIN_CONFIG);
    probe_connect(&probe, 0x32, ORIGIN_CONFIG);
    probe_frame(&probe, 1,
        &(struct frame){
            .type = FRAME_SHUFFLE, .shuffle = {.walk = 7, .list = {2, named}}});
    probe_write(&here, 1, 0, 5);
    probe_write(&twin, 2, 0, 5);
    probe_write(&cleared, 3, 0, 5);
    probe_write(&own, 4, 0, 5);
    probe_write(&hidden, 5, 0, 5);
    probe_write(&unknown, 6, 0, 5);
    probe_write(&loose, 7, 0, 5);
    probe_push(&probe, 1, &here);
    probe_push(&probe, 1, &twin);
    probe_push(&probe, 2, &cleared);
    probe_receipt(&probe, 2, &cleared, true);
    probe_receipt(&probe, 2, &unknown, true);
    probe_submit(&probe, &own);
    probe_submit(&probe, &hidden);
    const struct frame news = {.type = FRAME_IHAVE, .ids = {1, &loose.id}};
    probe_frame(&probe, 3, &news);
    const struct turn turn = {.now_ms = probe.now_ms};
    bids_declined(&probe.relay->bids, &turn, &own.id);
    need(!relay_violation(probe.relay));
}

/* The step after which it shows: one that is about ... */
enum about {
    ABOUT_NOTHING, /* none: it takes the whole look */
    ABOUT_ALL,     /* anything */
    ABOUT_LINK,
    ABOUT_NEW_LINK,
    ABOUT_NODES,
    ABOUT_DIAL,
    ABOUT_MAIL,
    ABOUT_OWN,
    ABOUT_HIDDEN,
    ABOUT_LOOSE, /* what was announced */
};

struct plant {
    const char *name;
    void (*plant)(struct relay *relay);
    enum about about;
};

/* What a relay finds wrong after a step that was about that; no step is made,
 * which might stumble over what was planted. */
static inline const char *found_at_once(enum about about)
{
    const struct frame ping = {.type = FRAME_PING};
    const struct frame plea = {.type = FRAME_NEIGHBOR};
    struct relay_event event = {.kind = RELAY_TICK};
    struct relay_effect effect = {.kind = RELAY_STORE};
    switch (about) {
    case ABOUT_NOTHING:
    case ABOUT_ALL:
        effect.kind = RELAY_SEND;
        break;
    case ABOUT_LINK:
        effect.kind = RELAY_SEND;
        event = (struct relay_event){
            .kind = RELAY_FRAME, .frame = {.link = 1, .frame = &ping}};
        break;
    case ABOUT_NEW_LINK:
        effect.kind = RELAY_SEND;
        event =
            (struct relay_event){.kind = RELAY_LINK_UP, .link_up = {.link = 4}};
        break;
    case ABOUT_NODES:
        effect.kind = RELAY_SEND;
        event = (struct relay_event){
            .kind = RELAY_FRAME, .frame = {.link = 1, .frame = &plea}};
        break;
    case ABOUT_DIAL:
        effect.kind = RELAY_DIAL;
        break;
    case ABOUT_MAIL:
        effect.id = here.id;
        break;
    case ABOUT_OWN:
        effect.id = own.id;
        effect.kind = RELAY_HANDED;
        break;
    case ABOUT_HIDDEN:
        event.kind = RELAY_SUBMIT;
        event.submit.id = hidden.id;
        effect.kind = RELAY_SEND;
        break;
    case ABOUT_LOOSE:
        event.kind = RELAY_LOST;
        event.lost.id = loose.id;
        effect.kind = RELAY_SEND;
        break;
    }
    const struct relay_effects effects = {.list = &effect, .count = 1};
    return relay_step_violation(probe.relay, &event, &effects);
}

static inline void is_found(const char *name, const char *found)
{
    ok(found && strcmp(found, name) == 0, name);
    if (found && strcmp(found, name) != 0)
        printf("# %s\n", found);
}

/* By its name, and at once by that one.  What was planted in a struct goes with
 * it, and what was planted behind it is harmless to who frees it. */
static inline void test_plant(
    const struct plant *plant, const char *name_at_once)
{
    begin();
    struct relay before = *probe.relay;
    struct run *begun[RECONCILE_AT_ONCE + 1], *answering;
    for (size_t i = 0; i <= RECONCILE_AT_ONCE; i++)
        begun[i] = before.reconcile.peers[i].begun;
    answering = before.reconcile.peers[0].answering;
    plant->plant(probe.relay);
    is_found(plant->name, relay_violation(probe.relay));
    const char *at_once = found_at_once(plant->about);
    if (plant->about != ABOUT_NOTHING)
        is_found(name_at_once, at_once);
    else
        ok(!at_once, "not at once");
    *probe.relay = before;
    for (size_t i = 0; i <= RECONCILE_AT_ONCE; i++)
        before.reconcile.peers[i].begun = begun[i];
    before.reconcile.peers[0].answering = answering;
    probe_free(&probe);
}

#endif
