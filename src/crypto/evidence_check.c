/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checking a transcript, conversation by conversation.
 *
 * A letter's signature binds it to both people, the conversation, its number
 * and the letter before it; so each chain is checked as it is read.  What a
 * letter says of the other chain can be checked when both have been read: the
 * letter that was seen last must be there under that number, and be that very
 * one.  Only what lies in a gap that the file admits to cannot be compared.
 *
 * Counts are claims: memory is taken for no more records than bytes are
 * left for. */
#include "crypto/evidence_check.h"

#include <stdlib.h>

#include "crypto/evidence.h"
#include "crypto/identity.h"
#include "proto/transcript.h"

enum { RECORD_LEAST_BYTES = TRANSCRIPT_LENGTH_BYTES + 4 };

/* A signed place. */
struct link {
    uint32_t number;
    uint32_t seen;
    struct evidence_hash hash;
    struct evidence_hash seen_hash;
};

struct chain {
    struct link *links;
    size_t count;
    uint32_t next;         /* the number that comes next */
    bool is_after_missing; /* the record before is of missing ones */
    bool of_accepter;
    struct evidence_writer writer;
    uint8_t sign_key[32];
    struct evidence_id conversation;
    struct transcript_side side;
};

static enum status fault(
    struct transcript_check *check, enum status status, const char *why)
{
    check->fault.why = why;
    return status;
}

static enum status chain_fault(struct transcript_check *check,
    const struct chain *chain, uint32_t number, const char *why)
{
    check->fault =
        (struct transcript_fault){.conversation = check->conversations,
            .of_accepter = chain->of_accepter,
            .number = number,
            .why = why};
    return STATUS_REFUSED;
}

/* The file ends where there should be more of it. */
static enum status cut(
    struct transcript_check *check, const struct chain *chain, const char *why)
{
    check->fault.cut_at = check->file_bytes;
    check->fault.why = why;
    if (!chain)
        return STATUS_INVALID;
    check->fault.conversation = check->conversations;
    check->fault.of_accepter = chain->of_accepter;
    check->fault.number = chain->next;
    return STATUS_REFUSED;
}

enum status transcript_check_begin(
    struct transcript_check *check, struct span file)
{
    *check = (struct transcript_check){.left = file, .file_bytes = file.size};
    if (file.size == 0)
        return fault(check, STATUS_INVALID, "is no transcript: it is empty");
    if (file.size < TRANSCRIPT_MAGIC_BYTES &&
        memcmp(file.data, TRANSCRIPT_MAGIC, file.size) == 0)
        return cut(check, NULL, "is cut short within its first line");
    if (file.size < TRANSCRIPT_MAGIC_BYTES ||
        memcmp(file.data, TRANSCRIPT_MAGIC, TRANSCRIPT_MAGIC_BYTES) != 0)
        return fault(check, STATUS_INVALID,
            "is no transcript of a version that is known here");
    check->left.data += TRANSCRIPT_MAGIC_BYTES;
    check->left.size -= TRANSCRIPT_MAGIC_BYTES;
    if (check->left.size == 0)
        return cut(check, NULL, "holds no conversation: it is cut short");
    return STATUS_OK;
}

/* One chain. */

static enum status missing_take(struct transcript_check *check,
    struct chain *chain, const struct transcript_record *record)
{
    uint32_t number = record->evidence.number;
    if (chain->is_after_missing)
        return chain_fault(
            check, chain, number, "is said to be missing in two pieces");
    chain->side.missing += record->until - number + 1;
    chain->next = record->until + 1;
    chain->is_after_missing = true;
    return STATUS_OK;
}

static void content_of(
    const struct transcript_record *record, struct evidence_hash *out)
{
    if (record->kind == TRANSCRIPT_BURNED)
        *out = record->content;
    else
        evidence_content(&record->id, record->sent_at_s, record->text, out);
}

/* Whether a letter fits behind the one before it in the same chain. */
static const char *misfit(
    const struct chain *chain, const struct evidence *evidence)
{
    const struct link *last =
        chain->count ? &chain->links[chain->count - 1] : NULL;
    if (!last)
        return NULL;
    if (last->number + 1 == evidence->number &&
        !evidence_hash_equal(&last->hash, &evidence->previous))
        return "does not follow the letter before it";
    if (evidence->seen < last->seen ||
        (evidence->seen == last->seen &&
            !evidence_hash_equal(&evidence->seen_hash, &last->seen_hash)))
        return "contradicts the letter before it in what its writer had seen";
    return NULL;
}

static void count_record(
    struct transcript_side *side, const struct transcript_record *record)
{
    if (record->kind == TRANSCRIPT_BURNED)
        side->burned++;
    else if (record->kind == TRANSCRIPT_END)
        side->is_closed = true;
    else {
        if (side->letters++ == 0)
            side->first_s = record->sent_at_s;
        side->last_s = record->sent_at_s;
    }
}

static enum status place_take(struct transcript_check *check,
    struct chain *chain, struct transcript_record *record)
{
    struct evidence *evidence = &record->evidence;
    struct link link = {.number = evidence->number,
        .seen = evidence->seen,
        .seen_hash = evidence->seen_hash};
    struct evidence_hash content;
    evidence->conversation = chain->conversation;
    content_of(record, &content);
    evidence_hash(&chain->writer,
        record->kind == TRANSCRIPT_END ? EVIDENCE_END : EVIDENCE_LETTER,
        evidence, &content, &link.hash);
    if (evidence_verify(chain->sign_key, &link.hash, evidence->signature))
        return chain_fault(check, chain, link.number,
            "is not signed by who is said to have "
            "written it, or was changed");
    const char *why = misfit(chain, evidence);
    if (why)
        return chain_fault(check, chain, link.number, why);
    chain->links[chain->count++] = link;
    chain->next = link.number + 1;
    chain->is_after_missing = false;
    count_record(&chain->side, record);
    return STATUS_OK;
}

