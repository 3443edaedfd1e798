/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for statuses.  The control protocol publishes them, so a word never
 * changes its meaning. */
#include "base/status.h"

const char *status_name(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return "ok";
    case STATUS_NO_MEMORY:
        return "no-memory";
    case STATUS_FULL:
        return "full";
    case STATUS_TOO_LARGE:
        return "too-large";
    case STATUS_INVALID:
        return "invalid";
    case STATUS_REFUSED:
        return "refused";
    case STATUS_NOT_FOUND:
        return "not-found";
    case STATUS_AMBIGUOUS:
        return "ambiguous";
    case STATUS_EXISTS:
        return "exists";
    case STATUS_EXPIRED:
        return "expired";
    case STATUS_LOCKED:
        return "locked";
    case STATUS_AGAIN:
        return "again";
    case STATUS_IO:
        return "io";
    }
    return "unknown";
}
