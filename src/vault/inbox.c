/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters received, each shown once.
 *
 * The ratchet opens an envelope once; but a letter may come in a second
 * envelope, sealed anew for a new session, so its id is kept until no copy can
 * be under way.
 *
 * A letter with a burn timer is destroyed that long after it was read.  One
 * that is never read is destroyed when it would have expired undelivered, or
 * after the burn time if that is longer.  While the vault is unlocked this is
 * measured by the clock that never jumps; the wall clock is consulted on
 * unlock alone, and can lengthen no life past the whole of it.  What came due
 * while the vault was locked burns on unlock, before anything is shown. */
#include "vault/inbox.h"

#include <string.h>

#include "base/hex.h"
#include "vault/records.h"

struct reading {
    uint64_t row; /* the ticket */
    struct asker asker;
    bool all;
    bool peek;
    uint64_t next;
    size_t count;
    uint64_t rows[LIMIT_CONTROL_ROWS];
};

void inbox_init(struct inbox *inbox)
{
    rows_init(&inbox->letters, sizeof(struct inbox_letter), LIMIT_INBOX_LETTERS,
        false);
    marks_init(&inbox->seen, RECORD_SEEN, LIMIT_INBOX_LETTERS);
    rows_init(&inbox->readings, sizeof(struct reading), INBOX_READINGS, false);
    inbox->unread = 0;
}

void inbox_clear(struct inbox *inbox)
{
    rows_clear(&inbox->letters);
    marks_clear(&inbox->seen);
    rows_clear(&inbox->readings);
}

/* Records. */

/* A letter's record has two fields more than in a vault of format 1, whose
 * letters are all deniable. */
enum { LETTER_FIELDS = 11, LETTER_FIELDS_1 = 9 };
/* One that came through a group has two more. */
enum { LETTER_FIELDS_GROUP = LETTER_FIELDS + 2 };

static uint64_t whole_life_s(const struct inbox_letter *letter)
{
    if (letter->read_at_s)
        return letter->burn_s;
    uint64_t end_s = (letter->expires_h + 1ull) * HOUR_S;
    uint64_t left_s =
        end_s > letter->received_at_s ? end_s - letter->received_at_s : 0;
    return left_s > letter->burn_s ? left_s : letter->burn_s;
}

/* The hour in which a letter that burns has burned, and the end of the hours
 * for one that does not. */
static uint64_t end_h_of(const struct inbox_letter *letter)
{
    uint64_t from_s =
        letter->read_at_s ? letter->read_at_s : letter->received_at_s;
    return letter->burn_s ? (from_s + whole_life_s(letter)) / HOUR_S
                          : UINT64_MAX;
}

static void put(struct step *step, enum record_kind kind,
    const struct inbox_letter *letter, struct wire_writer *writer)
{
    uint64_t end_h = end_h_of(letter);
    if (end_h > UINT32_MAX)
        records_put(step, kind, letter->row, writer);
    else
        records_put_until(step, kind, letter->row, writer, (uint32_t)end_h);
}

static void letter_save(struct step *step, const struct inbox_letter *letter)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(
        &writer, letter->group ? LETTER_FIELDS_GROUP : LETTER_FIELDS);
    wire_write_uint(&writer, letter->contact);
    wire_write_bytes(
        &writer, (struct span){letter->id.bytes, sizeof(letter->id.bytes)});
    wire_write_uint(&writer, letter->sent_at_s);
    wire_write_uint(&writer, letter->received_at_s);
    wire_write_uint(&writer, letter->read_at_s);
    wire_write_uint(&writer, letter->burns_at_s);
    wire_write_uint(&writer, letter->burn_s);
    wire_write_uint(&writer, letter->expires_h);
    wire_write_uint(&writer, letter->weight);
    wire_write_uint(&writer, letter->evidence);
    wire_write_uint(&writer, letter->number);
    if (letter->group) {
        wire_write_uint(&writer, letter->group);
        wire_write_uint(&writer, letter->view);
    }
    put(step, RECORD_INBOX, letter, &writer);
}