static enum status record_take(
    struct transcript_check *check, struct chain *chain)
{
    struct span bytes;
    struct transcript_record record;
    if (check->left.size == 0)
        return cut(check, chain, "is not there: the file is cut short");
    enum status status = transcript_take(&check->left, &bytes);
    if (status == STATUS_AGAIN)
        return cut(check, chain, "is not whole: the file is cut short");
    if (status || transcript_decode(bytes, &record))
        return chain_fault(check, chain, chain->next, "is malformed");
    if (record.kind == TRANSCRIPT_CONVERSATION ||
        record.evidence.number != chain->next)
        return chain_fault(check, chain, chain->next,
            "is not there: another record stands in its place");
    if (chain->side.is_closed)
        return chain_fault(
            check, chain, chain->next, "comes after the end of its chain");
    if (record.kind == TRANSCRIPT_MISSING)
        return missing_take(check, chain, &record);
    return place_take(check, chain, &record);
}

static enum status chain_take(
    struct transcript_check *check, struct chain *chain, uint32_t records)
{
    if (records > check->left.size / RECORD_LEAST_BYTES)
        return chain_fault(check, chain, 0,
            "counts more letters than the file has: it is cut short, or was "
            "changed");
    chain->next = 1;
    chain->links = calloc(records ? records : 1, sizeof(*chain->links));
    if (!chain->links)
        return STATUS_NO_MEMORY;
    for (uint32_t i = 0; i < records; i++) {
        enum status status = record_take(check, chain);
        if (status)
            return status;
    }
    if (chain->is_after_missing)
        return chain_fault(check, chain, chain->next - 1,
            "is said to be missing, and nothing follows it");
    return STATUS_OK;
}

/* Both chains. */

/* What each letter of one chain says of the other; both ascend in it. */
static enum status cross_check(struct transcript_check *check,
    const struct chain *chain, const struct chain *other)
{
    size_t at = 0;
    for (size_t i = 0; i < chain->count; i++) {
        const struct link *link = &chain->links[i];
        while (at < other->count && other->links[at].number < link->seen)
            at++;
        if (link->seen >= other->next)
            return chain_fault(check, chain, link->number,
                "had seen a letter of the other's that is not there");
        if (link->seen && at < other->count &&
            other->links[at].number == link->seen &&
            !evidence_hash_equal(&other->links[at].hash, &link->seen_hash))
            return chain_fault(check, chain, link->number,
                "had seen another letter of the other's than the one that is "
                "there");
    }
    return STATUS_OK;
}

static enum status both_take(struct transcript_check *check,
    struct chain *proposer, struct chain *accepter,
    const struct transcript_record *head)
{
    enum status status = chain_take(check, proposer, head->proposer_count);
    if (!status)
        status = chain_take(check, accepter, head->accepter_count);
    if (!status && proposer->count + accepter->count == 0)
        status =
            chain_fault(check, proposer, 0, "holds nothing that is signed");
    if (!status)
        status = cross_check(check, proposer, accepter);
    if (!status)
        status = cross_check(check, accepter, proposer);
    return status;
}

static void chain_begin(
    struct chain *chain, bool of_accepter, const struct transcript_record *head)
{
    const struct transcript_party *party =
        of_accepter ? &head->accepter : &head->proposer;
    const struct transcript_party *other =
        of_accepter ? &head->proposer : &head->accepter;
    *chain = (struct chain){.of_accepter = of_accepter,
        .conversation = head->evidence.conversation,
        .writer.is_proposer = !of_accepter};
    memcpy(chain->sign_key, party->sign_key, sizeof(chain->sign_key));
    identity_fingerprint(
        party->sign_key, party->agree_key, &chain->writer.writer);
    identity_fingerprint(
        other->sign_key, other->agree_key, &chain->writer.reader);
    chain->side.who = chain->writer.writer;
}

static enum status head_take(
    struct transcript_check *check, struct transcript_record *head)
{
    struct span bytes;
    check->conversations++;
    check->fault =
        (struct transcript_fault){.conversation = check->conversations};
    enum status status = transcript_take(&check->left, &bytes);
    if (status == STATUS_AGAIN)
        return cut(check, NULL,
            check->conversations == 1
                ? "is cut short within its first record"
                : "is no whole record: the file is cut short, or has "
                  "something behind its end");
    if (status || transcript_decode(bytes, head) ||
        head->kind != TRANSCRIPT_CONVERSATION)
        return fault(check, STATUS_INVALID,
            "does not begin with a conversation's record that is whole");
    const struct evidence_id *id = &head->evidence.conversation;
    if (check->conversations > 1 &&
        memcmp(id->bytes, check->last.bytes, sizeof(id->bytes)) <= 0)
        return fault(
            check, STATUS_REFUSED, "is there twice, or out of its order");
    check->last = *id;
    return STATUS_OK;
}

enum status transcript_check_next(
    struct transcript_check *check, struct transcript_conversation *out)
{
    struct transcript_record head;
    if (check->left.size == 0)
        return STATUS_NOT_FOUND;
    enum status status = head_take(check, &head);
    if (status)
        return status;
    struct chain proposer, accepter;
    chain_begin(&proposer, false, &head);
    chain_begin(&accepter, true, &head);
    if (fingerprint_equal(&proposer.side.who, &accepter.side.who))
        return fault(check, STATUS_REFUSED, "names one person as both");
    status = both_take(check, &proposer, &accepter, &head);
    free(proposer.links);
    free(accepter.links);
    if (status)
        return status;
    *out = (struct transcript_conversation){
        head.evidence.conversation, proposer.side, accepter.side};
    return STATUS_OK;
}
