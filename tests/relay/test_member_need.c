/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has too few neighbours, and what it does until it has enough; and those
 * that its person named. */
#include "tests/relay/neighbours.h"

/* All that is linked to us is alive. */
static void minutes_pass(uint32_t last_link, uint64_t ms)
{
    for (; ms > 0; ms -= 10000) {
        probe_tick(&probe, 10000);
        for (uint32_t link = 1; link <= last_link; link++)
            probe_frame(
                &probe, link, &(struct frame){.type = FRAME_PONG, .ping = {1}});
    }
}

/* A node that our person named may dial us, and come last. */
static void test_pinned_inbound(void)
{
    begin();
    for (uint8_t i = 1; i <= MEMBER_HIGH - MEMBER_DIALLED; i++) {
        probe_tick(&probe, 10);
        comes(i, i);
        pleads(i, true);
    }
    probe_connect(&probe, 0xf1, ORIGIN_PERSON);
    probe_tick(&probe, 10);
    comes(50, 0xf1);
    pleads(50, false);
    probe_tick(&probe, 10);
    comes(51, 0x51);
    pleads(51, true);
    ok(is_edge(50) && is_edge(51) && ended(MEMBER_HIGH - MEMBER_DIALLED),
        "who was named is not displaced although it came last");
    probe_connect(&probe, 0x51, ORIGIN_PERSON);
    probe_tick(&probe, MEMBER_DISPLACE_MS / 4);
    comes(52, 0x52);
    pleads(52, true);
    ok(is_edge(51) && is_edge(52) && is_edge(MEMBER_HIGH - MEMBER_DIALLED - 1),
        "nor who is named while it is a neighbour, which takes no place");
    probe_free(&probe);
}

static void test_pinned_asks(void)
{
    begin();
    for (uint8_t i = 1; i <= MEMBER_LOW; i++) {
        comes(i, i);
        pleads(i, true);
    }
    need(degree() == MEMBER_LOW);
    probe_frame(&probe, 1,
        &(struct frame){
            .type = FRAME_SHUFFLE, .shuffle = {.walk = 7, .hops = 0}});
    probe_connect(&probe, 0xf1, ORIGIN_CONFIG);
    probe_dialled(
        &probe, 50, 0xf1, probe_effect(&probe, RELAY_DIAL)->dial.target);
    hello(50, 0xf1, NULL);
    const struct frame *plea = probe_sent(&probe, FRAME_NEIGHBOR);
    ok(plea && plea->neighbor.urgent,
        "whom our person named is asked as if we had too few");
    probe_free(&probe);

    begin();
    keeps_all();
    for (uint8_t i = 1; i <= MEMBER_HIGH - MEMBER_DIALLED; i++) {
        comes(i, i);
        pleads(i, true);
    }
    need(degree() == MEMBER_HIGH);
    keeps(50, 0x50);
    ok(is_edge(50), "also where all places are taken");
    probe_free(&probe);
}

/* A node that it knows answers, when it has so many neighbours; its plea. */
static const struct frame *plea_of(uint8_t neighbours)
{
    begin();
    restore_all(0xa0, 0xb0);
    probe_tick(&probe, 1);
    const struct relay_effect *dial = probe_effect(&probe, RELAY_DIAL);
    need(dial);
    uint8_t name = dial->dial.key.bytes[0];
    uint32_t target = dial->dial.target;
    for (uint8_t i = 1; i <= neighbours; i++) {
        comes(i, i);
        pleads(i, false);
    }
    need(degree() == neighbours);
    probe_dialled(&probe, 50, name, target);
    hello(50, name, NULL);
    return probe_sent(&probe, FRAME_NEIGHBOR);
}

/* How many dials begin in so many seconds, and the first of them. */
static size_t dials_within(int seconds, uint32_t *first)
{
    size_t dials = 0;
    for (int i = 0; i < seconds; i++) {
        probe_tick(&probe, 1000);
        const struct relay_effect *dial = probe_effect(&probe, RELAY_DIAL);
        if (dial && dials == 0)
            *first = dial->dial.target;
        dials += probe_count(&probe, RELAY_DIAL);
    }
    return dials;
}

