/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: the life of what is secret, from unlock to lock, and what
 * comes due meanwhile.  What it has in memory is dropped whole: there is no
 * state between open and closed but that of vault_load.c. */
#include "crypto/hash.h"
#include "vault/vault_state.h"

struct opened *opened_new(struct vault *vault, const uint8_t master[static 32])
{
    struct opened *opened = secret_new(sizeof(*opened));
    if (!opened)
        return NULL;
    memset(opened, 0, sizeof(*opened));
    opened->tags = tags_new(VAULT_TAGS, random_u64(vault->random));
    if (!opened->tags) {
        secret_free(opened);
        return NULL;
    }
    records_init(&opened->records, master);
    contacts_init(&opened->contacts);
    sessions_init(&opened->sessions);
    strangers_init(&opened->strangers);
    invites_init(&opened->invites);
    marks_init(&opened->replays, RECORD_REPLAY, REPLAYS_MAXIMUM);
    marks_init(&opened->parted, RECORD_PARTED, PARTED_MAXIMUM);
    kems_init(&opened->kems);
    outbox_init(&opened->outbox);
    inbox_init(&opened->inbox);
    notebook_init(&opened->notebook);
    accords_init(&opened->accords);
    releases_init(&opened->receipts);
    files_init(&opened->files);
    groups_init(&opened->groups);
    groups_chains_init(&opened->chains);
    groups_early_init(&opened->early);
    groups_copies_init(&opened->copies);
    owed_init(&opened->owed);
    lookup_init(&opened->lookup);
    heap_init(&opened->timers, VAULT_TIMERS);
    return opened;
}

void opened_free(struct opened *opened)
{
    if (!opened)
        return;
    vault_backup_end(opened);
    vault_transcript_end(opened);
    contacts_clear(&opened->contacts);
    sessions_clear(&opened->sessions);
    strangers_clear(&opened->strangers);
    invites_clear(&opened->invites);
    marks_clear(&opened->replays);
    marks_clear(&opened->parted);
    kems_clear(&opened->kems);
    outbox_clear(&opened->outbox);
    inbox_clear(&opened->inbox);
    notebook_clear(&opened->notebook);
    accords_clear(&opened->accords);
    releases_clear(&opened->receipts);
    files_clear(&opened->files);
    files_drafts_clear(&opened->drafts);
    groups_clear(&opened->groups);
    groups_chains_clear(&opened->chains);
    rows_clear(&opened->early);
    groups_copies_clear(&opened->copies);
    owed_clear(&opened->owed);
    lookup_clear(&opened->lookup);
    heap_clear(&opened->timers);
    tags_free(opened->tags);
    secret_free(opened);
}

void vault_enter(struct step *step, struct opened *opened)
{
    step->records = &opened->records;
    step->timers = &opened->timers;
    step->desk = &opened->desk;
    step->scrub_ms = &opened->scrub_ms;
    step->ring = &opened->ring;
}

/* State, for people. */

static void describe_files(
    const struct opened *opened, struct control_vault_status *out)
{
    const struct files_refused *refused = &opened->files.refused;
    out->arriving = files_count(&opened->files, FILE_ARRIVING);
    out->refused_letters = opened->malformed;
    out->refused_file_names = refused->names;
    out->refused_file_sizes = refused->sizes;
    out->refused_file_room = refused->room;
    out->refused_file_counts = refused->counts;
    out->refused_file_strangers = refused->strangers;
    out->refused_parts_unknown = refused->unknown;
    out->refused_parts_false = refused->parts;
}

void vault_describe(const struct vault *vault, struct control_vault_status *out)
{
    out->state = vault->keys.state;
    out->self_unlock = keys_self_unlock(&vault->keys);
    out->missing = keys_missing(&vault->keys);
    out->sandbox = vault->config.sandbox;
    if (vault->keys.state != VAULT_UNLOCKED)
        return;
    const struct opened *opened = vault->opened;
    out->contacts = contacts_count(&opened->contacts);
    out->requests = opened->strangers.rows.count;
    out->unread = opened->inbox.unread;
    out->outbox = outbox_count_under_way(&opened->outbox) +
                  files_count(&opened->files, FILE_SENDING);
    describe_files(opened, out);
}

void vault_note_state(struct vault *vault, struct step *step)
{
    vault_describe(vault, &step_notify(step, CONTROL_NOTE_VAULT)->vault);
}

