/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "relay/links.h"
#include "relay/score.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;

static enum link_state state_of(size_t i)
{
    return probe_look(&probe)->links[i].state;
}

static void hello_opens(void)
{
    probe_init(&probe, &(struct relay_config){.endpoint_count = 1,
                           .endpoints = {"tcp://192.0.2.1:7311"}});
    ok(relay_deadline_ms(probe.relay) == UINT64_MAX, "alone, nothing pends");
    probe_up(&probe, 1, 2);
    const struct frame *hello = probe_sent(&probe, FRAME_HELLO);
    ok(hello && hello->hello.endpoint_count == 1 &&
            span_equal(hello->hello.endpoints[0],
                span_of_text("tcp://192.0.2.1:7311")),
        "a new link is greeted, with our endpoints");
    ok(state_of(0) == LINK_PROBATION, "and is in probation");
    struct frame ping = {.type = FRAME_PING, .ping = {7}};
    probe_frame(&probe, 1, &ping);
    ok(probe_refused(&probe, REFUSAL_BEFORE_HELLO) == 1 &&
            !probe_sent(&probe, FRAME_PONG),
        "which gets nothing before its HELLO");
    probe_tick(&probe, LINK_HELLO_AGAIN_MS);
    ok(probe_sent(&probe, FRAME_HELLO),
        "a HELLO that is not answered is said again");
    probe_hello(&probe, 1, 2);
    ok(state_of(0) == LINK_OPEN, "HELLO opens the link");
    probe_frame(&probe, 1, &ping);
    ok(probe_sent(&probe, FRAME_PONG) &&
            probe_sent(&probe, FRAME_PONG)->ping.nonce == 7,
        "PING is echoed");
    size_t answers = 0;
    for (int i = 0; i < 10; i++) {
        probe_hello(&probe, 1, 2);
        answers += probe_sent(&probe, FRAME_HELLO) != NULL;
    }
    ok(answers == LINK_HELLO_ANSWERS,
        "repeated HELLOs are answered a bounded number of times");
    probe_free(&probe);
}

static void silence_ends(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_up(&probe, 1, 2);
    probe.now_ms += LINK_PROBATION_MS - 1;
    probe_tick(&probe, 0);
    ok(probe_look(&probe)->link_count == 1, "probation lasts");
    probe_tick(&probe, 1);
    ok(probe_count(&probe, RELAY_HANGUP) == 1 &&
            probe_look(&probe)->link_count == 0,
        "and ends the link");

    probe_open(&probe, 2, 2);
    ok(relay_deadline_ms(probe.relay) == probe.now_ms + LINK_SILENCE_MS,
        "the deadline is the end of the silence");
    probe_tick(&probe, LINK_SILENCE_MS - 1);
    ok(!probe_sent(&probe, FRAME_PING), "no PING before");
    probe_tick(&probe, 1);
    const struct frame *ping = probe_sent(&probe, FRAME_PING);
    ok(ping, "then PING");
    struct frame pong = {.type = FRAME_PONG, .ping = {ping->ping.nonce}};
    probe.now_ms += 80;
    probe_frame(&probe, 2, &pong);
    ok(probe_look(&probe)->links[0].rtt_ms == 80,
        "PONG measures the round trip");
    probe_tick(&probe, LINK_SILENCE_MS);
    ping = probe_sent(&probe, FRAME_PING);
    pong.ping.nonce = ping->ping.nonce;
    probe.now_ms += 160;
    probe_frame(&probe, 2, &pong);
    ok(probe_look(&probe)->links[0].rtt_ms == 90, "smoothed by an eighth");
    probe.now_ms += 5000;
    probe_frame(&probe, 2, &pong);
    pong.ping.nonce ^= 1;
    probe_frame(&probe, 2, &pong);
    ok(probe_look(&probe)->links[0].rtt_ms == 90,
        "a PONG that comes twice, or unasked, is not");
    size_t pings = 0;
    for (int i = 1; i < LINK_DEAD_MS / 1000; i++) {
        probe_tick(&probe, 1000);
        pings += probe_sent(&probe, FRAME_PING) != NULL;
    }
    ok(pings == 4 && probe_look(&probe)->link_count == 1,
        "a silent peer is asked four times");
    probe_tick(&probe, 1000);
    ok(probe_count(&probe, RELAY_HANGUP) == 1 &&
            probe_look(&probe)->link_count == 0,
        "and is then dead");
    probe_free(&probe);
}

