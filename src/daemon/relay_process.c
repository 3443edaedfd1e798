/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay process from beginning to end.  The order is the sandbox's: what
 * needs rights first (database, key, control socket), then Landlock, then the
 * threads of libzmq and the listeners, then the system-call filter; only then
 * is the first stranger's byte read.
 *
 * What of the shelf is damaged is given up, all of it where need be: it holds
 * copies of what the neighbours have, and a node that cannot start serves
 * nobody. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "daemon/answer.h"
#include "daemon/listeners.h"
#include "daemon/node_key.h"
#include "daemon/process.h"
#include "daemon/relay_answer.h"
#include "daemon/relay_loop.h"
#include "daemon/relay_restore.h"
#include "platform/clock.h"
#include "platform/log.h"
#include "platform/random.h"
#include "platform/sandbox.h"
#include "platform/shelf_database.h"

enum { RELAY_GOODBYE_MS = 1000, RELAY_GOODBYE_STEP_MS = 20 };

static bool fail(const char *what, const char *why)
{
    log_line(LOG_LEVEL_ERROR, "%s: %s", what, why);
    return false;
}

static bool is_whole(const struct envelope_id *id, struct span encoding)
{
    struct envelope_id made;
    envelope_identify(encoding, &made);
    return envelope_id_equal(&made, id);
}

static bool move_aside(const char *path, const char *why)
{
    char aside[4096 + 16];
    snprintf(aside, sizeof(aside), "%s.damaged", path);
    log_line(LOG_LEVEL_ERROR, "%s: %s; moved to %s", path, why, aside);
    return rename(path, aside) == 0 || fail(path, strerror(errno));
}

static bool open_store(struct relay_loop *loop)
{
    char path[4096], ids[4096 + 8], why[SHELF_WHY_BYTES];
    const struct shelf_store_config config = {path, is_whole};
    snprintf(path, sizeof(path), "%s/shelf", loop->paths->relay_dir);
    snprintf(ids, sizeof(ids), "%s/ids", path);
    enum status status = shelf_store_open(&config, &loop->shelf, why);
    if (status == STATUS_INVALID) {
        if (!move_aside(ids, why))
            return false;
        status = shelf_store_open(&config, &loop->shelf, why);
    }
    return status == STATUS_OK || fail(path, why);
}

/* What an earlier version of the program kept. */
static bool take_database(struct relay_loop *loop)
{
    char path[4096], why[SHELF_WHY_BYTES];
    snprintf(path, sizeof(path), "%s/shelf.db", loop->paths->relay_dir);
    enum status status = shelf_database_take(path, loop->shelf, why);
    if (status == STATUS_INVALID)
        return move_aside(path, why);
    if (status == STATUS_NOT_FOUND)
        return true;
    if (status)
        return fail(path, *why ? why : strerror(errno));
    log_line(LOG_LEVEL_NOTICE, "%s: taken into %s/shelf", path,
        loop->paths->relay_dir);
    return true;
}

static bool open_shelf(struct relay_loop *loop)
{
    if (!open_store(loop) || !take_database(loop))
        return false;
    relay_loop_tell_damage(loop);
    return true;
}

static bool open_files(struct relay_loop *loop, uint8_t secret[static 32])
{
    char path[4096];
    if (!open_shelf(loop))
        return false;
    snprintf(path, sizeof(path), "%s/node.key", loop->paths->relay_dir);
    enum status status =
        node_key_load(path, loop->settings->node_key_fresh, &loop->key, secret);
    if (status == STATUS_INVALID)
        return fail(path, "it is not a key; move it away for a new one");
    if (status)
        return fail(path, strerror(errno));
    if (answer_lagged(&loop->lagged, &loop->lagged_bytes) ||
        recent_init(&loop->recent))
        return fail("relay", "no memory");
    const struct ipc_config ipc = {
        .loop = &loop->uv,
        .path = loop->paths->relay_socket,
        .lagged = {(const uint8_t *)loop->lagged, loop->lagged_bytes},
        .line = relay_answer,
        .context = loop,
    };
    return ipc_listen(&ipc, &loop->ipc) == STATUS_OK ||
           fail(ipc.path, strerror(errno));
}

static bool add_listener(struct relay_loop *loop, const char *endpoint)
{
    char real[LIMIT_ENDPOINT_BYTES + 1];
    if (transport_listen(loop->transport, endpoint, real))
        return false;
    if (loop->listen_port == 0)
        loop->listen_port = endpoint_port(real);
    loop->endpoint_count +=
        listeners_expand(real, loop->endpoints + loop->endpoint_count,
            LIMIT_HELLO_ENDPOINTS - loop->endpoint_count);
    return true;
}

/* Where the person named no address, another node of this machine may have the
 * usual port: then any other will do, since beacons tell it. */
