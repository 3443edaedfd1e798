/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A crash may come between a request and the word that it was taken.  Then it
 * is made again, as a person would, and what was sent may rightly be shown
 * twice.  What is shown was sent, whatever its sender's node could still say of
 * it; and both ends call it by the same id. */
#include "config.h"

#include "sim/live/folk.h"

#include <stdlib.h>
#include <string.h>

#include "sim/live/cargo.h"
#include "sim/live/company.h"
#include "sim/live/course_state.h"
#include "sim/live/errand.h"
#include "sim/live/mail.h"

enum { RETRY_US = 1000000 };

enum status folk_init(struct folk *folk, const struct world *world)
{
    const struct circles *circles = &world->circles;
    size_t letters = world->letters.count, shipments = world->shipments.count;
    size_t places = (size_t)circles->count * circles->size;
    *folk = (struct folk){
        .letters = calloc(letters + 1, sizeof(*folk->letters)),
        .circle_letters =
            calloc(circles->letter_count + 1ul, sizeof(*folk->circle_letters)),
        .shipments = calloc(shipments + 1, sizeof(*folk->shipments)),
        .gathered = calloc(circles->count + 1ul, sizeof(*folk->gathered)),
        .places = calloc(places + 1, sizeof(*folk->places)),
        .is_handing = calloc(world->node_count, sizeof(*folk->is_handing)),
    };
    errand_init(&folk->asked, letters + circles->letter_count + circles->count +
                                  places + 2 * shipments);
    return folk->letters && folk->circle_letters && folk->shipments &&
                   folk->gathered && folk->places && folk->is_handing
               ? STATUS_OK
               : STATUS_NO_MEMORY;
}

void folk_clear(struct folk *folk)
{
    table_clear(&folk->asked);
    free(folk->letters);
    free(folk->circle_letters);
    free(folk->shipments);
    free(folk->gathered);
    free(folk->places);
    free(folk->is_handing);
}

void folk_write(struct course *course, const struct queue_event *event)
{
    uint32_t number = event->handle;
    if (!errand_is_up(course, event->to)) {
        course_schedule(course, event->at_us + RETRY_US, event->to, EVENT_WRITE,
            event->link, number);
        return;
    }
    switch ((enum write_kind)event->link) {
    case WRITE_LETTER:
        mail_write(course, number);
        return;
    case WRITE_GATHERING:
        company_gather(course, number);
        return;
    case WRITE_CIRCLE_LETTER:
        company_write(course, number);
        return;
    case WRITE_SHIPMENT:
        cargo_ship(course, number);
        return;
    }
}

static void replied(struct course *course, const struct errand *to,
    const struct control_reply *reply)
{
    switch (to->asker) {
    case ERRAND_LETTER:
        mail_replied(course, to->number, reply);
        return;
    case ERRAND_GATHERING:
        company_gathered(course, to->number, reply);
        return;
    case ERRAND_CIRCLE_LETTER:
        company_replied(course, to->number, reply);
        return;
    case ERRAND_MEMBERS:
        company_looked(course, to->node, to->number, reply);
        return;
    case ERRAND_SHIPMENT:
        cargo_replied(course, to->number, reply);
        return;
    case ERRAND_CONTENT:
        cargo_came_out(course, to->number, reply);
        return;
    }
}

/* Of one that was told of as new, or only lies there. */
static void shown(struct course *course, uint32_t node,
    const struct control_letter *letter, bool is_new)
{
    if (letter->file.size)
        cargo_shown(course, node, letter, is_new);
    else if (letter->group.size)
        company_shown(course, node, letter, is_new);
    else
        mail_shown(course, node, letter, is_new);
}

static void ask_letters(struct course *course, uint32_t node, uint64_t cursor)
{
    struct control_request request = {
        .method = CONTROL_READ, .all = true, .peek = true, .cursor = cursor};
    fleet_ask(&course->fleet, node, &request);
}

static void ask_files(struct course *course, uint32_t node, uint64_t cursor)
{
    struct control_request request = {
        .method = CONTROL_FILE_LIST, .cursor = cursor};
    fleet_ask(&course->fleet, node, &request);
}

/* Rows of what lies in a vault that was started again. */
static void letters_lie_there(
    struct course *course, uint32_t node, const struct control_reply *reply)
{
    for (size_t i = 0; i < reply->count; i++)
        shown(course, node, &reply->letters[i], false);
    if (reply->next)
        ask_letters(course, node, reply->next);
}

static void files_lie_there(
    struct course *course, uint32_t node, const struct control_reply *reply)
{
    for (size_t i = 0; i < reply->count; i++)
        cargo_noted(course, node, &reply->files[i]);
    if (reply->next)
        ask_files(course, node, reply->next);
}

static void has_gone_on(
    struct course *course, const struct control_outbox_item *item)
{
    struct world *world = course_world(course);
    uint64_t now_us = course_state_now_us(course);
    if (item->state != OUTBOX_DELIVERED)
        return;
    letters_receipt(&world->letters, item->id, now_us);
    circles_receipt(&world->circles, item->id, now_us);
    shipments_receipt(&world->shipments, item->id, now_us);
}

bool folk_came(
    struct course *course, uint32_t node, const struct control_reply *reply)
{
    struct errand errand;
    struct end *end = course_world(course)->nodes[node].end;
    if (reply->id && errand_end(course, node, reply->id, &errand))
        replied(course, &errand, reply);
    else if (reply->kind == CONTROL_NOTE_LETTER)
        shown(course, node, &reply->letter, true);
    else if (reply->kind == CONTROL_LETTER_ROWS)
        letters_lie_there(course, node, reply);
    else if (reply->kind == CONTROL_NOTE_OUTBOX)
        has_gone_on(course, &reply->outbox_item);
    else if (reply->kind == CONTROL_NOTE_GROUP)
        company_noted(course, node, &reply->group_event);
    else if (reply->kind == CONTROL_NOTE_FILE)
        cargo_noted(course, node, &reply->file);
    else if (reply->kind == CONTROL_FILE_ROWS)
        files_lie_there(course, node, reply);
    else if (reply->kind == CONTROL_CARD)
        memcpy(end->card, reply->card.card, sizeof(end->card));
    else
        return false;
    return true;
}

/* What somebody does again when it got no answer; false: it is looked at anew
 * when the node is up. */
static bool is_done_again(enum errand_asker asker, enum write_kind *kind)
{
    switch (asker) {
    case ERRAND_LETTER:
        *kind = WRITE_LETTER;
        return true;
    case ERRAND_GATHERING:
        *kind = WRITE_GATHERING;
        return true;
    case ERRAND_CIRCLE_LETTER:
        *kind = WRITE_CIRCLE_LETTER;
        return true;
    case ERRAND_SHIPMENT:
        *kind = WRITE_SHIPMENT;
        return true;
    case ERRAND_MEMBERS:
    case ERRAND_CONTENT:
        return false;
    }
    return false;
}

void folk_forget_asked(struct course *course, uint32_t node)
{
    struct world *world = course_world(course);
    struct errand errand;
    enum write_kind kind;
    while (errand_drop(course, node, &errand))
        if (is_done_again(errand.asker, &kind))
            world_schedule(world, world->now_us + RETRY_US, node, WORLD_ITSELF,
                EVENT_WRITE, (uint32_t)kind, errand.number);
    company_forget(course, node);
    cargo_forget(course, node);
}

void folk_catch_up(struct course *course, uint32_t node)
{
    if (!course->fleet.nodes[node].has_vault)
        return;
    ask_letters(course, node, 0);
    ask_files(course, node, 0);
    company_catch_up(course, node);
}
