/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neighbours: who is taken, who is displaced, and what strangers can't do. */
#include "tests/relay/neighbours.h"

static bool said(bool accepted)
{
    const struct frame *reply = probe_sent(&probe, FRAME_NEIGHBOR_REPLY);
    return reply && reply->neighbor_reply.accepted == accepted;
}

static bool has_link(uint32_t link)
{
    const struct relay_view *view = probe_look(&probe);
    for (size_t i = 0; i < view->link_count; i++)
        if (view->links[i].link == link)
            return true;
    return false;
}

static void test_off(void)
{
    probe_init(&probe, &(struct relay_config){0});
    comes(1, 1);
    pleads(1, true);
    ok(probe.effects.count == 0 && probe_refused(&probe, REFUSAL_MEMBER) == 1,
        "a node that takes no part counts pleas and does nothing else");
    probe_tick(&probe, 30000);
    ok(probe_look(&probe)->link_count == 1, "and the link stays");
    probe_free(&probe);
}

static void test_asking(void)
{
    begin();
    probe_connect(&probe, 0xf1, ORIGIN_CONFIG);
    probe_dialled(
        &probe, 1, 0xf1, probe_effect(&probe, RELAY_DIAL)->dial.target);
    const struct frame *first = probe_sent(&probe, FRAME_HELLO);
    ok(first && first->hello.features & FEATURE_MEMBER,
        "a hello says that the node takes part");
    hello(1, 0xf1, NULL);
    ok(probe_sent(&probe, FRAME_JOIN) && degree() == 0,
        "whoever knows few asks by JOIN, and has no edge yet");
    probe_tick(&probe, MEMBER_ASK_AGAIN_MS);
    ok(probe_sent(&probe, FRAME_JOIN) != NULL,
        "and again: a frame may be lost");
    struct node_address other = node_at(0xf2, "tcp://10.0.0.2:7311");
    struct frame yes = {
        .type = FRAME_NEIGHBOR_REPLY, .neighbor_reply = {true, {1, &other}}};
    probe_frame(&probe, 1, &yes);
    ok(degree() == 1 && is_edge(1), "the answer makes it an edge");
    probe_tick(&probe, 250);
    const struct relay_effect *dial = probe_effect(&probe, RELAY_DIAL);
    ok(dial && node_key_equal(&dial->dial.key, &other.node) &&
            strcmp(dial->dial.endpoint, "tcp://10.0.0.2:7311") == 0,
        "and who it names is dialled");
    probe_free(&probe);

    begin();
    probe_connect(&probe, 0xf1, ORIGIN_CONFIG);
    probe_dialled(
        &probe, 1, 0xf1, probe_effect(&probe, RELAY_DIAL)->dial.target);
    hello(1, 0xf1, NULL);
    for (int i = 0; i < 5; i++)
        probe_tick(&probe, MEMBER_GUEST_MS / 5);
    ok(ended(1), "who never answers is left");
    probe_free(&probe);
}

static void test_being_asked(void)
{
    begin();
    comes(1, 1);
    ok(degree() == 0, "an inbound link is a guest");
    pleads(1, false);
    ok(degree() == 1 && said(true), "whose plea makes it an edge");
    pleads(1, false);
    ok(degree() == 1 && said(true), "which may be said twice");
    comes(2, 2);
    probe_tick(&probe, MEMBER_GUEST_MS);
    ok(ended(2) && !ended(1), "a guest that never asks is shown out");
    probe_open(&probe, 3, 3);
    probe_tick(&probe, MEMBER_GUEST_MS);
    ok(has_link(3), "unless it takes no part: then it stays as it is");
    pleads(3, true);
    ok(probe.effects.count == 0 && !is_edge(3), "and has no plea to make");
    probe_free(&probe);
}