static bool listen_anywhere(struct relay_loop *loop)
{
    return add_listener(loop, SETTINGS_LISTEN) ||
           add_listener(loop, "tcp://*:0") || fail("listen", strerror(errno));
}

static bool listen_all(struct relay_loop *loop)
{
    const struct settings *settings = loop->settings;
    if (settings->listen_count == 0)
        return listen_anywhere(loop);
    for (size_t i = 0; i < settings->listen_count; i++)
        if (!add_listener(loop, settings->listen[i]))
            return fail(settings->listen[i], strerror(errno));
    return true;
}

/* A machine without a network still carries mail by other ways. */
static bool open_discovery(struct relay_loop *loop)
{
    enum discovery discovery = settings_discovery(loop->settings);
    const struct beacon_config beacon = {
        .loop = &loop->uv,
        .node = loop->key,
        .listen_port =
            discovery == DISCOVERY_OPEN ? (uint16_t)loop->listen_port : 0,
        .seen = discovery == DISCOVERY_CONTACTS ? NULL : relay_loop_seen,
        .say = discovery == DISCOVERY_CONTACTS ? relay_loop_say : NULL,
        .heard = relay_loop_heard,
        .context = loop,
    };
    if (discovery == DISCOVERY_OFF)
        return true;
    if (relay_beacon_new(&loop->contacts))
        return fail("discovery", "no memory");
    if (beacon_new(&beacon, &loop->beacon))
        log_line(LOG_LEVEL_ERROR, "no discovery: %s", strerror(errno));
    return true;
}

static bool open_network(struct relay_loop *loop, const uint8_t *secret)
{
    const struct settings *settings = loop->settings;
    struct transport_config transport = {
        .loop = &loop->uv,
        .public_key = loop->key,
        .socks = settings->socks[0] ? settings->socks : NULL,
        .isolate = settings->socks_isolation,
        .link_maximum = settings->link_maximum,
        .rate_bytes_s = settings->rate_bytes_s,
        .new_links_s = settings->new_links_s,
        .wake = relay_loop_wake,
        .context = loop,
    };
    memcpy(transport.secret_key, secret, sizeof(transport.secret_key));
    enum status status = transport_new(&transport, &loop->transport);
    secret_wipe(transport.secret_key, sizeof(transport.secret_key));
    if (status)
        return fail("transport", strerror(errno));
    if (loop->link_shape && transport_shape_new(&loop->uv, loop->transport,
                                loop->link_shape, &loop->shape))
        return fail("transport", "no memory");
    if (!listen_all(loop))
        return false;
    return open_discovery(loop);
}

static bool open_sandboxed(struct relay_loop *loop)
{
    enum sandbox_mode mode = loop->settings->sandbox;
    bool files = false, calls = false, good;
    uint8_t secret[32];
    const char *const own[] = {loop->paths->relay_dir};
    good = open_files(loop, secret);
    if (good && mode == SANDBOX_ENFORCE && sandbox_files(own, 1, &files))
        good = fail("landlock", strerror(errno));
    good = good && open_network(loop, secret);
    secret_wipe(secret, sizeof(secret));
    if (good && sandbox_calls(SANDBOX_RELAY, mode, &calls))
        good = fail("seccomp", strerror(errno));
    loop->sandbox = sandbox_word(files, calls, mode);
    return good;
}

static void tell(struct relay_config *config, const char *endpoint)
{
    struct endpoint_host host;
    endpoint_read(span_of_text(endpoint), false, &host);
    /* An interface of this machine's means nothing to another. */
    if (host.scope[0] == '\0')
        strcpy(config->endpoints[config->endpoint_count++], endpoint);
}

/* What other nodes are told to dial.  Who dials through a proxy hides where it
 * is: then nothing but what its person says. */
static void tell_endpoints(
    const struct relay_loop *loop, struct relay_config *config)
{
    const struct settings *settings = loop->settings;
    for (size_t i = 0; i < settings->advertise_count; i++)
        tell(config, settings->advertise[i]);
    if (settings->advertise_count > 0 || settings->socks[0])
        return;
    for (size_t i = 0; i < loop->endpoint_count; i++)
        tell(config, loop->endpoints[i]);
}

static void config_of(const struct relay_loop *loop, struct relay_config *out)
{
    *out = (struct relay_config){
        .node = loop->key,
        .shelf_quota_bytes = loop->settings->shelf_bytes,
        .link_maximum = loop->settings->link_maximum,
        .push_rate_bytes_s = loop->settings->peer_rate_bytes_s,
        .is_member = settings_is_member(loop->settings),
        .is_proxied = loop->settings->socks[0] != '\0',
        .stamp_bits = loop->settings->stamp_bits,
    };
    tell_endpoints(loop, out);
}

