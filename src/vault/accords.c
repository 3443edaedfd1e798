/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has agreed to what.  That a conversation is evidential is said by two
 * letters, one each way, so that neither side can make it so alone; and it is
 * known by what each of them drew, so that an old agreement is no new one.
 *
 * The other's keys are kept with the accord: what was signed can be shown long
 * after a contact has another key. */
#include "vault/accords.h"

#include <assert.h>
#include <string.h>

#include "vault/records.h"

enum { ACCORD_FIELDS = 9 };

void accords_init(struct accords *accords)
{
    rows_init(&accords->rows, sizeof(struct accord),
        LIMIT_EVIDENCE_CONVERSATIONS, false);
    rows_init(&accords->places, sizeof(struct accord_place),
        LIMIT_EVIDENCE_LETTERS, false);
}

void accords_clear(struct accords *accords)
{
    rows_clear(&accords->rows);
    rows_clear(&accords->places);
}

/* Records. */

static void accord_save(struct step *step, const struct accord *accord)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, ACCORD_FIELDS);
    wire_write_uint(&writer, accord->contact);
    wire_write_uint(&writer, accord->stage);
    wire_write_bool(&writer, accord->is_ours);
    wire_write_bool(&writer, accord->is_broken);
    wire_write_bytes(
        &writer, (struct span){accord->id.bytes, sizeof(accord->id.bytes)});
    wire_write_bytes(&writer, (struct span){accord->party.sign_key, 32});
    wire_write_bytes(&writer, (struct span){accord->party.agree_key, 32});
    wire_write_uint(&writer, accord->began_s);
    wire_write_uint(&writer, accord->theirs_s);
    records_put(step, RECORD_ACCORD, accord->row, &writer);
}

static enum status accord_read(
    struct wire_reader *reader, struct accord *accord)
{
    wire_read_array_of(reader, ACCORD_FIELDS);
    accord->contact = wire_read_uint(reader, UINT64_MAX);
    accord->stage = (enum accord_stage)wire_read_uint(reader, ACCORD_OVER);
    accord->is_ours = wire_read_bool(reader);
    accord->is_broken = wire_read_bool(reader);
    wire_read_fixed(reader, accord->id.bytes, sizeof(accord->id.bytes));
    wire_read_fixed(reader, accord->party.sign_key, 32);
    wire_read_fixed(reader, accord->party.agree_key, 32);
    accord->began_s = wire_read_uint(reader, UINT64_MAX);
    accord->theirs_s = wire_read_uint(reader, UINT64_MAX);
    enum status status = wire_read_done(reader);
    return !status && accord->stage == 0 ? STATUS_INVALID : status;
}

enum status accords_load(struct accords *accords, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct accord *accord;
    enum status status = rows_add(&accords->rows, record->row, &accord);
    if (status)
        return status;
    status = accord_read(&reader, accord);
    if (status)
        rows_remove(&accords->rows, record->row);
    return status;
}

/* Finding. */

struct accord *accords_get(const struct accords *accords, uint64_t row)
{
    return rows_find(&accords->rows, row);
}

struct accord *accords_current(const struct accords *accords, uint64_t contact)
{
    for (size_t i = 0; i < accords->rows.count; i++) {
        struct accord *accord = rows_at(&accords->rows, i);
        if (accord->contact == contact && accord->stage != ACCORD_OVER)
            return accord;
    }
    return NULL;
}

static bool is_proposal(const struct accord *accord)
{
    return accord->stage == ACCORD_OFFERED || accord->stage == ACCORD_ASKED;
}

struct accord *accords_find(const struct accords *accords, uint64_t contact,
    const struct evidence_id *id)
{
    for (size_t i = 0; i < accords->rows.count; i++) {
        struct accord *accord = rows_at(&accords->rows, i);
        if (accord->contact == contact && !is_proposal(accord) &&
            evidence_id_equal(&accord->id, id))
            return accord;
    }
    return NULL;
}

