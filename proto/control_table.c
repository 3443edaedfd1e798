/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control's requests as data.  To add a parameter or a verb is to add a row
 * here; replies are in control_table_rows.c. */
#include "proto/control_table.h"

#include <assert.h>
#include <string.h>

/* The numbers that a person is told. */
static_assert(LIMIT_NAME_BYTES == 64 && LIMIT_TEXT_BYTES == 24576 &&
                  LIMIT_FILE_NAME_BYTES == 255 &&
                  LIMIT_PASSPHRASE_BYTES == 1024 && INVITE_TEXT_CHARS == 586 &&
                  CONTROL_DATA_CHARS == 131200 && LIMIT_ENDPOINT_BYTES == 128 &&
                  CONTROL_MESSAGE_ID_CHARS == 32,
    "lengths as the messages below say them");
static_assert(LIMIT_ENVELOPE_LIFE_H == 336 && LIMIT_BURN_S == 31536000 &&
                  LIMIT_CONTROL_ROWS == 256,
    "numbers as the messages below say them");

enum {
    CARD_SPACE_CHARS = 64, /* white space that may stand around a card */
    EVIDENCE_CHARS = sizeof("evidential") - 1,
    RECEIPTS_CHARS = sizeof("discreet") - 1,
};
static_assert(CONTROL_ENDPOINT_KEY_CHARS == 193 && CARD_SPACE_CHARS == 64,
    "lengths as the messages below say them");

enum {
    NAME = 1u << 0,
    TEXT = 1u << 1,
    PASSPHRASE = 1u << 2,
    CARD = 1u << 3,
    ENDPOINT = 1u << 4,
    LETTER = 1u << 5,
    LIFE = 1u << 6,
    BURN = 1u << 7,
    LIMIT = 1u << 8,
    CURSOR = 1u << 9,
    URGENT = 1u << 10,
    ALL = 1u << 11,
    PEEK = 1u << 12,
    NEW_PASSPHRASE = 1u << 13,
    NEW_NAME = 1u << 14,
    CONFIRM = 1u << 15,
    NOTE = 1u << 16,
    INVITE = 1u << 17,
    DATA = 1u << 18,
    GROUP = 1u << 19,
    ADMIN = 1u << 20,
    EVIDENCE = 1u << 21,
    NUMBER = 1u << 22,
    FILE_NAME = 1u << 23,
    SIZE = 1u << 24,
    RECEIPTS = 1u << 25,
    SET_ASIDE = 1u << 26,
};

#define PARAM(kind, field, limit, too_large)                                   \
    {                                                                          \
#field, kind, offsetof(struct control_request, field), limit,          \
            too_large                                                          \
    }
static const struct member param_rows[] = {
    PARAM(MEMBER_SPAN, name, LIMIT_NAME_BYTES, "a name is over 64 bytes"),
    PARAM(MEMBER_SPAN, text, LIMIT_TEXT_BYTES, "a text is over 24576 bytes"),
    PARAM(MEMBER_SPAN, passphrase, LIMIT_PASSPHRASE_BYTES,
        "a passphrase is over 1024 bytes"),
    PARAM(MEMBER_SPAN, card, INVITE_TEXT_CHARS + CARD_SPACE_CHARS,
        "an invite is over 586 characters"),
    PARAM(MEMBER_SPAN, endpoint, CONTROL_ENDPOINT_KEY_CHARS,
        "an endpoint is over 128 bytes, '#' and a key of 64"),
    PARAM(MEMBER_SPAN, letter, CONTROL_MESSAGE_ID_CHARS,
        "a letter's id is over 32 characters"),
    PARAM(MEMBER_NUMBER, life_h, LIMIT_ENVELOPE_LIFE_H,
        "a letter's life is over 336 hours"),
    PARAM(MEMBER_NUMBER, burn_s, LIMIT_BURN_S,
        "a burn timer is over 31536000 seconds"),
    PARAM(MEMBER_NUMBER, limit, LIMIT_CONTROL_ROWS,
        "a limit is over 256 rows at a time"),
    PARAM(MEMBER_NUMBER, cursor, LIMIT_NUMBER, NULL),
    PARAM(MEMBER_BOOL, urgent, 0, NULL),
    PARAM(MEMBER_BOOL, all, 0, NULL),
    PARAM(MEMBER_BOOL, peek, 0, NULL),
    PARAM(MEMBER_SPAN, new_passphrase, LIMIT_PASSPHRASE_BYTES,
        "a passphrase is over 1024 bytes"),
    PARAM(MEMBER_SPAN, new_name, LIMIT_NAME_BYTES, "a name is over 64 bytes"),
    PARAM(MEMBER_BOOL, confirm, 0, NULL),
    PARAM(MEMBER_SPAN, note, CONTROL_MESSAGE_ID_CHARS,
        "a note's id is over 32 characters"),
    PARAM(MEMBER_BOOL, invite, 0, NULL),
    PARAM(MEMBER_SPAN, data, CONTROL_DATA_CHARS,
        "a piece of data is over 131200 characters"),
    PARAM(MEMBER_SPAN, group, LIMIT_NAME_BYTES,
        "a group's name is over 64 bytes, or its id over 64 characters"),
    PARAM(MEMBER_BOOL, admin, 0, NULL),
    PARAM(MEMBER_SPAN, evidence, EVIDENCE_CHARS,
        "a letter is evidential or deniable"),
    PARAM(MEMBER_NUMBER, number, LIMIT_NUMBER, NULL),
    PARAM(MEMBER_SPAN, file, LIMIT_FILE_NAME_BYTES,
        "a file's name is over 255 bytes"),
    PARAM(MEMBER_NUMBER, size, LIMIT_NUMBER, NULL),
    PARAM(MEMBER_SPAN, receipts, RECEIPTS_CHARS,
        "receipts are prompt, discreet or default"),
    PARAM(MEMBER_BOOL, set_aside, 0, NULL),
};
const struct member_table control_table_params =
    MEMBER_TABLE(struct control_request, param_rows);

