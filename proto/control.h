/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_CONTROL_H
#define PROTO_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/card.h"
#include "proto/control_result.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* What a person's programs say to their own node: one JSON object a line over
 * a local socket, in the shape of JSON-RPC 2.0; sotto-control(7) is the
 * document.  Both ends use these typed structs; the control_*.c files alone
 * know JSON, from one table of fields for each struct.  A result names its
 * kind; rows are {"kind":"letters","rows":[...],"next":0}.
 *
 *   {"jsonrpc":"2.0","id":1,"method":"send","params":{"name":"bo","text":"x"}}
 *   {"jsonrpc":"2.0","id":1,"result":{"kind":"sent","id":"…",
 *    "state":"queued"}}
 *   {"jsonrpc":"2.0","id":1,"error":{"code":4,"message":"…","data":{"status":
 *    "not-found"}}}
 *   {"jsonrpc":"2.0","method":"letter","params":{…}}     to a subscriber */

/* Who answers: each of a node's two processes has a socket of its own. */
enum control_service { CONTROL_RELAY, CONTROL_VAULT };

enum control_method {
    /* either service */
    CONTROL_STATUS,
    /* relay.sock */
    CONTROL_PEERS,
    CONTROL_CONNECT,     /* endpoint */
    CONTROL_DISCONNECT,  /* endpoint, or node key */
    CONTROL_BUNDLE_LIST, /* data: an id, or none */
    CONTROL_BUNDLE_GET,  /* data: a check, and ids; cursor: records before */
    CONTROL_BUNDLE_PUT,  /* data: a check, and records; cursor, peek */
    /* vault.sock */
    CONTROL_INIT,   /* passphrase, set_aside */
    CONTROL_UNLOCK, /* passphrase */
    CONTROL_LOCK,
    CONTROL_PASSPHRASE,   /* passphrase, new_passphrase: change it */
    CONTROL_DURESS,       /* passphrase, new_passphrase: set that of duress */
    CONTROL_RECOVERY,     /* passphrase */
    CONTROL_PANIC,        /* destroy the vault */
    CONTROL_BACKUP,       /* passphrase: of the backup */
    CONTROL_BACKUP_MORE,  /* cursor */
    CONTROL_RESTORE,      /* passphrase: of the backup; data, set_aside */
    CONTROL_RESTORE_MORE, /* data */
    CONTROL_RESTORE_END,  /* passphrase: of the new vault */
    CONTROL_ID,           /* invite */
    CONTROL_INVITES,      /* those that are out */
    CONTROL_INVITE_VOID,  /* number */
    CONTROL_ADD,          /* name, card: or an invite */
    CONTROL_CONTACTS,     /* cursor */
    CONTROL_VERIFY,       /* name, confirm */
    CONTROL_RENAME,       /* name, new_name */
    CONTROL_RECEIPTS,     /* name, receipts: how soon, or none to be shown */
    CONTROL_BLOCK,        /* name */
    CONTROL_UNBLOCK,      /* name */
    CONTROL_REMOVE,       /* name */
    CONTROL_REQUESTS,     /* cursor */
    CONTROL_ACCEPT,       /* name: of a fingerprint, the beginning; new_name */
    CONTROL_DECLINE,      /* name: as of accept, or of a contact */
    CONTROL_SEND,         /* name, text, life_h, burn_s, urgent, evidence */
    CONTROL_READ,         /* name or group or none, all, peek, limit, cursor */
    CONTROL_OUTBOX,       /* cursor; letter: who has that one */
    CONTROL_RECALL,       /* letter: an id, or the first characters of one */
    CONTROL_EVIDENCE,     /* name: how letters to and from them are */
    CONTROL_EVIDENCE_ON,  /* name: propose that they be signed, or accept it */
    CONTROL_EVIDENCE_OFF, /* name: end, decline or take that back */
    CONTROL_EVIDENCE_FORGET, /* name: what was signed, and is over */
    CONTROL_EXPORT,          /* name */
    CONTROL_EXPORT_MORE,     /* cursor */
    CONTROL_MEMO_ADD,        /* text, burn_s: a note */
    CONTROL_MEMO_LIST,       /* limit, cursor */
    CONTROL_MEMO_READ,       /* note: an id, or the first characters of one */
    CONTROL_MEMO_REMOVE,     /* note */
    CONTROL_GROUP_NEW,       /* name: of the group */
    CONTROL_GROUP_ADD,       /* group, name: of a contact; admin */
    CONTROL_GROUP_REMOVE,    /* group, name: of a contact, or a fingerprint */
    CONTROL_GROUP_LEAVE,     /* group */
    CONTROL_GROUP_FORGET,    /* group */
    CONTROL_GROUP_LIST,      /* limit, cursor */
    CONTROL_GROUP_MEMBERS,   /* group, limit, cursor */
    CONTROL_GROUP_SEND,      /* group, text, life_h, burn_s, urgent */
    CONTROL_FILE_SEND,   /* name, file, size, text, life_h, burn_s, urgent */
    CONTROL_FILE_MORE,   /* cursor: bytes before; data */
    CONTROL_FILE_LIST,   /* letter: that one's alone; limit, cursor */
    CONTROL_FILE_GET,    /* letter, cursor: parts before */
    CONTROL_FILE_CANCEL, /* letter */
    CONTROL_SUBSCRIBE,   /* from now on notifications come as well */
    CONTROL_METHOD_COUNT,
};

