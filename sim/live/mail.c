/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A letter's times are taken here, at this end of both sockets: from the moment
 * at which its sender's node is asked until the moment at which the recipient's
 * is heard to have it.  What a text must be is known to the byte, so invariant
 * 1 is checked as in a virtual run.
 *
 * A crash may come between a letter and the word that it was taken.  Then it is
 * written again, as a person would, and may rightly be shown twice. */
#include "config.h"

#include "sim/live/mail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "sim/outside.h"
#include "sim/workload.h"

enum { RETRY_US = 1000000 };

/* Contacts are named by their node's number, as in a virtual run. */
static struct span contact_name(uint32_t node, char out[static 16])
{
    snprintf(out, 16, "n%" PRIu32, node);
    return span_of_text(out);
}

bool mail_introduce(struct course *course)
{
    const struct world *world = course_world(course);
    size_t count = 0;
    uint64_t *keys = workload_pairs(world, &count);
    for (size_t i = 0; i < count; i++) {
        uint32_t one = (uint32_t)(keys[i] >> 32), other = (uint32_t)keys[i];
        char name[16];
        struct control_request request = {.method = CONTROL_ADD,
            .name = contact_name(other, name),
            .card = span_of_text(world->nodes[other].end->card)};
        fleet_ask(&course->fleet, one, &request);
    }
    free(keys);
    return keys != NULL;
}

void mail_write(struct course *course, const struct queue_event *event)
{
    struct world *world = course_world(course);
    uint32_t index = event->handle;
    const struct letter_fate *fate = &world->letters.list[index];
    char text[LIMIT_TEXT_BYTES + 1], name[16];
    if (course->fleet.nodes[event->to].stage != STAGE_UP) {
        world_schedule(world, event->at_us + RETRY_US, event->to, WORLD_ITSELF,
            EVENT_WRITE, 0, index);
        return;
    }
    letters_text(&world->letters, index, text);
    struct control_request request = {.method = CONTROL_SEND,
        .name = contact_name(fate->to, name),
        .text = span_of_text(text),
        .life_h = fate->life_h,
        .urgent = fate->urgent};
    struct course_letter *letter = &course->letters[index];
    world->calm_since_us = world->now_us;
    letter->asked_us = course_state_now_us(course);
    fleet_ask(&course->fleet, event->to, &request);
    letter->request = request.id;
    letter->times++;
}

/* The letter that a request of a node asked to send; false when it is none. */
static bool find_asked(
    const struct course *course, uint32_t node, uint64_t request, uint32_t *out)
{
    const struct letters *letters = &course_world(course)->letters;
    for (uint32_t i = 0; i < letters->count && request > 0; i++)
        if (letters->list[i].from == node &&
            course->letters[i].request == request) {
            *out = i;
            return true;
        }
    return false;
}

static void was_sent(
    struct course *course, uint32_t node, const struct control_reply *reply)
{
    struct letters *letters = &course_world(course)->letters;
    uint32_t index;
    if (!find_asked(course, node, reply->id, &index))
        return;
    struct course_letter *letter = &course->letters[index];
    letter->request = 0;
    world_need(letters_sent(letters, index, reply->sent.id, letter->asked_us));
    if (letter->shown_us)
        letters_shown(letters, index, letter->shown_us);
}

static bool was_refused(
    struct course *course, uint32_t node, const struct control_reply *reply)
{
    struct world *world = course_world(course);
    uint32_t index;
    if (!find_asked(course, node, reply->id, &index))
        return false;
    course->letters[index].request = 0;
    letters_refused(&world->letters, index);
    if (!world->refusal.text[0])
        snprintf(world->refusal.text, sizeof(world->refusal.text), "%.*s",
            (int)reply->error.message.size,
            (const char *)reply->error.message.data);
    return true;
}

/* A letter has the time of its writer's clock, right or false: from when they
 * were asked to write it until now.  One that was asked for again has either
 * time. */
static bool is_in_time(const struct course *course, uint32_t index,
    const struct control_letter *letter)
{
    enum { APART_S = 2 }; /* seconds are cut off on both sides */
    const struct world *world = course_world(course);
    uint32_t writer = world->letters.list[index].from;
    const struct course_letter *asked = &course->letters[index];
    uint64_t ago_us = course_state_now_us(course) - asked->asked_us;
    int64_t now_s = (int64_t)outside_clock_s();
    int64_t said_s =
        (int64_t)letter->sent_at_s - course->fleet.nodes[writer].skew_s;
    return said_s <= now_s + APART_S &&
           (asked->times > 1 ||
               said_s >= now_s - (int64_t)(ago_us / 1000000) - APART_S);
}

