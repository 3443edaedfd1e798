/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What outlives a relay of what it holds against its peers: when it is written,
 * what of it, and what is made of it by a later clock. */
#include "relay/score.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum { NOW_MS = 40 * 60000, MINUTES_OFF = 9 /* until -50 is -19 */ };

static struct probe probe;
static struct score score;
static struct turn turn;
static struct relay_effects effects;
static struct kept_score kept[LIMIT_KEPT_SCORES];
static size_t kept_count;

/* A room of its own, at that time of a wall clock. */
static void begin(uint64_t clock_s)
{
    static const struct peers none;
    static uint64_t refused[REFUSAL_COUNT];
    relay_effects_reset(&effects);
    turn = (struct turn){.now_ms = NOW_MS,
        .clock_s = clock_s,
        .peers = &none,
        .effects = &effects,
        .refused = refused};
    score_init(&score, LIMIT_PEER_RATE_BYTES_S);
}

/* What is written now; how many. */
static size_t keep(void)
{
    relay_effects_reset(&effects);
    score_keep(&score, &turn);
    need(!turn.status && effects.count <= 1);
    kept_count = 0;
    if (effects.count == 0)
        return 0;
    need(effects.list[0].kind == RELAY_KEEP_SCORES);
    kept_count = effects.list[0].keep_scores.count;
    memcpy(
        kept, effects.list[0].keep_scores.scores, kept_count * sizeof(*kept));
    return kept_count;
}

static void pass(uint64_t ms)
{
    turn.now_ms += ms;
    turn.clock_s += ms / 1000;
}

static struct node_key key_of(unsigned number)
{
    struct node_key key = probe_key(7);
    key.bytes[1] = (uint8_t)(number >> 8);
    key.bytes[2] = (uint8_t)number;
    return key;
}

/* A peer that does so much harm, and goes. */
static void offend(unsigned number, int32_t points)
{
    struct node_key key = key_of(number);
    score_link_up(&score, &turn, &key, false);
    need(score_change(&score, &turn, &key, points) ==
         (points >= SCORE_DROP_BELOW));
    score_link_down(&score, &turn, &key);
}

static bool admits(unsigned number)
{
    struct node_key key = key_of(number);
    return score_admits(&score, &turn, &key);
}

static int32_t of(unsigned number)
{
    struct node_key key = key_of(number);
    return score_of(&score, turn.now_ms, &key);
}

/* Another relay, by that clock, which takes up what was kept. */
static void restart(uint64_t clock_s)
{
    score_clear(&score);
    begin(clock_s);
    for (size_t i = 0; i < kept_count; i++)
        score_restore(&score, &turn, &kept[i]);
    need(!score_violation(&score) && !turn.status);
}

static void garbage(uint32_t link)
{
    probe_step(
        &probe, &(struct relay_event){.kind = RELAY_MALFORMED, .link = {link}});
}

static void written_soon_and_seldom(void)
{
    probe_init(&probe, &(struct relay_config){0});
    for (uint8_t i = 1; i <= 4; i++)
        probe_open(&probe, i, i);
    garbage(1);
    ok(probe_count(&probe, RELAY_KEEP_SCORES) == 0 &&
            relay_deadline_ms(probe.relay) <= probe.now_ms + SCORE_KEEP_MS,
        "a fall is not written at once, and asks to be woken for it");
    probe_tick(&probe, SCORE_KEEP_MS - 1);
    garbage(2);
    need(probe_count(&probe, RELAY_KEEP_SCORES) == 0);
    probe_tick(&probe, 1);
    const struct relay_effect *effect = probe_effect(&probe, RELAY_KEEP_SCORES);
    ok(effect && effect->keep_scores.count == 2 &&
            effect->keep_scores.scores[0].score_milli == -50000,
        "five seconds later it is, with those of meanwhile");
    probe_tick(&probe, 1000);
    garbage(3);
    probe_tick(&probe, SCORE_KEEP_AGAIN_MS - 1001);
    ok(probe_count(&probe, RELAY_KEEP_SCORES) == 0, "no other within a minute");
    probe_tick(&probe, 1);
    effect = probe_effect(&probe, RELAY_KEEP_SCORES);
    ok(effect && effect->keep_scores.count == 3, "and then all that fell");
    probe_tick(&probe, 10 * SCORE_KEEP_AGAIN_MS);
    ok(probe_count(&probe, RELAY_KEEP_SCORES) == 0,
        "where nothing has fallen nothing is written");
    probe_step(&probe, &(struct relay_event){.kind = RELAY_STOP});
    ok(probe_count(&probe, RELAY_KEEP_SCORES) == 1 &&
            relay_deadline_ms(probe.relay) == UINT64_MAX,
        "but at the end");
    probe_free(&probe);
}

