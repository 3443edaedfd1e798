/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets that a person or the configuration named are pinned: they are
 * redialled for ever, with a back-off that doubles from a second to a minute.
 * Targets from beacons are hints: dialled only while links are few, by the
 * smaller node key first so that two neighbours do not dial each other at the
 * same moment, and forgotten after some failures.  After a goodbye a beacon's
 * target rests, or the next beacon would ignore what the peer said.  Targets
 * that membership chose are dialled once: it has others. */
#include "relay/dial.h"

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

void dial_init(struct dial *dial, const struct node_key *self)
{
    *dial = (struct dial){.self = *self, .due_ms = UINT64_MAX};
}

void dial_clear(struct dial *dial)
{
    for (size_t i = 0; i < dial->count; i++)
        free(dial->list[i].endpoint);
    free(dial->list);
    *dial = (struct dial){0};
}

/* After every change: a deadline is asked for after each event, and few events
 * change anything here. */
static void look_ahead(struct dial *dial)
{
    dial->due_ms = UINT64_MAX;
    for (size_t i = 0; i < dial->count; i++)
        if (dial->list[i].state != DIAL_LINKED &&
            dial->list[i].at_ms < dial->due_ms)
            dial->due_ms = dial->list[i].at_ms;
}

static struct dial_target *find_key(
    const struct dial *dial, const struct node_key *key)
{
    for (size_t i = 0; i < dial->count; i++)
        if (node_key_equal(&dial->list[i].key, key))
            return &dial->list[i];
    return NULL;
}

static struct dial_target *find_number(const struct dial *dial, uint32_t number)
{
    for (size_t i = 0; i < dial->count; i++)
        if (dial->list[i].number == number)
            return &dial->list[i];
    return NULL;
}

static void remove_target(struct dial *dial, struct dial_target *target)
{
    free(target->endpoint);
    size_t behind = dial->count - (size_t)(target - dial->list) - 1;
    memmove(target, target + 1, behind * sizeof(*target));
    dial->count--;
}

static void enter(struct dial_target *target, enum dial_state state,
    uint64_t now_ms, uint64_t at_ms)
{
    target->state = state;
    target->since_ms = now_ms;
    target->at_ms = at_ms;
}

static bool is_insistent(enum relay_origin origin)
{
    return origin == ORIGIN_PERSON || origin == ORIGIN_CONFIG;
}

static bool is_pinned(const struct dial_target *target)
{
    return is_insistent(target->origin);
}

/* Failures in a row after which a target is forgotten; pinned ones never. */
static bool is_hopeless(const struct dial_target *target)
{
    return target->origin == ORIGIN_MEMBER ||
           (target->origin == ORIGIN_BEACON &&
               target->attempts >= DIAL_BEACON_ATTEMPTS);
}

const struct dial_target *dial_find(
    const struct dial *dial, const struct node_key *key)
{
    return find_key(dial, key);
}

bool dial_is_pinned(const struct dial *dial, const struct node_key *key)
{
    const struct dial_target *target = find_key(dial, key);
    return target && is_pinned(target);
}

void dial_hurry(struct dial *dial, const struct turn *turn)
{
    for (size_t i = 0; i < dial->count; i++) {
        struct dial_target *target = &dial->list[i];
        if (target->state == DIAL_WAITING && target->was_refused)
            target->at_ms = turn->now_ms;
        target->was_refused = false;
    }
    look_ahead(dial);
}

/* Between half as much again and half as little as the doubled base, within
 * the two bounds: nodes that lost the same peer must not return as one. */
static uint64_t backoff_ms(struct turn *turn, uint8_t attempts)
{
    uint64_t base = DIAL_BACKOFF_LEAST_MS;
    for (uint8_t i = 0; i < attempts && base < DIAL_BACKOFF_MOST_MS; i++)
        base *= 2;
    uint64_t delay = base / 2 + random_below(turn->random, base + 1);
    if (delay < DIAL_BACKOFF_LEAST_MS)
        return DIAL_BACKOFF_LEAST_MS;
    return delay > DIAL_BACKOFF_MOST_MS ? DIAL_BACKOFF_MOST_MS : delay;
}

static void back_off(
    struct dial *dial, struct turn *turn, struct dial_target *target)
{
    if (is_hopeless(target)) {
        remove_target(dial, target);
        return;
    }
    uint64_t delay = backoff_ms(turn, target->attempts);
    if (target->attempts < UINT8_MAX)
        target->attempts++;
    enter(target, DIAL_WAITING, turn->now_ms, turn->now_ms + delay);
}

/* For a pinned target a full list gives up one that is not. */
static bool make_room(struct dial *dial, enum relay_origin origin)
{
    if (dial->count < LIMIT_DIAL_TARGETS)
        return true;
    if (!is_insistent(origin))
        return false;
    for (size_t i = 0; i < dial->count; i++) {
        struct dial_target *target = &dial->list[i];
        if (is_pinned(target) || target->state == DIAL_DIALLING)
            continue;
        remove_target(dial, target);
        return true;
    }
    return false;
}

