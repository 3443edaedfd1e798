/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control's replies and notifications as data.  To add a field or a
 * notification is to add a row here; requests are in control_table.c. */
#include "proto/control_table.h"

#include <assert.h>
#include <string.h>

enum { WORD_BYTES = 64, FAULT_BYTES = 128, PROXY_TROUBLE_BYTES = 128 };

/* Rows: FIELD(struct, "name", KIND, field, limit). */
#define FIELD(type, name, kind, field, limit)                                  \
    {                                                                          \
        name, kind, offsetof(type, field), limit, NULL                         \
    }

static const struct member card_rows[] = {
    FIELD(struct control_card, "card", MEMBER_CHARS, card, INVITE_TEXT_CHARS),
    FIELD(struct control_card, "fingerprint", MEMBER_CHARS, fingerprint,
        CONTROL_FINGERPRINT_CHARS),
    FIELD(struct control_card, "expires_at", MEMBER_NUMBER, expires_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_card, "invite", MEMBER_NUMBER, invite, LIMIT_NUMBER),
};
static const struct member_table cards =
    MEMBER_TABLE(struct control_card, card_rows);

static const struct member invite_rows[] = {
    FIELD(struct control_invite, "number", MEMBER_NUMBER, number, LIMIT_NUMBER),
    FIELD(struct control_invite, "made_at", MEMBER_NUMBER, made_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_invite, "expires_at", MEMBER_NUMBER, expires_at_s,
        LIMIT_TIME_S),
};
static const struct member_table invites =
    MEMBER_TABLE(struct control_invite, invite_rows);

static const struct member phrase_rows[] = {
    FIELD(struct control_phrase, "phrase", MEMBER_CHARS, phrase,
        CONTROL_PHRASE_CHARS),
};
static const struct member_table phrases =
    MEMBER_TABLE(struct control_phrase, phrase_rows);

static const struct member part_rows[] = {
    FIELD(struct control_part, "data", MEMBER_SPAN, data, CONTROL_DATA_CHARS),
    FIELD(struct control_part, "next", MEMBER_NUMBER, next, LIMIT_NUMBER),
};
static const struct member_table parts =
    MEMBER_TABLE(struct control_part, part_rows);

static const struct member restored_rows[] = {
    FIELD(struct control_restored, "contacts", MEMBER_NUMBER, contacts,
        LIMIT_NUMBER),
    FIELD(struct control_restored, "letters", MEMBER_NUMBER, letters,
        LIMIT_NUMBER),
    FIELD(struct control_restored, "notes", MEMBER_NUMBER, notes, LIMIT_NUMBER),
    FIELD(struct control_restored, "unreached", MEMBER_NUMBER, unreached,
        LIMIT_NUMBER),
};
static const struct member_table restoreds =
    MEMBER_TABLE(struct control_restored, restored_rows);

static const struct member bundle_rows[] = {
    FIELD(struct control_bundle, "bytes", MEMBER_NUMBER, bytes, LIMIT_NUMBER),
    FIELD(
        struct control_bundle, "records", MEMBER_NUMBER, records, LIMIT_NUMBER),
    FIELD(struct control_bundle, "ended", MEMBER_BOOL, ended, 0),
    FIELD(struct control_bundle, "envelopes", MEMBER_NUMBER, envelopes,
        LIMIT_NUMBER),
    FIELD(struct control_bundle, "receipts", MEMBER_NUMBER, receipts,
        LIMIT_NUMBER),
    FIELD(struct control_bundle, "known", MEMBER_NUMBER, known, LIMIT_NUMBER),
    FIELD(struct control_bundle, "early", MEMBER_NUMBER, early, LIMIT_NUMBER),
    FIELD(
        struct control_bundle, "expired", MEMBER_NUMBER, expired, LIMIT_NUMBER),
    FIELD(struct control_bundle, "too_far_ahead", MEMBER_NUMBER, too_far_ahead,
        LIMIT_NUMBER),
    FIELD(
        struct control_bundle, "no_room", MEMBER_NUMBER, no_room, LIMIT_NUMBER),
    FIELD(struct control_bundle, "false_receipts", MEMBER_NUMBER,
        false_receipts, LIMIT_NUMBER),
    FIELD(struct control_bundle, "false_stamps", MEMBER_NUMBER, false_stamps,
        LIMIT_NUMBER),
    FIELD(struct control_bundle, "check", MEMBER_CHARS, check,
        CONTROL_CHECK_CHARS),
    FIELD(struct control_bundle, "fault", MEMBER_SPAN, fault, FAULT_BYTES),
    FIELD(struct control_bundle, "data", MEMBER_SPAN, data, CONTROL_DATA_CHARS),
};
static const struct member_table bundles =
    MEMBER_TABLE(struct control_bundle, bundle_rows);

