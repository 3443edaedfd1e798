/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Planted violations: each is caught, and its innocent twin is not. */
#include <string.h>

#include "crypto/hash.h"
#include "proto/limits.h"
#include "sim/oracle/invariants.h"
#include "sim/oracle/sent_set.h"
#include "sim/oracle/stems.h"
#include "tests/tap.h"

/* Whether exactly this invariant was broken since the last call. */
static int caught(struct oracle *oracle, int invariant, const char *words)
{
    int is = oracle->violation_count == 1 &&
             oracle->first.invariant == invariant &&
             strstr(oracle->first.text, words) != NULL;
    *oracle = (struct oracle){0};
    return is;
}

static int clean(struct oracle *oracle)
{
    int is = oracle->violation_count == 0 && oracle->checks > 0;
    *oracle = (struct oracle){0};
    return is;
}

static void test_store(struct oracle *oracle)
{
    struct slab_item item = {.envelope = {.expires_h = 100}};
    uint64_t last_s = (100 + LIMIT_CLOCK_SKEW_H + 1) * HOUR_S - 1;
    oracle_stored(oracle, &item, LEDGER_UNKNOWN, last_s, 1, 0);
    ok(clean(oracle), "storing at the last moment is innocent");
    oracle_stored(oracle, &item, LEDGER_UNKNOWN, last_s + 1, 1, 0);
    ok(caught(oracle, 4, "an envelope was stored past its expiry"),
        "storing past expiry is caught");
    oracle_stored(oracle, &item, LEDGER_STORED, 0, 1, 0);
    ok(caught(oracle, 5, "an envelope was stored twice"),
        "storing twice is caught");
    oracle_stored(oracle, &item, LEDGER_CLEARED, 0, 1, 0);
    ok(caught(oracle, 5, "a cleared envelope was stored again"),
        "storing what was cleared is caught");
    oracle_stored(oracle, &item, LEDGER_EVICTED, 0, 1, 0);
    ok(caught(oracle, 5, "an evicted envelope was stored again"),
        "storing what was evicted is caught");
}

static void test_shelf(struct oracle *oracle)
{
    struct slab_item item = {.envelope = {.expires_h = 100}};
    uint64_t end_s = (100 + LIMIT_CLOCK_SKEW_H + 1) * HOUR_S + 60;
    oracle_kept(oracle, &item, end_s - 1, 1, 0);
    ok(clean(oracle), "a minute to see that it has expired is innocent");
    oracle_kept(oracle, &item, end_s, 1, 0);
    ok(caught(oracle, 4, "an envelope is stored past its expiry"),
        "more is caught");
}

static void test_handed(struct oracle *oracle)
{
    oracle_handed(oracle, &(struct handed){false, 3, 3}, 1, 0);
    oracle_handed(oracle, &(struct handed){true, 0, 3}, 1, 0);
    ok(clean(oracle), "some takers, and that they declined, are innocent");
    oracle_handed(oracle, &(struct handed){false, 0, 3}, 1, 0);
    ok(caught(
           oracle, 11, "a vault is told that an envelope was handed to nobody"),
        "none at first is caught");
    oracle_handed(oracle, &(struct handed){true, 4, 3}, 1, 0);
    ok(caught(
           oracle, 11, "a vault is told of more takers than there are nodes"),
        "more than there are is caught");
}

static void test_own(struct oracle *oracle)
{
    oracle_gave_own(oracle, true, 1, 0);
    ok(clean(oracle), "what is handed over and told of is innocent");
    oracle_gave_own(oracle, false, 1, 0);
    ok(caught(
           oracle, 11, "a vault is not told that its envelope was handed over"),
        "what is not told of is caught");
}

static void test_asked(struct oracle *oracle)
{
    oracle_asked(oracle, LEDGER_UNKNOWN, 1000, 1, 0);
    oracle_asked(oracle, LEDGER_STORED, 1000, 1, 0);
    oracle_asked(oracle, LEDGER_EVICTED, 199, 1, 0);
    ok(clean(oracle),
        "asking for what is lacked, or was until now, is innocent");
    oracle_asked(oracle, LEDGER_EVICTED, 200, 1, 0);
    ok(caught(oracle, 7, "a node asks for what it has evicted"),
        "asking for what was evicted long ago is caught");
}

