/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ORACLE_INVARIANTS_H
#define SIM_ORACLE_INVARIANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"
#include "sim/circles.h"
#include "sim/ledger.h"
#include "sim/letters.h"
#include "sim/shipments.h"
#include "sim/slab.h"

/* What must always hold, judged from outside the engines by one who sees the
 * whole mesh.  The numbers are those that reports print:
 *
 *   1  a letter is shown at most once, unchanged, to its recipient alone, and
 *      one in a group to each member but its writer; a file comes out as it was
 *      sent; and each does where its ends had a path for long enough
 *   2  where nodes find their neighbours: edges have two ends, degrees keep
 *      their band, and three cycles after a fault the mesh is one (graph.h);
 *      no walk ends without a word, and no link that is not silent
 *   4  nothing is stored past its expiry; no node sends one payload twice over
 *      a link unless asked, nor back over the one that brought it
 *   5  cleared never becomes stored again, evicted only by its own vault or
 *      for a stamp; nothing is wiped without a matching opening
 *   6  every shelf keeps its quota, every frame sent is accounted for, and no
 *      engine stands still
 *   7  a reconciliation ends within its rounds, in turn, and nobody asks for
 *      what he has evicted
 *   8  what is on its stem is pushed, announced and listed by nobody
 *   9  what attackers send costs no node more than a tenth of a core
 *  10  the same seed gives the same trace (checked by whoever runs twice)
 *  11  who is told to have taken an envelope is somebody, and no more than all;
 *      whoever takes it first is told of
 *  12  what a peer has earned is forgotten in time, and no honest one is parted
 *      with for it
 *
 * and 0 for what an engine says of itself. */
enum { INVARIANT_LOCAL = 0, INVARIANT_COUNT = 13 };

/* Parts of them that suppose a mesh which is left in peace (judged.h), or
 * something that not every mesh has. */
enum oracle_part {
    PART_BAND,       /* of 2: neighbours that nodes find themselves */
    PART_BRANCHES,   /* of 3: eager edges connect */
    PART_REDUNDANCY, /* of 3: hardly anything is pushed to who has it */
    PART_SHELVES,    /* of 7: all come to store the same */
    PART_STEMS,      /* of 8: own stems look like others' */
    PART_WORK,       /* 9 */
    PART_ESTEEM,     /* of 12: it is forgotten */
    PART_HONOUR,     /* of 12: the honest keep theirs */
    PART_COUNT,
};

struct violation {
    int invariant;
    uint32_t node;
    uint64_t at_us;
    char text[160];
};

struct oracle {
    uint64_t checks;
    uint64_t checks_of[INVARIANT_COUNT]; /* which they come to */
    uint64_t checks_of_part[PART_COUNT]; /* of those */
    uint64_t violation_count;
    struct violation first;
};

/* Whether a is the first of two: by time, node and invariant, so that it is the
 * same one in whatever order they are found. */
bool violation_before(const struct violation *a, const struct violation *b);

/* A broken invariant; the first is kept, all are counted. */
void oracle_report(struct oracle *oracle, int invariant, uint32_t node,
    uint64_t at_us, const char *text);

/* Count a check, and report it when it fails. */
static inline void oracle_check(struct oracle *oracle, bool holds,
    int invariant, uint32_t node, uint64_t at_us, const char *text)
{
    oracle->checks++;
    oracle->checks_of[invariant]++;
    if (!holds)
        oracle_report(oracle, invariant, node, at_us, text);
}

/* The same of such a part. */
void oracle_check_part(struct oracle *oracle, bool holds, enum oracle_part part,
    uint32_t node, uint64_t at_us, const char *text);

/* Count so many checks of such a part that hold: nothing of what they are about
 * has changed since it was looked at. */
void oracle_hold_part(
    struct oracle *oracle, uint64_t checks, enum oracle_part part);

/* The invariant that it is of, and what of it; empty: all. */
int oracle_part_invariant(enum oracle_part part);
const char *oracle_part_name(enum oracle_part part);

/* What another part of the run has found comes to what this one has. */
void oracle_add(struct oracle *oracle, const struct oracle *more);

/* A node stores an envelope: its state before, and the wall clock there. */
void oracle_stored(struct oracle *oracle, const struct slab_item *item,
    enum ledger_state before, uint64_t clock_s, uint32_t node, uint64_t at_us);

/* A node that is up stores an envelope; the wall clock there, less what the
 * node may not have seen of it yet.  It has a minute to see that an envelope
 * has expired. */
