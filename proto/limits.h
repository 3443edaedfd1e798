/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_LIMITS_H
#define PROTO_LIMITS_H

/* Every maximum of the whole program.  `sotto limits` prints those that a
 * person can meet, proto/README.md those that a peer can.  Units are in the
 * names. */

#define KIB 1024ul
#define MIB (1024ul * KIB)
#define GIB (1024ul * MIB)

/* Time. */
#define HOUR_S 3600ul
#define DAY_S  (24ul * HOUR_S)

/* Numbers that control prints: what every JSON reader keeps exactly
 * (RFC 8259, section 6).  A peer's clock is held to it too. */
#define LIMIT_NUMBER ((1ull << 53) - 1)
#define LIMIT_TIME_S LIMIT_NUMBER

/* Envelopes. */
#define LIMIT_ENVELOPE_BYTES     (32ul * KIB) /* class 3 */
#define LIMIT_ENVELOPE_LIFE_H    (14ul * 24)  /* expires at most this ahead */
#define LIMIT_ENVELOPE_DEFAULT_H (7ul * 24)
#define LIMIT_CLOCK_SKEW_H       1ul /* tolerated when judging an expiry */
#define LIMIT_CLOCK_LIE_S        (12ul * 3600) /* of a peer's HELLO */
#define LIMIT_STAMP_VALUE        54ul /* that a stamp can give an envelope */
#define LIMIT_STAMP_BITS         16ul /* default, on own letters, at most */
#define LIMIT_STAMP_BITS_MOST    24ul

/* Letters: what a person writes. */
#define LIMIT_TEXT_BYTES       (24ul * KIB) /* fits a class 3 envelope */
#define LIMIT_NAME_BYTES       64ul
#define LIMIT_CONTACTS         4096ul
#define LIMIT_OUTBOX_LETTERS   65536ul
#define LIMIT_INBOX_LETTERS    1048576ul
#define LIMIT_NOTES            65536ul
#define LIMIT_BURN_S           (365ul * DAY_S)
#define LIMIT_PASSPHRASE_BYTES 1024ul
#define LIMIT_READ_IDS         18ul /* message ids in one read receipt */

/* Files.  Every node carries every part of every file, so they are small: the
 * largest is 34 envelopes, a 240th of a shelf.  Parts that go at once stay
 * within what a peer takes before it puts a price on mail. */
#define LIMIT_FILE_BYTES         (1ul * MIB)
#define LIMIT_FILE_PART_BYTES    (31ul * KIB) /* fits a class 3 envelope */
#define LIMIT_FILE_PARTS         34ul
#define LIMIT_FILE_NAME_BYTES    255ul
#define LIMIT_FILE_PARTS_FLYING  8ul /* unconfirmed, to a contact; then wait */
#define LIMIT_FILE_PARTS_BURST   4ul /* to all; then one in: */
#define LIMIT_FILE_PART_MS       1000ul /* half of what a peer takes */
#define LIMIT_FILES_SENT         64ul  /* the oldest that has ended gives way */
#define LIMIT_FILES_RECEIVED     256ul /* then refused; those ended give way */
#define LIMIT_FILES_RECEIVED_ONE 64ul  /* of them from one contact */
#define LIMIT_FILES_ARRIVING     8ul   /* from one contact; then refused */
#define LIMIT_FILES_BYTES        (64ul * MIB) /* received, whole or to come */
#define LIMIT_FILES_BYTES_ONE    (16ul * MIB) /* of them from one contact */

/* Sessions. */
#define LIMIT_TAG_WINDOW   128ul  /* tags registered ahead, a chain */
#define LIMIT_UNCONFIRMED  96ul   /* letters in flight, then hold back */
#define LIMIT_SKIPPED      2048ul /* skipped entries a session */
#define LIMIT_INTRO_SLOTS  64ul   /* first contacts an address a day */
#define LIMIT_INTRO_DAYS   16ul   /* days of intro tags registered */
#define LIMIT_INTRO_LEFT_H 84ul   /* of a first contact; then another */
#define LIMIT_REQUESTS     64ul   /* strangers pending */
#define LIMIT_INVITES      32ul   /* given out and not used */

