/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process for each profile goes into the sandbox, as the daemon's do, and
 * there does its real work and is refused what it must not do. */
#include "config.h"

#include "tests/platform/node.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/beacon.h"
#include "platform/log.h"
#include "platform/sandbox.h"
#include "tests/platform/port.h"

#ifdef SOTTO_SANITIZED
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static char directory[] = "/tmp/sotto-sandbox-XXXXXX";

static bool refused(long result)
{
    return result < 0 && (errno == EPERM || errno == EACCES);
}

static bool use_sqlite(void)
{
    sqlite3 *database;
    char path[64];
    bool good;

    snprintf(path, sizeof(path), "%s/work.db", directory);
    if (sqlite3_open(path, &database) != SQLITE_OK)
        return false;
    good = sqlite3_exec(database,
               "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
               "PRAGMA secure_delete=ON;"
               "CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b BLOB);"
               "BEGIN; INSERT INTO t (b) VALUES (randomblob(100000)); COMMIT;"
               "DELETE FROM t; PRAGMA wal_checkpoint(TRUNCATE); VACUUM;",
               NULL, NULL, NULL) == SQLITE_OK;
    return sqlite3_close(database) == SQLITE_OK && good;
}

static bool use_sodium(void)
{
    unsigned char key[32], salt[crypto_pwhash_SALTBYTES] = {0};
    void *guarded = sodium_malloc(4096);
    bool good = guarded && sodium_mprotect_readonly(guarded) == 0 &&
                sodium_mprotect_noaccess(guarded) == 0 &&
                crypto_pwhash(key, sizeof(key), "word", 4, salt, 1,
                    (size_t)64 << 20, crypto_pwhash_ALG_ARGON2ID13) == 0;

    randombytes_buf(key, sizeof(key));
    sodium_free(guarded);
    return good;
}

static void on_work(uv_work_t *work)
{
    *(bool *)work->data = use_sodium();
}

static void on_worked(uv_work_t *work, int status)
{
    (void)work;
    (void)status;
}

static void on_tick(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
}

/* What both processes do: a timer, a worker, a signal handle, a pipe. */
static bool use_loop(void)
{
    bool worked = false;
    uv_work_t work = {.data = &worked};
    uv_timer_t timer;
    uv_signal_t signal;

    uv_timer_init(uv_default_loop(), &timer);
    uv_timer_start(&timer, on_tick, 1, 0);
    uv_signal_init(uv_default_loop(), &signal);
    uv_signal_start(&signal, NULL, SIGTERM);
    uv_close((uv_handle_t *)&signal, NULL);
    if (uv_queue_work(uv_default_loop(), &work, on_work, on_worked) != 0)
        return false;
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return worked;
}

static bool use_local_socket(int listener, const char *path)
{
    struct stat info;
    bool good = fcntl(listener, F_SETFL, O_NONBLOCK) == 0;
    int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    return good && peer < 0 && errno == EAGAIN && stat(path, &info) == 0;
}

static void test_refusals(enum sandbox_profile profile)
{
    char *const nothing[] = {NULL};
    int pending;
    bool vault = profile == SANDBOX_VAULT;

    ok(sandbox_self_test(profile) == 0, "the self-test finds all refused");
    ok(refused(open("/etc/shadow", O_RDONLY)), "/etc/shadow is refused");
    ok(refused(open("/dev/null", O_RDWR)), "a device is refused");
    ok(refused(open("/tmp/sotto-outside", O_CREAT | O_WRONLY, 0600)),
        "a file outside is refused");
    ok(refused(execve("/bin/true", nothing, nothing)), "execve is refused");
    ok(refused(fork()), "fork is refused");
    ok(refused(ioctl(0, FIONREAD, &pending)), "ioctl is refused");
    ok(refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)), "ptrace is refused");
    ok(refused(kill(getppid(), 0)), "a signal to another is refused");
    ok(refused((long)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
        "executable memory is refused");
    ok(refused(socket(AF_UNIX, SOCK_STREAM, 0)),
        "a new Unix socket is refused");
    if (vault)
        ok(refused(socket(AF_INET, SOCK_STREAM, 0)) &&
                refused(socket(AF_INET6, SOCK_DGRAM, 0)) &&
                refused(socket(AF_NETLINK, SOCK_RAW, 0)),
            "the vault is refused every socket");
    else
        ok(socket(AF_NETLINK, SOCK_RAW, 0) < 0 && errno == EOPNOTSUPP,
            "the relay is told that there is no netlink");
}

static void test_links(struct node *a, struct node *b)
{
    struct node c;

    node_join(a, b);
    ok(node_key_equal(&b->peer, &a->key), "links come up inside");
    node_start(&c, 4);
    node_listen(&c);
    node_join(&c, b);
    ok(c.up == 1, "a new transport with a listener starts inside");
    node_stop(a);
    until(b->down == 1);
    node_stop(b);
    node_stop(&c);
}

