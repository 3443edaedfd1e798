/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two chains a conversation, in the order of a transcript: proposer's, then
 * accepter's, each by its numbers.  Letters come in any order, so one is held
 * against its neighbours in the chain and against the letter of ours that it
 * says it has seen, and a gap stays a gap until what is missing comes.
 *
 * A letter that does not hold is not kept here, so that one bad letter can
 * make no good one bad.
 *
 * The text of a letter that burns is never kept, not even until it burns: a
 * transcript is a file that nothing reaches.  Of it there is the hash of its
 * content alone, and the random id that hides a short text in that hash is
 * with the letter, and burns with it. */
#include <assert.h>
#include <string.h>

#include "vault/accords.h"
#include "vault/records.h"

enum {
    PLACE_FIELDS = 6,
    BODY_FIELDS = 5,
    CHAIN_SHIFT = 31,
    ACCORD_SHIFT = 32,
};

static uint64_t place_row(uint64_t accord, bool is_accepters, uint32_t number)
{
    assert(accord < UINT64_C(1) << 24 && number <= LIMIT_EVIDENCE_NUMBER);
    return accord << ACCORD_SHIFT |
           (is_accepters ? UINT64_C(1) << CHAIN_SHIFT : 0) | number;
}

uint64_t accord_place_accord(uint64_t row)
{
    return row >> ACCORD_SHIFT;
}

bool accord_place_is_accepters(uint64_t row)
{
    return (row >> CHAIN_SHIFT & 1) != 0;
}

uint32_t accord_place_number(uint64_t row)
{
    return (uint32_t)(row & LIMIT_EVIDENCE_NUMBER);
}

/* Records. */

static void place_save(struct step *step, const struct accord_place *place)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, PLACE_FIELDS);
    wire_write_bytes(
        &writer, (struct span){place->hash.bytes, sizeof(place->hash.bytes)});
    wire_write_bytes(&writer,
        (struct span){place->previous.bytes, sizeof(place->previous.bytes)});
    wire_write_uint(&writer, place->seen);
    wire_write_bytes(&writer,
        (struct span){place->seen_hash.bytes, sizeof(place->seen_hash.bytes)});
    wire_write_uint(&writer, place->kind);
    wire_write_uint(&writer, place->text_bytes);
    records_put(step, RECORD_PLACE, place->row, &writer);
}

static enum status place_read(
    struct wire_reader *reader, struct accord_place *place)
{
    wire_read_array_of(reader, PLACE_FIELDS);
    wire_read_fixed(reader, place->hash.bytes, sizeof(place->hash.bytes));
    wire_read_fixed(
        reader, place->previous.bytes, sizeof(place->previous.bytes));
    place->seen = (uint32_t)wire_read_uint(reader, LIMIT_EVIDENCE_NUMBER);
    wire_read_fixed(
        reader, place->seen_hash.bytes, sizeof(place->seen_hash.bytes));
    place->kind = (enum transcript_kind)wire_read_uint(reader, TRANSCRIPT_END);
    place->text_bytes = (uint32_t)wire_read_uint(reader, LIMIT_TEXT_BYTES);
    enum status status = wire_read_done(reader);
    return !status && place->kind == TRANSCRIPT_CONVERSATION ? STATUS_INVALID
                                                             : status;
}

enum status accords_load_place(struct accords *accords, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct accord_place *place;
    enum status status = rows_add(&accords->places, record->row, &place);
    if (status)
        return status;
    status = place_read(&reader, place);
    if (status)
        rows_remove(&accords->places, record->row);
    return status;
}

static void body_save(struct step *step, const struct accord_place *place,
    const struct letter *letter, const struct evidence_hash *content)
{
    bool is_kept = place->kind != TRANSCRIPT_BURNED;
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, BODY_FIELDS);
    wire_write_bytes(&writer,
        (struct span){letter->evidence.signature, EVIDENCE_SIGNATURE_BYTES});
    wire_write_bytes(
        &writer, (struct span){content->bytes, sizeof(content->bytes)});
    wire_write_bytes(&writer, (struct span){letter->id.bytes,
                                  is_kept ? sizeof(letter->id.bytes) : 0});
    wire_write_uint(&writer, is_kept ? letter->sent_at_s : 0);
    wire_write_text(&writer, place->kind == TRANSCRIPT_LETTER
                                 ? letter->text
                                 : (struct span){NULL, 0});
    records_put(step, RECORD_PLACE_BODY, place->row, &writer);
}

