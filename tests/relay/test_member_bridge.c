/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An anchor that was away for long is there again: what leads to it is kept and
 * widened, and gains who only pretends to be one nothing. */
#include "relay/member.h"
#include "relay/relay_state.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum { NEIGHBOURS = 8, ANCHORS = 3, ANCHOR = 0xa0, NAMED = 0xb0, NAMES = 7 };

static struct probe probe;
static struct node_address names[NAMES];
static uint32_t last_link;

struct absence { /* of the anchors, who are dialled and do not answer */
    size_t dials[ANCHORS];
    uint32_t target; /* of the last dial that was not failed */
};

static struct node_address node_at(uint8_t name)
{
    char text[LIMIT_ENDPOINT_BYTES];
    struct node_address node = {.node = probe_key(name)};
    snprintf(text, sizeof(text), "tcp://10.0.0.%u:7311", name);
    need(address_parse(span_of_text(text), &node.address) == STATUS_OK);
    return node;
}

static bool is_edge(uint32_t link)
{
    uint32_t edges[LIMIT_LINKS];
    size_t count = relay_edges(probe.relay, edges);
    for (size_t i = 0; i < count; i++)
        if (edges[i] == link)
            return true;
    return false;
}

static void hello(uint32_t link, uint8_t key)
{
    char text[LIMIT_ENDPOINT_BYTES];
    snprintf(text, sizeof(text), "tcp://10.0.0.%u:7311", key);
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_HELLO,
            .hello = {.version = FRAME_PROTOCOL_VERSION,
                .node = probe_key(key),
                .features = FEATURE_TREE | FEATURE_MEMBER,
                .endpoint_count = 1,
                .endpoints = {span_of_text(text)}}});
}

static uint32_t comes(uint8_t key)
{
    struct relay_event event = {.kind = RELAY_LINK_UP,
        .link_up = {.link = ++last_link, .key = probe_key(key)}};
    event.link_up.from = node_at(key).address;
    probe_step(&probe, &event);
    hello(last_link, key);
    probe_frame(&probe, last_link,
        &(struct frame){.type = FRAME_NEIGHBOR, .neighbor = {true}});
    return last_link;
}

/* Our dial is answered, and our plea, with names. */
static uint32_t answers(uint8_t key, uint32_t target, bool accepted)
{
    probe_dialled(&probe, ++last_link, key, target);
    hello(last_link, key);
    probe_frame(&probe, last_link,
        &(struct frame){.type = FRAME_NEIGHBOR_REPLY,
            .neighbor_reply = {accepted, {NAMES, names}}});
    return last_link;
}

/* Fail what the last step dials, but that one, whose target is noted. */
static void fail_dials(struct absence *absence, uint8_t spared)
{
    uint32_t targets[LIMIT_DIAL_TARGETS];
    size_t count = 0;
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        if (effect->kind != RELAY_DIAL)
            continue;
        uint8_t name = effect->dial.key.bytes[0];
        if (name >= ANCHOR && name < ANCHOR + ANCHORS)
            absence->dials[name - ANCHOR]++;
        if (name == spared)
            absence->target = effect->dial.target;
        else
            targets[count++] = effect->dial.target;
    }
    while (count > 0) {
        struct relay_event event = {.kind = RELAY_DIAL_FAILED};
        event.dial_failed.target = targets[--count];
        probe_step(&probe, &event);
    }
}

/* Time passes, the links being alive, until that one is dialled. */
static struct absence passes(unsigned seconds, uint8_t until)
{
    struct absence absence = {.target = 0};
    for (unsigned i = 0; i < seconds && absence.target == 0; i++) {
        probe_tick(&probe, 1000);
        fail_dials(&absence, until);
        for (uint32_t link = 1; link <= last_link; link++)
            probe_frame(
                &probe, link, &(struct frame){.type = FRAME_PONG, .ping = {1}});
    }
    return absence;
}