/* Onto the graylist, by two offences over one link. */
static void sink(uint32_t link, uint8_t key)
{
    static struct probe_letter letter;
    probe_open(&probe, link, key);
    probe_write(&letter, key, 0, 20);
    probe_push(&probe, link, &letter);
    probe_receipt(&probe, link, &letter, false);
    need(probe_count(&probe, RELAY_KEEP_SCORES) == 0);
    garbage(link);
    need(probe_count(&probe, RELAY_HANGUP) == 1);
}

static void the_graylist_does_not_wait(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_open(&probe, 1, 1);
    garbage(1);
    sink(2, 2);
    const struct relay_effect *effect = probe_effect(&probe, RELAY_KEEP_SCORES);
    ok(effect && effect < probe_effect(&probe, RELAY_HANGUP) &&
            effect->keep_scores.count == 2 &&
            effect->keep_scores.scores[0].gray_until_s > 0,
        "who falls onto the graylist is written down before its link ends");
    probe_tick(&probe, SCORE_KEEP_MS);
    ok(probe_count(&probe, RELAY_KEEP_SCORES) == 0,
        "with those who fell before");
    sink(3, 3);
    ok(probe_count(&probe, RELAY_KEEP_SCORES) == 0, "another waits");
    probe_tick(&probe, SCORE_KEEP_GRAY_AGAIN_MS - SCORE_KEEP_MS - 1);
    need(probe_count(&probe, RELAY_KEEP_SCORES) == 0);
    probe_tick(&probe, 1);
    effect = probe_effect(&probe, RELAY_KEEP_SCORES);
    ok(effect && effect->keep_scores.count == 3, "until ten seconds later");
    size_t writings = 0;
    for (uint8_t i = 4; i < 64; i++) {
        sink(i, i);
        writings += probe_count(&probe, RELAY_KEEP_SCORES);
        probe_tick(&probe, 1000);
        writings += probe_count(&probe, RELAY_KEEP_SCORES);
    }
    ok(writings == 6, "so that a crowd makes six writings a minute");
    probe_free(&probe);
}

static void nothing_is_written_of_the_good(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_open(&probe, 1, 1);
    probe_tick(&probe, 20000);
    probe_step(&probe, &(struct relay_event){.kind = RELAY_STOP});
    ok(probe_count(&probe, RELAY_KEEP_SCORES) == 0,
        "who has only been there, and silent, is not written down");
    probe_free(&probe);
    begin(PROBE_CLOCK_S);
    offend(1, SCORE_FIRST_DELIVERY);
    ok(keep() == 0, "nor is a good score");
    offend(2, SCORE_BROKEN_PROMISE);
    ok(score_deadline_ms(&score) == UINT64_MAX,
        "one that ends no link is not worth a writing");
    ok(keep() == 1 && kept[0].score_milli == -5000 && kept[0].gray_until_s == 0,
        "and is in the next");
    pass(17 * 60000);
    ok(of(2) == 0 && keep() == 0 && effects.count == 1,
        "nor is what is left of it when it counts for nothing");
    offend(3, SCORE_BROKEN_PROMISE);
    need(keep() == 1);
    pass(201 * 60000);
    relay_effects_reset(&effects);
    score_keep(&score, &turn);
    ok(effects.count == 1 && effects.list[0].keep_scores.count == 0,
        "what is forgiven is taken out of what stands written");
    ok(keep() == 0 && effects.count == 0, "once");
    score_clear(&score);
}

/* Whether five are kept at that place and the next, in any order. */
static bool are_kept_at(size_t place, unsigned number)
{
    size_t found = 0;
    for (unsigned i = number; i < number + 5; i++) {
        struct node_key key = key_of(i);
        for (size_t at = place; at < place + 5; at++)
            found += node_key_equal(&kept[at].key, &key);
    }
    return found == 5;
}

/* Ten who fell long ago, a crowd that fell as low or less, and one who is not
 * held off. */