static void test_band(void)
{
    begin();
    keeps_all();
    for (uint8_t i = 1; i <= 5; i++) {
        comes(i, i);
        pleads(i, false);
    }
    ok(degree() == MEMBER_AIM + 1, "nine edges are one more than is aimed at");
    comes(8, 8);
    pleads(8, false);
    ok(said(false) && ended(8) && degree() == 9,
        "who has enough and asks is sent on");
    comes(9, 9);
    pleads(9, true);
    ok(said(true) && degree() == MEMBER_HIGH, "who has too few is taken");
    probe_tick(&probe, 10);
    comes(10, 10);
    pleads(10, true);
    ok(said(true) && ended(9) && is_edge(10) && degree() == MEMBER_HIGH,
        "past the band the youngest stranger has to go");
    probe_tick(&probe, MEMBER_DISPLACE_MS / 4);
    comes(11, 11);
    pleads(11, true);
    ok(said(false) && ended(11) && is_edge(10), "but not two within a minute");
    probe_free(&probe);
}

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

static void test_flood_of_pleas(void)
{
    uint32_t taken = 0;
    begin();
    keeps_all();
    for (uint8_t i = 1; i <= 5; i++) {
        comes(i, i);
        pleads(i, true);
    }
    for (uint32_t i = 11; i < 61; i++) {
        minutes_pass(160, 10000);
        comes(i, (uint8_t)i);
        pleads(i, true);
        taken += said(true);
    }
    bool older = true;
    for (uint32_t i = 1; i <= 5; i++)
        older &= is_edge(i);
    ok(older && keeps_still() && degree() == MEMBER_HIGH,
        "a flood of pleas displaces its own, no older edge and no pinned one");
    /* The first has room, the second displaces, and of the others each 6th. */
    ok(taken == 2 + 48 * 10000 / MEMBER_DISPLACE_MS, "one a minute");
    probe_free(&probe);
}

/* All links are alive, and minutes pass until a node is dialled. */
static const struct relay_effect *next_dial(uint32_t last_link)
{
    for (int i = 0; i < 600; i++) {
        probe_tick(&probe, 10000);
        const struct relay_effect *dial = probe_effect(&probe, RELAY_DIAL);
        if (dial)
            return dial;
        for (uint32_t link = 1; link <= last_link; link++)
            probe_frame(
                &probe, link, &(struct frame){.type = FRAME_PONG, .ping = {1}});
    }
    return NULL;
}

/* A node that it knows answers its dial and takes us. */
static void answers(uint32_t link)
{
    const struct relay_effect *dial = NULL;
    for (int i = 0; !dial && i < 10; i++) {
        probe_tick(&probe, 250);
        dial = probe_effect(&probe, RELAY_DIAL);
    }
    need(dial);
    uint8_t name = dial->dial.key.bytes[0];
    probe_dialled(&probe, link, name, dial->dial.target);
    hello(link, name, NULL);
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_NEIGHBOR_REPLY,
            .neighbor_reply = {.accepted = true}});
}

/* With one chance of some; whom it dialled its person named, or not. */
static void test_renewal(unsigned chance, bool is_named)
{
    struct node_address other = node_at(0xe0, "tcp://10.0.1.1:7311");
    begin();
    for (unsigned i = 0; i < chance; i++)
        random_u64(&probe.random.base);
    if (!is_named)
        restore_all(0xf1, 0xf0 + MEMBER_DIALLED);
    for (uint8_t i = 1; i <= MEMBER_DIALLED; i++)
        if (is_named)
            keeps(i, (uint8_t)(0xf0 + i));
        else
            answers(i);
    for (uint8_t i = MEMBER_DIALLED + 1; i <= 10; i++) {
        probe_tick(&probe, 10);
        comes(i, i);
        pleads(i, true);
    }
    need(degree() == MEMBER_HIGH);
    probe_frame(&probe, 10,
        &(struct frame){.type = FRAME_SHUFFLE,
            .shuffle = {.walk = 7, .hops = 0, .list = {1, &other}}});
    const struct relay_effect *dial = next_dial(10);
    ok(dial && node_key_equal(&dial->dial.key, &other.node),
        "a node whose places are all taken looks for another, now and then");
    probe_dialled(&probe, 11, 0xe0, dial ? dial->dial.target : 0);
    hello(11, 0xe0, NULL);
    ok(probe_sent(&probe, FRAME_NEIGHBOR) && degree() == MEMBER_HIGH,
        "asks it, and drops nobody yet");
    probe_frame(&probe, 11,
        &(struct frame){.type = FRAME_NEIGHBOR_REPLY,
            .neighbor_reply = {.accepted = true}});
    bool elders = true;
    size_t dialled = is_edge(11);
    for (uint32_t i = 1; i <= MEMBER_ELDERS; i++)
        elders &= is_edge(MEMBER_DIALLED + i);
    for (uint32_t i = 1; i <= MEMBER_DIALLED; i++)
        dialled += is_edge(i);
    ok(degree() == MEMBER_AIM && is_edge(11) && elders &&
            dialled >= MEMBER_DIALLED + (is_named ? 1u : 0u),
        "and then as many as are too many, of those that nobody named and that "
        "came last, or were dialled beyond what is kept for that");
    probe_free(&probe);
}

