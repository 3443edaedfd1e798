/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: what was signed between two people, as a transcript
 * (proto/transcript.h), part by part, each when it is asked for.
 *
 * What goes into it is chosen when it is begun, since a head counts its
 * records: letters that come meanwhile are for the next one.  Gaps are said to
 * be gaps.  Only the places of letters are held in memory; signatures and texts
 * are fetched for one part at a time. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "proto/transcript.h"
#include "vault/vault_state.h"

enum {
    PART_BYTES = CONTROL_DATA_CHARS / 2,
    PART_PLACES = 128, /* bodies that are fetched at once */
};

/* A record that is to be written. */
struct item {
    enum transcript_kind kind;
    uint64_t row;    /* of the conversation, or of the place */
    uint32_t number; /* MISSING: from here to until */
    uint32_t until;
    uint32_t proposers; /* CONVERSATION: records of each chain */
    uint32_t accepters;
};

/* A transcript that is being made. */
struct excerpt {
    struct asker asker; /* who waits for a part, or asked for the last one */
    uint32_t ticket;    /* of the bodies it waits for; 0: it is to be asked */
    uint64_t part;      /* that comes next, from 1 */
    size_t count;
    size_t at;    /* what comes next */
    size_t until; /* what the next part ends before */
    struct item *items;
};

void vault_transcript_end(struct opened *opened)
{
    if (opened->excerpt)
        free(opened->excerpt->items);
    free(opened->excerpt);
    opened->excerpt = NULL;
}

/* What goes in. */

/* The contact's conversation with anything signed whose id comes after one; by
 * id, since that is their order in a file. */
static const struct accord *next_accord(const struct accords *accords,
    uint64_t contact, const struct evidence_id *after)
{
    const struct accord *next = NULL;
    for (size_t i = 0; i < accords->rows.count; i++) {
        const struct accord *accord = rows_at(&accords->rows, i);
        const uint8_t *id = accord->id.bytes;
        if (accord->contact != contact ||
            (accord->stage != ACCORD_HOLDS && accord->stage != ACCORD_OVER) ||
            (after && memcmp(id, after->bytes, sizeof(*after)) <= 0) ||
            (next && memcmp(id, next->id.bytes, sizeof(*after)) > 0))
            continue;
        const struct rows *places = &accords->places;
        size_t first = accords_first_place(accords, accord);
        if (first < places->count &&
            accord_place_accord(*(const uint64_t *)rows_at(places, first)) ==
                accord->row)
            next = accord;
    }
    return next;
}

/* Items are counted, and written down where there is room. */
struct list {
    struct item *items; /* NULL: counted only */
    size_t count;
    uint64_t bytes; /* of the file, at most */
};

static void list_add(struct list *list, struct item item, uint64_t text_bytes)
{
    if (list->items)
        list->items[list->count] = item;
    list->count++;
    list->bytes +=
        TRANSCRIPT_LENGTH_BYTES + TRANSCRIPT_PLACE_BYTES + text_bytes;
}

static void list_accord(struct list *list, const struct accords *accords,
    const struct accord *accord)
{
    const struct rows *places = &accords->places;
    size_t head = list->count;
    uint32_t counts[2] = {0, 0};
    uint32_t next[2] = {1, 1};
    list_add(list,
        (struct item){.kind = TRANSCRIPT_CONVERSATION, .row = accord->row}, 0);
    for (size_t i = accords_first_place(accords, accord); i < places->count;
         i++) {
        const struct accord_place *place = rows_at(places, i);
        if (accord_place_accord(place->row) != accord->row)
            break;
        bool chain = accord_place_is_accepters(place->row);
        uint32_t number = accord_place_number(place->row);
        if (number != next[chain]) {
            list_add(list,
                (struct item){.kind = TRANSCRIPT_MISSING,
                    .number = next[chain],
                    .until = number - 1},
                0);
            counts[chain]++;
        }
        list_add(list, (struct item){.kind = place->kind, .row = place->row},
            place->text_bytes);
        counts[chain]++;
        next[chain] = number + 1;
    }
    if (list->items) {
        list->items[head].proposers = counts[0];
        list->items[head].accepters = counts[1];
    }
}

static void list_all(
    struct list *list, const struct accords *accords, uint64_t contact)
{
    const struct accord *accord = NULL;
    while (
        (accord = next_accord(accords, contact, accord ? &accord->id : NULL)))
        list_accord(list, accords, accord);
}

