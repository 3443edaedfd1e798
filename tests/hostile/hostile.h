/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_HOSTILE_HOSTILE_H
#define TESTS_HOSTILE_HOSTILE_H

#include <stdint.h>

#include "base/random.h"
#include "proto/ids.h"

/* One run of the program: whom it is hostile to, and what its mode was
 * told. */
struct hostile {
    void *zmq;
    const char *address; /* tcp://ADDRESS:PORT */
    struct node_key relay;
    struct random_seeded random;
    unsigned dialled; /* sockets, ever */
    int argc;         /* what stands behind the mode and the endpoint */
    char **argv;
};

/* End the program: what a mode needs before it can misbehave is not there. */
_Noreturn void hostile_die(const char *what);

/* One fact for the test that runs it: "name number", a line. */
void hostile_tell(const char *name, uint64_t number);

/* The mode's argument of that place as a number, or what it is without one. */
uint64_t hostile_number(
    const struct hostile *hostile, int place, uint64_t otherwise);

/* Stay as one is until standard input ends: the test then has seen enough.
 * Says "held" first. */
void hostile_hold(void);

/* Milliseconds of the monotonic clock; seconds of the wall clock. */
uint64_t hostile_now_ms(void);
uint64_t hostile_wall_s(void);

/* The modes, each a way to misbehave; by what they are about. */

/* modes_frames.c: bytes that are no frames. */
void mode_flood(struct hostile *hostile);
void mode_malformed(struct hostile *hostile);
void mode_unknown(struct hostile *hostile);
void mode_early(struct hostile *hostile);
void mode_parts(struct hostile *hostile);
void mode_endless(struct hostile *hostile);
void mode_oversize(struct hostile *hostile);

/* modes_mail.c: false stamps and receipts, replays, floods of mail. */
void mode_stamps(struct hostile *hostile);
void mode_receipts(struct hostile *hostile);
void mode_early_receipts(struct hostile *hostile);
void mode_bring(struct hostile *hostile);
void mode_replay(struct hostile *hostile);
void mode_expired(struct hostile *hostile);
void mode_overflow(struct hostile *hostile);
void mode_duplicates(struct hostile *hostile);

/* modes_door.c: connections that do not become links. */
void mode_silent(struct hostile *hostile);
void mode_greeting(struct hostile *hostile);
void mode_half(struct hostile *hostile);
void mode_wrong_key(struct hostile *hostile);
void mode_clear(struct hostile *hostile);

/* modes_slow.c: peers that do not read. */
void mode_leech(struct hostile *hostile);

/* modes_identity.c: whose link it is. */
void mode_outcast(struct hostile *hostile);
void mode_return(struct hostile *hostile);
void mode_names(struct hostile *hostile);
void mode_rush(struct hostile *hostile);
void mode_twins(struct hostile *hostile);
void mode_impostor(struct hostile *hostile);
void mode_changeling(struct hostile *hostile);
void mode_alias(struct hostile *hostile);
void mode_greeter(struct hostile *hostile);
void mode_mute(struct hostile *hostile);
void mode_clock(struct hostile *hostile);

/* modes_mesh.c: trees, sets of envelopes, neighbours. */
void mode_clutch(struct hostile *hostile);
void mode_promises(struct hostile *hostile);
void mode_rounds(struct hostile *hostile);
void mode_joins(struct hostile *hostile);
void mode_sybils(struct hostile *hostile);

#endif