static void test_silence(struct oracle *oracle)
{
    const uint64_t at_us = 100 * UINT64_C(1000000);
    oracle_gave_up(oracle, 0, 1, at_us);
    oracle_gave_up(oracle, 101 - 44, 1, at_us);
    ok(clean(oracle), "ending a silent link is innocent");
    oracle_gave_up(oracle, 101 - 43, 1, at_us);
    ok(caught(oracle, 2, "a node ends a link that is not silent"),
        "ending one that was heard is caught");
}

static void test_walks(struct oracle *oracle)
{
    oracle_walked(oracle, true, 1, 0);
    ok(clean(oracle), "a walk that goes on is innocent");
    oracle_walked(oracle, false, 1, 0);
    ok(caught(oracle, 2, "a walk ends and nobody is answered"),
        "one that does not is caught");
}

static void test_time(struct oracle *oracle)
{
    ok(oracle_due_again(oracle, 1999, 1, 0) && clean(oracle),
        "being due at once many times is innocent");
    ok(!oracle_due_again(oracle, 2000, 1, 0) &&
            caught(
                oracle, 6, "a node's engines are due in one moment for ever"),
        "more is caught, and ends the run");
    oracle_esteemed(oracle, 0, 1, 0);
    ok(clean(oracle), "esteem that has passed is innocent");
    oracle_esteemed(oracle, 1, 1, 0);
    ok(caught(oracle, 12, "what a peer has earned is never forgotten"),
        "a good name for ever is caught");
    oracle_esteemed(oracle, -1, 1, 0);
    ok(caught(oracle, 12, "what a peer has earned is never forgotten"),
        "so is a bad one");
    oracle_parted(oracle, false, 1, 0);
    ok(clean(oracle), "to part with a peer is innocent");
    oracle_parted(oracle, true, 1, 0);
    ok(caught(oracle, 12, "a node parts with an honest one for its score"),
        "but not for the score of one who has done no wrong");
}

static void test_work(struct oracle *oracle)
{
    oracle_worked(oracle, 300000000, 1, 0);
    ok(clean(oracle), "a burst of work for attackers is innocent");
    oracle_worked(oracle, 300000001, 1, 0);
    ok(caught(oracle, 9,
           "attackers keep a node busy for a tenth of a core and more"),
        "more than that is caught");
}

static const char another_way[] =
    "a stem takes another way than the others of its epoch";

static void stems(struct oracle *oracle, struct stem_ways *ways,
    struct stem_source *source, const uint32_t links[], uint64_t at_us)
{
    for (; *links; links++)
        oracle_stemmed(oracle,
            &(struct stemmed){.ways = ways, .source = source, .to = *links}, 1,
            at_us);
}
#define LINKS(...) ((const uint32_t[]){__VA_ARGS__, 0})

/* What comes over two links, and one's own: 5 and 6 are the ways. */
static void test_stems(struct oracle *oracle)
{
    const uint64_t epoch_us = UINT64_C(600000000);
    struct stem_ways ways;
    struct stem_source one = {0}, other = {0};
    stem_ways_begin(&ways, 1000);
    stems(oracle, &ways, &one, LINKS(5, 5), 2000000);
    stems(oracle, &ways, &other, LINKS(6, 6), 3000000);
    stems(oracle, &ways, &ways.own, LINKS(6, 6), 4000000);
    stems(oracle, &ways, NULL, LINKS(5, 6), 5000000);
    ok(clean(oracle), "two ways, and each source by one of them, are innocent");
    const struct stem_ways before = ways;
    stems(oracle, &ways, &ways.own, LINKS(5), 6000000);
    ok(caught(oracle, 8, another_way),
        "one's own by a way that it did not take is caught");
    ways = before;
    stems(oracle, &ways, &one, LINKS(6), 6000000);
    ok(caught(oracle, 8, another_way), "so is what a peer brings");
    ways = before;
    one = (struct stem_source){0};
    stems(oracle, &ways, &one, LINKS(7), 6000000);
    ok(caught(oracle, 8, another_way), "so is a third way");
    ways = before;
    stem_ways_part(&ways, 6);
    stems(oracle, &ways, &ways.own, LINKS(7), 6000000);
    ok(clean(oracle), "but not one in the place of a link that is gone");
    ways = before;
    one = (struct stem_source){0};
    stems(oracle, &ways, &ways.own, LINKS(7, 7), 1000000 + epoch_us);
    stems(oracle, &ways, &one, LINKS(8), 1000000 + epoch_us);
    ok(clean(oracle), "nor what an epoch has drawn that may be new");
    stems(oracle, &ways, &one, LINKS(9), 2000000 + epoch_us);
    ok(caught(oracle, 8, another_way), "which is as long as any");
    ways = before;
    stems(oracle, &ways, &ways.own, LINKS(7), 5 * epoch_us);
    stems(oracle, &ways, &ways.own, LINKS(6), 5 * epoch_us + 1000000);
    ok(clean(oracle), "after a long silence one may end soon, which was long");
    stems(oracle, &ways, &ways.own, LINKS(7), 5 * epoch_us + 2000000);
    ok(caught(oracle, 8, another_way), "but not two");
}