/* The answer to a send is an unnamed struct inside the reply. */
static const struct member sent_rows[] = {
    FIELD(struct control_reply, "id", MEMBER_CHARS, sent.id,
        CONTROL_MESSAGE_ID_CHARS),
    FIELD(struct control_reply, "state", MEMBER_OUTBOX_STATE, sent.state, 0),
    FIELD(struct control_reply, "evidence", MEMBER_WORD, sent.evidence,
        WORD_BYTES),
};
static const struct member_table sents =
    MEMBER_TABLE(struct control_reply, sent_rows);

static const struct member contact_rows[] = {
    FIELD(struct control_contact, "name", MEMBER_SPAN, name, LIMIT_NAME_BYTES),
    FIELD(struct control_contact, "fingerprint", MEMBER_CHARS, fingerprint,
        CONTROL_FINGERPRINT_CHARS),
    FIELD(struct control_contact, "state", MEMBER_WORD, state, WORD_BYTES),
    FIELD(struct control_contact, "session", MEMBER_WORD, session, WORD_BYTES),
    FIELD(
        struct control_contact, "evidence", MEMBER_WORD, evidence, WORD_BYTES),
    FIELD(
        struct control_contact, "receipts", MEMBER_WORD, receipts, WORD_BYTES),
    FIELD(struct control_contact, "added_at", MEMBER_NUMBER, added_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_contact, "blocked", MEMBER_BOOL, blocked, 0),
    FIELD(struct control_contact, "offered", MEMBER_CHARS, offered,
        CONTROL_FINGERPRINT_CHARS),
};
static const struct member_table contacts =
    MEMBER_TABLE(struct control_contact, contact_rows);

static const struct member safety_rows[] = {
    FIELD(struct control_safety, "name", MEMBER_SPAN, name, LIMIT_NAME_BYTES),
    FIELD(struct control_safety, "state", MEMBER_WORD, state, WORD_BYTES),
    FIELD(struct control_safety, "number", MEMBER_CHARS, number,
        CONTROL_SAFETY_CHARS),
    FIELD(struct control_safety, "fingerprint", MEMBER_CHARS, fingerprint,
        CONTROL_FINGERPRINT_CHARS),
    FIELD(struct control_safety, "known", MEMBER_CHARS, known,
        CONTROL_FINGERPRINT_CHARS),
    FIELD(struct control_safety, "confirmed", MEMBER_BOOL, confirmed, 0),
};
static const struct member_table safeties =
    MEMBER_TABLE(struct control_safety, safety_rows);

static const struct member stranger_rows[] = {
    FIELD(struct control_stranger, "fingerprint", MEMBER_CHARS, fingerprint,
        CONTROL_FINGERPRINT_CHARS),
    FIELD(struct control_stranger, "came_at", MEMBER_NUMBER, came_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_stranger, "forgotten_at", MEMBER_NUMBER,
        forgotten_at_s, LIMIT_TIME_S),
    FIELD(struct control_stranger, "invited", MEMBER_BOOL, invited, 0),
};
static const struct member_table strangers =
    MEMBER_TABLE(struct control_stranger, stranger_rows);

