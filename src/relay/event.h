/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_EVENT_H
#define RELAY_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "proto/address.h"
#include "proto/frame.h"
#include "proto/ids.h"

struct kept_node;  /* effect.h */
struct kept_score; /* the same */

/* What can happen to a relay.  Every pointer and span is borrowed for the one
 * call of relay_step.
 *
 * Links are numbered by whoever performs the effects; a number is never used
 * twice in a relay's life.  Dial targets are numbered by the relay. */
enum relay_event_kind {
    RELAY_TICK,           /* the deadline has come */
    RELAY_RESTORED,       /* at the start: one item of the shelf, as stored */
    RELAY_RESTORED_NODE,  /* at the start: one that was kept */
    RELAY_RESTORED_SCORE, /* at the start, before any link: the same */
    RELAY_CONNECT,    /* a person, the configuration or a beacon names a node */
    RELAY_DISCONNECT, /* a person ends what CONNECT began */
    RELAY_LINK_UP,    /* a link is there and its peer's key is authentic */
    RELAY_LINK_DOWN,  /* a link is gone, for whatever reason */
    RELAY_DIAL_FAILED,
    RELAY_FRAME,     /* a well-formed frame came */
    RELAY_MALFORMED, /* bytes came that are no frame */
    RELAY_UNKNOWN,   /* a well-formed frame of a type not known here */
    RELAY_DROPPED,   /* a frame for a link was not sent: its queue was full, or
                        it was a forward that waited too long */
    RELAY_SUBMIT,    /* the vault: carry this envelope */
    RELAY_RELEASE,   /* the vault: let this receipt go */
    RELAY_LOOKUP,    /* the vault: what lies under these tags? */
    RELAY_IMPORT,    /* a person brings one record of a bundle */
    RELAY_CHECKED,   /* FRAME again, after CHECK: its stamp was checked */
    RELAY_LOST,      /* the store gave up an envelope that was damaged there */
    RELAY_STAMPED,   /* a stamp that STAMP asked for is made, or will not be */
    RELAY_LISTEN,    /* the vault wants new envelopes, or no longer */
    RELAY_STOP,      /* say goodbye to all peers */
};

enum shelf_state {
    SHELF_STORED,  /* the envelope is in the store */
    SHELF_CLEARED, /* the envelope is wiped, its opening is kept as proof */
    SHELF_EVICTED, /* the envelope was dropped for room; its id stays known */
};

/* Where a CONNECT came from; pinned ones are redialled for ever. */
enum relay_origin {
    ORIGIN_PERSON,
    ORIGIN_CONFIG,
    ORIGIN_BEACON,
    ORIGIN_MEMBER, /* the relay's own choice; no event has it */
};

struct relay_event {
    enum relay_event_kind kind;
    uint64_t now_ms;  /* monotonic, from any start */
    uint64_t clock_s; /* wall clock, seconds since the epoch */
    union {
        struct {
            struct envelope_id id;
            struct receipt_hash receipt_hash;
            struct opening opening; /* SHELF_CLEARED */
            uint32_t expires_h;
            uint32_t bytes;
            uint8_t stamp_bits;
            enum shelf_state state;
        } restored;
        const struct kept_node *restored_node;
        const struct kept_score *restored_score;
        struct {
            struct span endpoint; /* tcp://ADDRESS:PORT */
            struct node_key key;  /* DISCONNECT: zero where not given */
            enum relay_origin origin;
        } connect; /* CONNECT and DISCONNECT */
        struct {
            uint32_t link;
            struct node_key key;
            bool outbound;
            uint32_t target;     /* outbound: of the DIAL effect */
            struct address from; /* inbound; size 0 where not known */
        } link_up;
        struct {
            uint32_t link;
        } link; /* LINK_DOWN, MALFORMED, UNKNOWN */
        struct {
            uint32_t link;
            bool is_push; /* of that envelope */
            struct envelope_id id;
        } dropped;
        struct {
            struct envelope_id id;
        } lost;
        struct {
            uint32_t target;
            bool was_answered; /* somebody is there, and is not that node, or
                                  lets nobody in */
        } dial_failed;
        struct {
            uint32_t link;
            const struct frame *frame;
            uint32_t bytes;   /* encoded size */
            bool is_genuine;  /* CHECKED: its stamp */
            uint32_t cost_us; /* CHECKED: of processor time */
        } frame;
        struct {
            struct envelope_id id;
            const struct envelope *envelope; /* as it is to go; NULL: gone */
        } stamped;
        struct {
            struct envelope_id id;
            const struct envelope *envelope;
            bool urgent;
        } submit;
        struct {
            struct envelope_id id;
            struct opening opening;
        } release;
        struct {
            size_t count;
            const struct tag *tags;
        } lookup;
        struct {
            struct envelope_id id;
            const struct envelope *envelope; /* or NULL: a receipt */
            struct opening opening;
            bool is_genuine; /* the envelope's stamp, if it has one */
        } import;
        bool listen;
    };
};

#endif
