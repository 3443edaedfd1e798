/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading takes two steps: a page's letters are chosen from what is in memory,
 * and their texts fetched; when these have come, a letter is marked as read if
 * it is still there, and shown.  What has burned meanwhile, or been read by
 * another who asked, is left out. */
#include "vault/inbox.h"
#include "vault/inbox_inside.h"
#include "vault/records.h"

static bool matches(const struct inbox_letter *letter,
    const struct inbox_origin *origin, const struct control_request *request,
    const struct step *step)
{
    bool is_from_all = origin->contact == 0 && origin->group == 0;
    return (is_from_all || (letter->group == origin->group &&
                               (origin->contact == 0 ||
                                   letter->contact == origin->contact))) &&
           (request->all || letter->read_at_s == 0) &&
           !inbox_letter_is_over(step, letter);
}

/* Choose a page's letters; its next is the last one's row if more follow. */
static void reading_choose(const struct inbox *inbox, const struct step *step,
    const struct inbox_origin *origin, const struct control_request *request,
    struct inbox_reading *reading)
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
    struct inbox_reading reading = {
        .asker = step->asker, .all = request->all, .peek = request->peek};
    reading_choose(inbox, step, origin, request, &reading);
    if (reading.count == 0) {
        step_reply(step, CONTROL_LETTER_ROWS);
        return;
    }
    struct inbox_reading *kept;
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
    inbox_burn_schedule(step, letter);
    inbox_letter_save(step, letter);
}

/* A letter's body, copied; or what stands for it, and is not whole. */
static struct inbox_body body_of(
    struct step *step, const struct vault_record *record, bool *is_whole)
{
    struct wire_reader reader;
    struct inbox_body body = {
        .text = span_of_text("[the record of this letter's text is damaged]")};
    records_open(step, record, &reader);
    *is_whole = inbox_body_read(&reader, &body) == STATUS_OK;
    if (*is_whole) {
        body.text = step_copy(step, body.text);
        body.file = step_copy(step, body.file);
    }
    return body;
}

static void page_add(struct inbox *inbox, struct step *step,
    const struct inbox_reading *reading, const struct vault_record *record,
    struct inbox_page *page)
{
    struct inbox_letter *letter = rows_find(&inbox->letters, record->row);
    if (!letter || inbox_letter_is_over(step, letter) ||
        record->kind != RECORD_INBOX_BODY ||
        (letter->read_at_s && !reading->all && !reading->peek))
        return;
    bool is_whole;
    struct inbox_body body = body_of(step, record, &is_whole);
    bool newly = letter->read_at_s == 0 && !reading->peek;
    struct control_letter *out = &page->letters[page->count];
    inbox_letter_describe(letter, &body, out);
    if (newly) {
        letter_mark_read(inbox, step, letter);
        out->burns_at_s = letter->burns_at_s;
        if (letter->burn_s && is_whole)
            inbox_body_save(step, letter, &body);
    }
    page->shown[page->count++] =
        (struct inbox_shown){letter->contact, letter->group, letter->id, newly};
}

bool inbox_fetched(struct inbox *inbox, struct step *step,
    const struct vault_event *event, struct inbox_page *page)
{
    struct inbox_reading *found =
        rows_find(&inbox->readings, event->fetched.ticket);
    if (!found)
        return false;
    struct inbox_reading reading = *found;
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
