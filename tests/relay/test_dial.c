/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/dial.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;

static void fail(uint32_t target)
{
    probe_step(&probe, &(struct relay_event){
                           .kind = RELAY_DIAL_FAILED, .dial_failed = {target}});
}

static void backoff_doubles_within_bounds(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_connect(&probe, 1, ORIGIN_CONFIG);
    const struct relay_effect *dial = probe_effect(&probe, RELAY_DIAL);
    ok(dial && dial->dial.endpoint_size == 19,
        "a named node is dialled at once");
    uint32_t target = dial->dial.target;
    uint64_t expected = DIAL_BACKOFF_LEAST_MS, out_of_bounds = 0;
    uint64_t different = 0, last = 0;
    for (int i = 0; i < 30; i++) {
        fail(target);
        uint64_t delay = relay_deadline_ms(probe.relay) - probe.now_ms;
        uint64_t low = expected / 2, high = expected * 3 / 2;
        if (low < DIAL_BACKOFF_LEAST_MS)
            low = DIAL_BACKOFF_LEAST_MS;
        if (high > DIAL_BACKOFF_MOST_MS)
            high = DIAL_BACKOFF_MOST_MS;
        out_of_bounds += delay < low || delay > high;
        different += delay != last;
        last = delay;
        probe_tick(&probe, delay - 1);
        out_of_bounds += probe_count(&probe, RELAY_DIAL) != 0;
        probe_tick(&probe, 1);
        out_of_bounds += probe_count(&probe, RELAY_DIAL) != 1;
        expected = expected < 64000 ? expected * 2 : 64000;
    }
    ok(out_of_bounds == 0,
        "30 failures: from one second to one minute, exactly");
    ok(different > 15, "never quite the same");
    probe_tick(&probe, DIAL_ANSWER_MS);
    ok(probe_count(&probe, RELAY_UNDIAL) == 1,
        "a dial without answer is given up");
    probe_free(&probe);
}

/* What was hard to reach, and then was there, is tried soon again. */
static void an_open_link_forgives(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_connect(&probe, 1, ORIGIN_CONFIG);
    uint32_t target = probe_effect(&probe, RELAY_DIAL)->dial.target;
    for (int i = 0; i < 10; i++) {
        fail(target);
        probe_tick(&probe, DIAL_BACKOFF_MOST_MS);
    }
    probe_dialled(&probe, 1, 1, target);
    probe_hello(&probe, 1, 1);
    probe_down(&probe, 1);
    ok(relay_deadline_ms(probe.relay) - probe.now_ms <=
            DIAL_BACKOFF_LEAST_MS * 3 / 2,
        "after a link that was open the back-off begins anew");
    probe_free(&probe);
}

/* What a look at the only target says: whether it was answered. */
static bool is_answered(void)
{
    const struct relay_view *view = probe_look(&probe);
    need(view->link_count == 1 && view->links[0].state == LINK_BACKOFF);
    return view->links[0].was_answered;
}

static void who_answers_is_told_apart(void)
{
    struct relay_event answered = {.kind = RELAY_DIAL_FAILED};
    probe_init(&probe, &(struct relay_config){0});
    probe_connect(&probe, 1, ORIGIN_CONFIG);
    uint32_t target = probe_effect(&probe, RELAY_DIAL)->dial.target;
    fail(target);
    ok(!is_answered(), "nobody is at an address that does not answer");
    probe_tick(&probe, DIAL_BACKOFF_MOST_MS);
    answered.dial_failed.target = target;
    answered.dial_failed.was_answered = true;
    probe_step(&probe, &answered);
    ok(is_answered(), "somebody is where a handshake fails");
    probe_tick(&probe, DIAL_BACKOFF_MOST_MS);
    probe_dialled(&probe, 1, 1, target);
    probe_hello(&probe, 1, 1);
    probe_down(&probe, 1);
    ok(!is_answered(), "and a link that was there is another matter");
    probe_free(&probe);
}

