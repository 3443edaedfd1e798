/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which session a contact is written to on.
 *
 * The one that they write on, as far as we know: a session through which a
 * letter comes for the first time becomes active, since it is surely alive at
 * the other end, unless a later letter has come through another.  Those that
 * were alive before are retired: the other side may have lost them.  A retired
 * one comes back only when the other side is seen to write on it still, by
 * letters that are newer, by their own clock, than all through the active one.
 *
 * An invite may be void, and nobody can tell: so what is begun through one
 * takes the place of a session that is open only when it is seen to be alive.
 *
 * If two people begin at the same moment, each end is first on the other's
 * session; then the one whose ephemeral key is lower stays, for both.
 *
 * Retired sessions go on being read until they have been silent for as long as
 * an envelope can live.  Our place in a sending chain is held back behind what
 * is known to have arrived, not behind what has not yet expired: the other
 * side sees only so many tags ahead. */
#include "vault/sessions.h"

#include <assert.h>
#include <string.h>

#include "crypto/hash.h"
#include "vault/records.h"
#include "vault/sessions_inside.h"

void sessions_init(struct sessions *sessions)
{
    rows_init(&sessions->rows, sizeof(struct session), SESSION_ROWS, true);
}

void sessions_clear(struct sessions *sessions)
{
    rows_clear(&sessions->rows);
}

enum status sessions_start(
    struct sessions *sessions, struct step *step, struct tags *tags)
{
    for (size_t i = 0; i < sessions->rows.count; i++) {
        struct session *session = rows_at(&sessions->rows, i);
        enum status status = ratchet_register(&session->ratchet, tags);
        if (status)
            return status;
    }
    sessions_offer_all(sessions, step);
    return STATUS_OK;
}

void session_retire(struct session *session, struct step *step)
{
    session->active = false;
    session->retired = true;
    session->used_h = step->now_h;
    session_save(step, session);
}

/* Remove a session with its skipped entries. */
static void session_drop(struct sessions *sessions, struct step *step,
    uint64_t row, struct tags *tags)
{
    size_t cursor = 0;
    const struct tag_entry *entry;
    while ((entry = tags_next(tags, &cursor)))
        if (entry->session == row && entry->kind == TAG_SKIPPED)
            records_delete(
                step, RECORD_SKIPPED, session_skipped_row(step, &entry->tag));
    tags_remove_session(tags, (uint32_t)row);
    records_delete(step, RECORD_SESSION, row);
    rows_remove(&sessions->rows, row);
}

/* Keep a contact within its number: the one unused for longest goes. */
static void make_room(struct sessions *sessions, struct step *step,
    uint64_t contact, struct tags *tags)
{
    size_t count = 0;
    const struct session *oldest = NULL;
    for (size_t i = 0; i < sessions->rows.count; i++) {
        const struct session *session = rows_at(&sessions->rows, i);
        if (session->contact != contact)
            continue;
        count++;
        if (!session->active && (!oldest || session->used_h < oldest->used_h))
            oldest = session;
    }
    if (count >= SESSIONS_A_CONTACT && oldest)
        session_drop(sessions, step, oldest->row, tags);
}

/* Write on this one from now on.  Others through which letters have come, or
 * on which we were heard, are retired. */
static void make_active(
    struct sessions *sessions, struct step *step, struct session *chosen)
{
    for (size_t i = 0; i < sessions->rows.count; i++) {
        struct session *other = rows_at(&sessions->rows, i);
        if (other == chosen || other->contact != chosen->contact ||
            other->retired)
            continue;
        if (other->heard || (other->initiated && other->confirmed)) {
            session_retire(other, step);
        } else if (other->active) {
            other->active = false;
            session_save(step, other);
        }
    }
    chosen->active = true;
    chosen->retired = false;
}

static enum status begin_intro(struct session *session, struct step *step,
    const struct session_parties *parties, struct tags *tags)
{
    uint32_t row = (uint32_t)session->row;
    if (!parties->invite && !parties->kem)
        return intro_begin(&session->intro, &session->ratchet, row,
            parties->identity, parties->own, parties->peer, step->now_h, tags,
            step->random);
    const struct intro_start from = {row, parties->identity, parties->own,
        parties->invite ? &parties->invite->card : parties->peer, step->now_h};
    if (parties->kem)
        return intro_begin_kem(&session->intro, &session->ratchet, &from,
            parties->kem, tags, step->random);
    return intro_begin_invited(&session->intro, &session->ratchet, &from,
        parties->invite, tags, step->random);
}