static char *copy_text(struct turn *turn, struct span text)
{
    char *copy = malloc(text.size + 1);
    if (!copy) {
        turn->status = STATUS_NO_MEMORY;
        return NULL;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

static uint64_t first_dial_ms(
    const struct dial *dial, struct turn *turn, const struct dial_request *new)
{
    if (new->origin != ORIGIN_BEACON)
        return turn->now_ms;
    bool we_are_smaller =
        memcmp(dial->self.bytes, new->key->bytes, sizeof(dial->self.bytes)) < 0;
    if (we_are_smaller)
        return turn->now_ms;
    return turn->now_ms + DIAL_BEACON_YIELD_MS +
           random_below(turn->random, DIAL_BEACON_YIELD_MS);
}

static void add_target(
    struct dial *dial, struct turn *turn, const struct dial_request *request)
{
    if (!make_room(dial, request->origin)) {
        turn_refuse(turn, REFUSAL_LINK);
        return;
    }
    if (turn_grow(turn, (void **)&dial->list, dial->count, &dial->capacity,
            sizeof(*dial->list)))
        return;
    char *endpoint = copy_text(turn, request->endpoint);
    if (!endpoint)
        return;
    struct dial_target *target = &dial->list[dial->count++];
    *target = (struct dial_target){
        .number = ++dial->last_number,
        .key = *request->key,
        .origin = request->origin,
        .endpoint = endpoint,
    };
    enter(target, request->linked ? DIAL_LINKED : DIAL_WAITING, turn->now_ms,
        first_dial_ms(dial, turn, request));
}

/* Named again: perhaps at a new address, perhaps by somebody who insists. */
static void renew_target(struct turn *turn, struct dial_target *target,
    const struct dial_request *request)
{
    bool insists = is_insistent(request->origin);
    if (!span_equal(span_of_text(target->endpoint), request->endpoint) &&
        (insists || !is_pinned(target))) {
        char *endpoint = copy_text(turn, request->endpoint);
        if (!endpoint)
            return;
        free(target->endpoint);
        target->endpoint = endpoint;
    }
    if (!insists)
        return;
    target->origin = request->origin;
    if (target->state == DIAL_WAITING || target->state == DIAL_RESTING) {
        target->attempts = 0;
        enter(target, request->linked ? DIAL_LINKED : DIAL_WAITING,
            turn->now_ms, turn->now_ms);
    }
}

void dial_connect(
    struct dial *dial, struct turn *turn, const struct dial_request *request)
{
    if (node_key_equal(request->key, &dial->self) ||
        request->endpoint.size == 0 ||
        request->endpoint.size > LIMIT_ENDPOINT_BYTES)
        return;
    struct dial_target *target = find_key(dial, request->key);
    if (target)
        renew_target(turn, target, request);
    else if (request->origin != ORIGIN_BEACON ||
             turn->peers->count < DIAL_BEACON_LINKS)
        add_target(dial, turn, request);
    dial_tick(dial, turn);
}

static void undial(struct turn *turn, const struct dial_target *target)
{
    turn_effect(turn, RELAY_UNDIAL)->dial.target = target->number;
}

bool dial_disconnect(struct dial *dial, struct turn *turn, struct span endpoint,
    struct node_key *key)
{
    static const struct node_key nobody;
    bool by_key = !node_key_equal(key, &nobody);
    for (size_t i = 0; i < dial->count; i++) {
        struct dial_target *target = &dial->list[i];
        if (by_key ? !node_key_equal(&target->key, key)
                   : !span_equal(span_of_text(target->endpoint), endpoint))
            continue;
        if (target->state == DIAL_DIALLING)
            undial(turn, target);
        *key = target->key;
        remove_target(dial, target);
        look_ahead(dial);
        return true;
    }
    return false;
}

bool dial_expects(
    const struct dial *dial, const struct node_key *key, uint32_t number)
{
    const struct dial_target *target = find_key(dial, key);
    return target && target->number == number;
}

void dial_link_up(struct dial *dial, struct turn *turn,
    const struct node_key *key, bool outbound)
{
    struct dial_target *target = find_key(dial, key);
    if (!target)
        return;
    /* Of two links the one dialled by the smaller key is kept: a dial of ours
     * that would lose need not be answered, and one that would win goes on. */
    if (!outbound && target->state == DIAL_DIALLING) {
        if (memcmp(dial->self.bytes, key->bytes, sizeof(key->bytes)) < 0)
            return;
        undial(turn, target);
    }
    target->was_answered = false;
    enter(target, DIAL_LINKED, turn->now_ms, UINT64_MAX);
    look_ahead(dial);
}

void dial_link_open(struct dial *dial, const struct node_key *key)
{
    struct dial_target *target = find_key(dial, key);
    if (target)
        target->attempts = 0;
}

enum dial_end dial_end_of(enum disconnect_reason reason)
{
    if (reason == DISCONNECT_NEIGHBORS)
        return DIAL_END_REFUSED;
    bool comes_back =
        reason == DISCONNECT_DUPLICATE || reason == DISCONNECT_LEAVING;
    return comes_back ? DIAL_END_LOST : DIAL_END_GOODBYE;
}

static void refused(const struct turn *turn, struct dial_target *target)
{
    uint64_t wait_ms =
        DIAL_REFUSED_MS / 2 + random_below(turn->random, DIAL_REFUSED_MS);
    enter(target, DIAL_WAITING, turn->now_ms, turn->now_ms + wait_ms);
    target->was_refused = true;
}

/* What becomes of a target whose link is gone. */
static void part(struct dial *dial, struct turn *turn,
    struct dial_target *target, enum dial_end end)
{
    switch (end) {
    case DIAL_END_LOST:
        back_off(dial, turn, target);
        return;
    case DIAL_END_REFUSED:
    case DIAL_END_GOODBYE:
        if (target->origin == ORIGIN_MEMBER)
            remove_target(dial, target);
        else if (is_pinned(target) && end == DIAL_END_REFUSED)
            refused(turn, target);
        else if (is_pinned(target))
            enter(target, DIAL_WAITING, turn->now_ms,
                turn->now_ms + backoff_ms(turn, UINT8_MAX));
        else
            enter(target, DIAL_RESTING, turn->now_ms,
                turn->now_ms + DIAL_BEACON_REST_MS);
        return;
    }
}

void dial_link_down(struct dial *dial, struct turn *turn,
    const struct node_key *key, enum dial_end end)
{
    struct dial_target *target = find_key(dial, key);
    if (!target || target->state != DIAL_LINKED)
        return;
    part(dial, turn, target, end);
    look_ahead(dial);
}

void dial_failed(
    struct dial *dial, struct turn *turn, uint32_t number, bool was_answered)
{
    struct dial_target *target = find_number(dial, number);
    if (!target || target->state != DIAL_DIALLING)
        return;
    target->was_answered = was_answered;
    back_off(dial, turn, target);
    look_ahead(dial);
}

void dial_stop(struct dial *dial, struct turn *turn)
{
    for (size_t i = 0; i < dial->count; i++)
        if (dial->list[i].state == DIAL_DIALLING)
            undial(turn, &dial->list[i]);
    while (dial->count > 0)
        remove_target(dial, &dial->list[dial->count - 1]);
    look_ahead(dial);
}

static void begin_dial(struct turn *turn, struct dial_target *target)
{
    struct relay_effect *effect = turn_effect(turn, RELAY_DIAL);
    effect->dial.target = target->number;
    effect->dial.key = target->key;
    effect->dial.endpoint_size = strlen(target->endpoint);
    memcpy(effect->dial.endpoint, target->endpoint,
        effect->dial.endpoint_size + 1);
    enter(target, DIAL_DIALLING, turn->now_ms, turn->now_ms + DIAL_ANSWER_MS);
}

static bool is_linked(const struct turn *turn, const struct node_key *key)
{
    for (size_t i = 0; i < turn->peers->count; i++)
        if (node_key_equal(&turn->peers->list[i].key, key))
            return true;
    return false;
}

/* Act on one target that is due; true when it was removed. */
static bool act(struct dial *dial, struct turn *turn, size_t i)
{
    struct dial_target *target = &dial->list[i];
    size_t count = dial->count;
    switch (target->state) {
    case DIAL_WAITING:
        if (is_linked(turn, &target->key)) /* it dialled us meanwhile */
            enter(target, DIAL_LINKED, turn->now_ms, UINT64_MAX);
        else if (target->origin == ORIGIN_BEACON &&
                 turn->peers->count >= DIAL_BEACON_LINKS)
            remove_target(dial, target);
        else
            begin_dial(turn, target);
        break;
    case DIAL_DIALLING:
        undial(turn, target);
        back_off(dial, turn, target);
        break;
    case DIAL_RESTING:
        remove_target(dial, target);
        break;
    case DIAL_LINKED:
        break;
    }
    return dial->count < count;
}

void dial_tick(struct dial *dial, struct turn *turn)
{
    for (size_t i = 0; i < dial->count;) {
        bool due = dial->list[i].state != DIAL_LINKED &&
                   dial->list[i].at_ms <= turn->now_ms;
        if (!due || !act(dial, turn, i))
            i++;
    }
    look_ahead(dial);
}

size_t dial_bytes(const struct dial *dial)
{
    size_t bytes = dial->capacity * sizeof(*dial->list);
    for (size_t i = 0; i < dial->count; i++)
        bytes += strlen(dial->list[i].endpoint) + 1;
    return bytes;
}

const char *dial_step_violation(const struct dial *dial)
{
    return dial->count > LIMIT_DIAL_TARGETS ? "more dial targets than allowed"
                                            : NULL;
}

const char *dial_violation(const struct dial *dial)
{
    const char *why = dial_step_violation(dial);
    if (why)
        return why;
    for (size_t i = 0; i < dial->count; i++) {
        const struct dial_target *target = &dial->list[i];
        if (target->state != DIAL_LINKED && target->at_ms == UINT64_MAX)
            return "a dial target waits for ever";
        if (target->state != DIAL_LINKED && target->at_ms < dial->due_ms)
            return "a dial target would be forgotten";
        if (find_key(dial, &target->key) != target)
            return "a node has two dial targets";
    }
    return NULL;
}
