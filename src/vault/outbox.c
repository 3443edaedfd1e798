/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters under way, until a receipt, a recall or their expiry ends them.
 *
 * A letter, the session that sealed it and its envelope are one transaction,
 * and only after it does the relay hear of the envelope: so a key is never
 * used twice, and what was answered as queued is on disk.  A retry hands over
 * the same envelope.  Only when its session is lost is a letter sealed again,
 * under another; the recipient knows it by its id.
 *
 * Letters of our own to another vault, welcomes and notes of what was read,
 * take the same way, and are not shown. */
#include "vault/outbox.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/records.h"

/* An entry of the envelope index. */
struct outbox_envelope {
    uint64_t row; /* first bytes of the id */
    uint64_t letter;
};

struct errand {
    uint64_t row; /* the ticket */
    uint64_t contact;
};

void outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox){.held = 0};
    rows_init(&outbox->letters, sizeof(struct outbox_letter),
        LIMIT_OUTBOX_LETTERS, true);
    rows_init(&outbox->envelopes, sizeof(struct outbox_envelope),
        LIMIT_OUTBOX_LETTERS, false);
    rows_init(&outbox->errands, sizeof(struct errand), LIMIT_CONTACTS, false);
}

void outbox_clear(struct outbox *outbox)
{
    rows_clear(&outbox->letters);
    rows_clear(&outbox->envelopes);
    rows_clear(&outbox->errands);
}

static bool is_under_way(const struct outbox_letter *letter)
{
    return letter->state == OUTBOX_QUEUED || letter->state == OUTBOX_HANDED;
}

static bool is_held(const struct outbox_letter *letter)
{
    return letter->session == 0 && is_under_way(letter);
}

/* The index.  Ids are hashes of what we sealed: two that begin with the same 8
 * bytes do not happen; if they did, the second would be retried till its
 * expiry. */

static uint64_t index_row(const struct envelope_id *id)
{
    uint64_t row;
    memcpy(&row, id->bytes, sizeof(row));
    return row ? row : 1;
}

static void index_add(struct outbox *outbox, struct turn *turn,
    const struct outbox_letter *letter)
{
    struct outbox_envelope *entry;
    enum status status =
        rows_add(&outbox->envelopes, index_row(&letter->envelope), &entry);
    if (status == STATUS_OK)
        entry->letter = letter->row;
    else if (status == STATUS_NO_MEMORY)
        turn_check(turn, status);
}

static void index_remove(
    struct outbox *outbox, const struct outbox_letter *letter)
{
    if (letter->session)
        rows_remove(&outbox->envelopes, index_row(&letter->envelope));
}

static struct outbox_letter *find_envelope(
    const struct outbox *outbox, const struct envelope_id *id)
{
    const struct outbox_envelope *entry =
        rows_find(&outbox->envelopes, index_row(id));
    if (!entry)
        return NULL;
    struct outbox_letter *letter = rows_find(&outbox->letters, entry->letter);
    return letter && envelope_id_equal(&letter->envelope, id) ? letter : NULL;
}

/* Records. */

static void letter_save(struct turn *turn, const struct outbox_letter *letter)
{
    struct wire_writer writer;
    records_begin(turn, &writer);
    wire_write_array(&writer, 15);
    wire_write_uint(&writer, letter->contact);
    wire_write_uint(&writer, letter->session);
    wire_write_uint(&writer, letter->chain);
    wire_write_uint(&writer, letter->number);
    wire_write_uint(&writer, letter->type);
    wire_write_uint(&writer, letter->state);
    wire_write_bool(&writer, letter->urgent);
    wire_write_bytes(
        &writer, (struct span){letter->id.bytes, sizeof(letter->id.bytes)});
    wire_write_bytes(&writer,
        (struct span){letter->envelope.bytes, sizeof(letter->envelope.bytes)});
    wire_write_bytes(&writer,
        (struct span){letter->opening.bytes, sizeof(letter->opening.bytes)});
    wire_write_uint(&writer, letter->expires_h);
    wire_write_uint(&writer, letter->handed_to);
    wire_write_uint(&writer, letter->sent_at_s);
    wire_write_uint(&writer, letter->delivered_at_s);
    wire_write_uint(&writer, letter->finished_at_s);
    records_put(turn, RECORD_OUTBOX, letter->row, &writer);
}

