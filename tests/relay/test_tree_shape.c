/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which envelopes shape the tree, and how.  Letters are picked by the first
 * bytes of their ids, which are their ranks. */
#include "proto/limits.h"
#include "relay/tree.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter letter;
static uint32_t written; /* letters so far: each is another */

static void begin(uint32_t peers)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 30});
    for (uint32_t link = 1; link <= peers; link++) {
        struct frame hello = {.type = FRAME_HELLO,
            .hello = {.version = FRAME_PROTOCOL_VERSION,
                .node = probe_key((uint8_t)link),
                .features = FEATURE_TREE}};
        probe_up(&probe, link, (uint8_t)link);
        probe_frame(&probe, link, &hello);
    }
}

/* A new letter whose rank begins with a byte in that range. */
static void write_ranked(uint8_t least, uint8_t most)
{
    do
        probe_write(&letter, ++written, 0, 24);
    while (letter.id.bytes[0] < least || letter.id.bytes[0] > most);
}

/* One that renews the tree: one in 512. */
static void write_renewing(void)
{
    do
        write_ranked(0, 0);
    while (letter.id.bytes[1] >= 0x80);
}

static void push(uint32_t link)
{
    probe_push(&probe, link, &letter);
}

static void announce(uint32_t link)
{
    struct frame frame = {.type = FRAME_IHAVE, .ids = {1, &letter.id}};
    probe_frame(&probe, link, &frame);
}

static size_t sends(enum frame_type type, uint32_t link)
{
    size_t count = 0;
    for (size_t i = 0; i < probe.effects.count; i++)
        count += probe.effects.list[i].kind == RELAY_SEND &&
                 probe.effects.list[i].link == link &&
                 probe.effects.list[i].frame.type == type;
    return count;
}

/* The links that the last step pushed to, as a number of decimal digits. */
static uint32_t pushed_to(void)
{
    uint32_t links = 0;
    for (size_t i = 0; i < probe.effects.count; i++)
        if (probe.effects.list[i].kind == RELAY_PUSH)
            links = links * 10 + probe.effects.list[i].link;
    return links;
}

/* So many letters that shape nothing come at once from that link. */
static void be_busy(uint32_t link, uint32_t letters)
{
    for (uint32_t i = 0; i < letters; i++) {
        write_ranked(0xf0, 0xff);
        push(link);
    }
}

static void one_shapes_at_a_time(void)
{
    begin(4);
    write_ranked(0x20, 0x2f);
    struct probe_letter first = letter;
    push(1);
    push(2);
    ok(sends(FRAME_PRUNE, 2) == 1, "one envelope shapes the tree");
    probe_tick(&probe, TREE_SHAPED_MS - 1);
    write_ranked(0x30, 0x3f);
    push(1);
    push(3);
    ok(sends(FRAME_PRUNE, 3) == 0,
        "one that is ranked higher does not for a while");
    write_ranked(0x10, 0x1f);
    push(1);
    push(3);
    ok(sends(FRAME_PRUNE, 3) == 1, "one that is ranked lower takes over");
    probe_push(&probe, 4, &first);
    ok(sends(FRAME_PRUNE, 4) == 0, "and the first has had its time");
    probe_tick(&probe, TREE_SHAPED_MS);
    write_ranked(0x10, 0x1f);
    push(1);
    push(4);
    ok(sends(FRAME_PRUNE, 4) == 1, "then another one may");
    probe_free(&probe);
}

static void most_do_not_shape(void)
{
    begin(2);
    be_busy(1, 32);
    probe_tick(&probe, TREE_SHAPED_MS);
    write_ranked(0x10, 0xff);
    push(1);
    push(2);
    ok(sends(FRAME_PRUNE, 2) == 0, "of many one in as many shapes the tree");
    write_ranked(0x01, 0x03);
    push(1);
    push(2);
    ok(sends(FRAME_PRUNE, 2) == 1, "the lowest ranked");
    probe_free(&probe);
}

static void a_renewal_goes_everywhere(void)
{
    begin(3);
    probe_frame(&probe, 2, &(struct frame){.type = FRAME_PRUNE});
    write_ranked(0x10, 0xff);
    push(1);
    ok(pushed_to() == 3, "what is new goes over eager edges");
    probe_tick(&probe, TREE_SHAPED_MS);
    write_renewing();
    push(1);
    ok(pushed_to() == 23, "one in 512 over lazy ones as well");
    write_ranked(0xf0, 0xff);
    push(1);
    ok(pushed_to() == 3, "and nothing else does");
    probe_frame(&probe, 2, &(struct frame){.type = FRAME_PRUNE});
    probe_tick(&probe, TREE_RENEWED_MS - 1);
    write_renewing();
    push(1);
    ok(pushed_to() == 3, "but not so soon after another");
    probe_tick(&probe, TREE_SHAPED_MS);
    write_renewing();
    push(1);
    ok(pushed_to() == 23, "then again");
    probe_free(&probe);
}

