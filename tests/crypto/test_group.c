/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sender keys: one envelope, many readers; and what a member, a stranger and a
 * damaged copy cannot do. */
#include "crypto/group.h"

#include <sodium.h>

#include "crypto/chain.h"
#include "crypto/hash.h"
#include "tests/tap.h"

enum { NOW_H = 500000, EXPIRES_H = NOW_H + 168, HANDLE = 7 };

static const struct group_id group = {{1, 2, 3}};
static const struct fingerprint author = {{4, 5, 6}};
static const struct group_view view = {{9, 8, 7}};
static struct sealed sealed[LIMIT_GROUP_MESSAGES];
static struct ratchet_opened out;

struct end {
    struct group_receiver receiver;
    struct tags *tags;
};

static void end_begin(struct end *end, const struct group_sender *sender)
{
    struct group_key key;
    group_sender_hand(sender, &key);
    group_receiver_begin(&end->receiver, HANDLE, &author, &key);
    end->tags = tags_new(4096, 5);
    need(end->tags);
    need(group_register(&end->receiver, end->tags) == STATUS_OK);
}

static enum status write_text(struct group_sender *sender, const char *text,
    struct random *random, struct sealed *made)
{
    struct group_message message = {
        {&group, &author}, &view, span_of_text(text), EXPIRES_H};
    return group_seal(sender, &message, random, made);
}

/* STATUS_NOT_FOUND when the tag is nobody's. */
static enum status open_bytes(
    struct end *end, const uint8_t *bytes, size_t size, struct group_view *seen)
{
    struct envelope envelope;
    if (envelope_decode((struct span){bytes, size}, &envelope))
        return STATUS_INVALID;
    const struct tag_entry *entry = tags_find(end->tags, &envelope.tag);
    if (!entry)
        return STATUS_NOT_FOUND;
    return group_open(
        &end->receiver, end->tags, entry, &envelope, &group, NOW_H, &out, seen);
}

static bool opens(struct end *end, const struct sealed *made, const char *text)
{
    struct group_view seen;
    return open_bytes(end, made->encoding, made->size, &seen) == STATUS_OK &&
           memcmp(seen.bytes, view.bytes, 32) == 0 &&
           span_equal(
               (struct span){out.plain, out.plain_size}, span_of_text(text));
}

static void test_many_readers(struct random *random)
{
    struct group_sender sender;
    struct end ends[8];
    group_sender_begin(&sender, random);
    for (size_t i = 0; i < 4; i++)
        end_begin(&ends[i], &sender);
    need(write_text(&sender, "one", random, &sealed[0]) == STATUS_OK);
    for (size_t i = 4; i < 8; i++)
        end_begin(&ends[i], &sender);
    need(write_text(&sender, "two", random, &sealed[1]) == STATUS_OK);
    bool all = true, late = true;
    struct group_view seen;
    for (size_t i = 0; i < 4; i++)
        all &= opens(&ends[i], &sealed[0], "one") &&
               opens(&ends[i], &sealed[1], "two");
    for (size_t i = 4; i < 8; i++) {
        late &= open_bytes(&ends[i], sealed[0].encoding, sealed[0].size,
                    &seen) == STATUS_NOT_FOUND;
        all &= opens(&ends[i], &sealed[1], "two");
    }
    ok(all, "one envelope opens for every member");
    ok(late, "who was handed the key later does not open what was before");
    ok(open_bytes(&ends[0], sealed[0].encoding, sealed[0].size, &seen) ==
            STATUS_NOT_FOUND,
        "an envelope opens once");
    for (size_t i = 0; i < 8; i++)
        tags_free(ends[i].tags);
}

