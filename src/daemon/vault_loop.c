/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step of the vault is one transaction: its records are written and
 * committed before anything of it is seen outside, so whoever was told
 * "queued" will find the letter after any crash.  When the disk fails, those
 * who wait for this step get an error instead of its replies, and the process
 * ends: engine and disk would no longer agree, and a fresh start from what the
 * disk has is the one safe way on.  It comes back locked.  Those who wait for
 * another step, a passphrase's or a body's, are told, too. */
#include "config.h"

#include "daemon/vault_loop.h"

#include <errno.h>
#include <string.h>

#include "crypto/hash.h"
#include "daemon/answer.h"
#include "daemon/deadline.h"
#include "daemon/vault_perform.h"
#include "platform/log.h"

static bool is_record(const struct vault_effect *effect)
{
    return effect->kind == VAULT_PUT || effect->kind == VAULT_DELETE;
}

/* Open the transaction before the first record, and close it before the first
 * effect that is seen outside. */
static void keep_transaction(struct vault_loop *loop, bool record)
{
    if (loop->failed || loop->in_transaction == record)
        return;
    enum status status = record ? vault_database_begin(loop->database)
                                : vault_database_commit(loop->database);
    loop->in_transaction = record;
    if (status)
        vault_state_fail(loop, loop->database_path, status);
}

static void perform_all(struct vault_loop *loop)
{
    loop->performing = true;
    for (size_t i = 0; i < loop->effects.count; i++) {
        /* A copy: an answer to this effect may move the list. */
        struct vault_effect effect = loop->effects.list[i];
        keep_transaction(loop, is_record(&effect));
        vault_perform(loop, &effect);
    }
    keep_transaction(loop, false);
    loop->performing = false;
    vault_effects_reset(&loop->effects);
}

static void on_deadline(uv_timer_t *timer)
{
    struct vault_event event = vault_state_event(VAULT_TICK);
    vault_loop_step(timer->data, &event);
}

void vault_loop_step(struct vault_loop *loop, const struct vault_event *event)
{
    if (loop->failed)
        return;
    if (vault_step(loop->vault, event, &loop->effects)) {
        errno = ENOMEM;
        vault_state_fail(loop, "vault", STATUS_NO_MEMORY);
        return;
    }
    if (loop->performing)
        return;
    perform_all(loop);
    if (vault_get_state(loop->vault) != VAULT_UNLOCKED)
        secret_wipe_stack();
    deadline_set(&loop->deadline, on_deadline, vault_deadline_ms(loop->vault));
}

void vault_loop_line(void *context, uint64_t client, struct span line)
{
    struct vault_loop *loop = context;
    struct control_message message;
    if (answer_decode(loop->ipc, client, line, &message))
        return;
    struct vault_event event = vault_state_event(VAULT_REQUEST);
    event.request.client = client;
    event.request.request = &message.request;
    enum control_method method = message.request.method;
    if (loop->failed)
        answer_error(
            loop->ipc, client, message.request.id, STATUS_IO, loop->failure);
    else if (method != CONTROL_STATUS &&
             control_method_service(method) == CONTROL_RELAY)
        answer_error(loop->ipc, client, message.request.id, STATUS_INVALID,
            "the relay answers that: its socket is relay.sock");
    else {
        vault_waiting_add(&loop->waiting, client, message.request.id);
        vault_loop_step(loop, &event);
    }
    control_message_clear(&message);
}

void vault_loop_message(void *context, struct span bytes)
{
    struct vault_loop *loop = context;
    struct port_message message;
    if (port_decode(bytes, &loop->port_scratch, &message))
        return;
    if (message.type == PORT_ENVELOPE)
        envelope_identify(
            message.envelope.envelope->encoding, &message.envelope.id);
    struct vault_event event = vault_state_event(VAULT_PORT);
    event.port = &message;
    vault_loop_step(loop, &event);
}

void vault_loop_port_gone(void *context)
{
    struct vault_loop *loop = context;
    port_socket_free(loop->port);
    loop->port = NULL;
}

void vault_loop_port(void *context, int fd)
{
    struct vault_loop *loop = context;
    const struct port_socket_config config = {
        .loop = &loop->uv,
        .fd = fd,
        .message = vault_loop_message,
        .gone = vault_loop_port_gone,
        .context = loop,
    };
    vault_loop_port_gone(loop);
    if (port_socket_new(&config, &loop->port)) {
        log_line(LOG_LEVEL_ERROR, "port: %s", strerror(errno));
        return;
    }
    struct vault_event event = vault_state_event(VAULT_PORT_UP);
    vault_loop_step(loop, &event);
}
