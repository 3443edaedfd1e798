/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is in a group, what is written there, and what is counted of it. */
#include <string.h>

#include "sim/circles.h"
#include "sim/letters.h"
#include "tests/tap.h"

static const char id[CONTROL_MESSAGE_ID_CHARS + 1] =
    "0123456789abcdef0123456789abcdef";
static const struct scenario plan = {.groups = 3,
    .group_size = 4,
    .group_letters = 5,
    .seed = 11,
    .first_us = 1000,
    .over_us = 9000,
    .text_least = 16,
    .text_most = 80,
    .lifetime_us = UINT64_C(7200000000)};
static const uint32_t homes[] = {3, 5, 7, 9, 11};

static bool are_different(const struct circles *circles, uint32_t circle)
{
    for (uint32_t i = 0; i < circles->size; i++)
        for (uint32_t k = 0; k < i; k++)
            if (circles_member(circles, circle, i) ==
                circles_member(circles, circle, k))
                return false;
    return true;
}

static void test_members(const struct circles *circles)
{
    uint32_t good = 0, found = 0;
    for (uint32_t i = 0; i < circles->count; i++) {
        good += are_different(circles, i);
        for (uint32_t place = 0; place < circles->size; place++)
            found += circles_place(circles, i,
                         circles_member(circles, i, place)) == place;
    }
    ok(good == 3, "the members of a circle are different people");
    ok(found == 12, "each has a place");
    ok(circles_place(circles, 0, 4) == 4, "nobody else has");
}

static void test_letters(const struct circles *circles)
{
    uint32_t good = 0;
    for (uint32_t i = 0; i < circles->letter_count; i++) {
        const struct circle_letter *letter = &circles->letters[i];
        good += letter->circle == i % 3 && letter->writer == i / 3 % 4 &&
                letter->text_bytes >= 16 && letter->text_bytes <= 80 &&
                letter->write_at_us >= 1000 && letter->write_at_us <= 10000 &&
                letter->life_h == 2;
    }
    ok(circles->letter_count == 15 && good == 15,
        "letters are the circles' and the members' in turn, as planned");
    ok(circles_copies(circles) == 45, "each is to all members but its writer");
}

static void test_names(const struct circles *circles)
{
    char name[CIRCLES_NAME_CHARS];
    uint32_t circle = 9;
    ok(circles_find(circles, circles_name(2, name), &circle) == STATUS_OK &&
            circle == 2,
        "a circle is found by its name");
    ok(circles_find(circles, span_of_text("g3"), &circle) &&
            circles_find(circles, span_of_text("g2x"), &circle) &&
            circles_find(circles, span_of_text("g"), &circle) &&
            circles_find(circles, span_of_text("2"), &circle),
        "nothing else is one's name");
}

static void test_texts(const struct circles *circles)
{
    char text[81], other[81];
    uint32_t letter = 99;
    circles_text(circles, 14, text);
    circles_text(circles, 13, other);
    ok(strlen(text) == circles->letters[14].text_bytes &&
            strncmp(text, "g14.", 4) == 0,
        "a text has its size and says which it is");
    ok(circles_recognise(circles, span_of_text(text), &letter) == STATUS_OK &&
            letter == 14,
        "and is recognised");
    text[8] ^= 1;
    ok(circles_recognise(circles, span_of_text(text), &letter) ==
            STATUS_NOT_FOUND,
        "one that was changed is not");
    struct span cut = span_of_text(other);
    cut.size--;
    ok(circles_recognise(circles, cut, &letter) == STATUS_NOT_FOUND,
        "nor one that was cut");
}

static void test_counts(struct circles *circles)
{
    need(circles_sent(circles, 4, id, 70) == STATUS_OK);
    circles_shown(circles, 4, 2, 80);
    circles_shown(circles, 4, 2, 90);
    circles_shown(circles, 4, 3, 95);
    ok(circles->sent == 1 && circles->shown == 2,
        "a copy that is shown again counts once");
    ok(circles_copy(circles, 4, 2)->shown_us == 80 &&
            circles_copy(circles, 4, 2)->shown_count == 2,
        "at its first time");
    circles_receipt(circles, "ffffffffffffffffffffffffffffffff", 99);
    circles_receipt(circles, id, 100);
    circles_receipt(circles, id, 110);
    ok(circles->receipts == 1 && circles->letters[4].receipt_us == 100,
        "so does a receipt, of the letter that has its id");
    ok(!circles_is_whole(circles, 1, 2), "at first nobody sees all members");
    circles_became_whole(circles, 1, 2);
    circles_became_whole(circles, 1, 2);
    ok(circles_is_whole(circles, 1, 2) && circles->seeing == 1,
        "who does is counted once");
    circles_refused(circles, 5);
    ok(circles->refused == 1 && circles->letters[5].refused,
        "what a vault refuses is counted");
}

int main(void)
{
    struct circles circles, again, none;
    struct scenario more = plan, nothing = {.seed = 1};
    need(circles_init(&circles, &plan, homes, 5) == STATUS_OK);
    test_members(&circles);
    test_letters(&circles);
    test_names(&circles);
    test_texts(&circles);
    test_counts(&circles);
    more.group_letters = 6;
    need(circles_init(&again, &more, homes, 5) == STATUS_OK);
    ok(memcmp(again.members, circles.members, 12 * sizeof(uint32_t)) == 0 &&
            again.letters[14].write_at_us == circles.letters[14].write_at_us &&
            again.letters[14].text_bytes == circles.letters[14].text_bytes,
        "with more letters the first are the same");
    need(circles_init(&none, &nothing, NULL, 0) == STATUS_OK);
    ok(circles_copies(&none) == 0, "where there are no circles there is none");
    circles_clear(&none);
    circles_clear(&again);
    circles_clear(&circles);
    return tap_done();
}