/* The hours. */

/* To a new address nobody can have written; but whose clock is late writes from
 * an earlier day, and is found when this one has passed. */
static void register_intros(struct opened *opened, struct step *step)
{
    uint32_t back = opened->is_new ? 1 : VAULT_INTRO_DAYS_BACK;
    uint32_t first = intro_day(step->now_h) - back;
    tags_remove_intro_before(opened->tags, first);
    const struct intro_days days = {opened->identity.address, 0, first,
        LIMIT_INTRO_DAYS - VAULT_INTRO_DAYS_BACK + back};
    enum status status = intro_register(&days, opened->tags);
    if (!status)
        status = invites_register(&opened->invites, step, opened->tags);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    opened->intro_day = intro_day(step->now_h);
    opened->is_new = false;
}

/* The next sweep is when the next hour begins by the wall clock, so at most an
 * hour from now whatever that clock does meanwhile. */
static void sweep_at_next_hour(struct opened *opened, struct step *step)
{
    uint64_t left_s = HOUR_S - step->clock_s % HOUR_S;
    opened->sweep_ms = step->now_ms + left_s * 1000;
    step_at(step, TIMER_SWEEP, 0, opened->sweep_ms);
}

static void expire_letters(struct opened *opened, struct step *step)
{
    const struct outbox_letter *letter;
    uint64_t row = 0;
    while ((letter = outbox_expire(&opened->outbox, step, row))) {
        row = letter->row;
        vault_note_outbox(opened, step, letter);
    }
    outbox_sweep(&opened->outbox, step);
    vault_seal_waiting(opened, step);
}

/* A first contact can be answered as long as its prekey is there. */
static void sweep_strangers(struct opened *opened, struct step *step)
{
    strangers_sweep(&opened->strangers, step);
    for (size_t i = opened->strangers.rows.count; i-- > 0;) {
        const struct stranger *stranger = rows_at(&opened->strangers.rows, i);
        if (!prekeys_find(&opened->prekeys, stranger->opened.prekey_id))
            strangers_forget(&opened->strangers, step, stranger->row);
    }
}

static uint64_t first_end_h(const struct opened *opened)
{
    uint64_t inbox_h = inbox_first_end_h(&opened->inbox);
    uint64_t notebook_h = notebook_first_end_h(&opened->notebook);
    uint64_t files_h = files_first_end_h(&opened->files);
    uint64_t first_h = inbox_h < notebook_h ? inbox_h : notebook_h;
    return first_h < files_h ? first_h : files_h;
}

static void sweep(struct opened *opened, struct step *step)
{
    if (opened->sweep_ms > step->now_ms)
        return;
    if (opened->intro_day != intro_day(step->now_h)) {
        register_intros(opened, step);
        lookup_all(&opened->lookup, step, opened->tags);
    }
    prekeys_renew(&opened->prekeys, step, 0);
    vault_renew(opened, step);
    vault_watch_all(opened, step);
    sessions_sweep(&opened->sessions, step, opened->tags);
    sweep_strangers(opened, step);
    invites_sweep(&opened->invites, step, opened->tags);
    marks_sweep(&opened->replays, step);
    marks_sweep(&opened->parted, step);
    expire_letters(opened, step);
    inbox_sweep(&opened->inbox, step);
    vault_files_sweep(opened, step);
    releases_sweep(&opened->receipts, step);
    notebook_sweep(&opened->notebook, step);
    vault_lapse_proposals(opened, step);
    vault_groups_sweep(opened, step);
    records_ring_sweep(&opened->ring, step, first_end_h(opened));
    sweep_at_next_hour(opened, step);
}

static void scrub(struct opened *opened, struct step *step)
{
    if (opened->scrub_ms == 0 || opened->scrub_ms > step->now_ms)
        return;
    opened->scrub_ms = 0;
    step_effect(step, VAULT_SCRUB);
}

/* One timer is under way; when it fires it is set anew if there was a request
 * meanwhile. */
static void lock_due(struct opened *opened, struct step *step)
{
    uint64_t at_ms = opened->used_ms + step->config->auto_lock_ms;
    opened->is_idle = at_ms <= step->now_ms;
    if (!opened->is_idle)
        step_at(step, TIMER_LOCK, 0, at_ms);
}