static void test_clear(struct oracle *oracle)
{
    struct slab_item item = {.references = 1};
    struct opening opening = {{1, 2, 3}}, other = {{1, 2, 4}};
    receipt_hash_of(&opening, &item.envelope.receipt_hash);
    oracle_cleared(oracle, &item, &opening, 1, 0);
    oracle_cleared(oracle, &item, &opening, 2, 0);
    ok(clean(oracle), "wiping with the opening is innocent, also again");
    oracle_cleared(oracle, &item, &other, 1, 0);
    ok(caught(oracle, 5, "an envelope was wiped without a matching opening"),
        "wiping without it is caught");
}

static bool was_sent(struct sent_set *set, uint32_t number, uint32_t first_held)
{
    bool before;
    need(sent_set_add(set, number, first_held, &before) == STATUS_OK);
    return before;
}

static void test_sent(void)
{
    struct sent_set set = {0};
    ok(!was_sent(&set, 6400, 0) && set.word_count == 1,
        "a link's window begins with what goes first");
    ok(!was_sent(&set, 6400 + 640, 0) && was_sent(&set, 6400, 0) &&
            was_sent(&set, 6400 + 640, 0),
        "it grows with what comes later, and forgets nothing");
    ok(!was_sent(&set, 64, 0) && was_sent(&set, 64, 0) &&
            was_sent(&set, 6400, 0) && was_sent(&set, 6400 + 640, 0) &&
            !was_sent(&set, 6401, 0),
        "and with what comes from before");
    uint32_t words = set.word_count;
    for (uint32_t number = 64; number < 640000; number += 64)
        was_sent(&set, number, number - 64);
    ok(set.word_count <= words + words / 4 + 1 &&
            was_sent(&set, 640000 - 64, 0),
        "it grows no more where what is before is held by nobody");
    was_sent(&set, 6400000, 6400000);
    ok(!was_sent(&set, 640000 - 64, 0) && was_sent(&set, 6400000, 0),
        "which is forgotten where room is made");
    sent_set_clear(&set);
}

static void test_push(struct oracle *oracle)
{
    struct sent_set set = {0};
    bool before;
    need(sent_set_add(&set, 700, 0, &before) == STATUS_OK);
    oracle_pushed(oracle, LEDGER_STORED, before, 1, 0);
    need(sent_set_add(&set, 701, 0, &before) == STATUS_OK);
    oracle_pushed(oracle, LEDGER_STORED, before, 1, 0);
    ok(clean(oracle), "two payloads over one link are innocent");
    need(sent_set_add(&set, 700, 0, &before) == STATUS_OK);
    oracle_pushed(oracle, LEDGER_STORED, before, 1, 0);
    ok(caught(oracle, 4, "a node sent one payload twice over a link, unasked"),
        "one of them again is caught");
    sent_set_clear(&set);
    need(sent_set_add(&set, 700, 0, &before) == STATUS_OK);
    oracle_pushed(oracle, LEDGER_STORED, before, 1, 0);
    ok(clean(oracle), "but not after the peer has asked");
    sent_set_remove(&set, 700);
    sent_set_remove(&set, 70000);
    need(sent_set_add(&set, 700, 0, &before) == STATUS_OK);
    oracle_pushed(oracle, LEDGER_STORED, before, 1, 0);
    ok(clean(oracle), "nor after the link's queue had refused it");
    oracle_pushed(oracle, LEDGER_CLEARED, false, 1, 0);
    ok(caught(oracle, 5, "a node sent an envelope that it does not store"),
        "sending what is not stored is caught");
    sent_set_clear(&set);
    oracle_compared(oracle, 15, 1, 0);
    ok(clean(oracle), "the last frame of a reconciliation is innocent");
    oracle_compared(oracle, 16, 1, 0);
    ok(caught(oracle, 7, "a reconciliation is over its rounds"),
        "one more is caught");
    oracle_shown_to_peer(oracle, false, 1, 0);
    ok(clean(oracle), "telling of what is not hidden is innocent");
    oracle_shown_to_peer(oracle, true, 1, 0);
    ok(caught(oracle, 8, "a node told of an envelope that is on its stem"),
        "telling of what is hidden is caught");
}