/* Groups. */
#define LIMIT_GROUPS           256ul
#define LIMIT_GROUP_MEMBERS    64ul
#define LIMIT_GROUP_OPS        512ul /* changes to a group's membership, ever */
#define LIMIT_GROUP_OPS_LETTER 32ul  /* of them in one letter */
#define LIMIT_GROUP_PARENTS    8ul   /* concurrent changes that one follows */
#define LIMIT_GROUP_MESSAGES   256ul /* under one sender key */
#define LIMIT_GROUP_KEY_S      (7ul * DAY_S) /* life of a sender key */
#define LIMIT_GROUP_KEYS       8ul    /* of one sender in one group, kept */
#define LIMIT_GROUP_JOINS      32ul   /* groups that are being joined */
#define LIMIT_INTRODUCED       4096ul /* members who are no contacts */

/* Evidential conversations. */
#define LIMIT_EVIDENCE_NUMBER        2147483647ul /* in one chain, ever */
#define LIMIT_EVIDENCE_CHAIN         16384ul      /* letters kept of one */
#define LIMIT_EVIDENCE_LETTERS       262144ul     /* kept of all */
#define LIMIT_EVIDENCE_CONVERSATIONS 4096ul
#define LIMIT_TRANSCRIPT_BYTES       (256ul * MIB)

/* Links and frames. */
#define LIMIT_FRAME_BYTES       (LIMIT_ENVELOPE_BYTES + 64)
#define LIMIT_LINKS             64ul
#define LIMIT_NEW_LINKS_S       4ul /* default, from one network; then refused */
#define LIMIT_NEW_LINKS_MOST_S  1000ul /* that can be configured */
#define LIMIT_FRAME_IDS         256ul  /* ids in one frame */
#define LIMIT_HELLO_ENDPOINTS   8ul
#define LIMIT_ENDPOINT_BYTES    128ul
#define LIMIT_RECONCILE_BYTES   (16ul * KIB)
#define LIMIT_RECONCILE_ROUNDS  8ul
#define LIMIT_PEER_RATE_BYTES_S (64ul * KIB) /* default, new payload a peer */
#define LIMIT_LINK_QUEUE_BYTES  (256ul * KIB)
#define LIMIT_NODE_QUEUE_BYTES  (8ul * MIB)
/* A forward that has waited so long for its link is announced instead: by then
 * a peer that another has told of it (0.5 s) has been patient (1 s), asked, and
 * been answered, or asked a second (src/relay/tree.h); and it is still so new
 * that it is announced at all (30 s). */
#define LIMIT_FORWARD_STALE_MS 4000ul
#define LIMIT_DIAL_TARGETS     256ul
#define LIMIT_WAITING_RECEIPTS 4096ul /* receipts for unknown ids */
#define LIMIT_STEM_ITEMS       4096ul /* hidden; then what comes is shown */
#define LIMIT_STEM_LINKS       3ul    /* with fewer nothing is hidden */

/* Membership. */
#define LIMIT_FRAME_NODES 8ul   /* nodes named in one frame */
#define LIMIT_WALK_HOPS   6ul   /* that a shuffle or a newcomer's name goes */
#define LIMIT_KEPT_NODES  64ul  /* remembered across a restart */
#define LIMIT_KEPT_SCORES 256ul /* the same; then the least bad is not */

/* The shelf. */
#define LIMIT_SHELF_BYTES         (256ul * MIB) /* default quota */
#define LIMIT_SHELF_MINIMUM_BYTES (1ul * MIB)
#define LIMIT_SHELF_IDS           4194304ul /* ids known at once */
/* What there was no room for, here and at peers: remembered so that it is
 * neither asked for nor pushed again; then the oldest is forgotten, and may
 * travel in vain once more. */
#define LIMIT_REFUSED_IDS 4096ul
#define LIMIT_UNKEPT_IDS  4096ul

/* Port and control. */
#define LIMIT_PORT_BYTES         (64ul * KIB)
#define LIMIT_PORT_TAGS          512ul
#define LIMIT_BEACON_KEYS        500ul /* contacts found on a local network */
#define LIMIT_CONTROL_LINE_BYTES (1ul * MIB)
#define LIMIT_CONTROL_DEPTH      8ul
#define LIMIT_CONTROL_TOKENS     16384ul /* values and members in a line */
#define LIMIT_CONTROL_CLIENTS    64ul
#define LIMIT_CONTROL_ROWS       256ul /* rows in one reply */

#endif
