/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a branch or an index depend on a secret?  Run under valgrind, with all
 * secrets marked as undefined, memcheck reports each that does (Langley's
 * ctgrind).  What is public by design is marked as defined again:
 *
 * - what travels: envelopes, public keys and tags (a tag is what an envelope
 *   shows, and the table of tags is looked up by it);
 * - the verdict of a comparison or an opening, and of what has opened its
 *   length, its role, or the public key and the card in it.
 *
 * The verdicts come from libsodium, whose functions the linker wraps here
 * (-Wl,--wrap).  Address secrets are left out: they are on every card.  So is
 * the making of a key slot: its place is drawn from the master key, and shows
 * on the disk.
 *
 * usage: secret_flow leak | session | intro | record | slots | renewal |
 *        group | evidence | archive */
#include <sodium.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "crypto/archive.h"
#include "crypto/evidence.h"
#include "crypto/group.h"
#include "crypto/keyslot.h"
#include "crypto/renewal.h"
#include "crypto/seal.h"
#include "tests/crypto/pair.h"

#define secret(bytes, size)   ((void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, size))
#define revealed(bytes, size) ((void)VALGRIND_MAKE_MEM_DEFINED(bytes, size))

/* Which bytes of what is being opened are public. */
static size_t public_at, public_bytes;

int __real_crypto_aead_xchacha20poly1305_ietf_decrypt(unsigned char *plain,
    unsigned long long *plain_size, unsigned char *nsec,
    const unsigned char *sealed, unsigned long long size,
    const unsigned char *ad, unsigned long long ad_size,
    const unsigned char *nonce, const unsigned char *key);
int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(unsigned char *plain,
    unsigned long long *plain_size, unsigned char *nsec,
    const unsigned char *sealed, unsigned long long size,
    const unsigned char *ad, unsigned long long ad_size,
    const unsigned char *nonce, const unsigned char *key);
int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(unsigned char *plain,
    unsigned long long *plain_size, unsigned char *nsec,
    const unsigned char *sealed, unsigned long long size,
    const unsigned char *ad, unsigned long long ad_size,
    const unsigned char *nonce, const unsigned char *key)
{
    int verdict = __real_crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain, plain_size, nsec, sealed, size, ad, ad_size, nonce, key);
    revealed(&verdict, sizeof(verdict));
    if (size == ENVELOPE_HEADER_BYTES)
        revealed(plain, ENVELOPE_HEADER_BYTES - ENVELOPE_AEAD_BYTES);
    else if (plain)
        revealed(plain + public_at, public_bytes);
    return verdict;
}

int __real_crypto_scalarmult(
    unsigned char *out, const unsigned char *n, const unsigned char *p);
int __wrap_crypto_scalarmult(
    unsigned char *out, const unsigned char *n, const unsigned char *p);
int __wrap_crypto_scalarmult(
    unsigned char *out, const unsigned char *n, const unsigned char *p)
{
    int verdict = __real_crypto_scalarmult(out, n, p);
    revealed(&verdict, sizeof(verdict));
    return verdict;
}

/* Verifying takes a time that depends on the signature and on what it is over,
 * in libsodium alone; what our own code learns of it is the verdict. */
int __real_crypto_sign_verify_detached(const unsigned char *signature,
    const unsigned char *message, unsigned long long size,
    const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *signature,
    const unsigned char *message, unsigned long long size,
    const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *signature,
    const unsigned char *message, unsigned long long size,
    const unsigned char *key)
{
    unsigned char known_signature[64], known_message[1024];
    need(size <= sizeof(known_message));
    memcpy(known_signature, signature, sizeof(known_signature));
    memcpy(known_message, message, size);
    revealed(known_signature, sizeof(known_signature));
    revealed(known_message, size);
    return __real_crypto_sign_verify_detached(
        known_signature, known_message, size, key);
}

int __real_sodium_memcmp(const void *a, const void *b, size_t size);
int __wrap_sodium_memcmp(const void *a, const void *b, size_t size);
int __wrap_sodium_memcmp(const void *a, const void *b, size_t size)
{
    int verdict = __real_sodium_memcmp(a, b, size);
    revealed(&verdict, sizeof(verdict));
    return verdict;
}

int __real_sodium_is_zero(const unsigned char *bytes, size_t size);
int __wrap_sodium_is_zero(const unsigned char *bytes, size_t size);
int __wrap_sodium_is_zero(const unsigned char *bytes, size_t size)
{
    int verdict = __real_sodium_is_zero(bytes, size);
    revealed(&verdict, sizeof(verdict));
    return verdict;
}

enum status __real_tags_add(struct tags *tags, const struct tag_entry *entry);
enum status __wrap_tags_add(struct tags *tags, const struct tag_entry *entry);
enum status __wrap_tags_add(struct tags *tags, const struct tag_entry *entry)
{
    revealed(&entry->tag, sizeof(entry->tag));
    return __real_tags_add(tags, entry);
}

const struct tag_entry *__real_tags_find(
    const struct tags *tags, const struct tag *tag);
const struct tag_entry *__wrap_tags_find(
    const struct tags *tags, const struct tag *tag);
