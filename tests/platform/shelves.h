/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_PLATFORM_SHELVES_H
#define TESTS_PLATFORM_SHELVES_H

#include "platform/shelf_store.h"
#include "tests/platform/scratch.h"
#include "tests/tap.h"

/* A store of envelopes that are told by their numbers, what it has of each, and
 * its files. */
enum { SMALL = 512, MIDDLE = 2048, LARGE = 32768, AT_STAMP = 66 };

static char why[SHELF_WHY_BYTES];

/* Here an envelope is full of its id's first byte, but for its stamp. */
static inline bool is_whole(const struct envelope_id *id, struct span encoding)
{
    for (size_t i = 0; i < encoding.size; i++)
        if (encoding.data[i] != id->bytes[0] && i != AT_STAMP)
            return false;
    return true;
}

static inline struct shelf_store *open_at(const char *path)
{
    const struct shelf_store_config config = {path, is_whole};
    struct shelf_store *store;
    return shelf_store_open(&config, &store, why) ? NULL : store;
}

static inline struct envelope_id id_of(unsigned number)
{
    struct envelope_id id;
    memset(id.bytes, (int)(number & 0xff), sizeof(id.bytes));
    id.bytes[1] = (uint8_t)(number >> 8);
    return id;
}

static inline struct shelf_row row_of(unsigned number, size_t size)
{
    static uint8_t encoding[LARGE];
    struct shelf_row row = {.id = id_of(number),
        .expires_h = 1000 + number,
        .bytes = (uint32_t)size,
        .stamp_bits = (uint8_t)number,
        .state = SHELF_ROW_STORED,
        .encoding = {encoding, size}};
    memset(encoding, row.id.bytes[0], sizeof(encoding));
    memset(row.tag.bytes, (int)(number / 2), sizeof(row.tag.bytes));
    memset(row.receipt_hash.bytes, (int)(number + 1),
        sizeof(row.receipt_hash.bytes));
    return row;
}

static inline void put(struct shelf_store *store, unsigned number, size_t size)
{
    const struct shelf_row row = row_of(number, size);
    need(shelf_store_put(store, &row) == STATUS_OK);
}

static inline void commit(struct shelf_store *store)
{
    need(shelf_store_commit(store) == STATUS_OK);
}

static inline bool has(struct shelf_store *store, unsigned number, size_t size)
{
    const struct envelope_id id = id_of(number);
    const struct shelf_row row = row_of(number, size);
    struct shelf_row got;
    return shelf_store_get(store, &id, &got) == STATUS_OK &&
           got.state == SHELF_ROW_STORED && got.expires_h == 1000 + number &&
           got.bytes == size && got.stamp_bits == (uint8_t)number &&
           memcmp(&got.receipt_hash, &row.receipt_hash,
               sizeof(row.receipt_hash)) == 0 &&
           span_equal(got.encoding, row.encoding);
}

/* -1 where it is not known. */
static inline int state_of(struct shelf_store *store, unsigned number)
{
    const struct envelope_id id = id_of(number);
    struct shelf_row got;
    return shelf_store_get(store, &id, &got) ? -1 : (int)got.state;
}

static inline int count_rows(struct shelf_store *store, const struct tag *tag)
{
    struct shelf_row row;
    int count = 0;
    shelf_store_walk(store, tag);
    while (shelf_store_next(store, &row) == STATUS_OK)
        count++;
    return count;
}

static inline void clear(struct shelf_store *store, unsigned number)
{
    const struct envelope_id id = id_of(number);
    struct opening opening;
    memset(opening.bytes, 9, sizeof(opening.bytes));
    need(shelf_store_clear(store, &id, &opening) == STATUS_OK);
}

static inline void evict(struct shelf_store *store, unsigned number)
{
    const struct envelope_id id = id_of(number);
    need(shelf_store_evict(store, &id) == STATUS_OK);
}

static inline void forget(struct shelf_store *store, unsigned number)
{
    const struct envelope_id id = id_of(number);
    need(shelf_store_forget(store, &id) == STATUS_OK);
}

static inline bool is_cleared(struct shelf_store *store, unsigned number)
{
    const struct envelope_id id = id_of(number);
    struct shelf_row row;
    return shelf_store_get(store, &id, &row) == STATUS_OK &&
           row.state == SHELF_ROW_CLEARED && row.encoding.size == 0 &&
           row.opening.bytes[0] == 9 && row.opening.bytes[31] == 9 &&
           row.bytes == MIDDLE && row.expires_h == 1000 + number;
}

static inline off_t size_of(const char *directory, const char *name)
{
    char path[300];
    struct stat stat_;
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    need(stat(path, &stat_) == 0);
    return stat_.st_size;
}

/* Turn a byte of a file around. */
static inline void damage(const char *directory, const char *name, off_t at)
{
    char path[300];
    unsigned char byte;
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    int fd = open(path, O_RDWR);
    need(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 0x80;
    need(pwrite(fd, &byte, 1, at) == 1);
    close(fd);
}

static inline void cut(const char *directory, const char *name, off_t size)
{
    char path[300];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    need(truncate(path, size) == 0);
}

#endif
