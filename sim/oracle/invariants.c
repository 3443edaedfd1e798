/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judges see effects, never an engine's inside: what an engine believes of
 * itself is its own relay_violation or vault_violation.  A check is cheap
 * enough to be made at every step of every node. */
#include "sim/oracle/invariants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "proto/limits.h"
#include "sim/units.h"

enum {
    MINUTE_S = 60,
    SILENCE_S = 44,      /* after which a link is given up, in whole seconds */
    LONGEST_RUN_S = 200, /* each answer takes as long as it may */
    DUE_AGAIN = 2000,
};

static const struct {
    int invariant;
    const char *name;
} parts[PART_COUNT] = {
    [PART_BAND] = {2, "the mesh"},
    [PART_BRANCHES] = {3, "eager edges"},
    [PART_REDUNDANCY] = {3, "redundancy"},
    [PART_SHELVES] = {7, "equal shelves"},
    [PART_STEMS] = {8, "stems alike"},
    [PART_WORK] = {9, ""},
    [PART_ESTEEM] = {12, "esteem passes"},
    [PART_HONOUR] = {12, "the honest"},
};

int oracle_part_invariant(enum oracle_part part)
{
    return parts[part].invariant;
}

const char *oracle_part_name(enum oracle_part part)
{
    return parts[part].name;
}

bool violation_before(const struct violation *a, const struct violation *b)
{
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us;
    if (a->node != b->node)
        return a->node < b->node;
    return a->invariant < b->invariant;
}

void oracle_report(struct oracle *oracle, int invariant, uint32_t node,
    uint64_t at_us, const char *text)
{
    struct violation violation = {
        .invariant = invariant, .node = node, .at_us = at_us};
    if (oracle->violation_count > 0 &&
        !violation_before(&violation, &oracle->first)) {
        oracle->violation_count++;
        return;
    }
    oracle->violation_count++;
    snprintf(violation.text, sizeof(violation.text), "%s", text);
    oracle->first = violation;
}

void oracle_check_part(struct oracle *oracle, bool holds, enum oracle_part part,
    uint32_t node, uint64_t at_us, const char *text)
{
    oracle->checks_of_part[part]++;
    oracle_check(oracle, holds, parts[part].invariant, node, at_us, text);
}

void oracle_hold_part(
    struct oracle *oracle, uint64_t checks, enum oracle_part part)
{
    oracle->checks += checks;
    oracle->checks_of[parts[part].invariant] += checks;
    oracle->checks_of_part[part] += checks;
}

void oracle_add(struct oracle *oracle, const struct oracle *more)
{
    if (more->violation_count > 0 &&
        (oracle->violation_count == 0 ||
            violation_before(&more->first, &oracle->first)))
        oracle->first = more->first;
    oracle->violation_count += more->violation_count;
    oracle->checks += more->checks;
    for (size_t i = 0; i < INVARIANT_COUNT; i++)
        oracle->checks_of[i] += more->checks_of[i];
    for (size_t i = 0; i < PART_COUNT; i++)
        oracle->checks_of_part[i] += more->checks_of_part[i];
}

void oracle_stored(struct oracle *oracle, const struct slab_item *item,
    enum ledger_state before, uint64_t clock_s, uint32_t node, uint64_t at_us)
{
    /* It lives to the end of its last hour. */
    uint64_t end_s =
        (item->envelope.expires_h + LIMIT_CLOCK_SKEW_H + 1) * HOUR_S;
    oracle_check(oracle, clock_s < end_s, 4, node, at_us,
        "an envelope was stored past its expiry");
    oracle_check(oracle, before != LEDGER_STORED, 5, node, at_us,
        "an envelope was stored twice");
    oracle_check(oracle, before != LEDGER_CLEARED, 5, node, at_us,
        "a cleared envelope was stored again");
    oracle_check(oracle, before != LEDGER_EVICTED, 5, node, at_us,
        "an evicted envelope was stored again");
}

void oracle_kept(struct oracle *oracle, const struct slab_item *item,
    uint64_t clock_s, uint32_t node, uint64_t at_us)
{
    uint64_t end_s =
        (item->envelope.expires_h + LIMIT_CLOCK_SKEW_H + 1) * HOUR_S + MINUTE_S;
    oracle_check(oracle, clock_s < end_s, 4, node, at_us,
        "an envelope is stored past its expiry");
}

