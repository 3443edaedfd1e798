/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A letter is to everybody who is in its circle, so it waits for its writer to
 * see them all: one who came in later would have been written to by nobody.
 * What a vault says of a change makes its person look at who is in. */
#include "sim/people.h"

#include <string.h>

#include "sim/node_inside.h"
#include "sim/oracle/invariants.h"

void people_gather(struct scene *scene, uint32_t circle)
{
    struct circles *circles = &scene->world->circles;
    uint64_t client = people_client(PEOPLE_GATHERING, circle);
    char name[CIRCLES_NAME_CHARS], contact[16];
    struct control_request request = {
        .method = CONTROL_GROUP_NEW, .name = circles_name(circle, name)};
    scene_begin(scene, circles_member(circles, circle, 0));
    scene_request(scene, client, &request);
    node_settle(scene);
    for (uint32_t i = 1; i < circles->size; i++) {
        uint32_t member = circles_member(circles, circle, i);
        request = (struct control_request){.method = CONTROL_GROUP_ADD,
            .group = circles_name(circle, name),
            .name = node_contact_name(member, contact)};
        scene_request(scene, client, &request);
        node_settle(scene);
    }
    node_finish(scene);
}

void people_write(struct scene *scene, uint32_t index)
{
    struct circles *circles = &scene->world->circles;
    const struct circle_letter *letter = &circles->letters[index];
    struct circles_words words;
    struct control_request request;
    if (!circles_request(circles, index, &words, &request))
        return;
    scene_begin(scene, circles_member(circles, letter->circle, letter->writer));
    scene_request(scene, people_client(PEOPLE_LETTER, index), &request);
    node_finish(scene);
}

static void letter_replied(
    struct scene *scene, uint32_t index, const struct control_reply *reply)
{
    struct world *world = scene->world;
    if (reply->kind == CONTROL_SENT) {
        world_need(circles_sent(
            &world->circles, index, reply->sent.id, world->now_us));
        return;
    }
    circles_refused(&world->circles, index);
    scene_refused(scene, reply);
}

/* Letters that waited for this are due now. */
static void write_waiting(struct world *world, uint32_t circle, uint32_t place)
{
    const struct circles *circles = &world->circles;
    uint32_t node = circles_member(circles, circle, place);
    for (uint32_t i = circle; i < circles->letter_count; i += circles->count)
        if (circles->letters[i].writer == place && circles->letters[i].waits)
            world_schedule(world, world->now_us, node, node, EVENT_WRITE,
                WRITE_CIRCLE_LETTER, i);
}

static void look_at_members(
    struct scene *scene, uint32_t circle, const struct control_reply *reply)
{
    struct circles *circles = &scene->world->circles;
    uint32_t place = circles_place(circles, circle, scene->node);
    uint32_t members = 0;
    if (reply->kind != CONTROL_MEMBER_ROWS || place == circles->size)
        return;
    for (size_t i = 0; i < reply->count; i++)
        members += strcmp(reply->members[i].role, "invited") != 0;
    if (members != circles->size || circles_is_whole(circles, circle, place))
        return;
    circles_became_whole(circles, circle, place);
    write_waiting(scene->world, circle, place);
}

void people_circle_replied(struct scene *scene, enum people_asker asker,
    uint32_t number, const struct control_reply *reply)
{
    if (asker == PEOPLE_LETTER)
        letter_replied(scene, number, reply);
    else if (asker == PEOPLE_MEMBERS)
        look_at_members(scene, number, reply);
    else if (reply->kind == CONTROL_ERROR)
        scene_refused(scene, reply);
}

void people_circle_noted(
    struct scene *scene, const struct control_group_event *event)
{
    char name[CIRCLES_NAME_CHARS];
    uint32_t circle;
    if (circles_find(&scene->world->circles, event->name, &circle))
        return;
    struct control_request request = {
        .method = CONTROL_GROUP_MEMBERS, .group = circles_name(circle, name)};
    scene_request(scene, people_client(PEOPLE_MEMBERS, circle), &request);
}

void people_circle_shown(
    struct scene *scene, const struct control_letter *letter)
{
    struct world *world = scene->world;
    struct circles *circles = &world->circles;
    uint32_t index;
    oracle_circle_shown(
        &world->oracle, circles, letter, scene->node, world->now_us);
    if (circles_recognise(circles, letter->text, &index))
        return;
    uint32_t place =
        circles_place(circles, circles->letters[index].circle, scene->node);
    if (place < circles->size)
        circles_shown(circles, index, place, world->now_us);
}
