/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_CONTROL_RESULT_H
#define PROTO_CONTROL_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "proto/card.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* What results and rows of the control protocol have (see proto/control.h):
 * a struct for each thing that a person is told of.  Spans and words in them
 * are borrowed. */

/* Identifiers as text, terminated. */
enum {
    CONTROL_MESSAGE_ID_CHARS = 32,  /* hexadecimal */
    CONTROL_FINGERPRINT_CHARS = 64, /* hexadecimal */
    CONTROL_GROUP_ID_CHARS = 64,    /* hexadecimal */
    CONTROL_FILE_HASH_CHARS = 64,   /* hexadecimal */
    CONTROL_NODE_KEY_CHARS = 64,    /* hexadecimal */
    CONTROL_ACCORD_CHARS = 64,      /* hexadecimal */
    CONTROL_PHRASE_CHARS = 32,      /* base32 */
    CONTROL_SAFETY_CHARS = 60,      /* digits */
    CONTROL_CHECK_CHARS = 32,       /* hexadecimal */
};

/* Where a letter stands, for its sender. */
enum outbox_state {
    OUTBOX_QUEUED,    /* safe on this disk */
    OUTBOX_HANDED,    /* taken by at least one peer */
    OUTBOX_DELIVERED, /* the recipient's own receipt came */
    OUTBOX_READ,      /* the recipient's vault says it was read */
    OUTBOX_EXPIRED,
    OUTBOX_RECALLED,
    OUTBOX_REFUSED, /* the recipient's vault refused its file, or dropped it */
};
const char *outbox_state_name(enum outbox_state state);

struct control_card {
    char card[INVITE_TEXT_CHARS + 1]; /* or an invite */
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    uint64_t expires_at_s; /* it can be added until then */
    uint64_t invite;       /* its number; 0: a card */
};

/* An invite that was given out, and not used. */
struct control_invite {
    uint64_t number;
    uint64_t made_at_s; /* the hour */
    uint64_t expires_at_s;
};

/* A recovery phrase; wipe it. */
struct control_phrase {
    char phrase[CONTROL_PHRASE_CHARS + 1];
};

/* A block of a backup. */
enum {
    CONTROL_BACKUP_HEADER_BYTES = 64, /* before the first */
    CONTROL_BACKUP_BLOCK_BYTES = 65536,
    CONTROL_DATA_CHARS =
        2 * (CONTROL_BACKUP_HEADER_BYTES + CONTROL_BACKUP_BLOCK_BYTES),
};
struct control_part {
    struct span data; /* hexadecimal; empty where a backup is restored */
    uint64_t next;    /* block; 0: that was the last */
};

/* What became of a piece of a bundle. */
struct control_bundle {
    uint64_t bytes;   /* of whole records that were read */
    uint64_t records; /* of these, but the end */
    bool ended;       /* the end was among them */
    /* Of the records, taken in: */
    uint64_t envelopes; /* new */
    uint64_t receipts;  /* that cleared what is here */
    /* and not: */
    uint64_t known;
    uint64_t early; /* receipts of what is not known; kept a while */
    uint64_t expired;
    uint64_t too_far_ahead;
    uint64_t no_room;
    uint64_t false_receipts;
    uint64_t false_stamps;
    char check[CONTROL_CHECK_CHARS + 1]; /* of the last record */
    struct span fault; /* what is wrong behind these bytes; or empty */
    struct span data;  /* peek: their items, hexadecimal, as in a digest */
};

/* What a restored vault has. */
struct control_restored {
    uint64_t contacts;
    uint64_t letters; /* that were received */
    uint64_t notes;
    uint64_t unreached; /* contacts that a first contact could not be made to */
};

struct control_contact {
    struct span name;
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    const char *state;    /* "unverified", "invited", "verified",
                             "changed"; without a name "introduced" */
    const char *session;  /* "none", "contacting", "unanswered" (and it is not
                             tried any more), "open" */
    const char *evidence; /* as of control_evidence */
    const char *receipts; /* "default": as configured; "prompt", "discreet" */
    uint64_t added_at_s;
    bool blocked;
    /* "changed": of the card that was added under this name; else empty */
    char offered[CONTROL_FINGERPRINT_CHARS + 1];
};

/* What two people compare to know each other's keys. */
struct control_safety {
    struct span name;
    const char *state; /* as of a contact, before this */
    char number[CONTROL_SAFETY_CHARS + 1];
    /* whose number it is: the card that was offered, if the key has changed */
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    char known[CONTROL_FINGERPRINT_CHARS + 1];
    bool confirmed;
};