/* A whole epoch, in any order that keeps within the window, with losses. */
static void test_epoch(struct random *random)
{
    struct group_sender sender;
    struct end end;
    char text[16];
    group_sender_begin(&sender, random);
    end_begin(&end, &sender);
    for (unsigned i = 0; i < LIMIT_GROUP_MESSAGES; i++) {
        snprintf(text, sizeof(text), "message %u", i);
        need(write_text(&sender, text, random, &sealed[i]) == STATUS_OK);
    }
    ok(write_text(&sender, "more", random, &sealed[0]) == STATUS_FULL,
        "an epoch has its number of messages, and no more");
    bool all = true, once = true;
    struct group_view seen;
    for (unsigned block = 0; block < LIMIT_GROUP_MESSAGES; block += 64)
        for (unsigned i = 64; i-- > 0;) {
            unsigned at = block + i;
            if (at % 7 == 3)
                continue;
            snprintf(text, sizeof(text), "message %u", at);
            all &= opens(&end, &sealed[at], text);
            once &= open_bytes(&end, sealed[at].encoding, sealed[at].size,
                        &seen) == STATUS_NOT_FOUND;
        }
    ok(all, "all open in an order turned round in blocks");
    ok(once, "each once");
    bool late = true;
    for (unsigned at = 3; at < LIMIT_GROUP_MESSAGES; at += 7) {
        snprintf(text, sizeof(text), "message %u", at);
        late &= opens(&end, &sealed[at], text);
    }
    ok(late, "those that were missing open when they come");
    ok(tags_count(end.tags) == 0, "and nothing is left of the epoch");
    tags_free(end.tags);
}

static void test_every_byte(struct random *random)
{
    struct group_sender sender;
    struct end end;
    static uint8_t bytes[LIMIT_ENVELOPE_BYTES];
    struct group_view seen;
    group_sender_begin(&sender, random);
    end_begin(&end, &sender);
    need(write_text(&sender, "whole", random, &sealed[0]) == STATUS_OK);
    struct group_receiver before = end.receiver;
    size_t tags = tags_count(end.tags);
    memcpy(bytes, sealed[0].encoding, sealed[0].size);
    bool refused = true;
    for (size_t at = 0; at < sealed[0].size; at++) {
        bool stamp = at >= ENVELOPE_AT_STAMP &&
                     at < ENVELOPE_AT_STAMP + ENVELOPE_STAMP_BYTES;
        bytes[at] ^= 1;
        out.plain_size = 99;
        if (!stamp)
            refused &=
                open_bytes(&end, bytes, sealed[0].size, &seen) != STATUS_OK &&
                out.plain_size == 99;
        bytes[at] ^= 1;
    }
    ok(refused, "a copy with any byte changed does not open, nor say anything");
    ok(memcmp(&before, &end.receiver, sizeof(before)) == 0 &&
            tags_count(end.tags) == tags,
        "and changes nothing");
    struct envelope envelope;
    struct group_id other = {{1, 2, 4}};
    const struct fingerprint somebody = {{4, 5, 7}};
    struct group_receiver theirs = end.receiver;
    theirs.owner = somebody;
    need(envelope_decode((struct span){bytes, sealed[0].size}, &envelope) ==
         STATUS_OK);
    ok(group_open(&end.receiver, end.tags, tags_find(end.tags, &envelope.tag),
           &envelope, &other, NOW_H, &out, &seen) == STATUS_REFUSED,
        "nor does one that was written to another group");
    ok(group_open(&theirs, end.tags, tags_find(end.tags, &envelope.tag),
           &envelope, &group, NOW_H, &out, &seen) == STATUS_REFUSED,
        "nor one whose key somebody else has handed over as their own");
    ok(opens(&end, &sealed[0], "whole"), "the true one still opens");
    tags_free(end.tags);
}

enum header_flaw { HEADER_RIGHT, HEADER_NOT_ZEROS, HEADER_UNSEALED };

/* The hash that is signed, by the protocol's text. */
static void digest_of(
    const uint8_t *encoding, struct span letter, uint8_t digest[static 64])
{
    static const struct group_view zeros;
    uint8_t personal[16] = "sotto1 groupbody", ad[ENVELOPE_BODY_AD_BYTES];
    crypto_generichash_blake2b_state state;
    envelope_body_ad(encoding, ad);
    crypto_generichash_blake2b_init_salt_personal(
        &state, NULL, 0, 64, NULL, personal);
    crypto_generichash_blake2b_update(&state, group.bytes, 32);
    crypto_generichash_blake2b_update(&state, author.bytes, 32);
    crypto_generichash_blake2b_update(&state, ad, sizeof(ad));
    crypto_generichash_blake2b_update(&state, zeros.bytes, 32);
    crypto_generichash_blake2b_update(&state, letter.data, letter.size);
    crypto_generichash_blake2b_final(&state, digest, 64);
}

