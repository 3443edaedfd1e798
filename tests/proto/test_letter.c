/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/letter.h"

#include <stdbool.h>

#include "proto/wire.h"
#include "tests/proto/samples.h"
#include "tests/tap.h"

static uint8_t out[LIMIT_ENVELOPE_BYTES], again[LIMIT_ENVELOPE_BYTES];
static char text[LIMIT_TEXT_BYTES + 2];

/* Encode, decode, and encode again to the same bytes. */
static bool turns(const struct letter *letter, struct letter *back)
{
    size_t size = 0, second = 0;
    return letter_encode(letter, out, sizeof(out), &size) == STATUS_OK &&
           letter_decode((struct span){out, size}, back) == STATUS_OK &&
           letter_encode(back, again, sizeof(again), &second) == STATUS_OK &&
           size == second && memcmp(out, again, size) == 0;
}

static struct letter sample(enum letter_type type)
{
    struct letter letter = {.type = type,
        .sent_at_s = LIMIT_TIME_S,
        .expires_h = UINT32_MAX,
        .burn_s = LIMIT_BURN_S};
    sample_fill(letter.id.bytes, 16, 1);
    return letter;
}

static void test_round_trips(void)
{
    struct letter letter = sample(LETTER_TEXT), back;
    memset(text, 'x', LIMIT_TEXT_BYTES);
    letter.text = span_of_text(text);
    ok(turns(&letter, &back) && back.type == LETTER_TEXT &&
            message_id_equal(&back.id, &letter.id) &&
            back.sent_at_s == LIMIT_TIME_S && back.expires_h == UINT32_MAX &&
            back.burn_s == LIMIT_BURN_S && span_equal(back.text, letter.text),
        "the largest letter comes back");
    letter.text = (struct span){0};
    ok(turns(&letter, &back) && back.text.size == 0, "so does an empty one");
    letter = sample(LETTER_WELCOME);
    ok(turns(&letter, &back) && back.type == LETTER_WELCOME, "and a welcome");
    letter = sample(LETTER_READ);
    letter.read_count = LIMIT_READ_IDS;
    sample_fill(letter.read, sizeof(letter.read), 7);
    ok(turns(&letter, &back) && back.read_count == LIMIT_READ_IDS &&
            memcmp(back.read, letter.read, sizeof(letter.read)) == 0,
        "and a full read receipt");
    uint8_t class_ = 9;
    size_t size = 0;
    letter = sample(LETTER_TEXT);
    memset(text, 'x', LIMIT_TEXT_BYTES);
    letter.text = span_of_text(text);
    need(letter_encode(&letter, out, sizeof(out), &size) == STATUS_OK);
    ok(envelope_class_for(size, &class_) == STATUS_OK && class_ == 3,
        "the largest letter fits an envelope");
}

static void test_encode_limits(void)
{
    size_t size = 0;
    struct letter letter = sample(LETTER_TEXT);
    memset(text, 'x', LIMIT_TEXT_BYTES + 1);
    letter.text = span_of_text(text);
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "a text one byte too long is refused");
    text[LIMIT_TEXT_BYTES] = 0;
    letter.text = span_of_text("\xc3");
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_INVALID,
        "a text that is not UTF-8 is refused");
    letter.text = span_of_text("hello");
    need(letter_encode(&letter, out, sizeof(out), &size) == STATUS_OK);
    bool refused = true;
    for (size_t room = 0; room < size; room++)
        refused = refused && letter_encode(&letter, again, room, &size) ==
                                 STATUS_TOO_LARGE;
    ok(refused, "too little room is refused");
    letter.burn_s = LIMIT_BURN_S + 1;
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "a burn timer too long is refused");
    letter = sample(LETTER_READ);
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "a read receipt of nothing is refused");
    letter.read_count = LIMIT_READ_IDS + 1;
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "and one of too many");
    letter = sample(LETTER_WELCOME);
    letter.text = span_of_text("hi");
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "and a welcome that says something");
}

