/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store, and what a crash at each of its writes, a full disk and a damaged
 * one leave of it.  The library's writes come through pwrite here, which can
 * end the process in the middle of one, or refuse it. */
#include "config.h"

#include "platform/shelf_store.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/random.h"
#include "tests/platform/scratch.h"
#include "tests/tap.h"

enum { SMALL = 512, MIDDLE = 2048, LARGE = 32768, AT_STAMP = 66 };

static char why[SHELF_WHY_BYTES];
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

/* Here an envelope is full of its id's first byte, but for its stamp. */
static bool is_whole(const struct envelope_id *id, struct span encoding)
{
    for (size_t i = 0; i < encoding.size; i++)
        if (encoding.data[i] != id->bytes[0] && i != AT_STAMP)
            return false;
    return true;
}

static struct shelf_store *open_at(const char *path)
{
    const struct shelf_store_config config = {path, is_whole};
    struct shelf_store *store;
    return shelf_store_open(&config, &store, why) ? NULL : store;
}

static struct envelope_id id_of(unsigned number)
{
    struct envelope_id id;
    memset(id.bytes, (int)(number & 0xff), sizeof(id.bytes));
    id.bytes[1] = (uint8_t)(number >> 8);
    return id;
}

static struct shelf_row row_of(unsigned number, size_t size)
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

static void put(struct shelf_store *store, unsigned number, size_t size)
{
    const struct shelf_row row = row_of(number, size);
    need(shelf_store_put(store, &row) == STATUS_OK);
}

static void commit(struct shelf_store *store)
{
    need(shelf_store_commit(store) == STATUS_OK);
}

static bool has(struct shelf_store *store, unsigned number, size_t size)
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
static int state_of(struct shelf_store *store, unsigned number)
{
    const struct envelope_id id = id_of(number);
    struct shelf_row got;
    return shelf_store_get(store, &id, &got) ? -1 : (int)got.state;
}

static int count_rows(struct shelf_store *store, const struct tag *tag)
{
    struct shelf_row row;
    int count = 0;
    shelf_store_walk(store, tag);
    while (shelf_store_next(store, &row) == STATUS_OK)
        count++;
    return count;
}

/* The ids of a walk, by their first bytes. */
static bool goes_on(struct shelf_store *store, const char *expected)
{
    struct shelf_row row;
    for (; *expected; expected++)
        if (shelf_store_next(store, &row) != STATUS_OK ||
            row.id.bytes[0] != *expected - '0')
            return false;
    return shelf_store_next(store, &row) == STATUS_NOT_FOUND;
}

static bool walks_behind(
    struct shelf_store *store, unsigned behind, const char *expected)
{
    const struct envelope_id id = id_of(behind);
    shelf_store_walk_behind(store, &id);
    return goes_on(store, expected);
}

static bool walks_tag(
    struct shelf_store *store, unsigned number, const char *expected)
{
    const struct tag tag = row_of(number, SMALL).tag;
    shelf_store_walk(store, &tag);
    return goes_on(store, expected);
}

static void clear(struct shelf_store *store, unsigned number)
{
    const struct envelope_id id = id_of(number);
    struct opening opening;
    memset(opening.bytes, 9, sizeof(opening.bytes));
    need(shelf_store_clear(store, &id, &opening) == STATUS_OK);
}

static void evict(struct shelf_store *store, unsigned number)
{
    const struct envelope_id id = id_of(number);
    need(shelf_store_evict(store, &id) == STATUS_OK);
}

static void forget(struct shelf_store *store, unsigned number)
{
    const struct envelope_id id = id_of(number);
    need(shelf_store_forget(store, &id) == STATUS_OK);
}

static bool is_cleared(struct shelf_store *store, unsigned number)
{
    const struct envelope_id id = id_of(number);
    struct shelf_row row;
    return shelf_store_get(store, &id, &row) == STATUS_OK &&
           row.state == SHELF_ROW_CLEARED && row.encoding.size == 0 &&
           row.opening.bytes[0] == 9 && row.opening.bytes[31] == 9 &&
           row.bytes == MIDDLE && row.expires_h == 1000 + number;
}

