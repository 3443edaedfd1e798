/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

#include "sim/scene.h"

/* What people do besides writing to each other: they make groups and write in
 * them, and send files and take them out.  All through their vaults' own
 * requests, as `sotto group` and `sotto file` would, at a node that is up. */

/* The first member of a circle makes the group and asks the others in. */
void people_gather(struct scene *scene, uint32_t circle);

/* A letter in a circle is due: it is written, or waits until its writer sees
 * all members. */
void people_write(struct scene *scene, uint32_t letter);

/* A file is sent. */
void people_ship(struct scene *scene, uint32_t shipment);

/* Whether an answer of a vault's is to one of these; then it is dealt with. */
bool people_replied(
    struct scene *scene, uint64_t client, const struct control_reply *reply);

/* A vault shows a letter that came through a group, or one with a file; it
 * says that something happened in a group, or with a file. */
void people_shown(struct scene *scene, const struct control_letter *letter);
void people_noted(struct scene *scene, const struct control_reply *note);

/* For this room's own files: who asked, by number. */
enum people_asker {
    PEOPLE_GATHERING = 1, /* of a circle */
    PEOPLE_LETTER,        /* of a circle's letter */
    PEOPLE_MEMBERS,       /* of a circle */
    PEOPLE_SHIPMENT,      /* of a file */
    PEOPLE_CONTENT,       /* of a file */
};
static inline uint64_t people_client(enum people_asker asker, uint32_t number)
{
    return (uint64_t)asker << 32 | number;
}
void people_circle_replied(struct scene *scene, enum people_asker asker,
    uint32_t number, const struct control_reply *reply);
void people_file_replied(struct scene *scene, enum people_asker asker,
    uint32_t number, const struct control_reply *reply);
void people_circle_shown(
    struct scene *scene, const struct control_letter *letter);
void people_file_shown(
    struct scene *scene, const struct control_letter *letter);
void people_circle_noted(
    struct scene *scene, const struct control_group_event *event);
void people_file_noted(struct scene *scene, const struct control_file *file);

#endif
