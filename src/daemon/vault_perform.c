/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vault's effects, one case each.  Deriving a key takes a second and a
 * quarter of a gigabyte, so it is a worker's; the passphrase goes there in
 * guarded memory.  Everything else is quick and done in place. */
#include "config.h"

#include "daemon/vault_perform.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/hash.h"
#include "crypto/keyslot.h"
#include "daemon/answer.h"
#include "daemon/vault_erase.h"
#include "platform/database.h"
#include "platform/file.h"
#include "platform/log.h"

/* ---- deriving ---- */

struct derivation {
    uv_work_t work; /* first */
    struct vault_loop *loop;
    uint32_t ticket;
    enum keyslot_cost cost;
    uint8_t salt[KEYSLOT_SALT_BYTES];
    size_t size;
    size_t fresh_size; /* 0: there is only one passphrase */
    uint8_t *secret;   /* guarded: the passphrases, and behind them the keys */
    enum status status;
};

/* Where the keys lie: that of the passphrase, then that of the fresh one. */
static uint8_t *keys_of(const struct derivation *derivation)
{
    return derivation->secret + derivation->size + derivation->fresh_size;
}

static struct span fresh_of(const struct derivation *derivation)
{
    return (struct span){
        derivation->secret + derivation->size, derivation->fresh_size};
}

static void derivation_free(struct derivation *derivation)
{
    if (derivation)
        secret_free(derivation->secret);
    free(derivation);
}

static void on_work(uv_work_t *work)
{
    struct derivation *derivation = (struct derivation *)work;
    derivation->status =
        keyslot_derive((struct span){derivation->secret, derivation->size},
            derivation->salt, derivation->cost, keys_of(derivation));
    if (!derivation->status && derivation->fresh_size)
        derivation->status =
            keyslot_derive(fresh_of(derivation), derivation->salt,
                derivation->cost, keys_of(derivation) + KEYSLOT_KEY_BYTES);
}

static void answer_derive(
    struct vault_loop *loop, const struct derivation *derivation)
{
    struct vault_event event = vault_state_event(VAULT_DERIVED);
    event.derived.ticket = derivation->ticket;
    event.derived.status = derivation->status;
    if (!derivation->status) {
        const uint8_t *keys = keys_of(derivation);
        memcpy(event.derived.key, keys, KEYSLOT_KEY_BYTES);
        event.derived.fresh = fresh_of(derivation);
        if (derivation->fresh_size)
            memcpy(event.derived.fresh_key, keys + KEYSLOT_KEY_BYTES,
                KEYSLOT_KEY_BYTES);
    }
    loop->step(loop, &event);
    secret_wipe(&event, sizeof(event));
}

static void on_worked(uv_work_t *work, int result)
{
    struct derivation *derivation = (struct derivation *)work;
    if (result == 0)
        answer_derive(derivation->loop, derivation);
    derivation_free(derivation);
}

static struct derivation *derivation_new(
    struct vault_loop *loop, const struct vault_effect *effect)
{
    struct span passphrase = effect->derive.passphrase;
    struct span fresh = effect->derive.fresh;
    struct derivation *derivation = calloc(1, sizeof(*derivation));
    if (!derivation)
        return NULL;
    derivation->secret =
        secret_new(passphrase.size + fresh.size + 2 * KEYSLOT_KEY_BYTES);
    if (!derivation->secret) {
        free(derivation);
        return NULL;
    }
    derivation->loop = loop;
    derivation->ticket = effect->derive.ticket;
    derivation->cost = effect->derive.cost;
    derivation->size = passphrase.size;
    derivation->fresh_size = fresh.size;
    memcpy(derivation->salt, effect->derive.salt, sizeof(derivation->salt));
    if (passphrase.size)
        memcpy(derivation->secret, passphrase.data, passphrase.size);
    if (fresh.size)
        memcpy(derivation->secret + passphrase.size, fresh.data, fresh.size);
    return derivation;
}

static void derive(struct vault_loop *loop, const struct vault_effect *effect)
{
    struct derivation *derivation = derivation_new(loop, effect);
    if (derivation &&
        uv_queue_work(&loop->uv, &derivation->work, on_work, on_worked) == 0)
        return;
    derivation_free(derivation);
    const struct derivation none = {
        .ticket = effect->derive.ticket, .status = STATUS_NO_MEMORY};
    answer_derive(loop, &none);
}

/* ---- records ---- */

static void write_record(
    struct vault_loop *loop, const struct vault_effect *effect)
{
    const struct vault_row row = {.kind = effect->record.kind,
        .row = effect->record.row,
        .blob = effect->record.blob};
    enum status status =
        effect->kind == VAULT_PUT
            ? vault_database_put(loop->database, &row)
            : vault_database_delete(loop->database, row.kind, row.row);
    if (status)
        vault_state_fail(loop, loop->database_path, status);
}

/* Bodies stay on disk until somebody reads them. */
static const uint64_t body_kinds =
    UINT64_C(1) << RECORD_OUTBOX_BODY | UINT64_C(1) << RECORD_INBOX_BODY |
    UINT64_C(1) << RECORD_NOTE_BODY | UINT64_C(1) << RECORD_PLACE_BODY |
    UINT64_C(1) << RECORD_FILE_PART | UINT64_C(1) << RECORD_FORMAT |
    UINT64_C(1) << RECORD_RING | UINT64_C(1) << RECORD_TRIES;

