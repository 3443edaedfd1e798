/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: what others are told of what they wrote, at the pace that
 * is chosen for them.  What a person does by hand, as cancelling a file, is
 * told at once, as a letter of theirs is. */
#include "vault/vault_state.h"

void vault_read_receipts(
    struct opened *opened, struct step *step, const struct inbox_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct contact *contact =
            contacts_get(&opened->contacts, page->shown[i].contact);
        if (!page->shown[i].newly || contact->changed || contact->blocked)
            continue;
        const struct owing owing = {.kind = OWED_READ,
            .who = contact->fingerprint,
            .id = page->shown[i].id,
            .pace = contact->pace};
        owed_add(&opened->owed, step, &owing);
    }
}

uint64_t vault_owe_file_end(struct opened *opened, struct step *step,
    const struct contact *contact, struct file_done done)
{
    const struct owing owing = {.kind = OWED_FILE_DONE,
        .who = contact->fingerprint,
        .id = done.file,
        .end = done.end,
        .pace = contact->pace};
    return owed_add(&opened->owed, step, &owing);
}

void vault_owed_due(struct opened *opened, struct step *step, uint64_t row)
{
    struct fingerprint who;
    struct letter letter;
    if (!owed_due(&opened->owed, step, row, &who, &letter))
        return;
    const struct contact *contact =
        contacts_find_person(&opened->contacts, &who);
    if (contact && vault_tell(opened, step, contact, &letter))
        owed_settle(&opened->owed, step, &who, &letter);
    else
        owed_wait(&opened->owed, step, row);
}