static void goodbyes_are_heeded(void)
{
    struct frame asked = {
        .type = FRAME_DISCONNECT, .disconnect = {DISCONNECT_ASKED}};
    probe_init(&probe, &(struct relay_config){0});
    probe_connect(&probe, 0xf1, ORIGIN_CONFIG);
    probe_dialled(
        &probe, 1, 0xf1, probe_effect(&probe, RELAY_DIAL)->dial.target);
    probe_hello(&probe, 1, 0xf1);
    probe_frame(&probe, 1, &asked);
    uint64_t delay = relay_deadline_ms(probe.relay) - probe.now_ms;
    ok(delay >= DIAL_BACKOFF_MOST_MS / 2 && delay <= DIAL_BACKOFF_MOST_MS,
        "a pinned node that said goodbye is dialled much later");
    probe_down(&probe, 1);
    probe_step(&probe, &(struct relay_event){.kind = RELAY_DISCONNECT,
                           .connect = {.key = probe_key(0xf1)}});
    ok(relay_deadline_ms(probe.relay) == UINT64_MAX, "DISCONNECT forgets it");

    probe_connect(&probe, 0xf2, ORIGIN_BEACON);
    ok(probe_count(&probe, RELAY_DIAL) == 1,
        "a beacon of a larger key is dialled");
    probe_dialled(
        &probe, 2, 0xf2, probe_effect(&probe, RELAY_DIAL)->dial.target);
    probe_hello(&probe, 2, 0xf2);
    probe_frame(&probe, 2, &asked);
    probe_tick(&probe, 10000);
    probe_connect(&probe, 0xf2, ORIGIN_BEACON);
    ok(probe_count(&probe, RELAY_DIAL) == 0, "but not after its goodbye");
    probe_tick(&probe, DIAL_BEACON_REST_MS);
    probe_connect(&probe, 0xf2, ORIGIN_BEACON);
    ok(probe_count(&probe, RELAY_DIAL) == 1, "until it has rested");
    probe_free(&probe);
}

static void beacons_are_hints(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_connect(&probe, 0x10, ORIGIN_BEACON);
    ok(probe_count(&probe, RELAY_DIAL) == 0,
        "a smaller key is left to dial us");
    probe_tick(&probe, 2 * DIAL_BEACON_YIELD_MS);
    ok(probe_count(&probe, RELAY_DIAL) == 1, "for a while");
    uint32_t target = probe_effect(&probe, RELAY_DIAL)->dial.target;
    probe_open(&probe, 1, 0x10);
    ok(probe_look(&probe)->link_count == 1, "it did");
    fail(target);
    probe_tick(&probe, 61000);
    ok(probe_count(&probe, RELAY_DIAL) == 0, "so we do not");
    probe_step(&probe, &(struct relay_event){.kind = RELAY_STOP});
    probe_free(&probe);

    probe_init(&probe, &(struct relay_config){0});
    probe_connect(&probe, 0xf0, ORIGIN_BEACON);
    for (int i = 0; i <= DIAL_BEACON_ATTEMPTS; i++) {
        fail(1);
        probe_tick(&probe, DIAL_BACKOFF_MOST_MS);
    }
    ok(probe_look(&probe)->link_count == 0, "a hint that fails is forgotten");
    for (uint32_t i = 1; i <= DIAL_BEACON_LINKS; i++)
        probe_open(&probe, i, (uint8_t)i);
    probe_connect(&probe, 0xf3, ORIGIN_BEACON);
    ok(probe_count(&probe, RELAY_DIAL) == 0,
        "with eight links, hints are ignored");
    probe_connect(&probe, 0xf3, ORIGIN_PERSON);
    ok(probe_count(&probe, RELAY_DIAL) == 1, "a person is not");
    probe_connect(&probe, PROBE_KEY, ORIGIN_PERSON);
    ok(probe_count(&probe, RELAY_DIAL) == 0, "nobody dials itself");
    probe_free(&probe);
}

static void the_list_is_bounded(void)
{
    probe_init(&probe, &(struct relay_config){0});
    for (unsigned i = 0; i < LIMIT_DIAL_TARGETS + 20; i++) {
        struct relay_event event = {.kind = RELAY_CONNECT,
            .connect = {.endpoint = span_of_text("tcp://10.0.0.1:7311"),
                .key = probe_key(3),
                .origin = ORIGIN_CONFIG}};
        event.connect.key.bytes[0] = (uint8_t)i;
        event.connect.key.bytes[1] = (uint8_t)(i >> 8);
        probe_step(&probe, &event);
    }
    ok(probe_look(&probe)->link_count == LIMIT_DIAL_TARGETS &&
            probe_refused(&probe, REFUSAL_LINK) == 20,
        "targets past the limit are refused and counted");
    fail(1);
    probe_connect(&probe, 9, ORIGIN_CONFIG);
    ok(probe_refused(&probe, REFUSAL_LINK) == 21,
        "and none that a person named gives way, though it waits");
    probe_free(&probe);
}

int main(void)
{
    backoff_doubles_within_bounds();
    an_open_link_forgives();
    who_answers_is_told_apart();
    goodbyes_are_heeded();
    beacons_are_hints();
    the_list_is_bounded();
    return tap_done();
}
