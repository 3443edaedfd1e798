/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_PAIR_H
#define TESTS_VAULT_PAIR_H

/* A few vaults with disks that keep what was committed, and between them a
 * mesh that loses, doubles, delays and reorders, on one virtual clock.  A
 * vault can be made to crash in any step, before its commit or after it; it
 * comes back from its disk. */
#include <stdbool.h>
#include <string.h>

#include "base/random.h"
#include "crypto/hash.h"
#include "proto/envelope.h"
#include "tests/tap.h"
#include "tests/vault/answer.h"
#include "tests/vault/disk.h"
#include "vault/vault.h"

enum {
    PEOPLE_MAXIMUM = LIMIT_GROUP_MEMBERS,
    LATE_MS = 20000, /* the longest delay of the mesh */
};

/* People and their world. */

enum crash { CRASH_NONE, CRASH_BEFORE_COMMIT, CRASH_AFTER_COMMIT };

struct errand_of {
    enum vault_effect_kind kind; /* LOAD, FETCH, DERIVE or ERASE */
    uint32_t ticket;
    enum record_kind record;
    size_t count;
    uint64_t rows[LIMIT_CONTROL_ROWS];
    uint8_t key[KEYSLOT_KEY_BYTES];
    size_t fresh_size;
    uint8_t fresh[LIMIT_PASSPHRASE_BYTES];
    uint8_t fresh_key[KEYSLOT_KEY_BYTES];
};

/* What a vault has handed out to find contacts by, for one epoch. */
enum { BEACONS_MAXIMUM = 2 * BEACON_ENTRIES };
struct beacons {
    uint32_t epoch;
    size_t count;
    struct beacon_key keys[BEACONS_MAXIMUM];
};

struct person {
    struct world *world;
    struct vault *vault;
    struct random_seeded random;
    struct disk disk;
    struct answer answer;
    bool listening;
    uint64_t steps;
    uint64_t crash_step; /* 0: none */
    enum crash crash;
    bool crashed;
    size_t errand_count;
    struct errand_of errands[8];
    /* notifications */
    size_t note_letters;
    size_t note_outbox;
    size_t note_sessions;
    size_t note_vault;
    size_t note_accords;
    char last_change[20]; /* in an accord */
    bool last_by_them;
    char last_text[128];
    char last_evidence[20]; /* of that letter */
    size_t note_group;
    size_t note_files;
    char last_file_state[16];
    char last_event[16]; /* in a group */
    enum outbox_state last_outbox;
    size_t stores; /* records written or deleted */
    size_t submits;
    size_t releases;
    size_t beacons; /* messages */
    struct beacons said;
    struct beacons heard[3]; /* by their epochs */
};

struct carried {
    struct envelope envelope;
    struct envelope_id id;
    uint8_t *bytes;
    bool cleared;
    struct opening opening; /* the proof, when it is cleared */
};

struct flight {
    uint64_t at_ms;
    uint64_t order;
    size_t to;
    enum port_type type;
    size_t carried;
};

struct world {
    struct vault_config config;
    struct random_seeded random;
    uint64_t now_ms;
    uint64_t clock_s;
    size_t count;
    struct person people[PEOPLE_MAXIMUM];
    unsigned loss_percent;   /* of what the mesh hands to a vault */
    unsigned double_percent; /* handed twice */
    bool down;               /* the mesh: nothing is taken or handed */
    bool deaf;               /* the vaults' words to it are lost */
    bool forgets;            /* what opens is lost, and clears nothing */
    struct carried *carried;
    size_t carried_count;
    size_t carried_capacity;
    struct flight *flights;
    size_t flight_count;
    size_t flight_capacity;
    uint64_t order;
};

static void person_step(struct person *person, struct vault_event *event);

/* The mesh. */

static bool chance(struct world *world, unsigned percent)
{
    return percent && random_below(&world->random.base, 100) < percent;
}

static void fly_once(
    struct world *world, size_t to, enum port_type type, size_t carried)
{
    if (world->flight_count == world->flight_capacity) {
        world->flight_capacity =
            world->flight_capacity ? world->flight_capacity * 2 : 64;
        world->flights = realloc(
            world->flights, world->flight_capacity * sizeof(*world->flights));
        need(world->flights);
    }
    uint64_t delay = world->loss_percent || world->double_percent
                         ? random_below(&world->random.base, LATE_MS)
                         : 1;
    world->flights[world->flight_count++] = (struct flight){
        world->now_ms + delay, world->order++, to, type, carried};
}