static void test_need(void)
{
    const struct frame *plea = plea_of(MEMBER_LOW - 1);
    ok(plea && plea->neighbor.urgent, "who has too few says so");
    probe_free(&probe);
    plea = plea_of(MEMBER_LOW);
    ok(plea && !plea->neighbor.urgent, "and who has not does not");
    probe_free(&probe);

    uint32_t target = 0;
    begin();
    keeps_all();
    restore_all(0xa0, 0xb0);
    ok(dials_within(12, &target) == MEMBER_HIGH - MEMBER_DIALLED,
        "who has too few dials as many as it may have");
    probe_step(&probe, &(struct relay_event){.kind = RELAY_DIAL_FAILED,
                           .dial_failed = {.target = target}});
    ok(probe_count(&probe, RELAY_DIAL) + dials_within(12, &target) == 1,
        "and one more for each that fails");
    probe_free(&probe);
}

/* All that was known before is dialled once need is over, whatever the
 * degree. */
static void test_sweep(void)
{
    uint32_t first;
    begin();
    restore_all(0xa0, 0xa8);
    probe_tick(&probe, 10);
    keeps_all();
    for (uint8_t i = 1; i <= MEMBER_HIGH - MEMBER_DIALLED; i++) {
        comes(i, i);
        pleads(i, true);
    }
    need(degree() == MEMBER_HIGH);
    ok(dials_within(30, &first) >= 5 && keeps_still(),
        "when need is over, those known before are dialled");
    probe_free(&probe);
}

/* How many dials begin in so many seconds, none of which is answered. */
static size_t vain_dials_within(int seconds)
{
    size_t dials = 0;
    for (int i = 0; i < seconds; i++) {
        probe_tick(&probe, 1000);
        for (const struct relay_effect *dial;
             (dial = probe_effect(&probe, RELAY_DIAL)); dials++)
            probe_step(
                &probe, &(struct relay_event){.kind = RELAY_DIAL_FAILED,
                            .dial_failed = {.target = dial->dial.target}});
    }
    return dials;
}

/* They have failed so often that they rest for long.  Need is over, and back
 * before the first of its sweep is due. */
static void test_sweep_ends(void)
{
    begin();
    restore_all(0xa0, 0xa8);
    need(vain_dials_within(2000) > 0 && vain_dials_within(60) == 0);
    for (uint8_t i = 1; i <= MEMBER_LOW; i++) {
        comes(i, i);
        pleads(i, true);
    }
    need(degree() == MEMBER_LOW);
    for (uint32_t i = 1; i < MEMBER_LOW; i++)
        probe_down(&probe, i);
    ok(vain_dials_within(6) == 0,
        "who is in need again sweeps no more, and lets rest who failed");
    probe_free(&probe);
}

/* One's own have dialled us, and were there before the strangers. */
static void test_elders(void)
{
    bool all = true;
    begin();
    keeps_all();
    for (uint8_t i = 1; i <= MEMBER_HIGH - MEMBER_DIALLED; i++) {
        if (i <= MEMBER_HIGH - MEMBER_DIALLED - MEMBER_ELDERS)
            probe_connect(&probe, i, ORIGIN_PERSON);
        probe_tick(&probe, 10);
        comes(i, i);
        pleads(i, true);
    }
    need(degree() == MEMBER_HIGH);
    probe_connect(&probe, 50, ORIGIN_PERSON);
    comes(50, 50);
    pleads(50, true);
    for (uint32_t i = 1; i <= MEMBER_HIGH - MEMBER_DIALLED; i++)
        all &= is_edge(i);
    ok(all && is_edge(50),
        "those that a person named are not counted among the strangers that "
        "are kept");
    probe_free(&probe);
}

/* It is named by a neighbour and does not answer; how often it is dialled
 * within some minutes by who has so many neighbours. */
