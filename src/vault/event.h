/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_EVENT_H
#define VAULT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "crypto/keyslot.h"
#include "proto/control.h"
#include "proto/port.h"

/* What can happen to a vault.  Pointers and spans are borrowed for the one call
 * of vault_step. */
enum vault_event_kind {
    VAULT_TICK,
    VAULT_SLOTS,   /* at the start: the key slot file, empty if there is none,
                      and whether there are records */
    VAULT_REQUEST, /* a person's program asks */
    VAULT_DERIVED, /* a DERIVE effect is done */
    VAULT_LOADED,  /* one record of a LOAD effect; the last has done set */
    VAULT_ERASED,  /* an ERASE effect is done: the disk has no record */
    VAULT_FETCHED, /* a FETCH effect is done: these records */
    VAULT_PORT,    /* a message from the relay */
    VAULT_PORT_UP, /* the relay is there, for the first time or again */
    VAULT_STOP,    /* the process ends: forget every secret */
};

/* Kinds of records in the vault's database.  Sealed by the engine; the database
 * sees kind, row and blob.  All but bodies are loaded on unlock. */
enum record_kind {
    RECORD_IDENTITY = 1,
    RECORD_PREKEY = 2,
    RECORD_CONTACT = 3,
    RECORD_SESSION = 4,
    RECORD_SKIPPED = 5,     /* one skipped tag entry */
    RECORD_OUTBOX = 6,      /* a letter under way: all but its envelope */
    RECORD_OUTBOX_BODY = 7, /* its envelope; fetched */
    RECORD_INBOX = 8,       /* a letter received: all but its text */
    RECORD_INBOX_BODY = 9,  /* its text; fetched */
    RECORD_RELEASE = 10,    /* a receipt to be let go */
    RECORD_REQUEST = 11,    /* a stranger's first contact */
    RECORD_SEEN = 12,       /* a message id already shown, till its expiry */
    RECORD_TRIES = 13,      /* wrong passphrases, counted; fetched, unsealed */
    RECORD_DECLINED = 14,   /* a stranger who was declined, blinded */
    RECORD_RING = 15,       /* the keys of days; fetched before all others */
    RECORD_NOTE = 16,       /* a note: all but its text */
    RECORD_NOTE_BODY = 17,  /* its text; fetched */
    RECORD_INVITE = 18,     /* one given out and not used */
    RECORD_REPLAY = 19,     /* a first contact that is over, blinded */
    RECORD_RENEWAL = 20,    /* what our own card was renewed with */
    RECORD_KEM = 25,        /* a contact's X-Wing key */
    RECORD_ACCORD = 26,     /* an evidential conversation, or its proposal */
    RECORD_PLACE = 27,      /* a signed letter in it, for its checks */
    RECORD_PLACE_BODY = 28, /* its signature and text; fetched */
    RECORD_FORMAT = 29,     /* of all the others; fetched before them */
    RECORD_BLIND = 30,      /* the key that blinded in the backup
                                  that was restored here; one */
    RECORD_GROUP = 31,      /* a group: all but its operations */
    RECORD_GROUP_OP = 32,   /* one of them */
    RECORD_GROUP_KEY = 33,  /* a chain that a member has handed over */
    RECORD_GROUP_SKIPPED = 34,
    RECORD_GROUP_COPIES = 35, /* who has a letter to a group */
    RECORD_OWED = 36,         /* what a person is to be told of theirs */
    RECORD_PARTED = 37,       /* somebody who was removed, blinded */
    RECORD_FILE = 38,         /* a file: all but its content, and the
                                  key of that */
    RECORD_FILE_PART = 39,    /* a part of it; fetched */
    RECORD_LAST = RECORD_FILE_PART,
};

struct vault_record {
    enum record_kind kind;
    uint64_t row;
    struct span blob;
};

struct vault_event {
    enum vault_event_kind kind;
    uint64_t now_ms;  /* monotonic, from any start */
    uint64_t clock_s; /* wall clock, seconds since the epoch */
    union {
        struct {
            struct span slots;
            bool has_records;
        } found; /* SLOTS */
        struct {
            uint64_t client; /* echoed in REPLY; 0: nobody, it is at start */
            const struct control_request *request;
        } request;
        struct {
            uint32_t ticket;
            enum status status;
            uint8_t key[KEYSLOT_KEY_BYTES];
            struct span fresh; /* as it was handed over, and its key */
            uint8_t fresh_key[KEYSLOT_KEY_BYTES];
        } derived;
        struct {
            struct vault_record record; /* kind 0: none */
            bool done;
        } loaded;
        struct {
            uint32_t ticket;
            size_t count; /* fewer than asked when some are not there */
            const struct vault_record *records;
        } fetched;
        const struct port_message *port; /* ids filled in */
    };
};

#endif