static void fly(
    struct world *world, size_t to, enum port_type type, size_t carried)
{
    if (chance(world, world->loss_percent))
        return;
    fly_once(world, to, type, carried);
    if (chance(world, world->double_percent))
        fly_once(world, to, type, carried);
}

static struct carried *carried_find(
    struct world *world, const struct envelope_id *id)
{
    for (size_t i = 0; i < world->carried_count; i++)
        if (envelope_id_equal(&world->carried[i].id, id))
            return &world->carried[i];
    return NULL;
}

static void mesh_submit(
    struct world *world, size_t from, const struct port_message *message)
{
    world->people[from].submits++;
    struct carried *known = carried_find(world, &message->envelope.id);
    if (known) { /* say again what is known of it */
        fly(world, from, known->cleared ? PORT_CLEARED : PORT_HANDED,
            (size_t)(known - world->carried));
        return;
    }
    if (world->carried_count == world->carried_capacity) {
        world->carried_capacity =
            world->carried_capacity ? world->carried_capacity * 2 : 64;
        world->carried = realloc(
            world->carried, world->carried_capacity * sizeof(*world->carried));
        need(world->carried);
    }
    struct span encoding = message->envelope.envelope->encoding;
    size_t index = world->carried_count++;
    struct carried *carried = &world->carried[index];
    carried->bytes = malloc(encoding.size);
    need(carried->bytes);
    memcpy(carried->bytes, encoding.data, encoding.size);
    carried->cleared = false;
    need(envelope_decode((struct span){carried->bytes, encoding.size},
             &carried->envelope) == STATUS_OK);
    envelope_identify(carried->envelope.encoding, &carried->id);
    need(envelope_id_equal(&carried->id, &message->envelope.id));
    fly(world, from, PORT_HANDED, index);
    for (size_t to = 0; to < world->count; to++)
        fly(world, to, PORT_ENVELOPE, index);
}

static void mesh_release(
    struct world *world, size_t from, const struct port_message *message)
{
    world->people[from].releases++;
    struct carried *carried = carried_find(world, &message->receipt.id);
    if (world->forgets || !carried ||
        !opening_matches(
            &message->receipt.opening, &carried->envelope.receipt_hash))
        return;
    carried->cleared = true;
    carried->opening = message->receipt.opening;
    for (size_t to = 0; to < world->count; to++)
        fly(world, to, PORT_CLEARED, (size_t)(carried - world->carried));
}

static void mesh_lookup(
    struct world *world, size_t from, const struct port_message *message)
{
    for (size_t i = 0; i < world->carried_count; i++)
        for (size_t j = 0; j < message->lookup.count; j++)
            if (!world->carried[i].cleared &&
                tag_equal(
                    &world->carried[i].envelope.tag, &message->lookup.tags[j]))
                fly(world, from, PORT_ENVELOPE, i);
}

static void take_beacon(
    struct person *person, const struct port_message *message)
{
    struct beacons *to = message->beacon.own
                             ? &person->said
                             : &person->heard[message->beacon.epoch % 3];
    need(message->beacon.count <= BEACONS_MAXIMUM);
    to->epoch = message->beacon.epoch;
    to->count = message->beacon.count;
    memcpy(to->keys, message->beacon.keys, to->count * sizeof(to->keys[0]));
    person->beacons++;
}

static void mesh_take(struct person *person, const struct port_message *message)
{
    struct world *world = person->world;
    size_t from = (size_t)(person - world->people);
    if (world->down || world->deaf)
        return;
    switch (message->type) {
    case PORT_SUBMIT:
        mesh_submit(world, from, message);
        return;
    case PORT_RELEASE:
        mesh_release(world, from, message);
        return;
    case PORT_LOOKUP:
        mesh_lookup(world, from, message);
        return;
    case PORT_LISTEN:
        person->listening = message->listen;
        return;
    case PORT_BEACON:
        take_beacon(person, message);
        return;
    case PORT_ENVELOPE:
    case PORT_HANDED:
    case PORT_CLEARED:
    case PORT_REFUSED:
    case PORT_WAITS:
        need(!"a vault says only what is its to say");
    }
}

