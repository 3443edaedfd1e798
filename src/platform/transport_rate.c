/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One number: the moment up to which all that may be sent has been.  It may lie
 * a second ahead, which is the burst; ordinary frames stop short of that by a
 * quarter, so that an urgent one never waits behind a backlog.  TCP's and IP's
 * own bytes are not counted: nobody here knows them. */
#include "platform/transport_rate.h"

enum {
    SECOND_US = 1000000,
    ORDINARY_US = SECOND_US / 4 * 3,
    AROUND_BYTES = 33 + 9, /* a frame, by CURVE and ZMTP */
};

bool transport_rate_allows(
    const struct transport_rate *rate, uint64_t now_us, bool ahead)
{
    return rate->bytes_s == 0 ||
           rate->paid_us < now_us + (ahead ? SECOND_US : ORDINARY_US);
}

void transport_rate_spend(
    struct transport_rate *rate, uint64_t now_us, size_t frame_bytes)
{
    if (rate->bytes_s == 0)
        return;
    if (rate->paid_us < now_us)
        rate->paid_us = now_us;
    rate->paid_us +=
        (frame_bytes + AROUND_BYTES) * (uint64_t)SECOND_US / rate->bytes_s;
}
