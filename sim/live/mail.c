/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a text must be is known to the byte, and who must have written it, so
 * invariant 1 is checked as in a virtual run. */
#include "config.h"

#include "sim/live/mail.h"

#include <stdlib.h>

#include "proto/limits.h"
#include "sim/live/course_state.h"
#include "sim/live/errand.h"
#include "sim/workload.h"

bool mail_introduce(struct course *course)
{
    const struct world *world = course_world(course);
    size_t count = 0;
    uint64_t *keys = workload_pairs(world, &count);
    for (size_t i = 0; keys && i < count; i++) {
        uint32_t one = (uint32_t)(keys[i] >> 32), other = (uint32_t)keys[i];
        char name[ERRAND_NAME_CHARS];
        struct control_request request = {.method = CONTROL_ADD,
            .name = errand_name(other, name),
            .card = span_of_text(world->nodes[other].end->card)};
        fleet_ask(&course->fleet, one, &request);
    }
    free(keys);
    return keys != NULL;
}

void mail_write(struct course *course, uint32_t index)
{
    const struct letters *letters = &course_world(course)->letters;
    const struct letter_fate *fate = &letters->list[index];
    char text[LIMIT_TEXT_BYTES + 1], name[ERRAND_NAME_CHARS];
    letters_text(letters, index, text);
    struct control_request request = {.method = CONTROL_SEND,
        .name = errand_name(fate->to, name),
        .text = span_of_text(text),
        .life_h = fate->life_h,
        .urgent = fate->urgent};
    const struct errand errand = {fate->from, ERRAND_LETTER, index};
    errand_begin(course, &course->folk.letters[index]);
    errand_ask(course, &errand, &request);
}

static void was_sent(struct course *course, uint32_t index, const char *id)
{
    struct letters *letters = &course_world(course)->letters;
    if (letters->list[index].sent_us == LETTERS_NEVER)
        world_need(letters_sent(
            letters, index, id, course->folk.letters[index].asked_us));
}

void mail_replied(
    struct course *course, uint32_t index, const struct control_reply *reply)
{
    struct letters *letters = &course_world(course)->letters;
    const struct letter_fate *fate = &letters->list[index];
    if (reply->kind == CONTROL_SENT) {
        was_sent(course, index, reply->sent.id);
    } else if (fate->sent_us == LETTERS_NEVER) {
        letters_refused(letters, index);
        errand_refused(course, fate->from, reply);
    }
}

/* Which it is, if it is one of ours as it should be. */
static bool recognise(struct course *course, uint32_t node,
    const struct control_letter *letter, uint32_t *index)
{
    struct world *world = course_world(course);
    char name[ERRAND_NAME_CHARS];
    bool is_known =
        letters_recognise(&world->letters, letter->text, index) == STATUS_OK;
    const struct letter_fate *fate =
        is_known ? &world->letters.list[*index] : NULL;
    struct span from = fate ? errand_name(fate->from, name) : (struct span){0};
    bool is_right = fate && fate->to == node && span_equal(from, letter->from);
    oracle_check(&world->oracle, is_right, 1, node, world->now_us,
        "a letter was shown changed, or to somebody else");
    if (is_right)
        oracle_check(&world->oracle,
            errand_is_in_time(
                course, fate->from, &course->folk.letters[*index], letter),
            1, node, world->now_us, "a letter has not the time of its writer");
    return is_right;
}

void mail_shown(struct course *course, uint32_t node,
    const struct control_letter *letter, bool is_new)
{
    struct world *world = course_world(course);
    uint32_t index;
    if (!recognise(course, node, letter, &index))
        return;
    bool is_again = world->letters.list[index].shown_count > 0;
    if (is_new)
        oracle_check(&world->oracle,
            !is_again || course->folk.letters[index].times > 1, 1, node,
            world->now_us, "a letter was shown twice");
    if (is_again)
        return;
    was_sent(course, index, letter->id);
    letters_shown(&world->letters, index, course_state_now_us(course));
}