static void flight_land(struct world *world, const struct flight *flight)
{
    struct person *person = &world->people[flight->to];
    struct carried *carried = &world->carried[flight->carried];
    if (world->down || !person->vault ||
        (flight->type == PORT_ENVELOPE && !person->listening))
        return;
    struct port_message message = {.type = flight->type};
    if (flight->type == PORT_ENVELOPE) {
        message.envelope.id = carried->id;
        message.envelope.envelope = &carried->envelope;
    } else if (flight->type == PORT_HANDED) {
        message.handed.id = carried->id;
        message.handed.peers = 1;
    } else {
        message.receipt.id = carried->id;
        message.receipt.opening = carried->opening;
    }
    struct vault_event event = {.kind = VAULT_PORT, .port = &message};
    person_step(person, &event);
}

/* Performing. */

static void take_note(struct person *person, const struct control_reply *note)
{
    if (note->kind == CONTROL_NOTE_LETTER) {
        person->note_letters++;
        text_copy(
            person->last_text, sizeof(person->last_text), note->letter.text);
        strcpy(person->last_evidence, note->letter.evidence);
    } else if (note->kind == CONTROL_NOTE_OUTBOX) {
        person->note_outbox++;
        person->last_outbox = note->outbox_item.state;
    } else if (note->kind == CONTROL_NOTE_SESSION) {
        person->note_sessions++;
    } else if (note->kind == CONTROL_NOTE_ACCORD) {
        person->note_accords++;
        strcpy(person->last_change, note->evidence.change);
        person->last_by_them = note->evidence.by_them;
    } else if (note->kind == CONTROL_NOTE_VAULT) {
        person->note_vault++;
    } else if (note->kind == CONTROL_NOTE_FILE) {
        person->note_files++;
        strcpy(person->last_file_state, note->file.state);
    } else if (note->kind == CONTROL_NOTE_GROUP) {
        person->note_group++;
        strcpy(person->last_event, note->group_event.what);
    }
}

static struct errand_of *errand_new(
    struct person *person, enum vault_effect_kind kind)
{
    need(person->errand_count < 8);
    struct errand_of *errand = &person->errands[person->errand_count++];
    *errand = (struct errand_of){.kind = kind};
    return errand;
}

/* A stand-in for Argon2id, as fast as the real one is slow. */
static void derive_one(
    struct span passphrase, const uint8_t *salt, uint8_t *key)
{
    uint8_t input[KEYSLOT_SALT_BYTES + LIMIT_PASSPHRASE_BYTES];
    memcpy(input, salt, KEYSLOT_SALT_BYTES);
    memcpy(input + KEYSLOT_SALT_BYTES, passphrase.data, passphrase.size);
    hash_labelled(key, KEYSLOT_KEY_BYTES, "test derive",
        (struct span){input, KEYSLOT_SALT_BYTES + passphrase.size});
}

static void derive(struct person *person, const struct vault_effect *effect)
{
    struct span fresh = effect->derive.fresh;
    struct errand_of *errand = errand_new(person, VAULT_DERIVE);
    errand->ticket = effect->derive.ticket;
    derive_one(effect->derive.passphrase, effect->derive.salt, errand->key);
    errand->fresh_size = fresh.size;
    if (fresh.size == 0)
        return;
    memcpy(errand->fresh, fresh.data, fresh.size);
    derive_one(fresh, effect->derive.salt, errand->fresh_key);
}

/* The slots first, then all the rest. */
static void erase(struct person *person, const struct vault_effect *effect)
{
    struct disk *disk = &person->disk;
    enum vault_erase how = effect->erase.how;
    size_t erasures = disk->erasures + (disk->count || disk->slots_size);
    bool destroys = how == VAULT_DESTROY || how == VAULT_DECEIVE;
    size_t aside = how == VAULT_SET_ASIDE ? disk->count
                   : destroys             ? 0
                                          : disk->aside;
    uint8_t slots[KEYSLOT_FILE_BYTES];
    need(effect->erase.slots.size == sizeof(slots));
    memcpy(slots, effect->erase.slots.data, sizeof(slots));
    disk_clear(disk);
    disk->erasures = erasures;
    disk->aside = aside;
    if (how != VAULT_DESTROY && how != VAULT_UNMAKE) {
        memcpy(disk->slots, slots, sizeof(slots));
        disk->slots_size = sizeof(slots);
    }
    errand_new(person, VAULT_ERASE);
}