struct accord *accords_find_half(const struct accords *accords,
    uint64_t contact, const uint8_t half[static EVIDENCE_HALF_BYTES])
{
    for (size_t i = accords->rows.count; i-- > 0;) {
        struct accord *accord = rows_at(&accords->rows, i);
        if (accord->contact == contact &&
            memcmp(accord->id.bytes, half, EVIDENCE_HALF_BYTES) == 0)
            return accord;
    }
    return NULL;
}

/* From stage to stage. */

enum status accords_propose(struct accords *accords, struct step *step,
    const struct accord *proposal, struct accord **out)
{
    assert(is_proposal(proposal));
    assert(!accords_current(accords, proposal->contact));
    struct accord *accord;
    enum status status = rows_append(&accords->rows, &accord);
    if (status)
        return status;
    uint64_t row = accord->row;
    *accord = *proposal;
    accord->row = row;
    accord->began_s = step->clock_s;
    accord_save(step, accord);
    *out = accord;
    return STATUS_OK;
}

void accord_agree(struct step *step, struct accord *accord,
    const struct evidence_id *id, const struct card *card, uint64_t theirs_s)
{
    assert(is_proposal(accord));
    accord->stage = ACCORD_HOLDS;
    accord->id = *id;
    memcpy(accord->party.sign_key, card->sign_key, 32);
    memcpy(accord->party.agree_key, card->agree_key, 32);
    accord->began_s = step->clock_s;
    accord->theirs_s = theirs_s;
    accord_save(step, accord);
}

void accord_end(struct step *step, struct accord *accord, bool is_broken)
{
    assert(!is_proposal(accord));
    accord->stage = ACCORD_OVER;
    accord->is_broken = accord->is_broken || is_broken;
    accord_save(step, accord);
}

void accords_drop(
    struct accords *accords, struct step *step, struct accord *accord)
{
    accords_forget_places(accords, step, accord->row);
    records_delete(step, RECORD_ACCORD, accord->row);
    rows_remove(&accords->rows, accord->row);
}

void accords_forget_contact(
    struct accords *accords, struct step *step, uint64_t contact)
{
    for (size_t i = accords->rows.count; i-- > 0;) {
        struct accord *accord = rows_at(&accords->rows, i);
        if (accord->contact == contact)
            accords_drop(accords, step, accord);
    }
}

size_t accords_forget_over(
    struct accords *accords, struct step *step, uint64_t contact)
{
    size_t count = 0;
    for (size_t i = accords->rows.count; i-- > 0;) {
        struct accord *accord = rows_at(&accords->rows, i);
        if (accord->contact != contact || accord->stage != ACCORD_OVER)
            continue;
        accords_drop(accords, step, accord);
        count++;
    }
    if (count)
        step_effect(step, VAULT_SCRUB);
    return count;
}

struct accord *accords_lapsed(
    const struct accords *accords, const struct step *step)
{
    for (size_t i = 0; i < accords->rows.count; i++) {
        struct accord *accord = rows_at(&accords->rows, i);
        if (is_proposal(accord) &&
            step->clock_s > accord->began_s + ACCORD_LAPSE_S)
            return accord;
    }
    return NULL;
}

const char *accords_word(const struct accords *accords, uint64_t contact)
{
    const struct accord *accord = accords_current(accords, contact);
    if (!accord)
        return "deniable";
    if (accord->stage == ACCORD_HOLDS)
        return "evidential";
    return accord->is_ours ? "proposed-by-you" : "proposed-by-them";
}

const char *accords_violation(const struct accords *accords)
{
    for (size_t i = 0; i < accords->rows.count; i++) {
        const struct accord *accord = rows_at(&accords->rows, i);
        if (accord->stage != ACCORD_OVER &&
            accords_current(accords, accord->contact) != accord)
            return "a contact has two agreements at once";
    }
    return NULL;
}