/* One request.  Parameters that a method does not have are zero; text fields
 * are borrowed from the decoded message (control_message_clear ends them) and
 * terminated by a NUL that is not part of the span. */
struct control_request {
    enum control_method method;
    uint64_t id; /* echoed in the reply */
    struct span name;
    struct span text;
    struct span passphrase;
    struct span new_passphrase;
    struct span card;
    struct span endpoint; /* tcp://ADDRESS:PORT#NODEKEY */
    struct span letter;
    struct span note;
    uint64_t life_h; /* 0: LIMIT_ENVELOPE_DEFAULT_H */
    uint64_t burn_s;
    uint64_t limit;  /* rows; 0: LIMIT_CONTROL_ROWS */
    uint64_t cursor; /* from an earlier reply's next; 0: from the start */
    bool urgent;
    bool all;
    bool peek;
    struct span new_name;
    struct span data; /* hexadecimal */
    bool confirm;
    bool invite;
    struct span group; /* a name, or the beginning of an id */
    bool admin;
    struct span evidence; /* what the letter must be, if anything */
    uint64_t number;      /* of an invite */
    struct span file;     /* a file's name */
    uint64_t size;        /* of it, in bytes */
    struct span receipts; /* as of a contact */
    bool set_aside;       /* records whose slots are missing */
};

enum control_kind {
    CONTROL_ERROR,
    CONTROL_DONE,
    CONTROL_CARD,
    CONTROL_PHRASE,
    CONTROL_PART,
    CONTROL_RESTORED,
    CONTROL_BUNDLE,
    CONTROL_SENT,
    CONTROL_CONTACT_ROWS,
    CONTROL_LETTER_ROWS,
    CONTROL_OUTBOX_ROWS,
    CONTROL_MEMO_ROWS,
    CONTROL_LINK_ROWS,
    CONTROL_RELAY_STATUS,
    CONTROL_VAULT_STATUS,
    CONTROL_SAFETY,
    CONTROL_REQUEST_ROWS,
    CONTROL_EVIDENCE_STATE,
    CONTROL_GROUP_ROWS,
    CONTROL_MEMBER_ROWS,
    CONTROL_COPY_ROWS,
    CONTROL_INVITE_ROWS,
    CONTROL_FILE_ROWS,
    /* notifications: no id */
    CONTROL_NOTE_LETTER,  /* letter */
    CONTROL_NOTE_OUTBOX,  /* outbox: a letter's state has changed */
    CONTROL_NOTE_VAULT,   /* vault: locked, unlocked, made */
    CONTROL_NOTE_SESSION, /* contact: a session was opened or made anew */
    CONTROL_NOTE_ACCORD,  /* evidence: what was agreed, or ended */
    CONTROL_NOTE_GROUP,   /* group_event */
    CONTROL_NOTE_FILE,    /* file: one that is received has gone on */
    CONTROL_NOTE_LAGGED,  /* you were too slow; the connection ends */
};