static size_t dials_of_one(uint8_t neighbours)
{
    struct node_address node = node_at(0xe0, "tcp://10.0.1.1:7311");
    size_t dials = 0;
    begin();
    for (uint8_t i = 1; i <= neighbours; i++) {
        comes(i, i);
        pleads(i, false);
    }
    need(degree() == neighbours);
    probe_frame(&probe, 1,
        &(struct frame){.type = FRAME_SHUFFLE,
            .shuffle = {.walk = 7, .hops = 0, .list = {1, &node}}});
    for (int i = 0; i < 60; i++) {
        probe_tick(&probe, 2000);
        const struct relay_effect *dial = probe_effect(&probe, RELAY_DIAL);
        if (dial && node_key_equal(&dial->dial.key, &node.node)) {
            dials++;
            probe_step(
                &probe, &(struct relay_event){.kind = RELAY_DIAL_FAILED,
                            .dial_failed = {.target = dial->dial.target}});
        }
        for (uint32_t link = 1; link <= neighbours; link++)
            probe_frame(
                &probe, link, &(struct frame){.type = FRAME_PONG, .ping = {1}});
    }
    probe_free(&probe);
    return dials;
}

static void test_failures(void)
{
    ok(dials_of_one(1) > 1, "who has too few dials again whom others named");
    ok(dials_of_one(MEMBER_LOW) == 1, "and who has not forgets him");
}

/* He has asked for nothing, and there was no quarrel. */
static void test_guests(void)
{
    bool is_known = false;
    begin();
    comes(1, 1);
    pleads(1, false);
    comes(2, 2);
    probe_tick(&probe, MEMBER_GUEST_MS);
    need(ended(2));
    probe_step(&probe, &(struct relay_event){.kind = RELAY_STOP});
    const struct relay_effect *keep = probe_effect(&probe, RELAY_KEEP_NODES);
    need(keep);
    for (size_t i = 0; i < keep->keep.count; i++)
        is_known |= keep->keep.nodes[i].at.node.bytes[0] == 2;
    ok(is_known, "a guest that is shown out is remembered");
    probe_free(&probe);
}

/* Edges that have lasted compete with all that ever did, once. */
static void test_anchors(void)
{
    enum { LASTING = 4, EVER = VIEW_HISTORY - LASTING };
    begin();
    for (int i = 0; i < EVER; i++)
        restore((uint8_t)(10 + i % 246), true);
    for (uint8_t i = 1; i <= LASTING; i++) {
        comes(i, i);
        pleads(i, false);
    }
    minutes_pass(LASTING, 3600000);
    probe_step(&probe, &(struct relay_event){.kind = RELAY_STOP});
    const struct relay_effect *keep = probe_effect(&probe, RELAY_KEEP_NODES);
    need(keep);
    size_t won = 0;
    for (size_t i = 0; i < keep->keep.count; i++)
        won += keep->keep.nodes[i].is_anchor &&
               keep->keep.nodes[i].at.node.bytes[0] <= LASTING;
    ok(won <= 1, "who has lost against many does not try again");
    probe_free(&probe);
}

static void test_refused_pins(void)
{
    begin();
    for (uint8_t i = 1; i <= 6; i++) {
        comes(i, i);
        pleads(i, false);
    }
    probe_connect(&probe, 0xf1, ORIGIN_CONFIG);
    probe_dialled(
        &probe, 50, 0xf1, probe_effect(&probe, RELAY_DIAL)->dial.target);
    hello(50, 0xf1, NULL);
    probe_frame(&probe, 50,
        &(struct frame){
            .type = FRAME_DISCONNECT, .disconnect = {DISCONNECT_NEIGHBORS}});
    size_t dials = 0;
    for (uint64_t ms = 0; ms < DIAL_REFUSED_MS / 2 - 5000; ms += 5000) {
        probe_tick(&probe, 5000);
        dials += probe_count(&probe, RELAY_DIAL);
        for (uint32_t i = 1; i <= 6; i++)
            probe_frame(
                &probe, i, &(struct frame){.type = FRAME_PONG, .ping = {1}});
    }
    ok(dials == 0,
        "a pinned node that has enough is left in peace for minutes");
    probe_down(&probe, 1);
    ok(probe_effect(&probe, RELAY_DIAL) != NULL,
        "and asked at once by one that has too few");
    probe_free(&probe);
}

int main(void)
{
    test_pinned_inbound();
    test_pinned_asks();
    test_refused_pins();
    test_need();
    test_sweep();
    test_sweep_ends();
    test_elders();
    test_failures();
    test_guests();
    test_anchors();
    return tap_done();
}
