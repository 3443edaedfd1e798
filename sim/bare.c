/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All of an envelope is a function of the seed, the letter's number and the
 * hour in which it ends, so one that a relay has lost is made again and is the
 * same.  The letter's number stands in the tag, so that whose it is costs no
 * table; the rest of the tag is drawn, and so is what would be sealed, but for
 * the text, which what came is held to.
 *
 * There is no first contact, no answer to it and no session: nothing is in the
 * mesh but the letters and their receipts.  What a vault would send for these
 * can be many times the letters, so this is for whoever asks about routes, and
 * every report says that it was so. */
#include "sim/bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"
#include "proto/letter.h"
#include "sim/noise.h"
#include "sim/painter.h"
#include "sim/perform_vault.h"
#include "vault/step.h"

enum { NUMBER_BYTES = 4, LENGTH_BYTES = 2, AWAY_US = 10000000 };

/* What is drawn of a letter, each by numbers of its own. */
enum draw {
    DRAW_TAG,
    DRAW_OPENING,
    DRAW_SALT,
    DRAW_HEADER,
    DRAW_ID,
    DRAW_WAIT
};

static void draw(const struct world *world, uint32_t letter, enum draw what,
    uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint64_t bits = noise(world->scenario.seed, letter, NOISE_BARE,
            (uint64_t)what << 32 | i / 8);
        out[i] = (uint8_t)(bits >> i % 8 * 8);
    }
}

static struct tag tag_of(const struct world *world, uint32_t letter)
{
    struct tag tag = {0};
    draw(world, letter, DRAW_TAG, tag.bytes, sizeof(tag.bytes));
    number_put(tag.bytes, NUMBER_BYTES, letter);
    return tag;
}

static struct opening opening_of(const struct world *world, uint32_t letter)
{
    struct opening opening = {0};
    draw(world, letter, DRAW_OPENING, opening.bytes, sizeof(opening.bytes));
    return opening;
}

/* The letter that an envelope with that tag carries, unless it is a forger's or
 * a flooder's. */
static struct letter_fate *fate_of(
    struct world *world, const struct tag *tag, uint32_t *letter)
{
    *letter = (uint32_t)number_get(tag->bytes, NUMBER_BYTES);
    if (*letter >= world->letters.count)
        return NULL;
    struct tag own = tag_of(world, *letter);
    return memcmp(own.bytes, tag->bytes, sizeof(own.bytes)) == 0
               ? &world->letters.list[*letter]
               : NULL;
}

/* By which its fate is asked for. */
static void name_letter(uint32_t letter, char out[CONTROL_MESSAGE_ID_CHARS + 1])
{
    snprintf(out, CONTROL_MESSAGE_ID_CHARS + 1, "%0*x",
        (int)CONTROL_MESSAGE_ID_CHARS, letter);
}

/* Where an envelope is made: not on the stack, where all of it would be zeroed
 * for each letter. */
struct room {
    uint8_t encoding[LIMIT_ENVELOPE_BYTES];
    uint8_t body[LIMIT_ENVELOPE_BYTES];
    char text[LIMIT_TEXT_BYTES + 1];
};

/* Where the letter lies within its envelope, as it would in a sealed one. */
static size_t write_plain(
    const struct world *world, uint32_t index, struct room *room)
{
    uint8_t *out = room->body;
    const struct letter_fate *fate = &world->letters.list[index];
    struct letter letter = {.type = LETTER_TEXT,
        .sent_at_s = WORLD_START_S + fate->sent_us / 1000000,
        .expires_h = fate->expires_h};
    letters_text(&world->letters, index, room->text);
    letter.text = span_of_text(room->text);
    draw(world, index, DRAW_ID, letter.id.bytes, sizeof(letter.id.bytes));
    size_t size = 0;
    world_need(letter_encode(
        &letter, out + LENGTH_BYTES, sizeof(room->body) - LENGTH_BYTES, &size));
    number_put(out, LENGTH_BYTES, size);
    return size;
}

/* Make a letter's envelope; returns its encoding. */
static struct span make(
    const struct world *world, uint32_t letter, struct room *room)
{
    struct envelope envelope = {
        .expires_h = world->letters.list[letter].expires_h,
        .tag = tag_of(world, letter)};
    struct opening opening = opening_of(world, letter);
    size_t size = write_plain(world, letter, room);
    world_need(envelope_class_for(size, &envelope.class_));
    size_t body_bytes = envelope_body_bytes(envelope.class_);
    memset(
        room->body + LENGTH_BYTES + size, 0, body_bytes - LENGTH_BYTES - size);
    receipt_hash_of(&opening, &envelope.receipt_hash);
    draw(world, letter, DRAW_SALT, envelope.salt, sizeof(envelope.salt));
    draw(world, letter, DRAW_HEADER, envelope.header, sizeof(envelope.header));
    envelope.body = (struct span){room->body, body_bytes};
    envelope_encode(&envelope, room->encoding);
    return (struct span){room->encoding, envelope_class_bytes(envelope.class_)};
}

