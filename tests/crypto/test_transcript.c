/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transcripts: what one proves to somebody who has nothing but the file, and
 * what it is to take out, put in, move, change or forge a letter of it. */
#include "tests/crypto/transcript.h"

#include "base/hex.h"

static struct identity ann, bo, eve;
static uint8_t file[FILE_BYTES];
static size_t file_size;
static struct transcript_conversation found;
static struct transcript_fault fault;

/* Check a whole file; the last conversation's report lies in found. */
static enum status check_bytes(const uint8_t *bytes, size_t size)
{
    struct transcript_check check;
    enum status status =
        transcript_check_begin(&check, (struct span){bytes, size});
    while (!status)
        status = transcript_check_next(&check, &found);
    fault = check.fault;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status check_script(const struct script *script)
{
    file_begin(file, &file_size);
    file_add(file, &file_size, script);
    return check_bytes(file, file_size);
}

static bool blames(bool of_accepter, uint32_t number)
{
    return fault.why && fault.conversation == 1 &&
           fault.of_accepter == of_accepter && fault.number == number;
}

static bool says(const char *why)
{
    return fault.why && strcmp(fault.why, why) == 0;
}

/* Ann proposes; three letters of hers, one burned, and two of Bo's. */
static void write_script(struct script *script, uint8_t id)
{
    script_begin(script, &ann, &bo, id);
    script_write(script, false, TRANSCRIPT_LETTER, "ten crates, on Monday");
    script_write(script, true, TRANSCRIPT_LETTER, "agreed");
    script_write(script, false, TRANSCRIPT_BURNED, "not for long");
    script_write(script, false, TRANSCRIPT_LETTER, "and the price is 40");
    script_write(script, true, TRANSCRIPT_LETTER, "39");
}

static void test_whole(void)
{
    struct script script;
    write_script(&script, 7);
    ok(check_script(&script) == STATUS_OK, "a whole transcript holds");
    ok(found.proposer.letters == 2 && found.proposer.burned == 1 &&
            found.proposer.missing == 0 && found.accepter.letters == 2,
        "its letters and its burned ones are counted");
    ok(found.proposer.first_s == 1800000000 &&
            found.proposer.last_s == 1800000002 &&
            fingerprint_equal(
                &found.proposer.who, &script.proposer.writer.writer) &&
            fingerprint_equal(
                &found.accepter.who, &script.accepter.writer.writer),
        "it names both people, and when the first and the last was written");
    ok(!found.proposer.is_closed && !found.accepter.is_closed,
        "and says that its end is open");
    script_write(&script, false, TRANSCRIPT_END, "");
    script_write(&script, true, TRANSCRIPT_END, "");
    ok(check_script(&script) == STATUS_OK && found.proposer.is_closed &&
            found.accepter.is_closed && found.proposer.letters == 2,
        "or that it is closed, when both have signed that it is");
    script_write(&script, true, TRANSCRIPT_LETTER, "one more thing");
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 4),
        "nothing comes after the end");
}

/* Whichever byte it is, and whichever bit of it. */
static void test_flipped(void)
{
    struct script script;
    write_script(&script, 7);
    need(check_script(&script) == STATUS_OK);
    size_t passed = 0, unnamed = 0;
    for (size_t i = 0; i < file_size; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            file[i] ^= (uint8_t)(1u << bit);
            passed += check_bytes(file, file_size) == STATUS_OK;
            unnamed += fault.why == NULL;
            file[i] ^= (uint8_t)(1u << bit);
        }
    ok(passed == 0, "no bit can be flipped anywhere in the file");
    ok(unnamed == 0, "and what is wrong is named");
    size_t at = file_size - 1; /* the last of Bo's last text */
    file[at] ^= 1;
    ok(check_bytes(file, file_size) == STATUS_REFUSED && blames(true, 2),
        "the letter whose text was changed is named");
    file[at] ^= 1;
    passed = 0;
    size_t unsaid = 0;
    for (size_t size = 1; size < file_size; size++) {
        passed += check_bytes(file, size) == STATUS_OK;
        unsaid += !strstr(fault.why, "cut short");
        unsaid += fault.cut_at != size && !says("counts more letters than the "
                                                "file has: it is cut short, or "
                                                "was changed");
    }
    ok(passed == 0, "a file that was cut off anywhere does not hold");
    ok(unsaid == 0, "and it is said that it was cut, and where");
    ok(check_bytes(file, 0) == STATUS_INVALID &&
            says("is no transcript: it is empty"),
        "one without anything is empty");
    file[file_size] = 0;
    ok(check_bytes(file, file_size + 1) != STATUS_OK,
        "nor one with anything behind it");
}