static void load(struct vault_loop *loop)
{
    struct vault_row row;
    enum status status = vault_database_walk(loop->database, body_kinds);
    while (!status && !loop->failed &&
           !(status = vault_database_next(loop->database, &row))) {
        struct vault_event event = vault_state_event(VAULT_LOADED);
        event.loaded.record = (struct vault_record){
            (enum record_kind)row.kind, row.row, row.blob};
        loop->step(loop, &event);
    }
    if (loop->failed)
        return;
    if (status != STATUS_NOT_FOUND) {
        vault_state_fail(loop, loop->database_path, status);
        return;
    }
    struct vault_event event = vault_state_event(VAULT_LOADED);
    event.loaded.done = true;
    loop->step(loop, &event);
}

/* The records that were asked for and are there, copied: the database lends
 * one at a time. */
struct fetched {
    size_t count;
    struct vault_record *records;
    uint8_t **blobs;
};

static void fetched_free(struct fetched *fetched)
{
    for (size_t i = 0; i < fetched->count; i++)
        free(fetched->blobs[i]);
    free(fetched->records);
    free(fetched->blobs);
}

static enum status fetch_one(struct vault_loop *loop, enum record_kind kind,
    uint64_t number, struct fetched *fetched)
{
    struct vault_row row;
    enum status status = vault_database_get(loop->database, kind, number, &row);
    if (status)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    uint8_t *blob = malloc(row.blob.size + 1);
    if (!blob)
        return STATUS_NO_MEMORY;
    if (row.blob.size)
        memcpy(blob, row.blob.data, row.blob.size);
    fetched->blobs[fetched->count] = blob;
    fetched->records[fetched->count++] =
        (struct vault_record){kind, number, {blob, row.blob.size}};
    return STATUS_OK;
}

static void fetch(struct vault_loop *loop, const struct vault_effect *effect)
{
    size_t count = effect->fetch.count;
    struct fetched fetched = {
        .records = calloc(count + 1, sizeof(*fetched.records)),
        .blobs = calloc(count + 1, sizeof(*fetched.blobs)),
    };
    enum status status =
        fetched.records && fetched.blobs ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && !status; i++)
        status = fetch_one(
            loop, effect->fetch.kind, effect->fetch.rows[i], &fetched);
    if (status) {
        vault_state_fail(loop, loop->database_path, status);
    } else {
        struct vault_event event = vault_state_event(VAULT_FETCHED);
        event.fetched.ticket = effect->fetch.ticket;
        event.fetched.count = fetched.count;
        event.fetched.records = fetched.records;
        loop->step(loop, &event);
    }
    fetched_free(&fetched);
}

/* ---- the end ---- */

static void erase(struct vault_loop *loop, const struct vault_effect *effect)
{
    if (vault_erase(loop, effect->erase.slots, effect->erase.how)) {
        vault_state_fail(loop, loop->paths->vault_dir, STATUS_IO);
        return;
    }
    struct vault_event event = vault_state_event(VAULT_ERASED);
    loop->step(loop, &event);
}

/* ---- the port ---- */

static void to_port(struct vault_loop *loop, const struct port_message *message)
{
    size_t size;
    if (!loop->port)
        return;
    enum status status =
        port_encode(message, loop->message, sizeof(loop->message), &size);
    assert(status == STATUS_OK); /* the engine keeps the limits */
    status = port_socket_send(loop->port, (struct span){loop->message, size});
    if (status == STATUS_OK)
        return;
    log_line(
        LOG_LEVEL_ERROR, "the relay takes no mail (%s)", status_name(status));
    port_socket_free(loop->port);
    loop->port = NULL;
    child_ask_port();
}

/* ---- all of them ---- */

/* A passphrase of old may end so, and a second try could be the last. */
static void log_unlock_with(
    const struct vault_loop *loop, const struct control_reply *reply)
{
    log_line(LOG_LEVEL_ERROR, "--unlock-with: %.*s%s",
        (int)reply->error.message.size, (const char *)reply->error.message.data,
        loop->unlock_ends_in_return
            ? " (the first line of its file ends in CR, as in Windows, and "
              "that is taken for a part of the passphrase)"
            : "");
}

static void reply(struct vault_loop *loop, const struct vault_effect *effect)
{
    uint64_t client = effect->reply.client;
    const struct control_reply *reply = &effect->reply.reply;
    vault_waiting_remove(&loop->waiting, client, reply->id);
    if (client == 0 && reply->kind == CONTROL_ERROR)
        log_unlock_with(loop, reply);
    else if (client != 0)
        answer(loop->ipc, client, reply);
}

void vault_perform(struct vault_loop *loop, const struct vault_effect *effect)
{
    if (loop->failed)
        return; /* and all who wait have been told */
    switch (effect->kind) {
    case VAULT_PUT:
    case VAULT_DELETE:
        write_record(loop, effect);
        break;
    case VAULT_SCRUB:
        if (vault_database_scrub(loop->database))
            log_line(LOG_LEVEL_ERROR, "%s: cannot truncate its log: %s",
                loop->database_path, strerror(errno));
        break;
    case VAULT_WRITE_SLOTS:
        if (file_replace_secret(loop->slots_path, effect->slots))
            vault_state_fail(loop, loop->slots_path, STATUS_IO);
        break;
    case VAULT_ERASE:
        erase(loop, effect);
        break;
    case VAULT_LOAD:
        load(loop);
        break;
    case VAULT_FETCH:
        fetch(loop, effect);
        break;
    case VAULT_DERIVE:
        derive(loop, effect);
        break;
    case VAULT_TO_PORT:
        to_port(loop, &effect->port);
        break;
    case VAULT_REPLY:
        reply(loop, effect);
        break;
    case VAULT_NOTIFY:
        answer_notify(loop->ipc, &effect->reply.reply);
        break;
    case VAULT_SUBSCRIBE:
        ipc_subscribe(loop->ipc, effect->client);
        break;
    }
}
