/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order in which the letters of a transcript are shown: each chain in its
 * own, what was seen before what saw it, and then the clocks. */
#include "cli/transcript_walk.h"
#include "tests/crypto/transcript.h"

#include <stdio.h>

static struct identity ann, bo;
static uint8_t file[FILE_BYTES];
static size_t file_size;

/* Whether the letters come in that order: "A1 B1" is the proposer's first and
 * then the accepter's, "A2-3" a gap; conversations are parted by "|". */
static bool comes_as(const char *expected)
{
    char text[512] = "";
    size_t size = 0;
    struct transcript_walk walk;
    struct transcript_record record;
    bool of_accepter;
    need(transcript_walk_begin(&walk, (struct span){file, file_size}) ==
         STATUS_OK);
    while (transcript_walk_conversation(&walk) == STATUS_OK) {
        if (size)
            size += (size_t)snprintf(text + size, sizeof(text) - size, "| ");
        while (
            transcript_walk_next(&walk, &record, &of_accepter) == STATUS_OK) {
            size += (size_t)snprintf(text + size, sizeof(text) - size, "%c%u",
                of_accepter ? 'B' : 'A', record.evidence.number);
            if (record.kind == TRANSCRIPT_MISSING)
                size += (size_t)snprintf(
                    text + size, sizeof(text) - size, "-%u", record.until);
            size += (size_t)snprintf(text + size, sizeof(text) - size, " ");
            need(size < sizeof(text));
        }
    }
    printf("# %s\n", text);
    return size && strncmp(text, expected, size - 1) == 0 &&
           strlen(expected) == size - 1;
}

/* Whether the checker takes the file: what is not shown needs no order. */
static bool holds(void)
{
    struct transcript_check check;
    struct transcript_conversation found;
    enum status status =
        transcript_check_begin(&check, (struct span){file, file_size});
    while (!status)
        status = transcript_check_next(&check, &found);
    return status == STATUS_NOT_FOUND;
}

static void file_of(const struct script *script)
{
    file_begin(file, &file_size);
    file_add(file, &file_size, script);
}

static void say(struct script *script, bool by_accepter)
{
    script_write(script, by_accepter, TRANSCRIPT_LETTER, "so it is");
}

/* As say, by somebody who has seen only so many of the other's letters. */
static void say_having_seen(
    struct script *script, bool by_accepter, const struct pen *other)
{
    struct pen *pen = by_accepter ? &script->proposer : &script->accepter;
    struct pen now = *pen;
    pen->number = other->number;
    pen->last = other->last;
    say(script, by_accepter);
    *pen = now;
}

/* In place of the records from..until of a chain, that they are missing. */
static void lose(struct pen *pen, uint32_t from, uint32_t until)
{
    struct transcript_record gap = {.kind = TRANSCRIPT_MISSING, .until = until};
    gap.evidence.number = from;
    struct bytes *at = &pen->records[from - 1];
    need(transcript_encode(&gap, at->data, sizeof(at->data), &at->size) ==
         STATUS_OK);
    memmove(at + 1, &pen->records[until], (pen->count - until) * sizeof(*at));
    pen->count -= until - from;
}

static void test_seen(void)
{
    struct script script;
    script_begin(&script, &ann, &bo, 7);
    for (int i = 0; i < 3; i++)
        say(&script, false);
    say(&script, true);
    say(&script, false);
    say(&script, true);
    file_of(&script);
    ok(holds() && comes_as("A1 A2 A3 B1 A4 B2"),
        "an answer stands behind what it answers, whatever its clock");
    script_write(&script, true, TRANSCRIPT_END, "");
    script_write(&script, false, TRANSCRIPT_END, "");
    file_of(&script);
    ok(holds() && comes_as("A1 A2 A3 B1 A4 B2 B3 A5"),
        "so do the ends of both chains");
}

static void test_clocks(void)
{
    struct script script;
    script_begin(&script, &ann, &bo, 7);
    const struct pen nothing = script.proposer;
    for (int i = 0; i < 3; i++)
        say_having_seen(&script, false, &nothing);
    for (int i = 0; i < 2; i++)
        say_having_seen(&script, true, &nothing);
    file_of(&script);
    ok(holds() && comes_as("A1 B1 A2 B2 A3"),
        "letters that crossed stand by their clocks, the proposer's first");
}

static void test_gaps(void)
{
    struct script script;
    script_begin(&script, &ann, &bo, 7);
    for (int i = 0; i < 5; i++)
        say(&script, true);
    for (int i = 0; i < 3; i++)
        say(&script, false);
    say(&script, true);
    say(&script, false);
    lose(&script.proposer, 2, 3);
    file_of(&script);
    ok(holds() && comes_as("B1 B2 B3 B4 B5 A1 A2-3 B6 A4"),
        "a gap stands where its letters did");
    script_begin(&script, &ann, &bo, 7);
    say(&script, false);
    say(&script, true);
    script_write(&script, false, TRANSCRIPT_BURNED, "not for long");
    say(&script, true);
    file_of(&script);
    ok(holds() && comes_as("A1 B1 A2 B2"), "so does one that has burned");
}

/* Behind a gap two can each claim to have seen the other's later letter. */
static void test_liars(void)
{
    struct script script;
    script_begin(&script, &ann, &bo, 7);
    say(&script, false);
    say(&script, true);
    struct pen later_b = script.accepter;
    later_b.number = 3;
    say_having_seen(&script, false, &later_b);
    struct pen later_a = script.proposer;
    later_a.number = 3;
    say_having_seen(&script, true, &later_a);
    for (int i = 0; i < 2; i++) {
        say_having_seen(&script, false, &later_b);
        say_having_seen(&script, true, &later_a);
    }
    lose(&script.proposer, 3, 3);
    lose(&script.accepter, 3, 3);
    file_of(&script);
    ok(holds() && comes_as("A1 B1 A2 A3-3 B2 B3-3 A4 B4"),
        "those who contradict each other are shown once each all the same");
}

static void test_several(void)
{
    struct script one, two;
    script_begin(&one, &ann, &bo, 7);
    say(&one, false);
    script_begin(&two, &bo, &ann, 8);
    say(&two, true);
    say(&two, false);
    file_begin(file, &file_size);
    file_add(file, &file_size, &one);
    file_add(file, &file_size, &two);
    ok(holds() && comes_as("A1 | B1 A1"),
        "one conversation stands behind the other");
}

/* A file that was not checked ends the walk, and nothing worse. */
static void test_cut(void)
{
    struct script script;
    struct transcript_walk walk;
    struct transcript_record record;
    bool of_accepter;
    script_begin(&script, &ann, &bo, 7);
    say(&script, false);
    say(&script, true);
    file_of(&script);
    bool all = true;
    for (size_t size = 0; size < file_size; size++) {
        enum status status =
            transcript_walk_begin(&walk, (struct span){file, size});
        if (!status)
            status = transcript_walk_conversation(&walk);
        while (!status)
            status = transcript_walk_next(&walk, &record, &of_accepter);
        all =
            all && (status == STATUS_INVALID || size == TRANSCRIPT_MAGIC_BYTES);
    }
    ok(all, "a file that is cut short is found to be");
}

int main(void)
{
    struct random_seeded random;
    need(crypto_start() == 0);
    random_seeded_init(&random, 1, 2);
    identity_generate(&ann, &random.base);
    identity_generate(&bo, &random.base);
    test_seen();
    test_clocks();
    test_gaps();
    test_liars();
    test_several();
    test_cut();
    return tap_done();
}
