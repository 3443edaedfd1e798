/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody has captured 10,000 envelopes and knows every card and every
 * public key there is.  Their bytes repeat nowhere, and no tag of a letter can
 * be computed from what they know.
 *
 * Looked at are the tag, receipt hash, salt, header and body of each envelope,
 * end to end, eight bytes at every offset.  Left out are version, class, zone,
 * expiry, the stamp (zeros where there is no work) and the msgpack heads, all
 * of which are shown to be the same for every envelope of a class.
 *
 * Among them are letters to groups, and renewals of cards, which nothing tells
 * from other letters.
 *
 * First contacts are the exception, by design.  Their tags are one of 64 a day
 * for one recipient, so two of a day may share one, which anybody can see; and
 * whoever has the recipient's card can compute them, and those of renewals.  So
 * the former are left out of the search for repeats, and the search for tags
 * has to find every one of both: if it did not, that it finds no letter would
 * mean nothing. */
#include <string.h>

#include "crypto/group.h"
#include "crypto/renewal.h"
#include "proto/limits.h"
#include "tests/crypto/pair.h"

enum {
    ENVELOPES = 10000,
    SESSIONS = 40,
    A_SESSION = ENVELOPES / SESSIONS,
    INTROS = 5, /* of a session's envelopes */
    GROUP_LETTERS = 40,
    RENEWALS = 2,
    WINDOW = 8,
    HEAD_BYTES = 146, /* before the body's bytes */
    KNOWN_MAXIMUM = 20,
};

enum kind { LETTER, INTRO, RENEWAL };

struct captured {
    enum kind kind;
    struct tag tag;
    size_t size;
    uint8_t *bytes;
};

static struct captured captured[ENVELOPES];
static size_t captured_count;

/* What is known of a session: 32 bytes each, the cards among them. */
struct known {
    uint8_t values[KNOWN_MAXIMUM][32];
    size_t count;
    uint8_t cards[2][CARD_BYTES];
};

static struct known known[SESSIONS];

static void know(struct known *to, const uint8_t value[static 32])
{
    need(to->count < KNOWN_MAXIMUM);
    memcpy(to->values[to->count++], value, 32);
}

static void know_card(struct known *to, size_t which, const struct card *card)
{
    struct fingerprint fingerprint;
    card_fingerprint(card, &fingerprint);
    know(to, card->sign_key);
    know(to, card->agree_key);
    know(to, card->address);
    know(to, card->prekey);
    know(to, fingerprint.bytes);
    card_encode(card, to->cards[which]);
}

/* Capturing. */

static void capture(const struct sealed *sealed, enum kind kind)
{
    struct captured *into = &captured[captured_count++];
    *into = (struct captured){.kind = kind, .size = sealed->size};
    into->tag = decoded(sealed).tag;
    into->bytes = malloc(sealed->size);
    need(into->bytes);
    memcpy(into->bytes, sealed->encoding, sealed->size);
}

/* The same letter each time, in a small envelope mostly. */
static void write_letter(
    struct person *from, struct person *to, struct random *random)
{
    static struct sealed sealed;
    static struct ratchet_opened opened;
    static const uint8_t text[300] = "the same words in every letter";
    uint64_t draw = random_below(random, 500);
    uint8_t class_ = draw < 1 ? 3 : draw < 5 ? 2 : draw < 25 ? 1 : 0;
    need(!ratchet_seal(&from->ratchet, (struct span){text, sizeof(text)},
        class_, PAIR_EXPIRES_H, &from->random.base, &sealed));
    capture(&sealed, LETTER);
    need(!person_open(to, &sealed, &opened));
}

static void repeat_intro(struct person *from)
{
    static struct sealed sealed;
    for (int i = 0; i < INTROS; i++) {
        intro_seal(&from->intro,
            intro_draw(
                intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &from->random.base),
            &sealed);
        capture(&sealed, INTRO);
    }
}