const struct tag_entry *__wrap_tags_find(
    const struct tags *tags, const struct tag *tag)
{
    revealed(tag, sizeof(*tag));
    return __real_tags_find(tags, tag);
}

/* A generator whose every byte is a secret. */
struct secret_random {
    struct random base;
    struct random_seeded seeded;
};

static void secret_fill(struct random *self, uint8_t *out, size_t size)
{
    struct secret_random *random = (struct secret_random *)self;
    random_fill(&random->seeded.base, out, size);
    secret(out, size);
}

static struct random *secrets(void)
{
    static struct secret_random random = {.base = {secret_fill}};
    random_seeded_init(&random.seeded, 99, 1);
    return &random.base;
}

static struct person a, b, stranger;
static struct sealed sealed;
static struct ratchet_opened opened;

static void mark(struct person *person)
{
    secret(person->identity.sign_seed, 32);
    secret(person->identity.agree_secret, 32);
    secret(person->prekey.secret, 32);
}

static void begin(void)
{
    person_begin(&a, 1);
    person_begin(&b, 2);
    person_begin(&stranger, 3);
    mark(&a);
    mark(&b);
}

/* It travels: everybody sees it. */
static void send_off(void)
{
    revealed(&sealed, sizeof(sealed));
}

static void meet(void)
{
    struct intro_opened intro;
    card_make(&a.identity, &a.prekey, &a.card);
    revealed(&a.card, sizeof(a.card));
    need(!intro_begin(&a.intro, &a.ratchet, 1, &a.identity, &a.card, &b.card,
        PAIR_NOW_H, a.tags, secrets()));
    intro_seal(&a.intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &a.random.base),
        &sealed);
    send_off();
    public_at = 0;
    public_bytes = 2 + CARD_BYTES;
    struct envelope envelope = decoded(&sealed);
    need(!intro_open(&b.identity, &b.prekey, 1, &envelope, &intro));
    need(!intro_accept(&intro, &b.prekey, 1, b.tags, &b.ratchet));
    public_bytes = 2;
}

static void run_intro(void)
{
    begin();
    meet();
    struct intro_opened intro;
    struct envelope envelope = decoded(&sealed);
    need(intro_open(&stranger.identity, &stranger.prekey, 1, &envelope,
             &intro) != STATUS_OK);
    sealed.encoding[ENVELOPE_AT_BODY] ^= 1;
    envelope = decoded(&sealed);
    need(intro_open(&b.identity, &b.prekey, 1, &envelope, &intro) ==
         STATUS_REFUSED);
}

static enum status cross(struct person *from, struct person *to)
{
    uint8_t text[200] = {1};
    secret(text, sizeof(text));
    need(!ratchet_seal(&from->ratchet, (struct span){text, sizeof(text)}, 0,
        PAIR_EXPIRES_H, &from->random.base, &sealed));
    send_off();
    return person_open(to, &sealed, &opened);
}

static void run_session(void)
{
    begin();
    meet();
    for (int i = 0; i < 3; i++) {
        need(!cross(&a, &b));
        need(!cross(&b, &a));
        need(cross(&a, &stranger) == STATUS_NOT_FOUND);
        need(!cross(&a, &b)); /* and skip one */
    }
    uint8_t bytes[RATCHET_BYTES];
    struct ratchet read;
    ratchet_encode(&a.ratchet, bytes);
    need(!ratchet_decode(bytes, &read));

    person_seal(&a, 1, &sealed);
    send_off();
    struct envelope envelope = decoded(&sealed);
    struct opening opening = sealed.opening;
    secret(&opening, sizeof(opening));
    need(opening_matches(&opening, &envelope.receipt_hash));
    opening.bytes[31] ^= 1;
    need(!opening_matches(&opening, &envelope.receipt_hash));
    sealed.encoding[sealed.size - 1] ^= 1;
    need(person_open(&b, &sealed, &opened) == STATUS_REFUSED);
}

static void run_record(void)
{
    uint8_t key[32] = {1}, text[300] = {2}, record[2000], out[2000];
    size_t size = 0;
    struct span place = span_of_text("row 7");
    secret(key, sizeof(key));
    secret(text, sizeof(text));
    size_t bytes = record_bytes(sizeof(text));
    random_seeded_init(&a.random, 1, 1);
    record_seal(
        key, place, (struct span){text, sizeof(text)}, &a.random.base, record);
    revealed(record, bytes);
    public_at = 0;
    public_bytes = 4;
    need(!record_open(key, place, (struct span){record, bytes}, out, &size) &&
         size == sizeof(text));
    record[100] ^= 1;
    need(record_open(key, place, (struct span){record, bytes}, out, &size) ==
         STATUS_REFUSED);
}

static void run_slots(void)
{
    static uint8_t file[KEYSLOT_FILE_BYTES];
    uint8_t key[32] = {1}, other[32] = {2}, master[32] = {3};
    const uint8_t salt[KEYSLOT_SALT_BYTES] = {4};
    struct span bytes = {file, sizeof(file)};
    struct keyslot_opened slot;
    random_seeded_init(&a.random, 1, 1);
    keyslot_make(key, salt, KEYSLOT_INTERACTIVE, master, &a.random.base, file);
    secret(key, sizeof(key));
    secret(other, sizeof(other));
    public_at = KEYSLOT_KEY_BYTES; /* the role */
    public_bytes = 1;
    need(!keyslot_open(bytes, key, &slot));
    need(keyslot_open(bytes, other, &slot) == STATUS_REFUSED);
}

