/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A note is a letter to nobody: it has no session, no envelope and no receipt.
 * Its first line is kept with what is loaded, so that a list needs no text.
 *
 * One that burns is destroyed so long after it was written, by the clock that
 * never jumps while the vault is open, by the wall clock on unlock. */
#include "vault/notebook.h"

#include <string.h>

#include "base/hex.h"
#include "proto/wire.h"
#include "vault/records.h"

enum { ID_CHARS = CONTROL_MESSAGE_ID_CHARS };

struct reading {
    uint64_t row; /* the ticket */
    uint64_t note;
    struct asker asker;
};

void notebook_init(struct notebook *notebook)
{
    rows_init(&notebook->notes, sizeof(struct note), LIMIT_NOTES, true);
    rows_init(&notebook->readings, sizeof(struct reading), 64, false);
}

void notebook_clear(struct notebook *notebook)
{
    rows_clear(&notebook->notes);
    rows_clear(&notebook->readings);
}

/* Records. */

static void put(struct step *step, enum record_kind kind,
    const struct note *note, struct wire_writer *writer)
{
    if (note->burns_at_s == 0)
        records_put(step, kind, note->row, writer);
    else
        records_put_until(step, kind, note->row, writer,
            (uint32_t)(note->burns_at_s / HOUR_S));
}

static void note_save(struct step *step, const struct note *note)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 5);
    wire_write_bytes(
        &writer, (struct span){note->id.bytes, sizeof(note->id.bytes)});
    wire_write_uint(&writer, note->made_at_s);
    wire_write_uint(&writer, note->burns_at_s);
    wire_write_uint(&writer, note->text_bytes);
    wire_write_text(&writer, (struct span){note->title, note->title_size});
    put(step, RECORD_NOTE, note, &writer);
}

static void body_save(
    struct step *step, const struct note *note, struct span text)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 1);
    wire_write_text(&writer, text);
    put(step, RECORD_NOTE_BODY, note, &writer);
}

enum status notebook_load(struct notebook *notebook, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct note *note;
    enum status status = rows_add(&notebook->notes, record->row, &note);
    if (status)
        return status;
    wire_read_array_of(&reader, 5);
    wire_read_fixed(&reader, note->id.bytes, sizeof(note->id.bytes));
    note->made_at_s = wire_read_uint(&reader, UINT64_MAX);
    note->burns_at_s = wire_read_uint(&reader, UINT64_MAX);
    note->text_bytes = (uint32_t)wire_read_uint(&reader, LIMIT_TEXT_BYTES);
    struct span title = wire_read_text(&reader, NOTE_TITLE_BYTES);
    status = wire_read_done(&reader);
    if (status) {
        rows_remove(&notebook->notes, record->row);
        return status;
    }
    note->title_size = (uint8_t)title.size;
    if (title.size)
        memcpy(note->title, title.data, title.size);
    return STATUS_OK;
}

enum status notebook_text(
    struct step *step, const struct vault_record *record, struct span *out)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    wire_read_array_of(&reader, 1);
    struct span text = wire_read_text(&reader, LIMIT_TEXT_BYTES);
    enum status status = wire_read_done(&reader);
    if (!status)
        *out = text;
    return status;
}

/* Burning. */

static void note_destroy(
    struct notebook *notebook, struct step *step, const struct note *note)
{
    uint64_t row = note->row;
    records_delete(step, RECORD_NOTE, row);
    records_delete(step, RECORD_NOTE_BODY, row);
    rows_remove(&notebook->notes, row);
    step_effect(step, VAULT_SCRUB);
}

static bool note_is_over(const struct step *step, const struct note *note)
{
    return note->burns_at_s > 0 && note->burn_ms <= step->now_ms;
}

/* No wall clock can lengthen a life past the whole of it. */
static void burn_schedule(struct step *step, struct note *note)
{
    if (note->burns_at_s == 0)
        return;
    uint64_t life_s = note->burns_at_s - note->made_at_s;
    uint64_t left_s =
        note->burns_at_s > step->clock_s ? note->burns_at_s - step->clock_s : 0;
    note->burn_ms = step->now_ms + (left_s < life_s ? left_s : life_s) * 1000;
    step_at(step, TIMER_NOTE, note->row, note->burn_ms);
}