static const struct member letter_rows[] = {
    FIELD(struct control_letter, "id", MEMBER_CHARS, id,
        CONTROL_MESSAGE_ID_CHARS),
    FIELD(struct control_letter, "from", MEMBER_SPAN, from, LIMIT_NAME_BYTES),
    FIELD(struct control_letter, "fingerprint", MEMBER_CHARS, fingerprint,
        CONTROL_FINGERPRINT_CHARS),
    FIELD(struct control_letter, "text", MEMBER_SPAN, text, LIMIT_TEXT_BYTES),
    FIELD(struct control_letter, "sent_at", MEMBER_NUMBER, sent_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_letter, "received_at", MEMBER_NUMBER, received_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_letter, "state", MEMBER_WORD, state, WORD_BYTES),
    FIELD(struct control_letter, "burn", MEMBER_NUMBER, burn_s, LIMIT_BURN_S),
    FIELD(struct control_letter, "burns_at", MEMBER_NUMBER, burns_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_letter, "evidence", MEMBER_WORD, evidence, WORD_BYTES),
    FIELD(struct control_letter, "number", MEMBER_NUMBER, number, LIMIT_NUMBER),
    FIELD(struct control_letter, "group", MEMBER_SPAN, group, LIMIT_NAME_BYTES),
    FIELD(struct control_letter, "group_id", MEMBER_CHARS, group_id,
        CONTROL_GROUP_ID_CHARS),
    FIELD(struct control_letter, "view", MEMBER_WORD, view, WORD_BYTES),
    FIELD(struct control_letter, "file", MEMBER_SPAN, file,
        LIMIT_FILE_NAME_BYTES),
    FIELD(struct control_letter, "file_bytes", MEMBER_NUMBER, file_bytes,
        LIMIT_NUMBER),
    FIELD(struct control_letter, "file_done", MEMBER_NUMBER, file_done,
        LIMIT_NUMBER),
    FIELD(struct control_letter, "file_state", MEMBER_WORD, file_state,
        WORD_BYTES),
    FIELD(struct control_letter, "file_reason", MEMBER_WORD, file_reason,
        WORD_BYTES),
};
static const struct member_table letters =
    MEMBER_TABLE(struct control_letter, letter_rows);

static const struct member outbox_rows[] = {
    FIELD(struct control_outbox_item, "id", MEMBER_CHARS, id,
        CONTROL_MESSAGE_ID_CHARS),
    FIELD(struct control_outbox_item, "to", MEMBER_SPAN, to, LIMIT_NAME_BYTES),
    FIELD(struct control_outbox_item, "state", MEMBER_OUTBOX_STATE, state, 0),
    FIELD(struct control_outbox_item, "handed_to", MEMBER_NUMBER, handed_to,
        LIMIT_NUMBER),
    FIELD(struct control_outbox_item, "stamp_bits", MEMBER_NUMBER, stamp_bits,
        LIMIT_NUMBER),
    FIELD(struct control_outbox_item, "sent_at", MEMBER_NUMBER, sent_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_outbox_item, "expires_at", MEMBER_NUMBER, expires_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_outbox_item, "delivered_at", MEMBER_NUMBER,
        delivered_at_s, LIMIT_TIME_S),
    FIELD(struct control_outbox_item, "evidence", MEMBER_WORD, evidence,
        WORD_BYTES),
    FIELD(struct control_outbox_item, "group_id", MEMBER_CHARS, group_id,
        CONTROL_GROUP_ID_CHARS),
    FIELD(struct control_outbox_item, "copies", MEMBER_NUMBER, copies,
        LIMIT_NUMBER),
    FIELD(struct control_outbox_item, "delivered_to", MEMBER_NUMBER,
        delivered_to, LIMIT_NUMBER),
    FIELD(struct control_outbox_item, "read_by", MEMBER_NUMBER, read_by,
        LIMIT_NUMBER),
    FIELD(struct control_outbox_item, "file", MEMBER_SPAN, file,
        LIMIT_FILE_NAME_BYTES),
    FIELD(struct control_outbox_item, "file_bytes", MEMBER_NUMBER, file_bytes,
        LIMIT_NUMBER),
    FIELD(struct control_outbox_item, "file_done", MEMBER_NUMBER, file_done,
        LIMIT_NUMBER),
};
static const struct member_table outbox =
    MEMBER_TABLE(struct control_outbox_item, outbox_rows);

static const struct member file_rows[] = {
    FIELD(
        struct control_file, "id", MEMBER_CHARS, id, CONTROL_MESSAGE_ID_CHARS),
    FIELD(struct control_file, "direction", MEMBER_WORD, direction, WORD_BYTES),
    FIELD(struct control_file, "who", MEMBER_SPAN, who, LIMIT_NAME_BYTES),
    FIELD(struct control_file, "fingerprint", MEMBER_CHARS, fingerprint,
        CONTROL_FINGERPRINT_CHARS),
    FIELD(
        struct control_file, "name", MEMBER_SPAN, name, LIMIT_FILE_NAME_BYTES),
    FIELD(struct control_file, "state", MEMBER_WORD, state, WORD_BYTES),
    FIELD(struct control_file, "reason", MEMBER_WORD, reason, WORD_BYTES),
    FIELD(struct control_file, "bytes", MEMBER_NUMBER, bytes, LIMIT_NUMBER),
    FIELD(struct control_file, "done", MEMBER_NUMBER, done, LIMIT_NUMBER),
    FIELD(struct control_file, "hash", MEMBER_CHARS, hash,
        CONTROL_FILE_HASH_CHARS),
    FIELD(struct control_file, "began_at", MEMBER_NUMBER, began_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_file, "expires_at", MEMBER_NUMBER, expires_at_s,
        LIMIT_TIME_S),
    FIELD(struct control_file, "burn", MEMBER_NUMBER, burn_s, LIMIT_BURN_S),
    FIELD(struct control_file, "burns_at", MEMBER_NUMBER, burns_at_s,
        LIMIT_TIME_S),
};
static const struct member_table files =
    MEMBER_TABLE(struct control_file, file_rows);

