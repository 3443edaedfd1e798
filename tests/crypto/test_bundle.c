/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bundles and digests: what comes back of them, and that whatever is done to
 * one is noticed at the record where it was done. */
#include "crypto/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "proto/digest.h"
#include "tests/proto/samples.h"
#include "tests/tap.h"

enum { FILE_BYTES = 64 * 1024, RECORDS_MAXIMUM = 16 };

/* A bundle and where its records begin; the last place is its end. */
static uint8_t file[FILE_BYTES];
static size_t file_bytes;
static size_t starts[RECORDS_MAXIMUM + 1];
static size_t record_count;
static struct bundle_check chain;

static void begin(void)
{
    file_bytes = record_count = 0;
    chain = (struct bundle_check){{0}};
}

static void append(const struct bundle_record *record)
{
    size_t size = 0;
    need(bundle_append(&chain, record, file + file_bytes,
             FILE_BYTES - file_bytes, &size) == STATUS_OK);
    starts[record_count++] = file_bytes;
    file_bytes += size;
    starts[record_count] = file_bytes;
}

static void append_envelope(uint8_t class_, uint8_t number)
{
    static uint8_t bytes[LIMIT_ENVELOPE_BYTES];
    struct bundle_record record = {.kind = BUNDLE_ENVELOPE};
    record.envelope = sample_envelope(class_, bytes);
    bytes[ENVELOPE_AT_TAG] = number;
    append(&record);
}

static void append_receipt(uint8_t number)
{
    struct bundle_record record = {.kind = BUNDLE_RECEIPT};
    memset(record.receipt.id.bytes, number, 16);
    memset(record.receipt.opening.bytes, number, 32);
    append(&record);
}

static void append_end(uint64_t count)
{
    append(&(struct bundle_record){.kind = BUNDLE_END, .count = count});
}

static void write_sample(void)
{
    begin();
    append_envelope(0, 1);
    append_receipt(2);
    append_envelope(1, 3);
    append_receipt(4);
    append_end(4);
}

/* What a reader finds: records up to a whole end, or to the first fault. */
struct finding {
    size_t records;
    size_t at; /* in the file */
    bool ended;
    const char *why;
    enum status status;
};

static struct finding read_all(const uint8_t *bytes, size_t size)
{
    struct finding found = {.why = NULL};
    struct bundle_check check = {{0}};
    while (!found.status && !found.ended) {
        struct bundle_record record;
        struct envelope_id id;
        found.status = bundle_take(&check,
            (struct span){bytes + found.at, size - found.at}, &record, &id,
            &found.why);
        if (found.status)
            break;
        found.at += record.bytes;
        found.ended =
            record.kind == BUNDLE_END && record.count == found.records;
        if (record.kind == BUNDLE_END && !found.ended)
            break;
        found.records += record.kind != BUNDLE_END;
    }
    return found;
}

static void test_whole(void)
{
    write_sample();
    struct finding found = read_all(file, file_bytes);
    ok(found.ended && found.records == 4 && found.at == file_bytes,
        "a bundle comes back whole");
    struct bundle_check check = {{0}};
    struct bundle_record record;
    struct envelope_id id;
    const char *why;
    need(bundle_take(&check, (struct span){file, file_bytes}, &record, &id,
             &why) == STATUS_OK);
    ok(record.kind == BUNDLE_ENVELOPE &&
            record.envelope.encoding.size == envelope_class_bytes(0) &&
            record.envelope.tag.bytes[0] == 1,
        "an envelope with all its bytes");
    need(bundle_take(&check,
             (struct span){file + record.bytes, file_bytes - record.bytes},
             &record, &id, &why) == STATUS_OK);
    ok(record.kind == BUNDLE_RECEIPT && record.receipt.opening.bytes[31] == 2 &&
            id.bytes[0] == 2,
        "a receipt with its id");
    begin();
    append_end(0);
    found = read_all(file, file_bytes);
    ok(found.ended && found.records == 0, "an empty bundle is one");
    size_t size = 7;
    struct bundle_check before = chain;
    ok(bundle_append(&chain, &(struct bundle_record){.kind = BUNDLE_END}, file,
           19, &size) == STATUS_TOO_LARGE &&
            size == 7 && memcmp(&before, &chain, sizeof(chain)) == 0,
        "what has no room changes nothing");
}