/* A letter of any numbers, whatever the limits. */
static enum status decode_odd(
    uint64_t type, size_t id_bytes, uint64_t burn_s, struct span content)
{
    struct wire_writer writer;
    size_t size = 0;
    wire_write_init(&writer, out, sizeof(out));
    wire_write_array(&writer, 6);
    wire_write_uint(&writer, type);
    wire_write_bytes(&writer, (struct span){again, id_bytes});
    wire_write_uint(&writer, 1);
    wire_write_uint(&writer, 2);
    wire_write_uint(&writer, burn_s);
    wire_write_text(&writer, content);
    need(wire_write_done(&writer, &size) == STATUS_OK);
    struct letter letter = {.burn_s = 77};
    enum status status = letter_decode((struct span){out, size}, &letter);
    need(status == STATUS_OK || letter.burn_s == 77);
    return status;
}

static void test_hostile(void)
{
    struct span hi = span_of_text("hi"), none = {0};
    ok(decode_odd(LETTER_TEXT, 16, 0, hi) == STATUS_OK, "as a start: taken");
    ok(decode_odd(LETTER_TEXT, 15, 0, hi) == STATUS_INVALID &&
            decode_odd(LETTER_TEXT, 17, 0, hi) == STATUS_INVALID,
        "an id of another size is refused");
    ok(decode_odd(LETTER_TEXT, 16, LIMIT_BURN_S + 1, hi) == STATUS_INVALID,
        "a burn timer past its limit is refused");
    ok(decode_odd(LETTER_WELCOME, 16, 0, none) == STATUS_OK &&
            decode_odd(LETTER_WELCOME, 16, 0, hi) == STATUS_INVALID,
        "a welcome says nothing");
    ok(decode_odd(LETTER_READ, 16, 0, hi) == STATUS_INVALID,
        "content of another type is refused");
    ok(decode_odd(15, 16, 0, hi) == STATUS_NOT_FOUND &&
            decode_odd(UINT64_MAX, 3, UINT64_MAX, hi) == STATUS_NOT_FOUND,
        "an unknown type is well formed and not known");
    memset(text, 'x', LIMIT_TEXT_BYTES + 1);
    ok(decode_odd(LETTER_TEXT, 16, 0, span_of_text(text)) == STATUS_INVALID,
        "a text past its limit is refused");
}

/* What groups say, each as large as it may be. */
static struct letter group_sample(enum letter_type type)
{
    static uint8_t op[GROUP_OP_BYTES];
    struct letter letter = sample(type);
    sample_fill(letter.group.bytes, 32, 3);
    letter.name = (struct span){(const uint8_t *)text, LIMIT_NAME_BYTES};
    memset(text, 'n', LIMIT_NAME_BYTES);
    letter.card.suite = CARD_SUITE;
    letter.op_count = LIMIT_GROUP_OPS_LETTER;
    for (size_t i = 0; i < letter.op_count; i++)
        letter.ops[i] = (struct span){op, 700};
    letter.key.number = LIMIT_GROUP_MESSAGES - 1;
    letter.read_count = LIMIT_READ_IDS;
    return letter;
}

static void test_groups(void)
{
    bool turned = true, cut = true, fits = true;
    size_t size = 0;
    uint8_t class_;
    struct letter letter, back;
    for (int type = LETTER_GROUP_INVITE; type <= LETTER_GROUP_RECEIPT; type++) {
        letter = group_sample((enum letter_type)type);
        turned = turned && turns(&letter, &back) &&
                 back.type == (enum letter_type)type;
        need(letter_encode(&letter, out, sizeof(out), &size) == STATUS_OK);
        fits = fits && envelope_class_for(size, &class_) == STATUS_OK;
        for (size_t room = 0; room < size; room++)
            cut = cut && letter_decode((struct span){out, room}, &back) ==
                             STATUS_INVALID;
    }
    ok(turned, "what groups say comes back");
    ok(fits, "and fits an envelope");
    ok(cut, "cut at any length it is refused");
    letter = group_sample(LETTER_GROUP_INVITE);
    letter.name.size = LIMIT_NAME_BYTES + 1;
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "a group's name past its limit is refused");
    letter.name.size = 0;
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "so is none");
    letter = group_sample(LETTER_GROUP_OPS);
    letter.op_count++;
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "so are too many operations");
    letter = group_sample(LETTER_GROUP_KEY);
    letter.key.number++;
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "and a sender key past its last message");
    letter = group_sample(LETTER_GROUP_JOIN);
    need(letter_encode(&letter, out, sizeof(out), &size) == STATUS_OK);
    out[size - CARD_BYTES] = CARD_SUITE + 1;
    ok(letter_decode((struct span){out, size}, &back) == STATUS_INVALID,
        "and one who joins with a card of no suite that is known");
}

