/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A contact whose files are not what they say: each is refused, with a reason
 * that is counted, its letter is shown all the same, and nothing else is
 * lost. */
#include "crypto/content.h"
#include "tests/vault/files.h"
#include "tests/vault/other.h"

enum { MINUTE_MS = 60000 };

static struct world world;
static struct person *ann;
static struct other eve;
static struct message_id last_id;
static uint8_t content[3 * LIMIT_FILE_PART_BYTES];
static uint8_t hashes[LIMIT_FILE_PARTS + 1][FILE_HASH_BYTES];

static void begin(uint64_t seed)
{
    world_init(&world, 1, seed);
    ann = &world.people[0];
    need(ask_word(ann, CONTROL_INIT, "ann")->kind == CONTROL_CARD);
    other_meet(&eve, ann, "eve", seed);
    file_fill(content, sizeof(content), seed);
}

static void end(void)
{
    other_end(&eve);
    world_free(&world);
}

static void say(struct letter letter)
{
    static uint8_t plain[LIMIT_ENVELOPE_BYTES];
    size_t size = 0;
    letter.sent_at_s = world.clock_s;
    letter.expires_h = world_now_h(&world) + 100;
    need(!letter_encode(&letter, plain, sizeof(plain), &size));
    other_say_bytes(&eve, ann, (struct span){plain, size});
}

/* An honest offer of so many bytes of content, under a new id. */
static struct letter offer_of(const char *name, size_t size)
{
    struct letter letter = {
        .type = LETTER_FILE, .text = span_of_text("look at this")};
    size_t count = (size_t)file_parts_of(size);
    random_fill(&eve.random.base, letter.id.bytes, sizeof(letter.id.bytes));
    last_id = letter.id;
    for (size_t i = 0; i < count; i++)
        content_hash((struct span){content + i * LIMIT_FILE_PART_BYTES,
                         file_part_bytes(size, i)},
            hashes[i]);
    letter.file = (struct file_offer){.name = span_of_text(name),
        .bytes = size,
        .parts = {hashes[0], count * FILE_HASH_BYTES}};
    content_hash((struct span){content, size}, letter.file.hash);
    return letter;
}

static void say_part(uint64_t number, struct span bytes)
{
    struct letter letter = {.type = LETTER_FILE_PART,
        .part = {.file = last_id, .number = number, .bytes = bytes}};
    random_fill(&eve.random.base, letter.id.bytes, sizeof(letter.id.bytes));
    say(letter);
}

static struct span honest_part(size_t size, size_t number)
{
    return (struct span){content + number * LIMIT_FILE_PART_BYTES,
        file_part_bytes(size, number)};
}

/* What she is told before long has become of the file; how often. */
static size_t times_told;
static int end_that_eve_hears(void)
{
    struct letter letter;
    int last = -1;
    times_told = 0;
    world_run(&world, MINUTE_MS);
    while (other_hears(&eve, LETTER_FILE_DONE, &letter)) {
        if (!message_id_equal(&letter.done.file, &last_id))
            continue;
        last = (int)letter.done.end;
        times_told++;
    }
    return last;
}

static struct control_vault_status status(void)
{
    return ask_word(ann, CONTROL_STATUS, "")->status_of;
}

/* The last letter in the inbox says that its file was refused, and why. */
static bool shows_refused(const char *reason)
{
    const struct answer *answer = ask_read_all(ann);
    const struct row *row = &answer->rows[answer->count - 1];
    return strcmp(row->text, "look at this") == 0 &&
           strcmp(row->file_state, "refused") == 0 &&
           strcmp(row->file_reason, reason) == 0;
}

static void test_honest(void)
{
    begin(1);
    size_t size = 2 * LIMIT_FILE_PART_BYTES + 5;
    say(offer_of("plan.pdf", size));
    for (size_t i = 3; i-- > 0;)
        say_part(i, honest_part(size, i));
    ok(file_is(ann, "whole") &&
            comes_out(ann, last_file(ann).id, (struct span){content, size}),
        "what is as it says comes, in any order");
    ok(end_that_eve_hears() == FILE_END_WHOLE, "and that is told");
    struct control_vault_status counts = status();
    ok(counts.refused_parts_false == 0 && counts.refused_parts_unknown == 0 &&
            counts.refused_letters == 0,
        "nothing is counted as refused");
    end();
}

