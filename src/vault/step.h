/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_STEP_H
#define VAULT_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/random.h"
#include "base/span.h"
#include "base/status.h"
#include "crypto/intro.h"
#include "crypto/ratchet.h"
#include "proto/control.h"
#include "proto/envelope.h"
#include "proto/ids.h"
#include "proto/limits.h"
#include "proto/port.h"
#include "vault/config.h"
#include "vault/effect.h"
#include "vault/event.h"

/* Whom an answer goes to. */
struct asker {
    uint64_t client;
    uint64_t id; /* of the request */
};

/* What comes due, in one queue for all rooms.  A room ignores a timer that no
 * longer fits its entry. */
enum timer_kind {
    TIMER_SWEEP,    /* on the hour: all that expires by the hour */
    TIMER_INTRO,    /* row of a session: offer its first contact */
    TIMER_RELEASE,  /* row of a receipt: let it go */
    TIMER_BURN,     /* row of a letter received */
    TIMER_RESUBMIT, /* hand the relay all that is under way, again */
    TIMER_LOOKUP,   /* more tags to look up */
    TIMER_SCRUB,    /* leave no residue of what was deleted */
    TIMER_NOTE,     /* row of a note */
    TIMER_BEACON,   /* hand out the keys of the next epoch */
    TIMER_LOCK,     /* lock if nobody has asked for anything */
    TIMER_OWED,     /* row of what a person is to be told */
    TIMER_FILE,     /* row of a file received: it burns */
    TIMER_PARTS,    /* more parts of files may go */
    TIMER_GROUP,    /* row of a group: tell its news, ask for what is lacking */
};

/* Where secrets pass through, in guarded memory: one for the whole vault. */
enum { DESK_PLAIN_BYTES = 64 * 1024 };
struct desk {
    struct sealed sealed;
    struct ratchet_opened opened;
    struct envelope_id came; /* of the envelope that is being taken in */
    uint8_t letter[LIMIT_ENVELOPE_BYTES]; /* of ours, before it is sealed */
    uint8_t scratch[RATCHET_BYTES + KEM_INTRO_BYTES];
    uint8_t plain[DESK_PLAIN_BYTES]; /* of one record */
};

struct records;
struct ring;

/* What every room is handed for the length of one step. */
struct step {
    uint64_t now_ms;
    uint64_t clock_s;
    uint32_t now_h; /* clock_s in hours */
    struct asker asker;
    const struct vault_config *config;
    struct random *random;
    struct vault_effects *effects;
    uint32_t *tickets; /* the last one given out */
    /* NULL while locked. */
    const struct records *records;
    struct heap *timers;
    struct desk *desk;
    struct ring *ring;
    uint64_t *scrub_ms; /* when residue is scrubbed; 0: there is none */
    /* Memory ran out: sticks, and ends the vault's life after this step. */
    bool failed;
    struct vault_effect spill; /* where effects go that found no memory */
};

/* Take note of a result that only memory can have spoilt. */
void step_check(struct step *step, enum status status);

/* Append an effect; never NULL. */
struct vault_effect *step_effect(
    struct step *step, enum vault_effect_kind kind);

/* Zeroed memory that lives as long as the effects; NULL when there is none
 * (step->failed is then set).  A copy, empty when there is no memory. */
void *step_alloc(struct step *step, size_t size);
struct span step_copy(struct step *step, struct span bytes);

/* Say something to the relay: set the rest of the message returned. */
struct port_message *step_port(struct step *step, enum port_type type);

/* Submit a whole envelope that was sealed here; copies it. */
void step_submit(struct step *step, const struct envelope_id *id,
    struct span encoding, bool urgent);

/* Ask for records by row (copied); FETCHED comes with the ticket returned. */
uint32_t step_fetch(struct step *step, enum record_kind kind,
    const uint64_t *rows, size_t count);

/* Answer the asker, or tell all subscribers: set the rest of the reply. */
struct control_reply *step_reply(struct step *step, enum control_kind kind);
struct control_reply *step_notify(struct step *step, enum control_kind kind);

/* How soon what a contact has written is confirmed; in records by its number.
 * The default is the pace that is configured. */
enum pace {
    PACE_DEFAULT = 0,
    PACE_PROMPT = 1,
    PACE_DISCREET = 2,
    PACE_LAST = PACE_DISCREET,
};

/* A random wait before a receipt is let go: exponential, of the mean of that
 * pace, and never longer than STEP_RECEIPT_MOST_MS. */
enum { STEP_RECEIPT_MOST_MS = 6 * 3600 * 1000 };
uint64_t step_receipt_wait_ms(const struct step *step, enum pace pace);

/* Ask to be woken. */
void step_at(
    struct step *step, enum timer_kind kind, uint64_t row, uint64_t at_ms);
enum timer_kind step_timer_kind(const struct heap_item *item);
uint64_t step_timer_row(const struct heap_item *item);

/* Have the residue of what was deleted scrubbed within a minute. */
void step_scrub(struct step *step);

/* A sentence for a person: each # of the form is the next number, grouped by
 * thousands; each @ the next name, as it is. */
struct say {
    const char *form;
    uint64_t numbers[3];
    struct span names[5];
};

/* Answer the asker that it cannot be, and why. */
void step_refuse(struct step *step, enum status status, struct say say);

/* The sentence in the effects' memory. */
struct span step_sentence(struct step *step, struct say say);

#endif