static bool is_same_there(struct shelf_store *store)
{
    return has(store, 1, SMALL) && is_cleared(store, 2) &&
           state_of(store, 3) == SHELF_ROW_EVICTED && has(store, 4, LARGE) &&
           state_of(store, 5) == -1 && count_rows(store, NULL) == 4;
}

static void test_states(struct shelf_store *store)
{
    const size_t sizes[] = {0, SMALL, MIDDLE, MIDDLE, LARGE, MIDDLE};
    const struct envelope_id nobody = id_of(77);
    struct opening opening = {{0}};
    for (unsigned i = 1; i <= 5; i++)
        put(store, i, sizes[i]);
    ok(has(store, 1, SMALL) && has(store, 4, LARGE),
        "what is not committed yet can be read");
    commit(store);
    ok(has(store, 1, SMALL) && has(store, 2, MIDDLE) && has(store, 4, LARGE),
        "what is stored comes back whole, of each size");
    ok(count_rows(store, NULL) == 5, "all rows are there");
    ok(walks_tag(store, 2, "32") && walks_tag(store, 5, "54"),
        "those under one tag come, the newest first");
    ok(walks_behind(store, 0, "12345") && walks_behind(store, 3, "45") &&
            walks_behind(store, 5, ""),
        "those behind one come in order");
    clear(store, 2);
    evict(store, 3);
    forget(store, 5);
    ok(is_same_there(store), "one is cleared, one evicted, one forgotten");
    commit(store);
    ok(is_same_there(store), "also once it is committed");
    ok(walks_tag(store, 2, "") && walks_tag(store, 5, "4"),
        "none of them is found by tag");
    ok(shelf_store_clear(store, &nobody, &opening) == STATUS_OK &&
            shelf_store_evict(store, &nobody) == STATUS_OK &&
            shelf_store_forget(store, &nobody) == STATUS_OK &&
            count_rows(store, NULL) == 4,
        "what is not there can be neither");
}

static void test_again(struct shelf_store *store)
{
    struct shelf_row row = row_of(6, MIDDLE), got;
    uint8_t stamped[MIDDLE];
    need(shelf_store_put(store, &row) == STATUS_OK);
    commit(store);
    memcpy(stamped, row.encoding.data, sizeof(stamped));
    stamped[AT_STAMP] ^= 0x55;
    row.encoding.data = stamped;
    row.stamp_bits = 20;
    need(shelf_store_put(store, &row) == STATUS_OK);
    commit(store);
    ok(shelf_store_get(store, &row.id, &got) == STATUS_OK &&
            got.stamp_bits == 20 && span_equal(got.encoding, row.encoding),
        "another encoding takes the place of the first");
    forget(store, 6);
    commit(store);
}

/* Nothing of a wiped envelope is left in a file. */
static bool is_wiped(const char *directory, unsigned number)
{
    char path[300];
    char text[65] = "";
    memset(text, (int)number, 64);
    snprintf(path, sizeof(path), "%s/%d", directory, MIDDLE);
    return scratch_count(path, text) == 0;
}

static void test_refusals(const char *path)
{
    const struct shelf_store_config config = {path, is_whole};
    const char *other = scratch_path("other");
    const struct shelf_store_config foreign = {other, is_whole};
    const struct shelf_store_config nowhere = {
        scratch_path("no/such/place"), is_whole};
    struct shelf_store *store;
    char ids[300];
    ok(shelf_store_open(&config, &store, why) == STATUS_EXISTS && *why,
        "a second opening is refused while the first lasts");
    ok(shelf_store_open(&nowhere, &store, why) == STATUS_IO && *why,
        "so is a place that is not there");
    need(mkdir(other, 0700) == 0);
    snprintf(ids, sizeof(ids), "%s/ids", other);
    FILE *file = fopen(ids, "w");
    need(file);
    for (int i = 0; i < 300; i++)
        fputs("this is no shelf at all\n", file);
    fclose(file);
    ok(shelf_store_open(&foreign, &store, why) == STATUS_INVALID && *why,
        "a file that is something else is refused in words");
    const struct shelf_head later = {99, 0};
    uint8_t bytes[SHELF_RECORD_BYTES];
    shelf_head_encode(&later, bytes);
    int fd = open(ids, O_RDWR);
    need(fd >= 0 && write(fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes));
    close(fd);
    ok(shelf_store_open(&foreign, &store, why) == STATUS_REFUSED &&
            strstr(why, "99"),
        "one of a later version, too, and it says which");
}