/* A record whose bytes are none. */
static void test_malformed(void)
{
    struct script script;
    write_script(&script, 7);
    script.proposer.records[0].data[1] = 9;
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 1) &&
            says("is malformed"),
        "a record of no known kind is malformed, and named");
    write_script(&script, 7);
    need(check_script(&script) == STATUS_OK);
    file[TRANSCRIPT_MAGIC_BYTES + TRANSCRIPT_LENGTH_BYTES + 1] = 9;
    ok(check_bytes(file, file_size) == STATUS_INVALID,
        "and a file that begins with one is no transcript");
}

static void pen_remove(struct pen *pen, size_t at)
{
    memmove(&pen->records[at], &pen->records[at + 1],
        (pen->count - at - 1) * sizeof(pen->records[0]));
    pen->count--;
}

static void test_moved(void)
{
    struct script script;
    write_script(&script, 7);
    pen_remove(&script.proposer, 1);
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 2),
        "a letter that was removed is named, though it had burned");
    write_script(&script, 7);
    pen_remove(&script.proposer, 0);
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 1),
        "so is the first");
    write_script(&script, 7);
    struct bytes swapped = script.proposer.records[1];
    script.proposer.records[1] = script.proposer.records[2];
    script.proposer.records[2] = swapped;
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 2),
        "two in another order are");
    write_script(&script, 7);
    script.proposer.records[script.proposer.count++] =
        script.proposer.records[2];
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 4),
        "one that is there twice is");
    write_script(&script, 7);
    pen_remove(&script.proposer, 2);
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 2),
        "cut the end of one chain, and the other says what it had seen");
    write_script(&script, 7);
    pen_remove(&script.proposer, 2);
    pen_remove(&script.accepter, 1);
    ok(check_script(&script) == STATUS_OK && !found.proposer.is_closed,
        "cut both before either is closed, and nothing can tell: it is said "
        "to be open");
}

static void missing_put(struct pen *pen, size_t at, uint32_t last)
{
    struct transcript_record gap = {.kind = TRANSCRIPT_MISSING, .until = last};
    gap.evidence.number = (uint32_t)at + 1;
    struct bytes *bytes = &pen->records[at];
    need(transcript_encode(&gap, bytes->data, sizeof(bytes->data),
             &bytes->size) == STATUS_OK);
}

static void test_gaps(void)
{
    struct script script;
    write_script(&script, 7);
    missing_put(&script.proposer, 0, 1);
    ok(check_script(&script) == STATUS_OK && found.proposer.missing == 1 &&
            found.proposer.letters == 1 && found.proposer.burned == 1,
        "a letter that never came is a gap, and counted");
    missing_put(&script.proposer, 1, 2);
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 2) &&
            says("is said to be missing in two pieces"),
        "a gap has one way to be written");
    write_script(&script, 7);
    missing_put(&script.proposer, 2, 3);
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 3),
        "a gap at the end is none: nothing is known to have been there");
    write_script(&script, 7);
    missing_put(&script.proposer, 0, 4);
    pen_remove(&script.proposer, 1);
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 5),
        "a letter cannot be made to look later by a longer gap");
    script_begin(&script, &ann, &bo, 7);
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 0),
        "nothing signed is nothing shown");
}

