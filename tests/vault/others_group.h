/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_OTHERS_GROUP_H
#define TESTS_VAULT_OTHERS_GROUP_H

#include "crypto/roster.h"
#include "tests/vault/other.h"

/* A group of somebody who is no vault. */
struct others_group {
    struct roster roster;
    struct roster_key key;
    struct group_id id;
};

static inline void others_found(struct others_group *group, struct other *by)
{
    struct group_op op = {.kind = GROUP_NEW,
        .subject = by->fingerprint,
        .card = by->card,
        .admin = true,
        .name_size = 4,
        .name = "trap"};
    roster_init(&group->roster);
    roster_key_generate(&group->key, &by->random.base);
    memcpy(op.key, group->key.public_, 32);
    need(!roster_sign(&group->roster, &op, &by->fingerprint, &group->key));
    group->id = *roster_group(&group->roster);
}

static inline void others_invite(struct other *by,
    const struct others_group *group, struct person *to, const char *name)
{
    other_say(by, to,
        (struct letter){.type = LETTER_GROUP_INVITE,
            .group = group->id,
            .name = span_of_text(name)});
}

/* Tell operations from one on. */
static inline void others_tell(struct other *by, const struct group_id *id,
    const struct roster *roster, size_t from, struct person *to)
{
    struct letter letter = {.type = LETTER_GROUP_OPS, .group = *id};
    for (size_t i = from; i < roster->count; i++)
        letter.ops[letter.op_count++] =
            (struct span){roster->ops[i].bytes, roster->ops[i].size};
    other_say(by, to, letter);
}

/* Sign somebody in under a key; by hand, as an admin. */
static inline void others_sign_in(struct others_group *group,
    const struct other *admin, const struct card *card,
    const uint8_t key[static 32])
{
    struct group_op op = {
        .kind = GROUP_ADD, .card = *card, .name_size = 1, .name = "x"};
    card_fingerprint(card, &op.subject);
    memcpy(op.key, key, 32);
    need(!roster_sign(&group->roster, &op, &admin->fingerprint, &group->key));
}

#endif