static const struct member evidence_rows[] = {
    FIELD(struct control_evidence, "name", MEMBER_SPAN, name, LIMIT_NAME_BYTES),
    FIELD(struct control_evidence, "fingerprint", MEMBER_CHARS, fingerprint,
        CONTROL_FINGERPRINT_CHARS),
    FIELD(struct control_evidence, "state", MEMBER_WORD, state, WORD_BYTES),
    FIELD(struct control_evidence, "change", MEMBER_WORD, change, WORD_BYTES),
    FIELD(struct control_evidence, "by_them", MEMBER_BOOL, by_them, 0),
    FIELD(struct control_evidence, "conversation", MEMBER_CHARS, conversation,
        CONTROL_ACCORD_CHARS),
    FIELD(
        struct control_evidence, "since", MEMBER_NUMBER, since_s, LIMIT_TIME_S),
    FIELD(struct control_evidence, "written", MEMBER_NUMBER, written,
        LIMIT_NUMBER),
    FIELD(struct control_evidence, "received", MEMBER_NUMBER, received,
        LIMIT_NUMBER),
    FIELD(struct control_evidence, "missing", MEMBER_NUMBER, missing,
        LIMIT_NUMBER),
};
static const struct member_table evidences =
    MEMBER_TABLE(struct control_evidence, evidence_rows);

static const struct member copy_rows[] = {
    FIELD(struct control_copy, "name", MEMBER_SPAN, name, LIMIT_NAME_BYTES),
    FIELD(struct control_copy, "fingerprint", MEMBER_CHARS, fingerprint,
        CONTROL_FINGERPRINT_CHARS),
    FIELD(struct control_copy, "state", MEMBER_WORD, state, WORD_BYTES),
    FIELD(struct control_copy, "delivered_at", MEMBER_NUMBER, delivered_at_s,
        LIMIT_TIME_S),
    FIELD(
        struct control_copy, "read_at", MEMBER_NUMBER, read_at_s, LIMIT_TIME_S),
};
static const struct member_table copies =
    MEMBER_TABLE(struct control_copy, copy_rows);

static const struct member group_rows[] = {
    FIELD(struct control_group, "id", MEMBER_CHARS, id, CONTROL_GROUP_ID_CHARS),
    FIELD(struct control_group, "name", MEMBER_SPAN, name, LIMIT_NAME_BYTES),
    FIELD(struct control_group, "state", MEMBER_WORD, state, WORD_BYTES),
    FIELD(struct control_group, "admin", MEMBER_BOOL, admin, 0),
    FIELD(
        struct control_group, "members", MEMBER_NUMBER, members, LIMIT_NUMBER),
    FIELD(
        struct control_group, "invited", MEMBER_NUMBER, invited, LIMIT_NUMBER),
};
static const struct member_table groups =
    MEMBER_TABLE(struct control_group, group_rows);

static const struct member member_rows[] = {
    FIELD(struct control_member, "name", MEMBER_SPAN, name, LIMIT_NAME_BYTES),
    FIELD(struct control_member, "fingerprint", MEMBER_CHARS, fingerprint,
        CONTROL_FINGERPRINT_CHARS),
    FIELD(struct control_member, "role", MEMBER_WORD, role, WORD_BYTES),
    FIELD(struct control_member, "state", MEMBER_WORD, state, WORD_BYTES),
    FIELD(struct control_member, "blocked", MEMBER_BOOL, blocked, 0),
    FIELD(
        struct control_member, "called", MEMBER_SPAN, called, LIMIT_NAME_BYTES),
    FIELD(struct control_member, "by", MEMBER_SPAN, by, LIMIT_NAME_BYTES),
    FIELD(struct control_member, "by_fingerprint", MEMBER_CHARS, by_fingerprint,
        CONTROL_FINGERPRINT_CHARS),
};
static const struct member_table members =
    MEMBER_TABLE(struct control_member, member_rows);

