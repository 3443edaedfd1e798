/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_VAULT_STATE_H
#define VAULT_VAULT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/identity.h"
#include "crypto/tags.h"
#include "vault/accords.h"
#include "vault/backup.h"
#include "vault/contacts.h"
#include "vault/inbox.h"
#include "vault/invites.h"
#include "vault/keys.h"
#include "vault/lookup.h"
#include "vault/marks.h"
#include "vault/notebook.h"
#include "vault/outbox.h"
#include "vault/prekeys.h"
#include "vault/records.h"
#include "vault/records_ring.h"
#include "vault/releases.h"
#include "vault/renewals.h"
#include "vault/sessions.h"
#include "vault/step.h"
#include "vault/strangers.h"

/* Each costs a contact a session, and is nobody else's; they can but make room
 * for the replay of what was oldest. */
enum { REPLAYS_MAXIMUM = 4096 };

/* Shared by the chapters of vault.c alone; no room sees it.
 *
 * All that is secret hangs off this one pointer, which lies in guarded memory
 * and is wiped and freed by the lock.  It is there from the first record that
 * is loaded. */
struct opened {
    struct records records;
    struct ring ring;
    struct identity identity;
    struct fingerprint fingerprint;
    bool has_identity;
    struct prekeys prekeys;
    struct contacts contacts;
    struct sessions sessions;
    struct strangers strangers;
    struct invites invites;
    struct marks replays; /* first contacts that began a session, by their
                             ephemeral keys, while their prekeys live */
    struct renewals renewals;
    struct outbox outbox;
    struct inbox inbox;
    struct notebook notebook;
    struct accords accords;
    struct releases receipts;
    struct lookup lookup;
    struct tags *tags;
    struct heap timers;
    uint64_t scrub_ms;
    uint64_t sweep_ms;
    uint32_t intro_day;      /* whose intro tags are registered */
    uint64_t used_ms;        /* when a person last asked for something */
    bool is_idle;            /* nobody has for so long that it locks */
    struct backup *backup;   /* that is being made, or NULL */
    struct excerpt *excerpt; /* a transcript likewise */
    struct desk desk;
};

struct vault {
    struct vault_config config;
    struct random *random;
    struct keys keys;
    struct opened *opened; /* NULL while locked */
    uint32_t ring_ticket;  /* the ring is being fetched; 0: not */
    uint32_t tickets;
    /* A backup that is being restored into opened, or NULL. */
    struct restore *restore;
};

enum {
    VAULT_TAGS = 2u << 20,
    VAULT_TIMERS = 4u << 20,
    VAULT_INTRO_DAYS_BACK = 14,
};

/* vault_request.c: what a person asks. */
void vault_request(struct vault *vault, struct step *step,
    const struct control_request *request);
void vault_answer_card(struct opened *opened, struct step *step);
void vault_answer_page(
    struct opened *opened, struct step *step, const struct inbox_page *page);

void vault_refuse_closed(const struct vault *vault, struct step *step);

/* vault_keys.c: what is asked with a passphrase.  False when it is something
 * else. */
bool vault_request_keys(struct vault *vault, struct step *step,
    const struct control_request *request);
void vault_derived(
    struct vault *vault, struct step *step, const struct vault_event *event);
void vault_erased(struct vault *vault, struct step *step);
/* Rows to answer with, as a request asks. */
size_t vault_page_rows(const struct control_request *request);

/* Have a passphrase derived that is none of this vault's; the ticket. */
uint32_t vault_derive(struct step *step, struct span passphrase,
    const uint8_t salt[static KEYSLOT_SALT_BYTES], enum keyslot_cost cost);

/* vault_backup.c: a backup is made.  False when the event is not its own. */
void vault_ask_backup(struct opened *opened, struct step *step,
    const struct control_request *request);
bool vault_backup_derived(
    struct opened *opened, struct step *step, const struct vault_event *event);
bool vault_backup_fetched(
    struct opened *opened, struct step *step, const struct vault_event *event);
void vault_backup_end(struct opened *opened);

/* vault_restore.c: one is restored.  As above; end without an answer. */
void vault_ask_restore(struct vault *vault, struct step *step,
    const struct control_request *request);
bool vault_restore_derived(
    struct vault *vault, struct step *step, const struct vault_event *event);
bool vault_restore_erased(struct vault *vault, struct step *step);
void vault_restore_finish(struct vault *vault, struct step *step,
    const uint8_t slot_key[static KEYSLOT_KEY_BYTES]);
void vault_restore_end(struct vault *vault);

/* vault_people.c: what a person asks about people. */
void vault_ask_people(struct opened *opened, struct step *step,
    const struct control_request *request);