/* We are PROBE_KEY: key 0x10 is smaller than ours, 0xf0 larger. */
static void a_node_has_one_link(void)
{
    probe_init(&probe, &(struct relay_config){.link_maximum = 4});
    probe_open(&probe, 1, 2);
    probe_up(&probe, 2, 2);
    ok(probe_count(&probe, RELAY_HANGUP) == 1 &&
            probe_effect(&probe, RELAY_HANGUP)->link == 1 &&
            probe_look(&probe)->link_count == 1 &&
            probe_look(&probe)->links[0].link == 2,
        "a second inbound link replaces the first");
    probe_down(&probe, 2);

    probe_connect(&probe, 0x10, ORIGIN_PERSON);
    uint32_t smaller = probe_effect(&probe, RELAY_DIAL)->dial.target;
    probe_dialled(&probe, 3, 0x10, smaller);
    probe_up(&probe, 4, 0x10);
    ok(probe_effect(&probe, RELAY_HANGUP)->link == 3,
        "of two, the one that the smaller key dialled is kept: theirs");
    probe_connect(&probe, 0xf0, ORIGIN_PERSON);
    uint32_t larger = probe_effect(&probe, RELAY_DIAL)->dial.target;
    probe_dialled(&probe, 5, 0xf0, larger);
    probe_up(&probe, 6, 0xf0);
    const struct frame *bye = probe_sent(&probe, FRAME_DISCONNECT);
    ok(probe_effect(&probe, RELAY_HANGUP)->link == 6 && bye &&
            bye->disconnect.reason == DISCONNECT_DUPLICATE,
        "or ours");
    probe_up(&probe, 7, PROBE_KEY);
    ok(probe_effect(&probe, RELAY_HANGUP)->link == 7, "no link to ourselves");
    probe_up(&probe, 8, 3);
    probe_up(&probe, 9, 4);
    probe_up(&probe, 10, 5);
    ok(probe_effect(&probe, RELAY_HANGUP)->link == 10 &&
            probe_sent(&probe, FRAME_DISCONNECT)->disconnect.reason ==
                DISCONNECT_FULL,
        "past the maximum a link is told that there is no room");
    ok(probe_refused(&probe, REFUSAL_LINK) == 5, "each refusal is counted");
    probe_free(&probe);
}

/* Of a node that looks for its neighbours itself. */
static void strangers_leave_room(void)
{
    probe_init(
        &probe, &(struct relay_config){.link_maximum = 8, .is_member = true});
    for (uint8_t link = 1; link <= 6; link++)
        probe_up(&probe, link, link);
    ok(probe_look(&probe)->link_count == 6, "strangers may come");
    probe_up(&probe, 7, 7);
    const struct relay_effect *refused = probe_effect(&probe, RELAY_HANGUP);
    ok(refused && refused->link == 7,
        "but not take the places of those that it dials");
    probe_connect(&probe, 0x10, ORIGIN_PERSON);
    probe_dialled(
        &probe, 8, 0x10, probe_effect(&probe, RELAY_DIAL)->dial.target);
    ok(probe_count(&probe, RELAY_HANGUP) == 0, "for whom there is room");
    probe_free(&probe);
}

static void goodbyes(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_up(&probe, 1, 2);
    probe_hello(&probe, 1, 3);
    ok(probe_count(&probe, RELAY_HANGUP) == 1 &&
            probe_refused(&probe, REFUSAL_MALFORMED) == 1,
        "a HELLO in another's name ends the link");
    probe_up(&probe, 2, 4);
    struct frame old = {
        .type = FRAME_HELLO, .hello = {.version = 0, .node = probe_key(4)}};
    probe_frame(&probe, 2, &old);
    ok(probe_sent(&probe, FRAME_DISCONNECT)->disconnect.reason ==
            DISCONNECT_VERSION,
        "so does a version that is none");
    probe_open(&probe, 3, 5);
    struct frame leaving = {.type = FRAME_DISCONNECT};
    probe_frame(&probe, 3, &leaving);
    ok(probe_count(&probe, RELAY_HANGUP) == 1 &&
            probe_look(&probe)->link_count == 0,
        "a goodbye is taken");
    probe_open(&probe, 4, 5);
    probe_open(&probe, 5, 6);
    probe_step(&probe, &(struct relay_event){.kind = RELAY_STOP});
    ok(probe_count(&probe, RELAY_HANGUP) == 2 &&
            probe_sent(&probe, FRAME_DISCONNECT)->disconnect.reason ==
                DISCONNECT_LEAVING &&
            relay_deadline_ms(probe.relay) == UINT64_MAX,
        "to stop is to say goodbye to all, and to be done");
    probe_free(&probe);
}