/* Out. */

static struct transcript_party own_party(const struct opened *opened)
{
    struct transcript_party party;
    memcpy(party.sign_key, opened->identity.sign_public, 32);
    memcpy(party.agree_key, opened->identity.agree_public, 32);
    return party;
}

static enum status make_head(const struct opened *opened,
    const struct item *item, struct transcript_record *out)
{
    const struct accord *accord = accords_get(&opened->accords, item->row);
    struct transcript_party own = own_party(opened);
    if (!accord)
        return STATUS_INVALID;
    *out = (struct transcript_record){.kind = TRANSCRIPT_CONVERSATION,
        .proposer = accord->is_ours ? own : accord->party,
        .accepter = accord->is_ours ? accord->party : own,
        .proposer_count = item->proposers,
        .accepter_count = item->accepters};
    out->evidence.conversation = accord->id;
    return STATUS_OK;
}

/* One record; that of a place from its body, which is the next one fetched. */
static enum status make_record(const struct opened *opened, struct step *step,
    const struct item *item, const struct vault_record *body,
    struct transcript_record *out)
{
    if (item->kind == TRANSCRIPT_CONVERSATION)
        return make_head(opened, item, out);
    if (item->kind == TRANSCRIPT_MISSING) {
        *out = (struct transcript_record){
            .kind = TRANSCRIPT_MISSING, .until = item->until};
        out->evidence.number = item->number;
        return STATUS_OK;
    }
    if (!body || body->row != item->row)
        return STATUS_INVALID;
    return accords_read_body(&opened->accords, step, body, out);
}

static bool is_place(const struct item *item)
{
    return item->kind != TRANSCRIPT_CONVERSATION &&
           item->kind != TRANSCRIPT_MISSING;
}

static void put_magic(uint8_t *out, size_t *size)
{
    memcpy(out, TRANSCRIPT_MAGIC, TRANSCRIPT_MAGIC_BYTES);
    *size = TRANSCRIPT_MAGIC_BYTES;
}

static void put_record(
    const struct transcript_record *record, uint8_t *out, size_t *size)
{
    size_t encoded = 0;
    uint8_t *at = out + *size;
    enum status status = transcript_encode(record, at + TRANSCRIPT_LENGTH_BYTES,
        PART_BYTES - *size - TRANSCRIPT_LENGTH_BYTES, &encoded);
    assert(status == STATUS_OK);
    (void)status;
    transcript_length(encoded, at);
    *size += TRANSCRIPT_LENGTH_BYTES + encoded;
}

static enum status write_part(struct opened *opened, struct step *step,
    const struct vault_event *event, uint8_t *out, size_t *size)
{
    const struct excerpt *excerpt = opened->excerpt;
    size_t body = 0;
    *size = 0;
    if (excerpt->part == 1)
        put_magic(out, size);
    for (size_t i = excerpt->at; i < excerpt->until; i++) {
        const struct item *item = &excerpt->items[i];
        struct transcript_record record;
        const struct vault_record *next = NULL;
        if (is_place(item) && event && body < event->fetched.count)
            next = &event->fetched.records[body++];
        enum status status = make_record(opened, step, item, next, &record);
        if (status)
            return status;
        put_record(&record, out, size);
    }
    return STATUS_OK;
}

static void answer_part(
    struct opened *opened, struct step *step, const struct vault_event *event)
{
    struct excerpt *excerpt = opened->excerpt;
    uint8_t *bytes = step_alloc(step, PART_BYTES);
    char *text = step_alloc(step, CONTROL_DATA_CHARS + 1);
    size_t size;
    if (!bytes || !text)
        return;
    step->asker = excerpt->asker;
    excerpt->ticket = 0;
    if (write_part(opened, step, event, bytes, &size)) {
        vault_transcript_end(opened);
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "a record of the vault (@) is damaged or "
                                 "missing; a transcript is whole, so none was "
                                 "made",
                .names = {span_of_text(record_kind_name(RECORD_PLACE_BODY))}});
        return;
    }
    hex_encode((struct span){bytes, size}, text);
    excerpt->at = excerpt->until;
    excerpt->part++;
    struct control_reply *reply = step_reply(step, CONTROL_PART);
    reply->part.data = (struct span){(const uint8_t *)text, 2 * size};
    reply->part.next = excerpt->at < excerpt->count ? excerpt->part : 0;
    if (reply->part.next == 0)
        vault_transcript_end(opened);
}

