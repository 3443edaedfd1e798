/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peers that ask and do not read. */
#include "config.h"

#include "tests/hostile/hostile.h"
#include "tests/hostile/peer.h"

enum { LINKS_MOST = 32, ITEMS = 24, LARGEST_CLASS = 3 };

/* One link brings envelopes, so that their ids are known; the others ask for
 * all of them, again and again, and take nothing off their sockets. */
void mode_leech(struct hostile *hostile)
{
    uint64_t links = hostile_number(hostile, 0, 8);
    uint64_t rounds = hostile_number(hostile, 1, 100);
    static struct envelope_id ids[ITEMS];
    static struct peer bringer, leeches[LINKS_MOST];
    static struct forged forged;
    peer_join(hostile, &bringer, &(struct peer_kind){0}, FEATURE_TREE);
    for (int i = 0; i < ITEMS; i++) {
        forge(hostile, &forged, LARGEST_CLASS, 24);
        const struct frame push = forged_push(&forged);
        peer_send(&bringer, &push);
        ids[i] = forged.id;
    }
    hostile_tell("linked", peer_settle(&bringer));
    struct frame want = {.type = FRAME_WANT};
    want.ids.count = ITEMS;
    want.ids.ids = ids;
    for (uint64_t i = 0; i < links && i < LINKS_MOST; i++) {
        peer_join(hostile, &leeches[i], &(struct peer_kind){.is_narrow = true},
            FEATURE_TREE);
        for (uint64_t round = 0; round < rounds; round++)
            peer_send(&leeches[i], &want);
    }
    hostile_tell("frames", links * rounds);
    hostile_hold();
    for (uint64_t i = 0; i < links && i < LINKS_MOST; i++)
        peer_close(&leeches[i]);
    peer_close(&bringer);
}