static void on_seen(
    void *context, struct span endpoint, const struct node_key *node)
{
    (void)endpoint;
    (void)node;
    ++*(unsigned *)context;
}

/* Ends when the beacon has heard a neighbour. */
static void test_beacon_inside(struct beacon *beacon, unsigned *seen)
{
    until(*seen > 0);
    ok(true, "beacons are said and heard inside");
    beacon_free(beacon);
}

static void run_vault(void)
{
    const char *const own[] = {directory};
    bool files = false, calls = false;
    int ends[2];

    need(sandbox_harden() == STATUS_OK);
    need(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    need(sandbox_files(own, 1, &files) == STATUS_OK);
    need(sandbox_calls(SANDBOX_VAULT, SANDBOX_ENFORCE, &calls) == STATUS_OK);
    ok(calls || SANITIZED, "the filter is enforced");
    ok(use_sqlite(), "SQLite works inside, WAL and fsync and all");
    ok(use_loop(), "the loop's workers and guarded memory work inside");
    ok(send(ends[0], "x", 1, 0) == 1, "sockets that are there go on");
    log_start("test", LOG_LEVEL_NOTICE);
    if (files && calls)
        test_refusals(SANDBOX_VAULT);
    else
        tap_skip("refusals", "no sandbox in this kernel or build");
}

static void run_relay(void)
{
    const char *const own[] = {directory};
    bool files = false, calls = false;
    unsigned seen = 0;
    struct node a, b;
    struct beacon *beacons[2];
    struct beacon_config beacon = {.loop = uv_default_loop(),
        .port = free_udp_port(),
        .listen_port = 1,
        .interval_ms = 20,
        .seen = on_seen,
        .context = &seen};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    need(sandbox_harden() == STATUS_OK);
    snprintf(
        local.sun_path, sizeof(local.sun_path), "%s/relay.sock", directory);
    need(bind(listener, (void *)&local, sizeof(local)) == 0 &&
         listen(listener, 4) == 0);
    need(sandbox_files(own, 1, &files) == STATUS_OK);
    node_start(&a, 4);
    node_start(&b, 4);
    node_listen(&b);
    need(beacon_new(&beacon, &beacons[0]) == STATUS_OK);
    need(beacon_new(&beacon, &beacons[1]) == STATUS_OK);
    need(sandbox_calls(SANDBOX_RELAY, SANDBOX_ENFORCE, &calls) == STATUS_OK);
    ok(calls || SANITIZED, "the filter is enforced");
    test_links(&a, &b);
    test_beacon_inside(beacons[0], &seen);
    beacon_free(beacons[1]);
    ok(use_sqlite(), "SQLite works inside");
    ok(use_loop(), "the loop's workers and guarded memory work inside");
    ok(use_local_socket(listener, local.sun_path), "a control socket goes on");
    if (files && calls)
        test_refusals(SANDBOX_RELAY);
    else
        tap_skip("refusals", "no sandbox in this kernel or build");
}

/* Each in a process of its own, since nobody comes out of a sandbox; its claims
 * are counted on from the parent's. */
static void in_child(void (*run)(void), const char *what)
{
    int *counts = mmap(NULL, 2 * sizeof(int), PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = -1;
    pid_t child;

    need(counts != MAP_FAILED);
    fflush(stdout);
    child = fork();
    need(child >= 0);
    if (child == 0) {
        alarm(60);
        need(random_system_start() == 0);
        run();
        counts[0] = tap_count;
        counts[1] = tap_failed;
        exit(0);
    }
    need(waitpid(child, &status, 0) == child);
    if (counts[0] > 0) {
        tap_count = counts[0];
        tap_failed = counts[1];
    }
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, what);
    munmap(counts, 2 * sizeof(int));
}

static void test_words(void)
{
    ok(strcmp(sandbox_word(true, true, SANDBOX_ENFORCE), "landlock+seccomp") ==
                0 &&
            strcmp(sandbox_word(true, false, SANDBOX_ENFORCE), "landlock") ==
                0 &&
            strcmp(sandbox_word(false, true, SANDBOX_ENFORCE), "seccomp") ==
                0 &&
            strcmp(sandbox_word(false, false, SANDBOX_ENFORCE), "none") == 0 &&
            strcmp(sandbox_word(true, true, SANDBOX_LOG), "log") == 0 &&
            strcmp(sandbox_word(true, true, SANDBOX_OFF), "none") == 0,
        "the word says what holds");
}

static void clean_up(void)
{
    static const char *const names[] = {
        "work.db", "work.db-wal", "work.db-shm", "relay.sock"};
    char path[64];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
}

int main(void)
{
    need(mkdtemp(directory));
    test_words();
    in_child(run_vault, "the vault's process ends as it should");
    in_child(run_relay, "the relay's process ends as it should");
    clean_up();
    return tap_done();
}
