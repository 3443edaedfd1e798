/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One case an effect.  The slow derivation of a passphrase is a plain hash
 * here: its cost protects a disk from whoever stole it, and nobody steals
 * these.  All other cryptography is real. */
#include "sim/perform_vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "sim/painter.h"
#include "sim/people.h"

static void derive(struct scene *scene, const struct vault_effect *effect)
{
    uint8_t input[LIMIT_PASSPHRASE_BYTES + KEYSLOT_SALT_BYTES];
    struct span passphrase = effect->derive.passphrase;
    struct vault_event event = {.kind = VAULT_DERIVED,
        .derived = {.ticket = effect->derive.ticket, .status = STATUS_OK}};
    memcpy(input, effect->derive.salt, KEYSLOT_SALT_BYTES);
    if (passphrase.size)
        memcpy(input + KEYSLOT_SALT_BYTES, passphrase.data, passphrase.size);
    hash_labelled(event.derived.key, sizeof(event.derived.key),
        "sotto1 simderive",
        (struct span){input, KEYSLOT_SALT_BYTES + passphrase.size});
    scene_vault(scene, &event);
}

static void load(struct scene *scene, const struct disk *disk)
{
    struct vault_record *list = NULL;
    size_t count = 0;
    world_need(disk_list(disk, &list, &count));
    if (count == 0)
        list[0] = (struct vault_record){0};
    for (size_t i = 0; i < count || i == 0; i++) {
        struct vault_event event = {.kind = VAULT_LOADED,
            .loaded = {.record = list[i], .done = i + 1 >= count}};
        scene_vault(scene, &event);
    }
    free(list);
}

static void fetch(struct scene *scene, const struct disk *disk,
    const struct vault_effect *effect)
{
    size_t asked = effect->fetch.count, found = 0;
    struct vault_record *list = calloc(asked + 1, sizeof(*list));
    world_need(list ? STATUS_OK : STATUS_NO_MEMORY);
    for (size_t i = 0; i < asked; i++)
        found += disk_find(disk, effect->fetch.kind, effect->fetch.rows[i],
                     &list[found]) == STATUS_OK;
    struct vault_event event = {.kind = VAULT_FETCHED,
        .fetched = {
            .ticket = effect->fetch.ticket, .count = found, .records = list}};
    scene_vault(scene, &event);
    free(list);
}

/* An envelope leaves the vault that made it. */
static void begin_journey(struct scene *scene, uint32_t number)
{
    struct world *world = scene->world;
    struct slab_item *item = slab_item(&world->slab, number);
    item->origin = scene->node;
    world_need(slab_set_hops(
        &world->slab, number, world_place(world, scene->node), 1));
    living_add(&world->living,
        item->envelope.expires_h + LIMIT_CLOCK_SKEW_H + 1 -
            WORLD_START_S / HOUR_S,
        envelope_class_bytes(item->envelope.class_));
    /* What goes by many envelopes is under way as long as these are made. */
    if (world->circles.count + world->shipments.count > 0)
        world_stir(world);
}

static void let_go(struct scene *scene, const struct envelope_id *id)
{
    uint32_t number = slab_find(&scene->world->slab, id);
    if (number != SLAB_NONE)
        slab_item(&scene->world->slab, number)->confirmed_by = scene->node;
}

static void submit(struct scene *scene, const struct port_message *message)
{
    struct slab *slab = &scene->world->slab;
    uint32_t number = SLAB_NONE;
    world_tell(scene->world);
    world_need(slab_intern(slab, &message->envelope.id,
        message->envelope.envelope->encoding, &number));
    scene_hold(scene, number);
    struct slab_item *item = slab_item(slab, number);
    if (item->origin == SLAB_NONE)
        begin_journey(scene, number);
    if (item->origin == scene->node)
        item->submitted = scene->world->nodes[scene->node].boots;
    if (scene->submitted == SLAB_NONE)
        scene->submitted = number;
    struct relay_event event = {.kind = RELAY_SUBMIT,
        .submit = {.id = item->id,
            .envelope = &item->envelope,
            .urgent = message->envelope.urgent}};
    scene_relay(scene, &event, false);
}

void perform_port(struct scene *scene, const struct port_message *message)
{
    struct relay_event event = {.kind = RELAY_LISTEN};
    switch (message->type) {
    case PORT_SUBMIT:
        submit(scene, message);
        return;
    case PORT_RELEASE:
        if (scene->world->scenario.receipts == SWITCH_OFF)
            return;
        event.kind = RELAY_RELEASE;
        event.release.id = message->receipt.id;
        event.release.opening = message->receipt.opening;
        let_go(scene, &message->receipt.id);
        world_tell(scene->world);
        break;
    case PORT_LOOKUP:
        event.kind = RELAY_LOOKUP;
        event.lookup.count = message->lookup.count;
        event.lookup.tags = message->lookup.tags;
        break;
    case PORT_LISTEN:
        event.listen = message->listen;
        break;
    case PORT_BEACON: /* there is no local network here */
        return;
    case PORT_ENVELOPE:
    case PORT_HANDED:
    case PORT_CLEARED:
    case PORT_REFUSED:
    case PORT_WAITS:
        oracle_report(&scene->world->oracle, INVARIANT_LOCAL, scene->node,
            scene->world->now_us, "a vault spoke as a relay");
        return;
    }
    scene_relay(scene, &event, false);
}