enum status accords_read_body(const struct accords *accords, struct step *step,
    const struct vault_record *record, struct transcript_record *out)
{
    const struct accord_place *place = rows_find(&accords->places, record->row);
    struct wire_reader reader;
    records_open(step, record, &reader);
    if (!place || record->kind != RECORD_PLACE_BODY)
        return STATUS_INVALID;
    struct transcript_record made = {.kind = place->kind};
    wire_read_array_of(&reader, BODY_FIELDS);
    wire_read_fixed(
        &reader, made.evidence.signature, sizeof(made.evidence.signature));
    wire_read_fixed(&reader, made.content.bytes, sizeof(made.content.bytes));
    struct span id = wire_read_bytes(&reader, sizeof(made.id.bytes));
    made.sent_at_s = wire_read_uint(&reader, LIMIT_TIME_S);
    made.text = wire_read_text(&reader, LIMIT_TEXT_BYTES);
    enum status status = wire_read_done(&reader);
    size_t id_bytes =
        place->kind == TRANSCRIPT_BURNED ? 0 : sizeof(made.id.bytes);
    if (status || id.size != id_bytes || made.text.size != place->text_bytes)
        return STATUS_INVALID;
    if (id_bytes)
        memcpy(made.id.bytes, id.data, id_bytes);
    made.evidence.number = accord_place_number(place->row);
    made.evidence.previous = place->previous;
    made.evidence.seen = place->seen;
    made.evidence.seen_hash = place->seen_hash;
    *out = made;
    return STATUS_OK;
}

size_t accords_first_place(
    const struct accords *accords, const struct accord *accord)
{
    return rows_after(&accords->places, place_row(accord->row, false, 0));
}

bool accords_are_whole(const struct accords *accords)
{
    for (size_t i = 0; i < accords->places.count; i++) {
        const struct accord_place *place = rows_at(&accords->places, i);
        if (!accords_get(accords, accord_place_accord(place->row)))
            return false;
    }
    return true;
}

void accords_forget_places(
    struct accords *accords, struct step *step, uint64_t accord)
{
    size_t end = rows_after(
        &accords->places, place_row(accord, true, LIMIT_EVIDENCE_NUMBER));
    size_t begin = rows_after(&accords->places, place_row(accord, false, 0));
    while (end-- > begin) {
        const struct accord_place *place = rows_at(&accords->places, end);
        records_delete(step, RECORD_PLACE, place->row);
        records_delete(step, RECORD_PLACE_BODY, place->row);
        rows_remove(&accords->places, place->row);
    }
}

/* Chains. */

/* The neighbours of a number in a chain, or NULL. */
static const struct accord_place *below(
    const struct accords *accords, uint64_t row)
{
    size_t i = rows_after(&accords->places, row - 1);
    const struct accord_place *place =
        i ? rows_at(&accords->places, i - 1) : NULL;
    return place && place->row >> CHAIN_SHIFT == row >> CHAIN_SHIFT ? place
                                                                    : NULL;
}

static const struct accord_place *above(
    const struct accords *accords, uint64_t row)
{
    size_t i = rows_after(&accords->places, row);
    const struct accord_place *place =
        i < accords->places.count ? rows_at(&accords->places, i) : NULL;
    return place && place->row >> CHAIN_SHIFT == row >> CHAIN_SHIFT ? place
                                                                    : NULL;
}

/* The last of a chain, or NULL. */
static const struct accord_place *last_of(
    const struct accords *accords, const struct accord *accord, bool ours)
{
    uint64_t end =
        place_row(accord->row, ours != accord->is_ours, LIMIT_EVIDENCE_NUMBER);
    return below(accords, end);
}

bool accord_is_closed(
    const struct accords *accords, const struct accord *accord, bool ours)
{
    const struct accord_place *last = last_of(accords, accord, ours);
    return last && last->kind == TRANSCRIPT_END;
}

struct accord_count accord_count(
    const struct accords *accords, const struct accord *accord, bool ours)
{
    const struct accord_place *last = last_of(accords, accord, ours);
    if (!last)
        return (struct accord_count){0, 0};
    size_t before = rows_after(
        &accords->places, place_row(accord->row, ours != accord->is_ours, 0));
    uint64_t there = rows_after(&accords->places, last->row) - before;
    return (struct accord_count){there - (last->kind == TRANSCRIPT_END),
        accord_place_number(last->row) - there};
}

static struct evidence_writer writer_of(
    const struct accord *accord, const struct fingerprint *own, bool by_us)
{
    struct fingerprint other;
    identity_fingerprint(
        accord->party.sign_key, accord->party.agree_key, &other);
    return (struct evidence_writer){.writer = by_us ? *own : other,
        .reader = by_us ? other : *own,
        .is_proposer = by_us == accord->is_ours};
}

static enum evidence_kind kind_of(const struct letter *letter)
{
    return letter->type == LETTER_END ? EVIDENCE_END : EVIDENCE_LETTER;
}

