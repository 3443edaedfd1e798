/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way in: which of the two an answer or a notification is about. */
#include "sim/people.h"

bool people_replied(
    struct scene *scene, uint64_t client, const struct control_reply *reply)
{
    enum people_asker asker = (enum people_asker)(client >> 32);
    uint32_t number = (uint32_t)client;
    switch (asker) {
    case PEOPLE_GATHERING:
    case PEOPLE_LETTER:
    case PEOPLE_MEMBERS:
        people_circle_replied(scene, asker, number, reply);
        return true;
    case PEOPLE_SHIPMENT:
    case PEOPLE_CONTENT:
        people_file_replied(scene, asker, number, reply);
        return true;
    }
    return false;
}

void people_shown(struct scene *scene, const struct control_letter *letter)
{
    if (letter->file.size)
        people_file_shown(scene, letter);
    else
        people_circle_shown(scene, letter);
}

void people_noted(struct scene *scene, const struct control_reply *note)
{
    if (note->kind == CONTROL_NOTE_GROUP)
        people_circle_noted(scene, &note->group_event);
    else if (note->kind == CONTROL_NOTE_FILE)
        people_file_noted(scene, &note->file);
}