static void who_was_held_off_first_stays(void)
{
    begin(PROBE_CLOCK_S);
    for (unsigned i = 0; i < 5; i++)
        offend(i, SCORE_GRAY_BELOW - 1);
    for (unsigned i = 5; i < 10; i++)
        offend(i, SCORE_MALFORMED);
    pass(5 * 60000);
    for (unsigned i = 10; i < 260; i++)
        offend(i, SCORE_DROP_BELOW - 1 - (int32_t)(i % 39));
    offend(260, SCORE_DROP_BELOW);
    ok(keep() == LIMIT_KEPT_SCORES, "of 261 no more than 256 are written");
    ok(are_kept_at(0, 0) && are_kept_at(5, 5),
        "the graylist first, then who was held off first");
    restart(turn.clock_s);
    ok(score.count == LIMIT_KEPT_SCORES && !admits(0) && !admits(9),
        "as many come back, and are held off");
    ok(of(260) == 0, "and who was not is forgotten");
    score_clear(&score);

    begin(PROBE_CLOCK_S);
    offend(0, SCORE_GRAY_BELOW - 1);
    pass(1000);
    for (unsigned i = 1; i < 600; i++)
        offend(i, SCORE_GRAY_BELOW - 9);
    need(keep() == LIMIT_KEPT_SCORES);
    pass(60000);
    restart(turn.clock_s);
    ok(!admits(0), "a crowd on the graylist forgives nobody before it");
    score_clear(&score);
}

static void time_passes_while_it_is_off(void)
{
    begin(PROBE_CLOCK_S);
    offend(1, SCORE_MALFORMED);
    offend(2, -61);
    pass(90500);
    need(keep() == 2);
    restart(turn.clock_s);
    ok(of(1) == -45 && !admits(1), "a score is what it was");
    pass(29500);
    ok(of(1) == -40, "and goes on to fall by the minutes that it had begun");
    restart(PROBE_CLOCK_S + 9 * 60);
    ok(of(1) == -19 && admits(1), "minutes without the relay count as others");
    ok(!admits(2), "the graylist is another matter");
    restart(PROBE_CLOCK_S + 3598);
    ok(!admits(2) && admits(1), "it lasts to the last second of its hour");
    pass(1000);
    ok(admits(2), "and no longer");
    restart(PROBE_CLOCK_S + 202 * 60);
    ok(score.count == 0, "and what is long over is not taken up at all");
    ok(keep() == 0 && effects.count == 1,
        "but taken out of what stands written");
    score_clear(&score);
}

/* Started again every so often, as a node that cannot run. */
static uint64_t restarts_until_admitted(unsigned number, uint64_t every_ms)
{
    for (uint64_t i = 0; i < 100000; i++) {
        if (admits(number))
            return i * every_ms;
        turn.now_ms += every_ms;
        turn.clock_s = PROBE_CLOCK_S + (i + 1) * every_ms / 1000;
        keep();
        restart(turn.clock_s);
    }
    return UINT64_MAX;
}

/* A second each time is given away at most: once in five seconds, as falls are
 * written, that is a fifth. */
static void restarts_add_nothing(void)
{
    static const uint64_t every_ms[] = {700, 1000, 1300, 5000, 5300, 59500};
    bool decays = true, ends = true;
    for (size_t i = 0; i < sizeof(every_ms) / sizeof(every_ms[0]); i++) {
        uint64_t share = every_ms[i] < 5000 ? 0 : 4;
        begin(PROBE_CLOCK_S);
        offend(1, SCORE_MALFORMED);
        uint64_t end_ms = restarts_until_admitted(1, every_ms[i]);
        decays &= end_ms >= MINUTES_OFF * UINT64_C(12000) * share &&
                  end_ms <= MINUTES_OFF * UINT64_C(60000) + every_ms[i];
        score_clear(&score);
        begin(PROBE_CLOCK_S);
        offend(1, -61);
        end_ms = restarts_until_admitted(1, every_ms[i]);
        ends &= end_ms >= SCORE_GRAY_MS / 5 * share &&
                end_ms <= SCORE_GRAY_MS + every_ms[i];
        score_clear(&score);
    }
    ok(decays, "however often it is started, nine minutes are no more");
    ok(ends, "and an hour is one");
}