static void connect_configured(struct relay_loop *loop)
{
    for (size_t i = 0; i < loop->settings->connect_count; i++) {
        const struct endpoint *endpoint = &loop->settings->connect[i];
        struct relay_event event = relay_state_event(RELAY_CONNECT);
        event.connect.endpoint = span_of_text(endpoint->address);
        event.connect.key = endpoint->key;
        event.connect.origin = ORIGIN_CONFIG;
        relay_loop_step(loop, &event);
    }
    relay_loop_end_turn(loop);
}

static void on_turn_end(uv_check_t *check)
{
    relay_loop_end_turn(check->data);
}

static void on_goodbye(uv_timer_t *timer)
{
    struct relay_loop *loop = timer->data;
    struct transport_counts counts;
    transport_count(loop->transport, &counts);
    /* One step more after the queues are empty: libzmq has its own. */
    bool quiet = counts.queued_bytes == 0 && loop->was_quiet;
    loop->was_quiet = counts.queued_bytes == 0;
    if (quiet || clock_now_ms() - loop->started_ms > RELAY_GOODBYE_MS)
        relay_state_quit(loop, CHILD_EXIT_STOPPED);
}

static void on_stop(void *context)
{
    struct relay_loop *loop = context;
    struct relay_event event = relay_state_event(RELAY_STOP);
    if (loop->goodbye_began)
        return;
    loop->goodbye_began = true;
    relay_loop_step(loop, &event);
    relay_loop_end_turn(loop);
    /* Who asks while goodbyes are said would take this for a node that runs:
     * that of a supervisor that was killed, for the next one. */
    ipc_close(loop->ipc);
    loop->ipc = NULL;
    loop->started_ms = clock_now_ms();
    uv_timer_start(
        &loop->probe, on_goodbye, RELAY_GOODBYE_STEP_MS, RELAY_GOODBYE_STEP_MS);
}

static bool start_loop(struct relay_loop *loop)
{
    uv_timer_init(&loop->uv, &loop->deadline);
    uv_timer_init(&loop->uv, &loop->commit);
    uv_timer_init(&loop->uv, &loop->probe);
    uv_check_init(&loop->uv, &loop->turn_end);
    loop->deadline.data = loop->commit.data = loop->probe.data = loop;
    loop->turn_end.data = loop;
    loop->child.port = relay_loop_port;
    loop->child.stop = on_stop;
    loop->child.context = loop;
    return child_start(&loop->child, &loop->uv) == STATUS_OK ||
           fail("relay", strerror(errno));
}

static bool serve(struct relay_loop *loop)
{
    char endpoint[ENDPOINT_TEXT_BYTES] = "";
    struct relay_config config;
    config_of(loop, &config);
    loop->relay = relay_new(&config, random_system());
    const struct stamper_config stamper = {
        .loop = &loop->uv,
        .nonce = random_u64(random_system()),
        .made = relay_loop_stamped,
        .context = loop,
    };
    if (!loop->relay || stamper_new(&stamper, &loop->stamper))
        return fail("relay", "no memory");
    if (relay_restore(loop))
        return fail("shelf", strerror(errno));
    connect_configured(loop);
    uv_check_start(&loop->turn_end, on_turn_end);
    if (loop->endpoint_count > 0)
        endpoint_print(loop->endpoints[0], &loop->key, endpoint);
    child_say_ready(endpoint);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    return true;
}

static void close_loop(struct relay_loop *loop)
{
    relay_loop_commit(loop);
    port_socket_free(loop->port);
    stamper_free(loop->stamper);
    ipc_close(loop->ipc);
    beacon_free(loop->beacon);
    relay_beacon_free(loop->contacts);
    transport_shape_free(loop->shape);
    transport_free(loop->transport);
    uv_close((uv_handle_t *)&loop->deadline, NULL);
    uv_close((uv_handle_t *)&loop->commit, NULL);
    uv_close((uv_handle_t *)&loop->probe, NULL);
    uv_close((uv_handle_t *)&loop->turn_end, NULL);
    child_close(&loop->child);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_loop_close(&loop->uv);
    relay_free(loop->relay);
    relay_effects_free(&loop->effects);
    recent_clear(&loop->recent);
    shelf_store_close(loop->shelf);
    if (loop->lagged)
        control_line_free(loop->lagged, loop->lagged_bytes);
}

int relay_process(const struct process_config *config)
{
    struct relay_loop *loop = calloc(1, sizeof(*loop));
    if (!loop || uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return CHILD_EXIT_FAILED;
    }
    loop->settings = config->settings;
    loop->paths = config->paths;
    loop->link_shape = config->options->link_shape;
    loop->started_ms = clock_now_ms();
    relay_effects_init(&loop->effects);
    int exit_code = CHILD_EXIT_CANNOT_START;
    if (!start_loop(loop))
        _Exit(exit_code); /* not all handles are there to close */
    if (open_sandboxed(loop) && serve(loop))
        exit_code = loop->exit_code;
    close_loop(loop);
    free(loop);
    return exit_code;
}
