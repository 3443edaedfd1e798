/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One question, one answer.  Everything that can go wrong between a person and
 * their node is put in words here, once, with what would put it right. */
#include "cli/ask.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "cli/output.h"
#include "platform/clock.h"
#include "proto/limits.h"

static const char *socket_of(
    const struct cli *cli, enum control_service service)
{
    return service == CONTROL_RELAY ? cli->paths.relay_socket
                                    : cli->paths.vault_socket;
}

enum mode ask_mode(const struct cli *cli)
{
    enum mode mode = MODE_NODE;
    if (mode_read(cli->paths.run_dir, &mode))
        return MODE_NODE;
    return mode;
}

/* Whether somebody listens there. */
static bool listens(const struct cli *cli, enum control_service service)
{
    struct client *client;
    if (client_open(socket_of(cli, service), &client))
        return false;
    client_close(client);
    return true;
}

int ask_nobody(const struct cli *cli, enum control_service service)
{
    const char *home = cli->home;
    const char *in = home ? " in " : "";
    const char *dir = home ? home : "";
    enum control_service other =
        service == CONTROL_RELAY ? CONTROL_VAULT : CONTROL_RELAY;
    if (!listens(cli, other))
        return fail(EXIT_NOT_RUNNING,
            "no node is running%s%s (start one with: sottod%s%s)", in, dir,
            home ? " --home " : "", dir);
    if (service == CONTROL_VAULT && ask_mode(cli) == MODE_RELAY_ONLY)
        return fail(EXIT_NOT_RUNNING,
            "the node%s%s has no vault: it was started with --relay-only, "
            "and carries the mail of others alone",
            in, dir);
    return fail(EXIT_NOT_RUNNING, "the %s of the node%s%s does not answer",
        service == CONTROL_VAULT ? "vault" : "relay", in, dir);
}

int ask_open(
    const struct cli *cli, enum control_service service, struct client **out)
{
    const char *path = socket_of(cli, service);
    enum status status = client_open(path, out);
    if (!status)
        return EXIT_DONE;
    if (status == STATUS_NOT_FOUND)
        return ask_nobody(cli, service);
    if (status == STATUS_REFUSED)
        return fail(EXIT_REFUSED,
            "%s belongs to another user: it is not your node", path);
    if (status == STATUS_IO)
        return fail(
            EXIT_NOT_RUNNING, "cannot reach %s: %s", path, strerror(errno));
    return fail(EXIT_BUG, "cannot reach %s: %s", path, status_name(status));
}

int ask_for_vault(const struct cli *cli)
{
    struct client *client;
    int code = ask_open(cli, CONTROL_VAULT, &client);
    if (!code)
        client_close(client);
    return code;
}

int ask_failed(enum status status)
{
    if (status == STATUS_AGAIN)
        return fail(EXIT_NOT_RUNNING, "the node did not answer in %d s",
            ANSWER_PATIENCE_MS / 1000);
    if (status == STATUS_NOT_FOUND)
        return fail(EXIT_NOT_RUNNING,
            "the node hung up: it has stopped, or this part of it is starting "
            "again, and sottod's log says why; or %lu programs are connected "
            "to it already",
            LIMIT_CONTROL_CLIENTS);
    if (status == STATUS_INVALID)
        return fail(EXIT_BUG, "the node's answer makes no sense (are sotto and "
                              "sottod of one version?)");
    if (status == STATUS_IO)
        return fail(
            EXIT_NOT_RUNNING, "cannot talk to the node: %s", strerror(errno));
    return fail(EXIT_BUG, "cannot talk to the node: %s", status_name(status));
}

int ask_refused(const struct control_reply *reply)
{
    struct span message = reply->error.message;
    enum status status = reply->error.status;
    int code = control_exit_code(status);
    /* An error that means nothing wrong would end as success. */
    enum exit_code end = code ? (enum exit_code)code : EXIT_BUG;
    if (!message.size)
        return fail(end, "refused: %s", status_name(status));
    return fail(end, "%.*s", (int)message.size, (const char *)message.data);
}

/* The reply to that request, whatever came before it. */
static enum status receive_reply(struct client *client, uint64_t id,
    uint64_t deadline_ms, struct control_message *out)
{
    for (;;) {
        struct control_message message;
        enum status status = client_receive(client, deadline_ms, &message);
        if (status)
            return status;
        if (message.reply.id == id) {
            *out = message;
            return STATUS_OK;
        }
        control_message_clear(&message);
    }
}

