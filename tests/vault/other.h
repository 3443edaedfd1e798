/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_OTHER_H
#define TESTS_VAULT_OTHER_H

/* Somebody who is no vault of ours: has keys, and says what no vault would. */
#include "crypto/intro.h"
#include "proto/card.h"
#include "proto/letter.h"
#include "tests/vault/pair.h"
#include "vault/vault_state.h"

struct other {
    struct world *world;
    struct random_seeded random;
    struct identity identity;
    struct prekey prekey;
    struct card card;
    struct fingerprint fingerprint;
    struct tags *tags;
    struct intro intro;
    struct ratchet ratchet;
    struct sealed sealed;
    struct ratchet_opened opened;
    size_t heard; /* of what is carried */
};

static inline uint32_t world_now_h(const struct world *world)
{
    return (uint32_t)(world->clock_s / 3600);
}

/* As a relay would. */
static inline void hand(
    struct person *person, const uint8_t *bytes, size_t size)
{
    struct envelope envelope;
    struct port_message message = {.type = PORT_ENVELOPE};
    if (envelope_decode((struct span){bytes, size}, &envelope))
        return; /* a relay hands none */
    message.envelope.envelope = &envelope;
    envelope_identify(envelope.encoding, &message.envelope.id);
    struct vault_event event = {.kind = VAULT_PORT, .port = &message};
    person_step(person, &event);
    run_errands(person);
}

static inline void card_of(struct person *person, struct card *out)
{
    need(!card_from_text(person_card(person), out));
}

/* Begin a first contact with somebody, anew. */
static inline void other_contact(struct other *other, const struct card *to)
{
    tags_free(other->tags);
    other->tags = tags_new(1024, 3);
    need(other->tags);
    need(!intro_begin(&other->intro, &other->ratchet, 1, &other->identity,
        &other->card, to, world_now_h(other->world), other->tags,
        &other->random.base));
}

static inline void other_begin(struct other *other, struct world *world,
    uint64_t seed, const struct card *to)
{
    uint32_t now_h = world_now_h(world);
    memset(other, 0, sizeof(*other));
    other->world = world;
    random_seeded_init(&other->random, seed, 7);
    identity_generate(&other->identity, &other->random.base);
    prekey_generate(&other->prekey, now_h, now_h + 100, &other->random.base);
    card_make(&other->identity, &other->prekey, &other->card);
    card_fingerprint(&other->card, &other->fingerprint);
    other_contact(other, to);
}

static inline void other_end(struct other *other)
{
    tags_free(other->tags);
    secret_wipe(other, sizeof(*other));
}

static inline void other_hand_intro(struct other *other, struct person *person)
{
    uint32_t now_h = world_now_h(other->world);
    intro_seal(&other->intro,
        intro_draw(intro_day(now_h), now_h + 100, &other->random.base),
        &other->sealed);
    hand(person, other->sealed.encoding, other->sealed.size);
}

static inline void other_say_bytes(
    struct other *other, struct person *person, struct span plain)
{
    need(!ratchet_seal(&other->ratchet, plain, 0,
        world_now_h(other->world) + 100, &other->random.base, &other->sealed));
    hand(person, other->sealed.encoding, other->sealed.size);
}

static inline void other_say(
    struct other *other, struct person *person, struct letter letter)
{
    static uint8_t plain[LIMIT_ENVELOPE_BYTES];
    size_t size = 0;
    random_fill(&other->random.base, letter.id.bytes, sizeof(letter.id.bytes));
    letter.sent_at_s = other->world->clock_s;
    letter.expires_h = world_now_h(other->world) + 100;
    need(!letter_encode(&letter, plain, sizeof(plain), &size));
    other_say_bytes(other, person, (struct span){plain, size});
}

/* The next letter of a type that has been written to them, if there is one;
 * it borrows from other until the next. */
static inline bool other_hears(
    struct other *other, enum letter_type type, struct letter *out)
{
    while (other->heard < other->world->carried_count) {
        const struct envelope *envelope =
            &other->world->carried[other->heard++].envelope;
        const struct tag_entry *entry = tags_find(other->tags, &envelope->tag);
        if (!entry)
            continue;
        need(!ratchet_open(&other->ratchet, other->tags, entry, envelope,
            world_now_h(other->world), &other->opened));
        if (letter_decode(
                (struct span){other->opened.plain, other->opened.plain_size},
                out) == STATUS_OK &&
            out->type == type)
            return true;
    }
    return false;
}

/* Become a contact under a name, with a session that both write on. */
static inline void other_meet(
    struct other *other, struct person *person, const char *name, uint64_t seed)
{
    char text[CARD_TEXT_CHARS + 1];
    struct card card;
    card_of(person, &card);
    other_begin(other, (struct world *)person->world, seed, &card);
    card_to_text(&other->card, text);
    need(ask_add(person, name, text)->kind == CONTROL_CONTACT_ROWS);
    other_hand_intro(other, person);
    other_say(other, person,
        (struct letter){.type = LETTER_TEXT, .text = span_of_text("hello")});
}

#endif
