/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that takes its time, or fails, while the store goes on.  The library's
 * fdatasync comes through here, and waits at a gate as long as it is shut; so
 * does its pthread_join, which may open it. */
#include "config.h"

#include "platform/shelf_sync.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "platform/shelf_store.h"
#include "tests/platform/scratch.h"
#include "tests/tap.h"

enum { LARGE = 32768, SYNC_ROWS = SHELF_SYNC_BYTES / LARGE };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static bool disk_fails, opens_at_join;
static int synced[16], synced_count;

int fdatasync(int fd)
{
    pthread_mutex_lock(&gate);
    bool fails = disk_fails;
    if (synced_count < 16)
        synced[synced_count++] = fd;
    pthread_mutex_unlock(&gate);
    errno = EIO;
    return fails ? -1 : 0;
}

int pthread_join(pthread_t thread, void **result)
{
    int (*join)(pthread_t, void **);
    *(void **)&join = dlsym(RTLD_NEXT, "pthread_join");
    if (opens_at_join)
        pthread_mutex_unlock(&gate);
    opens_at_join = false;
    return join(thread, result);
}

static void fail_disk(bool fails)
{
    pthread_mutex_lock(&gate);
    disk_fails = fails;
    pthread_mutex_unlock(&gate);
}

static void write_some(struct shelf_file *file)
{
    need(shelf_file_write(file, file->size,
             (struct span){(const uint8_t *)"some", 4}) == STATUS_OK);
    need(shelf_file_flush(file) == STATUS_OK);
}

static void test_files(void)
{
    struct shelf_file files[3];
    struct shelf_file *const list[] = {&files[0], &files[1], &files[2]};
    struct shelf_sync sync;
    shelf_sync_init(&sync);
    for (int i = 0; i < 3; i++) {
        char name[] = "0";
        name[0] = (char)('0' + i);
        shelf_file_init(&files[i]);
        need(shelf_file_open(&files[i], scratch_path(name)) == STATUS_OK);
    }
    files[1].unsynced = false;
    ok(shelf_sync_end(&sync, true) == STATUS_OK, "nothing is under way");
    pthread_mutex_lock(&gate);
    need(shelf_sync_begin(&sync, 3, list) == STATUS_OK);
    ok(shelf_sync_end(&sync, false) == STATUS_AGAIN,
        "a disk is not waited for");
    write_some(&files[2]);
    pthread_mutex_unlock(&gate);
    ok(shelf_sync_end(&sync, true) == STATUS_OK, "unless that is asked for");
    ok(synced_count == 2 && synced[0] == files[0].fd &&
            synced[1] == files[2].fd,
        "what is unsynced is synced, in its order");
    ok(!files[0].unsynced && files[2].unsynced,
        "what was written meanwhile is not");
    fail_disk(true);
    need(shelf_sync_begin(&sync, 3, list) == STATUS_OK);
    ok(shelf_sync_end(&sync, true) == STATUS_IO && errno == EIO,
        "a disk that fails is told");
    ok(!files[0].unsynced && files[2].unsynced, "and nothing counts as synced");
    fail_disk(false);
    for (int i = 0; i < 3; i++)
        shelf_file_close(&files[i]);
}

static bool is_whole(const struct envelope_id *id, struct span encoding)
{
    return encoding.data[0] == id->bytes[0];
}

/* As much as begins a sync. */
static void put_many(struct shelf_store *store, uint8_t series)
{
    static uint8_t encoding[LARGE];
    encoding[0] = series;
    for (unsigned i = 0; i < SYNC_ROWS; i++) {
        const struct shelf_row row = {
            .id.bytes = {series, (uint8_t)i, (uint8_t)(i >> 8)},
            .expires_h = 1,
            .bytes = LARGE,
            .state = SHELF_ROW_STORED,
            .encoding = {encoding, LARGE}};
        need(shelf_store_put(store, &row) == STATUS_OK);
    }
}

/* Up to which record the head says that all is on the disk. */
static uint64_t head_of(const char *path)
{
    char ids[4096];
    uint8_t bytes[SHELF_RECORD_BYTES];
    struct shelf_head head;
    snprintf(ids, sizeof(ids), "%s/ids", path);
    int fd = open(ids, O_RDONLY);
    need(fd >= 0 && read(fd, bytes, sizeof(bytes)) == sizeof(bytes));
    close(fd);
    need(shelf_head_decode(bytes, &head) == STATUS_OK);
    return head.synced;
}

static int count_rows(struct shelf_store *store)
{
    struct shelf_row row;
    int count = 0;
    shelf_store_walk(store, NULL);
    while (shelf_store_next(store, &row) == STATUS_OK)
        count++;
    return count;
}

static void test_store(void)
{
    char why[SHELF_WHY_BYTES];
    const char *path = strdup(scratch_path("shelf"));
    const struct shelf_store_config config = {path, is_whole};
    struct shelf_store *store;
    need(shelf_store_open(&config, &store, why) == STATUS_OK);
    put_many(store, 1);
    pthread_mutex_lock(&gate);
    ok(shelf_store_commit(store) == STATUS_OK && head_of(path) == 0,
        "a commit does not wait for the disk, nor say what it does not know");
    put_many(store, 2);
    opens_at_join = true;
    ok(shelf_store_commit(store) == STATUS_OK && head_of(path) == SYNC_ROWS,
        "what comes faster than the disk takes it waits for it");
    fail_disk(true);
    put_many(store, 3);
    enum status first = shelf_store_commit(store);
    put_many(store, 4);
    enum status then = first ? first : shelf_store_commit(store);
    ok(then == STATUS_IO && errno == EIO && head_of(path) <= 2 * SYNC_ROWS,
        "a disk that fails is told by a later commit");
    fail_disk(false);
    ok(shelf_store_probe(store) == STATUS_OK && head_of(path) == 4 * SYNC_ROWS,
        "until it takes all");
    shelf_store_close(store);
    need(shelf_store_open(&config, &store, why) == STATUS_OK);
    ok(count_rows(store) == 4 * SYNC_ROWS && shelf_store_damaged(store) == 0,
        "all is there again");
    shelf_store_close(store);
    free((char *)path);
}

int main(void)
{
    scratch_make();
    test_files();
    test_store();
    return tap_done();
}