static void fetch(struct person *person, const struct vault_effect *effect)
{
    struct errand_of *errand = errand_new(person, VAULT_FETCH);
    errand->ticket = effect->fetch.ticket;
    errand->record = effect->fetch.kind;
    errand->count = effect->fetch.count;
    memcpy(errand->rows, effect->fetch.rows,
        effect->fetch.count * sizeof(*effect->fetch.rows));
}

static void perform(struct person *person, const struct vault_effect *effect)
{
    switch (effect->kind) {
    case VAULT_PUT:
        person->stores++;
        disk_put(&person->disk, &effect->record);
        return;
    case VAULT_DELETE:
        person->stores++;
        disk_delete(&person->disk, effect->record.kind, effect->record.row);
        return;
    case VAULT_SCRUB:
        person->disk.scrubs++;
        return;
    case VAULT_WRITE_SLOTS:
        need(effect->slots.size == sizeof(person->disk.slots));
        memcpy(person->disk.slots, effect->slots.data, effect->slots.size);
        person->disk.slots_size = effect->slots.size;
        return;
    case VAULT_ERASE:
        erase(person, effect);
        return;
    case VAULT_LOAD:
        errand_new(person, VAULT_LOAD);
        return;
    case VAULT_FETCH:
        fetch(person, effect);
        return;
    case VAULT_DERIVE:
        derive(person, effect);
        return;
    case VAULT_TO_PORT:
        mesh_take(person, &effect->port);
        return;
    case VAULT_REPLY:
        answer_take(&person->answer, &effect->reply.reply);
        return;
    case VAULT_NOTIFY:
        take_note(person, &effect->reply.reply);
        return;
    case VAULT_SUBSCRIBE:
        return;
    }
}

static bool is_stored(const struct vault_effect *effect)
{
    return effect->kind == VAULT_PUT || effect->kind == VAULT_DELETE;
}

static void run_load(struct person *person)
{
    struct disk *disk = &person->disk;
    for (size_t i = 0; i <= disk->count; i++) {
        struct vault_event event = {.kind = VAULT_LOADED};
        event.loaded.done = i == disk->count;
        if (!event.loaded.done) {
            struct disk_file *file = &disk->files[i];
            if (file->kind == RECORD_OUTBOX_BODY ||
                file->kind == RECORD_INBOX_BODY ||
                file->kind == RECORD_NOTE_BODY ||
                file->kind == RECORD_PLACE_BODY ||
                file->kind == RECORD_FILE_PART || file->kind == RECORD_RING ||
                file->kind == RECORD_FORMAT || file->kind == RECORD_TRIES)
                continue;
            event.loaded.record = (struct vault_record){
                file->kind, file->row, {file->blob, file->size}};
        }
        person_step(person, &event);
        if (event.loaded.done)
            return; /* what the vault did with the last may change the disk */
    }
}

static void run_fetch(struct person *person, const struct errand_of *errand)
{
    struct vault_record records[LIMIT_CONTROL_ROWS];
    struct vault_event event = {.kind = VAULT_FETCHED};
    size_t count = 0;
    for (size_t i = 0; i < errand->count; i++) {
        struct disk_file *file =
            disk_find(&person->disk, errand->record, errand->rows[i]);
        if (file)
            records[count++] = (struct vault_record){
                file->kind, file->row, {file->blob, file->size}};
    }
    /* The blobs must outlive what the step's own effects do to the disk. */
    for (size_t i = 0; i < count; i++) {
        uint8_t *copy = malloc(records[i].blob.size);
        need(copy);
        memcpy(copy, records[i].blob.data, records[i].blob.size);
        records[i].blob.data = copy;
    }
    event.fetched.ticket = errand->ticket;
    event.fetched.count = count;
    event.fetched.records = records;
    person_step(person, &event);
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)records[i].blob.data);
}

