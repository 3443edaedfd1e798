/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters are drawn before the run, each by its own number, so a longer list
 * has a shorter one as its beginning.  A text says which letter it is, so what
 * a vault shows can be checked to the byte. */
#include "sim/letters.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "sim/noise.h"
#include "sim/slab.h"
#include "sim/units.h"

struct by_id {
    char id[CONTROL_MESSAGE_ID_CHARS];
    uint32_t index;
};

static void draw_pair(uint64_t seed, uint64_t pair, uint32_t nodes,
    uint32_t *one, uint32_t *other)
{
    uint64_t bits = noise(seed, (uint32_t)pair, NOISE_WORKLOAD, 1);
    *one = (uint32_t)noise_below(bits, nodes);
    bits = noise(seed, (uint32_t)pair, NOISE_WORKLOAD, 2);
    *other = (uint32_t)noise_below(bits, nodes - 1);
    *other += *other >= *one;
}

uint32_t letters_life_h(const struct scenario *s, uint64_t bits)
{
    uint64_t least_h = s->lifetime_us / HOUR_US;
    uint64_t most_h = s->lifetime_most_us / HOUR_US;
    if (most_h > least_h)
        least_h += noise_below(bits, most_h - least_h + 1);
    return (uint32_t)least_h;
}

void letters_draw_manner(
    const struct scenario *scenario, uint32_t index, struct letter_fate *fate)
{
    uint64_t life = noise(scenario->seed, index, NOISE_WORKLOAD, 5);
    uint64_t haste = noise(scenario->seed, index, NOISE_WORKLOAD, 6);
    fate->life_h = letters_life_h(scenario, life);
    fate->urgent = noise_hits(haste, scenario->urgent_ppm);
}

void letters_draw_ends(const struct scenario *s, uint32_t nodes, uint32_t index,
    uint32_t *from, uint32_t *to)
{
    uint32_t one, other;
    draw_pair(s->seed, index % s->pairs, nodes, &one, &other);
    bool back = index / s->pairs % 2 == 1;
    *from = back ? other : one;
    *to = back ? one : other;
}

static void draw_letter(const struct scenario *s, uint32_t nodes,
    uint32_t index, struct letter_fate *out)
{
    uint64_t span = s->text_most ? s->text_most - s->text_least + 1 : 1;
    uint64_t size = noise(s->seed, index, NOISE_WORKLOAD, 3);
    uint64_t time = noise(s->seed, index, NOISE_WORKLOAD, 4);
    *out = (struct letter_fate){
        .text_bytes = (uint32_t)(s->text_least + noise_below(size, span)),
        .write_at_us = s->first_us + noise_below(time, s->over_us + 1),
    };
    letters_draw_ends(s, nodes, index, &out->from, &out->to);
    letters_draw_manner(s, index, out);
}

void letters_own(struct letters *letters, const struct scenario *scenario,
    struct letter_fate *list, uint32_t count)
{
    *letters =
        (struct letters){.list = list, .count = count, .seed = scenario->seed};
    table_init(&letters->by_id, CONTROL_MESSAGE_ID_CHARS, sizeof(struct by_id),
        count, 0);
    for (uint32_t i = 0; i < count; i++)
        list[i].envelope = SLAB_NONE;
}

enum status letters_init(struct letters *letters,
    const struct scenario *scenario, const uint32_t *homes, uint32_t count)
{
    uint32_t planned = (uint32_t)scenario->letters;
    struct letter_fate *list = calloc(planned + 1, sizeof(*list));
    if (!list)
        return STATUS_NO_MEMORY;
    for (uint32_t i = 0; i < planned; i++) {
        draw_letter(scenario, count, i, &list[i]);
        list[i].from = homes[list[i].from];
        list[i].to = homes[list[i].to];
    }
    letters_own(letters, scenario, list, planned);
    return STATUS_OK;
}

void letters_clear(struct letters *letters)
{
    free(letters->list);
    table_clear(&letters->by_id);
    *letters = (struct letters){0};
}

/* Eight characters of a letter, from a to p, the first the least significant.
 */
static uint64_t chars_of(
    const struct letters *letters, uint32_t index, uint64_t place)
{
    uint64_t bits = noise(letters->seed, index, NOISE_WORKLOAD, 16 + place);
    return (bits & UINT64_C(0x0f0f0f0f0f0f0f0f)) + UINT64_C(0x6161616161616161);
}

void letters_text(const struct letters *letters, uint32_t index, char *out)
{
    size_t size = letters->list[index].text_bytes;
    size_t at = (size_t)snprintf(out, size + 1, "%" PRIu32 ".", index);
    uint64_t place = 0;
    for (; at + 8 <= size; at += 8)
        number_put_word_reversed(
            (uint8_t *)out + at, chars_of(letters, index, place++));
    uint64_t chars = chars_of(letters, index, place);
    for (; at < size; chars >>= 8)
        out[at++] = (char)chars;
    out[size] = '\0';
}

enum status letters_number(struct span text, size_t from, uint32_t below,
    uint32_t *number, size_t *end)
{
    uint64_t read = 0;
    size_t i = from;
    for (; i < text.size && text.data[i] >= '0' && text.data[i] <= '9'; i++)
        if ((read = read * 10 + text.data[i] - '0') >= below)
            return STATUS_NOT_FOUND;
    if (i == from)
        return STATUS_NOT_FOUND;
    *number = (uint32_t)read;
    *end = i;
    return STATUS_OK;
}

enum status letters_recognise(
    const struct letters *letters, struct span text, uint32_t *index)
{
    uint32_t number;
    size_t end;
    if (letters_number(text, 0, letters->count, &number, &end) != STATUS_OK ||
        text.size != letters->list[number].text_bytes)
        return STATUS_NOT_FOUND;
    char *expected = malloc(text.size + 1);
    if (!expected)
        return STATUS_NO_MEMORY;
    letters_text(letters, number, expected);
    bool same = memcmp(expected, text.data, text.size) == 0;
    free(expected);
    if (!same)
        return STATUS_NOT_FOUND;
    *index = number;
    return STATUS_OK;
}

enum status letters_sent(struct letters *letters, uint32_t index,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us)
{
    void *added;
    enum status status = table_add(&letters->by_id, id, &added);
    if (status)
        return status;
    ((struct by_id *)added)->index = index;
    assert(letters->list[index].sent_us == LETTERS_NEVER);
    letters->list[index].sent_us = now_us;
    letters->sent++;
    return STATUS_OK;
}

void letters_refused(struct letters *letters, uint32_t index)
{
    letters->list[index].refused = true;
    letters->refused++;
}

void letters_shown(struct letters *letters, uint32_t index, uint64_t now_us)
{
    struct letter_fate *fate = &letters->list[index];
    if (fate->shown_count++ > 0)
        return;
    fate->shown_us = now_us;
    letters->shown++;
}

bool letters_is_late(const struct letter_fate *fate)
{
    return fate->shown_us != LETTERS_NEVER &&
           fate->shown_us > fate->sent_us + fate->life_h * HOUR_US;
}

void letters_receipt(struct letters *letters,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us)
{
    const struct by_id *entry = table_find(&letters->by_id, id);
    if (!entry || letters->list[entry->index].receipt_us != LETTERS_NEVER)
        return;
    letters->list[entry->index].receipt_us = now_us;
    letters->receipts++;
}