static const struct member group_event_rows[] = {
    FIELD(struct control_group_event, "id", MEMBER_CHARS, id,
        CONTROL_GROUP_ID_CHARS),
    FIELD(struct control_group_event, "name", MEMBER_SPAN, name,
        LIMIT_NAME_BYTES),
    FIELD(struct control_group_event, "what", MEMBER_WORD, what, WORD_BYTES),
    FIELD(
        struct control_group_event, "who", MEMBER_SPAN, who, LIMIT_NAME_BYTES),
    FIELD(struct control_group_event, "fingerprint", MEMBER_CHARS, fingerprint,
        CONTROL_FINGERPRINT_CHARS),
};
static const struct member_table group_events =
    MEMBER_TABLE(struct control_group_event, group_event_rows);

static const struct member memo_rows[] = {
    FIELD(
        struct control_memo, "id", MEMBER_CHARS, id, CONTROL_MESSAGE_ID_CHARS),
    FIELD(struct control_memo, "title", MEMBER_SPAN, title, LIMIT_NAME_BYTES),
    FIELD(struct control_memo, "text", MEMBER_SPAN, text, LIMIT_TEXT_BYTES),
    FIELD(struct control_memo, "bytes", MEMBER_NUMBER, text_bytes,
        LIMIT_TEXT_BYTES),
    FIELD(
        struct control_memo, "made_at", MEMBER_NUMBER, made_at_s, LIMIT_TIME_S),
    FIELD(struct control_memo, "burns_at", MEMBER_NUMBER, burns_at_s,
        LIMIT_TIME_S),
};
static const struct member_table memos =
    MEMBER_TABLE(struct control_memo, memo_rows);

static const struct member link_rows[] = {
    FIELD(
        struct control_link, "key", MEMBER_CHARS, key, CONTROL_NODE_KEY_CHARS),
    FIELD(struct control_link, "state", MEMBER_WORD, state, WORD_BYTES),
    FIELD(struct control_link, "why", MEMBER_WORD, why, WORD_BYTES),
    FIELD(struct control_link, "standing", MEMBER_WORD, standing, WORD_BYTES),
    FIELD(
        struct control_link, "demerits", MEMBER_NUMBER, demerits, LIMIT_NUMBER),
    FIELD(struct control_link, "outbound", MEMBER_BOOL, outbound, 0),
    FIELD(struct control_link, "answered", MEMBER_BOOL, answered, 0),
    FIELD(struct control_link, "endpoint", MEMBER_SPAN, endpoint,
        CONTROL_ENDPOINT_KEY_CHARS),
    FIELD(struct control_link, "since", MEMBER_NUMBER, since_s, LIMIT_TIME_S),
    FIELD(struct control_link, "rtt_ms", MEMBER_NUMBER, rtt_ms, LIMIT_NUMBER),
    FIELD(struct control_link, "received_bytes", MEMBER_NUMBER, received_bytes,
        LIMIT_NUMBER),
    FIELD(struct control_link, "sent_bytes", MEMBER_NUMBER, sent_bytes,
        LIMIT_NUMBER),
};
const struct member_table control_table_links =
    MEMBER_TABLE(struct control_link, link_rows);

static const struct member node_rows[] = {
    FIELD(struct control_relay_status, "key", MEMBER_CHARS, key,
        CONTROL_NODE_KEY_CHARS),
    FIELD(struct control_relay_status, "version", MEMBER_WORD, version,
        WORD_BYTES),
    FIELD(struct control_relay_status, "uptime", MEMBER_NUMBER, uptime_s,
        LIMIT_NUMBER),
};
const struct member_table control_table_node =
    MEMBER_TABLE(struct control_relay_status, node_rows);