void notebook_burn(struct notebook *notebook, struct step *step, uint64_t row)
{
    const struct note *note = rows_find(&notebook->notes, row);
    if (note && note_is_over(step, note))
        note_destroy(notebook, step, note);
}

void notebook_start(struct notebook *notebook, struct step *step)
{
    for (size_t i = notebook->notes.count; i-- > 0;) {
        struct note *note = rows_at(&notebook->notes, i);
        burn_schedule(step, note);
        notebook_burn(notebook, step, note->row);
    }
}

void notebook_sweep(struct notebook *notebook, struct step *step)
{
    for (size_t i = notebook->notes.count; i-- > 0;) {
        const struct note *note = rows_at(&notebook->notes, i);
        notebook_burn(notebook, step, note->row);
    }
}

uint64_t notebook_first_end_h(const struct notebook *notebook)
{
    uint64_t first_s = UINT64_MAX;
    for (size_t i = 0; i < notebook->notes.count; i++) {
        const struct note *note = rows_at(&notebook->notes, i);
        if (note->burns_at_s && note->burns_at_s < first_s)
            first_s = note->burns_at_s;
    }
    return first_s / HOUR_S;
}

/* Backups. */

bool notebook_has(
    const struct notebook *notebook, const struct step *step, uint64_t row)
{
    const struct note *note = rows_find(&notebook->notes, row);
    return note && !note_is_over(step, note);
}

void notebook_restore(
    const struct notebook *notebook, struct step *step, uint64_t row)
{
    note_save(step, rows_find(&notebook->notes, row));
}

enum status notebook_restore_body(const struct notebook *notebook,
    struct step *step, uint64_t row, struct span plain)
{
    const struct note *note = rows_find(&notebook->notes, row);
    struct wire_reader reader;
    wire_read_init(&reader, plain);
    wire_read_array_of(&reader, 1);
    struct span text = wire_read_text(&reader, LIMIT_TEXT_BYTES);
    if (wire_read_done(&reader) || !note)
        return STATUS_INVALID;
    body_save(step, note, text);
    return STATUS_OK;
}

/* Writing. */

/* The first line, as much of it as fits without cutting a character. */
static void title_take(struct note *note, struct span text)
{
    size_t size = 0;
    while (size < text.size && text.data[size] != '\n')
        size++;
    if (size > NOTE_TITLE_BYTES)
        for (size = NOTE_TITLE_BYTES; (text.data[size] & 0xc0) == 0x80;)
            size--;
    note->title_size = (uint8_t)size;
    if (size)
        memcpy(note->title, text.data, size);
}

enum status notebook_keep(struct notebook *notebook, struct step *step,
    const struct note_entry *entry, const struct note **out)
{
    struct note *note;
    enum status status = rows_append(&notebook->notes, &note);
    if (status)
        return status;
    random_fill(step->random, note->id.bytes, sizeof(note->id.bytes));
    note->made_at_s = entry->made_at_s;
    note->burns_at_s = entry->burn_s ? step->clock_s + entry->burn_s : 0;
    note->text_bytes = (uint32_t)entry->text.size;
    title_take(note, entry->text);
    burn_schedule(step, note);
    note_save(step, note);
    body_save(step, note, entry->text);
    *out = note;
    return STATUS_OK;
}

/* Answers. */

static void describe(
    struct step *step, const struct note *note, struct control_memo *out)
{
    hex_encode((struct span){note->id.bytes, sizeof(note->id.bytes)}, out->id);
    out->title = step_copy(step, (struct span){note->title, note->title_size});
    out->made_at_s = note->made_at_s;
    out->burns_at_s = note->burns_at_s;
    out->text_bytes = note->text_bytes;
}

static void answer(struct step *step, const struct note *note, struct span text)
{
    struct control_memo *row = step_alloc(step, sizeof(*row));
    if (!row)
        return;
    describe(step, note, row);
    row->text = text;
    struct control_reply *reply = step_reply(step, CONTROL_MEMO_ROWS);
    reply->memos = row;
    reply->count = 1;
}