/* The place that a letter makes, and the hash of its content. */
static void place_make(const struct accord *accord,
    const struct fingerprint *own, const struct letter *letter, bool ours,
    struct accord_place *place, struct evidence_hash *content)
{
    const struct evidence *evidence = &letter->evidence;
    struct evidence_writer writer = writer_of(accord, own, ours);
    bool burns = letter->type == LETTER_SIGNED && letter->burn_s > 0;
    *place = (struct accord_place){
        .row =
            place_row(accord->row, ours != accord->is_ours, evidence->number),
        .previous = evidence->previous,
        .seen = evidence->seen,
        .seen_hash = evidence->seen_hash,
        .kind = letter->type == LETTER_END ? TRANSCRIPT_END
                : burns                    ? TRANSCRIPT_BURNED
                                           : TRANSCRIPT_LETTER,
    };
    if (place->kind == TRANSCRIPT_LETTER)
        place->text_bytes = (uint32_t)letter->text.size;
    evidence_content(&letter->id, letter->sent_at_s, letter->text, content);
    evidence_hash(&writer, kind_of(letter), evidence, content, &place->hash);
}

static enum status place_keep(struct accords *accords, struct step *step,
    const struct accord_place *place, const struct letter *letter,
    const struct evidence_hash *content)
{
    struct accord_place *kept;
    enum status status = rows_add(&accords->places, place->row, &kept);
    if (status)
        return status;
    *kept = *place;
    place_save(step, kept);
    body_save(step, kept, letter, content);
    return STATUS_OK;
}

/* Ours. */

enum status accords_sign(const struct accords *accords,
    const struct accord *accord, const struct identity *identity,
    struct letter *letter)
{
    const struct accord_place *last = last_of(accords, accord, true);
    const struct accord_place *seen = last_of(accords, accord, false);
    struct evidence *evidence = &letter->evidence;
    uint32_t number = last ? accord_place_number(last->row) + 1 : 1;
    /* The last place is kept for the end. */
    if (number + (letter->type != LETTER_END) > LIMIT_EVIDENCE_CHAIN ||
        accords->places.count == accords->places.maximum)
        return STATUS_FULL;
    *evidence = (struct evidence){.conversation = accord->id, .number = number};
    if (last)
        evidence->previous = last->hash;
    if (seen) {
        evidence->seen = accord_place_number(seen->row);
        evidence->seen_hash = seen->hash;
    }
    struct fingerprint own;
    struct accord_place place;
    struct evidence_hash content;
    identity_fingerprint(identity->sign_public, identity->agree_public, &own);
    place_make(accord, &own, letter, true, &place, &content);
    evidence_sign(identity, &place.hash, evidence->signature);
    return STATUS_OK;
}

void accords_keep(struct accords *accords, struct step *step,
    const struct accord *accord, const struct fingerprint *own,
    const struct letter *letter)
{
    struct accord_place place;
    struct evidence_hash content;
    place_make(accord, own, letter, true, &place, &content);
    step_check(step, place_keep(accords, step, &place, letter, &content));
}

/* Theirs. */

static bool follows(
    const struct accord_place *one, const struct accord_place *next)
{
    return accord_place_number(next->row) !=
               accord_place_number(one->row) + 1 ||
           evidence_hash_equal(&next->previous, &one->hash);
}

/* Whether one can stand behind another in a chain. */
static bool is_behind(
    const struct accord_place *one, const struct accord_place *next)
{
    return one->kind != TRANSCRIPT_END && follows(one, next) &&
           one->seen <= next->seen;
}

/* Whether a place fits into its chain, and what it has seen was written, as all
 * in the chain that have seen as much have seen it. */
static bool fits(const struct accords *accords, const struct accord *accord,
    const struct accord_place *place)
{
    const struct accord_place *before = below(accords, place->row);
    const struct accord_place *behind = above(accords, place->row);
    if (rows_find(&accords->places, place->row) ||
        (before && !is_behind(before, place)) ||
        (behind && !is_behind(place, behind)))
        return false;
    if (place->seen == 0)
        return true;
    const struct accord_place *seen = rows_find(&accords->places,
        place_row(accord->row, !accord->is_ours, place->seen));
    return seen && evidence_hash_equal(&seen->hash, &place->seen_hash);
}

enum status accords_take(struct accords *accords, struct step *step,
    const struct accord *accord, const struct fingerprint *own,
    const struct letter *letter)
{
    struct accord_place place;
    struct evidence_hash content;
    if (letter->evidence.number > LIMIT_EVIDENCE_CHAIN)
        return STATUS_REFUSED;
    place_make(accord, own, letter, false, &place, &content);
    if (evidence_verify(
            accord->party.sign_key, &place.hash, letter->evidence.signature) ||
        !fits(accords, accord, &place))
        return STATUS_REFUSED;
    enum status status = place_keep(accords, step, &place, letter, &content);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    return status;
}