static void test_forged(void)
{
    struct script script, other;
    write_script(&script, 7);
    write_script(&other, 8);
    script.accepter.records[1] = other.accepter.records[1];
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 2),
        "a letter of another conversation does not fit in");

    write_script(&script, 7);
    script_begin(&other, &ann, &eve, 7);
    script_write(&other, false, TRANSCRIPT_LETTER, "ten crates, on Monday");
    script.proposer.records[0] = other.proposer.records[0];
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 1),
        "nor one that she wrote to somebody else");

    write_script(&script, 7);
    script.accepter.identity = &eve;
    script_write(&script, true, TRANSCRIPT_LETTER, "for nothing, then");
    script.accepter.identity = &bo;
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 3),
        "a third person's signature is not his");

    write_script(&script, 7);
    script.accepter.identity = &eve;
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 1),
        "and no third person can be put in his place");

    write_script(&script, 7);
    struct pen turned = script.proposer;
    script.proposer = script.accepter;
    script.accepter = turned;
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 1),
        "who proposed cannot be exchanged for who accepted");

    write_script(&script, 7);
    script.accepter.records[0] = script.proposer.records[0];
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 1),
        "her letter is not his");

    script_begin(&script, &ann, &ann, 7);
    script_write(&script, false, TRANSCRIPT_LETTER, "dear diary");
    ok(check_script(&script) == STATUS_REFUSED,
        "nobody has a conversation with oneself");
}

/* Whoever writes a chain can lie in it; not to who holds the other. */
static void test_lies(void)
{
    struct script script;
    write_script(&script, 7);
    script.proposer.last.bytes[0] ^= 1;
    script_write(&script, true, TRANSCRIPT_LETTER, "as you said");
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 3),
        "a letter that had seen what was never written is named");
    script_begin(&script, &ann, &bo, 7);
    script_write(&script, false, TRANSCRIPT_LETTER, "ten crates, on Monday");
    script.proposer.last.bytes[0] ^= 1;
    script_write(&script, true, TRANSCRIPT_LETTER, "agreed");
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 1),
        "so is the first that had seen anything");
    script_begin(&script, &ann, &bo, 7);
    script_write(&script, true, TRANSCRIPT_LETTER, "have you any crates?");
    script.accepter.last.bytes[0] ^= 1;
    script_write(&script, false, TRANSCRIPT_LETTER, "ten");
    ok(check_script(&script) == STATUS_REFUSED && blames(false, 1),
        "in either chain");
    script_begin(&script, &ann, &bo, 7);
    script_write(&script, false, TRANSCRIPT_LETTER, "ten crates, on Monday");
    script_write(&script, true, TRANSCRIPT_LETTER, "agreed");
    script.proposer.last.bytes[0] ^= 1;
    script_write(&script, true, TRANSCRIPT_LETTER, "as agreed");
    script.proposer.last.bytes[0] ^= 1;
    script_write(&script, false, TRANSCRIPT_LETTER, "good");
    missing_put(&script.proposer, 0, 1);
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 2),
        "and one that names a missing letter as another than the one before");
    write_script(&script, 7);
    script.proposer.number = 9;
    script_write(&script, true, TRANSCRIPT_LETTER, "as you said later");
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 3),
        "or that had seen a letter which is not there");
    write_script(&script, 7);
    script.proposer.number = 1;
    script_write(&script, true, TRANSCRIPT_LETTER, "I forget");
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 3),
        "or that had seen less than the one before it");
    write_script(&script, 7);
    script.accepter.last.bytes[5] ^= 4;
    script_write(&script, true, TRANSCRIPT_LETTER, "another past");
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 3),
        "or that follows another than the one before it");
}

/* The same bytes, signed for another purpose or hashed as another kind. */
static void test_labels(void)
{
    struct script script;
    write_script(&script, 7);
    struct transcript_record record;
    struct bytes *last = &script.accepter.records[1];
    need(transcript_decode((struct span){last->data, last->size}, &record) ==
         STATUS_OK);
    record.kind = TRANSCRIPT_END;
    need(transcript_encode(&record, last->data, sizeof(last->data),
             &last->size) == STATUS_OK);
    ok(check_script(&script) == STATUS_REFUSED && blames(true, 2),
        "a letter is not the end of its chain");

    write_script(&script, 7);
    struct prekey prekey;
    struct random_seeded random;
    random_seeded_init(&random, 9, 9);
    prekey_generate(&prekey, 1, 500000, &random.base);
    struct card card;
    card_make(&bo, &prekey, &card);
    need(transcript_decode((struct span){script.accepter.records[1].data,
                               script.accepter.records[1].size},
             &record) == STATUS_OK);
    struct evidence_hash content, hash;
    evidence_content(&record.id, record.sent_at_s, record.text, &content);
    record.evidence.conversation = script.id;
    evidence_hash(&script.accepter.writer, EVIDENCE_LETTER, &record.evidence,
        &content, &hash);
    ok(evidence_verify(bo.sign_public, &hash, record.evidence.signature) ==
                STATUS_OK &&
            evidence_verify(bo.sign_public, &hash, card.signature) ==
                STATUS_REFUSED,
        "the signature of a card is none on a letter");
    memcpy(card.signature, record.evidence.signature, sizeof(card.signature));
    ok(card_verify(&card) == STATUS_REFUSED,
        "nor that of a letter one on a card");
    evidence_hash(&script.proposer.writer, EVIDENCE_LETTER, &record.evidence,
        &content, &hash);
    ok(evidence_verify(bo.sign_public, &hash, record.evidence.signature) ==
            STATUS_REFUSED,
        "a letter is not one the other way");
}

