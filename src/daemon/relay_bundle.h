/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_RELAY_BUNDLE_H
#define DAEMON_RELAY_BUNDLE_H

#include "daemon/relay_state.h"
#include "proto/control.h"

/* Bundles, piece by piece, for a program that has a file to write or to read:
 * this process has none.  Each request stands for itself; what must be known of
 * the pieces before it, the request says. */

/* What is here, behind an id, as items of a digest. */
void relay_bundle_list(struct relay_loop *loop, uint64_t client,
    const struct control_request *request);

/* Records of the envelopes and receipts that are asked for, or the end. */
void relay_bundle_get(struct relay_loop *loop, uint64_t client,
    const struct control_request *request);

/* Take in records, or only say what they are. */
void relay_bundle_put(struct relay_loop *loop, uint64_t client,
    const struct control_request *request);

#endif