static void test_truncation(void)
{
    struct letter letter = sample(LETTER_READ), back;
    size_t size = 0;
    letter.read_count = 3;
    need(letter_encode(&letter, out, sizeof(out), &size) == STATUS_OK);
    bool refused = true;
    for (size_t cut = 0; cut < size; cut++)
        refused = refused && letter_decode((struct span){out, cut}, &back) ==
                                 STATUS_INVALID;
    ok(refused, "cut at any length is refused");
    ok(letter_decode((struct span){out, size + 1}, &back) == STATUS_INVALID,
        "so is a byte too many");
}

/* What conversations say that are, or are to be, evidential. */
static void test_evidence(void)
{
    static const enum letter_type types[] = {
        LETTER_PROPOSE, LETTER_ACCEPT, LETTER_SIGNED, LETTER_END, LETTER_NONE};
    struct letter letter, back;
    bool all = true;
    memset(text, 'x', LIMIT_TEXT_BYTES);
    text[LIMIT_TEXT_BYTES] = 0;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        letter = sample(types[i]);
        sample_fill(letter.evidence.conversation.bytes, 32, 5);
        letter.evidence.number = LIMIT_EVIDENCE_NUMBER;
        letter.evidence.seen = LIMIT_EVIDENCE_NUMBER;
        sample_fill(letter.evidence.previous.bytes, 32, 6);
        sample_fill(letter.evidence.seen_hash.bytes, 32, 7);
        sample_fill(letter.evidence.signature, 64, 8);
        letter.text = span_of_text(text);
        all = all && turns(&letter, &back) && back.type == types[i];
    }
    ok(all, "what makes a conversation evidential comes back");
    letter = sample(LETTER_SIGNED);
    letter.text = span_of_text(text);
    letter.evidence.number = LIMIT_EVIDENCE_NUMBER;
    size_t size = 0;
    uint8_t class_ = 9;
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_OK &&
            envelope_class_for(size, &class_) == STATUS_OK && class_ == 3,
        "the largest signed letter fits an envelope");
    letter.text = span_of_text("hi");
    letter.evidence.number = 1;
    letter.evidence.previous.bytes[31] = 1;
    ok(!turns(&letter, &back), "a first letter follows none");
    letter.evidence.number = 0;
    letter.evidence.previous.bytes[31] = 0;
    ok(!turns(&letter, &back), "and is number 1");
    letter.evidence.number = 1;
    letter.evidence.seen_hash.bytes[0] = 1;
    ok(!turns(&letter, &back), "what was not seen has no hash");
    letter.evidence.seen = 1;
    ok(turns(&letter, &back), "what was seen has");
}

/* Files, each letter as large as it may be. */
static struct letter file_sample(enum letter_type type)
{
    static uint8_t bytes[LIMIT_FILE_PART_BYTES];
    struct letter letter = sample(type);
    memset(text, 'n', LIMIT_TEXT_BYTES);
    text[LIMIT_TEXT_BYTES] = 0;
    letter.text = span_of_text(text);
    letter.file = (struct file_offer){
        .name = {(const uint8_t *)text, LIMIT_FILE_NAME_BYTES},
        .bytes = LIMIT_FILE_BYTES,
        .parts = {bytes, LIMIT_FILE_PARTS * FILE_HASH_BYTES}};
    sample_fill(letter.file.hash, sizeof(letter.file.hash), 3);
    letter.part = (struct file_part){.number = LIMIT_FILE_PARTS - 1,
        .bytes = {bytes, LIMIT_FILE_PART_BYTES}};
    sample_fill(letter.part.file.bytes, 16, 4);
    letter.done = (struct file_done){letter.part.file, FILE_END_LAST};
    return letter;
}