/* What one person writes to a group, whose id and members are known. */
static void write_group(struct person *from, size_t session)
{
    static struct sealed sealed;
    static const uint8_t text[300] = "the same words to everybody";
    struct group_id group;
    struct group_view view;
    struct group_sender sender;
    struct fingerprint who;
    struct random *random = &from->random.base;
    card_fingerprint(&from->card, &who);
    random_fill(random, group.bytes, sizeof(group.bytes));
    hash_labelled(view.bytes, sizeof(view.bytes), "sotto1 groupview",
        (struct span){group.bytes, sizeof(group.bytes)});
    group_sender_begin(&sender, random);
    know(&known[session], group.bytes);
    know(&known[session], view.bytes);
    know(&known[session], sender.sign_public);
    const struct group_message message = {
        {&group, &who}, &view, {text, sizeof(text)}, PAIR_EXPIRES_H};
    for (int i = 0; i < GROUP_LETTERS; i++) {
        need(!group_seal(&sender, &message, random, &sealed));
        capture(&sealed, LETTER);
    }
}

/* A person's card, renewed in two weeks. */
static void renew(const struct person *person)
{
    static struct sealed sealed;
    struct renewal renewal;
    uint32_t week = renewal_week(person->card.address, PAIR_NOW_H);
    renewal_make(&person->identity, &person->prekey, &renewal);
    for (uint32_t i = 0; i < RENEWALS; i++) {
        renewal_seal(&renewal, &person->prekey, week + i, &sealed);
        capture(&sealed, RENEWAL);
    }
}

/* One person writes to Bo, whom everybody writes to. */
static void talk(size_t session, struct person *bo)
{
    static struct person person;
    struct person *from = &person, *to = bo;
    person_begin(&person, 1000 + session);
    pair_meet(&person, bo);
    know_card(&known[session], 0, &person.card);
    know_card(&known[session], 1, &bo->card);
    know(&known[session], person.intro.ephemeral_public);
    know(&known[session], (const uint8_t[32]){0});
    repeat_intro(&person);
    write_group(&person, session);
    renew(&person);
    for (size_t sent = INTROS + GROUP_LETTERS + RENEWALS; sent < A_SESSION;
         sent++) {
        write_letter(from, to, &bo->random.base);
        if (random_below(&bo->random.base, 3) == 0) {
            struct person *turn = from;
            from = to;
            to = turn;
        }
    }
    person_end(&person);
}

static void capture_all(void)
{
    static struct person bo;
    person_begin(&bo, 1);
    for (size_t session = 0; session < SESSIONS; session++) {
        talk(session, &bo);
        tags_free(bo.tags);
        bo.tags = tags_new(65536, session);
        need(bo.tags);
    }
    person_end(&bo);
    need(captured_count == ENVELOPES);
}

/* What is left out. */

struct field {
    size_t at;
    size_t size;
};

static const struct field fields[] = {
    {13, 16}, /* tag */
    {31, 32}, /* receipt hash */
    {75, 16}, /* salt */
    {93, 50}, /* header */
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* The bytes of an envelope that are looked at, one behind another. */
static size_t gather(const struct captured *from, uint8_t *out)
{
    size_t size = 0;
    for (size_t i = from->kind == INTRO ? 1 : 0; i < FIELDS; i++) {
        memcpy(out + size, from->bytes + fields[i].at, fields[i].size);
        size += fields[i].size;
    }
    memcpy(out + size, from->bytes + HEAD_BYTES, from->size - HEAD_BYTES);
    return size + from->size - HEAD_BYTES;
}

/* The others: HEAD_BYTES of them, with zeros for what is looked at. */
static void leave_out(const struct captured *from, uint8_t *out)
{
    memcpy(out, from->bytes, HEAD_BYTES);
    for (size_t i = 0; i < FIELDS; i++)
        memset(out + fields[i].at, 0, fields[i].size);
}

static void what_is_left_out_says_nothing(void)
{
    uint8_t seen[4][HEAD_BYTES] = {{0}}, now[HEAD_BYTES];
    size_t different = 0, counts[4] = {0};
    for (size_t i = 0; i < ENVELOPES; i++) {
        size_t class_ = captured[i].bytes[2];
        leave_out(&captured[i], now);
        if (counts[class_]++ == 0)
            memcpy(seen[class_], now, HEAD_BYTES);
        different += memcmp(seen[class_], now, HEAD_BYTES) != 0;
    }
    ok(counts[0] && counts[1] && counts[2] && counts[3],
        "envelopes of each class are captured");
    ok(different == 0,
        "but for five fields, all envelopes of a class are the same");
}

/* Windows. */

struct windows {
    uint64_t *list;
    size_t count;
};

static uint64_t window_at(const uint8_t *bytes)
{
    uint64_t window;
    memcpy(&window, bytes, sizeof(window));
    return window;
}

static void windows_add(
    struct windows *windows, const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at + WINDOW <= size; at++)
        windows->list[windows->count++] = window_at(bytes + at);
}