void oracle_handed(struct oracle *oracle, const struct handed *handed,
    uint32_t node, uint64_t at_us)
{
    oracle_check(oracle, handed->peers > 0 || handed->before, 11, node, at_us,
        "a vault is told that an envelope was handed to nobody");
    oracle_check(oracle, handed->peers <= handed->others, 11, node, at_us,
        "a vault is told of more takers than there are nodes");
}

void oracle_gave_own(
    struct oracle *oracle, bool was_handed, uint32_t node, uint64_t at_us)
{
    oracle_check(oracle, was_handed, 11, node, at_us,
        "a vault is not told that its envelope was handed over");
}

void oracle_asked(struct oracle *oracle, enum ledger_state state,
    uint64_t evicted_ago_s, uint32_t node, uint64_t at_us)
{
    oracle_check(oracle,
        state != LEDGER_EVICTED || evicted_ago_s < LONGEST_RUN_S, 7, node,
        at_us, "a node asks for what it has evicted");
}

void oracle_gave_up(
    struct oracle *oracle, uint32_t heard_s, uint32_t node, uint64_t at_us)
{
    oracle_check(oracle,
        heard_s == 0 || at_us / SECOND_US + 1 >= heard_s + SILENCE_S, 2, node,
        at_us, "a node ends a link that is not silent");
}

void oracle_walked(
    struct oracle *oracle, bool goes_on, uint32_t node, uint64_t at_us)
{
    oracle_check(
        oracle, goes_on, 2, node, at_us, "a walk ends and nobody is answered");
}

bool oracle_due_again(
    struct oracle *oracle, uint64_t times, uint32_t node, uint64_t at_us)
{
    bool goes_on = times < DUE_AGAIN;
    oracle_check(oracle, goes_on, 6, node, at_us,
        "a node's engines are due in one moment for ever");
    return goes_on;
}

void oracle_worked(
    struct oracle *oracle, uint64_t ahead_ns, uint32_t node, uint64_t at_us)
{
    oracle_check_part(oracle,
        ahead_ns <= ORACLE_WORK_AHEAD_MS * UINT64_C(1000000), PART_WORK, node,
        at_us, "attackers keep a node busy for a tenth of a core and more");
}

void oracle_esteemed(
    struct oracle *oracle, int32_t score, uint32_t node, uint64_t at_us)
{
    oracle_check_part(oracle, score == 0, PART_ESTEEM, node, at_us,
        "what a peer has earned is never forgotten");
}

void oracle_parted(
    struct oracle *oracle, bool for_score, uint32_t node, uint64_t at_us)
{
    oracle_check_part(oracle, !for_score, PART_HONOUR, node, at_us,
        "a node parts with an honest one for its score");
}

static bool is_proven(
    const struct slab_item *item, const struct opening *opening)
{
    return item->is_proven && memcmp(item->opening.bytes, opening->bytes,
                                  sizeof(opening->bytes)) == 0;
}

void oracle_cleared(struct oracle *oracle, struct slab_item *item,
    const struct opening *opening, uint32_t node, uint64_t at_us)
{
    bool matches = is_proven(item, opening);
    if (!matches && opening_matches(opening, &item->envelope.receipt_hash)) {
        matches = item->is_proven = true;
        item->opening = *opening;
    }
    oracle_check(oracle, matches, 5, node, at_us,
        "an envelope was wiped without a matching opening");
}

void oracle_pushed(struct oracle *oracle, enum ledger_state state,
    bool sent_before, uint32_t node, uint64_t at_us)
{
    oracle_check(oracle, state == LEDGER_STORED, 5, node, at_us,
        "a node sent an envelope that it does not store");
    oracle_check(oracle, !sent_before, 4, node, at_us,
        "a node sent one payload twice over a link, unasked");
}

void oracle_compared(
    struct oracle *oracle, uint32_t round, uint32_t node, uint64_t at_us)
{
    oracle_check(oracle, round < 2 * LIMIT_RECONCILE_ROUNDS, 7, node, at_us,
        "a reconciliation is over its rounds");
}