static bool fits_one_envelope(const struct letter *letter)
{
    size_t size = 0;
    uint8_t class_ = 9;
    return letter_encode(letter, out, sizeof(out), &size) == STATUS_OK &&
           envelope_class_for(size, &class_) == STATUS_OK && class_ == 3;
}

static void test_files(void)
{
    struct letter letter = file_sample(LETTER_FILE), back;
    ok(turns(&letter, &back) && back.file.bytes == LIMIT_FILE_BYTES &&
            span_equal(back.file.name, letter.file.name) &&
            span_equal(back.file.parts, letter.file.parts) &&
            memcmp(back.file.hash, letter.file.hash, FILE_HASH_BYTES) == 0 &&
            span_equal(back.text, letter.text),
        "the letter of the largest file comes back");
    ok(fits_one_envelope(&letter), "and fits an envelope");
    letter = file_sample(LETTER_SIGNED_FILE);
    letter.evidence.number = LIMIT_EVIDENCE_NUMBER;
    letter.evidence.seen = LIMIT_EVIDENCE_NUMBER;
    ok(turns(&letter, &back) && back.evidence.number == LIMIT_EVIDENCE_NUMBER &&
            span_equal(back.file.name, letter.file.name) &&
            fits_one_envelope(&letter),
        "so does a signed one");
    letter = file_sample(LETTER_FILE_PART);
    ok(turns(&letter, &back) && back.part.number == LIMIT_FILE_PARTS - 1 &&
            message_id_equal(&back.part.file, &letter.part.file) &&
            span_equal(back.part.bytes, letter.part.bytes),
        "so does its last part");
    ok(fits_one_envelope(&letter), "and a part fits an envelope");
    letter = file_sample(LETTER_FILE_DONE);
    ok(turns(&letter, &back) && back.done.end == FILE_END_LAST &&
            message_id_equal(&back.done.file, &letter.done.file),
        "and its end");
}

static void test_hostile_files(void)
{
    struct letter letter = file_sample(LETTER_FILE), back;
    letter.file.name.size = 0;
    ok(!turns(&letter, &back), "a file without a name is refused");
    letter = file_sample(LETTER_FILE);
    letter.file.name.size++;
    ok(!turns(&letter, &back), "and one whose name is too long");
    letter = file_sample(LETTER_FILE);
    letter.file.name = span_of_text("a\xff");
    ok(!turns(&letter, &back), "or is not UTF-8");
    letter = file_sample(LETTER_FILE);
    letter.file.parts.size -= 1;
    ok(!turns(&letter, &back), "and hashes that are not whole");
    letter.file.bytes = LIMIT_NUMBER;
    letter.file.parts.size = 0;
    ok(turns(&letter, &back) && back.file.bytes == LIMIT_NUMBER,
        "what a file's letter claims is read, for its reader to judge");
    letter = file_sample(LETTER_FILE_PART);
    letter.part.bytes.size = 0;
    ok(!turns(&letter, &back), "a part of nothing is refused");
    letter = file_sample(LETTER_FILE_DONE);
    letter.done.end = (enum file_end)(FILE_END_LAST + 1);
    ok(!turns(&letter, &back), "and an end that is none");
}

/* What no reader would take is not written. */
static void test_file_limits(void)
{
    size_t size = 0;
    char longer[LIMIT_TEXT_BYTES + 2] = {0};
    struct letter letter = file_sample(LETTER_FILE);
    memset(longer, 'x', LIMIT_TEXT_BYTES + 1);
    letter.text = span_of_text(longer);
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "a file's letter has no longer text than others");
    letter.text = span_of_text("\xc3");
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_INVALID,
        "and it is UTF-8");
    letter = file_sample(LETTER_FILE_PART);
    letter.part.bytes.size = 0;
    ok(letter_encode(&letter, out, sizeof(out), &size) == STATUS_TOO_LARGE,
        "a part of nothing is not written");
    letter.part.bytes = (struct span){out, LIMIT_FILE_PART_BYTES + 1};
    ok(letter_encode(&letter, again, sizeof(again), &size) == STATUS_TOO_LARGE,
        "nor one of too much");
}

