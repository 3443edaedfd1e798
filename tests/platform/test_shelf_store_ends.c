/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a crash at each of the store's writes, a power cut and a full disk leave
 * of it.  The library's writes come through pwrite here, which can end the
 * process in the middle of one, or refuse it. */
#include "config.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/platform/shelves.h"

static int writes_left = -1; /* -1: no end */
static bool disk_is_full;
static int writes;

/* The half of a write that a crash lets through ends with a sector. */
static ssize_t write_at(int fd, const void *bytes, size_t size, off_t at)
{
    writes++;
    if (disk_is_full) {
        errno = ENOSPC;
        return -1;
    }
    if (writes_left == 0) {
        syscall(SYS_pwrite64, fd, bytes, size / 2 / 512 * 512, at);
        _exit(0);
    }
    if (writes_left > 0)
        writes_left--;
    return syscall(SYS_pwrite64, fd, bytes, size, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return write_at(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
    return write_at(fd, bytes, size, at);
}

/* What a power cut tore lies behind the last sync: there it is looked for. */
static void test_power_cut(void)
{
    const char *path = strdup(scratch_path("power"));
    struct shelf_store *store = open_at(path);
    need(store);
    put(store, 1, SMALL);
    shelf_store_close(store);
    pid_t child = fork();
    if (child == 0) {
        store = open_at(path);
        need(store);
        put(store, 2, SMALL);
        put(store, 3, SMALL);
        commit(store);
        _exit(0);
    }
    need(child > 0 && waitpid(child, NULL, 0) == child);
    damage(path, "512", SMALL + 9);
    store = open_at(path);
    need(store);
    ok(shelf_store_damaged(store) == 1 && count_rows(store, NULL) == 2 &&
            has(store, 1, SMALL) && has(store, 3, SMALL),
        "after a crash what was torn is not there when it is opened");
    shelf_store_close(store);
    free((char *)path);
}

static bool still_has(struct shelf_store *store, int first, int last)
{
    for (int i = first; i <= last; i++)
        if (!has(store, (unsigned)i, MIDDLE))
            return false;
    return true;
}

static void test_full_disk(void)
{
    const char *path = scratch_path("full");
    struct shelf_store *store = open_at(path);
    need(store);
    put(store, 1, MIDDLE);
    commit(store);
    put(store, 2, MIDDLE);
    clear(store, 1);
    disk_is_full = true;
    ok(shelf_store_commit(store) == STATUS_IO && errno == ENOSPC,
        "a full disk is told");
    ok(has(store, 2, MIDDLE) && is_cleared(store, 1),
        "nothing is lost meanwhile");
    ok(shelf_store_probe(store) == STATUS_IO, "it is full as long as it is");
    disk_is_full = false;
    ok(shelf_store_probe(store) == STATUS_OK, "with room again");
    shelf_store_close(store);
    store = open_at(path);
    need(store);
    ok(has(store, 2, MIDDLE) && is_cleared(store, 1) &&
            shelf_store_damaged(store) == 0,
        "all is there that came");
    shelf_store_close(store);
}

/* What a node does, told after each commit: 1 put, 2 cleared ... */
static void live(const char *path, volatile int *done)
{
    struct shelf_store *store = open_at(path);
    need(store);
    *done = 1;
    for (unsigned i = 1; i <= 6; i++)
        put(store, i, MIDDLE);
    put(store, 7, LARGE);
    commit(store);
    *done = 2;
    clear(store, 2);
    evict(store, 3);
    forget(store, 4);
    commit(store);
    *done = 3;
    /* These go where the wiped ones lay. */
    for (unsigned i = 8; i <= 11; i++)
        put(store, i, MIDDLE);
    commit(store);
    *done = 4;
    put(store, 1, MIDDLE);
    commit(store);
    *done = 5;
    evict(store, 5);
    put(store, 12, MIDDLE);
    commit(store);
    *done = 6;
    shelf_store_close(store);
    *done = 7;
}

/* What was committed is there, and what was not is whole or not at all. */
static bool is_sound_after(struct shelf_store *store, int done)
{
    if (shelf_store_damaged(store) > 0 && done != 1)
        return false;
    if (done >= 2 && !(has(store, 1, MIDDLE) && has(store, 6, MIDDLE) &&
                         has(store, 7, LARGE)))
        return false;
    if (done >= 2 && !(done < 6 && has(store, 5, MIDDLE)) &&
        !(done > 4 && state_of(store, 5) == SHELF_ROW_EVICTED))
        return false;
    if (done == 2 && !(has(store, 2, MIDDLE) || is_cleared(store, 2)))
        return false;
    if (done == 2 && !(has(store, 4, MIDDLE) || state_of(store, 4) == -1))
        return false;
    if (done >= 3 && !(is_cleared(store, 2) && state_of(store, 4) == -1 &&
                         state_of(store, 3) == SHELF_ROW_EVICTED))
        return false;
    if (done >= 4 && !still_has(store, 8, 11))
        return false;
    for (unsigned i = 8; i <= 12; i++)
        if (!has(store, i, MIDDLE) && state_of(store, i) != -1)
            return false;
    return done < 6 || has(store, 12, MIDDLE);
}

/* End a life at one of its writes; whether what it left was sound.  *done: how
 * far it came. */
static bool survives(int at, volatile int *done)
{
    char name[32];
    snprintf(name, sizeof(name), "crash%d", at);
    const char *path = scratch_path(name);
    *done = 0;
    pid_t child = fork();
    if (child == 0) {
        writes_left = at;
        live(path, done);
        _exit(0);
    }
    int status;
    need(child > 0 && waitpid(child, &status, 0) == child);
    struct shelf_store *store = open_at(path);
    bool sound = status == 0 && store && is_sound_after(store, *done);
    if (store) {
        put(store, 40, MIDDLE);
        sound = sound && shelf_store_commit(store) == STATUS_OK &&
                has(store, 40, MIDDLE);
    }
    shelf_store_close(store);
    return sound;
}

static void test_crashes(void)
{
    FILE *shared = tmpfile();
    need(shared && ftruncate(fileno(shared), (off_t)sizeof(int)) == 0);
    volatile int *done = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
        MAP_SHARED, fileno(shared), 0);
    need(done != MAP_FAILED);
    int at = 0;
    bool sound = true;
    do
        sound = survives(at++, done) && sound;
    while (*done < 7);
    ok(sound, "an end at any write loses nothing that was committed");
    ok(at > 12, "there were many");
    munmap((void *)done, sizeof(int));
    fclose(shared);
}

/* Many envelopes are written with few calls. */
static void test_batches(void)
{
    struct shelf_store *store = open_at(scratch_path("batch"));
    need(store);
    int before = writes;
    for (unsigned i = 1; i <= 512; i++)
        put(store, i, MIDDLE);
    commit(store);
    ok(writes - before <= 16, "512 envelopes are written with 16 calls");
    shelf_store_close(store);
}

int main(void)
{
    scratch_make();
    test_power_cut();
    test_full_disk();
    test_crashes();
    test_batches();
    return tap_done();
}
