/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/edit.h"
#include "tests/tap.h"

int main(void)
{
    ok(edit_distance("send", "send") == 0 && edit_distance("", "") == 0,
        "a word is not far from itself");
    ok(edit_distance("send", "sned") == 1, "neighbours swapped are one edit");
    ok(edit_distance("send", "sen") == 1 && edit_distance("sen", "send") == 1,
        "so is a letter left out or put in");
    ok(edit_distance("send", "bend") == 1, "and one changed");
    ok(edit_distance("kitten", "sitting") == 3, "edits add up");
    ok(edit_distance("", "abc") == 3, "nothing is as far as a word is long");
    ok(edit_near("x") == 0 && edit_near("jsn") == 1 && edit_near("lisen") == 1,
        "what is meant by a short word is near it, or nothing");
    ok(edit_near("latncy") == 2, "a longer one has room for two mistakes");
    char longest[EDIT_WORD_MAXIMUM + 2] = {0};
    for (size_t i = 0; i < EDIT_WORD_MAXIMUM; i++)
        longest[i] = 'x';
    ok(edit_distance(longest, "") == EDIT_WORD_MAXIMUM,
        "the longest word is measured");
    longest[EDIT_WORD_MAXIMUM] = 'x';
    ok(edit_distance(longest, longest) == EDIT_FAR, "a longer one is far");
    return tap_done();
}
