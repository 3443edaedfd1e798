/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step's hands: what rooms use to answer, to wait and to ask.
 *
 * Running out of memory is remembered here and reported once, at the end of
 * the step, since nothing of a step that ran out is ever performed: rooms need
 * not unwind.  Everything else that can go wrong is a room's own business. */
#include "vault/step.h"

#include <assert.h>
#include <string.h>

enum { SENTENCE_BYTES = 768, TIMER_ROW_BITS = 56, SCRUB_WAIT_MS = 60000 };

void step_check(struct step *step, enum status status)
{
    assert(status == STATUS_OK || status == STATUS_NO_MEMORY);
    if (status)
        step->failed = true;
}

struct vault_effect *step_effect(struct step *step, enum vault_effect_kind kind)
{
    struct vault_effect *effect;
    enum status status = vault_effects_add(step->effects, kind, &effect);
    if (status) {
        step->failed = true;
        step->spill = (struct vault_effect){.kind = kind};
        return &step->spill;
    }
    return effect;
}

void *step_alloc(struct step *step, size_t size)
{
    void *at;
    enum status status = vault_effects_alloc(step->effects, size, &at);
    if (status) {
        step->failed = true;
        return NULL;
    }
    return at;
}

struct span step_copy(struct step *step, struct span bytes)
{
    struct span copy;
    enum status status = vault_effects_copy(step->effects, bytes, &copy);
    if (status) {
        step->failed = true;
        return (struct span){NULL, 0};
    }
    return copy;
}

struct port_message *step_port(struct step *step, enum port_type type)
{
    struct vault_effect *effect = step_effect(step, VAULT_TO_PORT);
    effect->port.type = type;
    return &effect->port;
}

void step_submit(struct step *step, const struct envelope_id *id,
    struct span encoding, bool urgent)
{
    struct envelope *envelope = step_alloc(step, sizeof(*envelope));
    struct span copy = step_copy(step, encoding);
    if (!envelope || !copy.data)
        return;
    enum status status = envelope_decode(copy, envelope);
    assert(status == STATUS_OK);
    (void)status;
    struct port_message *message = step_port(step, PORT_SUBMIT);
    message->envelope.id = *id;
    message->envelope.envelope = envelope;
    message->envelope.urgent = urgent;
}

uint32_t step_fetch(struct step *step, enum record_kind kind,
    const uint64_t *rows, size_t count)
{
    uint32_t ticket = ++*step->tickets;
    struct span copy = step_copy(
        step, (struct span){(const uint8_t *)rows, count * sizeof(*rows)});
    struct vault_effect *effect = step_effect(step, VAULT_FETCH);
    effect->fetch.ticket = ticket;
    effect->fetch.kind = kind;
    effect->fetch.count = copy.data ? count : 0;
    effect->fetch.rows = (const uint64_t *)(const void *)copy.data;
    return ticket;
}

struct control_reply *step_reply(struct step *step, enum control_kind kind)
{
    struct vault_effect *effect = step_effect(step, VAULT_REPLY);
    effect->reply.client = step->asker.client;
    effect->reply.reply.kind = kind;
    effect->reply.reply.id = step->asker.id;
    return &effect->reply.reply;
}

struct control_reply *step_notify(struct step *step, enum control_kind kind)
{
    struct vault_effect *effect = step_effect(step, VAULT_NOTIFY);
    effect->reply.reply.kind = kind;
    return &effect->reply.reply;
}

static uint64_t receipt_mean_ms(const struct step *step, enum pace pace)
{
    switch (pace) {
    case PACE_DEFAULT:
        return step->config->receipt_mean_ms;
    case PACE_PROMPT:
        return RECEIPT_PROMPT_MEAN_MS;
    case PACE_DISCREET:
        return RECEIPT_DISCREET_MEAN_MS;
    }
    return step->config->receipt_mean_ms;
}

uint64_t step_receipt_wait_ms(const struct step *step, enum pace pace)
{
    uint64_t wait_ms =
        random_exponential(step->random, receipt_mean_ms(step, pace));
    return wait_ms < STEP_RECEIPT_MOST_MS ? wait_ms : STEP_RECEIPT_MOST_MS;
}

/* A full queue loses a wake-up, not a letter: the hourly sweep looks at all. */
void step_at(
    struct step *step, enum timer_kind kind, uint64_t row, uint64_t at_ms)
{
    assert(row < UINT64_C(1) << TIMER_ROW_BITS);
    struct heap_item item = {at_ms, (uint64_t)kind << TIMER_ROW_BITS | row};
    enum status status = heap_push(step->timers, item);
    if (status == STATUS_NO_MEMORY)
        step->failed = true;
}

enum timer_kind step_timer_kind(const struct heap_item *item)
{
    return (enum timer_kind)(item->value >> TIMER_ROW_BITS);
}

uint64_t step_timer_row(const struct heap_item *item)
{
    return item->value & ((UINT64_C(1) << TIMER_ROW_BITS) - 1);
}

void step_scrub(struct step *step)
{
    if (*step->scrub_ms)
        return;
    *step->scrub_ms = step->now_ms + SCRUB_WAIT_MS;
    step_at(step, TIMER_SCRUB, 0, *step->scrub_ms);
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

struct span step_sentence(struct step *step, struct say say)
{
    struct sentence sentence = {step_alloc(step, SENTENCE_BYTES), 0};
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

void step_refuse(struct step *step, enum status status, struct say say)
{
    struct span message = step_sentence(step, say);
    struct control_reply *reply = step_reply(step, CONTROL_ERROR);
    reply->error.status = status;
    reply->error.message = message;
}
