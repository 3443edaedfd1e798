/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Built in the place of peer_signal.c where configure found no such library. */
#include "tests/bench/peer.h"

const char *peer_signal(struct figures *out)
{
    (void)out;
    return "not found by configure: install libsignal-protocol-c-dev and "
           "libssl-dev";
}