/* Turn a byte of a file around. */
static void damage(const char *directory, const char *name, off_t at)
{
    char path[300];
    unsigned char byte;
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    int fd = open(path, O_RDWR);
    need(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 0x80;
    need(write_at(fd, &byte, 1, at) == 1);
    close(fd);
}

static void cut(const char *directory, const char *name, off_t size)
{
    char path[300];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    need(truncate(path, size) == 0);
}

static struct shelf_store *fill(const char *path)
{
    struct shelf_store *store = open_at(path);
    need(store);
    for (unsigned i = 1; i <= 8; i++)
        put(store, i, i % 2 ? SMALL : MIDDLE);
    commit(store);
    return store;
}

static void test_damage(void)
{
    const char *path = strdup(scratch_path("damage"));
    struct shelf_store *store = fill(path);
    struct shelf_row row;
    const struct envelope_id two = id_of(2);
    damage(path, "2048", 5);
    ok(shelf_store_get(store, &two, &row) == STATUS_NOT_FOUND &&
            shelf_store_damaged(store) == 1 && count_rows(store, NULL) == 7,
        "an envelope that a disk changed is given up when it is read");
    put(store, 2, MIDDLE);
    ok(has(store, 2, MIDDLE), "and may come again");
    shelf_store_close(store);

    damage(path, "ids", 128 + 3 * 128 + 40);
    store = open_at(path);
    need(store);
    ok(shelf_store_damaged(store) == 1 && count_rows(store, NULL) == 7 &&
            state_of(store, 4) == -1 && has(store, 3, SMALL),
        "a damaged record costs one envelope");
    shelf_store_close(store);

    cut(path, "512", 2 * SMALL + 100);
    store = open_at(path);
    need(store);
    ok(shelf_store_damaged(store) == 2 && has(store, 1, SMALL) &&
            has(store, 3, SMALL) && state_of(store, 5) == -1 &&
            state_of(store, 7) == -1 && has(store, 6, MIDDLE),
        "a file that was cut costs what lay behind");
    shelf_store_close(store);

    damage(path, "ids", 3);
    cut(path, "ids", 128 + 6 * 128 + 7);
    store = open_at(path);
    need(store);
    ok(has(store, 1, SMALL) && has(store, 6, MIDDLE) &&
            state_of(store, 8) == -1,
        "neither its head nor its end is needed to read the rest");
    shelf_store_close(store);
    store = open_at(path);
    need(store);
    ok(shelf_store_damaged(store) == 0,
        "what was given up is not found again the next time");
    shelf_store_close(store);
    free((char *)path);
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

static off_t size_of(const char *directory, const char *name)
{
    char path[300];
    struct stat stat_;
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    need(stat(path, &stat_) == 0);
    return stat_.st_size;
}

enum { MANY = 8000, KEPT = 500 };

/* Most of a file goes; those that stay lie anywhere in it. */
static void test_shrink(void)
{
    const char *path = strdup(scratch_path("many"));
    struct shelf_store *store = open_at(path);
    bool all = true;
    need(store);
    for (unsigned i = 1; i <= MANY; i++)
        put(store, i, MIDDLE);
    commit(store);
    need(size_of(path, "2048") == (off_t)MANY * MIDDLE);
    for (unsigned i = 1; i <= MANY; i++)
        if (i % (MANY / KEPT) != 0)
            forget(store, i);
    for (int i = 0; i < 20; i++)
        commit(store);
    ok(size_of(path, "2048") < (off_t)KEPT * MIDDLE + 5 * 1024 * 1024,
        "a file whose envelopes went becomes shorter");
    for (int again = 0; again < 2; again++) {
        for (unsigned i = MANY / KEPT; i <= MANY; i += MANY / KEPT)
            all = all && has(store, i, MIDDLE);
        shelf_store_close(store);
        store = open_at(path);
        need(store);
    }
    ok(all && count_rows(store, NULL) == KEPT &&
            shelf_store_damaged(store) == 0,
        "and those that stay are all there");
    shelf_store_close(store);
    free((char *)path);
}

/* Bytes anywhere in the files are turned, or an end is cut off. */
static void spoil(const char *directory, struct random *random)
{
    static const char *const names[] = {"ids", "512", "2048", "32768"};
    const char *name = names[random_below(random, 4)];
    off_t size = size_of(directory, name);
    if (size == 0)
        return;
    if (random_below(random, 4) == 0)
        cut(directory, name, (off_t)random_below(random, (uint64_t)size));
    else
        for (uint64_t i = random_below(random, 8) + 1; i > 0; i--)
            damage(
                directory, name, (off_t)random_below(random, (uint64_t)size));
}

/* Whether all that is there is whole, and the store works on. */
static bool works(struct shelf_store *store, unsigned fresh)
{
    const struct envelope_id id = id_of(fresh);
    struct shelf_row row;
    for (unsigned i = 1; i <= 60; i++) {
        const struct envelope_id some = id_of(i);
        if (shelf_store_get(store, &some, &row) == STATUS_OK &&
            row.state == SHELF_ROW_STORED && !is_whole(&some, row.encoding))
            return false;
    }
    put(store, fresh, MIDDLE);
    return shelf_store_commit(store) == STATUS_OK &&
           shelf_store_get(store, &id, &row) == STATUS_OK;
}

/* Where neither a head nor a record is left, begin anew, as a relay does. */
static struct shelf_store *open_or_begin(const char *path)
{
    const struct shelf_store_config config = {path, is_whole};
    struct shelf_store *store;
    char ids[300];
    enum status status = shelf_store_open(&config, &store, why);
    if (status != STATUS_INVALID)
        return status ? NULL : store;
    snprintf(ids, sizeof(ids), "%s/ids", path);
    need(unlink(ids) == 0);
    return open_at(path);
}

static void test_spoiled(void)
{
    enum { ROUNDS = 120 };
    const char *path = strdup(scratch_path("spoiled"));
    struct random_seeded random;
    struct shelf_store *store = fill(path);
    bool all = true;
    random_seeded_init(&random, 1, 0);
    for (unsigned i = 0; i < ROUNDS && store; i++) {
        put(store, 20 + i % 40, i % 3 ? SMALL : LARGE);
        clear(store, 20 + (i + 7) % 40);
        forget(store, 20 + (i + 13) % 40);
        commit(store);
        shelf_store_close(store);
        spoil(path, &random.base);
        store = open_or_begin(path);
        all = all && store && works(store, 100 + i % 100);
    }
    ok(all, "however its files are spoiled, it opens, and works on");
    shelf_store_close(store);
    free((char *)path);
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
    const char *path = strdup(scratch_path("shelf"));
    struct stat stat_;
    struct shelf_store *store = open_at(path);
    need(store);
    ok(stat(path, &stat_) == 0 && (stat_.st_mode & 0777) == 0700,
        "the directory is 0700");
    ok(stat(scratch_path("shelf/ids"), &stat_) == 0 &&
            (stat_.st_mode & 0777) == 0600,
        "and its files 0600");
    test_states(store);
    test_again(store);
    ok(is_wiped(path, 2) && is_wiped(path, 3) && is_wiped(path, 5) &&
            is_wiped(path, 6),
        "what went was overwritten");
    test_refusals(path);
    shelf_store_close(store);
    store = open_at(path);
    need(store);
    ok(is_same_there(store), "all is there again");
    ok(walks_behind(store, 0, "1234"), "in order");
    shelf_store_close(store);
    test_damage();
    test_power_cut();
    test_full_disk();
    test_crashes();
    test_shrink();
    test_spoiled();
    test_batches();
    free((char *)path);
    return tap_done();
}