/* A recipient's node has a letter: which, if it is one of ours as it should be.
 */
static bool recognise(struct course *course, uint32_t node,
    const struct control_letter *letter, uint32_t *index)
{
    struct world *world = course_world(course);
    char name[16];
    bool is_known =
        letters_recognise(&world->letters, letter->text, index) == STATUS_OK;
    const struct letter_fate *fate =
        is_known ? &world->letters.list[*index] : NULL;
    struct span from =
        is_known ? contact_name(fate->from, name) : (struct span){0};
    bool is_right =
        is_known && fate->to == node && span_equal(from, letter->from);
    oracle_check(&world->oracle, is_right, 1, node, world->now_us,
        "a letter was shown changed, or to somebody else");
    if (is_right)
        oracle_check(&world->oracle, is_in_time(course, *index, letter), 1,
            node, world->now_us, "a letter has not the time of its writer");
    return is_right;
}

static void note_shown(struct course *course, uint32_t index)
{
    struct letters *letters = &course_world(course)->letters;
    uint64_t now_us = course_state_now_us(course);
    if (letters->list[index].sent_us != LETTERS_NEVER)
        letters_shown(letters, index, now_us);
    else
        course->letters[index].shown_us = now_us;
}

static bool is_shown(const struct course *course, uint32_t index)
{
    return course_world(course)->letters.list[index].shown_count > 0 ||
           course->letters[index].shown_us > 0;
}

static void was_shown(
    struct course *course, uint32_t node, const struct control_letter *letter)
{
    struct world *world = course_world(course);
    uint32_t index;
    if (!recognise(course, node, letter, &index))
        return;
    bool is_again = is_shown(course, index);
    oracle_check(&world->oracle, !is_again || course->letters[index].times > 1,
        1, node, world->now_us, "a letter was shown twice");
    if (!is_again)
        note_shown(course, index);
}

/* Rows of what lies in a vault that was started again. */
static void were_there(
    struct course *course, uint32_t node, const struct control_reply *reply)
{
    uint32_t index;
    for (size_t i = 0; i < reply->count; i++)
        if (recognise(course, node, &reply->letters[i], &index) &&
            !is_shown(course, index))
            note_shown(course, index);
    if (reply->next == 0)
        return;
    struct control_request request = {.method = CONTROL_READ,
        .all = true,
        .peek = true,
        .cursor = reply->next};
    fleet_ask(&course->fleet, node, &request);
}

bool mail_came(
    struct course *course, uint32_t node, const struct control_reply *reply)
{
    struct world *world = course_world(course);
    if (reply->kind == CONTROL_SENT) {
        was_sent(course, node, reply);
    } else if (reply->kind == CONTROL_NOTE_LETTER) {
        was_shown(course, node, &reply->letter);
    } else if (reply->kind == CONTROL_LETTER_ROWS) {
        were_there(course, node, reply);
    } else if (reply->kind == CONTROL_NOTE_OUTBOX) {
        if (reply->outbox_item.state == OUTBOX_DELIVERED)
            letters_receipt(&world->letters, reply->outbox_item.id,
                course_state_now_us(course));
    } else if (reply->kind == CONTROL_CARD) {
        memcpy(world->nodes[node].end->card, reply->card.card,
            sizeof(world->nodes[node].end->card));
    } else {
        return reply->kind == CONTROL_ERROR && was_refused(course, node, reply);
    }
    return true;
}

void mail_forget_asked(struct course *course, uint32_t node)
{
    struct world *world = course_world(course);
    for (uint32_t i = 0; i < world->letters.count; i++) {
        if (world->letters.list[i].from != node ||
            course->letters[i].request == 0)
            continue;
        course->letters[i].request = 0;
        world_schedule(world, world->now_us + RETRY_US, node, WORLD_ITSELF,
            EVENT_WRITE, 0, i);
    }
}

void mail_catch_up(struct course *course, uint32_t node)
{
    struct control_request request = {
        .method = CONTROL_READ, .all = true, .peek = true};
    if (course->fleet.nodes[node].has_vault)
        fleet_ask(&course->fleet, node, &request);
}