static enum status letter_read(
    struct wire_reader *reader, struct outbox_letter *letter)
{
    wire_read_array_of(reader, 15);
    letter->contact = wire_read_uint(reader, UINT64_MAX);
    letter->session = wire_read_uint(reader, UINT32_MAX);
    letter->chain = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->number = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->type = (enum letter_type)wire_read_uint(reader, LETTER_WELCOME);
    letter->state = (enum outbox_state)wire_read_uint(reader, OUTBOX_RECALLED);
    letter->urgent = wire_read_bool(reader);
    wire_read_fixed(reader, letter->id.bytes, sizeof(letter->id.bytes));
    wire_read_fixed(
        reader, letter->envelope.bytes, sizeof(letter->envelope.bytes));
    wire_read_fixed(
        reader, letter->opening.bytes, sizeof(letter->opening.bytes));
    letter->expires_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->handed_to = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->sent_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->delivered_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->finished_at_s = wire_read_uint(reader, UINT64_MAX);
    return wire_read_done(reader);
}

enum status outbox_load(
    struct outbox *outbox, struct turn *turn, const struct vault_record *record)
{
    struct wire_reader reader;
    enum status status = records_open(turn, record, &reader);
    if (status)
        return status;
    struct outbox_letter *letter;
    status = rows_add(&outbox->letters, record->row, &letter);
    if (status)
        return status;
    status = letter_read(&reader, letter);
    if (status) {
        rows_remove(&outbox->letters, record->row);
        return status;
    }
    outbox->held += is_held(letter);
    if (letter->session)
        index_add(outbox, turn, letter);
    return STATUS_OK;
}

static void body_save(
    struct turn *turn, uint64_t row, struct span letter, struct span envelope)
{
    struct wire_writer writer;
    records_begin(turn, &writer);
    wire_write_array(&writer, 2);
    wire_write_bytes(&writer, letter);
    wire_write_bytes(&writer, envelope);
    records_put(turn, RECORD_OUTBOX_BODY, row, &writer);
}

static enum status body_read(struct turn *turn,
    const struct vault_record *record, struct span *letter,
    struct span *envelope)
{
    struct wire_reader reader;
    enum status status = records_open(turn, record, &reader);
    if (status)
        return status;
    wire_read_array_of(&reader, 2);
    struct span first = wire_read_bytes(&reader, LIMIT_ENVELOPE_BYTES);
    struct span second = wire_read_bytes(&reader, LIMIT_ENVELOPE_BYTES);
    status = wire_read_done(&reader);
    if (status)
        return status;
    *letter = first;
    *envelope = second;
    return STATUS_OK;
}

/* Sending. */

enum status outbox_begin(struct outbox *outbox, struct turn *turn,
    uint64_t contact, const struct letter *letter, bool urgent, size_t *size,
    struct outbox_letter **out)
{
    size_t encoded;
    enum status status = letter_encode(
        letter, turn->desk->letter, sizeof(turn->desk->letter), &encoded);
    if (status)
        return status;
    struct outbox_letter *begun;
    status = rows_append(&outbox->letters, &begun);
    if (status)
        return status;
    begun->contact = contact;
    begun->type = letter->type;
    begun->state = OUTBOX_QUEUED;
    begun->urgent = urgent;
    begun->id = letter->id;
    begun->expires_h = letter->expires_h;
    begun->sent_at_s = letter->sent_at_s;
    *size = encoded;
    *out = begun;
    return STATUS_OK;
}

void outbox_seal(struct outbox *outbox, struct turn *turn,
    struct outbox_letter *letter, size_t size, const struct outbox_place *place)
{
    const struct sealed *sealed = &turn->desk->sealed;
    struct span encoding = {sealed->encoding, sealed->size};
    letter->session = place->session;
    letter->chain = place->chain;
    letter->number = place->number;
    letter->envelope = sealed->id;
    letter->opening = sealed->opening;
    index_add(outbox, turn, letter);
    letter_save(turn, letter);
    body_save(
        turn, letter->row, (struct span){turn->desk->letter, size}, encoding);
    turn_submit(turn, &sealed->id, encoding, letter->urgent);
    secret_wipe(turn->desk->letter, size);
    secret_wipe(&turn->desk->sealed, sizeof(turn->desk->sealed));
}

void outbox_hold(struct outbox *outbox, struct turn *turn,
    struct outbox_letter *letter, size_t size)
{
    outbox->held++;
    letter_save(turn, letter);
    body_save(turn, letter->row, (struct span){turn->desk->letter, size},
        (struct span){NULL, 0});
    secret_wipe(turn->desk->letter, size);
}

/* Holding back. */

bool outbox_holds(const struct outbox *outbox, uint64_t contact)
{
    if (outbox->held == 0)
        return false;
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->contact == contact && is_held(letter))
            return true;
    }
    return false;
}