static void timer_fire(
    struct opened *opened, struct step *step, const struct heap_item *item)
{
    uint64_t row = step_timer_row(item);
    switch (step_timer_kind(item)) {
    case TIMER_SWEEP:
        sweep(opened, step);
        return;
    case TIMER_INTRO:
        sessions_offer(&opened->sessions, step, row);
        return;
    case TIMER_RELEASE:
        releases_due(&opened->receipts, step, row);
        return;
    case TIMER_BURN:
        inbox_burn(&opened->inbox, step, row);
        return;
    case TIMER_NOTE:
        notebook_burn(&opened->notebook, step, row);
        return;
    case TIMER_RESUBMIT:
        outbox_resubmit_due(&opened->outbox, step);
        return;
    case TIMER_LOOKUP:
        return; /* flushed at the end of every step */
    case TIMER_SCRUB:
        scrub(opened, step);
        return;
    case TIMER_BEACON:
        vault_beacon_due(opened, step);
        return;
    case TIMER_LOCK:
        lock_due(opened, step);
        return;
    case TIMER_PARTS:
        vault_send_all_parts(opened, step);
        return;
    case TIMER_FILE:
        files_burn(&opened->files, step, row);
        return;
    case TIMER_OWED:
        vault_owed_due(opened, step, row);
        return;
    case TIMER_GROUP:
        vault_group_due(opened, step, row);
        return;
    }
}

void vault_tick(struct opened *opened, struct step *step)
{
    const struct heap_item *first;
    while (
        (first = heap_first(&opened->timers)) && first->at_ms <= step->now_ms) {
        struct heap_item item = heap_pop(&opened->timers);
        timer_fire(opened, step, &item);
    }
    lookup_flush(&opened->lookup, step);
}

/* Opening. */

/* Listening comes before looking up, so that nothing falls between. */
void vault_listen(struct opened *opened, struct step *step)
{
    step_port(step, PORT_LISTEN)->listen = true;
    vault_beacon(opened, step);
    lookup_all(&opened->lookup, step, opened->tags);
    outbox_resubmit(&opened->outbox, step);
    vault_give_renewal(opened, step);
    releases_start(&opened->receipts, step);
    sessions_offer_all(&opened->sessions, step);
}

void vault_start(struct vault *vault, struct step *step)
{
    struct opened *opened = vault->opened;
    identity_fingerprint(opened->identity.sign_public,
        opened->identity.agree_public, &opened->fingerprint);
    register_intros(opened, step);
    enum status status = sessions_start(&opened->sessions, step, opened->tags);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    inbox_start(&opened->inbox, step);
    files_start(&opened->files, step);
    notebook_start(&opened->notebook, step);
    vault_groups_start(opened, step);
    opened->sweep_ms = step->now_ms;
    sweep(opened, step);
    if (opened->format < RECORDS_FORMAT)
        records_save_format(step);
    vault->keys.state = VAULT_UNLOCKED;
    vault->keys.work = KEYS_IDLE;
    vault->keys.owes_unlock = false;
    vault->keys.has_records = true;
    opened->used_ms = step->now_ms;
    if (step->config->auto_lock_ms)
        lock_due(opened, step);
    vault_listen(opened, step);
    vault_note_state(vault, step);
}

void vault_make(struct vault *vault, struct step *step)
{
    struct opened *opened = vault->opened;
    identity_generate(&opened->identity, step->random);
    opened->has_identity = opened->is_new = true;
    keys_save_identity(step, &opened->identity);
    vault_renew_next_week(opened, step);
    vault_start(vault, step);
}

void vault_close(struct vault *vault, struct step *step)
{
    keys_cancel(&vault->keys, step);
    vault_restore_end(vault);
    if (!vault->opened)
        return;
    step_port(step, PORT_LISTEN)->listen = false;
    opened_free(vault->opened);
    vault->opened = NULL;
}

void vault_lock(struct vault *vault, struct step *step)
{
    vault_restore_end(vault);
    if (!vault->opened) {
        keys_cancel(&vault->keys, step);
        return;
    }
    records_save_ring(step);
    if (vault->opened->scrub_ms)
        step_effect(step, VAULT_SCRUB);
    vault_close(vault, step);
    vault->keys.state = VAULT_LOCKED;
    vault_note_state(vault, step);
}