static void test_several(void)
{
    struct script one, two;
    write_script(&one, 7);
    write_script(&two, 8);
    file_begin(file, &file_size);
    file_add(file, &file_size, &one);
    file_add(file, &file_size, &two);
    ok(check_bytes(file, file_size) == STATUS_OK,
        "several conversations are checked one by one");
    file_begin(file, &file_size);
    file_add(file, &file_size, &two);
    file_add(file, &file_size, &one);
    ok(check_bytes(file, file_size) == STATUS_REFUSED &&
            fault.conversation == 2,
        "they have one order");
    file_begin(file, &file_size);
    file_add(file, &file_size, &one);
    file_add(file, &file_size, &one);
    ok(check_bytes(file, file_size) == STATUS_REFUSED &&
            fault.conversation == 2,
        "and none is there twice");
    file_begin(file, &file_size);
    ok(check_bytes(file, file_size) == STATUS_INVALID &&
            check_bytes(file, 4) == STATUS_INVALID,
        "an empty file is no transcript");
    ok(says("is cut short within its first line"),
        "one that breaks off is cut");
    file[0] ^= 1;
    ok(check_bytes(file, 4) == STATUS_INVALID &&
            says("is no transcript of a version that is known here"),
        "and a few bytes of something else are none");
    file[0] ^= 1;
}

/* One that another program has made. */
static void test_vector(void)
{
    char path[4096], digits[2 * 2048 + 1];
    static char line[8192];
    const char *source = getenv("top_srcdir");
    int size = snprintf(path, sizeof(path), "%s/proto/vectors/transcript.txt",
        source ? source : ".");
    need(size > 0 && (size_t)size < sizeof(path));
    FILE *vectors = fopen(path, "r");
    need(vectors);
    file_size = 0;
    while (fgets(line, sizeof(line), vectors))
        if (sscanf(line, "transcript %4096s", digits) == 1) {
            file_size = strlen(digits) / 2;
            need(hex_decode(digits, file, file_size) == STATUS_OK);
        }
    fclose(vectors);
    ok(file_size > 0 && check_bytes(file, file_size) == STATUS_OK,
        "the vector holds");
    ok(found.proposer.letters == 2 && found.proposer.burned == 1 &&
            found.proposer.missing == 1 && found.proposer.is_closed &&
            found.accepter.letters == 1 && found.accepter.is_closed &&
            found.proposer.last_s == 1800000240,
        "and proves what it says it does");
}

/* What a burned letter leaves behind does not tell its text. */
static void test_burned(void)
{
    struct message_id id = {{1}}, guess = {{2}};
    struct evidence_hash content, guessed;
    evidence_content(&id, 5, span_of_text("yes"), &content);
    evidence_content(&guess, 5, span_of_text("yes"), &guessed);
    ok(!evidence_hash_equal(&content, &guessed),
        "a short text cannot be guessed from its hash without the letter's id");
}

int main(void)
{
    struct random_seeded random;
    need(crypto_start() == 0);
    random_seeded_init(&random, 1, 2);
    identity_generate(&ann, &random.base);
    identity_generate(&bo, &random.base);
    identity_generate(&eve, &random.base);
    test_whole();
    test_flipped();
    test_malformed();
    test_moved();
    test_gaps();
    test_forged();
    test_lies();
    test_labels();
    test_several();
    test_vector();
    test_burned();
    return tap_done();
}