enum status sessions_begin(struct sessions *sessions, struct step *step,
    const struct session_parties *parties, struct tags *tags,
    struct session **out)
{
    make_room(sessions, step, parties->contact, tags);
    struct session *session;
    enum status status = rows_append(&sessions->rows, &session);
    if (status)
        return status;
    status = begin_intro(session, step, parties, tags);
    if (status) {
        rows_remove(&sessions->rows, session->row);
        return status;
    }
    session->contact = parties->contact;
    session->initiated = true;
    session->used_h = step->now_h;
    memcpy(session->ephemeral, session->intro.ephemeral_public,
        sizeof(session->ephemeral));
    const struct session *active = sessions_active(sessions, parties->contact);
    if (!parties->invite || !active || !active->confirmed)
        make_active(sessions, step, session);
    session_save(step, session);
    session_offer_at(session, step, step->now_ms);
    *out = session;
    return STATUS_OK;
}

enum status sessions_accept(struct sessions *sessions, struct step *step,
    const struct intro_opened *opened, const struct prekey *prekey,
    uint64_t contact, struct tags *tags, struct session **out)
{
    make_room(sessions, step, contact, tags);
    struct session *session;
    enum status status = rows_append(&sessions->rows, &session);
    if (status)
        return status;
    status = intro_accept(
        opened, prekey, (uint32_t)session->row, tags, &session->ratchet);
    if (status) {
        rows_remove(&sessions->rows, session->row);
        return status;
    }
    session->contact = contact;
    session->confirmed = true;
    session->used_h = step->now_h;
    memcpy(session->ephemeral, opened->ephemeral_public,
        sizeof(session->ephemeral));
    session->active = !sessions_active(sessions, contact);
    session_save(step, session);
    *out = session;
    return STATUS_OK;
}

/* Finding. */

struct session *sessions_find(const struct sessions *sessions, uint64_t row)
{
    return rows_find(&sessions->rows, row);
}

struct session *sessions_active(
    const struct sessions *sessions, uint64_t contact)
{
    for (size_t i = 0; i < sessions->rows.count; i++) {
        struct session *session = rows_at(&sessions->rows, i);
        if (session->contact == contact && session->active)
            return session;
    }
    return NULL;
}

struct session *sessions_find_ephemeral(
    const struct sessions *sessions, const uint8_t ephemeral[static 32])
{
    for (size_t i = 0; i < sessions->rows.count; i++) {
        struct session *session = rows_at(&sessions->rows, i);
        if (memcmp(session->ephemeral, ephemeral, 32) == 0)
            return session;
    }
    return NULL;
}

const char *sessions_word(
    const struct sessions *sessions, const struct step *step, uint64_t contact)
{
    const struct session *session = sessions_active(sessions, contact);
    if (!session)
        return "none";
    if (session->confirmed)
        return "open";
    return session_is_unanswered(session, step) ? "unanswered" : "contacting";
}

/* Letters. */

bool session_has_room(const struct session *session)
{
    return session->ratchet.can_send &&
           session->ratchet.sent - session->floor < LIMIT_UNCONFIRMED;
}

enum status session_seal(struct session *session, struct step *step,
    struct span letter, uint32_t expires_h)
{
    if (!session_has_room(session))
        return STATUS_AGAIN;
    enum status status = ratchet_seal(&session->ratchet, letter, 0, expires_h,
        step->random, &step->desk->sealed);
    if (!status)
        session_save(step, session);
    return status;
}

/* The other side has this session: its first contact need not be offered. */
static void session_hear(struct session *session)
{
    session->is_due = session_has_intro(session) && !session->active &&
                      session->intro.suite == INVITE_SUITE;
    session->confirmed = true;
    secret_wipe(&session->intro, sizeof(session->intro));
    session->draw = (struct intro_draw){.expires_h = 0};
}

void session_confirm(
    struct session *session, struct step *step, uint32_t chain, uint32_t number)
{
    if (!session->confirmed)
        session_hear(session);
    if (chain == session->chain && number >= session->floor)
        session->floor = number + 1;
    session_save(step, session);
}

bool sessions_promote(
    struct sessions *sessions, struct session *session, struct step *step)
{
    if (!session->is_due)
        return false;
    session->is_due = false;
    make_active(sessions, step, session);
    session_save(step, session);
    return true;
}