static uint64_t item_bytes(
    const struct accords *accords, const struct item *item)
{
    const struct accord_place *place =
        is_place(item) ? rows_find(&accords->places, item->row) : NULL;
    return TRANSCRIPT_LENGTH_BYTES + TRANSCRIPT_PLACE_BYTES +
           (place ? place->text_bytes : 0);
}

/* Whether what an item is made of is there still: its contact can have been
 * removed. */
static bool is_there(const struct accords *accords, const struct item *item)
{
    if (item->kind == TRANSCRIPT_MISSING)
        return true;
    return is_place(item) ? rows_find(&accords->places, item->row) != NULL
                          : accords_get(accords, item->row) != NULL;
}

static void refuse_gone(struct step *step)
{
    step_refuse(step, STATUS_NOT_FOUND,
        (struct say){.form = "this transcript is not under way here: another "
                             "was begun, the vault was locked, or its contact "
                             "removed"});
}

/* Choose the next part's records and have their bodies fetched. */
static void go_on(struct opened *opened, struct step *step)
{
    struct excerpt *excerpt = opened->excerpt;
    uint64_t rows[PART_PLACES];
    size_t places = 0;
    uint64_t bytes = TRANSCRIPT_MAGIC_BYTES;
    for (excerpt->until = excerpt->at;
         excerpt->until < excerpt->count && places < PART_PLACES;
         excerpt->until++) {
        const struct item *item = &excerpt->items[excerpt->until];
        if (!is_there(&opened->accords, item)) {
            vault_transcript_end(opened);
            refuse_gone(step);
            return;
        }
        bytes += item_bytes(&opened->accords, item);
        if (bytes > PART_BYTES)
            break;
        if (is_place(item))
            rows[places++] = item->row;
    }
    if (places)
        excerpt->ticket = step_fetch(step, RECORD_PLACE_BODY, rows, places);
    else
        answer_part(opened, step, NULL);
}

bool vault_transcript_fetched(
    struct opened *opened, struct step *step, const struct vault_event *event)
{
    const struct excerpt *excerpt = opened->excerpt;
    if (!excerpt || excerpt->ticket == 0 ||
        excerpt->ticket != event->fetched.ticket)
        return false;
    answer_part(opened, step, event);
    return true;
}

/* What is asked. */

static bool is_in_bounds(
    struct step *step, const struct list *list, const struct contact *contact)
{
    if (list->count == 0)
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form =
                             "no letter between you and @ was signed: there "
                             "is nothing to show to others; `sotto "
                             "evidential @ on` proposes that they be",
                .names = {contact_name(contact), contact_name(contact)}});
    else if (list->bytes > LIMIT_TRANSCRIPT_BYTES)
        step_refuse(step, STATUS_TOO_LARGE,
            (struct say){.form = "the transcript would have # bytes; the limit "
                                 "is #",
                .numbers = {list->bytes, LIMIT_TRANSCRIPT_BYTES}});
    else
        return true;
    return false;
}

static void begin(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct list list = {.items = NULL};
    vault_transcript_end(opened);
    list_all(&list, &opened->accords, contact->row);
    if (!is_in_bounds(step, &list, contact))
        return;
    struct excerpt *excerpt = calloc(1, sizeof(*excerpt));
    struct item *items = calloc(list.count, sizeof(*items));
    if (!excerpt || !items) {
        free(excerpt);
        free(items);
        step->failed = true;
        return;
    }
    list = (struct list){.items = items};
    list_all(&list, &opened->accords, contact->row);
    *excerpt = (struct excerpt){
        .asker = step->asker, .part = 1, .count = list.count, .items = items};
    opened->excerpt = excerpt;
    go_on(opened, step);
}

void vault_ask_transcript(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct excerpt *excerpt = opened->excerpt;
    const struct contact *contact;
    if (request->method == CONTROL_EXPORT) {
        if (contacts_find(&opened->contacts, step, request->name, &contact) ==
            STATUS_OK)
            begin(opened, step, contact);
    } else if (!excerpt || excerpt->ticket ||
               excerpt->part != request->cursor ||
               excerpt->asker.client != step->asker.client) {
        refuse_gone(step);
    } else {
        excerpt->asker = step->asker;
        go_on(opened, step);
    }
}
