/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stems cost: whoever brings them pays as for a push, also for what comes
 * twice or better stamped, and all of them are pressure.  And what hides stays
 * right when its way, or its room, is gone. */
#include "relay/admission.h"
#include "relay/shelf.h"
#include "relay/stem.h"
#include "relay/tree.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum {
    LIFE_H = 20,
    LARGE = ENVELOPE_CLASS_COUNT - 1,
    PLAIN = 10, /* what a small one is worth without a stamp */
    ENOUGH = 64,
    SMALL_BYTES = 512,
    FEATURES = FEATURE_TREE | FEATURE_STEM | FEATURE_STAMP,
};

static struct probe probe;
static struct probe_letter letter;

static void begin(uint32_t links, uint32_t rate_bytes_s)
{
    probe_init(
        &probe, &(struct relay_config){.push_rate_bytes_s = rate_bytes_s});
    for (uint32_t link = 1; link <= links; link++)
        probe_open_with(&probe, link, FEATURES);
}

static void claim(uint8_t bits)
{
    letter.bytes[ENVELOPE_AT_STAMP] = letter.envelope.stamp[0] = bits;
}

/* That link brings the letter by its stem; its stamp, if any, is genuine. */
static void stem(uint32_t link)
{
    struct frame frame = {.type = FRAME_STEM,
        .push = {.id = letter.id, .envelope = &letter.envelope}};
    probe_frame(&probe, link, &frame);
    const struct relay_effect *check = probe_effect(&probe, RELAY_CHECK);
    if (!check)
        return;
    struct relay_event checked = {.kind = RELAY_CHECKED,
        .frame = {.link = link,
            .frame = &frame,
            .bytes = check->store.frame_bytes,
            .is_genuine = true}};
    probe_step(&probe, &checked);
}

/* The link that the last step's STEM goes to, or 0. */
static uint32_t stem_link(void)
{
    const struct relay_effect *effect = probe_effect(&probe, RELAY_STEM);
    return effect ? effect->link : 0;
}

static bool is_too_fast(void)
{
    return probe_refused(&probe, REFUSAL_RATE) > 0;
}

static void what_comes_twice_is_paid_twice(void)
{
    uint32_t times = 0;
    begin(1, 1 << 14);
    probe_write(&letter, 1, LARGE, LIFE_H);
    for (; times < ENOUGH && !is_too_fast(); times++)
        stem(1);
    ok(times > 2 && times < ENOUGH &&
            probe_refused(&probe, REFUSAL_DUPLICATE) == times - 2,
        "who brings one again and again is refused in the end");
    probe_free(&probe);
}

/* It takes six seconds of a peer's rate, and what is worth so much may take up
 * thirteen: a new peer has three of them behind it. */
static void what_comes_better_is_paid_for(void)
{
    enum { TAKES_S = 6, LINKS = 16 };
    uint32_t link = 0;
    begin(LINKS, LIMIT_ENVELOPE_BYTES / TAKES_S);
    do { /* until one goes on, and is hidden for long */
        need(++link <= LINKS);
        probe_write(&letter, link, LARGE, LIFE_H);
        stem(link);
    } while (!stem_link());
    claim(PLAIN);
    stem(link);
    need(probe_effect(&probe, RELAY_RESTAMP) && !is_too_fast());
    probe_write(&letter, ENOUGH, LARGE, LIFE_H);
    claim(PLAIN);
    stem(link);
    ok(is_too_fast(), "a better stamped copy is paid for, too");
    probe_free(&probe);
}

static void stems_are_pressure(void)
{
    begin(3, 1 << 10);
    for (uint32_t link = 1; link <= 3; link++) {
        probe_write(&letter, link, LARGE, LIFE_H);
        stem(link);
    }
    need(!is_too_fast());
    probe_tick(&probe, ADMISSION_RAISE_MS);
    ok(probe_look(&probe)->least_value == 1,
        "much that comes by stems raises the price as pushes do");
    probe_free(&probe);
}

/* One's own, which is to be stamped anew, as it was declined where its stem
 * goes; whom to. */
