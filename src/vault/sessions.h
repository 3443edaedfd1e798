/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_SESSIONS_H
#define VAULT_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "crypto/intro.h"
#include "crypto/ratchet.h"
#include "crypto/tags.h"
#include "proto/envelope.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* Sessions with contacts.  Of a contact's sessions one at most is active: it
 * is the one written on.  The others are read only, and a retired one is
 * dropped when nothing has come through it for a lifetime.  Secret. */
struct session {
    uint64_t row; /* also the handle in tag entries */
    uint64_t contact;
    bool active;
    bool retired;
    bool initiated;        /* the first contact was ours */
    bool confirmed;        /* the other side has it, as we have seen */
    bool heard;            /* a letter has come through it */
    uint32_t used_h;       /* when something last came through it */
    uint64_t intro_ms;     /* when our first contact is offered next */
    uint32_t chain;        /* our sending chains before this one */
    uint32_t floor;        /* in it, messages known to have arrived, at least */
    uint64_t newest_s;     /* newest letter through it, by its sender's clock */
    uint8_t ephemeral[32]; /* of the first contact, whoever made it */
    struct intro intro;    /* initiated and not confirmed; else zeros */
    struct intro_draw draw;      /* its envelope's; no expiry: there is none */
    struct envelope_id envelope; /* since the start; not stored */
    struct ratchet ratchet;
    bool is_due; /* it waited to be written on, and has just been confirmed; not
                    stored */
};

enum {
    SESSIONS_A_CONTACT = 4,
    SESSION_KEPT_H = (14 + 2) * 24, /* a retired one, since its last use */
    SESSION_ROWS = 16384,
};

struct sessions {
    struct rows rows;
};

void sessions_init(struct sessions *sessions);
void sessions_clear(struct sessions *sessions);

/* Take in one record: of a session, or of a skipped entry, which goes to the
 * table at once.  When all are there, start: register the windows and have
 * first contacts offered. */
MUST_USE enum status sessions_load(struct sessions *sessions, struct step *step,
    const struct vault_record *record);
MUST_USE enum status sessions_load_skipped(
    struct step *step, const struct vault_record *record, struct tags *tags);
MUST_USE enum status sessions_start(
    struct sessions *sessions, struct step *step, struct tags *tags);

/* The one to write on, by a contact's row, or NULL; one by its row, or NULL;
 * the one of a first contact, or NULL. */
struct session *sessions_active(
    const struct sessions *sessions, uint64_t contact);
struct session *sessions_find(const struct sessions *sessions, uint64_t row);
struct session *sessions_find_ephemeral(
    const struct sessions *sessions, const uint8_t ephemeral[static 32]);

/* Whether a first contact of ours was made in vain: nobody has answered it, and
 * nobody can any more. */
bool session_is_unanswered(
    const struct session *session, const struct step *step);

/* A word for a contact's state: "none", "contacting", "unanswered", "open". */
const char *sessions_word(
    const struct sessions *sessions, const struct step *step, uint64_t contact);

/* What a first contact of ours is made from. */
struct session_parties {
    const struct identity *identity;
    const struct card *own;
    const struct card *peer;
    const struct invite *invite; /* peer's, to begin through; or NULL */
    const struct kem_offer *kem; /* peer's, to begin to; or NULL */
    uint64_t contact;
};

/* Begin a first contact; the new session is active.  One through an invite,
 * which another may have used, beside one that is open, is active only once it
 * has been confirmed.  STATUS_EXPIRED when the peer's card has run out,
 * STATUS_REFUSED when a key in it is bad, STATUS_FULL. */
MUST_USE enum status sessions_begin(struct sessions *sessions,
    struct step *step, const struct session_parties *parties, struct tags *tags,
    struct session **out);

/* Begin the session that a contact's first contact asks for.  It is active if
 * there was none, else once a letter has come through it.  STATUS_REFUSED,
 * STATUS_FULL. */
MUST_USE enum status sessions_accept(struct sessions *sessions,
    struct step *step, const struct intro_opened *opened,
    const struct prekey *prekey, uint64_t contact, struct tags *tags,
    struct session **out);

/* Offer a first contact to the relay when its time has come; or have all
 * offered now.  The relay has refused an envelope, which is mostly none of
 * them: offer it again before long. */
void sessions_offer(struct sessions *sessions, struct step *step, uint64_t row);
void sessions_offer_all(struct sessions *sessions, struct step *step);
void sessions_refused(
    struct sessions *sessions, struct step *step, const struct envelope_id *id);

/* Seal a letter into desk->sealed.  The session is saved.  STATUS_AGAIN when
 * so much is unconfirmed that the other side might not see more coming, or it
 * may not be written on yet; STATUS_TOO_LARGE. */
MUST_USE enum status session_seal(struct session *session, struct step *step,
    struct span letter, uint32_t expires_h);

/* Whether session_seal would not answer STATUS_AGAIN. */
bool session_has_room(const struct session *session);

/* Take note that a message of our sending chain has arrived. */
void session_confirm(struct session *session, struct step *step, uint32_t chain,
    uint32_t number);

/* Write on a session that has waited for that, and was confirmed just now;
 * whether it is so. */
bool sessions_promote(
    struct sessions *sessions, struct session *session, struct step *step);

/* Never write on it again. */
void session_retire(struct session *session, struct step *step);

/* Open an envelope with that entry into desk->opened; session and skipped
 * entries are saved.  As ratchet_open. */
MUST_USE enum status session_open(struct session *session, struct step *step,
    const struct tag_entry *entry, const struct envelope *envelope,
    struct tags *tags);

/* A letter of that time, by its sender's clock, has come through a session:
 * decide which one to write on.  Whether this one became active by it. */
bool session_heard(struct sessions *sessions, struct session *session,
    struct step *step, uint64_t sent_at_s);

/* Drop all of a contact's. */
void sessions_drop_contact(struct sessions *sessions, struct step *step,
    uint64_t contact, struct tags *tags);

/* Drop what has had its time. */
void sessions_sweep(
    struct sessions *sessions, struct step *step, struct tags *tags);

#endif
