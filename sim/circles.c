/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As letters.c: all is drawn before the run, each circle and letter by its own
 * number, and a text says which letter it is.  The letters of a circle are its
 * members' in turn, and letters take the circles in turn, so that a longer list
 * has a shorter one as its beginning. */
#include "sim/circles.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/letters.h"
#include "sim/noise.h"

/* What a letter's draws are for, by their counter; filler comes behind. */
enum { DRAW_SIZE, DRAW_TIME, DRAW_LIFE, DRAW_URGENT, DRAW_TEXT = 16 };

struct by_id {
    char id[CONTROL_MESSAGE_ID_CHARS];
    uint32_t letter;
};

/* Different nodes, by as many draws as it takes: a place behind the last is
 * drawn again where its node is in the circle. */
static void draw_members(struct circles *circles, uint32_t circle,
    const uint32_t *homes, uint32_t count)
{
    uint32_t *members = &circles->members[(size_t)circle * circles->size];
    uint32_t taken = 0;
    for (uint64_t i = 0; taken < circles->size; i++) {
        uint64_t bits = noise(circles->seed, circle, NOISE_CIRCLES, i);
        uint32_t node = homes[noise_below(bits, count)];
        bool is_in = false;
        for (uint32_t k = 0; k < taken && !is_in; k++)
            is_in = members[k] == node;
        if (!is_in)
            members[taken++] = node;
    }
}

static void draw_letter(
    struct circles *circles, const struct scenario *s, uint32_t index)
{
    uint64_t seed = circles->seed;
    uint64_t span = s->text_most ? s->text_most - s->text_least + 1 : 1;
    uint64_t size = noise(seed, index, NOISE_POSTS, DRAW_SIZE);
    uint64_t time = noise(seed, index, NOISE_POSTS, DRAW_TIME);
    uint64_t life = noise(seed, index, NOISE_POSTS, DRAW_LIFE);
    uint64_t haste = noise(seed, index, NOISE_POSTS, DRAW_URGENT);
    circles->letters[index] = (struct circle_letter){
        .circle = index % circles->count,
        .writer = index / circles->count % circles->size,
        .text_bytes = (uint32_t)(s->text_least + noise_below(size, span)),
        .life_h = letters_life_h(s, life),
        .write_at_us = s->first_us + noise_below(time, s->over_us + 1),
        .urgent = noise_hits(haste, s->urgent_ppm),
    };
}

enum status circles_init(struct circles *circles,
    const struct scenario *scenario, const uint32_t *homes, uint32_t count)
{
    *circles = (struct circles){
        .count = (uint32_t)scenario->groups,
        .size = (uint32_t)scenario->group_size,
        .letter_count = (uint32_t)(scenario->groups * scenario->group_letters),
        .seed = scenario->seed,
    };
    size_t places = (size_t)circles->count * circles->size;
    size_t copies = (size_t)circles->letter_count * circles->size;
    table_init(&circles->by_id, CONTROL_MESSAGE_ID_CHARS, sizeof(struct by_id),
        circles->letter_count, 0);
    circles->members = calloc(places + 1, sizeof(*circles->members));
    circles->is_whole = calloc(places + 1, sizeof(*circles->is_whole));
    circles->letters =
        calloc(circles->letter_count + 1ul, sizeof(*circles->letters));
    circles->copies = calloc(copies + 1, sizeof(*circles->copies));
    if (!circles->members || !circles->is_whole || !circles->letters ||
        !circles->copies) {
        circles_clear(circles);
        return STATUS_NO_MEMORY;
    }
    assert(circles->count == 0 || count >= circles->size);
    for (uint32_t i = 0; i < circles->count; i++)
        draw_members(circles, i, homes, count);
    for (uint32_t i = 0; i < circles->letter_count; i++)
        draw_letter(circles, scenario, i);
    return STATUS_OK;
}

void circles_clear(struct circles *circles)
{
    free(circles->members);
    free(circles->is_whole);
    free(circles->letters);
    free(circles->copies);
    table_clear(&circles->by_id);
    *circles = (struct circles){0};
}

uint32_t circles_member(
    const struct circles *circles, uint32_t circle, uint32_t place)
{
    return circles->members[(size_t)circle * circles->size + place];
}

uint32_t circles_place(
    const struct circles *circles, uint32_t circle, uint32_t node)
{
    uint32_t place = 0;
    while (
        place < circles->size && circles_member(circles, circle, place) != node)
        place++;
    return place;
}

