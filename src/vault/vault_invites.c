/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: cards for one person each, given out, and taken back.
 *
 * A void invite is destroyed as a used one is: who comes with it is answered by
 * nobody, and cannot tell the one from the other, nor either from a vault that
 * is locked.  That it works once, and that there is no answer, is all that
 * their own vault can tell them. */
#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/vault_state.h"

static uint64_t end_s(uint32_t expires_h)
{
    return (expires_h + UINT64_C(1)) * HOUR_S;
}

/* With secrets: durable before it is shown. */
void vault_answer_invite(struct opened *opened, struct step *step)
{
    struct card card;
    card_make(&opened->identity, prekeys_newest(&opened->prekeys), &card);
    const struct own_invite *own;
    if (invites_new(&opened->invites, step, card.prekey_expires_h, &own))
        return;
    struct invite invite;
    invite_make(&opened->identity, &own->keys, &card, &invite);
    enum status status = invites_register(&opened->invites, step, opened->tags);
    step_check(step, status == STATUS_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_OK);
    struct control_reply *reply = step_reply(step, CONTROL_CARD);
    invite_to_text(&invite, reply->card.card);
    reply->card.invite = own->row;
    reply->card.expires_at_s = end_s(own->expires_h);
    hex_encode((struct span){opened->fingerprint.bytes,
                   sizeof(opened->fingerprint.bytes)},
        reply->card.fingerprint);
    secret_wipe(&invite, sizeof(invite));
}

/* What can still be added: one that has run out only waits for what was sent to
 * it in time. */
static void answer_list(struct opened *opened, struct step *step)
{
    const struct rows *rows = &opened->invites.rows;
    struct control_invite *list =
        step_alloc(step, (rows->count + 1) * sizeof(*list));
    if (!list)
        return;
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct own_invite *invite = rows_at(rows, i);
        list[count++] = (struct control_invite){.number = invite->row,
            .made_at_s = invite->first_hour * (uint64_t)HOUR_S,
            .expires_at_s = end_s(invite->expires_h)};
    }
    struct control_reply *reply = step_reply(step, CONTROL_INVITE_ROWS);
    reply->invites = list;
    reply->count = count;
}

static void ask_void(struct opened *opened, struct step *step, uint64_t number)
{
    if (number == 0 || number > UINT32_MAX ||
        !invites_find(&opened->invites, (uint32_t)number)) {
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "no invite # is out; `sotto id --invites` "
                                 "lists those that are, and one that was used "
                                 "is there no more",
                .numbers = {number}});
        return;
    }
    invites_destroy(&opened->invites, step, (uint32_t)number, opened->tags);
    step_effect(step, VAULT_SCRUB);
    step_reply(step, CONTROL_DONE);
}

void vault_ask_invites(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    if (request->method == CONTROL_INVITES)
        answer_list(opened, step);
    else
        ask_void(opened, step, request->number);
}