/* A letter under a view of zeros, signed by its sender, whose header is not
 * as it should be. */
static void seal_by_hand(const struct group_sender *sender,
    enum header_flaw flaw, struct sealed *made)
{
    struct group_key key;
    struct sealed_choice choice = {.expires_h = EXPIRES_H};
    uint8_t header_key[32], message_key[32], body_key[32], nonce[24], pair[64];
    uint8_t header[34] = {0}, ad[ENVELOPE_HEADER_AD_BYTES], plain[64 + 2] = {0};
    uint8_t message[19 + 64] = "sotto1 group letter";
    struct opening unused;
    group_sender_hand(sender, &key);
    chain_group_tag(key.tag_key, author.bytes, &choice.tag, header_key);
    chain_message(key.chain_key, message_key);
    chain_body(message_key, body_key, &unused);
    sealed_lay_out(made, &choice, (struct span){plain, sizeof(plain)});
    envelope_header_ad(made->encoding, ad);
    sealed_nonce(made->encoding + ENVELOPE_AT_SALT, nonce);
    header[33] = flaw == HEADER_NOT_ZEROS;
    header_key[0] ^= flaw == HEADER_UNSEALED;
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        made->encoding + ENVELOPE_AT_HEADER, NULL, header, sizeof(header), ad,
        sizeof(ad), NULL, nonce, header_key);
    digest_of(made->encoding, (struct span){plain + 64, 2}, message + 19);
    memcpy(pair, sender->sign_seed, 32);
    memcpy(pair + 32, sender->sign_public, 32);
    crypto_sign_detached(
        sealed_plain(made), NULL, message, sizeof(message), pair);
    sealed_finish(made, body_key);
}

/* Whose key signs can write a header that is none, and sign what a reader
 * would take from it. */
static void test_header(struct random *random)
{
    struct group_sender sender;
    enum status status[3];
    group_sender_begin(&sender, random);
    for (int flaw = HEADER_RIGHT; flaw <= HEADER_UNSEALED; flaw++) {
        struct end end;
        struct group_view seen;
        end_begin(&end, &sender);
        seal_by_hand(&sender, (enum header_flaw)flaw, &sealed[0]);
        status[flaw] =
            open_bytes(&end, sealed[0].encoding, sealed[0].size, &seen);
        tags_free(end.tags);
    }
    ok(status[HEADER_RIGHT] == STATUS_OK,
        "a letter sealed by hand as it must be opens");
    ok(status[HEADER_NOT_ZEROS] == STATUS_REFUSED,
        "a header's zeros are zeros");
    ok(status[HEADER_UNSEALED] == STATUS_REFUSED,
        "and a header under another key says nothing, whatever is signed");
}

/* A member has all that was handed over, and so can seal whatever it likes
 * under another's tags: everything but the signature. */
static void test_member_cannot_forge(struct random *random)
{
    struct group_sender sender, forger;
    struct end end;
    struct group_view seen;
    struct group_key key;
    group_sender_begin(&sender, random);
    end_begin(&end, &sender);
    group_sender_hand(&sender, &key);
    group_sender_begin(&forger, random);
    memcpy(forger.chain_key, key.chain_key, 32);
    memcpy(forger.tag_key, key.tag_key, 32);
    need(write_text(&forger, "forged", random, &sealed[0]) == STATUS_OK);
    ok(open_bytes(&end, sealed[0].encoding, sealed[0].size, &seen) ==
            STATUS_REFUSED,
        "a member cannot write in another member's name");
    memcpy(forger.sign_public, sender.sign_public, 32);
    forger.sent = 0;
    memcpy(forger.chain_key, key.chain_key, 32);
    memcpy(forger.tag_key, key.tag_key, 32);
    need(write_text(&forger, "forged", random, &sealed[0]) == STATUS_OK);
    ok(open_bytes(&end, sealed[0].encoding, sealed[0].size, &seen) ==
            STATUS_REFUSED,
        "nor with another's public key beside a seed of its own");
    tags_free(end.tags);
}

