/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

/* What a call came to, named by what the caller does next.  Zero is success.
 * A function that returns a status leaves its out-pointers untouched when it
 * fails, and its header says which of these it returns. */
enum status {
    STATUS_OK = 0,
    STATUS_NO_MEMORY, /* give up this operation; all state is as before */
    STATUS_FULL,      /* a published bound is reached; nothing was added */
    STATUS_TOO_LARGE, /* one thing is over its limit; say the numbers */
    STATUS_INVALID,   /* bytes are malformed; drop them, blame their source */
    STATUS_REFUSED,   /* well formed, but not authentic or not allowed */
    STATUS_NOT_FOUND, /* no such thing */
    STATUS_AMBIGUOUS, /* more than one such thing */
    STATUS_EXISTS,    /* already there; nothing was changed */
    STATUS_EXPIRED,   /* its time is over */
    STATUS_LOCKED,    /* needs the vault's secrets, and they are not here */
    STATUS_AGAIN,     /* not now; the same call may succeed later */
    STATUS_IO,        /* the system failed; errno says how */
};

/* Results that must not be dropped. */
#define MUST_USE __attribute__((warn_unused_result))

/* The status as one stable lower-case word ("not-found"), for logs and for
 * the control protocol.  The string is static. */
const char *status_name(enum status status);

#endif