static void violations_show(void)
{
    struct node_key self = probe_key(1);
    struct peers none = {0};
    struct relay_effects effects;
    relay_effects_init(&effects);
    struct turn turn = {.peers = &none, .effects = &effects};
    struct links links;
    links_init(&links, &self, &(struct links_config){.maximum = 4});
    struct link link = {.number = 1, .key = probe_key(2)};
    links_add(&links, &turn, &link);
    link.number = 2;
    link.key = probe_key(3);
    links_add(&links, &turn, &link);
    ok(!links_violation(&links, 0), "two nodes, two links: no violation");
    links.list[1].key = probe_key(2);
    ok(links_violation(&links, 0), "one node with two links shows");
    links.list[1].key = probe_key(3);
    links.list[1].open = true;
    ok(links_violation(&links, 0), "so does an open link that is no peer");
    links.list[1].open = false;
    links.config.maximum = 1;
    ok(links_violation(&links, 0), "and one link too many");
    links_clear(&links);
    relay_effects_free(&effects);
}

static void idle_is_small(void)
{
    probe_init(&probe, &(struct relay_config){0});
    size_t alone = relay_bytes(probe.relay);
    for (uint32_t i = 1; i <= 8; i++)
        probe_open(&probe, i, (uint8_t)i);
    printf("# %zu bytes alone, %zu with 8 open links\n", alone,
        relay_bytes(probe.relay));
    ok(alone < 3100 && relay_bytes(probe.relay) < 6800,
        "an idle relay is small");
    probe_free(&probe);
}

/* A frame that the queue of a link had no room for is not lost for long. */
static void a_drop_is_made_good(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_open(&probe, 1, 2);
    probe_step(&probe,
        &(struct relay_event){.kind = RELAY_DROPPED, .dropped = {.link = 1}});
    ok(!probe_sent(&probe, FRAME_RECONCILE), "a drop is not answered at once");
    uint64_t deadline_ms = relay_deadline_ms(probe.relay);
    probe_tick(&probe, deadline_ms - probe.now_ms);
    ok(probe_sent(&probe, FRAME_RECONCILE),
        "but soon, by catching up with that peer");
    probe_step(&probe,
        &(struct relay_event){.kind = RELAY_DROPPED, .dropped = {.link = 99}});
    ok(probe.effects.count == 0, "a drop on a link that is gone is nothing");
    probe_free(&probe);
}

/* A HELLO whose clock is so many seconds ahead; whether it was taken. */
static bool takes_clock(uint8_t key, int64_t ahead_s)
{
    uint64_t now_s = PROBE_CLOCK_S + probe.now_ms / 1000;
    struct frame hello = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION,
            .node = probe_key(key),
            .clock_s = (uint64_t)((int64_t)now_s + ahead_s)}};
    probe_up(&probe, key, key);
    probe_frame(&probe, key, &hello);
    return probe_effect(&probe, RELAY_HANGUP) == NULL;
}

static void clocks_are_looked_at(void)
{
    probe_init(&probe, &(struct relay_config){0});
    ok(takes_clock(1, 300) && takes_clock(2, -300),
        "clocks that are off by five minutes are no matter");
    ok(takes_clock(3, LIMIT_CLOCK_LIE_S) && takes_clock(4, -43200),
        "nor are those off by half a day");
    ok(!takes_clock(5, 86400) && !takes_clock(6, -86400) &&
            probe_sent(&probe, FRAME_DISCONNECT)->disconnect.reason ==
                DISCONNECT_CLOCK &&
            probe_refused(&probe, REFUSAL_CLOCK) == 2,
        "a liar by a day is not spoken to, and told why");
    probe_open(&probe, 7, 7);
    ok(probe_look(&probe)->link_count == 5, "who tells no time is taken");
    probe_free(&probe);
}

static void open_peer(uint32_t link, uint8_t key)
{
    const struct frame hello = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION,
            .node = probe_key(key),
            .features = FEATURE_TREE | FEATURE_STEM | FEATURE_MEMBER}};
    probe_up(&probe, link, key);
    probe_frame(&probe, link, &hello);
}

/* Whether the last step did anything over that link. */
static bool is_used(uint32_t link)
{
    for (size_t i = 0; i < probe.effects.count; i++)
        if (probe.effects.list[i].link == link)
            return true;
    return false;
}

/* Half an hour passes, in which three links are alive; whether that one was
 * used. */
static bool is_used_later(uint32_t last, uint32_t link)
{
    bool is = false;
    for (int i = 0; i < 180; i++) {
        probe_tick(&probe, 10000);
        is |= is_used(link);
        for (uint32_t alive = last - 2; alive <= last; alive++)
            probe_frame(&probe, alive, &(struct frame){.type = FRAME_PING});
    }
    return is;
}