uint64_t circles_copies(const struct circles *circles)
{
    return circles->letter_count * (circles->size - UINT64_C(1));
}

struct circle_copy *circles_copy(
    const struct circles *circles, uint32_t letter, uint32_t place)
{
    return &circles->copies[(size_t)letter * circles->size + place];
}

struct span circles_name(uint32_t circle, char out[static CIRCLES_NAME_CHARS])
{
    snprintf(out, CIRCLES_NAME_CHARS, "g%" PRIu32, circle);
    return span_of_text(out);
}

enum status circles_find(
    const struct circles *circles, struct span name, uint32_t *circle)
{
    uint32_t number;
    size_t end;
    if (name.size < 2 || name.data[0] != 'g' ||
        letters_number(name, 1, circles->count, &number, &end) != STATUS_OK ||
        end != name.size)
        return STATUS_NOT_FOUND;
    *circle = number;
    return STATUS_OK;
}

void circles_text(const struct circles *circles, uint32_t letter, char *out)
{
    size_t size = circles->letters[letter].text_bytes;
    size_t at = (size_t)snprintf(out, size + 1, "g%" PRIu32 ".", letter);
    for (uint64_t i = 0; at < size; i++) {
        uint64_t bits =
            noise(circles->seed, letter, NOISE_POSTS, DRAW_TEXT + i);
        for (int k = 0; k < 8 && at < size; k++, bits >>= 8)
            out[at++] = (char)('a' + bits % 16);
    }
    out[size] = '\0';
}

enum status circles_recognise(
    const struct circles *circles, struct span text, uint32_t *letter)
{
    uint32_t number;
    size_t end;
    if (text.size < 2 || text.data[0] != 'g' ||
        letters_number(text, 1, circles->letter_count, &number, &end) !=
            STATUS_OK ||
        text.size != circles->letters[number].text_bytes)
        return STATUS_NOT_FOUND;
    char *expected = malloc(text.size + 1);
    if (!expected)
        return STATUS_NO_MEMORY;
    circles_text(circles, number, expected);
    bool same = memcmp(expected, text.data, text.size) == 0;
    free(expected);
    if (!same)
        return STATUS_NOT_FOUND;
    *letter = number;
    return STATUS_OK;
}

bool circles_is_whole(
    const struct circles *circles, uint32_t circle, uint32_t place)
{
    return circles->is_whole[(size_t)circle * circles->size + place];
}

bool circles_request(struct circles *circles, uint32_t letter,
    struct circles_words *words, struct control_request *out)
{
    struct circle_letter *fate = &circles->letters[letter];
    fate->waits = !circles_is_whole(circles, fate->circle, fate->writer);
    if (fate->waits)
        return false;
    circles_text(circles, letter, words->text);
    *out = (struct control_request){.method = CONTROL_GROUP_SEND,
        .group = circles_name(fate->circle, words->name),
        .text = span_of_text(words->text),
        .life_h = fate->life_h,
        .urgent = fate->urgent};
    return true;
}

void circles_became_whole(
    struct circles *circles, uint32_t circle, uint32_t place)
{
    bool *is_whole = &circles->is_whole[(size_t)circle * circles->size + place];
    circles->seeing += !*is_whole;
    *is_whole = true;
}

enum status circles_sent(struct circles *circles, uint32_t letter,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us)
{
    void *added;
    enum status status = table_add(&circles->by_id, id, &added);
    if (status)
        return status;
    ((struct by_id *)added)->letter = letter;
    assert(circles->letters[letter].sent_us == LETTERS_NEVER);
    circles->letters[letter].sent_us = now_us;
    circles->sent++;
    return STATUS_OK;
}

void circles_refused(struct circles *circles, uint32_t letter)
{
    circles->letters[letter].refused = true;
    circles->refused++;
}

void circles_shown(
    struct circles *circles, uint32_t letter, uint32_t place, uint64_t now_us)
{
    struct circle_copy *copy = circles_copy(circles, letter, place);
    if (copy->shown_count++ > 0)
        return;
    copy->shown_us = now_us;
    circles->shown++;
}

void circles_receipt(struct circles *circles,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us)
{
    const struct by_id *entry = table_find(&circles->by_id, id);
    if (!entry || circles->letters[entry->letter].receipt_us != LETTERS_NEVER)
        return;
    circles->letters[entry->letter].receipt_us = now_us;
    circles->receipts++;
}
