/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sealed file opens whole or not at all. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/archive.h"
#include "crypto/hash.h"
#include "tests/tap.h"

enum { BLOCKS = 8, AT_BLOCKS = ARCHIVE_HEADER_BYTES };

static uint8_t file[AT_BLOCKS + BLOCKS * ARCHIVE_BLOCK_BYTES];
static const uint8_t derived[32] = {1, 2, 3};

static uint8_t *block_of(size_t i)
{
    return file + AT_BLOCKS + i * ARCHIVE_BLOCK_BYTES;
}

static void fill(uint8_t plain[static ARCHIVE_PLAIN_BYTES], size_t block)
{
    memset(plain, (int)(block + 1), ARCHIVE_PLAIN_BYTES);
}

static void make(void)
{
    const struct archive_facts facts = {
        .format = 2, .cost = KEYSLOT_MODERATE, .salt = {4, 5, 6}};
    uint8_t plain[ARCHIVE_PLAIN_BYTES];
    struct archive archive;
    archive_header_encode(&facts, file);
    archive_begin(&archive, file, derived);
    for (size_t i = 0; i < BLOCKS; i++) {
        fill(plain, i);
        archive_seal(&archive, plain, i + 1 == BLOCKS, block_of(i));
    }
    need(archive.is_over);
}

/* How many blocks open from the first on, and whether that was all. */
static size_t open_all(size_t count, bool *is_whole)
{
    uint8_t plain[ARCHIVE_PLAIN_BYTES], want[ARCHIVE_PLAIN_BYTES];
    struct archive archive;
    archive_begin(&archive, file, derived);
    size_t i = 0;
    for (; i < count && !archive_open(&archive, block_of(i), plain); i++) {
        fill(want, i);
        need(memcmp(plain, want, sizeof(plain)) == 0);
    }
    *is_whole = archive.is_over;
    return i;
}

static void test_header(void)
{
    struct archive_facts facts;
    make();
    ok(archive_header_decode(file, &facts) == STATUS_OK && facts.format == 2 &&
            facts.cost == KEYSLOT_MODERATE && facts.salt[0] == 4,
        "a header says format, cost and salt");
    file[17] = KEYSLOT_SENSITIVE + 1;
    ok(archive_header_decode(file, &facts) == STATUS_INVALID,
        "a cost that is not known is refused");
    make();
    file[63] ^= 1;
    ok(archive_header_decode(file, &facts) == STATUS_INVALID,
        "a byte that means nothing is zero");
    make();
    file[0] ^= 1;
    ok(archive_header_decode(file, &facts) == STATUS_INVALID,
        "another kind of file is refused");
    ok(archive_size_is_good(sizeof(file)) && archive_size_is_good(262208) &&
            !archive_size_is_good(sizeof(file) - 1) &&
            !archive_size_is_good(131136) && !archive_size_is_good(64) &&
            !archive_size_is_good(0) &&
            !archive_size_is_good(AT_BLOCKS + 6 * ARCHIVE_BLOCK_BYTES),
        "sizes are powers of two, in blocks");
}

static void test_whole(void)
{
    bool is_whole;
    make();
    ok(open_all(BLOCKS, &is_whole) == BLOCKS && is_whole,
        "what was sealed opens");
    ok(open_all(BLOCKS / 2, &is_whole) == BLOCKS / 2 && !is_whole,
        "what is cut short has no end");
    uint8_t plain[ARCHIVE_PLAIN_BYTES];
    struct archive archive;
    archive_begin(&archive, file, derived);
    for (size_t i = 0; i < BLOCKS; i++)
        need(archive_open(&archive, block_of(i), plain) == STATUS_OK);
    ok(archive_open(&archive, block_of(0), plain) == STATUS_REFUSED,
        "nothing follows the last block");
    archive_begin(&archive, file, (const uint8_t[32]){1});
    ok(archive_open(&archive, block_of(0), plain) == STATUS_REFUSED,
        "another key opens nothing");
}

static void test_changed(void)
{
    size_t opened = 0, tried = 0;
    bool is_whole;
    for (size_t at = 0; at < sizeof(file); at += at < 256 ? 1 : 9973) {
        make();
        file[at] ^= (uint8_t)(1 << at % 8);
        tried++;
        opened += open_all(BLOCKS, &is_whole) == BLOCKS || is_whole;
    }
    ok(tried > 300 && opened == 0, "a flipped bit anywhere is found");
    make();
    memcpy(block_of(2), block_of(3), ARCHIVE_BLOCK_BYTES);
    ok(open_all(BLOCKS, &is_whole) == 2, "so is a block in another's place");
    make();
    memcpy(block_of(3), block_of(7), ARCHIVE_BLOCK_BYTES);
    ok(open_all(BLOCKS, &is_whole) == 3 && !is_whole,
        "and an end that comes too soon");
}

/* Whoever has the passphrase can seal what archive_seal would not. */
static void test_made_by_hand(void)
{
    static uint8_t whole[1 + ARCHIVE_PLAIN_BYTES];
    uint8_t plain[ARCHIVE_PLAIN_BYTES], nonce[24] = {0};
    struct archive archive;
    make();
    archive_begin(&archive, file, derived);
    for (uint8_t mark = 0; mark < 3; mark++) {
        whole[0] = mark;
        crypto_aead_xchacha20poly1305_ietf_encrypt(block_of(0), NULL, whole,
            sizeof(whole), file, ARCHIVE_HEADER_BYTES, NULL, nonce,
            archive.key);
        enum status status = archive_open(&archive, block_of(0), plain);
        if (mark == 0)
            need(status == STATUS_OK);
        else
            ok(status == STATUS_REFUSED && !archive.is_over,
                mark == 1 ? "a file of one block has no end"
                          : "a mark that is neither is refused");
        archive.next = 0;
    }
}

int main(void)
{
    need(crypto_start() == 0);
    test_header();
    test_whole();
    test_changed();
    test_made_by_hand();
    return tap_done();
}