static void name_from(uint8_t first)
{
    for (uint8_t i = 0; i < NAMES; i++)
        names[i] = node_at((uint8_t)(first + i));
}

/* A node with as many edges as it wants, and three anchors that are away. */
static void begin(void)
{
    struct absence absence = {.target = 0};
    probe_init(&probe, &(struct relay_config){.is_member = true});
    last_link = 0;
    name_from(NAMED);
    for (uint8_t i = 0; i < ANCHORS; i++) {
        struct kept_node kept = {node_at((uint8_t)(ANCHOR + i)), true};
        probe_step(&probe, &(struct relay_event){.kind = RELAY_RESTORED_NODE,
                               .restored_node = &kept});
        fail_dials(&absence, 0);
    }
    for (int i = 0; i < ANCHORS; i++) {
        probe_tick(&probe, 1000);
        fail_dials(&absence, 0);
    }
    for (uint8_t i = 1; i <= MEMBER_DIALLED; i++) {
        probe_connect(&probe, (uint8_t)(0xf0 + i), ORIGIN_CONFIG);
        const struct relay_effect *dial = probe_effect(&probe, RELAY_DIAL);
        need(dial);
        probe_dialled(&probe, ++last_link, (uint8_t)(0xf0 + i),
            dial ? dial->dial.target : 0);
        hello(last_link, (uint8_t)(0xf0 + i));
        probe_frame(&probe, last_link,
            &(struct frame){.type = FRAME_NEIGHBOR_REPLY,
                .neighbor_reply = {.accepted = true}});
    }
    for (uint8_t i = MEMBER_DIALLED + 1; i <= NEIGHBOURS; i++)
        comes(i);
    for (uint32_t link = 1; link <= NEIGHBOURS; link++)
        need(is_edge(link));
}

static bool shuffled_over(uint32_t link)
{
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        if (effect->kind == RELAY_SEND && effect->link == link &&
            effect->frame.type == FRAME_SHUFFLE)
            return true;
    }
    return false;
}

/* How many of those named are dialled by the last step. */
static size_t named_dials(void)
{
    size_t count = 0;
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        count += effect->kind == RELAY_DIAL &&
                 effect->dial.key.bytes[0] >= NAMED &&
                 effect->dial.key.bytes[0] < NAMED + ANCHORS * NAMES;
    }
    return count;
}

static void test_asked_after(void)
{
    begin();
    unsigned seconds = VIEW_MISSED_MS / 1000;
    passes(seconds, 0);
    struct absence absence = passes(seconds, 0);
    /* Who remembers so few has four cycles a minute. */
    size_t least = seconds / (MEMBER_CYCLE_MS / 4 * 6 / 5 / 1000) / ANCHORS;
    for (size_t i = 0; i < ANCHORS; i++) {
        printf("# anchor %zu was dialled %zu times, %zu wanted\n", i,
            absence.dials[i], least - 1);
        ok(absence.dials[i] >= least - 1,
            "an anchor that is missed is dialled at its turn, one a cycle");
    }
    probe_free(&probe);
}

/* An anchor is dialled because it is missed, and not in an edge's place. */
static void wait_for_revisit(void)
{
    const struct member *member = &probe.relay->member;
    uint32_t target = passes(300, ANCHOR).target;
    while (target != 0 && member->dials[0].purpose != MEMBER_REVISITS) {
        struct relay_event event = {.kind = RELAY_DIAL_FAILED};
        event.dial_failed.target = target;
        probe_step(&probe, &event);
        target = passes(300, ANCHOR).target;
    }
    need(target != 0 && member->dial_count == 1);
}

/* A dial may be out for long, where nobody says that there is nobody. */
static void test_dial_out(void)
{
    begin();
    passes(VIEW_MISSED_MS / 1000, 0);
    wait_for_revisit();
    probe_frame(&probe, 1,
        &(struct frame){.type = FRAME_SHUFFLE,
            .shuffle = {.walk = 1, .list = {NAMES, names}}});
    probe_down(&probe, NEIGHBOURS);
    ok(probe_effect(&probe, RELAY_DIAL) != NULL,
        "meanwhile who has an edge too few dials as ever");
    probe_free(&probe);
}