void notebook_ask_add(struct notebook *notebook, struct step *step,
    const struct control_request *request)
{
    const struct note_entry entry = {.made_at_s = step->clock_s,
        .burn_s = request->burn_s,
        .text = request->text};
    const struct note *note;
    enum status status = notebook_keep(notebook, step, &entry, &note);
    if (status == STATUS_FULL)
        step_refuse(step, status,
            (struct say){.form = "the notebook has # notes; the limit is #",
                .numbers = {notebook->notes.count, LIMIT_NOTES}});
    else if (status)
        step_check(step, status);
    else
        answer(step, note, (struct span){NULL, 0});
}

void notebook_ask_list(const struct notebook *notebook, struct step *step,
    const struct control_request *request)
{
    size_t limit = request->limit && request->limit < LIMIT_CONTROL_ROWS
                       ? (size_t)request->limit
                       : LIMIT_CONTROL_ROWS;
    struct control_memo *list = step_alloc(step, limit * sizeof(*list));
    if (!list)
        return;
    size_t count = 0;
    uint64_t last = 0;
    size_t i = rows_after(&notebook->notes, request->cursor);
    for (; i < notebook->notes.count && count < limit; i++) {
        const struct note *note = rows_at(&notebook->notes, i);
        last = note->row;
        if (!note_is_over(step, note))
            describe(step, note, &list[count++]);
    }
    struct control_reply *reply = step_reply(step, CONTROL_MEMO_ROWS);
    reply->memos = list;
    reply->count = count;
    reply->next = i < notebook->notes.count ? last : 0;
}

static bool id_begins(const struct note *note, struct span prefix)
{
    char text[ID_CHARS + 1];
    hex_encode((struct span){note->id.bytes, sizeof(note->id.bytes)}, text);
    return prefix.size > 0 && prefix.size <= ID_CHARS &&
           memcmp(text, prefix.data, prefix.size) == 0;
}

/* The one whose id begins so; or NULL, and it is answered. */
static const struct note *find(
    const struct notebook *notebook, struct step *step, struct span prefix)
{
    const struct note *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < notebook->notes.count; i++) {
        const struct note *note = rows_at(&notebook->notes, i);
        if (note_is_over(step, note) || !id_begins(note, prefix))
            continue;
        found = note;
        count++;
    }
    if (count == 1)
        return found;
    if (count == 0)
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "no note has that id; `sotto note list` "
                                 "shows those there are"});
    else
        step_refuse(step, STATUS_AMBIGUOUS,
            (struct say){.form = "the ids of # notes begin so; give more of it",
                .numbers = {count}});
    return NULL;
}

void notebook_ask_read(struct notebook *notebook, struct step *step,
    const struct control_request *request)
{
    const struct note *note = find(notebook, step, request->note);
    if (!note)
        return;
    struct reading *reading;
    enum status status =
        rows_add(&notebook->readings, *step->tickets + 1, &reading);
    if (status == STATUS_FULL) {
        step_refuse(step, STATUS_AGAIN,
            (struct say){.form = "many notes are being read already; ask "
                                 "again in a moment"});
        return;
    }
    step_check(step, status);
    if (status)
        return;
    reading->note = note->row;
    reading->asker = step->asker;
    step_fetch(step, RECORD_NOTE_BODY, &note->row, 1);
}

bool notebook_fetched(struct notebook *notebook, struct step *step,
    const struct vault_event *event)
{
    const struct reading *reading =
        rows_find(&notebook->readings, event->fetched.ticket);
    if (!reading)
        return false;
    const struct note *note = rows_find(&notebook->notes, reading->note);
    step->asker = reading->asker;
    rows_remove(&notebook->readings, event->fetched.ticket);
    struct span text;
    if (!note || note_is_over(step, note))
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "this note is no longer there"});
    else if (event->fetched.count != 1 ||
             notebook_text(step, &event->fetched.records[0], &text))
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "the record of this note's text is damaged"});
    else
        answer(step, note, step_copy(step, text));
    return true;
}

void notebook_ask_remove(struct notebook *notebook, struct step *step,
    const struct control_request *request)
{
    const struct note *note = find(notebook, step, request->note);
    if (!note)
        return;
    note_destroy(notebook, step, note);
    step_reply(step, CONTROL_DONE);
}
