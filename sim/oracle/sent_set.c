/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers grow with the run, but what goes over a link is what was written
 * lately: a bit each for a window of them, which begins anew whenever the peer
 * asks for anything, and leaves behind what is over for all nodes.  A bit for
 * every envelope of a run would be half of what a node has to remember of
 * it. */
#include "sim/oracle/sent_set.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_BITS = 64 };

/* Let the window begin later, with as much room. */
static void forget_before(struct sent_set *set, uint32_t word)
{
    if (word <= set->first_word)
        return;
    uint32_t gone = word - set->first_word;
    if (gone > set->word_count)
        gone = set->word_count;
    uint32_t kept = set->word_count - gone;
    memmove(set->words, set->words + gone, kept * sizeof(*set->words));
    memset(set->words + kept, 0, gone * sizeof(*set->words));
    set->first_word = word;
}

/* So many words, so many of them new before the first. */
static enum status resize(struct sent_set *set, uint32_t count, uint32_t before)
{
    uint64_t *words = realloc(set->words, count * sizeof(*words));
    if (!words)
        return STATUS_NO_MEMORY;
    uint32_t end = before + set->word_count;
    memmove(words + before, words, set->word_count * sizeof(*words));
    memset(words, 0, before * sizeof(*words));
    memset(words + end, 0, (count - end) * sizeof(*words));
    set->words = words;
    set->word_count = count;
    set->first_word -= before;
    return STATUS_OK;
}

/* Have room for that word. */
static enum status reach(
    struct sent_set *set, uint32_t word, uint32_t first_held)
{
    if (set->word_count == 0)
        set->first_word = word;
    if (word < set->first_word) {
        uint32_t before = set->first_word - word;
        return resize(set, set->word_count + before, before);
    }
    if (word - set->first_word >= set->word_count)
        forget_before(set, first_held / WORD_BITS);
    uint32_t needed = word - set->first_word + 1;
    return needed <= set->word_count ? STATUS_OK
                                     : resize(set, needed + needed / 4, 0);
}

enum status sent_set_add(
    struct sent_set *set, uint32_t number, uint32_t first_held, bool *was_there)
{
    enum status status = reach(set, number / WORD_BITS, first_held);
    if (status)
        return status;
    uint64_t *word = &set->words[number / WORD_BITS - set->first_word];
    uint64_t bit = UINT64_C(1) << number % WORD_BITS;
    *was_there = *word & bit;
    *word |= bit;
    return STATUS_OK;
}

void sent_set_remove(struct sent_set *set, uint32_t number)
{
    uint32_t word = number / WORD_BITS;
    if (word >= set->first_word && word - set->first_word < set->word_count)
        set->words[word - set->first_word] &=
            ~(UINT64_C(1) << number % WORD_BITS);
}

void sent_set_clear(struct sent_set *set)
{
    free(set->words);
    *set = (struct sent_set){0};
}
