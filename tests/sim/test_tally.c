/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relay's status says, as the simulator counts it. */
#include "sim/live/tally.h"

#include "proto/frame.h"
#include "tests/tap.h"

int main(void)
{
    const struct control_count traffic[] = {{"received-push", 10},
        {"received-stem", 2}, {"received-stem-receipt", 3}, {"sent-push", 7},
        {"sent-push-bytes", 7000}, {"sent-receipt-bytes", 50},
        {"sent-receipt", 4}, {"taken", 6}, {"sent-nothing-known", 99},
        {"received-push-bytes-more", 99}};
    const struct control_link links[] = {
        {.state = "up"}, {.state = "probation"}, {.state = "up"}};
    const struct control_relay_status status = {.traffic = traffic,
        .traffic_count = sizeof(traffic) / sizeof(traffic[0]),
        .links = links,
        .link_count = 3,
        .shelf_envelopes = 5,
        .shelf_bytes = 5120,
        .shelf_cleared = 1};
    struct tally tally, past = {0};
    struct counts counts = {.shelf_peak_bytes = 100};
    tally_read(&status, &tally);
    tally_count(&tally, &counts);
    ok(counts.payloads_arrived == 12 && counts.payloads_new == 6,
        "payloads come by push and on the stem");
    ok(counts.frames_arrived == 15 && counts.frames_sent == 11,
        "all kinds of frames are counted, and words that are none are not");
    ok(counts.sent_bytes == 7050 && counts.control_bytes == 50 &&
            counts.kind_bytes[FRAME_PUSH] == 7000 &&
            counts.kind_frames[FRAME_RECEIPT] == 4,
        "bytes go to their kind, and to control where it has no envelope");
    ok(counts.stored == 5 && counts.stored_bytes == 5120 &&
            counts.cleared == 1 && counts.shelf_peak_bytes == 5120,
        "the shelf is as it stands");
    ok(counts.links == 2, "links count when they are up");
    tally_add(&past, &tally);
    tally_count(&past, &counts);
    ok(counts.payloads_arrived == 24 && counts.payloads_new == 12 &&
            counts.stored == 5 && counts.links == 2,
        "an earlier start adds what it counted, and not how things stood");
    return tap_done();
}
