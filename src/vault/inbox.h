/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_INBOX_H
#define VAULT_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/control.h"
#include "proto/letter.h"
#include "vault/event.h"
#include "vault/marks.h"
#include "vault/rows.h"
#include "vault/step.h"

/* What a letter is to others who are shown it. */
enum inbox_evidence {
    INBOX_DENIABLE = 0,
    INBOX_EVIDENTIAL = 1, /* signed, and in its place */
    INBOX_UNPROVEN = 2,   /* it came as signed, but does not hold */
};

/* How its sender's view of a group stood to ours when a letter came. */
enum inbox_view {
    INBOX_VIEW_CURRENT,
    INBOX_VIEW_OLD,     /* it lacked somebody's going */
    INBOX_VIEW_UNKNOWN, /* it had what was not known here */
};

/* Where a letter came from, and what it is. */
struct inbox_origin {
    uint64_t contact;
    uint64_t group; /* 0: it is between two */
    enum inbox_view view;
    enum inbox_evidence evidence;
    enum file_end end; /* of one with a file: why that was refused, or WHOLE */
};

/* A letter received: all but its text, which stays on disk. */
struct inbox_letter {
    uint64_t row;
    uint64_t contact;
    uint64_t group; /* it came through; 0: it is between two */
    enum inbox_view view;
    struct message_id id;
    uint64_t sent_at_s;
    uint64_t received_at_s;
    uint64_t read_at_s; /* 0: not read */
    uint64_t burns_at_s;
    uint64_t burn_ms; /* when it burns, by the clock that never jumps */
    uint32_t burn_s;  /* 0: it stays */
    uint32_t expires_h;
    uint32_t weight; /* bytes its text takes in an answer, at most */
    enum inbox_evidence evidence;
    uint32_t number; /* its place in its writer's chain; deniable: 0 */
};

struct inbox {
    struct rows letters;
    struct marks seen;    /* ids shown already, blinded, till their expiry */
    struct rows readings; /* answers that wait for texts, by ticket */
    uint64_t unread;
};

enum {
    INBOX_PAGE_BYTES = 600 * 1024,
    INBOX_READINGS = 64,
    INBOX_SEEN_GRACE_H = 48,
};

void inbox_init(struct inbox *inbox);
void inbox_clear(struct inbox *inbox);
MUST_USE enum status inbox_load(
    struct inbox *inbox, struct step *step, const struct vault_record *record);
void inbox_start(struct inbox *inbox, struct step *step);

/* Whether there is no room for one more. */
bool inbox_is_full(const struct inbox *inbox);

/* Take note of a letter's id; false when it was there, so the letter was shown
 * before.  In a group an id is its writer's alone: others know it, too, and
 * could use it up. */
bool inbox_first_sight(
    struct inbox *inbox, struct step *step, const struct letter *letter);
bool inbox_first_sight_of(struct inbox *inbox, struct step *step,
    const struct letter *letter, const struct fingerprint *writer);

/* Keep a letter, and describe it for its notification, without the sender. */
void inbox_receive(struct inbox *inbox, struct step *step,
    const struct inbox_origin *origin, const struct letter *letter,
    struct control_letter *out);

/* A page of letters with their texts, for an answer. */
struct inbox_shown {
    uint64_t contact;
    uint64_t group;
    struct message_id id;
    bool newly; /* it is read by this, and was not before */
};
struct inbox_page {
    struct asker asker;
    uint64_t next;
    size_t count;
    struct control_letter *letters; /* without the senders */
    struct inbox_shown *shown;      /* of each letter */
};

/* Find what a READ asks for (contact and group 0: from all; a contact: between
 * two alone) and have the texts fetched; an empty page is answered at once. */
void inbox_read(struct inbox *inbox, struct step *step,
    const struct inbox_origin *origin, const struct control_request *request);

/* Texts have come: mark them as read, and make the page.  false when the ticket
 * is not ours. */
bool inbox_fetched(struct inbox *inbox, struct step *step,
    const struct vault_event *event, struct inbox_page *page);

/* For a backup: whether a letter is there and has not burned, and whose it is;
 * and, of one that was loaded from it, write its record, and remember it as
 * seen; write the record of its text, from the plain text of such a record
 * (STATUS_INVALID). */
bool inbox_has(const struct inbox *inbox, const struct step *step, uint64_t row,
    struct inbox_origin *origin);
void inbox_restore(struct inbox *inbox, struct step *step, uint64_t row);
MUST_USE enum status inbox_restore_body(const struct inbox *inbox,
    struct step *step, uint64_t row, struct span plain);

/* Burn a letter whose time has come. */
void inbox_burn(struct inbox *inbox, struct step *step, uint64_t row);

/* Destroy all letters from a contact between two; all of a group.  Whether any
 * letter of a contact is there. */
void inbox_forget_contact(
    struct inbox *inbox, struct step *step, uint64_t contact);
void inbox_forget_group(struct inbox *inbox, struct step *step, uint64_t group);
bool inbox_has_contact(const struct inbox *inbox, uint64_t contact);

/* A word for a view: "current", "old", "unknown". */
const char *inbox_view_word(enum inbox_view view);

/* The first hour in which a letter that is here ends, by the wall clock as it
 * was when that was decided; UINT64_MAX when none does. */
uint64_t inbox_first_end_h(const struct inbox *inbox);

void inbox_sweep(struct inbox *inbox, struct step *step);

#endif