static void test_widened(bool accepted)
{
    begin();
    passes(VIEW_MISSED_MS / 1000, 0);
    uint32_t target = passes(300, ANCHOR).target;
    need(target != 0);
    uint32_t bridge = answers(ANCHOR, target, accepted);
    ok(is_edge(bridge) == accepted && shuffled_over(bridge) == accepted,
        accepted ? "names go at once over an edge to an anchor that was missed"
                 : "one that has no room gets no names");
    ok(named_dials() == MEMBER_WIDEN, "and a few that it names are dialled");
    if (accepted) {
        probe_frame(&probe, bridge,
            &(struct frame){.type = FRAME_NEIGHBOR_REPLY,
                .neighbor_reply = {true, {NAMES, names}}});
        ok(named_dials() == 0, "and not more, whatever it names");
    }
    probe_free(&probe);
}

/* As many as are dialled for it come, and more, and each of them renews. */
static void test_kept(void)
{
    uint32_t targets[MEMBER_WIDEN];
    uint8_t keys[MEMBER_WIDEN];
    size_t count = 0;
    begin();
    passes(VIEW_MISSED_MS / 1000, 0);
    uint32_t target = passes(300, ANCHOR).target;
    uint32_t bridge = answers(ANCHOR, target, true);
    for (size_t i = 0; i < probe.effects.count && count < MEMBER_WIDEN; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        if (effect->kind != RELAY_DIAL)
            continue;
        targets[count] = effect->dial.target;
        keys[count++] = effect->dial.key.bytes[0];
    }
    need(count == MEMBER_WIDEN);
    for (size_t i = 0; i < count; i++)
        answers(keys[i], targets[i], true);
    ok(is_edge(bridge), "no renewal ends an edge to an anchor that was missed");
    for (size_t i = 1; i < ANCHORS; i++) {
        target = passes(300, (uint8_t)(ANCHOR + i)).target;
        need(target != 0 && is_edge(bridge));
        name_from((uint8_t)(NAMED + i * NAMES));
        uint32_t link = answers((uint8_t)(ANCHOR + i), target, true);
        ok(shuffled_over(link) == (i < MEMBER_BRIDGES),
            i < MEMBER_BRIDGES ? "another such is one as well"
                               : "a third is an edge like others");
        ok(named_dials() == 0, "and none that it names is dialled so soon");
    }
    probe_free(&probe);
}

/* One of our anchors dials us, and then strangers plead. */
static void test_comes_back(bool missed)
{
    begin();
    if (missed)
        passes(VIEW_MISSED_MS / 1000, 0);
    comes(0x40); /* the last place but one */
    uint32_t bridge = comes(ANCHOR);
    need(is_edge(bridge));
    ok(shuffled_over(bridge) == missed,
        missed ? "an anchor that was missed and dials us gets names"
               : "one that has just been away does not");
    for (uint8_t i = 1; i <= 4; i++) {
        passes(MEMBER_DISPLACE_MS / 1000, 0);
        need(is_edge(comes((uint8_t)(0x40 + i))));
    }
    ok(is_edge(bridge) == missed,
        missed ? "and no stranger's plea ends its edge for minutes"
               : "and gives way as others do");
    probe_free(&probe);
}

static void test_stranger(void)
{
    begin();
    passes(VIEW_MISSED_MS / 1000, 0);
    uint32_t link = comes(0x30);
    ok(is_edge(link) && !shuffled_over(link) && named_dials() == 0,
        "who was never an anchor is a stranger, however long he was away");
    probe_free(&probe);
}

int main(void)
{
    test_asked_after();
    test_dial_out();
    test_widened(true);
    test_widened(false);
    test_kept();
    test_comes_back(true);
    test_comes_back(false);
    test_stranger();
    return tap_done();
}
