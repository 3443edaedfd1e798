/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A node walks through its stages as it answers; nothing here waits for one
 * node while others have something to say, so a hundred start, and some start
 * again in the middle of a run, by the same steps.
 *
 * Only nodes where somebody lives have a vault, and a passphrase costs the
 * least that sottod allows: the cost of passphrases is no part of a mesh. */
#include "config.h"

#include "sim/live/fleet.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/file.h"
#include "sim/live/clocks.h"
#include "sim/outside.h"

enum {
    FOLDER_BYTES = 80, /* that a socket's path has 107 */
    START_PATIENCE_US = 60 * 1000000,
    END_PATIENCE_MS = 8000, /* sottod's own is 5 s */
    LOOK_MS = 5,            /* for a socket that is not there yet */
    FIXED_PORT = 7311,      /* in a namespace of its own */
    RECEIPTS_DISCREET_US = 1800 * 1000000,
};

static bool is_off(const struct fleet *fleet, const struct fleet_node *n)
{
    return fleet->config.clocks && n->skew_s != 0;
}

static void end_process(const struct fleet *fleet, struct fleet_node *n)
{
    pid_t pid = n->process.pid;
    process_kill(&n->process);
    if (pid && is_off(fleet, n))
        clocks_sweep(pid);
}

void fleet_path(const struct fleet *fleet, uint32_t node, const char *what,
    char out[static FLEET_PATH_BYTES])
{
    snprintf(
        out, FLEET_PATH_BYTES, "%s/%" PRIu32 "%s", fleet->folder, node, what);
}

void fleet_address(
    const struct fleet *fleet, uint32_t node, char out[static 16])
{
    uint32_t host = node + 1;
    if (!fleet->config.spaces)
        snprintf(out, 16, "127.0.0.1");
    else
        snprintf(out, 16, "10.%" PRIu32 ".%" PRIu32 ".%" PRIu32,
            host >> 16 & 255, host >> 8 & 255, host & 255);
}

static void fail(struct fleet *fleet, uint32_t node, const char *what)
{
    if (!fleet->has_failed)
        complain(fleet->complaint, "node %" PRIu32 ": %s", node, what);
    fleet->has_failed = fleet->nodes[node].has_failed = true;
}

static void forget(struct fleet *fleet)
{
    free(fleet->nodes);
    free(fleet->items);
    free(fleet->waited);
    *fleet = (struct fleet){0};
}

enum status fleet_init(struct fleet *fleet, const struct fleet_config *config,
    struct complaint *complaint)
{
    const char *base = getenv("TMPDIR");
    *fleet = (struct fleet){.config = *config, .complaint = complaint};
    int size = snprintf(fleet->folder, sizeof(fleet->folder),
        "%s/sotto-live.XXXXXX", base && *base ? base : "/tmp");
    if (size < 0 || (size_t)size > FOLDER_BYTES) {
        complain(complaint,
            "TMPDIR: its path is too long for the nodes' sockets; choose one "
            "of 60 bytes at most");
        return STATUS_IO;
    }
    fleet->nodes = calloc(config->count, sizeof(*fleet->nodes));
    fleet->items = calloc(3ul * config->count, sizeof(*fleet->items));
    fleet->waited = calloc(3ul * config->count, sizeof(*fleet->waited));
    if (!fleet->nodes || !fleet->items || !fleet->waited) {
        complain(complaint, "no memory");
        forget(fleet);
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < config->count; i++)
        fleet->nodes[i].process.descriptor = -1;
    if (!mkdtemp(fleet->folder) ||
        keeper_start(&fleet->keeper, fleet->folder)) {
        complain(complaint, "%s: %s", fleet->folder, strerror(errno));
        forget(fleet);
        return STATUS_IO;
    }
    process_adopt_orphans();
    return STATUS_OK;
}

static void hang_up(struct fleet_node *node)
{
    client_close(node->relay);
    client_close(node->vault);
    node->relay = node->vault = NULL;
    node->asked = 0;
    node->stage = STAGE_DOWN;
}

static bool any_runs(const struct fleet *fleet)
{
    for (uint32_t i = 0; i < fleet->config.count; i++)
        if (fleet->nodes[i].process.pid &&
            !process_has_ended(&fleet->nodes[i].process))
            return true;
    return false;
}