static bool is_fetching(const struct outbox *outbox, uint64_t contact)
{
    for (size_t i = 0; i < outbox->errands.count; i++) {
        const struct errand *errand = rows_at(&outbox->errands, i);
        if (errand->contact == contact)
            return true;
    }
    return false;
}

void outbox_fetch_held(
    struct outbox *outbox, struct turn *turn, uint64_t contact)
{
    if (outbox->held == 0 || is_fetching(outbox, contact))
        return;
    uint64_t rows[OUTBOX_FETCH_LETTERS];
    size_t count = 0;
    for (size_t i = 0;
         i < outbox->letters.count && count < OUTBOX_FETCH_LETTERS; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->contact == contact && is_held(letter))
            rows[count++] = letter->row;
    }
    if (count == 0)
        return;
    struct errand *errand;
    uint32_t ticket = turn_fetch(turn, RECORD_OUTBOX_BODY, rows, count);
    enum status status = rows_add(&outbox->errands, ticket, &errand);
    turn_check(turn, status);
    if (!status)
        errand->contact = contact;
}

void outbox_reseal(struct outbox *outbox, struct turn *turn, uint64_t contact,
    uint64_t session)
{
    for (size_t i = 0; i < outbox->letters.count; i++) {
        struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->contact != contact || !is_under_way(letter) ||
            letter->session == 0 || letter->session == session)
            continue;
        index_remove(outbox, letter);
        letter->session = 0;
        letter->state = OUTBOX_QUEUED;
        letter->handed_to = 0;
        outbox->held++;
        letter_save(turn, letter);
    }
}

bool outbox_has_under_way(const struct outbox *outbox, uint64_t session)
{
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->session == session && is_under_way(letter))
            return true;
    }
    return false;
}

/* Bodies. */

static void submit_body(
    struct outbox *outbox, struct turn *turn, const struct vault_record *record)
{
    const struct outbox_letter *letter =
        rows_find(&outbox->letters, record->row);
    struct span plain;
    struct span envelope;
    if (!letter || !letter->session || !is_under_way(letter) ||
        body_read(turn, record, &plain, &envelope) || envelope.size == 0)
        return;
    turn_submit(turn, &letter->envelope, envelope, letter->urgent);
}

/* Fetch the next few that are under way, after a row. */
static void resubmit_after(
    struct outbox *outbox, struct turn *turn, uint64_t row)
{
    uint64_t rows[OUTBOX_FETCH_LETTERS];
    size_t count = 0;
    outbox->resubmitting = 0;
    for (size_t i = rows_after(&outbox->letters, row);
         i < outbox->letters.count && count < OUTBOX_FETCH_LETTERS; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->session && is_under_way(letter))
            rows[count++] = letter->row;
    }
    if (count)
        outbox->resubmitting =
            turn_fetch(turn, RECORD_OUTBOX_BODY, rows, count);
}

bool outbox_fetched(struct outbox *outbox, struct turn *turn,
    const struct vault_event *event, uint64_t *contact)
{
    uint32_t ticket = event->fetched.ticket;
    *contact = 0;
    if (ticket && ticket == outbox->resubmitting) {
        uint64_t last = UINT64_MAX;
        for (size_t i = 0; i < event->fetched.count; i++) {
            submit_body(outbox, turn, &event->fetched.records[i]);
            last = event->fetched.records[i].row;
        }
        resubmit_after(outbox, turn, last);
        return true;
    }
    const struct errand *errand = rows_find(&outbox->errands, ticket);
    if (!errand)
        return false;
    *contact = errand->contact;
    rows_remove(&outbox->errands, ticket);
    return true;
}

enum status outbox_unpack(struct outbox *outbox, struct turn *turn,
    const struct vault_record *record, size_t *size, struct outbox_letter **out)
{
    struct outbox_letter *letter = rows_find(&outbox->letters, record->row);
    if (!letter || !is_held(letter))
        return STATUS_NOT_FOUND;
    struct span plain;
    struct span envelope;
    enum status status = body_read(turn, record, &plain, &envelope);
    if (status)
        return status;
    memcpy(turn->desk->letter, plain.data, plain.size);
    outbox->held--;
    *size = plain.size;
    *out = letter;
    return STATUS_OK;
}

/* Retrying. */

static void release(struct turn *turn, const struct outbox_letter *letter)
{
    struct port_message *message = turn_port(turn, PORT_RELEASE);
    message->receipt.id = letter->envelope;
    message->receipt.opening = letter->opening;
}

static void resubmit_at(
    struct outbox *outbox, struct turn *turn, uint64_t at_ms)
{
    outbox->resubmit_ms = at_ms;
    turn_at(turn, TIMER_RESUBMIT, 0, at_ms);
}