static void test_show(struct oracle *oracle)
{
    struct scenario scenario = {
        .letters = 3, .pairs = 1, .seed = 5, .text_least = 64};
    static const uint32_t homes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    struct letters letters;
    char text[65],
        id[CONTROL_MESSAGE_ID_CHARS + 1] = "0123456789abcdef0123456789abcdef";
    need(letters_init(&letters, &scenario, homes, 10) == STATUS_OK);
    uint32_t to = letters.list[1].to;
    letters_text(&letters, 1, text);
    struct span span = span_of_text(text);
    oracle_shown(oracle, &letters, span, to, 5);
    ok(clean(oracle), "showing it once is innocent");
    letters_shown(&letters, 1, 5);
    oracle_judge(oracle, &letters);
    ok(caught(oracle, 1, "a letter was shown before it was sent"),
        "showing what was not sent is caught in the end");
    need(letters_sent(&letters, 1, id, 6) == STATUS_OK);
    oracle_judge(oracle, &letters);
    ok(caught(oracle, 1, "a letter was shown before it was sent"),
        "or what was sent later");
    letters.list[1].sent_us = 1;
    oracle_judge(oracle, &letters);
    ok(clean(oracle), "what was sent before is innocent");
    oracle_shown(oracle, &letters, span, to, 6);
    ok(caught(oracle, 1, "a letter was shown twice"),
        "showing it twice is caught");
    letters.list[1].shown_count = 0;
    oracle_shown(oracle, &letters, span, letters.list[1].from, 7);
    ok(caught(oracle, 1, "a letter was shown to somebody else"),
        "showing it to somebody else is caught");
    text[40] ^= 1;
    oracle_shown(oracle, &letters, span, to, 8);
    ok(caught(oracle, 1, "a vault showed a text that nobody wrote"),
        "a changed text is caught");
    letters_clear(&letters);
}

static void test_circles(struct oracle *oracle)
{
    struct scenario scenario = {.groups = 2,
        .group_size = 3,
        .group_letters = 2,
        .seed = 5,
        .text_least = 64};
    static const uint32_t homes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    char text[65],
        id[CONTROL_MESSAGE_ID_CHARS + 1] = "0123456789abcdef0123456789abcdef";
    struct circles circles;
    need(circles_init(&circles, &scenario, homes, 10) == STATUS_OK);
    uint32_t writer = circles_member(&circles, 1, 0);
    uint32_t reader = circles_member(&circles, 1, 2), stranger = 0;
    while (circles_place(&circles, 1, stranger) < 3)
        stranger++;
    circles_text(&circles, 1, text);
    struct control_letter letter = {
        .text = span_of_text(text), .group = span_of_text("g1")};
    oracle_circle_shown(oracle, &circles, &letter, reader, 5);
    ok(clean(oracle), "showing a group letter to a member is innocent");
    circles_shown(&circles, 1, 2, 5);
    oracle_judge_circles(oracle, &circles);
    ok(caught(oracle, 1, "a group letter was shown before it was sent"),
        "showing what was not sent is caught in the end");
    need(circles_sent(&circles, 1, id, 5) == STATUS_OK);
    oracle_judge_circles(oracle, &circles);
    ok(clean(oracle), "what was sent by then is innocent");
    oracle_circle_shown(oracle, &circles, &letter, reader, 6);
    ok(caught(oracle, 1, "a group letter was shown twice to one member"),
        "showing it to them again is caught");
    oracle_circle_shown(oracle, &circles, &letter, writer, 6);
    ok(caught(oracle, 1, "a group letter was shown to no other member"),
        "so is showing it to its writer");
    oracle_circle_shown(oracle, &circles, &letter, stranger, 6);
    ok(caught(oracle, 1, "a group letter was shown to no other member"),
        "or to who is no member");
    letter.group = span_of_text("g0");
    oracle_circle_shown(
        oracle, &circles, &letter, circles_member(&circles, 1, 1), 6);
    ok(caught(oracle, 1,
           "a letter was shown in another group than it was written in"),
        "or in another group");
    text[40] ^= 1;
    oracle_circle_shown(oracle, &circles, &letter, reader, 6);
    ok(caught(oracle, 1, "a vault showed a text in a group that nobody wrote"),
        "a changed text is caught");
    circles_clear(&circles);
}

