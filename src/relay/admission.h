/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_ADMISSION_H
#define RELAY_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "proto/ids.h"
#include "relay/turn.h"

/* On what terms envelopes are taken, and what is made of them by others: an
 * auction in proof of work.  At rest the least value is 0, so that an envelope
 * without a stamp is as good as any, and nobody works.  Under pressure it rises
 * by a bit each ADMISSION_RAISE_MS, and peers are told.  What one's own
 * envelopes are stamped for is learnt from the peers; no single one of several
 * can raise it. */
enum {
    ADMISSION_RAISE_MS = 30000,
    ADMISSION_LOWER_MS = 600000, /* without pressure, for each bit */
    ADMISSION_TELL_MS = 1000,    /* what is heard is passed on so often */
    ADMISSION_LEAST_MOST = 20, /* further up, honest people could not follow */
    ADMISSION_MAKING = 256,    /* own envelopes that wait for their stamps */
    /* Checking stamps takes a tenth of a core. */
    ADMISSION_CHECK_US_S = 100000,
    ADMISSION_CHECK_BURST_US = 200000,
};

struct admission {
    uint8_t least; /* value; what is worth less is not taken */
    uint8_t asked; /* value that one's own are stamped for */
    uint8_t told_least, told_asked;
    uint8_t bits_most;   /* on one's own; 0: none are made */
    uint64_t beat_ms;    /* when pressure is looked at; UINT64_MAX: at rest */
    uint64_t tell_ms;    /* when peers hear what was heard; UINT64_MAX */
    uint64_t checked_us; /* until then the time for checks is spent (GCRA) */
    struct table making;
    uint64_t taken_bytes; /* of new envelopes, since the last beat */
    uint32_t rate_bytes_s;
    uint64_t told_ms;  /* when they last did */
    uint64_t eased_ms; /* there was no pressure since, nor was it lowered */
    bool no_room;      /* something was refused for lack of it since then */
    uint64_t checked_count;
};

void admission_init(struct admission *admission, uint32_t rate_bytes_s,
    uint8_t bits_most, uint64_t seed);
void admission_clear(struct admission *admission);

/* Tell a peer that knows of terms ours; price: of its own mail.  Emits
 * TERMS. */
void admission_tell(const struct admission *admission, struct turn *turn,
    uint32_t link, uint8_t price);
/* The least that such a peer may bring. */
uint8_t admission_least(const struct admission *admission, uint8_t price);
/* The peers' terms have changed. */
void admission_heard(struct admission *admission, const struct turn *turn);

/* Something new was taken, or there was no room for it. */
void admission_took(
    struct admission *admission, const struct turn *turn, uint32_t bytes);
void admission_no_room(struct admission *admission, const struct turn *turn);

/* Look at the pressure where it is time; tight: the shelf is nearly full;
 * priced: some peer's mail has a price, and falling prices are to be told.
 * True when it is time to tell the peers, and *all whether all of them. */
bool admission_tick(struct admission *admission, struct turn *turn, bool tight,
    bool priced, bool *all);
uint64_t admission_deadline_ms(const struct admission *admission);

/* Whether there is time for checking a stamp; it has taken so long. */
bool admission_may_check(
    const struct admission *admission, const struct turn *turn);
void admission_checked(
    struct admission *admission, const struct turn *turn, uint32_t cost_us);

/* An own envelope that waits for its stamp: in the store, and here for nobody.
 */
struct admission_waiting {
    struct envelope_id id;
    uint32_t expires_h;
    uint16_t bytes; /* that wait with it, here alone */
    bool urgent;
    bool again; /* it was declined, and is where it was, as it was */
};

/* The bits that an own envelope should have before it goes out; 0: it goes as
 * it is, being worth enough, or because too many are being made. */
uint8_t admission_quote(const struct admission *admission,
    const struct turn *turn, const struct envelope *envelope);
/* The same of one that was declined: at least so many more than asked for.  0:
 * it has them, or no more are made, or they would be too many. */
struct admission_worth {
    size_t bytes;
    uint32_t expires_h;
    uint8_t bits;
};
uint8_t admission_bid(const struct admission *admission,
    const struct turn *turn, const struct admission_worth *worth, uint8_t more);
/* How many it would take, whoever would make them. */
uint8_t admission_price(const struct admission *admission,
    const struct turn *turn, const struct admission_worth *worth);
/* Have them made.  Emits STAMP, and WAITS. */
void admission_make(struct admission *admission, struct turn *turn,
    const struct admission_waiting *waiting, uint8_t bits);
bool admission_is_making(
    const struct admission *admission, const struct envelope_id *id);
/* It is made: take it out; false when it is none of these. */
bool admission_made(struct admission *admission, const struct envelope_id *id,
    struct admission_waiting *out);

/* Bytes of all envelopes that wait. */
uint64_t admission_waiting_bytes(const struct admission *admission);
size_t admission_bytes(const struct admission *admission);
const char *admission_violation(
    const struct admission *admission, uint64_t now_ms);

#endif