static uint32_t decline_own(void)
{
    probe_write(&letter, 1, 0, LIFE_H);
    probe_submit(&probe, &letter);
    uint32_t way = stem_link();
    struct envelope_id id = letter.id;
    const struct frame terms = {
        .type = FRAME_TERMS, .terms = {.least = PLAIN + 4}};
    const struct frame declined = {.type = FRAME_DECLINED, .ids = {1, &id}};
    for (uint32_t link = 1; link <= 4; link++)
        probe_frame(&probe, link, &terms);
    probe_frame(&probe, way, &declined);
    need(way && probe_effect(&probe, RELAY_STAMP));
    return way;
}

static void make_stamp(void)
{
    claim(5);
    probe_step(&probe,
        &(struct relay_event){.kind = RELAY_STAMPED,
            .stamped = {.id = letter.id, .envelope = &letter.envelope}});
    need(probe_effect(&probe, RELAY_RESTAMP));
}

static void a_way_that_is_gone_is_not_taken(void)
{
    begin(4, 1 << 20);
    uint32_t way = decline_own();
    make_stamp();
    ok(stem_link() == way, "what is worth more goes the same way once more");
    probe_free(&probe);
    begin(4, 1 << 20);
    probe_down(&probe, decline_own());
    make_stamp();
    ok(!stem_link() && relay_hides(probe.relay, &letter.id),
        "not where that is gone: it stays hidden until its time");
    probe_free(&probe);
}

/* The room alone: whatever comes around, what is due is so no later. */
static void a_circle_puts_nothing_off(void)
{
    struct peer three[3] = {{.link = 1}, {.link = 2}, {.link = 3}};
    struct peers peers = {.list = three, .count = 3};
    struct random_seeded random;
    struct relay_effects effects;
    struct stem room;
    struct stem_item item = {.bytes = SMALL_BYTES};
    random_seeded_init(&random, 1, 1);
    relay_effects_init(&effects);
    struct turn turn = {.now_ms = 1,
        .random = &random.base,
        .peers = &peers,
        .effects = &effects};
    stem_init(&room, 1);
    for (uint32_t link = 1; link <= 3; link++)
        stem_link_open(&room, &turn, link, true, true);
    need(stem_may_hide(&room, &turn, 0));
    stem_hide(&room, &turn, 0, &item);
    uint64_t due_ms = stem_find(&room, &item.id)->due_ms;
    bool is_later = false;
    for (int i = 0; i < ENOUGH; i++) {
        stem_circled(&room, &turn, &item.id);
        is_later |= stem_find(&room, &item.id)->due_ms > due_ms;
        due_ms = stem_find(&room, &item.id)->due_ms;
    }
    ok(due_ms <= turn.now_ms + STEM_JITTER_MS && !is_later,
        "what circles is shown soon, and put off by nobody");
    stem_clear(&room);
    relay_effects_free(&effects);
}

/* What is known to all it is too late to hide. */
static void what_was_evicted_is_not_hidden(void)
{
    static struct probe_letter mine;
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = SMALL_BYTES,
                           .push_rate_bytes_s = 1 << 20});
    probe_write(&mine, 1, 0, LIFE_H);
    probe_submit(&probe, &mine);
    probe_write(&letter, 2, 0, 2);
    probe_submit(&probe, &letter);
    need(probe_state(&probe, &mine) == SHELF_EVICTED);
    probe_tick(&probe, TREE_RECENT_MS);
    for (uint32_t link = 1; link <= 4; link++)
        probe_open_with(&probe, link, FEATURES);
    probe_step(
        &probe, &(struct relay_event){.kind = RELAY_RELEASE,
                    .release = {.id = letter.id, .opening = letter.opening}});
    while (probe_state(&probe, &letter) != SHELF_CLEARED)
        probe_tick(&probe, relay_deadline_ms(probe.relay) - probe.now_ms);
    probe_submit(&probe, &mine);
    ok(probe_state(&probe, &mine) == SHELF_STORED && !stem_link() &&
            probe_count(&probe, RELAY_PUSH) == 4,
        "one's own that was evicted goes to all when it is given again");
    probe_free(&probe);
}

int main(void)
{
    what_comes_twice_is_paid_twice();
    what_comes_better_is_paid_for();
    stems_are_pressure();
    a_way_that_is_gone_is_not_taken();
    a_circle_puts_nothing_off();
    what_was_evicted_is_not_hidden();
    return tap_done();
}
