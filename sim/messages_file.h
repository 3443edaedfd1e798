/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MESSAGES_FILE_H
#define SIM_MESSAGES_FILE_H

#include "sim/complaint.h"
#include "sim/letters.h"

/* Read the letters of a scenario from its file of messages, as the ONE writes
 * them: "seconds C id from to bytes".  What the file does not say, lifetime and
 * urgency, is drawn as for other letters.  STATUS_IO, STATUS_INVALID with a
 * complaint; STATUS_NO_MEMORY. */
MUST_USE enum status messages_file_read(struct letters *out,
    const struct scenario *scenario, uint32_t nodes,
    struct complaint *complaint);

#endif
