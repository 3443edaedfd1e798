/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_RELAY_LOOP_H
#define DAEMON_RELAY_LOOP_H

#include "daemon/relay_state.h"

/* Let one event happen, within this turn.  What the shelf must keep is written
 * at once; all other effects wait for the turn's end. */
void relay_loop_step(struct relay_loop *loop, const struct relay_event *event);

/* Tell the log what of the shelf was found damaged since it was told last. */
void relay_loop_tell_damage(struct relay_loop *loop);

/* Commit what has been written since the last commit, if anything. */
void relay_loop_commit(struct relay_loop *loop);

/* End the turn: commit where that is due, then perform what waits, then set the
 * next deadline. */
void relay_loop_end_turn(struct relay_loop *loop);

/* The callbacks of transport, port, beacon and stamper; context is the loop. */
void relay_loop_wake(void *context);
void relay_loop_message(void *context, struct span bytes);
void relay_loop_port_gone(void *context);
void relay_loop_port(void *context, int fd);
void relay_loop_stamped(
    void *context, const struct envelope_id *id, const uint8_t *stamp);
void relay_loop_seen(
    void *context, struct span endpoint, const struct node_key *node);
size_t relay_loop_say(void *context, const uint8_t address[static 16],
    uint8_t out[static BEACON_MAXIMUM_BYTES]);
void relay_loop_heard(
    void *context, const struct beacon_source *source, struct span datagram);

#endif