static enum status letter_read(
    struct wire_reader *reader, struct inbox_letter *letter)
{
    size_t fields = wire_read_array(reader, LETTER_FIELDS_GROUP);
    letter->contact = wire_read_uint(reader, UINT64_MAX);
    wire_read_fixed(reader, letter->id.bytes, sizeof(letter->id.bytes));
    letter->sent_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->received_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->read_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->burns_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->burn_s = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->expires_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->weight = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    if (fields == LETTER_FIELDS_1)
        return wire_read_done(reader);
    letter->evidence =
        (enum inbox_evidence)wire_read_uint(reader, INBOX_UNPROVEN);
    letter->number = (uint32_t)wire_read_uint(reader, LIMIT_EVIDENCE_NUMBER);
    if (fields == LETTER_FIELDS)
        return wire_read_done(reader);
    letter->group = wire_read_uint(reader, UINT32_MAX);
    letter->view = (enum inbox_view)wire_read_uint(reader, INBOX_VIEW_UNKNOWN);
    return wire_read_done(reader);
}

enum status inbox_load(
    struct inbox *inbox, struct step *step, const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct inbox_letter *letter;
    enum status status = rows_add(&inbox->letters, record->row, &letter);
    if (status)
        return status;
    status = letter_read(&reader, letter);
    if (status)
        rows_remove(&inbox->letters, record->row);
    else
        inbox->unread += letter->read_at_s == 0;
    return status;
}

/* Burning. */

static void burn_schedule(struct step *step, struct inbox_letter *letter)
{
    if (letter->burn_s == 0)
        return;
    uint64_t from_s =
        letter->read_at_s ? letter->read_at_s : letter->received_at_s;
    uint64_t left_s = whole_life_s(letter);
    uint64_t passed_s = step->clock_s > from_s ? step->clock_s - from_s : 0;
    left_s = passed_s < left_s ? left_s - passed_s : 0;
    letter->burn_ms = step->now_ms + left_s * 1000;
    step_at(step, TIMER_BURN, letter->row, letter->burn_ms);
}

static void letter_destroy(
    struct inbox *inbox, struct step *step, const struct inbox_letter *letter)
{
    uint64_t row = letter->row;
    inbox->unread -= letter->read_at_s == 0;
    records_delete(step, RECORD_INBOX, row);
    records_delete(step, RECORD_INBOX_BODY, row);
    rows_remove(&inbox->letters, row);
}

static bool letter_is_over(
    const struct step *step, const struct inbox_letter *letter)
{
    return letter->burn_s > 0 && letter->burn_ms <= step->now_ms;
}

void inbox_burn(struct inbox *inbox, struct step *step, uint64_t row)
{
    const struct inbox_letter *letter = rows_find(&inbox->letters, row);
    if (!letter || !letter_is_over(step, letter))
        return;
    letter_destroy(inbox, step, letter);
    step_effect(step, VAULT_SCRUB);
}

void inbox_start(struct inbox *inbox, struct step *step)
{
    for (size_t i = inbox->letters.count; i-- > 0;) {
        struct inbox_letter *letter = rows_at(&inbox->letters, i);
        burn_schedule(step, letter);
        inbox_burn(inbox, step, letter->row);
    }
}

/* Also catches those for whose timer there was no room. */
void inbox_sweep(struct inbox *inbox, struct step *step)
{
    marks_sweep(&inbox->seen, step);
    for (size_t i = inbox->letters.count; i-- > 0;) {
        const struct inbox_letter *letter = rows_at(&inbox->letters, i);
        inbox_burn(inbox, step, letter->row);
    }
}

void inbox_forget_contact(
    struct inbox *inbox, struct step *step, uint64_t contact)
{
    for (size_t i = inbox->letters.count; i-- > 0;) {
        const struct inbox_letter *letter = rows_at(&inbox->letters, i);
        if (letter->contact == contact && letter->group == 0)
            letter_destroy(inbox, step, letter);
    }
}

void inbox_forget_group(struct inbox *inbox, struct step *step, uint64_t group)
{
    for (size_t i = inbox->letters.count; i-- > 0;) {
        const struct inbox_letter *letter = rows_at(&inbox->letters, i);
        if (letter->group == group)
            letter_destroy(inbox, step, letter);
    }
}

bool inbox_has_contact(const struct inbox *inbox, uint64_t contact)
{
    for (size_t i = 0; i < inbox->letters.count; i++) {
        const struct inbox_letter *letter = rows_at(&inbox->letters, i);
        if (letter->contact == contact)
            return true;
    }
    return false;
}