static void test_names(void)
{
    static const char *const names[] = {"../../.ssh/authorized_keys", "..",
        "/etc/passwd", "a\nb", "\xe2\x80\xaegpj.exe", "a\x1b[2J"};
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    begin(2);
    size_t refused = 0;
    for (size_t i = 0; i < COUNT; i++) {
        say(offer_of(names[i], 5));
        refused +=
            shows_refused("name") && end_that_eve_hears() == FILE_END_NAME;
        say_part(0, honest_part(5, 0));
    }
    ok(refused == COUNT && last_file(ann).id[0] == 0,
        "a name that is a path, or acts on who sees it, is refused");
    ok(status().refused_file_names == COUNT, "and counted");
    ok(ask_read_all(ann)->count == COUNT + 1, "the letters are all there");
    end();
}

static void test_sizes(void)
{
    begin(3);
    struct letter letter = offer_of("f", 5);
    letter.file.bytes = LIMIT_FILE_BYTES + 1;
    letter.file.parts.size = (LIMIT_FILE_PARTS + 1) * FILE_HASH_BYTES;
    say(letter);
    ok(shows_refused("size") && end_that_eve_hears() == FILE_END_SIZE,
        "a file over the limit is refused");
    static const uint64_t claims[] = {
        0, LIMIT_FILE_PART_BYTES + 1, LIMIT_FILE_BYTES, LIMIT_NUMBER};
    size_t refused = 0;
    for (size_t i = 0; i < 4; i++) {
        letter = offer_of("f", 5);
        letter.file.bytes = claims[i];
        say(letter);
        refused += shows_refused("size");
    }
    ok(refused == 4, "and one whose parts do not come to its size");
    letter = offer_of("f", 5);
    letter.file.parts.size = 2 * FILE_HASH_BYTES;
    say(letter);
    ok(shows_refused("size"), "more parts than there are, too");
    ok(status().refused_file_sizes == 6 && last_file(ann).id[0] == 0,
        "they are counted, and nothing is kept");
    end();
}

static void test_parts(void)
{
    begin(4);
    size_t size = 2 * LIMIT_FILE_PART_BYTES + 5;
    say(offer_of("f", size));
    say_part(0, honest_part(size, 1));
    say_part(1, honest_part(size, 0));
    say_part(2, span_of_text("wrong"));
    say_part(2, (struct span){honest_part(size, 2).data, 4});
    say_part(3, honest_part(size, 0));
    say_part(LIMIT_NUMBER, honest_part(size, 0));
    ok(status().refused_parts_false == 6 && last_file(ann).file_done == 0,
        "parts in another's place, of other bytes or past the end are refused");
    say_part(0, honest_part(size, 0));
    say_part(0, honest_part(size, 0));
    ok(last_file(ann).file_done == LIMIT_FILE_PART_BYTES &&
            disk_count(&ann->disk, RECORD_FILE_PART) == 1,
        "one that comes twice is there once");
    last_id.bytes[0] ^= 1;
    say_part(1, honest_part(size, 1));
    say_part(1, honest_part(size, 1));
    ok(status().refused_parts_unknown == 2 &&
            end_that_eve_hears() == FILE_END_DROPPED,
        "a part of no file is refused, and that is said");
    ok(times_told == 1, "once, however many come");
    say_part(1, honest_part(size, 1));
    ok(end_that_eve_hears() == -1, "also after it was said");
    last_id.bytes[0] ^= 1;
    say_part(1, honest_part(size, 1));
    say_part(2, honest_part(size, 2));
    ok(file_is(ann, "whole"), "and the file comes all the same");
    say_part(2, honest_part(size, 2));
    ok(file_is(ann, "whole") && status().refused_parts_unknown == 3,
        "a part of what is whole changes nothing");
    end();
}