void outbox_resubmit(struct outbox *outbox, struct turn *turn)
{
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->state == OUTBOX_RECALLED && letter->session &&
            letter->expires_h >= turn->now_h)
            release(turn, letter);
    }
    resubmit_after(outbox, turn, 0);
    resubmit_at(outbox, turn, turn->now_ms + OUTBOX_RESUBMIT_MS);
}

void outbox_resubmit_due(struct outbox *outbox, struct turn *turn)
{
    if (outbox->resubmit_ms <= turn->now_ms)
        outbox_resubmit(outbox, turn);
}

void outbox_refused(
    struct outbox *outbox, struct turn *turn, const struct envelope_id *id)
{
    uint64_t at_ms = turn->now_ms + OUTBOX_REFUSED_MS;
    if (find_envelope(outbox, id) && outbox->resubmit_ms > at_ms)
        resubmit_at(outbox, turn, at_ms);
}

/* Ends. */

static void letter_forget(struct outbox *outbox, struct turn *turn,
    const struct outbox_letter *letter)
{
    uint64_t row = letter->row;
    index_remove(outbox, letter);
    records_delete(turn, RECORD_OUTBOX, row);
    rows_remove(&outbox->letters, row);
}

static void letter_finish(struct outbox *outbox, struct turn *turn,
    struct outbox_letter *letter, enum outbox_state state)
{
    outbox->held -= is_held(letter);
    if (is_under_way(letter)) {
        records_delete(turn, RECORD_OUTBOX_BODY, letter->row);
        turn_scrub(turn);
    }
    letter->state = state;
    letter->finished_at_s = turn->clock_s;
    letter_save(turn, letter);
}

const struct outbox_letter *outbox_handed(struct outbox *outbox,
    struct turn *turn, const struct envelope_id *id, uint32_t peers)
{
    struct outbox_letter *letter = find_envelope(outbox, id);
    if (!letter || peers == 0 || !is_under_way(letter))
        return NULL;
    if (peers > letter->handed_to)
        letter->handed_to = peers;
    if (letter->state == OUTBOX_HANDED)
        return NULL;
    letter->state = OUTBOX_HANDED;
    letter_save(turn, letter);
    return letter;
}

/* A receipt that comes after the expiry still tells the truth.  After a recall
 * it tells nothing: it may be our own. */
const struct outbox_letter *outbox_cleared(struct outbox *outbox,
    struct turn *turn, const struct envelope_id *id,
    const struct opening *opening)
{
    struct outbox_letter *letter = find_envelope(outbox, id);
    if (!letter || (!is_under_way(letter) && letter->state != OUTBOX_EXPIRED) ||
        !secret_equal(
            letter->opening.bytes, opening->bytes, sizeof(opening->bytes)))
        return NULL;
    letter->delivered_at_s = turn->clock_s;
    letter_finish(outbox, turn, letter, OUTBOX_DELIVERED);
    return letter;
}

static struct outbox_letter *find_message(
    const struct outbox *outbox, uint64_t contact, const struct message_id *id)
{
    for (size_t i = 0; i < outbox->letters.count; i++) {
        struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->contact == contact && letter->type == LETTER_TEXT &&
            message_id_equal(&letter->id, id))
            return letter;
    }
    return NULL;
}

const struct outbox_letter *outbox_read(struct outbox *outbox,
    struct turn *turn, uint64_t contact, const struct message_id *id)
{
    struct outbox_letter *letter = find_message(outbox, contact, id);
    if (!letter || letter->state == OUTBOX_READ)
        return NULL;
    if (letter->delivered_at_s == 0)
        letter->delivered_at_s = turn->clock_s;
    letter_finish(outbox, turn, letter, OUTBOX_READ);
    return letter;
}

const struct outbox_letter *outbox_expire(
    struct outbox *outbox, struct turn *turn, uint64_t row)
{
    for (size_t i = rows_after(&outbox->letters, row);
         i < outbox->letters.count; i++) {
        struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (!is_under_way(letter) || turn->now_h <= letter->expires_h)
            continue;
        letter_finish(outbox, turn, letter, OUTBOX_EXPIRED);
        return letter;
    }
    return NULL;
}

static bool is_stale(
    const struct turn *turn, const struct outbox_letter *letter)
{
    if (is_under_way(letter))
        return false;
    return letter->type != LETTER_TEXT ||
           turn->clock_s > letter->finished_at_s + OUTBOX_KEPT_S;
}