const char *inbox_view_word(enum inbox_view view)
{
    switch (view) {
    case INBOX_VIEW_CURRENT:
        return "current";
    case INBOX_VIEW_OLD:
        return "old";
    case INBOX_VIEW_UNKNOWN:
        return "unknown";
    }
    return "unknown";
}

uint64_t inbox_first_end_h(const struct inbox *inbox)
{
    uint64_t first_h = UINT64_MAX;
    for (size_t i = 0; i < inbox->letters.count; i++) {
        uint64_t end_h = end_h_of(rows_at(&inbox->letters, i));
        if (end_h < first_h)
            first_h = end_h;
    }
    return first_h;
}

/* Receiving. */

bool inbox_is_full(const struct inbox *inbox)
{
    return inbox->letters.count == inbox->letters.maximum ||
           inbox->seen.rows.count == inbox->seen.rows.maximum;
}

/* The sender's word for the expiry is believed as far as an envelope can
 * live. */
static uint32_t bounded_expiry_h(
    const struct step *step, const struct letter *letter)
{
    uint32_t latest_h = step->now_h + LIMIT_ENVELOPE_LIFE_H;
    return letter->expires_h < latest_h ? letter->expires_h : latest_h;
}

static bool first_sight(
    struct inbox *inbox, struct step *step, struct span thing)
{
    return marks_add(&inbox->seen, step, thing,
        step->now_h + LIMIT_ENVELOPE_LIFE_H + INBOX_SEEN_GRACE_H);
}

static struct span id_bytes(const struct message_id *id)
{
    return (struct span){id->bytes, sizeof(id->bytes)};
}

bool inbox_first_sight(
    struct inbox *inbox, struct step *step, const struct letter *letter)
{
    return first_sight(inbox, step, id_bytes(&letter->id));
}

bool inbox_first_sight_of(struct inbox *inbox, struct step *step,
    const struct letter *letter, const struct fingerprint *writer)
{
    uint8_t thing[sizeof(letter->id.bytes) + 16];
    memcpy(thing, letter->id.bytes, sizeof(letter->id.bytes));
    memcpy(thing + sizeof(letter->id.bytes), writer->bytes, 16);
    return first_sight(inbox, step, (struct span){thing, sizeof(thing)});
}

/* In JSON a control character takes six bytes, and a quotation mark two. */
static uint32_t weight_of(struct span text)
{
    uint32_t weight = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        weight += byte < 0x20 || byte == 0x7f   ? 6
                  : byte == '"' || byte == '\\' ? 2
                                                : 1;
    }
    return weight;
}

static const char *evidence_word(enum inbox_evidence evidence)
{
    switch (evidence) {
    case INBOX_DENIABLE:
        return "deniable";
    case INBOX_EVIDENTIAL:
        return "evidential";
    case INBOX_UNPROVEN:
        return "unproven";
    }
    return "unproven";
}

/* What stays on disk of a letter until it is read. */
struct body {
    struct span text;
    struct span file; /* its name; empty: there is none */
    uint64_t file_bytes;
    enum file_end file_end;
};

static void letter_describe(const struct inbox_letter *letter,
    const struct body *body, struct control_letter *out)
{
    hex_encode(
        (struct span){letter->id.bytes, sizeof(letter->id.bytes)}, out->id);
    out->text = body->text;
    out->sent_at_s = letter->sent_at_s;
    out->received_at_s = letter->received_at_s;
    out->state = letter->read_at_s ? "read" : "unread";
    out->burn_s = letter->burn_s;
    out->burns_at_s = letter->burns_at_s;
    out->evidence = evidence_word(letter->evidence);
    out->number = letter->number;
    out->view = letter->group ? inbox_view_word(letter->view) : "";
    out->file = body->file;
    out->file_bytes = body->file_bytes;
    out->file_state = body->file_end ? "refused" : "";
    out->file_reason = file_end_word(body->file_end);
}

enum { BODY_FIELDS = 1, BODY_FIELDS_FILE = 4 };