/* Whichever byte, whichever bit: noticed in the record where it is. */
static void test_flipped(void)
{
    write_sample();
    size_t misplaced = 0, unnamed = 0;
    for (size_t record = 0; record < record_count; record++)
        for (size_t i = starts[record]; i < starts[record + 1]; i++)
            for (unsigned bit = 0; bit < 8; bit++) {
                file[i] ^= (uint8_t)(1u << bit);
                struct finding found = read_all(file, file_bytes);
                misplaced += found.ended || found.at != starts[record] ||
                             found.records != record;
                /* A length that grew makes the file too short. */
                unnamed += found.status != STATUS_AGAIN && !found.why;
                file[i] ^= (uint8_t)(1u << bit);
            }
    ok(misplaced == 0, "no bit can be flipped: its record is blamed, and "
                       "those before it are good");
    ok(unnamed == 0, "with words");
}

static void test_cut(void)
{
    write_sample();
    size_t wrong = 0;
    for (size_t size = 0; size < file_bytes; size++) {
        struct finding found = read_all(file, size);
        size_t whole = 0;
        while (starts[whole + 1] <= size)
            whole++;
        wrong += found.ended || found.status != STATUS_AGAIN ||
                 found.records != whole;
    }
    ok(wrong == 0,
        "a file cut anywhere lacks its end, and gives what is whole");
}

static void test_moved(void)
{
    static uint8_t bent[2 * FILE_BYTES];
    write_sample();
    size_t first = starts[1], second = starts[2] - starts[1];
    memcpy(bent, file + starts[1], second);
    memcpy(bent + second, file, first);
    memcpy(bent + first + second, file + starts[2], file_bytes - starts[2]);
    ok(read_all(bent, file_bytes).status == STATUS_REFUSED,
        "records that changed places are refused");
    memcpy(bent, file, starts[1]);
    memcpy(bent + starts[1], file, file_bytes);
    struct finding found = read_all(bent, starts[1] + file_bytes);
    ok(found.status == STATUS_REFUSED && found.records == 1 &&
            found.at == starts[1],
        "a record that is repeated is, where it is again");
    memcpy(bent, file, starts[1]);
    memcpy(bent + starts[1], file + starts[2], file_bytes - starts[2]);
    found = read_all(bent, file_bytes - second);
    ok(found.status == STATUS_REFUSED && found.records == 1,
        "one that was left out is, at the next");
    begin();
    append_envelope(0, 1);
    append_end(2);
    found = read_all(file, file_bytes);
    ok(!found.ended && found.records == 1, "an end counts what it ends");
}

static enum status take(const uint8_t *bytes, size_t size, const char **why)
{
    struct bundle_check check = {{0}};
    struct bundle_record record;
    struct envelope_id id;
    return bundle_take(&check, (struct span){bytes, size}, &record, &id, why);
}

/* Any array, with a check of zeros. */
static enum status take_array(const char *array, size_t length)
{
    static uint8_t bytes[512];
    const char *why = NULL;
    memset(bytes, 0, sizeof(bytes));
    bytes[3] = (uint8_t)length;
    memcpy(bytes + 4, array, length);
    return take(bytes, 4 + length + BUNDLE_CHECK_BYTES, &why);
}

static void test_bombs(void)
{
    static uint8_t zeros[BUNDLE_RECORD_BYTES];
    static const uint8_t long_one[] = {0, 0, 0x80, 0x41};
    static const uint8_t longest[] = {0xff, 0xff, 0xff, 0xff};
    const char *why = NULL;
    ok(take(long_one, sizeof(long_one), &why) == STATUS_INVALID && why &&
            take(longest, sizeof(longest), &why) == STATUS_INVALID,
        "a length past the largest record is refused before it is waited for");
    ok(take(zeros, sizeof(zeros), &why) == STATUS_INVALID,
        "an array of no bytes is none");
    ok(take_array("\x92\x00\xcc\x01", 4) == STATUS_INVALID &&
            take_array("\x92\x00\x01\x01", 4) == STATUS_INVALID &&
            take_array("\x93\x00\x01\x01", 4) == STATUS_INVALID &&
            take_array("\xdd\xff\xff\xff\xff", 5) == STATUS_INVALID &&
            take_array("\x92\x10\xc6\xff\xff\xff\xff", 7) == STATUS_INVALID &&
            take_array("\x92\x02\x01", 3) == STATUS_INVALID &&
            take_array("\x91\x13", 2) == STATUS_INVALID,
        "another dialect, another count and another frame are malformed");
    ok(take_array("\x92\x00\x01", 3) == STATUS_REFUSED,
        "a check of zeros is no check");
}

