/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As people_circles.c: a letter waits for its writer to see all members, since
 * one who came in later would have been written to by nobody.  To be asked in
 * needs no answer of a person's: a vault answers whoever it knows.
 *
 * Who asks others in goes on with the next when their node has answered for the
 * last one, so a crash in between leaves one step to be done again. */
#include "config.h"

#include "sim/live/company.h"

#include <string.h>

#include "proto/limits.h"
#include "sim/live/course_state.h"
#include "sim/live/errand.h"

void company_gather(struct course *course, uint32_t circle)
{
    const struct circles *circles = &course_world(course)->circles;
    uint32_t place = course->folk.gathered[circle];
    char group[CIRCLES_NAME_CHARS], name[ERRAND_NAME_CHARS];
    struct control_request request = {
        .method = CONTROL_GROUP_NEW, .name = circles_name(circle, group)};
    if (place > 0)
        request = (struct control_request){.method = CONTROL_GROUP_ADD,
            .group = circles_name(circle, group),
            .name = errand_name(circles_member(circles, circle, place), name)};
    const struct errand errand = {
        circles_member(circles, circle, 0), ERRAND_GATHERING, circle};
    errand_ask(course, &errand, &request);
}

/* What exists already was made before a crash that came before the answer. */
void company_gathered(
    struct course *course, uint32_t circle, const struct control_reply *reply)
{
    const struct circles *circles = &course_world(course)->circles;
    if (reply->kind == CONTROL_ERROR && reply->error.status != STATUS_EXISTS)
        errand_refused(course, circles_member(circles, circle, 0), reply);
    if (++course->folk.gathered[circle] < circles->size)
        company_gather(course, circle);
}

void company_write(struct course *course, uint32_t index)
{
    struct circles *circles = &course_world(course)->circles;
    const struct circle_letter *letter = &circles->letters[index];
    struct circles_words words;
    struct control_request request;
    if (!circles_request(circles, index, &words, &request))
        return;
    const struct errand errand = {
        circles_member(circles, letter->circle, letter->writer),
        ERRAND_CIRCLE_LETTER, index};
    errand_begin(course, &course->folk.circle_letters[index]);
    errand_ask(course, &errand, &request);
}

static void was_sent(struct course *course, uint32_t index, const char *id)
{
    struct circles *circles = &course_world(course)->circles;
    if (circles->letters[index].sent_us == LETTERS_NEVER)
        world_need(circles_sent(
            circles, index, id, course->folk.circle_letters[index].asked_us));
}

void company_replied(
    struct course *course, uint32_t index, const struct control_reply *reply)
{
    struct circles *circles = &course_world(course)->circles;
    const struct circle_letter *letter = &circles->letters[index];
    if (reply->kind == CONTROL_SENT) {
        was_sent(course, index, reply->sent.id);
    } else if (letter->sent_us == LETTERS_NEVER) {
        circles_refused(circles, index);
        errand_refused(course,
            circles_member(circles, letter->circle, letter->writer), reply);
    }
}

/* Members. */

static struct folk_place *place_of(
    struct course *course, uint32_t circle, uint32_t place)
{
    size_t size = course_world(course)->circles.size;
    return &course->folk.places[circle * size + place];
}

/* One look at a time: what happens meanwhile is looked at afterwards. */
static void look(struct course *course, uint32_t circle, uint32_t place)
{
    const struct circles *circles = &course_world(course)->circles;
    uint32_t node = circles_member(circles, circle, place);
    struct folk_place *at = place_of(course, circle, place);
    char name[CIRCLES_NAME_CHARS];
    if (!errand_is_up(course, node) || circles_is_whole(circles, circle, place))
        return;
    if (at->is_looking) {
        at->looks_again = true;
        return;
    }
    struct control_request request = {
        .method = CONTROL_GROUP_MEMBERS, .group = circles_name(circle, name)};
    const struct errand errand = {node, ERRAND_MEMBERS, circle};
    *at = (struct folk_place){.is_looking = true};
    errand_ask(course, &errand, &request);
}

void company_noted(struct course *course, uint32_t node,
    const struct control_group_event *event)
{
    const struct circles *circles = &course_world(course)->circles;
    uint32_t circle;
    if (circles_find(circles, event->name, &circle))
        return;
    uint32_t place = circles_place(circles, circle, node);
    if (place < circles->size)
        look(course, circle, place);
}

static bool are_all_in(
    const struct circles *circles, const struct control_reply *reply)
{
    uint32_t members = 0;
    if (reply->kind != CONTROL_MEMBER_ROWS)
        return false; /* not even this person is in */
    for (size_t i = 0; i < reply->count; i++)
        members += strcmp(reply->members[i].role, "invited") != 0;
    return members == circles->size;
}

/* Letters that waited for this are due now. */
static void write_waiting(
    struct course *course, uint32_t circle, uint32_t place)
{
    const struct circles *circles = &course_world(course)->circles;
    for (uint32_t i = circle; i < circles->letter_count; i += circles->count)
        if (circles->letters[i].writer == place && circles->letters[i].waits)
            company_write(course, i);
}

void company_looked(struct course *course, uint32_t node, uint32_t circle,
    const struct control_reply *reply)
{
    struct circles *circles = &course_world(course)->circles;
    uint32_t place = circles_place(circles, circle, node);
    struct folk_place *at = place_of(course, circle, place);
    bool looks_again = at->looks_again;
    *at = (struct folk_place){.is_looking = false};
    if (are_all_in(circles, reply)) {
        circles_became_whole(circles, circle, place);
        write_waiting(course, circle, place);
    } else if (looks_again) {
        look(course, circle, place);
    }
}

/* Reading. */

void company_shown(struct course *course, uint32_t node,
    const struct control_letter *shown, bool is_new)
{
    struct world *world = course_world(course);
    struct circles *circles = &world->circles;
    uint32_t index = 0;
    bool is_known =
        circles_recognise(circles, shown->text, &index) == STATUS_OK;
    const struct circle_letter *letter = &circles->letters[index];
    const struct folk_writing *writing = &course->folk.circle_letters[index];
    uint32_t place =
        is_known ? circles_place(circles, letter->circle, node) : circles->size;
    bool is_member = place < circles->size;
    if (is_member && circles_copy(circles, index, place)->shown_count > 0 &&
        (!is_new || writing->times > 1))
        return;
    oracle_circle_shown(&world->oracle, circles, shown, node, world->now_us);
    if (!is_member)
        return;
    uint32_t writer = circles_member(circles, letter->circle, letter->writer);
    oracle_check(&world->oracle,
        errand_is_in_time(course, writer, writing, shown), 1, node,
        world->now_us, "a group letter has not the time of its writer");
    was_sent(course, index, shown->id);
    circles_shown(circles, index, place, course_state_now_us(course));
}

/* Being down. */

void company_forget(struct course *course, uint32_t node)
{
    const struct circles *circles = &course_world(course)->circles;
    for (uint32_t i = 0; i < circles->count; i++) {
        uint32_t place = circles_place(circles, i, node);
        if (place < circles->size)
            *place_of(course, i, place) =
                (struct folk_place){.is_looking = false};
    }
}

void company_catch_up(struct course *course, uint32_t node)
{
    const struct circles *circles = &course_world(course)->circles;
    for (uint32_t i = 0; i < circles->count; i++) {
        uint32_t place = circles_place(circles, i, node);
        if (place < circles->size)
            look(course, i, place);
    }
}