static void run_renewal(void)
{
    struct renewal renewal, read;
    begin();
    uint32_t week = renewal_week(a.identity.address, PAIR_NOW_H);
    renewal_make(&a.identity, &a.prekey, &renewal);
    revealed(&renewal, sizeof(renewal));
    renewal_seal(&renewal, &a.prekey, week, &sealed);
    send_off();
    public_at = 0;
    public_bytes = 2 + RENEWAL_BYTES;
    struct envelope envelope = decoded(&sealed);
    need(!renewal_open(a.identity.address, week, &envelope, &read));
}

static enum status hear(struct group_receiver *receiver, struct tags *tags)
{
    const struct group_id group = {{1}};
    struct group_view view;
    struct envelope envelope = decoded(&sealed);
    const struct tag_entry *entry = tags_find(tags, &envelope.tag);
    if (!entry)
        return STATUS_NOT_FOUND;
    return group_open(
        receiver, tags, entry, &envelope, &group, PAIR_NOW_H, &opened, &view);
}

static void say(struct group_sender *sender)
{
    const struct group_id group = {{1}};
    const struct fingerprint author = {{3}};
    const struct group_view view = {{2}};
    uint8_t text[200] = {1};
    secret(text, sizeof(text));
    const struct group_message message = {
        {&group, &author}, &view, {text, sizeof(text)}, PAIR_EXPIRES_H};
    need(!group_seal(sender, &message, secrets(), &sealed));
    send_off();
}

static void run_group(void)
{
    struct group_sender sender;
    struct group_key key;
    struct group_receiver receiver;
    const struct fingerprint author = {{3}};
    struct tags *tags = tags_new(4096, 5);
    need(tags);
    group_sender_begin(&sender, secrets());
    revealed(sender.sign_public, sizeof(sender.sign_public));
    group_sender_hand(&sender, &key);
    group_receiver_begin(&receiver, 7, &author, &key);
    need(!group_register(&receiver, tags));
    public_at = 0;
    public_bytes = 2;
    for (int i = 0; i < 3; i++) {
        say(&sender);
        say(&sender); /* and skip one */
        need(!hear(&receiver, tags));
        need(hear(&receiver, tags) == STATUS_NOT_FOUND);
    }
    say(&sender);
    sealed.encoding[sealed.size - 1] ^= 1;
    need(hear(&receiver, tags) == STATUS_REFUSED);
    tags_free(tags);
}

static void run_evidence(void)
{
    struct evidence_hash content, hash;
    struct evidence evidence = {.number = 1};
    const struct evidence_writer writer = {.is_proposer = true};
    const struct message_id id = {{1}};
    uint8_t text[100] = {2};
    begin();
    secret(text, sizeof(text));
    evidence_content(&id, 5, (struct span){text, sizeof(text)}, &content);
    evidence_hash(&writer, EVIDENCE_LETTER, &evidence, &content, &hash);
    evidence_sign(&a.identity, &hash, evidence.signature);
    need(!evidence_verify(a.identity.sign_public, &hash, evidence.signature));
    need(evidence_verify(b.identity.sign_public, &hash, evidence.signature) ==
         STATUS_REFUSED);
}

static void run_archive(void)
{
    static uint8_t plain[ARCHIVE_PLAIN_BYTES], block[ARCHIVE_BLOCK_BYTES];
    uint8_t key[32] = {1}, header[ARCHIVE_HEADER_BYTES];
    const struct archive_facts facts = {.format = 1, .salt = {4}};
    struct archive archive;
    archive_header_encode(&facts, header);
    secret(key, sizeof(key));
    secret(plain, sizeof(plain));
    archive_begin(&archive, header, key);
    archive_seal(&archive, plain, false, block);
    revealed(block, sizeof(block));
    archive_begin(&archive, header, key);
    public_at = 0;
    public_bytes = 1; /* the mark of the end */
    need(!archive_open(&archive, block, plain));
    need(archive_open(&archive, block, plain) == STATUS_REFUSED);
}

/* Shows that a branch on a secret is reported. */
static void run_leak(void)
{
    uint8_t key[2] = {1, 2};
    secret(key, sizeof(key));
    if (key[0] < key[1])
        puts("less");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } flows[] = {{"leak", run_leak}, {"session", run_session},
        {"intro", run_intro}, {"record", run_record}, {"slots", run_slots},
        {"renewal", run_renewal}, {"group", run_group},
        {"evidence", run_evidence}, {"archive", run_archive}};
    need(!crypto_start());
    for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
        if (argc == 2 && strcmp(argv[1], flows[i].name) == 0) {
            flows[i].run();
            return 0;
        }
    fprintf(stderr, "usage: secret_flow leak|session|intro|record|slots|"
                    "renewal|group|evidence|archive\n");
    return 2;
}