static void body_save(struct step *step, const struct inbox_letter *letter,
    const struct body *body)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, body->file.size ? BODY_FIELDS_FILE : BODY_FIELDS);
    wire_write_text(&writer, body->text);
    if (body->file.size) {
        wire_write_text(&writer, body->file);
        wire_write_uint(&writer, body->file_bytes);
        wire_write_uint(&writer, body->file_end);
    }
    put(step, RECORD_INBOX_BODY, letter, &writer);
}

static enum status body_read(struct wire_reader *reader, struct body *out)
{
    struct body body = {.file_bytes = 0};
    size_t fields = wire_read_array(reader, BODY_FIELDS_FILE);
    body.text = wire_read_text(reader, LIMIT_TEXT_BYTES);
    if (fields != BODY_FIELDS) {
        body.file = wire_read_text(reader, LIMIT_FILE_NAME_BYTES);
        body.file_bytes = wire_read_uint(reader, LIMIT_NUMBER);
        body.file_end = (enum file_end)wire_read_uint(reader, FILE_END_LAST);
    }
    enum status status = wire_read_done(reader);
    if (!status)
        *out = body;
    return status;
}

void inbox_receive(struct inbox *inbox, struct step *step,
    const struct inbox_origin *origin, const struct letter *letter,
    struct control_letter *out)
{
    struct inbox_letter *kept;
    enum status status = rows_append(&inbox->letters, &kept);
    step_check(step, status);
    if (status)
        return;
    kept->contact = origin->contact;
    kept->group = origin->group;
    kept->view = origin->view;
    kept->evidence = origin->evidence;
    kept->number = letter->evidence.number;
    kept->id = letter->id;
    kept->sent_at_s = letter->sent_at_s;
    kept->received_at_s = step->clock_s;
    kept->burn_s =
        letter->burn_s < LIMIT_BURN_S ? letter->burn_s : (uint32_t)LIMIT_BURN_S;
    kept->expires_h = bounded_expiry_h(step, letter);
    kept->weight = weight_of(letter->text) + weight_of(letter->file.name);
    inbox->unread++;
    burn_schedule(step, kept);
    letter_save(step, kept);
    const struct body body = {step_copy(step, letter->text),
        step_copy(step, letter->file.name), letter->file.bytes, origin->end};
    body_save(step, kept, &body);
    letter_describe(kept, &body, out);
}

/* Backups. */

bool inbox_has(const struct inbox *inbox, const struct step *step, uint64_t row,
    struct inbox_origin *origin)
{
    const struct inbox_letter *letter = rows_find(&inbox->letters, row);
    if (!letter || letter_is_over(step, letter))
        return false;
    *origin = (struct inbox_origin){
        .contact = letter->contact, .group = letter->group};
    return true;
}

void inbox_restore(struct inbox *inbox, struct step *step, uint64_t row)
{
    const struct inbox_letter *letter = rows_find(&inbox->letters, row);
    letter_save(step, letter);
    if (letter->group == 0) /* of others the marks are in the backup, too */
        first_sight(inbox, step, id_bytes(&letter->id));
}

enum status inbox_restore_body(const struct inbox *inbox, struct step *step,
    uint64_t row, struct span plain)
{
    const struct inbox_letter *letter = rows_find(&inbox->letters, row);
    struct wire_reader reader;
    struct body body;
    wire_read_init(&reader, plain);
    if (body_read(&reader, &body) || !letter)
        return STATUS_INVALID;
    body_save(step, letter, &body);
    return STATUS_OK;
}

/* Reading. */

static bool matches(const struct inbox_letter *letter,
    const struct inbox_origin *origin, const struct control_request *request,
    const struct step *step)
{
    bool is_from_all = origin->contact == 0 && origin->group == 0;
    return (is_from_all || (letter->group == origin->group &&
                               (origin->contact == 0 ||
                                   letter->contact == origin->contact))) &&
           (request->all || letter->read_at_s == 0) &&
           !letter_is_over(step, letter);
}