/* A node links again: the way of its own that one's own letters took leads over
 * the new link, and so does all else. */
static void what_was_replaced_is_forgotten(void)
{
    static struct probe_letter letter;
    probe_init(&probe, &(struct relay_config){0});
    for (uint32_t link = 1; link <= 3; link++)
        open_peer(link, (uint8_t)link);
    probe_write(&letter, 1, 0, 20);
    probe_submit(&probe, &letter);
    need(probe_effect(&probe, RELAY_STEM));
    uint32_t old = probe_effect(&probe, RELAY_STEM)->link;
    for (uint32_t key = 1; key <= 3; key++)
        open_peer(10 + key, (uint8_t)key);
    need(probe_refused(&probe, REFUSAL_LINK) == 3);
    probe_write(&letter, 2, 0, 20);
    probe_submit(&probe, &letter);
    const struct relay_effect *stem = probe_effect(&probe, RELAY_STEM);
    ok(stem && stem->link > 10, "a stem goes on over the new link");
    probe_write(&letter, 3, 0, 20);
    probe_push(&probe, 11 + old % 3, &letter);
    ok(is_used(10 + old) && !is_used(old), "so does what is new");
    ok(!is_used_later(13, old), "and nothing ever over the old one");
    probe_free(&probe);

    probe_init(&probe, &(struct relay_config){.is_member = true});
    open_peer(1, 1);
    open_peer(2, 1);
    probe_tick(&probe, 15000);
    ok(is_used(2) && !is_used(1) && probe_look(&probe)->link_count == 0,
        "nor is it a guest that was never shown out");
    probe_free(&probe);
}

static void what_is_not_understood_is_heard(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_open(&probe, 1, 1);
    for (int i = 0; i < 2 * LINK_DEAD_MS / 10000; i++) {
        probe_tick(&probe, 10000);
        probe_step(
            &probe, &(struct relay_event){.kind = RELAY_UNKNOWN, .link = {1}});
    }
    ok(probe_look(&probe)->link_count == 1,
        "who says what is not understood is no silent peer");
    probe_free(&probe);
}

static void dials_that_are_not_wanted_end(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_connect(&probe, 1, ORIGIN_PERSON);
    uint32_t target = probe_effect(&probe, RELAY_DIAL)->dial.target;
    probe_dialled(&probe, 1, 1, target + 1);
    ok(probe_effect(&probe, RELAY_HANGUP) != NULL,
        "a link that nobody expects any more is hung up");
    probe_dialled(&probe, 2, 1, target);
    probe_hello(&probe, 2, 1);
    probe_step(
        &probe, &(struct relay_event){.kind = RELAY_MALFORMED, .link = {2}});
    need(probe_effect(&probe, RELAY_HANGUP));
    for (int i = 0; i < 200 && !probe_effect(&probe, RELAY_DIAL); i++)
        probe_tick(&probe, 1000);
    need(probe_effect(&probe, RELAY_DIAL) && state_of(0) == LINK_DIALLING);
    probe_dialled(&probe, 3, 1, target);
    ok(probe_refused(&probe, REFUSAL_GRAYLIST) == 1 &&
            state_of(0) == LINK_BACKOFF,
        "and one to a peer in bad standing is not dialled again at once");
    probe_free(&probe);
}

static void who_is_gone_leaves_little(void)
{
    uint64_t bytes = 0;
    probe_init(&probe, &(struct relay_config){0});
    for (uint32_t i = 1; i <= 3 * SCORE_RECORDS; i++) {
        struct relay_event event = {
            .kind = RELAY_LINK_UP, .link_up = {.link = i}};
        memcpy(event.link_up.key.bytes, &i, sizeof(i));
        probe_step(&probe, &event);
        probe_down(&probe, i);
        if (i == SCORE_RECORDS)
            bytes = relay_bytes(probe.relay);
    }
    ok(relay_bytes(probe.relay) == bytes,
        "thousands that came and went take no more room than some");
    probe_free(&probe);
}

int main(void)
{
    hello_opens();
    silence_ends();
    a_node_has_one_link();
    strangers_leave_room();
    goodbyes();
    violations_show();
    idle_is_small();
    ok(strcmp(link_state_name(LINK_BACKOFF), "backoff") == 0 &&
            strcmp(refusal_name(REFUSAL_GRAYLIST), "graylist") == 0,
        "states and refusals have names");
    a_drop_is_made_good();
    clocks_are_looked_at();
    what_was_replaced_is_forgotten();
    what_is_not_understood_is_heard();
    dials_that_are_not_wanted_end();
    who_is_gone_leaves_little();
    return tap_done();
}