static void test_places_for_dialled(void)
{
    begin();
    for (uint8_t i = 1; i <= 20; i++) {
        comes(i, i);
        pleads(i, true);
    }
    ok(degree() == MEMBER_HIGH - MEMBER_DIALLED,
        "strangers alone never fill the band");
    probe_free(&probe);
}

static void test_subnets(void)
{
    begin();
    uint32_t link = 1;
    for (uint8_t i = 1; i <= 4; i++, link++) {
        char from[LIMIT_ENDPOINT_BYTES];
        snprintf(from, sizeof(from), "tcp://203.0.113.%u:7311", i);
        comes_from(link, i, from, from);
        pleads(link, true);
    }
    ok(degree() == MEMBER_SUBNET, "a public network has two edges");
    for (uint8_t i = 5; i <= 8; i++, link++) {
        comes(link, i);
        pleads(link, false);
    }
    ok(degree() == MEMBER_SUBNET + 4, "a private one any number");
    comes_from(link, 9, "tcp://198.51.100.9:7311", NULL);
    pleads(link, true);
    ok(is_edge(link), "another public one its own");
    probe_free(&probe);

    begin();
    for (uint8_t i = 1; i <= MEMBER_SUBNET + 1u; i++) {
        char from[LIMIT_ENDPOINT_BYTES];
        snprintf(from, sizeof(from), "tcp://203.0.113.%u:7311", i);
        if (i <= MEMBER_SUBNET)
            probe_connect(&probe, i, ORIGIN_PERSON);
        comes_from(i, i, from, from);
        pleads(i, true);
    }
    ok(is_edge(MEMBER_SUBNET + 1), "and those that were named take no place");
    probe_free(&probe);
}

/* What a peer that comes from there and says that is called to others: by the
 * names in an answer to another's plea. */
static bool is_named(const char *from, const char *says, const char *as)
{
    char text[LIMIT_ENDPOINT_BYTES + 1] = "";
    begin();
    comes_from(1, 1, from, says);
    pleads(1, true);
    comes_from(2, 2, from, says);
    pleads(2, true);
    const struct frame *reply = probe_sent(&probe, FRAME_NEIGHBOR_REPLY);
    need(reply);
    const struct frame_nodes *list = &reply->neighbor_reply.list;
    if (list->count > 0)
        address_print(&list->nodes[0].address, text);
    probe_free(&probe);
    if (strcmp(text, as) != 0)
        printf("# named %s\n", text);
    return strcmp(text, as) == 0;
}

static void test_whereabouts(void)
{
    ok(is_named("tcp://203.0.113.5:50001", "tcp://10.1.1.1:7311",
           "tcp://203.0.113.5:7311"),
        "a peer is where it came from, at the port that it names");
    ok(is_named("tcp://203.0.113.5:50001", "tcp://203.0.113.5:7411",
           "tcp://203.0.113.5:7411"),
        "or what it says, when that agrees");
    ok(is_named("tcp://203.0.113.5:50001", "tcp://198.51.100.9:7311",
           "tcp://203.0.113.5:7311"),
        "it can't say that it is another's address");
    ok(is_named("tcp://203.0.113.5:50001", NULL, ""),
        "nor be named when it listens nowhere");
    ok(is_named("tcp://203.0.113.5:50001", "tcp://10.1.1.1:22", ""),
        "nor at a port of the system's own services");
    ok(is_named("tcp://127.0.0.1:50001", "tcp://127.0.0.1:7311",
           "tcp://127.0.0.1:7311"),
        "on one machine, nodes name each other");
}