void oracle_shown_to_peer(
    struct oracle *oracle, bool is_hidden, uint32_t node, uint64_t at_us)
{
    oracle_check(oracle, !is_hidden, 8, node, at_us,
        "a node told of an envelope that is on its stem");
}

void oracle_shown(struct oracle *oracle, const struct letters *letters,
    struct span text, uint32_t node, uint64_t at_us)
{
    uint32_t index;
    if (letters_recognise(letters, text, &index) != STATUS_OK) {
        oracle_check(oracle, false, 1, node, at_us,
            "a vault showed a text that nobody wrote");
        return;
    }
    const struct letter_fate *fate = &letters->list[index];
    oracle_check(oracle, fate->to == node, 1, node, at_us,
        "a letter was shown to somebody else");
    oracle_check(oracle, fate->shown_count == 0, 1, node, at_us,
        "a letter was shown twice");
}

void oracle_judge(struct oracle *oracle, const struct letters *letters)
{
    for (uint32_t i = 0; i < letters->count; i++) {
        const struct letter_fate *fate = &letters->list[i];
        if (fate->shown_us != LETTERS_NEVER)
            oracle_check(oracle,
                fate->sent_us != LETTERS_NEVER &&
                    fate->sent_us <= fate->shown_us,
                1, fate->to, fate->shown_us,
                "a letter was shown before it was sent");
    }
}

void oracle_circle_shown(struct oracle *oracle, const struct circles *circles,
    const struct control_letter *shown, uint32_t node, uint64_t at_us)
{
    uint32_t index, circle;
    if (circles_recognise(circles, shown->text, &index) != STATUS_OK) {
        oracle_check(oracle, false, 1, node, at_us,
            "a vault showed a text in a group that nobody wrote");
        return;
    }
    const struct circle_letter *letter = &circles->letters[index];
    uint32_t place = circles_place(circles, letter->circle, node);
    bool is_there = circles_find(circles, shown->group, &circle) == STATUS_OK &&
                    circle == letter->circle;
    oracle_check(oracle, is_there, 1, node, at_us,
        "a letter was shown in another group than it was written in");
    oracle_check(oracle, place < circles->size && place != letter->writer, 1,
        node, at_us, "a group letter was shown to no other member");
    if (place < circles->size)
        oracle_check(oracle,
            circles_copy(circles, index, place)->shown_count == 0, 1, node,
            at_us, "a group letter was shown twice to one member");
}

void oracle_offered(struct oracle *oracle, const struct shipments *shipments,
    struct span name, uint32_t node, uint64_t at_us)
{
    uint32_t index;
    if (shipments_find(shipments, name, &index) != STATUS_OK) {
        oracle_check(oracle, false, 1, node, at_us,
            "a vault showed a file that nobody sent");
        return;
    }
    const struct shipment *shipment = &shipments->list[index];
    oracle_check(oracle, shipment->to == node, 1, node, at_us,
        "a file was shown to somebody else");
    oracle_check(oracle, shipment->offered == 0, 1, node, at_us,
        "a file was shown twice");
}

void oracle_judge_circles(struct oracle *oracle, const struct circles *circles)
{
    for (uint32_t i = 0; i < circles->letter_count; i++) {
        const struct circle_letter *letter = &circles->letters[i];
        for (uint32_t place = 0; place < circles->size; place++) {
            const struct circle_copy *copy = circles_copy(circles, i, place);
            if (copy->shown_us != LETTERS_NEVER)
                oracle_check(oracle,
                    letter->sent_us != LETTERS_NEVER &&
                        letter->sent_us <= copy->shown_us,
                    1, circles_member(circles, letter->circle, place),
                    copy->shown_us,
                    "a group letter was shown before it was sent");
        }
    }
}

void oracle_judge_shipments(
    struct oracle *oracle, const struct shipments *shipments)
{
    for (uint32_t i = 0; i < shipments->count; i++) {
        const struct shipment *shipment = &shipments->list[i];
        if (shipment->whole_us != LETTERS_NEVER)
            oracle_check(oracle,
                shipment->sent_us != LETTERS_NEVER &&
                    shipment->sent_us <= shipment->whole_us,
                1, shipment->to, shipment->whole_us,
                "a file was there before it was sent");
    }
}
