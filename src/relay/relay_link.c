/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links: how they come up, are judged, and end.  Whatever ends one, all rooms
 * forget it in the same turn, so that none counts on a peer that is gone; and
 * none is ended that was not told why, where it can still be told. */
#include "relay/relay_state.h"

static void hang_up(struct turn *turn, uint32_t number)
{
    turn_effect(turn, RELAY_HANGUP)->link = number;
}

static void goodbye(
    struct turn *turn, uint32_t number, enum disconnect_reason reason)
{
    turn_send(turn, number, FRAME_DISCONNECT)->disconnect.reason = reason;
    hang_up(turn, number);
}

static enum member_end member_end_of(enum dial_end end)
{
    switch (end) {
    case DIAL_END_LOST:
        return MEMBER_END_LOST;
    case DIAL_END_REFUSED:
        return MEMBER_END_PARTED;
    case DIAL_END_GOODBYE:
        break;
    }
    return MEMBER_END_UNWELCOME;
}

/* Leaving a link: every room forgets it. */
static void forget_link(
    struct relay *relay, struct turn *turn, uint32_t number, enum dial_end end)
{
    const struct link *link = links_find(&relay->links, number);
    if (!link)
        return;
    struct node_key key = link->key;
    links_remove(&relay->links, number);
    score_link_down(&relay->score, turn, &key);
    tree_link_down(&relay->tree, number);
    stem_link_down(&relay->stem, number);
    reconcile_link_down(&relay->reconcile, number);
    if (wants_link_down(&relay->wants, number))
        reconcile_others(&relay->reconcile, turn, number);
    member_link_down(&relay->member, turn, number, member_end_of(end));
    dial_link_down(&relay->dial, turn, &key, end);
}

void relay_end_link(struct relay *relay, struct turn *turn, uint32_t number,
    enum disconnect_reason reason)
{
    enum dial_end end = DIAL_END_GOODBYE;
    if (reason == DISCONNECT_NEIGHBORS)
        end = DIAL_END_REFUSED;
    goodbye(turn, number, reason);
    forget_link(relay, turn, number, end);
}

void relay_judge(
    struct relay *relay, struct turn *turn, uint32_t number, int32_t points)
{
    const struct link *link = links_find(&relay->links, number);
    if (!link)
        return;
    if (!score_change(&relay->score, turn, &link->key, points))
        relay_end_link(relay, turn, number, DISCONNECT_SCORE);
    else if (score_of(&relay->score, turn->now_ms, &link->key) <
             SCORE_LAZY_BELOW)
        tree_shun(&relay->tree, number);
}

/* A promise that was broken makes an edge lazy and never ends its link: the
 * peer may be slow, or its way.  What is less than a point may be missing from
 * the score that is looked at here. */
void relay_judge_promises(struct relay *relay, struct turn *turn)
{
    uint32_t number;
    while (tree_take_faithless(&relay->tree, &number)) {
        const struct link *link = links_find(&relay->links, number);
        int32_t score =
            link ? score_of(&relay->score, turn->now_ms, &link->key) : 0;
        if (score + SCORE_BROKEN_PROMISE > SCORE_DROP_BELOW)
            relay_judge(relay, turn, number, SCORE_BROKEN_PROMISE);
    }
}

/* What is refused now the peer takes for known here, and tells of no more: only
 * a look at what it has brings it.  Where it was asked for, it was given. */
void relay_overflow(struct relay *relay, struct turn *turn, uint32_t number,
    const struct envelope_id *id, uint32_t bytes)
{
    const struct link *link = links_find(&relay->links, number);
    turn_refuse(turn, REFUSAL_RATE);
    tree_answered(&relay->tree, number, id);
    reconcile_again(&relay->reconcile, turn, number);
    if (link && score_overflows(&relay->score, &link->key, bytes))
        relay_judge(relay, turn, number, SCORE_OVERFLOW);
}

void relay_malformed(struct relay *relay, struct turn *turn, uint32_t number)
{
    turn_refuse(turn, REFUSAL_MALFORMED);
    relay_judge(relay, turn, number, SCORE_MALFORMED);
}

static void refuse_link(struct turn *turn, uint32_t number,
    enum disconnect_reason reason, enum refusal why)
{
    turn_refuse(turn, why);
    goodbye(turn, number, reason);
}

/* A newer link to the same node is kept instead; its dial target stays as it
 * is, the node being linked all the while. */
static void replace_link(
    struct relay *relay, struct turn *turn, const struct node_key *key)
{
    uint32_t number = links_find_key(&relay->links, key)->number;
    turn_refuse(turn, REFUSAL_LINK);
    goodbye(turn, number, DISCONNECT_DUPLICATE);
    links_remove(&relay->links, number);
    score_link_down(&relay->score, turn, key);
    tree_link_down(&relay->tree, number);
    stem_link_down(&relay->stem, number);
    reconcile_link_down(&relay->reconcile, number);
    wants_link_down(&relay->wants, number);
    member_link_down(&relay->member, turn, number, MEMBER_END_PARTED);
}