struct control_reply {
    enum control_kind kind;
    uint64_t id;   /* of the request; 0 in notifications */
    uint64_t next; /* rows: cursor of the next page, 0 = no more */
    size_t count;  /* rows */
    union {
        struct {
            enum status status;
            struct span message; /* what was wrong and what would be right */
        } error;
        struct control_card card;
        struct control_phrase phrase;
        struct control_part part;
        struct control_restored restored;
        struct control_bundle bundle;
        struct {
            char id[CONTROL_MESSAGE_ID_CHARS + 1];
            enum outbox_state state;
            const char *evidence; /* as of an outbox item */
        } sent;
        const struct control_contact *contacts;
        const struct control_stranger *strangers;
        const struct control_letter *letters;
        const struct control_outbox_item *outbox;
        const struct control_memo *memos;
        const struct control_link *links;
        const struct control_group *groups;
        const struct control_member *members;
        const struct control_copy *copies;
        const struct control_invite *invites;
        const struct control_file *files;
        struct control_relay_status relay;
        struct control_vault_status vault;
        struct control_safety safety;
        struct control_evidence evidence; /* EVIDENCE_STATE, NOTE_ACCORD */
        struct control_letter letter;     /* NOTE_LETTER */
        struct control_outbox_item outbox_item; /* NOTE_OUTBOX */
        struct control_contact contact;         /* NOTE_SESSION */
        struct control_group_event group_event; /* NOTE_GROUP */
        struct control_file file;               /* NOTE_FILE */
    };
};

/* The process exit code that a status means to the command line: 0 done,
 * 1 usage, 2 not running, 3 locked, 4 not found or ambiguous, 5 refused,
 * 6 not delivered in time, 70 a bug (USER's list, in sotto(1)). */
int control_exit_code(enum status status);

/* The method's name on the wire, the service that answers it, and back. */
const char *control_method_name(enum control_method method);
enum control_service control_method_service(enum control_method method);

/* Call once, before the first use and before any sandbox: seeds jansson's
 * hashes from the bytes given (its own way reads a device file) and makes it
 * wipe what it frees. */
void control_init(uint64_t seed);

/* A decoded line and the memory that it borrows from. */
struct control_message {
    bool is_reply; /* reply or notification; else a request */
    struct control_request request;
    struct control_reply reply;
    struct control_memory *memory; /* private */
};

/* Decode one line (without its newline).  STATUS_INVALID when it is not JSON,
 * has a duplicate or unknown member, lacks one that its method needs, or has
 * one of a wrong type; STATUS_TOO_LARGE when a number or length is over its
 * limit; STATUS_NO_MEMORY.  On failure *why points at a static text, and
 * out->request.id, alone, is set: to the id when that could be read, else 0.
 * On success end it with control_message_clear, which wipes. */
MUST_USE enum status control_decode(
    struct span line, struct control_message *out, const char **why);
void control_message_clear(struct control_message *message);

/* Encode as one line with its newline; *out is malloc'd, wipe and free it with
 * control_line_free.  STATUS_TOO_LARGE when a field is over its limit, there
 * are more than LIMIT_CONTROL_ROWS rows, or the line would pass
 * LIMIT_CONTROL_LINE_BYTES (whoever pages through letters ends a page in time:
 * a text can take six times its size); STATUS_INVALID when a text is not
 * UTF-8; STATUS_NO_MEMORY.  A request has no parameters but its method's. */
MUST_USE enum status control_request_encode(
    const struct control_request *request, char **out, size_t *size);
MUST_USE enum status control_reply_encode(
    const struct control_reply *reply, char **out, size_t *size);
void control_line_free(char *line, size_t size);

/* What `--json` prints: the result alone, without the envelope of JSON-RPC.
 * Rows come one a line; anything else is one line.  CONTROL_NOTE_* print as
 * {"event":"letter", …}.  As control_reply_encode in all else. */
MUST_USE enum status control_reply_print(
    const struct control_reply *reply, char **out, size_t *size);

/* What `sotto status --json` prints: both services' status as one object, with
 * members node, links, shelf, vault, sandbox, refused, traffic.  Either may be
 * NULL when its process did not answer; its part is then
 * {"state":"not-running"} (vault), or absent (relay). */
MUST_USE enum status control_status_print(
    const struct control_relay_status *relay,
    const struct control_vault_status *vault, char **out, size_t *size);

/* A table of named numbers, strings and lists of strings as one JSON object. */
struct control_field {
    const char *name;
    const char *text;        /* or NULL: */
    const struct span *body; /* a text without a NUL at its end, or NULL: */
    const struct span *list; /* number of them, or NULL: */
    uint64_t number;
};
MUST_USE enum status control_fields_print(
    const struct control_field *fields, size_t count, char **out, size_t *size);

#endif
