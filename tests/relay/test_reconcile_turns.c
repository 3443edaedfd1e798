/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose turn it is to be compared with: of all peers, whom no run began with
 * for longest, so that none waits for chance. */
#include "relay/reconcile.h"
#include "tests/tap.h"

enum { INTERVAL_MS = 300000, LINKS = 5, RUN = 7 };

static struct reconcile reconcile;
static struct random_seeded randomness;
static struct relay_effects effects;
static uint64_t refused[REFUSAL_COUNT];
static struct turn turn;
static struct set_sum whole;

static void open(uint32_t link, bool outbound)
{
    turn.now_ms += 10;
    reconcile_link_open(&reconcile, &turn, link, outbound);
}

/* Links from 1 on, opened by the other end one after the other. */
static void begin(uint32_t links)
{
    random_seeded_init(&randomness, 1, 1);
    relay_effects_init(&effects);
    turn = (struct turn){.now_ms = 1000,
        .random = &randomness.base,
        .refused = refused,
        .effects = &effects};
    reconcile_init(&reconcile, INTERVAL_MS, 1);
    for (uint32_t link = 1; link <= links; link++)
        open(link, false);
}

static void end(void)
{
    need(turn.status == STATUS_OK);
    reconcile_clear(&reconcile);
    relay_effects_free(&effects);
}

/* The number of the run that was begun last. */
static uint32_t last_run(void)
{
    const struct relay_effect *last = &effects.list[effects.count - 1];
    need(last->kind == RELAY_SEND && last->frame.type == FRAME_RECONCILE);
    return last->frame.reconcile.run;
}

static void hear(uint32_t link, const struct frame_reconcile *frame)
{
    reconcile_receive(&reconcile, &turn, link, frame, &whole);
}

/* The peer finds nothing to say. */
static void answer(uint32_t link)
{
    hear(link, &(struct frame_reconcile){.run = last_run(), .round = 1});
}

/* A peer that did not dial begins a run over an equal set. */
static void hear_begin(uint32_t link)
{
    struct reconcile_range range = {
        .bound = set_end(), .mode = RECONCILE_FINGERPRINT};
    set_fingerprint(&whole, range.fingerprint);
    hear(link, &(struct frame_reconcile){
                   .run = RUN, .range_count = 1, .ranges = &range});
}

/* Let time pass until a run begins; with whom. */
static uint32_t next(void)
{
    uint32_t link = 0;
    do {
        turn.now_ms = reconcile_deadline_ms(&reconcile);
        need(turn.now_ms != UINT64_MAX);
        reconcile_tick(&reconcile, &turn);
    } while (!reconcile_due(&reconcile, &turn, &link));
    relay_effects_reset(&effects);
    reconcile_begin(&reconcile, &turn, link, &whole);
    return link;
}

/* The same, and it is answered. */
static uint32_t next_answered(void)
{
    uint32_t link = next();
    answer(link);
    return link;
}

static void all_take_turns(void)
{
    uint64_t last_ms[LINKS + 1] = {0}, longest_ms = 0;
    bool in_turn = true;
    begin(LINKS);
    for (uint32_t i = 0; i < 4 * LINKS; i++) {
        uint32_t link = next_answered();
        in_turn &= link == i % LINKS + 1;
        uint64_t waited_ms = turn.now_ms - last_ms[link];
        if (waited_ms > longest_ms)
            longest_ms = waited_ms;
        last_ms[link] = turn.now_ms;
    }
    ok(in_turn, "nobody has a second turn before all had one");
    ok(longest_ms <= LINKS * (INTERVAL_MS + INTERVAL_MS / 4),
        "so that none waits for more turns than there are peers");
    end();
}

static void the_others_runs_count(void)
{
    begin(3);
    turn.now_ms += 1000;
    hear_begin(1);
    need(refused[REFUSAL_RECONCILE] == 0);
    ok(next_answered() == 2, "whom the peer's own run was with can wait");
    hear_begin(3);
    ok(next_answered() == 1 && next_answered() == 2 && next_answered() == 3,
        "and so whenever it was");
    end();
}

static void runs_out_of_turn_count(void)
{
    begin(3);
    reconcile_again(&reconcile, &turn, 1);
    need(next_answered() == 1);
    ok(next_answered() == 2 && next_answered() == 3 && next_answered() == 1,
        "and whom one's own was with, as something was missing");
    end();
}

static void opening_counts(void)
{
    begin(3);
    need(next_answered() == 1);
    open(4, false);
    open(5, true);
    need(next_answered() == 5); /* as a link that was dialled opens */
    ok(next_answered() == 2 && next_answered() == 3 && next_answered() == 1 &&
            next_answered() == 4 && next_answered() == 5,
        "a new peer's turn comes after those of who were there");
    end();
}

static void silence_wins_no_turns(void)
{
    begin(3);
    for (int round = 0; round < 3; round++) {
        uint32_t link = next(), tries = 0;
        need(link == 1);
        for (; link == 1; link = next())
            tries++;
        need(tries == RECONCILE_TRIES + 1);
        answer(link);
        need(link == 2);
        need(next_answered() == 3);
    }
    ok(true, "who never answers has no more turns than others");
    end();
}

/* A turn that has not begun, as the peer still owes something. */
static void a_turn_is_given_once(void)
{
    uint32_t first = 0, second = 0;
    begin(2);
    for (int i = 0; i < 2; i++) {
        turn.now_ms += INTERVAL_MS + INTERVAL_MS / 4;
        reconcile_tick(&reconcile, &turn);
    }
    need(reconcile_due(&reconcile, &turn, &first));
    reconcile_begin(&reconcile, &turn, first, &whole);
    ok(first == 1 && reconcile_due(&reconcile, &turn, &second) && second == 2,
        "who is kept waiting by what he owes keeps nobody waiting");
    end();
}

int main(void)
{
    all_take_turns();
    the_others_runs_count();
    runs_out_of_turn_count();
    opening_counts();
    silence_wins_no_turns();
    a_turn_is_given_once();
    return tap_done();
}