void vault_describe_contact(struct opened *opened, struct step *step,
    const struct contact *contact, struct control_contact *out);

/* Whether a contact can be written to; why a letter to them was not sealed:
 * both answer. */
bool vault_contact_is_good(struct step *step, const struct contact *contact);
void vault_refuse_send(
    struct step *step, enum status status, const struct contact *contact);

/* vault_evidence.c: what two people make evidential.  What a person asks; a
 * letter of that kind that has come. */
void vault_ask_evidence(struct opened *opened, struct step *step,
    const struct control_request *request);
void vault_evidence_letter(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);

/* A text that is about to be posted: it is signed, if letters to that contact
 * are evidential (false: it cannot be, and that is answered); and once it is
 * posted it is kept, if it was signed. */
bool vault_sign_text(struct opened *opened, struct step *step,
    const struct contact *contact, struct letter *letter);
void vault_keep_signed(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);

/* Break off what there is with a contact, who has another key; with all, after
 * a restore.  Forget proposals that nobody has answered. */
void vault_break_evidence(
    struct opened *opened, struct step *step, const struct contact *contact);
void vault_break_all_evidence(struct opened *opened, struct step *step);
void vault_lapse_proposals(struct opened *opened, struct step *step);

/* vault_transcript.c: what was signed, part by part, for a file. */
void vault_ask_transcript(struct opened *opened, struct step *step,
    const struct control_request *request);
bool vault_transcript_fetched(
    struct opened *opened, struct step *step, const struct vault_event *event);
void vault_transcript_end(struct opened *opened);

/* vault_mail.c: letters, out and in. */
MUST_USE enum status vault_post(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter, bool urgent);

/* A letter of our own to the other vault: its id and times are set.  Whether it
 * is under way; lost without harm if there is no room for it, and not written
 * to somebody who is to hear nothing. */
bool vault_post_quietly(struct opened *opened, struct step *step,
    const struct contact *contact, struct letter *letter);
void vault_read_receipts(
    struct opened *opened, struct step *step, const struct inbox_page *page);
/* A text has come that was not seen before. */
void vault_receive(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter,
    enum inbox_evidence evidence);
void vault_envelope(struct opened *opened, struct step *step,
    const struct port_message *message);
void vault_admit(
    struct opened *opened, struct step *step, const struct contact *contact);
void vault_seal_held(struct opened *opened, struct step *step,
    const struct vault_event *event, uint64_t contact);
void vault_seal_waiting(struct opened *opened, struct step *step);

/* Begin a session through a contact's invite. */
MUST_USE enum status vault_begin_invited(struct opened *opened,
    struct step *step, const struct contact *contact,
    const struct invite *invite);

/* Begin a session for what is held back, if anything is. */
void vault_begin_held(
    struct opened *opened, struct step *step, const struct contact *contact);
void vault_note_outbox(struct opened *opened, struct step *step,
    const struct outbox_letter *letter);
void vault_settled(struct opened *opened, struct step *step,
    const struct outbox_letter *letter);

/* vault_renewal.c: newer cards.  Renew our own when a week has turned, but a
 * new identity's, whose first card is as new, not before the next; give it out
 * again; look for a contact's, or all's. */
void vault_renew_next_week(struct opened *opened, struct step *step);
void vault_renew(struct opened *opened, struct step *step);
void vault_give_renewal(struct opened *opened, struct step *step);
void vault_watch_contact(
    struct opened *opened, struct step *step, const struct contact *contact);
void vault_watch_all(struct opened *opened, struct step *step);
void vault_renewal(struct opened *opened, struct step *step,
    const struct tag_entry *entry, const struct envelope *envelope);

/* vault_open.c: unlocking, locking, and the hours between. */
MUST_USE struct opened *opened_new(
    struct vault *vault, const uint8_t master[static 32]);
void opened_free(struct opened *opened);
void vault_enter(struct step *step, struct opened *opened);
void vault_make(struct vault *vault, struct step *step);
void vault_start(struct vault *vault, struct step *step);
MUST_USE enum status vault_load(struct opened *opened, struct step *step,
    const struct vault_record *record);
/* The kind of a record that names what is not there; 0: none. */
enum record_kind vault_find_dangling(const struct opened *opened);
void vault_loaded(
    struct vault *vault, struct step *step, const struct vault_event *event);
void vault_ring_fetched(
    struct vault *vault, struct step *step, const struct vault_event *event);
void vault_lock(struct vault *vault, struct step *step);
void vault_close(struct vault *vault, struct step *step);
void vault_listen(struct opened *opened, struct step *step);
void vault_tick(struct opened *opened, struct step *step);
void vault_note_state(struct vault *vault, struct step *step);
void vault_describe(
    const struct vault *vault, struct control_vault_status *out);

#endif