/* Nodes that a neighbour at that address names, and we then dial. */
static bool is_dialled(const char *neighbour, const char *named)
{
    struct node_address node = node_at(0xe0, named);
    begin();
    comes_from(1, 1, neighbour, neighbour);
    pleads(1, true);
    probe_frame(&probe, 1,
        &(struct frame){.type = FRAME_SHUFFLE,
            .shuffle = {.walk = 7, .hops = 0, .list = {1, &node}}});
    for (int i = 0; i < 4; i++) {
        if (probe_effect(&probe, RELAY_DIAL))
            break;
        probe_tick(&probe, 5000);
    }
    bool dialled = probe_effect(&probe, RELAY_DIAL) != NULL;
    probe_free(&probe);
    return dialled;
}

static void test_requests_forged(void)
{
    ok(is_dialled("tcp://203.0.113.5:7311", "tcp://198.51.100.7:7311"),
        "what a neighbour names is dialled");
    ok(!is_dialled("tcp://203.0.113.5:7311", "tcp://127.0.0.1:7311") &&
            !is_dialled("tcp://203.0.113.5:7311", "tcp://192.168.1.1:7311") &&
            !is_dialled("tcp://203.0.113.5:7311", "tcp://[fd00::1]:7311") &&
            !is_dialled("tcp://203.0.113.5:7311", "tcp://[::1]:7311"),
        "but not into our own network, by one who is outside");
    ok(is_dialled("tcp://10.0.0.5:7311", "tcp://10.0.0.6:7311") &&
            !is_dialled("tcp://10.0.0.5:7311", "tcp://127.0.0.1:7311"),
        "one inside may name others inside, not ourselves");
    ok(!is_dialled("tcp://10.0.0.5:7311", "tcp://169.254.169.254:7311") &&
            !is_dialled("tcp://10.0.0.5:7311", "tcp://224.0.0.1:7311") &&
            !is_dialled("tcp://10.0.0.5:7311", "tcp://0.0.0.0:7311"),
        "nobody names what is no node's");
    ok(!is_dialled("tcp://203.0.113.5:7311", "tcp://198.51.100.7:25"),
        "nor a port below 1024");
}

static void test_walks(void)
{
    struct node_address node = node_at(0xe0, "tcp://10.0.1.1:7311");
    struct frame shuffle = {.type = FRAME_SHUFFLE,
        .shuffle = {.walk = 7, .hops = 3, .list = {1, &node}}};
    begin();
    comes(1, 1);
    pleads(1, true);
    comes(2, 2);
    pleads(2, true);
    probe_frame(&probe, 1, &shuffle);
    const struct frame *onward = probe_sent(&probe, FRAME_SHUFFLE);
    ok(onward && onward->shuffle.hops == 2 && onward->shuffle.walk == 7 &&
            onward->shuffle.list.count == 1 &&
            probe_effect(&probe, RELAY_SEND)->link == 2,
        "a shuffle walks on");
    struct frame reply = {.type = FRAME_SHUFFLE_REPLY,
        .shuffle = {.walk = 7, .list = {1, &node}}};
    probe_frame(&probe, 1, &reply);
    ok(probe.effects.count == 0 && probe_refused(&probe, REFUSAL_MEMBER) == 1,
        "an answer from where it did not go is refused");
    probe_frame(&probe, 2, &reply);
    ok(probe_sent(&probe, FRAME_SHUFFLE_REPLY) &&
            probe_effect(&probe, RELAY_SEND)->link == 1,
        "the answer goes back");
    probe_frame(&probe, 2, &reply);
    ok(probe.effects.count == 0 && probe_refused(&probe, REFUSAL_MEMBER) == 2,
        "once");
    probe_frame(&probe, 1, &shuffle);
    need(probe_sent(&probe, FRAME_SHUFFLE));
    probe_tick(&probe, 30000);
    probe_frame(&probe, 2, &reply);
    ok(!probe_sent(&probe, FRAME_SHUFFLE_REPLY) &&
            probe_refused(&probe, REFUSAL_MEMBER) == 3,
        "and in time");
    shuffle.shuffle.hops = 0;
    shuffle.shuffle.walk = 8;
    probe_frame(&probe, 1, &shuffle);
    const struct frame *answer = probe_sent(&probe, FRAME_SHUFFLE_REPLY);
    ok(answer && answer->shuffle.list.count == 1 &&
            node_key_equal(&answer->shuffle.list.nodes[0].node,
                &(struct node_key){{2}}) == false &&
            answer->shuffle.list.nodes[0].address.bytes[3] == 2,
        "where it ends, neighbours are named, and nobody by hearsay");
    size_t sent = 0;
    for (uint64_t i = 0; i < 200; i++) {
        shuffle.shuffle.walk = 100 + i;
        shuffle.shuffle.hops = 6;
        probe_frame(&probe, 1, &shuffle);
        sent += probe_sent(&probe, FRAME_SHUFFLE) != NULL;
    }
    ok(sent > 20 && sent < 80, "a peer's walks are bounded");
    probe_free(&probe);
}

