/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Built in the place of peer_olm.c where configure found no such library. */
#include "tests/bench/peer.h"

const char *peer_olm(struct figures *out)
{
    (void)out;
    return "not found by configure: install libolm-dev";
}