static const struct method_row method_rows[] = {
    [CONTROL_STATUS] = {"status", CONTROL_VAULT, 0, 0},
    [CONTROL_PEERS] = {"peers", CONTROL_RELAY, 0, 0},
    [CONTROL_CONNECT] = {"connect", CONTROL_RELAY, ENDPOINT, ENDPOINT},
    [CONTROL_DISCONNECT] = {"disconnect", CONTROL_RELAY, ENDPOINT, ENDPOINT},
    [CONTROL_BUNDLE_LIST] = {"bundle-list", CONTROL_RELAY, DATA, 0},
    [CONTROL_BUNDLE_GET] = {"bundle-get", CONTROL_RELAY, DATA | CURSOR, DATA},
    [CONTROL_BUNDLE_PUT] = {"bundle-put", CONTROL_RELAY, DATA | CURSOR | PEEK,
        DATA},
    [CONTROL_INIT] = {"init", CONTROL_VAULT, PASSPHRASE | SET_ASIDE,
        PASSPHRASE},
    [CONTROL_UNLOCK] = {"unlock", CONTROL_VAULT, PASSPHRASE, PASSPHRASE},
    [CONTROL_LOCK] = {"lock", CONTROL_VAULT, 0, 0},
    [CONTROL_PASSPHRASE] = {"passphrase", CONTROL_VAULT,
        PASSPHRASE | NEW_PASSPHRASE, PASSPHRASE | NEW_PASSPHRASE},
    [CONTROL_DURESS] = {"duress", CONTROL_VAULT, PASSPHRASE | NEW_PASSPHRASE,
        PASSPHRASE | NEW_PASSPHRASE},
    [CONTROL_RECOVERY] = {"recovery", CONTROL_VAULT, PASSPHRASE, PASSPHRASE},
    [CONTROL_PANIC] = {"panic", CONTROL_VAULT, 0, 0},
    [CONTROL_BACKUP] = {"backup", CONTROL_VAULT, PASSPHRASE, PASSPHRASE},
    [CONTROL_BACKUP_MORE] = {"backup-more", CONTROL_VAULT, CURSOR, CURSOR},
    [CONTROL_RESTORE] = {"restore", CONTROL_VAULT,
        PASSPHRASE | DATA | SET_ASIDE, PASSPHRASE | DATA},
    [CONTROL_RESTORE_MORE] = {"restore-more", CONTROL_VAULT, DATA, DATA},
    [CONTROL_RESTORE_END] = {"restore-end", CONTROL_VAULT, PASSPHRASE,
        PASSPHRASE},
    [CONTROL_ID] = {"id", CONTROL_VAULT, INVITE, 0},
    [CONTROL_INVITES] = {"invites", CONTROL_VAULT, 0, 0},
    [CONTROL_INVITE_VOID] = {"invite-void", CONTROL_VAULT, NUMBER, NUMBER},
    [CONTROL_ADD] = {"add", CONTROL_VAULT, NAME | CARD, NAME | CARD},
    [CONTROL_CONTACTS] = {"contacts", CONTROL_VAULT, LIMIT | CURSOR, 0},
    [CONTROL_VERIFY] = {"verify", CONTROL_VAULT, NAME | CONFIRM, NAME},
    [CONTROL_RENAME] = {"rename", CONTROL_VAULT, NAME | NEW_NAME,
        NAME | NEW_NAME},
    [CONTROL_RECEIPTS] = {"receipts", CONTROL_VAULT, NAME | RECEIPTS, NAME},
    [CONTROL_BLOCK] = {"block", CONTROL_VAULT, NAME, NAME},
    [CONTROL_UNBLOCK] = {"unblock", CONTROL_VAULT, NAME, NAME},
    [CONTROL_REMOVE] = {"remove", CONTROL_VAULT, NAME, NAME},
    [CONTROL_REQUESTS] = {"requests", CONTROL_VAULT, LIMIT | CURSOR, 0},
    [CONTROL_ACCEPT] = {"accept", CONTROL_VAULT, NAME | NEW_NAME,
        NAME | NEW_NAME},
    [CONTROL_DECLINE] = {"decline", CONTROL_VAULT, NAME, NAME},
    [CONTROL_SEND] = {"send", CONTROL_VAULT,
        NAME | TEXT | LIFE | BURN | URGENT | EVIDENCE, NAME | TEXT},
    [CONTROL_READ] = {"read", CONTROL_VAULT, NAME | ALL | PEEK | LIMIT | CURSOR,
        0},
    [CONTROL_OUTBOX] = {"outbox", CONTROL_VAULT, LIMIT | CURSOR | LETTER, 0},
    [CONTROL_RECALL] = {"recall", CONTROL_VAULT, LETTER, LETTER},
    [CONTROL_EVIDENCE] = {"evidence", CONTROL_VAULT, NAME, NAME},
    [CONTROL_EVIDENCE_ON] = {"evidence-on", CONTROL_VAULT, NAME, NAME},
    [CONTROL_EVIDENCE_OFF] = {"evidence-off", CONTROL_VAULT, NAME, NAME},
    [CONTROL_EVIDENCE_FORGET] = {"evidence-forget", CONTROL_VAULT, NAME, NAME},
    [CONTROL_EXPORT] = {"export", CONTROL_VAULT, NAME, NAME},
    [CONTROL_EXPORT_MORE] = {"export-more", CONTROL_VAULT, CURSOR, CURSOR},
    [CONTROL_MEMO_ADD] = {"note-add", CONTROL_VAULT, TEXT | BURN, TEXT},
    [CONTROL_MEMO_LIST] = {"note-list", CONTROL_VAULT, LIMIT | CURSOR, 0},
    [CONTROL_MEMO_READ] = {"note-read", CONTROL_VAULT, NOTE, NOTE},
    [CONTROL_MEMO_REMOVE] = {"note-remove", CONTROL_VAULT, NOTE, NOTE},
    [CONTROL_GROUP_NEW] = {"group-new", CONTROL_VAULT, NAME, NAME},
    [CONTROL_GROUP_ADD] = {"group-add", CONTROL_VAULT, GROUP | NAME | ADMIN,
        GROUP | NAME},
    [CONTROL_GROUP_REMOVE] = {"group-remove", CONTROL_VAULT, GROUP | NAME,
        GROUP | NAME},
    [CONTROL_GROUP_LEAVE] = {"group-leave", CONTROL_VAULT, GROUP, GROUP},
    [CONTROL_GROUP_FORGET] = {"group-forget", CONTROL_VAULT, GROUP, GROUP},
    [CONTROL_GROUP_LIST] = {"group-list", CONTROL_VAULT, LIMIT | CURSOR, 0},
    [CONTROL_GROUP_MEMBERS] = {"group-members", CONTROL_VAULT,
        GROUP | LIMIT | CURSOR, GROUP},
    [CONTROL_GROUP_SEND] = {"group-send", CONTROL_VAULT,
        GROUP | TEXT | LIFE | BURN | URGENT, GROUP | TEXT},
    [CONTROL_FILE_SEND] = {"file-send", CONTROL_VAULT,
        NAME | FILE_NAME | SIZE | TEXT | LIFE | BURN | URGENT | EVIDENCE,
        NAME | FILE_NAME | SIZE},
    [CONTROL_FILE_MORE] = {"file-more", CONTROL_VAULT, CURSOR | DATA,
        CURSOR | DATA},
    [CONTROL_FILE_LIST] = {"file-list", CONTROL_VAULT, LETTER | LIMIT | CURSOR,
        0},
    [CONTROL_FILE_GET] = {"file-get", CONTROL_VAULT, LETTER | CURSOR, LETTER},
    [CONTROL_FILE_CANCEL] = {"file-cancel", CONTROL_VAULT, LETTER, LETTER},
    [CONTROL_SUBSCRIBE] = {"subscribe", CONTROL_VAULT, 0, 0},
};
static_assert(
    sizeof(method_rows) / sizeof(method_rows[0]) == CONTROL_METHOD_COUNT,
    "a row for each method");

const struct method_row *control_table_method(enum control_method method)
{
    assert(method < CONTROL_METHOD_COUNT);
    return &method_rows[method];
}

bool control_table_find_method(const char *name, enum control_method *out)
{
    for (size_t i = 0; i < CONTROL_METHOD_COUNT; i++) {
        if (strcmp(method_rows[i].name, name) == 0) {
            *out = (enum control_method)i;
            return true;
        }
    }
    return false;
}

const char *control_method_name(enum control_method method)
{
    return control_table_method(method)->name;
}

enum control_service control_method_service(enum control_method method)
{
    return control_table_method(method)->service;
}