/* A list that nobody asked for, of one; whether that one is dialled. */
static bool list_is_heard(uint8_t name)
{
    char endpoint[LIMIT_ENDPOINT_BYTES];
    snprintf(endpoint, sizeof(endpoint), "tcp://10.0.%u.1:7311", name);
    struct node_address node = node_at(name, endpoint);
    probe_frame(&probe, 1,
        &(struct frame){.type = FRAME_SHUFFLE,
            .shuffle = {.walk = name, .hops = 0, .list = {1, &node}}});
    bool dialled = false;
    for (int i = 0; i < 8; i++) {
        const struct relay_effect *dial = probe_effect(&probe, RELAY_DIAL);
        dialled |= dial && node_key_equal(&dial->dial.key, &node.node);
        probe_tick(&probe, 1000);
    }
    return dialled;
}

static void test_lists(void)
{
    begin();
    comes(1, 1);
    pleads(1, true);
    ok(list_is_heard(11), "a list that a neighbour sends by itself is heard");
    ok(!list_is_heard(12) && probe_refused(&probe, REFUSAL_MEMBER) == 1,
        "another in the same cycle is not, and counted");
    uint64_t cycle_end_ms = probe.now_ms + MEMBER_CYCLE_MS;
    while (probe.now_ms < cycle_end_ms) {
        probe_frame(&probe, 1,
            &(struct frame){.type = FRAME_PING, .ping = {probe.now_ms}});
        probe_tick(&probe, 10000);
    }
    ok(list_is_heard(13), "in the next it is");
    probe_free(&probe);
}

/* One neighbour says whatever it likes, as fast as it can, for a minute. */
static void test_flood(void)
{
    struct node_address made_up[LIMIT_FRAME_NODES];
    begin();
    for (uint8_t i = 1; i <= MEMBER_DIALLED; i++)
        keeps(i, (uint8_t)(0xf0 + i));
    for (uint8_t i = MEMBER_DIALLED + 1; i <= 8; i++) {
        comes(i, i);
        pleads(i, true);
    }
    for (uint32_t i = 0; i < 1000; i++) {
        for (uint8_t k = 0; k < LIMIT_FRAME_NODES; k++) {
            made_up[k] = node_at(k, "tcp://20.0.0.1:7311");
            memcpy(made_up[k].node.bytes + 1, &i, sizeof(i));
            made_up[k].address.bytes[1] = (uint8_t)i;
            made_up[k].address.bytes[2] = (uint8_t)(i / 256 + k);
        }
        probe_frame(&probe, 8,
            &(struct frame){.type = FRAME_SHUFFLE,
                .shuffle = {i, 0, {LIMIT_FRAME_NODES, made_up}}});
        probe_frame(&probe, 8,
            &(struct frame){.type = FRAME_SHUFFLE_REPLY,
                .shuffle = {i, 0, {LIMIT_FRAME_NODES, made_up}}});
        probe_frame(&probe, 8,
            &(struct frame){.type = FRAME_NEIGHBOR_REPLY,
                .neighbor_reply = {true, {LIMIT_FRAME_NODES, made_up}}});
        probe_frame(&probe, 8, &(struct frame){.type = FRAME_JOIN});
    }
    ok(probe_refused(&probe, REFUSAL_MEMBER) >= 1940,
        "of a flood of lists one is taken up a cycle");
    bool all = true;
    for (uint32_t i = 1; i <= 8; i++)
        all &= is_edge(i);
    ok(all && degree() == 8, "and no edge is displaced by it");
    size_t dials = 0;
    for (int i = 0; i < 10; i++) {
        probe_tick(&probe, 1000);
        dials += probe_count(&probe, RELAY_DIAL);
    }
    ok(dials <= 1, "nor anybody dialled who need not be");
    probe_free(&probe);
}

