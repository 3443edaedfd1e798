/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chains of an evidential conversation: which letter of the other's holds,
 * in whatever order they come, and what a letter that was forged, repeated or
 * put in another's place comes to. */
#include <string.h>

#include "base/random.h"
#include "crypto/hash.h"
#include "tests/tap.h"
#include "vault/accords.h"
#include "vault/records.h"
#include "vault/records_ring.h"

enum { LETTERS = 5, CONTACT = 3 };

/* One of two people, with nothing of a vault but this room. */
struct side {
    struct identity identity;
    struct fingerprint own;
    struct card card;
    struct accords accords;
    struct accord *accord;
    struct records records;
    struct ring ring;
    struct desk desk;
    struct heap timers;
    struct vault_effects effects;
    struct random_seeded random;
    uint64_t scrub_ms;
    uint32_t tickets;
    struct step step;
};

static struct side ann, bo; /* ann has proposed */

static void side_begin(struct side *side, uint64_t seed)
{
    static const uint8_t master[32] = {1};
    *side = (struct side){.tickets = 0};
    random_seeded_init(&side->random, seed, 1);
    identity_generate(&side->identity, &side->random.base);
    identity_fingerprint(
        side->identity.sign_public, side->identity.agree_public, &side->own);
    struct prekey prekey;
    prekey_generate(&prekey, 1, 1000, &side->random.base);
    card_make(&side->identity, &prekey, &side->card);
    records_init(&side->records, master);
    accords_init(&side->accords);
    heap_init(&side->timers, 16);
    vault_effects_init(&side->effects);
    side->step = (struct step){.clock_s = 1800000000,
        .random = &side->random.base,
        .effects = &side->effects,
        .tickets = &side->tickets,
        .records = &side->records,
        .timers = &side->timers,
        .desk = &side->desk,
        .ring = &side->ring,
        .scrub_ms = &side->scrub_ms};
}

static void side_end(struct side *side)
{
    accords_clear(&side->accords);
    heap_clear(&side->timers);
    vault_effects_free(&side->effects);
}

static void agree_on(struct side *side, const struct side *other, bool is_ours,
    const struct evidence_id *id)
{
    const struct accord proposal = {.contact = CONTACT,
        .stage = is_ours ? ACCORD_OFFERED : ACCORD_ASKED,
        .is_ours = is_ours,
        .id = *id};
    need(accords_propose(&side->accords, &side->step, &proposal,
             &side->accord) == STATUS_OK);
    accord_agree(&side->step, side->accord, id, &other->card, 7);
}

static void begin(void)
{
    static const struct evidence_id id = {{9, 8, 7}};
    side_begin(&ann, 1);
    side_begin(&bo, 2);
    agree_on(&ann, &bo, true, &id);
    agree_on(&bo, &ann, false, &id);
}

static void end(void)
{
    side_end(&ann);
    side_end(&bo);
}

/* The next letter of a side's, signed and kept. */
static struct letter write_letter(struct side *side, enum letter_type type)
{
    struct letter letter = {.type = type, .sent_at_s = 1800000000};
    random_fill(&side->random.base, letter.id.bytes, sizeof(letter.id.bytes));
    if (type == LETTER_SIGNED)
        letter.text = span_of_text("ten crates");
    need(accords_sign(&side->accords, side->accord, &side->identity, &letter) ==
         STATUS_OK);
    accords_keep(
        &side->accords, &side->step, side->accord, &side->own, &letter);
    return letter;
}

static enum status take(struct side *side, const struct letter *letter)
{
    return accords_take(
        &side->accords, &side->step, side->accord, &side->own, letter);
}