/* Choose a page's letters; its next is the last one's row if more follow. */
static void reading_choose(const struct inbox *inbox, const struct step *step,
    const struct inbox_origin *origin, const struct control_request *request,
    struct reading *reading)
{
    uint64_t limit = request->limit;
    if (limit == 0 || limit > LIMIT_CONTROL_ROWS)
        limit = LIMIT_CONTROL_ROWS;
    size_t bytes = 0;
    for (size_t i = rows_after(&inbox->letters, request->cursor);
         i < inbox->letters.count; i++) {
        const struct inbox_letter *letter = rows_at(&inbox->letters, i);
        if (!matches(letter, origin, request, step))
            continue;
        bytes += letter->weight;
        if (reading->count == limit ||
            (reading->count > 0 && bytes > INBOX_PAGE_BYTES)) {
            reading->next = reading->rows[reading->count - 1];
            return;
        }
        reading->rows[reading->count++] = letter->row;
    }
}

void inbox_read(struct inbox *inbox, struct step *step,
    const struct inbox_origin *origin, const struct control_request *request)
{
    struct reading reading = {
        .asker = step->asker, .all = request->all, .peek = request->peek};
    reading_choose(inbox, step, origin, request, &reading);
    if (reading.count == 0) {
        step_reply(step, CONTROL_LETTER_ROWS);
        return;
    }
    struct reading *kept;
    enum status status = rows_add(&inbox->readings, *step->tickets + 1, &kept);
    if (status == STATUS_FULL) {
        step_refuse(step, STATUS_AGAIN,
            (struct say){.form = "# reads are under way already; ask again "
                                 "when one is done",
                .numbers = {INBOX_READINGS}});
        return;
    }
    step_check(step, status);
    if (status)
        return;
    reading.row = kept->row;
    *kept = reading;
    step_fetch(step, RECORD_INBOX_BODY, reading.rows, reading.count);
}

static void letter_mark_read(
    struct inbox *inbox, struct step *step, struct inbox_letter *letter)
{
    letter->read_at_s = step->clock_s ? step->clock_s : 1;
    if (letter->burn_s)
        letter->burns_at_s = letter->read_at_s + letter->burn_s;
    inbox->unread--;
    burn_schedule(step, letter);
    letter_save(step, letter);
}

/* A letter's body, copied; or what stands for it, and is not whole. */
static struct body body_of(
    struct step *step, const struct vault_record *record, bool *is_whole)
{
    struct wire_reader reader;
    struct body body = {
        .text = span_of_text("[the record of this letter's text is damaged]")};
    records_open(step, record, &reader);
    *is_whole = body_read(&reader, &body) == STATUS_OK;
    if (*is_whole) {
        body.text = step_copy(step, body.text);
        body.file = step_copy(step, body.file);
    }
    return body;
}

static void page_add(struct inbox *inbox, struct step *step,
    const struct reading *reading, const struct vault_record *record,
    struct inbox_page *page)
{
    struct inbox_letter *letter = rows_find(&inbox->letters, record->row);
    if (!letter || letter_is_over(step, letter) ||
        record->kind != RECORD_INBOX_BODY ||
        (letter->read_at_s && !reading->all && !reading->peek))
        return;
    bool is_whole;
    struct body body = body_of(step, record, &is_whole);
    bool newly = letter->read_at_s == 0 && !reading->peek;
    struct control_letter *out = &page->letters[page->count];
    letter_describe(letter, &body, out);
    if (newly) {
        letter_mark_read(inbox, step, letter);
        out->burns_at_s = letter->burns_at_s;
        if (letter->burn_s && is_whole)
            body_save(step, letter, &body);
    }
    page->shown[page->count++] =
        (struct inbox_shown){letter->contact, letter->group, letter->id, newly};
}

bool inbox_fetched(struct inbox *inbox, struct step *step,
    const struct vault_event *event, struct inbox_page *page)
{
    struct reading *found = rows_find(&inbox->readings, event->fetched.ticket);
    if (!found)
        return false;
    struct reading reading = *found;
    rows_remove(&inbox->readings, reading.row);
    *page = (struct inbox_page){.asker = reading.asker, .next = reading.next};
    size_t count = event->fetched.count < reading.count ? event->fetched.count
                                                        : reading.count;
    page->letters = step_alloc(step, (count + 1) * sizeof(*page->letters));
    page->shown = step_alloc(step, (count + 1) * sizeof(*page->shown));
    if (!page->letters || !page->shown)
        return true;
    for (size_t i = 0; i < count; i++)
        page_add(inbox, step, &reading, &event->fetched.records[i], page);
    return true;
}