static void clocks_go_wrong(void)
{
    begin(PROBE_CLOCK_S);
    offend(1, -61);
    pass(1800000);
    need(keep() == 1);
    restart(1000);
    pass(1799000);
    ok(!admits(1), "a clock that was put back forgives nothing");
    pass(1000);
    ok(admits(1), "and what was left of the hour then is what is left");
    restart(1000);
    ok(score_deadline_ms(&score) == turn.now_ms,
        "that is written by the new clock, at once");
    relay_effects_reset(&effects);
    score_tick(&score, &turn);
    ok(effects.count == 1 && effects.list[0].keep_scores.scores[0].as_of_s <
                                 1000 + SCORE_KEEP_MS / 1000 + 1,
        "so that no restart makes it begin again");
    need(keep() == 1);
    restart(1000 + 1800);
    ok(admits(1), "by which it ends");

    kept[0] = (struct kept_score){.key = key_of(3),
        .score_milli = INT32_MIN,
        .as_of_s = LIMIT_TIME_S,
        .gray_until_s = LIMIT_TIME_S};
    kept[1] = (struct kept_score){.key = key_of(4),
        .score_milli = -30000,
        .as_of_s = PROBE_CLOCK_S,
        .gray_until_s = LIMIT_TIME_S};
    kept[2] = (struct kept_score){.key = key_of(5),
        .score_milli = INT32_MAX,
        .as_of_s = PROBE_CLOCK_S,
        .gray_until_s = PROBE_CLOCK_S + 10};
    kept_count = 3;
    restart(PROBE_CLOCK_S);
    ok(of(3) == -70 && of(4) == -30 && of(5) == 0,
        "no score is worse than one can be, nor better than none");
    pass(SCORE_GRAY_MS - 1000);
    ok(!admits(4), "a graylist without end");
    pass(1000);
    ok(admits(4), "ends after an hour all the same");
    restart(PROBE_CLOCK_S);
    turn.now_ms += 60000;
    ok(of(3) == -63, "and a score decays, whatever its time was");
    score_clear(&score);
}

/* The whole way: a relay's effect is another's event. */
static void held_off_by_the_next_relay(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_connect(&probe, 1, ORIGIN_CONFIG);
    probe_open(&probe, 1, 1);
    garbage(1);
    probe_tick(&probe, SCORE_KEEP_MS);
    const struct relay_effect *effect = probe_effect(&probe, RELAY_KEEP_SCORES);
    need(effect && effect->keep_scores.count == 1);
    struct kept_score one = effect->keep_scores.scores[0];
    probe_free(&probe);

    probe_init(&probe, &(struct relay_config){0});
    probe_step(&probe, &(struct relay_event){.kind = RELAY_RESTORED_SCORE,
                           .restored_score = &one});
    probe_connect(&probe, 1, ORIGIN_CONFIG);
    ok(probe_look(&probe)->link_count == 1 &&
            probe_look(&probe)->links[0].score == -50,
        "whom the configuration names has the score that it had");
    probe_up(&probe, 5, 1);
    ok(probe_effect(&probe, RELAY_HANGUP)->link == 5 &&
            probe_refused(&probe, REFUSAL_GRAYLIST) == 1,
        "and is refused a link as before");
    probe_open(&probe, 6, 2);
    ok(probe_count(&probe, RELAY_HANGUP) == 0, "others are not concerned");
    probe_free(&probe);
}

static enum standing standing_of(int32_t score_milli, bool is_gray)
{
    probe_init(&probe, &(struct relay_config){0});
    uint64_t clock_s = PROBE_CLOCK_S + probe.now_ms / 1000;
    struct kept_score one = {.key = probe_key(1),
        .score_milli = score_milli,
        .as_of_s = clock_s,
        .gray_until_s = is_gray ? clock_s + 5 : 0};
    probe_step(&probe, &(struct relay_event){.kind = RELAY_RESTORED_SCORE,
                           .restored_score = &one});
    probe_connect(&probe, 1, ORIGIN_CONFIG);
    enum standing standing = probe_look(&probe)->links[0].standing;
    probe_free(&probe);
    return standing;
}

static void standing_is_shown(void)
{
    ok(standing_of(-999, false) == STANDING_GOOD &&
            standing_of(-1000, false) == STANDING_POOR &&
            standing_of(-20000, false) == STANDING_POOR &&
            standing_of(-20001, false) == STANDING_REFUSED,
        "standing goes by the score");
    ok(standing_of(-1000, true) == STANDING_GRAYLISTED,
        "but for who is on the graylist");
}

int main(void)
{
    relay_effects_init(&effects);
    written_soon_and_seldom();
    the_graylist_does_not_wait();
    nothing_is_written_of_the_good();
    who_was_held_off_first_stays();
    time_passes_while_it_is_off();
    restarts_add_nothing();
    clocks_go_wrong();
    held_off_by_the_next_relay();
    standing_is_shown();
    relay_effects_free(&effects);
    return tap_done();
}