/* A stranger's first contact that waits. */
struct control_stranger {
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    uint64_t came_at_s;
    uint64_t forgotten_at_s;
    bool invited; /* through an invite of ours */
};

struct control_letter {
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    struct span from;
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    struct span text;
    uint64_t sent_at_s; /* by the sender's clock */
    uint64_t received_at_s;
    const char *state;   /* "unread", "read" */
    uint64_t burn_s;     /* lives so long after reading; 0 = it stays */
    uint64_t burns_at_s; /* 0 = not running */
    /* "deniable"; "evidential": signed, and in its place; "unproven": it came
     * as signed, but does not hold, and proves nothing */
    const char *evidence;
    uint64_t number; /* its place in its writer's chain; deniable: 0 */
    /* Of a letter that came through a group; empty between two. */
    struct span group; /* its name */
    char group_id[CONTROL_GROUP_ID_CHARS + 1];
    const char *view; /* how its sender's view stood to ours: "current", "old"
                         (it lacked somebody's going), "unknown" */
    /* Of one with a file; else empty. */
    struct span file; /* its name */
    uint64_t file_bytes;
    uint64_t file_done;     /* bytes that are here */
    const char *file_state; /* of a control_file; "refused"; "gone": not here */
    const char *file_reason;
};

/* A file that was sent or received; its id is that of its letter. */
struct control_file {
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    const char *direction; /* "in", "out" */
    struct span who;       /* from or to whom */
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    struct span name;
    /* out: "offered", "sending", "delivered", "refused", "cancelled",
     * "expired"; in: "arriving", "whole", "damaged", "cancelled", "expired" */
    const char *state;
    const char *reason; /* "refused": "dropped", "damaged", "name", "size",
                           "room", "count", "stranger" */
    uint64_t bytes;
    uint64_t done; /* out: confirmed; in: here */
    char hash[CONTROL_FILE_HASH_CHARS + 1];
    uint64_t began_at_s;
    uint64_t expires_at_s; /* what has not come by then does not come */
    uint64_t burn_s;
    uint64_t burns_at_s; /* 0 = not running */
};

/* How letters to and from a contact are, and what there is that is signed. */
struct control_evidence {
    struct span name;
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    /* "deniable", "evidential", "proposed-by-you", "proposed-by-them" */
    const char *state;
    /* what has just made it so, or "none": "proposed", "accepted", "declined",
     * "withdrawn", "ended", "lapsed", "broken", "forgotten" */
    const char *change;
    bool by_them; /* that change */
    /* of the present conversation; empty while there is none */
    char conversation[CONTROL_ACCORD_CHARS + 1];
    uint64_t since_s;  /* proposed or accepted; 0 while deniable */
    uint64_t written;  /* signed letters of ours, ever */
    uint64_t received; /* of theirs, which hold */
    uint64_t missing;  /* of theirs, before one that is there */
};

/* A note in the notebook; memo, since a note is a notification here. */
struct control_memo {
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    struct span title; /* the first line, or the start of it */
    struct span text;  /* where it was asked for */
    uint64_t text_bytes;
    uint64_t made_at_s;
    uint64_t burns_at_s; /* 0 = it stays */
};

struct control_outbox_item {
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    struct span to;
    enum outbox_state state;
    uint64_t handed_to;  /* peers that took it from this node */
    uint64_t stamp_bits; /* it waits for a stamp of so many; 0: for none */
    uint64_t sent_at_s;
    uint64_t expires_at_s;
    uint64_t delivered_at_s;                   /* 0 = not delivered */
    const char *evidence;                      /* "deniable", "evidential" */
    char group_id[CONTROL_GROUP_ID_CHARS + 1]; /* empty: to a contact */
    uint64_t copies;       /* people that it is to, and are members still */
    uint64_t delivered_to; /* of them */
    uint64_t read_by;
    struct span file; /* its name, of a letter with one; else empty */
    uint64_t file_bytes;
    uint64_t file_done; /* that were confirmed */
};

/* One of those whom a letter is to. */
struct control_copy {
    struct span name; /* empty: no contact */
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    const char *state; /* "waiting", "delivered", "read"; "gone": no member any
                          more, and had not confirmed it; or how the letter
                          has ended without that: "expired", "recalled" or
                          "refused" */
    uint64_t delivered_at_s; /* 0 = not, as far as is known */
    uint64_t read_at_s;
};

