/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step's hands: what rooms use to answer, to wait and to ask.
 *
 * Running out of memory is remembered here and reported once, at the end of
 * the step, since nothing of a step that ran out is ever performed: rooms need
 * not unwind.  Everything else that can go wrong is a room's own business. */
#include "vault/turn.h"

#include <assert.h>
#include <string.h>

enum { SENTENCE_BYTES = 512, TIMER_ROW_BITS = 56, SCRUB_WAIT_MS = 60000 };

void turn_check(struct turn *turn, enum status status)
{
    assert(status == STATUS_OK || status == STATUS_NO_MEMORY);
    if (status)
        turn->failed = true;
}

struct vault_effect *turn_effect(struct turn *turn, enum vault_effect_kind kind)
{
    struct vault_effect *effect;
    enum status status = vault_effects_add(turn->effects, kind, &effect);
    if (status) {
        turn->failed = true;
        turn->spill = (struct vault_effect){.kind = kind};
        return &turn->spill;
    }
    return effect;
}

void *turn_alloc(struct turn *turn, size_t size)
{
    void *at;
    enum status status = vault_effects_alloc(turn->effects, size, &at);
    if (status) {
        turn->failed = true;
        return NULL;
    }
    return at;
}

struct span turn_copy(struct turn *turn, struct span bytes)
{
    struct span copy;
    enum status status = vault_effects_copy(turn->effects, bytes, &copy);
    if (status) {
        turn->failed = true;
        return (struct span){NULL, 0};
    }
    return copy;
}

struct port_message *turn_port(struct turn *turn, enum port_type type)
{
    struct vault_effect *effect = turn_effect(turn, VAULT_TO_PORT);
    effect->port.type = type;
    return &effect->port;
}

void turn_submit(struct turn *turn, const struct envelope_id *id,
    struct span encoding, bool urgent)
{
    struct envelope *envelope = turn_alloc(turn, sizeof(*envelope));
    struct span copy = turn_copy(turn, encoding);
    if (!envelope || !copy.data)
        return;
    enum status status = envelope_decode(copy, envelope);
    assert(status == STATUS_OK);
    (void)status;
    struct port_message *message = turn_port(turn, PORT_SUBMIT);
    message->envelope.id = *id;
    message->envelope.envelope = envelope;
    message->envelope.urgent = urgent;
}

uint32_t turn_fetch(struct turn *turn, enum record_kind kind,
    const uint64_t *rows, size_t count)
{
    uint32_t ticket = ++*turn->tickets;
    struct span copy = turn_copy(
        turn, (struct span){(const uint8_t *)rows, count * sizeof(*rows)});
    struct vault_effect *effect = turn_effect(turn, VAULT_FETCH);
    effect->fetch.ticket = ticket;
    effect->fetch.kind = kind;
    effect->fetch.count = copy.data ? count : 0;
    effect->fetch.rows = (const uint64_t *)(const void *)copy.data;
    return ticket;
}

struct control_reply *turn_reply(struct turn *turn, enum control_kind kind)
{
    struct vault_effect *effect = turn_effect(turn, VAULT_REPLY);
    effect->reply.client = turn->asker.client;
    effect->reply.reply.kind = kind;
    effect->reply.reply.id = turn->asker.id;
    return &effect->reply.reply;
}

struct control_reply *turn_notify(struct turn *turn, enum control_kind kind)
{
    struct vault_effect *effect = turn_effect(turn, VAULT_NOTIFY);
    effect->reply.reply.kind = kind;
    return &effect->reply.reply;
}

/* A full queue loses a wake-up, not a letter: the hourly sweep looks at all. */
void turn_at(
    struct turn *turn, enum timer_kind kind, uint64_t row, uint64_t at_ms)
{
    assert(row < UINT64_C(1) << TIMER_ROW_BITS);
    struct heap_item item = {at_ms, (uint64_t)kind << TIMER_ROW_BITS | row};
    enum status status = heap_push(turn->timers, item);
    if (status == STATUS_NO_MEMORY)
        turn->failed = true;
}

enum timer_kind turn_timer_kind(const struct heap_item *item)
{
    return (enum timer_kind)(item->value >> TIMER_ROW_BITS);
}

uint64_t turn_timer_row(const struct heap_item *item)
{
    return item->value & ((UINT64_C(1) << TIMER_ROW_BITS) - 1);
}

void turn_scrub(struct turn *turn)
{
    if (*turn->scrub_ms)
        return;
    *turn->scrub_ms = turn->now_ms + SCRUB_WAIT_MS;
    turn_at(turn, TIMER_SCRUB, 0, *turn->scrub_ms);
}

struct sentence {
    char *at;
    size_t size;
};

static void sentence_add(struct sentence *sentence, struct span bytes)
{
    if (bytes.size > SENTENCE_BYTES - sentence->size)
        return;
    if (bytes.size)
        memcpy(sentence->at + sentence->size, bytes.data, bytes.size);
    sentence->size += bytes.size;
}

static void sentence_add_number(struct sentence *sentence, uint64_t number)
{
    uint8_t digits[32];
    size_t at = sizeof(digits);
    unsigned count = 0;
    do {
        if (count && count % 3 == 0)
            digits[--at] = ',';
        digits[--at] = (uint8_t)('0' + number % 10);
        number /= 10;
        count++;
    } while (number);
    sentence_add(sentence, (struct span){digits + at, sizeof(digits) - at});
}

struct span turn_sentence(struct turn *turn, struct say say)
{
    struct sentence sentence = {turn_alloc(turn, SENTENCE_BYTES), 0};
    if (!sentence.at)
        return (struct span){NULL, 0};
    size_t number = 0;
    size_t name = 0;
    for (const char *at = say.form; *at; at++) {
        if (*at == '#')
            sentence_add_number(&sentence, say.numbers[number++]);
        else if (*at == '@')
            sentence_add(&sentence, say.names[name++]);
        else
            sentence_add(&sentence, (struct span){(const uint8_t *)at, 1});
    }
    return (struct span){(const uint8_t *)sentence.at, sentence.size};
}

void turn_refuse(struct turn *turn, enum status status, struct say say)
{
    struct span message = turn_sentence(turn, say);
    struct control_reply *reply = turn_reply(turn, CONTROL_ERROR);
    reply->error.status = status;
    reply->error.message = message;
}