/* Sealed by hand with the right keys, and no signature or one of zeros. */
static void test_unsigned(struct random *random)
{
    struct group_sender sender;
    struct end end;
    struct group_view seen;
    static struct sealed made;
    group_sender_begin(&sender, random);
    end_begin(&end, &sender);
    bool refused = true;
    for (size_t size = 0; size <= 100; size += 20) {
        static const uint8_t zeros[100];
        struct group_key key;
        struct sealed_choice choice = {.expires_h = EXPIRES_H};
        uint8_t header_key[32], message_key[32], body_key[32], nonce[24];
        uint8_t header[34] = {0}, ad[ENVELOPE_HEADER_AD_BYTES];
        struct opening unused;
        group_sender_hand(&sender, &key);
        chain_group_tag(key.tag_key, author.bytes, &choice.tag, header_key);
        chain_message(key.chain_key, message_key);
        chain_body(message_key, body_key, &unused);
        sealed_lay_out(&made, &choice, (struct span){zeros, size});
        envelope_header_ad(made.encoding, ad);
        sealed_nonce(made.encoding + ENVELOPE_AT_SALT, nonce);
        crypto_aead_xchacha20poly1305_ietf_encrypt(
            made.encoding + ENVELOPE_AT_HEADER, NULL, header, sizeof(header),
            ad, sizeof(ad), NULL, nonce, header_key);
        sealed_finish(&made, body_key);
        refused &=
            open_bytes(&end, made.encoding, made.size, &seen) == STATUS_REFUSED;
    }
    ok(refused, "an unsigned group message is refused");
    need(write_text(&sender, "signed", random, &made) == STATUS_OK);
    ok(opens(&end, &made, "signed"), "and takes nothing from a signed one");
    tags_free(end.tags);
}

static void test_opening_is_the_senders(struct random *random)
{
    struct group_sender sender;
    struct group_key key;
    struct opening derived;
    uint8_t message_key[32], body_key[32];
    group_sender_begin(&sender, random);
    group_sender_hand(&sender, &key);
    need(write_text(&sender, "kept", random, &sealed[0]) == STATUS_OK);
    chain_message(key.chain_key, message_key);
    chain_body(message_key, body_key, &derived);
    ok(opening_matches(&sealed[0].opening, &sealed[0].receipt_hash),
        "the sender can recall what it wrote");
    ok(!opening_matches(&derived, &sealed[0].receipt_hash),
        "no member can clear it with what it was handed");
}

static void test_windows(struct random *random)
{
    struct group_sender sender;
    struct end end;
    struct tags *small = tags_new(100, 1);
    need(small);
    group_sender_begin(&sender, random);
    end_begin(&end, &sender);
    ok(tags_count(end.tags) == LIMIT_TAG_WINDOW, "a window is registered");
    ok(group_register(&end.receiver, small) == STATUS_FULL &&
            tags_count(small) == 0,
        "or none of it");
    for (unsigned i = 0; i < 130; i++)
        need(write_text(&sender, "x", random, &sealed[i]) == STATUS_OK);
    struct group_view seen;
    ok(open_bytes(&end, sealed[129].encoding, sealed[129].size, &seen) ==
            STATUS_NOT_FOUND,
        "past the window nobody expects a tag");
    ok(opens(&end, &sealed[127], "x") && out.skipped_count == 127 &&
            out.added_count == 128,
        "at its end all before are skipped, and the window moves on");
    ok(opens(&end, &sealed[129], "x"), "and then it opens");
    tags_free(end.tags);
    tags_free(small);
}

int main(void)
{
    struct random_seeded random;
    need(!crypto_start());
    random_seeded_init(&random, 11, 3);
    test_many_readers(&random.base);
    test_epoch(&random.base);
    test_every_byte(&random.base);
    test_header(&random.base);
    test_member_cannot_forge(&random.base);
    test_unsigned(&random.base);
    test_opening_is_the_senders(&random.base);
    test_windows(&random.base);
    return tap_done();
}