/* Every order of five letters, one of them the end of its chain. */
static void permute(
    const struct letter *letters, size_t *order, size_t at, size_t *wrong)
{
    if (at < LETTERS) {
        for (size_t i = at; i < LETTERS; i++) {
            size_t kept = order[at];
            order[at] = order[i];
            order[i] = kept;
            permute(letters, order, at + 1, wrong);
            order[i] = order[at];
            order[at] = kept;
        }
        return;
    }
    accords_forget_places(&bo.accords, &bo.step, bo.accord->row);
    for (size_t i = 0; i < LETTERS; i++) {
        *wrong += take(&bo, &letters[order[i]]) != STATUS_OK;
        *wrong += take(&bo, &letters[order[i]]) != STATUS_REFUSED;
    }
    struct accord_count count = accord_count(&bo.accords, bo.accord, false);
    *wrong += count.letters != LETTERS - 1 || count.missing != 0 ||
              !accord_is_closed(&bo.accords, bo.accord, false);
    vault_effects_reset(&bo.effects);
}

static void test_orders(void)
{
    struct letter letters[LETTERS];
    size_t order[LETTERS], wrong = 0;
    begin();
    for (size_t i = 0; i < LETTERS; i++) {
        order[i] = i;
        letters[i] =
            write_letter(&ann, i + 1 < LETTERS ? LETTER_SIGNED : LETTER_END);
    }
    permute(letters, order, 0, &wrong);
    ok(wrong == 0, "in whatever order letters come, each holds, once");
    accords_forget_places(&bo.accords, &bo.step, bo.accord->row);
    need(take(&bo, &letters[0]) == STATUS_OK);
    need(take(&bo, &letters[3]) == STATUS_OK);
    struct accord_count count = accord_count(&bo.accords, bo.accord, false);
    ok(count.letters == 2 && count.missing == 2, "a gap is counted");
    ok(take(&bo, &letters[1]) == STATUS_OK &&
            accord_count(&bo.accords, bo.accord, false).missing == 1,
        "and closed by what comes late");
    end();
}

/* Whether a letter that was changed is refused, and the true one then holds. */
static bool is_noticed(const struct letter *forged, const struct letter *true_)
{
    size_t before = bo.effects.count;
    bool refused = take(&bo, forged) == STATUS_REFUSED &&
                   bo.effects.count == before &&
                   accord_count(&bo.accords, bo.accord, false).letters == 0;
    bool holds = take(&bo, true_) == STATUS_OK;
    accords_forget_places(&bo.accords, &bo.step, bo.accord->row);
    vault_effects_reset(&bo.effects);
    return refused && holds;
}

static void test_changed(void)
{
    begin();
    struct letter letter = write_letter(&ann, LETTER_SIGNED);
    size_t wrong = 0;
    uint8_t *const parts[] = {letter.evidence.signature,
        letter.evidence.previous.bytes, letter.evidence.seen_hash.bytes,
        letter.id.bytes};
    const size_t sizes[] = {64, 32, 32, 16};
    for (size_t part = 0; part < 4; part++)
        for (size_t bit = 0; bit < 8 * sizes[part]; bit++) {
            struct letter true_ = letter, forged;
            parts[part][bit / 8] ^= (uint8_t)(1u << bit % 8);
            forged = letter;
            parts[part][bit / 8] ^= (uint8_t)(1u << bit % 8);
            wrong += !is_noticed(&forged, &true_);
        }
    ok(wrong == 0, "no bit of its signature, place or id can be changed");
    struct letter other = letter;
    other.text = span_of_text("two crates");
    ok(is_noticed(&other, &letter), "nor its text");
    other = letter;
    other.sent_at_s++;
    ok(is_noticed(&other, &letter), "nor its time");
    other = letter;
    other.type = LETTER_END;
    ok(is_noticed(&other, &letter), "nor what it is");
    other = letter;
    other.evidence.number = LIMIT_EVIDENCE_CHAIN + 1;
    ok(is_noticed(&other, &letter), "nor its number, however large");
    other = letter;
    need(accords_sign(&bo.accords, bo.accord, &bo.identity, &other) == 0);
    ok(is_noticed(&other, &letter), "and one's own come back is not theirs");
    end();
}

