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
#include "vault/files.h"
#include "vault/files_drafts.h"
#include "vault/files_parts.h"
#include "vault/groups.h"
#include "vault/groups_chains.h"
#include "vault/groups_copies.h"
#include "vault/groups_news.h"
#include "vault/inbox.h"
#include "vault/invites.h"
#include "vault/kems.h"
#include "vault/keys.h"
#include "vault/lookup.h"
#include "vault/marks.h"
#include "vault/notebook.h"
#include "vault/outbox.h"
#include "vault/owed.h"
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

/* Of those who were removed: how many, and for how long.  Whose session ends
 * only at this side, and was forgotten, writes on it unheard until they are
 * written to. */
enum { PARTED_MAXIMUM = 1024, PARTED_H = 366 * 24 };

/* Shared by the chapters of vault.c alone; no room sees it.
 *
 * All that is secret hangs off this one pointer, which lies in guarded memory
 * and is wiped and freed by the lock.  It is there from the first record that
 * is loaded. */
struct opened {
    struct records records;
    uint64_t format; /* of the records on disk; 0: there are none yet */
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
    struct marks parted;  /* removed, with a session that they may have still,
                             by their fingerprints */
    struct renewals renewals;
    struct kems kems;
    struct outbox outbox;
    struct inbox inbox;
    struct notebook notebook;
    struct accords accords;
    struct releases receipts;
    struct files files;
    struct files_drafts drafts;
    uint64_t malformed; /* letters that were, since this was unlocked */
    struct groups groups;
    struct groups_chains chains;
    struct groups_copies copies;
    struct rows early; /* groups_early */
    struct owed owed;
    struct lookup lookup;
    struct tags *tags;
    struct heap timers;
    uint64_t scrub_ms;
    uint64_t sweep_ms;
    uint64_t beacon_ms;      /* when the next epoch's keys are handed out */
    uint32_t intro_day;      /* whose intro tags are registered */
    bool is_new;             /* its intro tags never were; not stored */
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
    struct opened *opened;  /* NULL while locked */
    uint32_t format_ticket; /* the format is being fetched; 0: not */
    uint32_t ring_ticket;   /* the ring is */
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

/* Whether something may be sent as it is asked; answers why not. */
bool vault_contact_is_good(struct step *step, const struct contact *contact);
bool vault_text_is_good(struct step *step, struct span text);
bool vault_times_are_good(
    struct step *step, const struct control_request *request);

/* The contact whom a word means, to write to; answers why there is none, and
 * names the verb where a group is meant. */
bool vault_find_recipient(struct opened *opened, struct step *step,
    struct span word, const struct contact **out);

/* Set up a text as a request asks, with a new id; answer that it is queued. */
void vault_make_text(struct step *step, const struct control_request *request,
    struct letter *out);
void vault_answer_sent(struct step *step, const struct letter *letter);

/* vault_intro.c: first contacts.  One has come; the one of somebody who is a
 * contact by now has waited among the strangers'; begin one through a contact's
 * invite. */
void vault_intro(struct opened *opened, struct step *step,
    const struct tag_entry *entry, const struct port_message *message);
void vault_admit(
    struct opened *opened, struct step *step, const struct contact *contact);
MUST_USE enum status vault_begin_invited(struct opened *opened,
    struct step *step, const struct contact *contact,
    const struct invite *invite);

/* vault_invites.c: a new invite; those that are out. */
void vault_answer_invite(struct opened *opened, struct step *step);
void vault_ask_invites(struct opened *opened, struct step *step,
    const struct control_request *request);

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

/* vault_beacon.c: who is on the local network.  Hand the relay the keys of this
 * time, and see to those of the next: on opening, and when contacts have
 * changed; and when that is due. */
void vault_beacon(struct opened *opened, struct step *step);
void vault_beacon_due(struct opened *opened, struct step *step);

/* vault_people.c: what a person asks about people. */
void vault_ask_people(struct opened *opened, struct step *step,
    const struct control_request *request);
void vault_remove_contact(
    struct opened *opened, struct step *step, const struct contact *contact);

/* Somebody is a contact, or known through a group, from now on: if they were
 * removed once, and may write on a session that is gone here, a new one is
 * begun at once. */
void vault_meet_again(
    struct opened *opened, struct step *step, const struct contact *contact);

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

/* Whether letters to a contact are what a person asks for ("evidential",
 * "deniable", or empty: whatever they are); answers why not. */
bool vault_evidence_is(struct opened *opened, struct step *step,
    const struct contact *contact, struct span asked);

/* A text that is about to be posted: it is signed, if letters to that contact
 * are evidential (false: it cannot be, and that is answered); and once it is
 * posted it is kept, if it was signed. */
bool vault_sign_text(struct opened *opened, struct step *step,
    const struct contact *contact, struct letter *letter);
void vault_keep_signed(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);

/* A signed letter has come: it is kept, if it holds.  What it is to others. */
enum inbox_evidence vault_take_signed(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);

/* A letter that is to be sealed anew lies on desk->letter, of *size bytes: if
 * it was signed for a key that is not the contact's any more, it is made
 * deniable. Whether it was. */
bool vault_unsign(struct opened *opened, struct step *step,
    struct outbox_letter *letter, size_t *size);

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
/* A letter for a person has come that was not seen before. */
void vault_receive(struct opened *opened, struct step *step,
    const struct inbox_origin *origin, const struct letter *letter);
void vault_envelope(struct opened *opened, struct step *step,
    const struct port_message *message);
void vault_seal_held(struct opened *opened, struct step *step,
    const struct vault_event *event, uint64_t contact);
/* Something may have made room for letters that are held back: a contact's, or
 * anybody's. */
void vault_seal_more(
    struct opened *opened, struct step *step, uint64_t contact);
void vault_seal_waiting(struct opened *opened, struct step *step);

/* Begin a session for what is held back, if anything is. */
void vault_begin_held(
    struct opened *opened, struct step *step, const struct contact *contact);
void vault_note_outbox(struct opened *opened, struct step *step,
    const struct outbox_letter *letter);
void vault_settled(struct opened *opened, struct step *step,
    const struct outbox_letter *letter);

/* A letter that is to come for certain: as vault_post_quietly, but it lives as
 * long as any letter can, and waits if the contact's card has run out. */
bool vault_tell(struct opened *opened, struct step *step,
    const struct contact *contact, struct letter *letter);

/* Describe a letter, with whom it is to. */
void vault_describe_outbox(struct opened *opened, struct step *step,
    const struct outbox_letter *letter, struct control_outbox_item *out);

/* Describe a letter's origin: by whom, and through which group. */
void vault_describe_origin(struct opened *opened, struct step *step,
    const struct inbox_origin *origin, struct control_letter *out);

/* vault_owed.c: what others are told at their pace.  That what they wrote and a
 * page shows was read; what became of a file, as owed_add; what comes due. */
void vault_read_receipts(
    struct opened *opened, struct step *step, const struct inbox_page *page);
uint64_t vault_owe_file_end(struct opened *opened, struct step *step,
    const struct contact *contact, struct file_done done);
void vault_owed_due(struct opened *opened, struct step *step, uint64_t row);

/* vault_files.c: what a person asks about files.  Describe where the file of a
 * letter stands, of one that was received, and of one that was sent; tell
 * subscribers of a change.  Cancel one that was sent: false when it can't be,
 * and that is answered. */
void vault_ask_files(struct opened *opened, struct step *step,
    const struct control_request *request);
void vault_describe_attached(struct opened *opened, uint64_t contact,
    const struct message_id *id, struct control_letter *out);
void vault_describe_sent_file(struct opened *opened, struct step *step,
    const struct outbox_letter *letter, struct control_outbox_item *out);
void vault_note_file(
    struct opened *opened, struct step *step, const struct file *file);
bool vault_cancel_sent(
    struct opened *opened, struct step *step, struct file *file);
void vault_hand_out(struct opened *opened, struct step *step,
    const struct files_errand *errand, const struct vault_event *event);

/* vault_parts.c: files, out and in.  Tell the other side how one has ended;
 * send what may go of those to a contact, or to all. */
void vault_tell_file_end(struct opened *opened, struct step *step,
    const struct file *file, enum file_end end);
void vault_send_parts(
    struct opened *opened, struct step *step, uint64_t contact);
void vault_send_all_parts(struct opened *opened, struct step *step);
void vault_file_settled(struct opened *opened, struct step *step,
    const struct outbox_letter *letter);
void vault_on_file_letter(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);
bool vault_files_fetched(
    struct opened *opened, struct step *step, const struct vault_event *event);
void vault_files_sweep(struct opened *opened, struct step *step);

/* vault_groups.c: what a person asks about groups. */
void vault_ask_groups(struct opened *opened, struct step *step,
    const struct control_request *request);
void vault_ask_copies(
    struct opened *opened, struct step *step, struct span letter);

/* vault_members.c: what comes about a group's members.  Of groups whose roster
 * has changed: who is known, and what follows. */
void vault_on_invite(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);
void vault_on_join(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);
void vault_on_ops(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);
void vault_group_changed(
    struct opened *opened, struct step *step, struct vault_group *group);

/* vault_news.c: changes told, and asked for.  Tell all peers what they are to
 * be told: of a removal, before it changes who they are. */
void vault_tell_news(
    struct opened *opened, struct step *step, struct vault_group *group);
void vault_on_ask(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);
void vault_group_due(struct opened *opened, struct step *step, uint64_t row);

/* Ask a member for what is not known here, unless it was done lately; tell who
 * was removed that they were. */
void vault_ask_ops(struct opened *opened, struct step *step,
    struct vault_group *group, const struct contact *contact);
void vault_tell_removed(struct opened *opened, struct step *step,
    struct vault_group *group, const struct contact *contact);

/* Forget those who were introduced, are in no group, and have left no letter:
 * those with whom there is a session, too, or not, since they may write on it
 * should they meet again. */
void vault_forget_introduced(
    struct opened *opened, struct step *step, bool with_sessions);

/* Everybody in a roster is a contact, or introduced. */
void vault_know_members(
    struct opened *opened, struct step *step, const struct vault_group *group);
void vault_know_all_members(struct opened *opened, struct step *step);

/* After a restore: find out what has changed since. */
void vault_groups_restored(struct opened *opened, struct step *step);

/* vault_senders.c: chains handed over, and letters to groups, out and in.
 * Posting: STATUS_NOT_FOUND when nobody could read it; of vault_post. */
MUST_USE enum status vault_post_group(struct opened *opened, struct step *step,
    struct vault_group *group, const struct letter *letter, bool urgent);
void vault_group_seal_held(struct opened *opened, struct step *step,
    const struct vault_event *event, struct vault_group *group);
void vault_group_envelope(struct opened *opened, struct step *step,
    const struct tag_entry *entry, const struct port_message *message);
void vault_on_group_key(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);
void vault_on_group_receipt(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter);
void vault_group_read(struct opened *opened, struct step *step,
    const struct contact *contact, const struct message_id *id);

/* Chains whose owners are known by now are used; letters that all members have
 * by now are delivered. */
void vault_use_chains(struct opened *opened, struct step *step,
    const struct vault_group *group, bool look_up);
void vault_settle_group(
    struct opened *opened, struct step *step, const struct vault_group *group);

void vault_groups_start(struct opened *opened, struct step *step);
void vault_groups_sweep(struct opened *opened, struct step *step);

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
void vault_lock(struct vault *vault, struct step *step);
void vault_close(struct vault *vault, struct step *step);
void vault_listen(struct opened *opened, struct step *step);
void vault_tick(struct opened *opened, struct step *step);
void vault_note_state(struct vault *vault, struct step *step);
void vault_describe(
    const struct vault *vault, struct control_vault_status *out);

/* vault_load.c: what is on the disk is taken in. */
MUST_USE enum status vault_load(struct opened *opened, struct step *step,
    const struct vault_record *record);
/* All records are there: put together what lies in several.  The kind of one
 * that names what is not there, or does not fit; 0: none. */
enum record_kind vault_find_dangling(struct opened *opened, struct step *step);
void vault_loaded(
    struct vault *vault, struct step *step, const struct vault_event *event);
void vault_format_fetched(
    struct vault *vault, struct step *step, const struct vault_event *event);
void vault_ring_fetched(
    struct vault *vault, struct step *step, const struct vault_event *event);

#endif
