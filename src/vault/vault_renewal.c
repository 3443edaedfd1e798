/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: cards are good for a week, and so each week a newer one
 * goes out to those who know the address, and theirs are looked for.
 *
 * It all happens while the vault is open: a locked one gives nothing out, and
 * finds on unlock what has come meanwhile. */
#include <string.h>

#include "crypto/hash.h"
#include "crypto/renewal.h"
#include "vault/vault_state.h"

/* Our own. */

static const struct prekey *chosen_prekey(
    const struct opened *opened, const struct step *step)
{
    const struct prekey *prekey =
        prekeys_find(&opened->prekeys, opened->renewals.prekey_id);
    return prekey && prekey->expires_h >= step->now_h ? prekey : NULL;
}

/* The relay knows one that it has already by its id. */
void vault_give_renewal(struct opened *opened, struct step *step)
{
    const struct prekey *prekey = chosen_prekey(opened, step);
    if (!step->config->card_renewal || !prekey)
        return;
    struct renewal renewal;
    struct sealed *sealed = &step->desk->sealed;
    renewal_make(&opened->identity, prekey, &renewal);
    renewal_seal(&renewal, prekey, opened->renewals.week, sealed);
    step_submit(step, &sealed->id,
        (struct span){sealed->encoding, sealed->size}, false);
}

void vault_renew_next_week(struct opened *opened, struct step *step)
{
    renewals_choose(&opened->renewals, step,
        renewal_week(opened->identity.address, step->now_h), 0);
}

void vault_renew(struct opened *opened, struct step *step)
{
    uint32_t week = renewal_week(opened->identity.address, step->now_h);
    const struct renewals *renewals = &opened->renewals;
    bool is_done = renewals->week == week &&
                   (renewals->prekey_id == 0 || chosen_prekey(opened, step));
    if (!step->config->card_renewal || is_done)
        return;
    prekeys_renew(&opened->prekeys, step, PREKEY_OFFER_H); /* for all of it */
    renewals_choose(
        &opened->renewals, step, week, prekeys_newest(&opened->prekeys)->id);
    vault_give_renewal(opened, step);
}

/* Our contacts'. */

void vault_watch_contact(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct tag added[RENEWAL_WEEKS];
    size_t count;
    const struct renewal_watch watch = {
        contact->card.address, (uint32_t)contact->row, step->now_h};
    enum status status = renewal_register(&watch, opened->tags, added, &count);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    lookup_add(&opened->lookup, step, added, count);
}

void vault_watch_all(struct opened *opened, struct step *step)
{
    tags_remove_renewals_before(opened->tags, step->now_h);
    for (size_t i = 0; i < opened->contacts.rows.count; i++)
        vault_watch_contact(opened, step, rows_at(&opened->contacts.rows, i));
}

/* What a contact has renewed with an X-Wing key goes back to none by their own
 * signature alone. */
static void learn_kem(struct opened *opened, struct step *step,
    const struct contact *contact, const struct renewal *renewal)
{
    const struct card *card = &renewal->card;
    if (renewal->suite != KEM_SUITE) {
        kems_forget_before(&opened->kems, step, contact->row, card->prekey_id);
        return;
    }
    struct kem_offer offer = {
        .id = card->prekey_id, .expires_h = card->prekey_expires_h};
    memcpy(offer.public_, renewal->kem_public, sizeof(offer.public_));
    kems_learn(&opened->kems, step, contact->row, &offer);
}

/* Whoever knows a contact's address can seal something for us to find: of a
 * card in it, only the contact's own signature counts, and only a newer one.
 * What waits for a card that has not run out is then begun. */
void vault_renewal(struct opened *opened, struct step *step,
    const struct tag_entry *entry, const struct envelope *envelope)
{
    const struct contact *contact =
        rows_find(&opened->contacts.rows, entry->session);
    struct renewal renewal;
    struct fingerprint who;
    if (!contact || contact->blocked ||
        renewal_open(contact->card.address, entry->chain, envelope, &renewal))
        return;
    card_fingerprint(&renewal.card, &who);
    if (!fingerprint_equal(&who, &contact->fingerprint) ||
        renewal.card.prekey_expires_h < step->now_h)
        return;
    learn_kem(opened, step, contact, &renewal);
    contacts_renew_card(&opened->contacts, step, contact->row, &renewal.card);
    if (!contact->changed)
        vault_begin_held(opened, step, contact);
}