static void test_digest(void)
{
    uint8_t bytes[DIGEST_HEAD_BYTES + 4 * DIGEST_ITEM_BYTES];
    struct span whole = {bytes, sizeof(bytes)};
    size_t count = 0;
    digest_head_encode(4, bytes);
    for (uint8_t i = 0; i < 4; i++) {
        struct digest_item item = {.state = i % 2};
        memset(item.id.bytes, 2 * i + 1, 16);
        digest_item_encode(
            &item, bytes + DIGEST_HEAD_BYTES + i * DIGEST_ITEM_BYTES);
    }
    ok(digest_check(whole, &count) == STATUS_OK && count == 4,
        "a digest is taken");
    bool found = true;
    for (uint8_t i = 0; i < 10; i++) {
        struct envelope_id id;
        memset(id.bytes, i, 16);
        int state = i % 2 && i < 8 ? i / 2 % 2 : -1;
        found = found && digest_find(whole, &id) == state;
    }
    ok(found, "each of its items is found, and nothing else");
    ok(digest_find((struct span){0}, &(struct envelope_id){{1}}) == -1,
        "nothing is in none");
    bool refused = true;
    for (size_t cut = 0; cut < sizeof(bytes); cut++)
        refused = refused && digest_check((struct span){bytes, cut}, &count);
    ok(refused, "cut anywhere, it is refused");
    bytes[DIGEST_HEAD_BYTES + DIGEST_ITEM_BYTES - 1] = 2;
    ok(digest_check(whole, &count) == STATUS_INVALID,
        "so is an item of no known state");
    bytes[DIGEST_HEAD_BYTES + DIGEST_ITEM_BYTES - 1] = 0;
    memset(bytes + DIGEST_HEAD_BYTES, 3, 16);
    ok(digest_check(whole, &count) == STATUS_INVALID,
        "and one that is there twice");
}

/* A line of the vectors, in file. */
static void read_vector(const char *name)
{
    static char line[8192];
    char path[4096];
    const char *source = getenv("top_srcdir");
    int size = snprintf(path, sizeof(path), "%s/proto/vectors/bundle.txt",
        source ? source : ".");
    need(size > 0 && (size_t)size < sizeof(path));
    FILE *vectors = fopen(path, "r");
    need(vectors);
    file_bytes = 0;
    while (fgets(line, sizeof(line), vectors)) {
        size_t length = strlen(name);
        if (strncmp(line, name, length) != 0 || line[length] != ' ')
            continue;
        line[strcspn(line, "\n")] = '\0';
        file_bytes = strlen(line + length + 1) / 2;
        need(hex_decode(line + length + 1, file, file_bytes) == STATUS_OK);
    }
    fclose(vectors);
    need(file_bytes > 0);
}

static void test_vectors(void)
{
    size_t count = 0;
    read_vector("bundle");
    struct finding found =
        read_all(file + BUNDLE_MAGIC_BYTES, file_bytes - BUNDLE_MAGIC_BYTES);
    ok(memcmp(file, BUNDLE_MAGIC, BUNDLE_MAGIC_BYTES) == 0 && found.ended &&
            found.records == 3 && found.at == file_bytes - BUNDLE_MAGIC_BYTES,
        "a bundle that another program wrote is read");
    read_vector("digest");
    ok(digest_check((struct span){file, file_bytes}, &count) == STATUS_OK &&
            count == 3,
        "and its digest");
}

int main(void)
{
    test_whole();
    test_flipped();
    test_cut();
    test_moved();
    test_bombs();
    test_digest();
    test_vectors();
    return tap_done();
}
