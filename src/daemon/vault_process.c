/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vault process from beginning to end.  It opens its database, its slots
 * and its control socket, then gives up the right to anything else: no file
 * outside its directory, and no network socket at all.  It begins locked; with
 * --unlock-with it reads the passphrase while it still may, and unlocks as a
 * person would. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "daemon/answer.h"
#include "daemon/process.h"
#include "daemon/vault_loop.h"
#include "platform/database.h"
#include "platform/file.h"
#include "platform/log.h"
#include "platform/random.h"
#include "platform/sandbox.h"

enum { PASSPHRASE_FILE_BYTES = LIMIT_PASSPHRASE_BYTES + 2 };

/* What is read before the sandbox and used behind it. */
struct beginning {
    uint8_t slots[KEYSLOT_FILE_BYTES + 1];
    size_t slots_bytes;
    uint8_t *passphrase; /* guarded, or NULL */
    size_t passphrase_bytes;
    const char *sandbox;
};

static bool fail(const char *what, const char *why)
{
    log_line(LOG_LEVEL_ERROR, "%s: %s", what, why);
    return false;
}

static bool open_database(struct vault_loop *loop)
{
    char why[DATABASE_WHY_BYTES];
    if (asprintf(&loop->database_path, "%s/vault.db", loop->paths->vault_dir) <
        0) {
        loop->database_path = NULL;
        return fail("vault", "no memory");
    }
    enum status status =
        vault_database_open(loop->database_path, &loop->database, why);
    if (status == STATUS_INVALID)
        log_line(LOG_LEVEL_NOTICE,
            "to go on without it, move %s away; `sotto restore` makes a vault "
            "of a backup",
            loop->paths->vault_dir);
    return status == STATUS_OK || fail(loop->database_path, why);
}

static bool read_slots(struct vault_loop *loop, struct beginning *beginning)
{
    if (asprintf(&loop->slots_path, "%s/slots", loop->paths->vault_dir) < 0) {
        loop->slots_path = NULL;
        return fail("vault", "no memory");
    }
    enum status status = file_read(loop->slots_path, beginning->slots,
        sizeof(beginning->slots), &beginning->slots_bytes);
    if (status == STATUS_NOT_FOUND)
        return true; /* a vault that is not made yet */
    return status == STATUS_OK ||
           fail(loop->slots_path, status == STATUS_TOO_LARGE
                                      ? "it is not a file of key slots"
                                      : strerror(errno));
}

static bool refuse_passphrase(
    const char *path, const char *why, const char *right)
{
    log_line(LOG_LEVEL_ERROR, "--unlock-with %s: %s; %s", path, why, right);
    return false;
}

/* The first line of a file; the reader of `sotto unlock` takes it likewise. */
static bool read_passphrase(const char *path, struct beginning *beginning)
{
    static const char what[] = "the passphrase is to be its first line";
    size_t size;
    if (!path)
        return true;
    beginning->passphrase = secret_new(PASSPHRASE_FILE_BYTES);
    if (!beginning->passphrase)
        return fail("vault", "no guarded memory");
    enum status status = file_read_secret(
        path, beginning->passphrase, PASSPHRASE_FILE_BYTES, &size);
    if (status == STATUS_REFUSED)
        return refuse_passphrase(path,
            "other users could read or change it, and it opens the vault",
            "make it its owner's alone (chmod 600)");
    if (status == STATUS_TOO_LARGE)
        return refuse_passphrase(path, "it is too long for a passphrase", what);
    if (status)
        return refuse_passphrase(path, strerror(errno), what);
    uint8_t *end = memchr(beginning->passphrase, '\n', size);
    if (end)
        size = (size_t)(end - beginning->passphrase);
    if (size == 0)
        return refuse_passphrase(path, "its first line is empty", what);
    beginning->passphrase_bytes = size;
    return true;
}

static bool open_control(struct vault_loop *loop)
{
    if (answer_lagged(&loop->lagged, &loop->lagged_bytes))
        return fail("vault", "no memory");
    const struct ipc_config ipc = {
        .loop = &loop->uv,
        .path = loop->paths->vault_socket,
        .lagged = {(const uint8_t *)loop->lagged, loop->lagged_bytes},
        .line = vault_loop_line,
        .context = loop,
    };
    return ipc_listen(&ipc, &loop->ipc) == STATUS_OK ||
           fail(ipc.path, strerror(errno));
}

static bool enter_sandbox(struct vault_loop *loop, struct beginning *beginning)
{
    enum sandbox_mode mode = loop->settings->sandbox;
    bool files = false, calls = false;
    const char *const own[] = {loop->paths->vault_dir};
    if (mode == SANDBOX_ENFORCE && sandbox_files(own, 1, &files))
        return fail("landlock", strerror(errno));
    if (sandbox_calls(SANDBOX_VAULT, mode, &calls))
        return fail("seccomp", strerror(errno));
    beginning->sandbox = sandbox_word(files, calls, mode);
    return true;
}