static void run_errands(struct person *person)
{
    while (person->errand_count > 0 && person->vault) {
        struct errand_of errand = person->errands[0];
        person->errand_count--;
        memmove(&person->errands[0], &person->errands[1],
            person->errand_count * sizeof(errand));
        if (errand.kind == VAULT_LOAD) {
            run_load(person);
        } else if (errand.kind == VAULT_FETCH) {
            run_fetch(person, &errand);
        } else if (errand.kind == VAULT_ERASE) {
            struct vault_event event = {.kind = VAULT_ERASED};
            person_step(person, &event);
        } else {
            struct vault_event event = {.kind = VAULT_DERIVED};
            event.derived.ticket = errand.ticket;
            memcpy(event.derived.key, errand.key, sizeof(errand.key));
            event.derived.fresh =
                (struct span){errand.fresh, errand.fresh_size};
            memcpy(event.derived.fresh_key, errand.fresh_key,
                sizeof(errand.fresh_key));
            person_step(person, &event);
        }
    }
}

static void person_die(struct person *person)
{
    vault_free(person->vault);
    person->vault = NULL;
    person->errand_count = 0;
    person->listening = false;
    person->crashed = true;
}

/* One step; its stored effects come first, and all or none of them last. */
static void person_step(struct person *person, struct vault_event *event)
{
    if (!person->vault)
        return;
    struct vault_effects effects;
    vault_effects_init(&effects);
    event->now_ms = person->world->now_ms;
    event->clock_s = person->world->clock_s;
    need(vault_step(person->vault, event, &effects) == STATUS_OK);
    const char *violation = vault_violation(person->vault);
    if (violation)
        printf("# %s\n", violation);
    need(!violation);
    person->steps++;
    bool crash =
        person->crash != CRASH_NONE && person->steps == person->crash_step;
    size_t stored = 0;
    while (stored < effects.count && is_stored(&effects.list[stored]))
        stored++;
    if (!crash || person->crash == CRASH_AFTER_COMMIT)
        for (size_t i = 0; i < stored; i++)
            perform(person, &effects.list[i]);
    for (size_t i = stored; i < effects.count && !crash; i++) {
        need(!is_stored(&effects.list[i]));
        perform(person, &effects.list[i]);
    }
    vault_effects_free(&effects);
    if (crash)
        person_die(person);
}

/* A person's doings. */

static void person_start(struct person *person)
{
    person->vault = vault_new(&person->world->config, &person->random.base);
    need(person->vault);
    struct vault_event event = {.kind = VAULT_SLOTS,
        .found.slots = {person->disk.slots, person->disk.slots_size},
        .found.has_records = person->disk.count > 0};
    person_step(person, &event);
    run_errands(person);
    event = (struct vault_event){.kind = VAULT_PORT_UP};
    person_step(person, &event);
}

static struct answer *person_ask(
    struct person *person, const struct control_request *request)
{
    person->answer = (struct answer){.came = false};
    struct vault_event event = {.kind = VAULT_REQUEST};
    event.request.client = 7;
    event.request.request = request;
    person_step(person, &event);
    run_errands(person);
    return &person->answer;
}

static struct answer *ask_word(
    struct person *person, enum control_method method, const char *word)
{
    struct control_request request = {.method = method, .id = 1};
    if (method == CONTROL_INIT || method == CONTROL_UNLOCK)
        request.passphrase = span_of_text(word);
    else if (method == CONTROL_RECALL)
        request.letter = span_of_text(word);
    else
        request.name = span_of_text(word);
    return person_ask(person, &request);
}