void fleet_clear(struct fleet *fleet, bool keep)
{
    if (!fleet->nodes)
        return;
    for (uint32_t i = 0; i < fleet->config.count; i++) {
        hang_up(&fleet->nodes[i]);
        process_ask(&fleet->nodes[i].process);
    }
    for (int ms = 0; ms < END_PATIENCE_MS && any_runs(fleet); ms += LOOK_MS)
        poll(NULL, 0, LOOK_MS);
    for (uint32_t i = 0; i < fleet->config.count; i++)
        end_process(fleet, &fleet->nodes[i]);
    if (keep)
        keeper_spare(&fleet->keeper);
    keeper_end(&fleet->keeper);
    forget(fleet);
}

/* Settings that a scenario and sottod both have. */
static enum status write_settings(const struct fleet *fleet, const char *home)
{
    const struct scenario *s = fleet->config.scenario;
    char path[FLEET_PATH_BYTES + 16], text[512];
    int size = snprintf(text, sizeof(text),
        "[relay]\n"
        "discovery = off\n"
        "mesh = %s\n"
        "shelf = %" PRIu64 "\n"
        "peer-rate = %" PRIu64 "\n"
        "link-maximum = %" PRIu64 "\n"
        "[vault]\n"
        "passphrase-cost = interactive\n"
        "card-renewal = off\n"
        "receipts = %s\n",
        s->member == SWITCH_ON ? "on" : "off", s->shelf_bytes, s->peer_rate,
        s->link_maximum,
        s->receipt_mean_us == RECEIPTS_DISCREET_US ? "discreet" : "prompt");
    snprintf(path, sizeof(path), "%s/sotto.conf", home);
    if (mkdir(home, 0700) != 0 && errno != EEXIST)
        return STATUS_IO;
    return file_replace(path, (struct span){(uint8_t *)text, (size_t)size});
}

/* Where it listens: the second time where it did the first time, since the
 * others will dial it there. */
static void choose_endpoint(const struct fleet *fleet, uint32_t node,
    char out[static LIMIT_ENDPOINT_BYTES + 1])
{
    const struct fleet_node *n = &fleet->nodes[node];
    char address[16];
    const char *end = strchr(n->endpoint, '#');
    fleet_address(fleet, node, address);
    if (end)
        snprintf(out, LIMIT_ENDPOINT_BYTES + 1, "%.*s",
            (int)(end - n->endpoint), n->endpoint);
    else
        snprintf(out, LIMIT_ENDPOINT_BYTES + 1, "tcp://%s:%d", address,
            fleet->config.spaces ? FIXED_PORT : 0);
}

static enum status spawn(struct fleet *fleet, uint32_t node, const char *home)
{
    struct fleet_node *n = &fleet->nodes[node];
    char log[FLEET_PATH_BYTES], endpoint[LIMIT_ENDPOINT_BYTES + 1];
    char *argv[10] = {(char *)fleet->config.program, "--home", (char *)home,
        "--listen", endpoint};
    size_t count = 5;
    choose_endpoint(fleet, node, endpoint);
    fleet_path(fleet, node, ".log", log);
    if (!n->has_vault)
        argv[count++] = "--relay-only";
    if (fleet->config.shape) {
        argv[count++] = "--link-shape";
        argv[count++] = (char *)(n->is_slow ? fleet->config.slow_shape
                                            : fleet->config.shape);
    }
    assert(count < sizeof(argv) / sizeof(argv[0]));
    struct clocks_words words;
    if (is_off(fleet, n))
        clocks_say(fleet->config.clocks, n->skew_s, &words);
    const struct process_plan plan = {.argv = argv,
        .log = log,
        .variables = is_off(fleet, n) ? words.list : NULL,
        .name_space = fleet->config.spaces ? fleet->config.spaces[node] : -1};
    return process_start(&plan, &n->process);
}

void fleet_start(struct fleet *fleet, uint32_t node)
{
    struct fleet_node *n = &fleet->nodes[node];
    char home[FLEET_PATH_BYTES];
    assert(n->stage == STAGE_DOWN);
    fleet_path(fleet, node, "", home);
    end_process(fleet, n);
    if (write_settings(fleet, home) || spawn(fleet, node, home)) {
        fail(fleet, node, strerror(errno));
        return;
    }
    n->started_us = outside_wall_us();
    n->boots++;
    n->stage = STAGE_STARTING;
}