/* Of sessions that both ends have, the one with the lower ephemeral key. */
static bool settle(
    struct sessions *sessions, struct step *step, struct session *session)
{
    bool switched = false;
    for (size_t i = 0; i < sessions->rows.count; i++) {
        struct session *other = rows_at(&sessions->rows, i);
        if (other == session || other->contact != session->contact ||
            other->retired ||
            memcmp(session->ephemeral, other->ephemeral, 32) > 0)
            continue;
        if (other->active)
            session->active = switched = true;
        if (session->active)
            session_retire(other, step);
    }
    return switched;
}

bool session_heard(struct sessions *sessions, struct session *session,
    struct step *step, uint64_t sent_at_s)
{
    const struct session *active = sessions_active(sessions, session->contact);
    bool first = !session->heard;
    bool outdated = active && active->heard && active->newest_s > sent_at_s;
    bool switched = false;
    session->heard = true;
    if (sent_at_s > session->newest_s)
        session->newest_s = sent_at_s;
    bool is_new =
        session != active && !outdated && first && !session->initiated;
    bool overtakes =
        session->retired &&
        (!active || (active->heard && active->newest_s < sent_at_s));
    if (is_new || overtakes || session->is_due) {
        session->is_due = false;
        make_active(sessions, step, session);
        switched = true;
    } else if (!session->retired) {
        switched = settle(sessions, step, session);
    }
    session_save(step, session);
    return switched;
}

static void save_skipped(struct step *step, const struct tags *tags)
{
    const struct ratchet_opened *opened = &step->desk->opened;
    for (size_t i = 0; i < opened->skipped_count; i++) {
        const struct tag_entry *entry = tags_find(tags, &opened->skipped[i]);
        assert(entry);
        session_save_skipped(step, entry);
    }
}

enum status session_open(struct session *session, struct step *step,
    const struct tag_entry *entry, const struct envelope *envelope,
    struct tags *tags)
{
    struct tag tag = entry->tag;
    struct ratchet_opened *opened = &step->desk->opened;
    enum status status = ratchet_open(
        &session->ratchet, tags, entry, envelope, step->now_h, opened);
    if (status)
        return status;
    save_skipped(step, tags);
    if (opened->used_skipped)
        records_delete(step, RECORD_SKIPPED, session_skipped_row(step, &tag));
    if (opened->stepped) {
        session->chain++;
        session->floor = 0;
    }
    session->used_h = step->now_h;
    if (!session->confirmed)
        session_hear(session);
    session_save(step, session);
    return STATUS_OK;
}

/* Time. */

enum { SWEEP_BATCH = 64 };

/* Remove a batch of skipped entries whose time is over; whether there may be
 * more. */
static bool sweep_skipped(
    struct sessions *sessions, struct step *step, struct tags *tags)
{
    struct tag over[SWEEP_BATCH];
    size_t count = 0;
    size_t cursor = 0;
    const struct tag_entry *entry;
    while (count < SWEEP_BATCH && (entry = tags_next(tags, &cursor)))
        if (entry->kind == TAG_SKIPPED && entry->expires_h < step->now_h)
            over[count++] = entry->tag;
    for (size_t i = 0; i < count; i++) {
        entry = tags_find(tags, &over[i]);
        struct session *session = sessions_find(sessions, entry->session);
        if (session) {
            ratchet_forget(&session->ratchet, tags, &over[i]);
            session_save(step, session);
        }
        tags_remove(tags, &over[i]);
        records_delete(
            step, RECORD_SKIPPED, session_skipped_row(step, &over[i]));
    }
    return count == SWEEP_BATCH;
}

void sessions_sweep(
    struct sessions *sessions, struct step *step, struct tags *tags)
{
    while (sweep_skipped(sessions, step, tags))
        continue;
    for (size_t i = sessions->rows.count; i-- > 0;) {
        const struct session *session = rows_at(&sessions->rows, i);
        bool is_silent =
            session->retired && step->now_h > session->used_h + SESSION_KEPT_H;
        bool is_vain = !session->active && session_is_unanswered(session, step);
        if (is_silent || is_vain)
            session_drop(sessions, step, session->row, tags);
    }
}

void sessions_drop_contact(struct sessions *sessions, struct step *step,
    uint64_t contact, struct tags *tags)
{
    for (size_t i = sessions->rows.count; i-- > 0;) {
        const struct session *session = rows_at(&sessions->rows, i);
        if (session->contact == contact)
            session_drop(sessions, step, session->row, tags);
    }
}