static const struct member shelf_rows[] = {
    FIELD(struct control_relay_status, "envelopes", MEMBER_NUMBER,
        shelf_envelopes, LIMIT_NUMBER),
    FIELD(struct control_relay_status, "bytes", MEMBER_NUMBER, shelf_bytes,
        LIMIT_NUMBER),
    FIELD(struct control_relay_status, "quota_bytes", MEMBER_NUMBER,
        shelf_quota_bytes, LIMIT_NUMBER),
    FIELD(struct control_relay_status, "cleared", MEMBER_NUMBER, shelf_cleared,
        LIMIT_NUMBER),
    FIELD(struct control_relay_status, "saved_bytes", MEMBER_NUMBER,
        shelf_saved_bytes, LIMIT_NUMBER),
    FIELD(struct control_relay_status, "evicted", MEMBER_NUMBER, shelf_evicted,
        LIMIT_NUMBER),
    FIELD(struct control_relay_status, "hidden", MEMBER_NUMBER, shelf_hidden,
        LIMIT_NUMBER),
};
const struct member_table control_table_shelf =
    MEMBER_TABLE(struct control_relay_status, shelf_rows);

static const struct member proxy_rows[] = {
    FIELD(struct control_relay_status, "address", MEMBER_SPAN, proxy_address,
        LIMIT_ENDPOINT_BYTES),
    FIELD(struct control_relay_status, "trouble", MEMBER_SPAN, proxy_trouble,
        PROXY_TROUBLE_BYTES),
    FIELD(struct control_relay_status, "failed", MEMBER_NUMBER, proxy_failed,
        LIMIT_NUMBER),
    FIELD(struct control_relay_status, "since", MEMBER_NUMBER, proxy_since_s,
        LIMIT_NUMBER),
};
const struct member_table control_table_proxy =
    MEMBER_TABLE(struct control_relay_status, proxy_rows);

static const struct member stamp_rows[] = {
    FIELD(struct control_relay_status, "least", MEMBER_NUMBER, stamp_least,
        LIMIT_NUMBER),
    FIELD(struct control_relay_status, "asked", MEMBER_NUMBER, stamp_asked,
        LIMIT_NUMBER),
    FIELD(struct control_relay_status, "making", MEMBER_NUMBER, stamps_making,
        LIMIT_NUMBER),
    FIELD(struct control_relay_status, "checked", MEMBER_NUMBER, stamps_checked,
        LIMIT_NUMBER),
};
const struct member_table control_table_stamps =
    MEMBER_TABLE(struct control_relay_status, stamp_rows);

static const struct member vault_rows[] = {
    FIELD(struct control_vault_status, "state", MEMBER_VAULT_STATE, state, 0),
    FIELD(struct control_vault_status, "self_unlock", MEMBER_WORD, self_unlock,
        WORD_BYTES),
    FIELD(struct control_vault_status, "missing", MEMBER_WORD, missing,
        WORD_BYTES),
    FIELD(struct control_vault_status, "sandbox", MEMBER_WORD, sandbox,
        WORD_BYTES),
    FIELD(struct control_vault_status, "contacts", MEMBER_NUMBER, contacts,
        LIMIT_NUMBER),
    FIELD(struct control_vault_status, "requests", MEMBER_NUMBER, requests,
        LIMIT_NUMBER),
    FIELD(struct control_vault_status, "unread", MEMBER_NUMBER, unread,
        LIMIT_NUMBER),
    FIELD(struct control_vault_status, "outbox", MEMBER_NUMBER, outbox,
        LIMIT_NUMBER),
    FIELD(struct control_vault_status, "arriving", MEMBER_NUMBER, arriving,
        LIMIT_NUMBER),
    FIELD(struct control_vault_status, "refused_letters", MEMBER_NUMBER,
        refused_letters, LIMIT_NUMBER),
    FIELD(struct control_vault_status, "refused_file_names", MEMBER_NUMBER,
        refused_file_names, LIMIT_NUMBER),
    FIELD(struct control_vault_status, "refused_file_sizes", MEMBER_NUMBER,
        refused_file_sizes, LIMIT_NUMBER),
    FIELD(struct control_vault_status, "refused_file_room", MEMBER_NUMBER,
        refused_file_room, LIMIT_NUMBER),
    FIELD(struct control_vault_status, "refused_file_counts", MEMBER_NUMBER,
        refused_file_counts, LIMIT_NUMBER),
    FIELD(struct control_vault_status, "refused_file_strangers", MEMBER_NUMBER,
        refused_file_strangers, LIMIT_NUMBER),
    FIELD(struct control_vault_status, "refused_parts_unknown", MEMBER_NUMBER,
        refused_parts_unknown, LIMIT_NUMBER),
    FIELD(struct control_vault_status, "refused_parts_false", MEMBER_NUMBER,
        refused_parts_false, LIMIT_NUMBER),
};
static const struct member_table vaults =
    MEMBER_TABLE(struct control_vault_status, vault_rows);