static void test_file_statement(void)
{
    static struct file_statement statement;
    struct letter letter = file_sample(LETTER_FILE);
    letter.file.name = span_of_text("a.txt");
    memset(letter.file.hash, 0xab, sizeof(letter.file.hash));
    static const char alone[] =
        "file: a.txt\nbytes: 1048576\nblake2b-256: "
        "abababababababababababababababababababababababababababababababab\n";
    struct span is = {statement.bytes, 0};
    need(!file_statement_of(&letter.file, span_of_text(""), &statement));
    is.size = statement.size;
    ok(span_equal(is, span_of_text(alone)), "a file is stated in three lines");
    need(!file_statement_of(&letter.file, span_of_text("hi"), &statement));
    ok(statement.size == sizeof(alone) - 1 + 3 &&
            memcmp(statement.bytes + sizeof(alone) - 1, "\nhi", 3) == 0,
        "and its letter's text behind an empty one");
    ok(file_statement_of(&letter.file, letter.text, &statement) ==
            STATUS_TOO_LARGE,
        "which must not be longer than a text can be");
}

/* Each on its own: what a name may be and not. */
static void test_file_names(void)
{
    static const char *const good[] = {"a", "notes.txt", "..a", "a b",
        ".hidden", "-rf", "\xc3\xa4", "\xd8\xa7", "\xe2\x82\xac",
        "\xf0\x9f\x90\xa7", "a\\b", "C:", "con"};
    static const char *const bad[] = {"", ".", "..", "/", "a/b", "/etc/passwd",
        "../a", "a/", "a\nb", "a\x1b[2J", "a\x7f", "\xc2\x80", "\xc2\x9f",
        "\xd8\x9c", "\xe2\x80\x8e", "\xe2\x80\xa8", "\xe2\x80\xae",
        "\xe2\x81\xa6", "\xe2\x81\xa9", "\xef\xbf\xb9", "\xf3\xa0\x80\x81",
        "\xf3\xa0\x81\xbf", "\xff", "\xed\xa0\x80"};
    char longest[LIMIT_FILE_NAME_BYTES + 2];
    bool all = true;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        all = all && file_name_is_good(span_of_text(good[i]));
    ok(all, "a file's name can be a file's anywhere");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bool is_refused = !file_name_is_good(span_of_text(bad[i]));
        if (!is_refused)
            printf("# bad name %zu passed\n", i);
        all = all && is_refused;
    }
    ok(all && !file_name_is_good((struct span){(const uint8_t *)"a\0b", 3}),
        "what is a path, or acts on who sees it, is refused");
    memset(longest, 'n', sizeof(longest));
    ok(file_name_is_good(
           (struct span){(const uint8_t *)longest, LIMIT_FILE_NAME_BYTES}) &&
            !file_name_is_good((struct span){
                (const uint8_t *)longest, LIMIT_FILE_NAME_BYTES + 1}),
        "a name has 255 bytes at most");
}

static void test_file_parts(void)
{
    const uint64_t part = LIMIT_FILE_PART_BYTES;
    ok(file_parts_of(0) == 0 && file_parts_of(1) == 1 &&
            file_parts_of(part) == 1 && file_parts_of(part + 1) == 2 &&
            file_parts_of(LIMIT_FILE_BYTES) == LIMIT_FILE_PARTS &&
            file_parts_of(UINT64_MAX) > LIMIT_FILE_PARTS,
        "so many parts are a file");
    ok(file_part_bytes(1, 0) == 1 && file_part_bytes(part, 0) == part &&
            file_part_bytes(part + 1, 0) == part &&
            file_part_bytes(part + 1, 1) == 1,
        "all are full but the last");
}

int main(void)
{
    test_round_trips();
    test_encode_limits();
    test_hostile();
    test_groups();
    test_truncation();
    test_evidence();
    test_files();
    test_hostile_files();
    test_file_limits();
    test_file_statement();
    test_file_names();
    test_file_parts();
    return tap_done();
}