/* A peer asks for the last letter, and gets it or not. */
static bool is_given(uint32_t link)
{
    struct frame graft = {.type = FRAME_GRAFT, .ids = {1, &letter.id}};
    probe_frame(&probe, link, &graft);
    return pushed_to() == link;
}

/* An envelope that renews is pushed over edge 2, which is lazy. */
static void offer(void)
{
    begin(3);
    probe_frame(&probe, 2, &(struct frame){.type = FRAME_PRUNE});
    probe_tick(&probe, TREE_SHAPED_MS);
    write_renewing();
    push(1);
    need(pushed_to() == 23);
}

static void who_is_reached_first_grafts(void)
{
    offer();
    ok(!is_given(2), "who grafts what renewed the tree wants the edge alone");
    ok(is_given(2), "and the envelope when it grafts again");
    write_ranked(0xf0, 0xff);
    push(1);
    ok(pushed_to() == 23, "the edge is eager from then on");
    probe_free(&probe);

    struct envelope_id both[2] = {{{0}}};
    offer();
    both[0] = both[1] = letter.id;
    probe_frame(
        &probe, 2, &(struct frame){.type = FRAME_GRAFT, .ids = {2, both}});
    ok(pushed_to() != 0, "one that names more asks for all of them");
    probe_free(&probe);

    offer();
    probe_frame(&probe, 2, &(struct frame){.type = FRAME_PRUNE});
    ok(is_given(2), "who has pruned it first wants both");
    probe_free(&probe);

    offer();
    probe_step(
        &probe, &(struct relay_event){.kind = RELAY_DROPPED,
                    .dropped = {.link = 2, .is_push = true, .id = letter.id}});
    ok(is_given(2), "so does who was not reached, the queue being full");
    probe_free(&probe);

    offer();
    probe_tick(&probe, TREE_RENEWED_MS);
    write_renewing();
    push(2);
    ok(sends(FRAME_GRAFT, 2) == 1, "what comes first over a lazy edge grafts");
    probe_tick(&probe, TREE_RENEWED_MS);
    write_renewing();
    push(2);
    ok(sends(FRAME_GRAFT, 2) == 0, "and not over one that is eager");
    probe_free(&probe);
}

static void nothing_renews_over_a_shunned_edge(void)
{
    begin(3);
    write_ranked(0x10, 0xff);
    push(1);
    probe_receipt(&probe, 3, &letter, false);
    need(probe_look(&probe)->links[2].score < 0);
    probe_tick(&probe, TREE_SHAPED_MS);
    write_renewing();
    push(1);
    ok(pushed_to() == 2,
        "a peer in bad standing is not pushed to all the same");
    probe_free(&probe);
}

static void who_is_late_is_pruned(void)
{
    begin(3);
    probe_frame(&probe, 2, &(struct frame){.type = FRAME_PRUNE});
    be_busy(1, 16);
    write_ranked(0x01, 0x01);
    push(1); /* shapes the tree, so that the next one does not */
    write_ranked(0x02, 0x07);
    announce(2);
    probe_tick(&probe, TREE_GRAFT_MS);
    ok(sends(FRAME_GRAFT, 2) == 1, "what may shape the tree mends it: GRAFT");
    probe.now_ms += 20;
    push(2);
    probe.now_ms += 20;
    push(1);
    ok(sends(FRAME_PRUNE, 1) == 1, "then the edge that is late goes");
    write_ranked(0xf0, 0xff);
    push(2);
    ok(pushed_to() == 3, "and the new one is in its place");
    probe_free(&probe);
}

static void most_do_not_mend(void)
{
    begin(3);
    probe_frame(&probe, 2, &(struct frame){.type = FRAME_PRUNE});
    be_busy(1, 16);
    write_ranked(0x80, 0xff);
    announce(2);
    probe_tick(&probe, TREE_GRAFT_MS);
    ok(sends(FRAME_WANT, 2) == 1 && sends(FRAME_GRAFT, 2) == 0,
        "the others are asked for alone");
    probe.now_ms += 20;
    push(2);
    push(1);
    ok(sends(FRAME_PRUNE, 1) == 0, "and prune nobody who is late");
    write_ranked(0xf0, 0xff);
    push(1);
    ok(pushed_to() == 3, "so that the tree stays as it is");
    probe_free(&probe);
}

int main(void)
{
    one_shapes_at_a_time();
    most_do_not_shape();
    a_renewal_goes_everywhere();
    who_is_reached_first_grafts();
    nothing_renews_over_a_shunned_edge();
    who_is_late_is_pruned();
    most_do_not_mend();
    return tap_done();
}
