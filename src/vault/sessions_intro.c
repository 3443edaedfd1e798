/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a first contact of ours is offered to the mesh until it is answered.
 *
 * It is an envelope like a letter's, and whoever carries it gives it to whoever
 * lacks it.  So it is offered as letters are: the same envelope again, which
 * costs nobody anything unless our own relay has lost it or had no room.
 * Another envelope of it would cost every node storage and airtime, and bring
 * nothing that the first does not; so it is made only when too little is left
 * of the first one's life for a slow mesh, and lives as long as one may.  There
 * are three at most, since nobody can answer when the prekey is destroyed.
 *
 * Nothing is lost by that at the other end: who has taken a first contact has
 * it on disk before they confirm it, and their answer is a letter, that they
 * offer themselves. */
#include "vault/sessions.h"
#include "vault/sessions_inside.h"

enum {
    PREKEY_LETTERS_H = 14 * 24,
    OFFER_AGAIN_MS = 6 * 3600 * 1000,
    OFFER_REFUSED_MS = 600 * 1000,
};

bool session_has_intro(const struct session *session)
{
    return session->initiated && !session->confirmed && !session->retired;
}

/* The last hour in which it can be answered. */
static uint32_t last_h(const struct session *session)
{
    return session->intro.peer.prekey_expires_h + PREKEY_LETTERS_H;
}

bool session_is_unanswered(
    const struct session *session, const struct step *step)
{
    return session_has_intro(session) && step->now_h > last_h(session);
}

/* Offering. */

void session_offer_at(
    struct session *session, struct step *step, uint64_t at_ms)
{
    session->intro_ms = at_ms;
    step_at(step, TIMER_INTRO, session->row, at_ms);
}

/* When an envelope made now would expire. */
static uint32_t fresh_end_h(
    const struct session *session, const struct step *step)
{
    bool is_first = session->draw.expires_h == 0;
    uint32_t end_h = step->now_h + (is_first ? LIMIT_ENVELOPE_DEFAULT_H
                                             : LIMIT_ENVELOPE_LIFE_H);
    return end_h < last_h(session) ? end_h : last_h(session);
}

/* Whether another envelope is due: there is none; it nears its end, and another
 * would live longer; or a clock that was set back has left it with more life
 * than relays allow. */
static bool is_worn(const struct session *session, const struct step *step)
{
    uint32_t end_h = session->draw.expires_h;
    if (end_h > step->now_h + LIMIT_ENVELOPE_LIFE_H)
        return true;
    return end_h < step->now_h + LIMIT_INTRO_LEFT_H &&
           end_h < fresh_end_h(session, step);
}

void sessions_offer(struct sessions *sessions, struct step *step, uint64_t row)
{
    struct session *session = rows_find(&sessions->rows, row);
    if (!session || !session_has_intro(session) ||
        session->intro_ms > step->now_ms ||
        session_is_unanswered(session, step))
        return;
    if (is_worn(session, step)) {
        session->draw = intro_draw(
            intro_day(step->now_h), fresh_end_h(session, step), step->random);
        session_save(step, session);
    }
    struct sealed *sealed = &step->desk->sealed;
    intro_seal(&session->intro, session->draw, sealed);
    session->envelope = sealed->id;
    step_submit(step, &sealed->id,
        (struct span){sealed->encoding, sealed->size}, false);
    session_offer_at(session, step, step->now_ms + OFFER_AGAIN_MS);
}

void sessions_offer_all(struct sessions *sessions, struct step *step)
{
    for (size_t i = 0; i < sessions->rows.count; i++) {
        struct session *session = rows_at(&sessions->rows, i);
        if (session_has_intro(session))
            session_offer_at(session, step, step->now_ms);
    }
}

void sessions_refused(
    struct sessions *sessions, struct step *step, const struct envelope_id *id)
{
    uint64_t at_ms = step->now_ms + OFFER_REFUSED_MS;
    for (size_t i = 0; i < sessions->rows.count; i++) {
        struct session *session = rows_at(&sessions->rows, i);
        if (session_has_intro(session) && session->intro_ms > at_ms &&
            envelope_id_equal(&session->envelope, id))
            session_offer_at(session, step, at_ms);
    }
}