void fleet_crash(struct fleet *fleet, uint32_t node, bool lose_shelf)
{
    /* Without its records, nothing is found of the encodings beside them. */
    static const char *const files[] = {"/relay/shelf/ids", "/relay/peers"};
    struct fleet_node *n = &fleet->nodes[node];
    end_process(fleet, n);
    hang_up(n);
    for (size_t i = 0; lose_shelf && i < sizeof(files) / sizeof(files[0]);
         i++) {
        char path[FLEET_PATH_BYTES];
        fleet_path(fleet, node, files[i], path);
        unlink(path);
    }
}

void fleet_leave(struct fleet *fleet, uint32_t node)
{
    struct fleet_node *n = &fleet->nodes[node];
    hang_up(n);
    process_ask(&n->process);
}

/* Both processes have a status; the relay's is the one that is wanted. */
static bool is_for_vault(enum control_method method)
{
    return method != CONTROL_STATUS &&
           control_method_service(method) == CONTROL_VAULT;
}

void fleet_ask(
    struct fleet *fleet, uint32_t node, struct control_request *request)
{
    struct fleet_node *n = &fleet->nodes[node];
    struct client *client = is_for_vault(request->method) ? n->vault : n->relay;
    if (client && client_send(client, request) == STATUS_OK)
        n->asked++;
}

/* The next step of a node that starts, once the last one is answered. */
static void ask_step(
    struct fleet *fleet, uint32_t node, enum control_method method)
{
    struct control_request request = {
        .method = method, .passphrase = span_of_text(FLEET_PASSPHRASE)};
    if (method != CONTROL_INIT && method != CONTROL_UNLOCK)
        request.passphrase = (struct span){0};
    fleet_ask(fleet, node, &request);
}

static void come_up(struct fleet *fleet, uint32_t node)
{
    fleet->nodes[node].stage = STAGE_UP;
    fleet->config.up(fleet->config.context, node);
}

/* Its socket may not be there yet. */
static void look(struct fleet *fleet, uint32_t node)
{
    struct fleet_node *n = &fleet->nodes[node];
    bool vault = n->stage == STAGE_VAULT;
    char path[FLEET_PATH_BYTES];
    fleet_path(
        fleet, node, vault ? "/run/vault.sock" : "/run/relay.sock", path);
    enum status status = client_open(path, vault ? &n->vault : &n->relay);
    if (status == STATUS_NOT_FOUND) {
        if (outside_wall_us() > n->started_us + START_PATIENCE_US)
            fail(fleet, node, "did not answer within a minute of its start");
        return;
    }
    if (status) {
        fail(fleet, node, status_name(status));
        return;
    }
    n->stage = vault ? STAGE_LISTENS : STAGE_RELAY;
    ask_step(fleet, node, vault ? CONTROL_SUBSCRIBE : CONTROL_STATUS);
}

static void take_endpoint(struct fleet *fleet, uint32_t node,
    const struct control_relay_status *status)
{
    struct fleet_node *n = &fleet->nodes[node];
    if (status->endpoint_count == 0 ||
        status->endpoints[0].size >= sizeof(n->endpoint)) {
        fail(fleet, node, "has no endpoint");
        return;
    }
    memcpy(n->endpoint, status->endpoints[0].data, status->endpoints[0].size);
    n->endpoint[status->endpoints[0].size] = '\0';
}