static void submit(struct scene *scene, uint32_t letter)
{
    struct envelope envelope;
    struct port_message message = {
        .type = PORT_SUBMIT, .envelope = {.envelope = &envelope}};
    struct room *room = malloc(sizeof(*room));
    world_need(room ? STATUS_OK : STATUS_NO_MEMORY);
    struct span span = make(scene->world, letter, room);
    world_need(envelope_decode(span, &envelope));
    envelope_identify(span, &message.envelope.id);
    message.envelope.urgent = scene->world->letters.list[letter].urgent;
    perform_port(scene, &message);
    free(room);
}

void bare_write(struct scene *scene, uint32_t letter)
{
    struct world *world = scene->world;
    struct letter_fate *fate = &world->letters.list[letter];
    char name[CONTROL_MESSAGE_ID_CHARS + 1];
    name_letter(letter, name);
    world_need(letters_sent(&world->letters, letter, name, world->now_us));
    fate->expires_h =
        (uint32_t)(world_node_clock_s(world, scene->node) / HOUR_S) +
        fate->life_h;
    scene->submitted = SLAB_NONE;
    submit(scene, letter);
    fate->envelope = scene->submitted;
    painter_written(world, letter);
}

void bare_wake(struct scene *scene)
{
    struct world *world = scene->world;
    const struct port_message listen = {.type = PORT_LISTEN, .listen = true};
    uint64_t now_h = world_node_clock_s(world, scene->node) / HOUR_S;
    perform_port(scene, &listen);
    for (uint32_t i = 0; i < world->letters.count; i++) {
        const struct letter_fate *fate = &world->letters.list[i];
        if (fate->from == scene->node && fate->sent_us != LETTERS_NEVER &&
            fate->receipt_us == LETTERS_NEVER && fate->expires_h >= now_h)
            submit(scene, i);
    }
}

/* Exponential, as a vault waits, and no longer than one would. */
static uint64_t wait_us(const struct world *world, uint32_t letter)
{
    struct random_seeded random;
    random_seeded_init(&random,
        noise(world->scenario.seed, letter, NOISE_BARE,
            (uint64_t)DRAW_WAIT << 32),
        0);
    uint64_t us =
        random_exponential(&random.base, world->scenario.receipt_mean_us);
    uint64_t most_us = STEP_RECEIPT_MOST_MS * UINT64_C(1000);
    return us < most_us ? us : most_us;
}

static void plan_confirming(
    struct scene *scene, uint32_t letter, uint64_t in_us)
{
    world_schedule(scene->world, scene->world->now_us + in_us, scene->node,
        scene->node, EVENT_CONFIRM, 0, letter);
}

/* What a relay has lost comes once more: it is confirmed again, and not shown.
 */
static void came(struct scene *scene, const struct envelope *envelope)
{
    struct world *world = scene->world;
    uint32_t letter;
    struct letter_fate *fate = fate_of(world, &envelope->tag, &letter);
    if (!fate || fate->to != scene->node)
        return;
    if (fate->shown_count == 0) {
        const uint8_t *body = envelope->body.data;
        struct letter read = {.type = LETTER_TEXT};
        struct span plain = {
            body + LENGTH_BYTES, (size_t)number_get(body, LENGTH_BYTES)};
        bool is_whole = plain.size + LENGTH_BYTES <= envelope->body.size &&
                        letter_decode(plain, &read) == STATUS_OK;
        oracle_shown(&world->oracle, &world->letters,
            is_whole ? read.text : (struct span){NULL, 0}, scene->node,
            world->now_us);
        letters_shown(&world->letters, letter, world->now_us);
    }
    plan_confirming(scene, letter, wait_us(world, letter));
}

static void cleared(struct scene *scene, const struct envelope_id *id)
{
    struct world *world = scene->world;
    uint32_t letter, number = slab_find(&world->slab, id);
    char name[CONTROL_MESSAGE_ID_CHARS + 1];
    if (number == SLAB_NONE)
        return;
    const struct letter_fate *fate =
        fate_of(world, &slab_item(&world->slab, number)->envelope.tag, &letter);
    if (!fate || fate->from != scene->node)
        return;
    name_letter(letter, name);
    letters_receipt(&world->letters, name, world->now_us);
}

void bare_port(struct scene *scene, const struct port_message *message)
{
    switch (message->type) {
    case PORT_ENVELOPE:
        came(scene, message->envelope.envelope);
        return;
    case PORT_CLEARED:
        cleared(scene, &message->receipt.id);
        return;
    case PORT_HANDED:
    case PORT_REFUSED:
    case PORT_WAITS:
        return; /* the relay does what can be done */
    case PORT_SUBMIT:
    case PORT_RELEASE:
    case PORT_LOOKUP:
    case PORT_LISTEN:
    case PORT_BEACON:
        oracle_report(&scene->world->oracle, INVARIANT_LOCAL, scene->node,
            scene->world->now_us, "a relay spoke as a vault");
        return;
    }
}

void bare_confirm(struct scene *scene, uint32_t letter)
{
    struct world *world = scene->world;
    const struct node *node = &world->nodes[scene->node];
    if (!node->relay) {
        if (!node->is_dead)
            plan_confirming(scene, letter, AWAY_US);
        return;
    }
    struct tag tag = tag_of(world, letter);
    uint32_t number = slab_find_tag(&world->slab, &tag);
    if (number == SLAB_NONE)
        return;
    const struct port_message message = {.type = PORT_RELEASE,
        .receipt = {
            slab_item(&world->slab, number)->id, opening_of(world, letter)}};
    perform_port(scene, &message);
}