static void test_whole_hash(void)
{
    begin(5);
    size_t size = LIMIT_FILE_PART_BYTES + 5;
    struct letter letter = offer_of("f", size);
    letter.file.hash[31] ^= 1;
    say(letter);
    say_part(0, honest_part(size, 0));
    say_part(1, honest_part(size, 1));
    ok(file_is(ann, "damaged") && end_that_eve_hears() == FILE_END_DAMAGED,
        "parts that do not come to the hash of the whole are damaged");
    struct row row = last_file(ann);
    ok(ask_file(ann, CONTROL_FILE_GET, row.id)->status == STATUS_REFUSED &&
            disk_count(&ann->disk, RECORD_FILE_PART) == 0,
        "nobody is shown any of it, and none of it stays");
    letter = offer_of("empty", 0);
    letter.file.hash[0] ^= 1;
    say(letter);
    ok(file_is(ann, "damaged"),
        "nor is an empty file with the hash of another");
    end();
}

static void test_count(void)
{
    begin(6);
    for (size_t i = 0; i < LIMIT_FILES_ARRIVING; i++)
        say(offer_of("f", 5));
    say(offer_of("f", 5));
    ok(shows_refused("count") && status().refused_file_counts == 1 &&
            status().arriving == LIMIT_FILES_ARRIVING,
        "so many files at a time, and no more");
    ok(end_that_eve_hears() == FILE_END_COUNT, "which is said");
    say((struct letter){
        .type = LETTER_FILE_DONE, .done = {last_id, FILE_END_DROPPED}});
    struct message_id first;
    need(!hex_decode(ask_file(ann, CONTROL_FILE_LIST, "")->rows[0].id,
        first.bytes, sizeof(first.bytes)));
    say((struct letter){
        .type = LETTER_FILE_DONE, .done = {first, FILE_END_DROPPED}});
    say(offer_of("f", 5));
    ok(file_is(ann, "arriving"), "one that is taken back makes room");
    say(offer_of("f", 5));
    end();
}

/* Her word about files that are not hers to end. */
static void test_ends(void)
{
    begin(7);
    struct letter letter = offer_of("f", 5);
    say(letter);
    for (int end_word = 0; end_word <= FILE_END_LAST; end_word++)
        if (end_word != FILE_END_DROPPED)
            say((struct letter){.type = LETTER_FILE_DONE,
                .done = {last_id, (enum file_end)end_word}});
    ok(file_is(ann, "arriving"), "only its reader says that a file is whole");
    say_part(0, honest_part(5, 0));
    need(file_is(ann, "whole"));
    say((struct letter){
        .type = LETTER_FILE_DONE, .done = {last_id, FILE_END_DROPPED}});
    ok(file_is(ann, "whole"), "and one that is whole is not taken back");
    uint8_t junk[] = {0x96, LETTER_FILE};
    other_say_bytes(&eve, ann, (struct span){junk, sizeof(junk)});
    ok(status().refused_letters == 1,
        "a letter that makes no sense is counted");
    say(letter);
    ok(ask_file(ann, CONTROL_FILE_LIST, "")->count == 1 &&
            ask_read_all(ann)->count == 2,
        "a file is offered once");
    end();
}

/* What nobody has agreed to. */
static void test_signed(void)
{
    begin(8);
    struct letter letter = offer_of("f", 5), none;
    letter.type = LETTER_SIGNED_FILE;
    letter.evidence.number = 1;
    say(letter);
    struct answer *answer = ask_read_all(ann);
    ok(strcmp(answer->rows[answer->count - 1].evidence, "unproven") == 0 &&
            file_is(ann, "arriving"),
        "a file that comes as signed, without consent, proves nothing");
    ok(other_hears(&eve, LETTER_NONE, &none), "and its sender is told");
    say_part(0, honest_part(5, 0));
    ok(file_is(ann, "whole"), "it comes all the same");
    end();
}

int main(void)
{
    test_honest();
    test_names();
    test_sizes();
    test_parts();
    test_whole_hash();
    test_count();
    test_ends();
    test_signed();
    return tap_done();
}
