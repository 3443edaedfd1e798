/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_RELAY_TALLY_H
#define DAEMON_RELAY_TALLY_H

#include "proto/control.h"
#include "relay/effect.h"

/* Count what became of one record of a bundle. */
void relay_tally(
    struct control_bundle *tally, const struct relay_import *import);

#endif