static int compare_windows(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static size_t windows_repeated(struct windows *windows)
{
    size_t repeated = 0;
    qsort(windows->list, windows->count, WINDOW, compare_windows);
    for (size_t i = 1; i < windows->count; i++)
        repeated += windows->list[i] == windows->list[i - 1];
    return repeated;
}

static size_t windows_found(
    const struct windows *windows, const uint8_t *bytes, size_t size)
{
    size_t found = 0;
    for (size_t at = 0; at + WINDOW <= size; at++) {
        uint64_t window = window_at(bytes + at);
        found += bsearch(&window, windows->list, windows->count, WINDOW,
                     compare_windows) != NULL;
    }
    return found;
}

static struct windows windows_of_all(void)
{
    static uint8_t bytes[LIMIT_ENVELOPE_BYTES];
    struct windows windows = {0};
    size_t total = 1; /* for one that is planted */
    for (size_t i = 0; i < ENVELOPES; i++)
        total += captured[i].size;
    windows.list = calloc(total, WINDOW);
    need(windows.list);
    for (size_t i = 0; i < ENVELOPES; i++)
        windows_add(&windows, bytes, gather(&captured[i], bytes));
    return windows;
}

static void no_window_repeats(void)
{
    struct windows windows = windows_of_all();
    printf("# %zu windows\n", windows.count);
    ok(windows_repeated(&windows) == 0, "no eight bytes come twice");
    size_t found = 0;
    for (size_t i = 0; i < SESSIONS; i++) {
        found += windows_found(&windows, known[i].cards[0], CARD_BYTES);
        found += windows_found(&windows, known[i].cards[1], CARD_BYTES);
        found += windows_found(
            &windows, known[i].values[0], sizeof(known[i].values));
    }
    ok(found == 0, "nor any of a card, a key or a fingerprint");
    windows.list[windows.count++] =
        window_at(captured[ENVELOPES / 2].bytes + 93);
    ok(windows_repeated(&windows) == 1, "one that is planted is found");
    free(windows.list);
}

/* Tags. */

static const char *const labels[] = {"sotto1 tag", "sotto1 tagchain",
    "sotto1 chain", "sotto1 message", "sotto1 receipt", "sotto1 envelope",
    "sotto1 finger", "sotto1 root", "sotto1 nexttag", "sotto1 introtag",
    "sotto1 intromask", "sotto1 introkey", "sotto1 introopen",
    "sotto1 introroot", "sotto1 session", "sotto1 firsttags", "sotto1 renewtag",
    "sotto1 renewsalt", "sotto1 renewkey", "sotto1 groupview", "sotto1 groupop",
    "sotto1 groupbody"};
enum { LABELS = sizeof(labels) / sizeof(labels[0]), LABELS_OF_CHAINS = 5 };

/* The tags that are looked for, and how many envelopes were found. */
struct hunt {
    struct captured *sorted[ENVELOPES];
    bool found[ENVELOPES];
};

static int compare_tags(const void *a, const void *b)
{
    const struct captured *x = *(struct captured *const *)a;
    const struct captured *y = *(struct captured *const *)b;
    return memcmp(x->tag.bytes, y->tag.bytes, sizeof(x->tag.bytes));
}

/* Mark every envelope with that tag. */
static void guess(struct hunt *hunt, const uint8_t tag[static 16])
{
    size_t low = 0, count = ENVELOPES;
    while (count > 0) {
        size_t half = count / 2;
        if (memcmp(hunt->sorted[low + half]->tag.bytes, tag, 16) < 0) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    for (; low < ENVELOPES && !hunt->found[low] &&
           memcmp(hunt->sorted[low]->tag.bytes, tag, 16) == 0;
         low++)
        hunt->found[low] = true;
}

/* As if it were a header key, and as if it were a tag key. */
static void guess_from(struct hunt *hunt, const uint8_t key[static 32])
{
    uint8_t tag[16], both[64];
    guess(hunt, key);
    kdf(tag, sizeof(tag), key, "sotto1 tag", (struct span){0});
    guess(hunt, tag);
    kdf(both, sizeof(both), key, "sotto1 tagchain", (struct span){0});
    kdf(tag, sizeof(tag), both + 32, "sotto1 tag", (struct span){0});
    guess(hunt, tag);
}

static void guess_derived(struct hunt *hunt, const uint8_t key[static 32],
    const char *label, struct span input)
{
    uint8_t tag[16], both[64];
    kdf(tag, sizeof(tag), key, label, input);
    guess(hunt, tag);
    kdf(both, sizeof(both), key, label, input);
    guess_from(hunt, both);
    guess_from(hunt, both + 32);
}

static void guess_intros(struct hunt *hunt, const uint8_t address[static 32])
{
    struct tag tag;
    for (uint32_t slot = 0; slot < LIMIT_INTRO_SLOTS; slot++) {
        intro_tag(address, intro_day(PAIR_NOW_H), slot, &tag);
        guess(hunt, tag.bytes);
    }
}

static void guess_renewals(struct hunt *hunt, const uint8_t address[static 32])
{
    uint32_t week = renewal_week(address, PAIR_NOW_H);
    struct tag tag;
    for (uint32_t i = 0; i < RENEWALS; i++) {
        renewal_tag(address, week + i, &tag);
        guess(hunt, tag.bytes);
    }
}

/* Each of a session's known values as a key, with each as input, and with all
 * of them as one. */
static void guess_session(struct hunt *hunt, const struct known *session)
{
    for (size_t i = 0; i < session->count; i++) {
        const uint8_t *key = session->values[i];
        guess_from(hunt, key);
        guess_intros(hunt, key);
        guess_renewals(hunt, key);
        for (size_t label = 0; label < LABELS; label++) {
            guess_derived(hunt, key, labels[label], (struct span){0});
            guess_derived(hunt, key, labels[label],
                (struct span){session->values[0], session->count * 32});
            for (size_t j = 0; j < session->count; j++)
                guess_derived(hunt, key, labels[label],
                    (struct span){session->values[j], 32});
        }
    }
}

/* An envelope's own fields as keys: does one lead to another's tag? */
static void guess_chained(struct hunt *hunt, const struct captured *from)
{
    uint8_t tag_and_salt[32];
    memcpy(tag_and_salt, from->bytes + 13, 16);
    memcpy(tag_and_salt + 16, from->bytes + 75, 16);
    const uint8_t *keys[] = {
        from->bytes + 31, from->bytes + 93, from->bytes + 111, tag_and_salt};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        for (size_t label = 0; label < LABELS_OF_CHAINS; label++)
            guess_derived(hunt, keys[i], labels[label], (struct span){0});
}

static void no_tag_is_computed(void)
{
    static struct hunt hunt;
    for (size_t i = 0; i < ENVELOPES; i++)
        hunt.sorted[i] = &captured[i];
    qsort(hunt.sorted, ENVELOPES, sizeof(hunt.sorted[0]), compare_tags);
    for (size_t i = 0; i < SESSIONS; i++)
        guess_session(&hunt, &known[i]);
    for (size_t i = 0; i < ENVELOPES; i++)
        guess_chained(&hunt, &captured[i]);
    size_t counts[RENEWAL + 1] = {0};
    for (size_t i = 0; i < ENVELOPES; i++)
        counts[hunt.sorted[i]->kind] += hunt.found[i];
    ok(counts[INTRO] == (size_t)SESSIONS * INTROS,
        "whoever has a card finds the first contacts to it");
    ok(counts[RENEWAL] == (size_t)SESSIONS * RENEWALS, "and its renewals");
    ok(counts[LETTER] == 0,
        "and the tag of no letter, to a person or to a group");
}

int main(void)
{
    need(!crypto_start());
    capture_all();
    what_is_left_out_says_nothing();
    no_window_repeats();
    no_tag_is_computed();
    for (size_t i = 0; i < ENVELOPES; i++)
        free(captured[i].bytes);
    return tap_done();
}