/* The answer to what this program itself asked of a vault: a card, or done. */
static void setup_replied(
    struct scene *scene, struct end *end, const struct control_reply *reply)
{
    if (reply->kind == CONTROL_CARD)
        memcpy(end->card, reply->card.card, sizeof(end->card));
    if (reply->kind != CONTROL_ERROR)
        return;
    char text[sizeof(scene->world->oracle.first.text)];
    snprintf(text, sizeof(text), "a vault refused its set-up: %.*s",
        (int)reply->error.message.size, (char *)reply->error.message.data);
    oracle_report(&scene->world->oracle, INVARIANT_LOCAL, scene->node,
        scene->world->now_us, text);
}

static void replied(
    struct scene *scene, struct end *end, const struct vault_effect *effect)
{
    struct world *world = scene->world;
    const struct control_reply *reply = &effect->reply.reply;
    if (effect->reply.client == CLIENT_SETUP) {
        setup_replied(scene, end, reply);
        return;
    }
    if (people_replied(scene, effect->reply.client, reply))
        return;
    uint32_t letter = (uint32_t)(effect->reply.client - CLIENT_FIRST_LETTER);
    if (reply->kind == CONTROL_SENT) {
        world_need(letters_sent(
            &world->letters, letter, reply->sent.id, world->now_us));
        world->letters.list[letter].envelope = scene->submitted;
        painter_written(world, letter);
        return;
    }
    letters_refused(&world->letters, letter);
    scene_refused(scene, reply);
}

static void shown(struct scene *scene, const struct control_letter *shown)
{
    struct world *world = scene->world;
    uint32_t letter;
    if (shown->group.size || shown->file.size) {
        people_shown(scene, shown);
        return;
    }
    oracle_shown(&world->oracle, &world->letters, shown->text, scene->node,
        world->now_us);
    if (letters_recognise(&world->letters, shown->text, &letter) == STATUS_OK)
        letters_shown(&world->letters, letter, world->now_us);
}

static void delivered(
    struct world *world, const struct control_outbox_item *item)
{
    letters_receipt(&world->letters, item->id, world->now_us);
    circles_receipt(&world->circles, item->id, world->now_us);
    shipments_receipt(&world->shipments, item->id, world->now_us);
}

static void notified(struct scene *scene, const struct control_reply *note)
{
    if (note->kind == CONTROL_NOTE_LETTER)
        shown(scene, &note->letter);
    else if (note->kind != CONTROL_NOTE_OUTBOX)
        people_noted(scene, note);
    else if (note->outbox_item.state == OUTBOX_DELIVERED)
        delivered(scene->world, &note->outbox_item);
}

static void write_slots(struct end *end, struct span slots)
{
    end->disk.slots_size = slots.size < sizeof(end->disk.slots)
                               ? slots.size
                               : sizeof(end->disk.slots);
    memcpy(end->disk.slots, slots.data, end->disk.slots_size);
}

static void perform(
    struct scene *scene, struct end *end, const struct vault_effect *effect)
{
    switch (effect->kind) {
    case VAULT_PUT:
        world_need(disk_put(&end->disk, &effect->record));
        return;
    case VAULT_DELETE:
        disk_delete(&end->disk, effect->record.kind, effect->record.row);
        return;
    case VAULT_SCRUB:
    case VAULT_SUBSCRIBE:
        return;
    case VAULT_WRITE_SLOTS:
        write_slots(end, effect->slots);
        return;
    case VAULT_ERASE: /* the making of a vault begins so */
        if (end->disk.slots_size == 0)
            return;
        oracle_report(&scene->world->oracle, INVARIANT_LOCAL, scene->node,
            scene->world->now_us, "a vault was destroyed");
        return;
    case VAULT_LOAD:
        load(scene, &end->disk);
        return;
    case VAULT_FETCH:
        fetch(scene, &end->disk, effect);
        return;
    case VAULT_DERIVE:
        derive(scene, effect);
        return;
    case VAULT_TO_PORT:
        perform_port(scene, &effect->port);
        return;
    case VAULT_REPLY:
        replied(scene, end, effect);
        return;
    case VAULT_NOTIFY:
        notified(scene, &effect->reply.reply);
        return;
    }
}

void perform_vault(struct scene *scene, const struct vault_effects *effects)
{
    struct end *end = scene->world->nodes[scene->node].end;
    scene->submitted = SLAB_NONE;
    for (size_t i = 0; i < effects->count; i++)
        perform(scene, end, &effects->list[i]);
}
