/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_EFFECT_H
#define VAULT_EFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "crypto/keyslot.h"
#include "proto/control.h"
#include "proto/port.h"
#include "vault/event.h"

/* What a vault wants done, in this order.  All PUT and DELETE effects of one
 * step are one transaction, committed before the first effect of another kind
 * is performed; the engine puts them first. */
enum vault_effect_kind {
    VAULT_PUT,         /* insert or replace a record */
    VAULT_DELETE,      /* delete a record */
    VAULT_SCRUB,       /* leave no residue of what was deleted: truncate logs */
    VAULT_WRITE_SLOTS, /* replace the key slot file, durably, in one piece */
    VAULT_ERASE,       /* be rid of what is there; answer with ERASED */
    VAULT_LOAD,        /* answer with LOADED, a record at a time, bodies not */
    VAULT_FETCH,       /* answer with FETCHED */
    VAULT_DERIVE,      /* answer with DERIVED, from a worker */
    VAULT_TO_PORT,     /* to the relay; dropped when it is not there */
    VAULT_REPLY,       /* to one client */
    VAULT_NOTIFY,      /* to all subscribers */
    VAULT_SUBSCRIBE,   /* the client is a subscriber from now on */
};

/* How all is erased.  The slots are overwritten with those given, durably and
 * in their place, before anything else. */
enum vault_erase {
    VAULT_DESTROY,   /* remove the records, then what was ever set aside, and
                        the slots last of all */
    VAULT_MAKE_ROOM, /* for a vault to be made: remove the records; the slots
                        stay as given, also where there were none */
    VAULT_SET_ASIDE, /* the same, but the records are first moved to where
                        nothing but DESTROY and DECEIVE touches them */
    VAULT_UNMAKE,    /* of a making that has failed: as MAKE_ROOM, and then
                        remove the slots */
    VAULT_DECEIVE,   /* as DESTROY, but the slots stay as given */
};

struct vault_effect {
    enum vault_effect_kind kind;
    union {
        struct vault_record record; /* PUT; DELETE (no blob) */
        struct span slots;
        struct {
            struct span slots;
            enum vault_erase how;
        } erase;
        struct {
            uint32_t ticket;
            enum record_kind kind;
            size_t count;
            const uint64_t *rows;
        } fetch;
        struct {
            uint32_t ticket;
            struct span passphrase;
            struct span fresh; /* another, derived alike; or empty */
            uint8_t salt[KEYSLOT_SALT_BYTES];
            enum keyslot_cost cost;
        } derive;
        struct port_message port;
        struct {
            uint64_t client;
            struct control_reply reply; /* borrows from the effects' memory */
        } reply;                        /* REPLY, NOTIFY (no client) */
        uint64_t client;                /* SUBSCRIBE */
    };
};

/* A list that the caller owns and reuses.  What its effects point at lies in
 * the list's own memory, which reset and free wipe. */
struct vault_effects {
    struct vault_effect *list;
    size_t count;
    size_t capacity;
    struct vault_chunk *chunks; /* private */
};

void vault_effects_init(struct vault_effects *effects);
void vault_effects_reset(struct vault_effects *effects);
void vault_effects_free(struct vault_effects *effects);

/* For the rooms: append a zeroed effect, and take zeroed memory, or a copy,
 * that lives until the reset.  STATUS_NO_MEMORY. */
MUST_USE enum status vault_effects_add(struct vault_effects *effects,
    enum vault_effect_kind kind, struct vault_effect **out);
MUST_USE enum status vault_effects_alloc(
    struct vault_effects *effects, size_t size, void **out);
MUST_USE enum status vault_effects_copy(
    struct vault_effects *effects, struct span bytes, struct span *out);

#endif
