/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_SPACES_H
#define SIM_LIVE_SPACES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/complaint.h"

/* A network namespace for each node, all behind one bridge.  None has a name:
 * they are held by descriptors of this process and by the nodes in them, and so
 * are gone when those are, whatever happens. */
struct spaces {
    int *list; /* a descriptor for each node */
    uint32_t count;
};

enum { SPACES_MAXIMUM = 1000 }; /* a bridge has 1,024 ports */

/* Make them, and move this process into the one that has the bridge, without
 * any other network.  far_side has a value for each node, for spaces_split.
 * Needs root, ip(8), nft(8) and a kernel that has what they ask of it:
 * STATUS_INVALID with a complaint that says what is missing; STATUS_NO_MEMORY.
 */
MUST_USE enum status spaces_open(struct spaces *spaces, uint32_t count,
    const bool *far_side, struct complaint *complaint);
void spaces_close(struct spaces *spaces);

/* Let packets be lost, or vanish between the two sides, from now on; or no
 * longer.  For the namespaces that this process has opened.  STATUS_IO with a
 * complaint. */
MUST_USE enum status spaces_lose(
    uint64_t loss_ppm, struct complaint *complaint);
MUST_USE enum status spaces_split(bool is_split, struct complaint *complaint);

#endif