/* What it has is read anew. */
static inline void lock_and_unlock(
    struct person *person, const char *passphrase)
{
    need(ask_word(person, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    need(ask_word(person, CONTROL_UNLOCK, passphrase)->kind == CONTROL_DONE);
}

static inline struct answer *ask_receipts(
    struct person *person, const char *name, const char *word)
{
    struct control_request request = {.method = CONTROL_RECEIPTS,
        .id = 1,
        .name = span_of_text(name),
        .receipts = span_of_text(word)};
    return person_ask(person, &request);
}

static struct answer *ask_add(
    struct person *person, const char *name, const char *card)
{
    struct control_request request = {.method = CONTROL_ADD,
        .id = 1,
        .name = span_of_text(name),
        .card = span_of_text(card)};
    return person_ask(person, &request);
}

static inline struct answer *ask_send(
    struct person *person, const char *name, const char *text)
{
    struct control_request request = {.method = CONTROL_SEND,
        .id = 1,
        .name = span_of_text(name),
        .text = span_of_text(text)};
    return person_ask(person, &request);
}

static inline struct answer *ask_read_all(struct person *person)
{
    struct control_request request = {
        .method = CONTROL_READ, .id = 1, .all = true, .peek = true};
    return person_ask(person, &request);
}

static const char *person_card(struct person *person)
{
    struct answer *answer = ask_word(person, CONTROL_ID, "");
    need(answer->kind == CONTROL_CARD);
    return answer->card;
}

/* Time. */

static size_t next_flight(const struct world *world)
{
    size_t best = 0;
    for (size_t i = 1; i < world->flight_count; i++) {
        const struct flight *a = &world->flights[i];
        const struct flight *b = &world->flights[best];
        if (a->at_ms < b->at_ms ||
            (a->at_ms == b->at_ms && a->order < b->order))
            best = i;
    }
    return best;
}

static void world_to(struct world *world, uint64_t at_ms)
{
    if (at_ms <= world->now_ms)
        return;
    uint64_t passed = at_ms - world->now_ms;
    uint64_t part = world->now_ms % 1000 + passed;
    world->clock_s += part / 1000;
    world->now_ms = at_ms;
}

/* Whom to tick next, or count. */
static size_t next_due(const struct world *world, uint64_t *at_ms)
{
    size_t who = world->count;
    for (size_t i = 0; i < world->count; i++) {
        if (!world->people[i].vault)
            continue;
        uint64_t due = vault_deadline_ms(world->people[i].vault);
        if (due < *at_ms) {
            *at_ms = due;
            who = i;
        }
    }
    return who;
}

/* Let everything happen up to a moment. */
static inline void world_run(struct world *world, uint64_t run_ms)
{
    uint64_t end_ms = world->now_ms + run_ms;
    for (;;) {
        uint64_t at_ms = end_ms + 1;
        size_t due = next_due(world, &at_ms);
        size_t first = next_flight(world);
        if (world->flight_count > 0 && world->flights[first].at_ms <= at_ms) {
            struct flight flight = world->flights[first];
            if (flight.at_ms > end_ms)
                break;
            world->flights[first] = world->flights[--world->flight_count];
            world_to(world, flight.at_ms);
            flight_land(world, &flight);
            run_errands(&world->people[flight.to]);
        } else if (due < world->count) {
            world_to(world, at_ms);
            struct vault_event event = {.kind = VAULT_TICK};
            person_step(&world->people[due], &event);
            run_errands(&world->people[due]);
        } else {
            break;
        }
    }
    world_to(world, end_ms);
}

static void world_init(struct world *world, size_t count, uint64_t seed)
{
    need(crypto_start() == 0);
    need(count <= PEOPLE_MAXIMUM);
    memset(world, 0, sizeof(*world)); /* too large for a literal */
    world->count = count;
    world->config = (struct vault_config){.cost = KEYSLOT_INTERACTIVE,
        .receipt_mean_ms = 1000,
        .read_receipts = true,
        .sandbox = "none"};
    world->now_ms = 5000;
    world->clock_s = 1800000000;
    random_seeded_init(&world->random, seed, 99);
    for (size_t i = 0; i < count; i++) {
        struct person *person = &world->people[i];
        person->world = world;
        random_seeded_init(&person->random, seed, i);
        person_start(person);
    }
}

/* Everyone has a vault; the first two know each other. */
static inline void world_meet(struct world *world)
{
    static const char *const names[] = {"ann", "bo", "cy"};
    for (size_t i = 0; i < world->count; i++)
        need(ask_word(&world->people[i], CONTROL_INIT, names[i])->kind ==
             CONTROL_CARD);
    struct person *a = &world->people[0];
    struct person *b = &world->people[1];
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(b));
    need(ask_add(a, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    strcpy(card, person_card(a));
    need(ask_add(b, "ann", card)->kind == CONTROL_CONTACT_ROWS);
}

static void world_free(struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        vault_free(world->people[i].vault);
        disk_clear(&world->people[i].disk);
    }
    for (size_t i = 0; i < world->carried_count; i++)
        free(world->carried[i].bytes);
    free(world->carried);
    free(world->flights);
}

#endif