/* One that was recalled is kept until its copies are gone anyway, so that the
 * recall can be said again. */
void outbox_sweep(struct outbox *outbox, struct turn *turn)
{
    for (size_t i = outbox->letters.count; i-- > 0;) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (is_stale(turn, letter) && (letter->state != OUTBOX_RECALLED ||
                                          turn->now_h > letter->expires_h))
            letter_forget(outbox, turn, letter);
    }
}

/* Recalling. */

enum { ID_CHARS = CONTROL_MESSAGE_ID_CHARS };

static void id_text(const struct message_id *id, char out[ID_CHARS + 1])
{
    hex_encode((struct span){id->bytes, sizeof(id->bytes)}, out);
}

static bool id_begins(const struct message_id *id, struct span prefix)
{
    char text[ID_CHARS + 1];
    id_text(id, text);
    return memcmp(text, prefix.data, prefix.size) == 0;
}

static enum status find_prefix(
    const struct outbox *outbox, struct span prefix, struct outbox_letter **out)
{
    struct outbox_letter *found = NULL;
    if (prefix.size == 0 || prefix.size > ID_CHARS)
        return STATUS_NOT_FOUND;
    for (size_t i = 0; i < outbox->letters.count; i++) {
        struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->type != LETTER_TEXT || !id_begins(&letter->id, prefix))
            continue;
        if (found)
            return STATUS_AMBIGUOUS;
        found = letter;
    }
    if (!found)
        return STATUS_NOT_FOUND;
    *out = found;
    return STATUS_OK;
}

/* Why a letter in that state can't be recalled; NULL when it can. */
static const char *too_late(enum outbox_state state)
{
    switch (state) {
    case OUTBOX_QUEUED:
    case OUTBOX_HANDED:
    case OUTBOX_RECALLED:
        return NULL;
    case OUTBOX_DELIVERED:
        return "this letter is delivered; only one that is not can be recalled";
    case OUTBOX_READ:
        return "this letter is read; only one that is not delivered can be "
               "recalled";
    case OUTBOX_EXPIRED:
        return "this letter has expired; every relay drops it by itself";
    }
    return NULL;
}

static struct outbox_letter *recall_find(
    const struct outbox *outbox, struct turn *turn, struct span id)
{
    struct outbox_letter *letter = NULL;
    enum status status = find_prefix(outbox, id, &letter);
    const char *why = NULL;
    if (status == STATUS_AMBIGUOUS)
        why = "more than one letter's id begins so; give more of it";
    else if (status)
        why = "no letter has that id; `sotto outbox` lists them";
    else
        why = too_late(letter->state);
    if (!why)
        return letter;
    turn_refuse(
        turn, status ? status : STATUS_REFUSED, (struct say){.form = why});
    return NULL;
}

const struct outbox_letter *outbox_recall(
    struct outbox *outbox, struct turn *turn, struct span id)
{
    struct outbox_letter *letter = recall_find(outbox, turn, id);
    if (!letter)
        return NULL;
    bool changed = is_under_way(letter);
    if (letter->session)
        release(turn, letter);
    if (changed)
        letter_finish(outbox, turn, letter, OUTBOX_RECALLED);
    struct control_reply *reply = turn_reply(turn, CONTROL_SENT);
    id_text(&letter->id, reply->sent.id);
    reply->sent.state = OUTBOX_RECALLED;
    return changed ? letter : NULL;
}

/* Listing. */

uint64_t outbox_count_under_way(const struct outbox *outbox)
{
    uint64_t count = 0;
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        count += letter->type == LETTER_TEXT && is_under_way(letter);
    }
    return count;
}

const struct outbox_letter *outbox_next(
    const struct outbox *outbox, uint64_t row)
{
    for (size_t i = rows_after(&outbox->letters, row);
         i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->type == LETTER_TEXT)
            return letter;
    }
    return NULL;
}

void outbox_describe(
    const struct outbox_letter *letter, struct control_outbox_item *out)
{
    id_text(&letter->id, out->id);
    out->state = letter->state;
    out->handed_to = letter->handed_to;
    out->sent_at_s = letter->sent_at_s;
    out->expires_at_s = (letter->expires_h + 1ull) * HOUR_S;
    out->delivered_at_s = letter->delivered_at_s;
}

const char *outbox_violation(const struct outbox *outbox)
{
    uint64_t held = 0;
    size_t sealed = 0;
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        held += is_held(letter);
        sealed += letter->session != 0;
    }
    if (held != outbox->held)
        return "letters held back are miscounted";
    if (sealed != outbox->envelopes.count)
        return "the envelope index does not match the outbox";
    return NULL;
}