/* What came from a node that is starting. */
static void take_step(
    struct fleet *fleet, uint32_t node, const struct control_message *message)
{
    struct fleet_node *n = &fleet->nodes[node];
    const struct control_reply *reply = &message->reply;
    if (reply->kind == CONTROL_ERROR) {
        char why[256];
        snprintf(why, sizeof(why), "%.*s", (int)reply->error.message.size,
            (const char *)reply->error.message.data);
        fail(fleet, node, why);
    } else if (n->stage == STAGE_RELAY && reply->kind == CONTROL_RELAY_STATUS) {
        take_endpoint(fleet, node, &reply->relay);
        n->stage = STAGE_VAULT;
        if (!n->has_vault)
            come_up(fleet, node);
    } else if (n->stage == STAGE_LISTENS && reply->kind == CONTROL_DONE) {
        n->stage = STAGE_KEY;
        ask_step(fleet, node, n->has_identity ? CONTROL_UNLOCK : CONTROL_INIT);
    } else if (n->stage == STAGE_KEY &&
               (reply->kind == CONTROL_CARD || reply->kind == CONTROL_DONE)) {
        n->has_identity = true;
        come_up(fleet, node);
        if (reply->kind == CONTROL_CARD)
            fleet->config.came(
                fleet->config.context, node, CONTROL_VAULT, message);
    }
}

static void end_by_itself(struct fleet *fleet, uint32_t node, const char *how)
{
    hang_up(&fleet->nodes[node]);
    fail(fleet, node, how);
    fleet->config.ended(fleet->config.context, node);
}

static bool is_note(enum control_kind kind)
{
    return kind >= CONTROL_NOTE_LETTER;
}

static const char *how_ended(enum status status)
{
    if (status == STATUS_NOT_FOUND)
        return "hung up";
    return status == STATUS_INVALID ? "says what is not known here; is its "
                                      "sottod of another version?"
                                    : status_name(status);
}

/* All that one socket has to say. */
static void drain(struct fleet *fleet, uint32_t node, struct client *client)
{
    struct fleet_node *n = &fleet->nodes[node];
    enum control_service service =
        client == n->relay ? CONTROL_RELAY : CONTROL_VAULT;
    struct control_message message;
    while (client == n->relay || client == n->vault) {
        enum status status = client_receive(client, 0, &message);
        if (status == STATUS_AGAIN)
            return;
        if (status) {
            end_by_itself(fleet, node, how_ended(status));
            return;
        }
        if (!is_note(message.reply.kind))
            n->asked--;
        if (n->stage == STAGE_UP || is_note(message.reply.kind))
            fleet->config.came(fleet->config.context, node, service, &message);
        else
            take_step(fleet, node, &message);
        control_message_clear(&message);
    }
}

uint32_t fleet_starting(const struct fleet *fleet)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < fleet->config.count; i++)
        count += fleet->nodes[i].stage != STAGE_DOWN &&
                 fleet->nodes[i].stage != STAGE_UP;
    return count;
}

static nfds_t list_waited(const struct fleet *fleet)
{
    struct pollfd *items = fleet->items;
    struct fleet_waited *waited = fleet->waited;
    nfds_t count = 0;
    for (uint32_t i = 0; i < fleet->config.count; i++) {
        const struct fleet_node *n = &fleet->nodes[i];
        struct client *const clients[] = {n->relay, n->vault};
        for (size_t k = 0; k < 2; k++) {
            if (!clients[k])
                continue;
            items[count].fd = client_descriptor(clients[k]);
            waited[count++] = (struct fleet_waited){i, clients[k]};
        }
        if (n->stage == STAGE_DOWN)
            continue;
        items[count].fd = n->process.descriptor;
        waited[count++] = (struct fleet_waited){i, NULL};
    }
    for (nfds_t i = 0; i < count; i++)
        items[i].events = POLLIN;
    return count;
}

void fleet_turn(struct fleet *fleet, int wait_ms)
{
    nfds_t count = list_waited(fleet);
    if (fleet_starting(fleet) > 0 && wait_ms > LOOK_MS)
        wait_ms = LOOK_MS;
    if (poll(fleet->items, count, wait_ms) < 0)
        return;
    for (nfds_t i = 0; i < count; i++) {
        const struct fleet_waited *waited = &fleet->waited[i];
        if (fleet->items[i].revents == 0)
            continue;
        if (waited->client)
            drain(fleet, waited->node, waited->client);
        else if (fleet->nodes[waited->node].stage != STAGE_DOWN)
            end_by_itself(fleet, waited->node, "ended");
    }
    for (uint32_t i = 0; i < fleet->config.count; i++)
        if (fleet->nodes[i].stage == STAGE_STARTING ||
            fleet->nodes[i].stage == STAGE_VAULT)
            look(fleet, i);
}