/* A letter that is signed well, at a place of the writer's own choosing. */
static struct letter forge(struct side *side, const struct evidence *place)
{
    struct letter letter = {
        .type = LETTER_SIGNED, .text = span_of_text("forged")};
    const struct side *other = side == &ann ? &bo : &ann;
    const struct evidence_writer writer = {
        side->own, other->own, side->accord->is_ours};
    struct evidence_hash content, hash;
    random_fill(&side->random.base, letter.id.bytes, sizeof(letter.id.bytes));
    letter.evidence = *place;
    letter.evidence.conversation = side->accord->id;
    evidence_content(&letter.id, letter.sent_at_s, letter.text, &content);
    evidence_hash(&writer, EVIDENCE_LETTER, &letter.evidence, &content, &hash);
    evidence_sign(&side->identity, &hash, letter.evidence.signature);
    return letter;
}

static bool refused(struct evidence place)
{
    struct letter letter = forge(&ann, &place);
    size_t before = bo.effects.count;
    return take(&bo, &letter) == STATUS_REFUSED && bo.effects.count == before;
}

/* Ann signs what contradicts her own chain, or Bo's. */
static void test_contradictions(void)
{
    begin();
    struct letter first = write_letter(&bo, LETTER_SIGNED);
    write_letter(&bo, LETTER_SIGNED); /* which never reaches her */
    struct letter one = write_letter(&ann, LETTER_SIGNED);
    need(take(&ann, &first) == STATUS_OK && take(&bo, &one) == STATUS_OK);
    struct letter two = write_letter(&ann, LETTER_SIGNED);
    struct letter three = write_letter(&ann, LETTER_SIGNED);
    need(take(&bo, &three) == STATUS_OK);
    const struct evidence right = two.evidence;
    struct evidence place = right;
    place.number = 3;
    ok(refused(place), "a second letter of one number is refused");
    ok(refused(right), "one that the letter behind it does not follow, too");
    place = right;
    place.previous.bytes[0] ^= 1;
    ok(refused(place), "one that does not follow the letter before it");
    place = (struct evidence){.number = 4, .previous = three.evidence.previous};
    ok(refused(place), "one that has seen less than the one before it");
    place.number = 9;
    place.seen = 1;
    place.seen_hash.bytes[0] = 1;
    ok(refused(place), "one that has seen another letter of ours");
    place.seen = 2;
    ok(refused(place), "also one that she never had");
    place.seen = 3;
    ok(refused(place), "or one that we have not written");
    ok(take(&bo, &two) == STATUS_OK, "the true one holds after all of these");
    struct letter last = write_letter(&ann, LETTER_END);
    need(take(&bo, &last) == STATUS_OK);
    place = last.evidence;
    place.number = 6;
    ok(refused(place), "and nothing holds behind an end");
    end();
}

static void test_full(void)
{
    begin();
    struct letter letter = {.type = LETTER_SIGNED};
    for (uint32_t i = 0; i + 1 < LIMIT_EVIDENCE_CHAIN; i++) {
        random_fill(&ann.random.base, letter.id.bytes, 16);
        need(accords_sign(&ann.accords, ann.accord, &ann.identity, &letter) ==
             STATUS_OK);
        accords_keep(&ann.accords, &ann.step, ann.accord, &ann.own, &letter);
        vault_effects_reset(&ann.effects);
    }
    ok(accords_sign(&ann.accords, ann.accord, &ann.identity, &letter) ==
            STATUS_FULL,
        "a chain has a last letter");
    letter.type = LETTER_END;
    ok(accords_sign(&ann.accords, ann.accord, &ann.identity, &letter) ==
            STATUS_OK,
        "behind which there is room for its end");
    end();
}

int main(void)
{
    need(!crypto_start());
    test_orders();
    test_changed();
    test_contradictions();
    test_full();
    return tap_done();
}