void oracle_kept(struct oracle *oracle, const struct slab_item *item,
    uint64_t clock_s, uint32_t node, uint64_t at_us);

/* A relay tells its vault how many peers have taken an envelope; how many nodes
 * there are besides.  Nobody has only when somebody had, who then declined. */
struct handed {
    bool before; /* somebody had taken it, as was told last */
    uint32_t peers;
    uint32_t others;
};
void oracle_handed(struct oracle *oracle, const struct handed *handed,
    uint32_t node, uint64_t at_us);

/* What a node gave of its own has left it; whether its vault was told. */
void oracle_gave_own(
    struct oracle *oracle, bool was_handed, uint32_t node, uint64_t at_us);

/* A node asks for an envelope: its state there, and how many seconds ago the
 * node last evicted anything.  What it evicted before a reconciliation began is
 * none that it lacks. */
void oracle_asked(struct oracle *oracle, enum ledger_state state,
    uint64_t evicted_ago_s, uint32_t node, uint64_t at_us);

/* A node ends a link and says nothing, as over one that is silent: in which
 * second something came last, from 1; 0: no HELLO yet. */
void oracle_gave_up(
    struct oracle *oracle, uint32_t heard_s, uint32_t node, uint64_t at_us);

/* A shuffle came over an edge: whether it went on, or was answered. */
void oracle_walked(
    struct oracle *oracle, bool goes_on, uint32_t node, uint64_t at_us);

/* A node's engines are due in the same moment again, as some have been so many
 * times for each node; as many as bounded steps need are innocent.  Returns
 * whether the run can go on. */
bool oracle_due_again(
    struct oracle *oracle, uint64_t times, uint32_t node, uint64_t at_us);

/* A node does something that attackers make it do: how much of that, by now, is
 * more than one part in so many of a core would have done.  Innocent are the
 * checks that a relay's budget lets in at once (admission.h), and a second's
 * worth besides. */
enum { ORACLE_WORK_SHARE = 10, ORACLE_WORK_AHEAD_MS = 200 + 100 };
void oracle_worked(
    struct oracle *oracle, uint64_t ahead_ns, uint32_t node, uint64_t at_us);

/* For hours nobody has written anything, nor has anything befallen the mesh: of
 * a peer's good or bad deeds nothing is left. */
void oracle_esteemed(
    struct oracle *oracle, int32_t score, uint32_t node, uint64_t at_us);

/* Where nobody attacks a node parts with a peer, and says why: for its score?
 */
void oracle_parted(
    struct oracle *oracle, bool for_score, uint32_t node, uint64_t at_us);

/* A node wipes an envelope, on the word of this opening.  The first that
 * matches is noted in the item, so that it is hashed once and not a node. */
void oracle_cleared(struct oracle *oracle, struct slab_item *item,
    const struct opening *opening, uint32_t node, uint64_t at_us);

/* A node sends an envelope over a link: its state there, and whether it went
 * over this link, either way, since the peer last asked for anything. */
void oracle_pushed(struct oracle *oracle, enum ledger_state state,
    bool sent_before, uint32_t node, uint64_t at_us);

/* A node sends a frame of a reconciliation. */
void oracle_compared(
    struct oracle *oracle, uint32_t round, uint32_t node, uint64_t at_us);

/* A node pushes, announces or lists something: whether it hides it. */
void oracle_shown_to_peer(
    struct oracle *oracle, bool is_hidden, uint32_t node, uint64_t at_us);

/* A vault shows a text as a new letter. */
void oracle_shown(struct oracle *oracle, const struct letters *letters,
    struct span text, uint32_t node, uint64_t at_us);

/* A vault shows a new letter that came through a group: to a member of it who
 * did not write it, once. */
void oracle_circle_shown(struct oracle *oracle, const struct circles *circles,
    const struct control_letter *letter, uint32_t node, uint64_t at_us);

/* A vault shows the letter of a file of that name. */
void oracle_offered(struct oracle *oracle, const struct shipments *shipments,
    struct span name, uint32_t node, uint64_t at_us);

/* At the end: each letter that was shown had been sent by then; so had each
 * letter in a group, and each file that came out. */
void oracle_judge(struct oracle *oracle, const struct letters *letters);
void oracle_judge_circles(struct oracle *oracle, const struct circles *circles);
void oracle_judge_shipments(
    struct oracle *oracle, const struct shipments *shipments);

#endif