static void on_stop(void *context)
{
    struct vault_loop *loop = context;
    struct vault_event event = vault_state_event(VAULT_STOP);
    vault_loop_step(loop, &event);
    uv_stop(&loop->uv);
}

static bool start_loop(struct vault_loop *loop)
{
    uv_timer_init(&loop->uv, &loop->deadline);
    loop->deadline.data = loop;
    loop->child.port = vault_loop_port;
    loop->child.stop = on_stop;
    loop->child.context = loop;
    return child_start(&loop->child, &loop->uv) == STATUS_OK ||
           fail("vault", strerror(errno));
}

static void unlock_with(struct vault_loop *loop, struct beginning *beginning)
{
    struct vault_event event = vault_state_event(VAULT_REQUEST);
    const struct control_request request = {
        .method = CONTROL_UNLOCK,
        .passphrase = {beginning->passphrase, beginning->passphrase_bytes},
    };
    event.request.request = &request;
    loop->unlock_ends_in_return =
        request.passphrase.data[request.passphrase.size - 1] == '\r';
    vault_loop_step(loop, &event);
}

/* Of a destruction nothing is said. */
static void note_cut_short(
    const struct vault_loop *loop, const struct beginning *beginning)
{
    struct span slots = {beginning->slots, beginning->slots_bytes};
    if (keyslot_voidness(slots) == KEYSLOT_BEGUN)
        log_line(LOG_LEVEL_NOTICE,
            "%s: the making of a vault was cut short, and what there is of it "
            "is removed; `sotto init` or `sotto restore` can be done again",
            loop->paths->vault_dir);
}

static bool serve(struct vault_loop *loop, struct beginning *beginning)
{
    const struct vault_config config = {
        .cost = loop->settings->passphrase_cost,
        .receipt_mean_ms = loop->settings->receipt_mean_ms,
        .read_receipts = loop->settings->read_receipts,
        .card_renewal = loop->settings->card_renewal,
        .beacons = settings_discovery(loop->settings) != DISCOVERY_OFF,
        .wrong_tries = loop->settings->wrong_tries,
        .auto_lock_ms = loop->settings->auto_lock_ms,
        .sandbox = beginning->sandbox,
    };
    loop->vault = vault_new(&config, random_system());
    if (!loop->vault)
        return fail("vault", "no memory");
    bool is_empty;
    enum status status = vault_database_is_empty(loop->database, &is_empty);
    if (status == STATUS_INVALID)
        is_empty = false; /* who unlocks it is told what is damaged */
    else if (status)
        return fail(loop->database_path, strerror(errno));
    struct vault_event event = vault_state_event(VAULT_SLOTS);
    note_cut_short(loop, beginning);
    event.found.slots = (struct span){beginning->slots, beginning->slots_bytes};
    event.found.has_records = !is_empty;
    vault_loop_step(loop, &event);
    if (beginning->passphrase)
        unlock_with(loop, beginning);
    secret_free(beginning->passphrase);
    beginning->passphrase = NULL;
    child_say_ready("");
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    return true;
}

static void close_loop(struct vault_loop *loop)
{
    loop->failed = true; /* what a worker brings now comes too late */
    port_socket_free(loop->port);
    ipc_close(loop->ipc);
    uv_close((uv_handle_t *)&loop->deadline, NULL);
    child_close(&loop->child);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_loop_close(&loop->uv);
    vault_effects_free(&loop->effects);
    vault_free(loop->vault);
    vault_database_close(loop->database);
    free(loop->slots_path);
    free(loop->database_path);
    if (loop->lagged)
        control_line_free(loop->lagged, loop->lagged_bytes);
}

int vault_process(const struct process_config *config)
{
    struct beginning beginning = {.slots_bytes = 0};
    struct vault_loop *loop = calloc(1, sizeof(*loop));
    setenv("UV_THREADPOOL_SIZE", "1", 1); /* it derives one key at a time */
    if (!loop || uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return CHILD_EXIT_FAILED;
    }
    loop->settings = config->settings;
    loop->paths = config->paths;
    loop->step = vault_loop_step;
    vault_effects_init(&loop->effects);
    int exit_code = CHILD_EXIT_CANNOT_START;
    if (!start_loop(loop))
        _Exit(exit_code); /* not all handles are there to close */
    if (open_database(loop) && read_slots(loop, &beginning) &&
        read_passphrase(config->options->unlock_with, &beginning) &&
        open_control(loop) && enter_sandbox(loop, &beginning) &&
        serve(loop, &beginning))
        exit_code = loop->exit_code;
    secret_free(beginning.passphrase);
    close_loop(loop);
    free(loop);
    return exit_code;
}