struct control_group {
    char id[CONTROL_GROUP_ID_CHARS + 1];
    struct span name;
    const char *state; /* "joining", "member", "left", "removed" */
    bool admin;        /* this person is one */
    uint64_t members;  /* this person too */
    uint64_t invited;  /* by this person, and have not answered */
};

struct control_member {
    struct span name; /* empty: no contact */
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    const char *role;  /* "admin", "member", "invited" */
    const char *state; /* "you"; of a contact's key; "introduced": no contact */
    bool blocked;
    struct span called; /* by whoever added them */
    struct span by;     /* who added them; empty: no contact, or this person */
    char by_fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
};

/* Something has happened in a group. */
struct control_group_event {
    char id[CONTROL_GROUP_ID_CHARS + 1];
    struct span name;
    const char *what; /* "joining", "joined", "removed": this person; "added",
                         "gone": somebody else */
    struct span who;  /* somebody else; joining: who asks; empty: no contact */
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1]; /* theirs, or empty */
};

struct control_link {
    char key[CONTROL_NODE_KEY_CHARS + 1];
    const char *state;    /* "dialling", "probation", "up", "backoff" */
    const char *why;      /* "pinned", "beacon", "found", "inbound" */
    const char *standing; /* "good", "poor", "refused", "graylisted" */
    uint64_t demerits;    /* points of its score below zero */
    bool outbound;
    bool answered;        /* backoff: by somebody who ended the handshake */
    struct span endpoint; /* what was dialled; empty for an inbound link */
    uint64_t since_s;
    uint64_t rtt_ms; /* smoothed; 0 = not measured */
    uint64_t received_bytes;
    uint64_t sent_bytes;
};

/* A count with the word it is published under. */
struct control_count {
    const char *name;
    uint64_t count;
};

struct control_relay_status {
    char key[CONTROL_NODE_KEY_CHARS + 1];
    const char *version;
    uint64_t uptime_s;
    const char *sandbox; /* "landlock+seccomp", "seccomp", "log", "none" */
    size_t endpoint_count;
    const struct span *endpoints; /* tcp://…#KEY */
    size_t link_count;
    const struct control_link *links;
    struct span proxy_address; /* through which is dialled; empty: none */
    struct span proxy_trouble; /* what was last wrong with it; empty: nothing */
    uint64_t proxy_failed;     /* dials that ended at it since that began */
    uint64_t proxy_since_s;    /* when that began, by the clock */
    uint64_t shelf_envelopes;
    uint64_t shelf_bytes;
    uint64_t shelf_quota_bytes;
    uint64_t shelf_cleared;     /* proofs kept of cleared envelopes */
    uint64_t shelf_saved_bytes; /* what those would take up */
    uint64_t shelf_evicted;     /* dropped for room, and still known */
    uint64_t shelf_hidden;      /* on their stems, receipts among them */
    uint64_t stamp_least; /* value that an envelope must have to be taken */
    uint64_t stamp_asked; /* value that own envelopes are stamped for */
    uint64_t stamps_making;
    uint64_t stamps_checked;
    size_t refused_count;
    const struct control_count *refused; /* what was refused, by reason */
    size_t traffic_count;
    const struct control_count *traffic; /* frames by type and direction */
};

enum vault_state {
    VAULT_EMPTY,
    VAULT_INCOMPLETE, /* records without their key slots */
    VAULT_LOCKED,
    VAULT_UNLOCKED,
};
const char *vault_state_name(enum vault_state state);

struct control_vault_status {
    enum vault_state state;
    const char *self_unlock; /* --unlock-with: none, trying or failed */
    const char *missing;     /* of its two files: none, slots or records */
    const char *sandbox;
    /* Zero unless unlocked. */
    uint64_t contacts;
    uint64_t requests; /* strangers whose first contact waits */
    uint64_t unread;
    uint64_t outbox;   /* letters not yet delivered, expired or recalled */
    uint64_t arriving; /* files */
    /* Since it was unlocked: letters that make no sense, files, and parts. */
    uint64_t refused_letters;
    uint64_t refused_file_names;
    uint64_t refused_file_sizes;
    uint64_t refused_file_room;
    uint64_t refused_file_counts;
    uint64_t refused_file_strangers;
    uint64_t refused_parts_unknown;
    uint64_t refused_parts_false;
};

#endif