/* A whole fingerprint in groups, as it is printed, becomes one without blanks,
 * in out.  All else stays: no name is as long as that. */
static struct span join_fingerprint(
    struct span name, char out[static CONTROL_FINGERPRINT_CHARS])
{
    enum { GROUP = 8, GROUPS = CONTROL_FINGERPRINT_CHARS / GROUP };
    size_t count = 0;
    if (name.size != CONTROL_FINGERPRINT_CHARS + GROUPS - 1)
        return name;
    for (size_t i = 0; i < name.size; i++) {
        bool between = i % (GROUP + 1) == GROUP;
        if (between != (name.data[i] == ' '))
            return name;
        if (!between)
            out[count++] = (char)name.data[i];
    }
    return (struct span){(const uint8_t *)out, count};
}

int ask_on(struct client *client, struct control_request *request,
    enum control_kind kind, struct control_message *out)
{
    char fingerprint[CONTROL_FINGERPRINT_CHARS];
    struct span name = request->name;
    struct control_message message;
    uint64_t deadline_ms = clock_now_ms() + ANSWER_PATIENCE_MS;
    request->name = join_fingerprint(name, fingerprint);
    enum status status = client_send(client, request);
    request->name = name;
    if (status == STATUS_TOO_LARGE)
        return fail(EXIT_REFUSED,
            "a name, fingerprint or id is longer than any can be: a name has "
            "at most %lu bytes (sotto limits prints it, and the others)",
            LIMIT_NAME_BYTES);
    if (!status)
        status = receive_reply(client, request->id, deadline_ms, &message);
    if (status)
        return ask_failed(status);
    if (message.reply.kind == kind) {
        *out = message;
        return EXIT_DONE;
    }
    int code = message.reply.kind == CONTROL_ERROR ? ask_refused(&message.reply)
                                                   : ask_failed(STATUS_INVALID);
    control_message_clear(&message);
    return code;
}

int ask(const struct cli *cli, struct control_request *request,
    enum control_kind kind, struct control_message *out)
{
    struct client *client;
    int code = ask_open(cli, control_method_service(request->method), &client);
    if (code)
        return code;
    code = ask_on(client, request, kind, out);
    client_close(client);
    return code;
}

int ask_pages(const struct cli *cli, struct control_request *request,
    enum control_kind kind,
    void (*page)(const struct cli *cli, const struct control_reply *reply,
        bool is_first),
    size_t *count)
{
    struct client *client;
    int code = ask_open(cli, control_method_service(request->method), &client);
    if (code)
        return code;
    *count = 0;
    do {
        struct control_message message = {0};
        code = ask_on(client, request, kind, &message);
        if (code)
            break;
        request->cursor = message.reply.next;
        if (cli->json)
            code = output_json(&message.reply);
        else if (message.reply.count)
            page(cli, &message.reply, *count == 0);
        *count += message.reply.count;
        control_message_clear(&message);
    } while (!code && request->cursor);
    client_close(client);
    return code;
}

int ask_quietly(const struct cli *cli, struct control_request *request,
    enum control_kind kind)
{
    struct control_message message;
    int code = ask(cli, request, kind, &message);
    if (code)
        return code;
    if (cli->json)
        code = output_json(&message.reply);
    control_message_clear(&message);
    return code;
}

int ask_done(const struct cli *cli, struct control_request *request)
{
    return ask_quietly(cli, request, CONTROL_DONE);
}

enum status ask_status(const struct cli *cli, enum control_service service,
    uint64_t deadline_ms, struct control_message *out)
{
    struct client *client;
    enum status status = client_open(socket_of(cli, service), &client);
    if (status)
        return status;
    struct control_request request = {.method = CONTROL_STATUS};
    struct control_message message;
    status = client_send(client, &request);
    if (!status)
        status = receive_reply(client, request.id, deadline_ms, &message);
    client_close(client);
    if (status)
        return status;
    enum control_kind kind =
        service == CONTROL_RELAY ? CONTROL_RELAY_STATUS : CONTROL_VAULT_STATUS;
    if (message.reply.kind != kind) {
        control_message_clear(&message);
        return STATUS_INVALID;
    }
    *out = message;
    return STATUS_OK;
}