static void test_joins(void)
{
    struct frame join = {.type = FRAME_JOIN};
    begin();
    comes(1, 1);
    probe_frame(&probe, 1, &join);
    ok(is_edge(1) && !probe_sent(&probe, FRAME_FORWARD_JOIN),
        "the first to come is told to nobody");
    comes(2, 2);
    probe_frame(&probe, 2, &join);
    const struct frame *news = probe_sent(&probe, FRAME_FORWARD_JOIN);
    ok(is_edge(2) && news && news->forward_join.hops == LIMIT_WALK_HOPS &&
            news->forward_join.node.address.bytes[3] == 2,
        "a newcomer is taken, and told of to the others");
    probe_frame(&probe, 2, &join);
    ok(!probe_sent(&probe, FRAME_FORWARD_JOIN), "once");
    struct frame walk = {.type = FRAME_FORWARD_JOIN,
        .forward_join = {node_at(0xe1, "tcp://10.0.1.2:7311"), 2}};
    probe_frame(&probe, 1, &walk);
    news = probe_sent(&probe, FRAME_FORWARD_JOIN);
    ok(news && news->forward_join.hops == 1, "another's newcomer walks on");
    walk.forward_join.node = node_at(2, "tcp://10.0.0.2:7311");
    probe_frame(&probe, 1, &walk);
    ok(probe.effects.count == 0, "but not past one who has it");
    probe_free(&probe);
}

static void test_restart(void)
{
    struct kept_node kept[LIMIT_KEPT_NODES];
    begin();
    keeps(1, 0xf1);
    comes(2, 2);
    pleads(2, false);
    for (int i = 0; i < 8; i++)
        probe_tick(&probe, 30000), pleads(2, false), hello(1, 0xf1, NULL);
    probe_step(&probe, &(struct relay_event){.kind = RELAY_STOP});
    const struct relay_effect *keep = probe_effect(&probe, RELAY_KEEP_NODES);
    ok(keep && keep->keep.count >= 2, "who stops says whom it knows");
    size_t count = keep ? keep->keep.count : 0, anchors = 0;
    for (size_t i = 0; i < count; i++) {
        kept[i] = keep->keep.nodes[i];
        anchors += kept[i].is_anchor;
    }
    ok(anchors > 0, "and with whom it has been long");
    probe_free(&probe);

    begin();
    for (size_t i = 0; i < count; i++)
        probe_step(&probe, &(struct relay_event){.kind = RELAY_RESTORED_NODE,
                               .restored_node = &kept[i]});
    size_t dialled = 0;
    for (int i = 0; i < 10; i++) {
        probe_tick(&probe, 1000);
        dialled += probe_count(&probe, RELAY_DIAL);
    }
    ok(dialled == 2, "and dials them when it is there again");
    kept[0].at.node = probe_key(PROBE_KEY);
    probe_step(&probe, &(struct relay_event){.kind = RELAY_RESTORED_NODE,
                           .restored_node = &kept[0]});
    probe_tick(&probe, 60000);
    ok(!probe_effect(&probe, RELAY_DIAL), "but never itself");
    probe_free(&probe);
}

int main(void)
{
    test_off();
    test_asking();
    test_being_asked();
    test_band();
    test_flood_of_pleas();
    for (unsigned chance = 0; chance < 4; chance++) {
        test_renewal(chance, true);
        test_renewal(chance, false);
    }
    test_places_for_dialled();
    test_subnets();
    test_whereabouts();
    test_requests_forged();
    test_walks();
    test_lists();
    test_flood();
    test_joins();
    test_restart();
    return tap_done();
}