static void test_shipments(struct oracle *oracle)
{
    struct scenario scenario = {
        .files = 2, .pairs = 1, .seed = 5, .file_least = 64};
    static const uint32_t homes[] = {0, 1, 2};
    struct shipments shipments;
    char id[CONTROL_MESSAGE_ID_CHARS + 1] = "0123456789abcdef0123456789abcdef";
    need(shipments_init(&shipments, &scenario, homes, 3) == STATUS_OK);
    struct shipment *shipment = &shipments.list[1];
    struct span name = span_of_text("f1.bin");
    oracle_offered(oracle, &shipments, name, shipment->to, 5);
    ok(clean(oracle), "showing a file once is innocent");
    oracle_offered(oracle, &shipments, name, shipment->from, 5);
    ok(caught(oracle, 1, "a file was shown to somebody else"),
        "showing it to somebody else is caught");
    shipment->offered = 1;
    oracle_offered(oracle, &shipments, name, shipment->to, 6);
    ok(caught(oracle, 1, "a file was shown twice"), "so is showing it twice");
    oracle_offered(oracle, &shipments, span_of_text("f2.bin"), shipment->to, 6);
    ok(caught(oracle, 1, "a vault showed a file that nobody sent"),
        "and one that there is not");
    shipment->whole_us = 7;
    oracle_judge_shipments(oracle, &shipments);
    ok(caught(oracle, 1, "a file was there before it was sent"),
        "one that is there and was not sent is caught in the end");
    need(shipments_sent(&shipments, 1, id, 7) == STATUS_OK);
    oracle_judge_shipments(oracle, &shipments);
    ok(clean(oracle), "what was sent by then is innocent");
    shipments_clear(&shipments);
}

int main(void)
{
    struct oracle oracle = {0};
    need(crypto_start() == 0);
    test_store(&oracle);
    test_shelf(&oracle);
    test_handed(&oracle);
    test_own(&oracle);
    test_asked(&oracle);
    test_silence(&oracle);
    test_walks(&oracle);
    test_time(&oracle);
    test_work(&oracle);
    test_stems(&oracle);
    test_clear(&oracle);
    test_sent();
    test_push(&oracle);
    test_show(&oracle);
    test_circles(&oracle);
    test_shipments(&oracle);
    struct oracle more = {0};
    oracle_check_part(&more, false, PART_STEMS, 2, 8, "third");
    oracle_check(&oracle, true, 8, 2, 8, "");
    oracle_add(&oracle, &more);
    ok(oracle.checks == 2 && oracle.checks_of[8] == 2 &&
            oracle.checks_of_part[PART_STEMS] == 1 &&
            oracle.violation_count == 1 && oracle.first.node == 2,
        "what parts of a run find is added up, by invariant");
    oracle = (struct oracle){0};
    oracle_report(&oracle, 6, 3, 9, "first");
    oracle_report(&oracle, 5, 4, 10, "second");
    ok(oracle.violation_count == 2 && oracle.first.invariant == 6 &&
            oracle.first.node == 3 && oracle.first.at_us == 9,
        "all are counted and the first is kept");
    return tap_done();
}