#define AT(field) offsetof(struct control_reply, field)
static const struct kind_row kind_rows[] = {
    {CONTROL_ERROR, "error", false, SHAPE_ERROR, 0, NULL},
    {CONTROL_DONE, "done", false, SHAPE_NOTHING, 0, NULL},
    {CONTROL_CARD, "card", false, SHAPE_OBJECT, AT(card), &cards},
    {CONTROL_PHRASE, "phrase", false, SHAPE_OBJECT, AT(phrase), &phrases},
    {CONTROL_PART, "part", false, SHAPE_OBJECT, AT(part), &parts},
    {CONTROL_RESTORED, "restored", false, SHAPE_OBJECT, AT(restored),
        &restoreds},
    {CONTROL_BUNDLE, "bundle", false, SHAPE_OBJECT, AT(bundle), &bundles},
    {CONTROL_SENT, "sent", false, SHAPE_OBJECT, 0, &sents},
    {CONTROL_CONTACT_ROWS, "contacts", false, SHAPE_ROWS, AT(contacts),
        &contacts},
    {CONTROL_LETTER_ROWS, "letters", false, SHAPE_ROWS, AT(letters), &letters},
    {CONTROL_OUTBOX_ROWS, "outbox", false, SHAPE_ROWS, AT(outbox), &outbox},
    {CONTROL_MEMO_ROWS, "notes", false, SHAPE_ROWS, AT(memos), &memos},
    {CONTROL_LINK_ROWS, "links", false, SHAPE_ROWS, AT(links),
        &control_table_links},
    {CONTROL_RELAY_STATUS, "relay", false, SHAPE_RELAY, AT(relay), NULL},
    {CONTROL_VAULT_STATUS, "vault", false, SHAPE_OBJECT, AT(vault), &vaults},
    {CONTROL_SAFETY, "safety", false, SHAPE_OBJECT, AT(safety), &safeties},
    {CONTROL_REQUEST_ROWS, "requests", false, SHAPE_ROWS, AT(strangers),
        &strangers},
    {CONTROL_EVIDENCE_STATE, "evidence", false, SHAPE_OBJECT, AT(evidence),
        &evidences},
    {CONTROL_GROUP_ROWS, "groups", false, SHAPE_ROWS, AT(groups), &groups},
    {CONTROL_MEMBER_ROWS, "members", false, SHAPE_ROWS, AT(members), &members},
    {CONTROL_COPY_ROWS, "copies", false, SHAPE_ROWS, AT(copies), &copies},
    {CONTROL_INVITE_ROWS, "invites", false, SHAPE_ROWS, AT(invites), &invites},
    {CONTROL_FILE_ROWS, "files", false, SHAPE_ROWS, AT(files), &files},
    {CONTROL_NOTE_LETTER, "letter", true, SHAPE_OBJECT, AT(letter), &letters},
    {CONTROL_NOTE_OUTBOX, "outbox", true, SHAPE_OBJECT, AT(outbox_item),
        &outbox},
    {CONTROL_NOTE_VAULT, "vault", true, SHAPE_OBJECT, AT(vault), &vaults},
    {CONTROL_NOTE_SESSION, "session", true, SHAPE_OBJECT, AT(contact),
        &contacts},
    {CONTROL_NOTE_ACCORD, "evidence", true, SHAPE_OBJECT, AT(evidence),
        &evidences},
    {CONTROL_NOTE_GROUP, "group", true, SHAPE_OBJECT, AT(group_event),
        &group_events},
    {CONTROL_NOTE_FILE, "file", true, SHAPE_OBJECT, AT(file), &files},
    {CONTROL_NOTE_LAGGED, "lagged", true, SHAPE_NOTHING, 0, NULL},
};

const struct kind_row *control_table_kind(enum control_kind kind)
{
    assert(kind < sizeof(kind_rows) / sizeof(kind_rows[0]));
    assert(kind_rows[kind].kind == kind);
    return &kind_rows[kind];
}

const struct kind_row *control_table_find_kind(const char *name, bool is_note)
{
    for (size_t i = 0; i < sizeof(kind_rows) / sizeof(kind_rows[0]); i++)
        if (kind_rows[i].is_note == is_note &&
            kind_rows[i].shape != SHAPE_ERROR &&
            strcmp(kind_rows[i].name, name) == 0)
            return &kind_rows[i];
    return NULL;
}
