/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A node that nobody answers: it never gives up. */
#include "relay/member.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum { HEARD_OF = 100, QUARTERS_S = 4, ANSWER_S = 10 };

static struct probe probe;

/* Dials that are out, and who has been dialled. */
struct search {
    uint32_t targets[LIMIT_DIAL_TARGETS];
    size_t out, most;
    bool dialled[HEARD_OF + 1];
};

static void note_dials(struct search *search)
{
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        if (effect->kind != RELAY_DIAL)
            continue;
        search->targets[search->out++] = effect->dial.target;
        for (unsigned name = 1; name <= HEARD_OF; name++) {
            struct node_key key = probe_key((uint8_t)name);
            search->dialled[name] |= node_key_equal(&key, &effect->dial.key);
        }
    }
    if (search->out > search->most)
        search->most = search->out;
}

static void fail_dials(struct search *search)
{
    while (search->out > 0) {
        struct relay_event event = {.kind = RELAY_DIAL_FAILED};
        event.dial_failed.target = search->targets[--search->out];
        probe_step(&probe, &event);
        note_dials(search);
    }
}

static void search_for(struct search *search, int seconds)
{
    for (int i = 1; i <= seconds * QUARTERS_S; i++) {
        probe_tick(&probe, 1000 / QUARTERS_S);
        note_dials(search);
        if (i % (ANSWER_S * QUARTERS_S) == 0)
            fail_dials(search);
    }
}

static size_t count_dialled(const struct search *search)
{
    size_t count = 0;
    for (unsigned name = 1; name <= HEARD_OF; name++)
        count += search->dialled[name];
    return count;
}

/* It knows more nodes than its view has places. */
static void begin(void)
{
    probe_init(&probe, &(struct relay_config){.is_member = true});
    for (unsigned name = 1; name <= HEARD_OF; name++) {
        char text[LIMIT_ENDPOINT_BYTES];
        struct kept_node kept = {.at.node = probe_key((uint8_t)name)};
        snprintf(text, sizeof(text), "tcp://10.0.1.%u:7311", name);
        need(!address_parse(span_of_text(text), &kept.at.address));
        probe_step(&probe, &(struct relay_event){.kind = RELAY_RESTORED_NODE,
                               .restored_node = &kept});
    }
}

static void test_alone(void)
{
    struct search search = {.out = 0};
    begin();
    search_for(&search, ANSWER_S - 1);
    ok(search.most == MEMBER_DIALS_ALONE,
        "who has nobody dials many at once, and no more");
    search_for(&search, 12 * ANSWER_S);
    size_t dialled = count_dialled(&search);
    printf("# %zu of %d dialled, where a view has %d places\n", dialled,
        HEARD_OF, VIEW_PASSIVE);
    ok(dialled > HEARD_OF * 17 / 20,
        "and all that it ever heard of, when none answers");
    struct search later = {.out = search.out};
    memcpy(later.targets, search.targets, sizeof(later.targets));
    search_for(&later, 2 * PAST_REST_MOST_MS / 1000);
    ok(count_dialled(&later) == dialled, "and never gives one up");
    probe_free(&probe);
}

static void test_not_alone(void)
{
    struct search search = {.out = 0};
    begin();
    const struct relay_effect *dial;
    do
        probe_tick(&probe, 1000 / QUARTERS_S);
    while (!(dial = probe_effect(&probe, RELAY_DIAL)));
    struct node_key key = dial->dial.key;
    probe_dialled(&probe, 1, key.bytes[0], dial->dial.target);
    probe_frame(&probe, 1,
        &(struct frame){.type = FRAME_HELLO,
            .hello = {.version = FRAME_PROTOCOL_VERSION,
                .node = key,
                .features = FEATURE_TREE | FEATURE_MEMBER}});
    probe_frame(&probe, 1,
        &(struct frame){.type = FRAME_NEIGHBOR_REPLY,
            .neighbor_reply = {.accepted = true}});
    uint32_t edges[LIMIT_LINKS];
    need(relay_edges(probe.relay, edges) == 1);
    search_for(&search, ANSWER_S - 1);
    ok(search.most == MEMBER_DIALS, "who has one neighbour dials fewer");
    probe_free(&probe);
}

int main(void)
{
    test_alone();
    test_not_alone();
    return tap_done();
}