static void take_link(
    struct relay *relay, struct turn *turn, const struct link *link)
{
    dial_link_up(&relay->dial, turn, &link->key, link->outbound);
    score_link_up(&relay->score, turn, &link->key, link->outbound);
    links_add(&relay->links, turn, link);
}

static void judge_link(
    struct relay *relay, struct turn *turn, const struct link *link)
{
    switch (links_judge(&relay->links, &link->key, link->outbound)) {
    case LINKS_SELF:
    case LINKS_FULL:
        dial_failed(&relay->dial, turn, link->target, false);
        refuse_link(turn, link->number, DISCONNECT_FULL, REFUSAL_LINK);
        return;
    case LINKS_REFUSE:
        if (link->outbound)
            dial_link_up(&relay->dial, turn, &link->key, true);
        refuse_link(turn, link->number, DISCONNECT_DUPLICATE, REFUSAL_LINK);
        return;
    case LINKS_REPLACE:
        replace_link(relay, turn, &link->key);
        take_link(relay, turn, link);
        return;
    case LINKS_KEEP:
        take_link(relay, turn, link);
        return;
    }
}

void relay_link_up(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    struct link link = {
        .number = event->link_up.link,
        .target = event->link_up.outbound ? event->link_up.target : 0,
        .key = event->link_up.key,
        .from = event->link_up.from,
        .outbound = event->link_up.outbound,
    };
    if (relay->stopped) {
        goodbye(turn, link.number, DISCONNECT_LEAVING);
    } else if (link.outbound &&
               !dial_expects(&relay->dial, &link.key, link.target)) {
        hang_up(turn, link.number);
    } else if (!score_admits(&relay->score, turn, &link.key)) {
        dial_failed(&relay->dial, turn, link.target, false);
        refuse_link(turn, link.number, DISCONNECT_SCORE, REFUSAL_GRAYLIST);
    } else {
        judge_link(relay, turn, &link);
    }
}

void relay_hello(struct relay *relay, struct turn *turn, struct link *link,
    const struct frame_hello *hello)
{
    uint32_t number = link->number;
    switch (links_hello(&relay->links, turn, link, hello)) {
    case HELLO_OPENED:
        dial_link_open(&relay->dial, &link->key);
        tree_link_open(
            &relay->tree, turn, number, hello->features & FEATURE_TREE);
        stem_link_open(&relay->stem, turn, number, link->outbound,
            hello->features & FEATURE_STEM);
        reconcile_link_open(&relay->reconcile, turn, number, link->outbound);
        relay_member_open(relay, turn, link, hello);
        if (hello->features & FEATURE_STAMP)
            relay_greet(relay, turn, link);
        return;
    case HELLO_REPEATED:
        return;
    case HELLO_FALSE:
        relay_malformed(relay, turn, number);
        return;
    case HELLO_CLOCK:
        turn_refuse(turn, REFUSAL_CLOCK);
        relay_end_link(relay, turn, number, DISCONNECT_CLOCK);
        return;
    case HELLO_VERSION:
        relay_end_link(relay, turn, number, DISCONNECT_VERSION);
        return;
    }
}

void relay_disconnect(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_disconnect *disconnect)
{
    hang_up(turn, link->number);
    forget_link(relay, turn, link->number, dial_end_of(disconnect->reason));
}

void relay_link_down(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    forget_link(relay, turn, event->link.link, DIAL_END_LOST);
}

void relay_bury_dead(struct relay *relay, struct turn *turn)
{
    const struct link *dead;
    while ((dead = links_dead(&relay->links, turn->now_ms))) {
        hang_up(turn, dead->number);
        forget_link(relay, turn, dead->number, DIAL_END_LOST);
    }
}

void relay_unknown(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    struct link *link = links_find(&relay->links, event->link.link);
    turn_refuse(turn, REFUSAL_UNKNOWN_TYPE);
    if (link)
        links_heard(link, turn, 0);
}

void relay_connect(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    const struct node_key *key = &event->connect.key;
    if (relay->stopped)
        return;
    dial_connect(&relay->dial, turn,
        &(struct dial_request){
            .endpoint = event->connect.endpoint,
            .key = key,
            .origin = event->connect.origin,
            .linked = links_find_key(&relay->links, key) != NULL,
        });
    if (dial_is_pinned(&relay->dial, key))
        member_pin(&relay->member, key);
}

void relay_part(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    struct node_key key = event->connect.key;
    dial_disconnect(&relay->dial, turn, event->connect.endpoint, &key);
    const struct link *link = links_find_key(&relay->links, &key);
    if (link)
        relay_end_link(relay, turn, link->number, DISCONNECT_ASKED);
}

void relay_stop(struct relay *relay, struct turn *turn)
{
    member_keep(&relay->member, turn);
    score_keep(&relay->score, turn);
    dial_stop(&relay->dial, turn);
    while (relay->links.count > 0)
        relay_end_link(
            relay, turn, relay->links.list[0].number, DISCONNECT_LEAVING);
    relay->stopped = true;
}
