/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizar: Online
 * Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015) with
 * the end marked inside the seal: a block that is changed, moved, repeated or
 * left out does not open, and a file that is cut short has no end.
 *
 * Blocks have one size, so that a reader needs no length from anybody, and a
 * file's size says no more than it must. */
#include "crypto/archive.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"

enum { AT_FORMAT = 16, AT_COST = 17, AT_SALT = 32, SEALED_PLAIN_BYTES = 65520 };
static_assert(
    SEALED_PLAIN_BYTES == ARCHIVE_PLAIN_BYTES + 1 &&
        SEALED_PLAIN_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES ==
            ARCHIVE_BLOCK_BYTES,
    "a block is its plain text, the mark of the end, and the seal");

static const uint8_t name[AT_FORMAT] = "sotto1 backup";

void archive_header_encode(
    const struct archive_facts *facts, uint8_t out[static ARCHIVE_HEADER_BYTES])
{
    memset(out, 0, ARCHIVE_HEADER_BYTES);
    memcpy(out, name, sizeof(name));
    out[AT_FORMAT] = facts->format;
    out[AT_COST] = (uint8_t)facts->cost;
    memcpy(out + AT_SALT, facts->salt, sizeof(facts->salt));
}

enum status archive_header_decode(
    const uint8_t header[static ARCHIVE_HEADER_BYTES],
    struct archive_facts *out)
{
    struct archive_facts facts = {.format = header[AT_FORMAT],
        .cost = (enum keyslot_cost)header[AT_COST]};
    memcpy(facts.salt, header + AT_SALT, sizeof(facts.salt));
    uint8_t again[ARCHIVE_HEADER_BYTES];
    archive_header_encode(&facts, again);
    if (header[AT_COST] > KEYSLOT_SENSITIVE ||
        memcmp(again, header, sizeof(again)) != 0)
        return STATUS_INVALID;
    *out = facts;
    return STATUS_OK;
}

static bool is_power_of_two(uint64_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

static bool count_is_good(uint64_t blocks)
{
    return blocks >= ARCHIVE_BLOCKS_LEAST && is_power_of_two(blocks);
}

bool archive_size_is_good(uint64_t size)
{
    return size > ARCHIVE_HEADER_BYTES &&
           (size - ARCHIVE_HEADER_BYTES) % ARCHIVE_BLOCK_BYTES == 0 &&
           count_is_good((size - ARCHIVE_HEADER_BYTES) / ARCHIVE_BLOCK_BYTES);
}

void archive_begin(struct archive *archive,
    const uint8_t header[static ARCHIVE_HEADER_BYTES],
    const uint8_t derived[static KEYSLOT_KEY_BYTES])
{
    *archive = (struct archive){.next = 0};
    memcpy(archive->header, header, sizeof(archive->header));
    kdf(archive->key, sizeof(archive->key), derived, "sotto1 backup",
        (struct span){header, ARCHIVE_HEADER_BYTES});
}

bool archive_may_end(const struct archive *archive)
{
    return count_is_good(archive->next + 1);
}

static void nonce_of(uint64_t block,
    uint8_t out[static crypto_aead_xchacha20poly1305_ietf_NPUBBYTES])
{
    memset(out, 0, 16);
    number_put(out + 16, 8, block);
}

void archive_seal(struct archive *archive,
    const uint8_t plain[static ARCHIVE_PLAIN_BYTES], bool is_last,
    uint8_t out[static ARCHIVE_BLOCK_BYTES])
{
    assert(!archive->is_over && (!is_last || archive_may_end(archive)));
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    nonce_of(archive->next++, nonce);
    archive->is_over = is_last;
    out[0] = is_last;
    memcpy(out + 1, plain, ARCHIVE_PLAIN_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, out,
        SEALED_PLAIN_BYTES, archive->header, sizeof(archive->header), NULL,
        nonce, archive->key);
}

enum status archive_open(struct archive *archive,
    const uint8_t block[static ARCHIVE_BLOCK_BYTES],
    uint8_t out[static ARCHIVE_PLAIN_BYTES])
{
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    uint8_t plain[SEALED_PLAIN_BYTES];
    nonce_of(archive->next, nonce);
    memset(out, 0, ARCHIVE_PLAIN_BYTES);
    if (archive->is_over ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, block,
            ARCHIVE_BLOCK_BYTES, archive->header, sizeof(archive->header),
            nonce, archive->key))
        return STATUS_REFUSED;
    bool is_last = plain[0] == 1;
    enum status status = plain[0] <= 1 && (!is_last || archive_may_end(archive))
                             ? STATUS_OK
                             : STATUS_REFUSED;
    if (!status) {
        memcpy(out, plain + 1, ARCHIVE_PLAIN_BYTES);
        archive->is_over = is_last;
        archive->next++;
    }
    secret_wipe(plain, sizeof(plain));
    return status;
}
