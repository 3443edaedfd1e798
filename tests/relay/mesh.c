/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/relay/mesh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

/* The test cannot go on. */
#define must(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            printf("Bail out! %s:%d: %s\n", __FILE__, __LINE__, #condition);   \
            exit(99);                                                          \
        }                                                                      \
    } while (0)

enum mesh_event_kind { MESH_FRAME, MESH_UP, MESH_DOWN, MESH_FAILED };

struct mesh_event {
    enum mesh_event_kind kind;
    uint32_t node;
    uint32_t link;
    uint32_t peer;   /* UP: the node that dialled; this one is dialled */
    uint32_t target; /* FAILED, UP */
    size_t size;
    uint8_t bytes[];
};

struct stored {
    struct envelope_id id;
    uint8_t *bytes; /* NULL: wiped */
    size_t size;
    unsigned puts;
};

static void later(struct mesh *mesh, struct mesh_event *event, uint64_t ms)
{
    must(event);
    if (mesh->event_count == mesh->event_capacity) {
        mesh->event_capacity = mesh->event_capacity * 2 + 1024;
        mesh->events =
            realloc(mesh->events, mesh->event_capacity * sizeof(*mesh->events));
    }
    must(mesh->events);
    mesh->events[mesh->event_count] = event;
    must(heap_push(&mesh->heap,
             (struct heap_item){mesh->now_ms + ms, mesh->event_count}) == 0);
    mesh->event_count++;
}

static struct mesh_event *event_new(enum mesh_event_kind kind, size_t size)
{
    struct mesh_event *event = calloc(1, sizeof(*event) + size);
    must(event);
    event->kind = kind;
    event->size = size;
    return event;
}

void mesh_init(struct mesh *mesh, size_t count, uint64_t seed,
    const struct relay_config *config)
{
    memset(mesh, 0, sizeof(*mesh));
    mesh->count = count;
    mesh->latency_ms = 20;
    random_seeded_init(&mesh->random, seed, 1000);
    heap_init(&mesh->heap, 1 << 24);
    relay_effects_init(&mesh->effects);
    for (size_t i = 0; i < count; i++) {
        struct mesh_node *node = &mesh->nodes[i];
        struct relay_config own = *config;
        random_seeded_init(&node->random, seed, i);
        random_fill(&node->random.base, node->key.bytes, 32);
        own.node = node->key;
        own.endpoint_count = 1;
        snprintf(own.endpoints[0], sizeof(own.endpoints[0]),
            "tcp://10.0.0.1:%zu", i + 1);
        node->relay = relay_new(&own, &node->random.base);
        must(node->relay);
        table_init(&node->store, sizeof(struct envelope_id),
            sizeof(struct stored), 1 << 20, 1);
    }
}

void mesh_free(struct mesh *mesh)
{
    while (mesh->heap.count > 0)
        free(mesh->events[heap_pop(&mesh->heap).value]);
    free(mesh->events);
    heap_clear(&mesh->heap);
    relay_effects_free(&mesh->effects);
    for (size_t i = 0; i < mesh->count; i++) {
        struct mesh_node *node = &mesh->nodes[i];
        size_t cursor = 0;
        for (struct stored *s; (s = table_next(&node->store, &cursor));)
            free(s->bytes);
        table_clear(&node->store);
        free(node->links);
        relay_free(node->relay);
    }
}

static struct mesh_link *find_link(struct mesh_node *node, uint32_t number)
{
    must(number >= 1 && number <= node->link_count);
    return &node->links[number - 1];
}

static uint32_t new_link(struct mesh_node *node, uint32_t peer)
{
    node->links =
        realloc(node->links, (node->link_count + 1) * sizeof(*node->links));
    must(node->links);
    node->links[node->link_count] = (struct mesh_link){
        .number = (uint32_t)node->link_count + 1, .peer = peer, .up = true};
    return (uint32_t)++node->link_count;
}

static void send_frame(
    struct mesh *mesh, size_t from, uint32_t number, const struct frame *frame)
{
    static uint8_t bytes[LIMIT_FRAME_BYTES];
    struct mesh_node *node = &mesh->nodes[from];
    struct mesh_link *link = find_link(node, number);
    size_t size;
    must(frame_encode(frame, bytes, sizeof(bytes), &size) == STATUS_OK);
    must(frame->type != FRAME_RECONCILE || size <= LIMIT_RECONCILE_BYTES);
    node->sent_bytes[frame->type] += size;
    node->sent_frames[frame->type]++;
    if (!link->up || random_below(&mesh->random.base, 100) < mesh->loss_percent)
        return;
    struct mesh_event *event = event_new(MESH_FRAME, size);
    event->node = link->peer;
    event->link = link->peer_number;
    memcpy(event->bytes, bytes, size);
    later(mesh, event, mesh->latency_ms);
}

static void put(struct mesh_node *node, const struct relay_effect *effect)
{
    void *out;
    enum status status = table_add(&node->store, &effect->id, &out);
    must(status == STATUS_OK || status == STATUS_EXISTS);
    struct stored *stored = out;
    must(stored->puts++ == 0); /* never twice */
    struct span encoding = effect->store.envelope->encoding;
    stored->bytes = malloc(encoding.size);
    must(stored->bytes);
    memcpy(stored->bytes, encoding.data, encoding.size);
    stored->size = encoding.size;
    node->stored++;
}

static void wipe(struct mesh_node *node, const struct envelope_id *id)
{
    struct stored *stored = table_find(&node->store, id);
    must(stored);
    free(stored->bytes);
    stored->bytes = NULL;
}

static void push(struct mesh *mesh, size_t from,
    const struct relay_effect *effect, enum frame_type type)
{
    struct stored *stored = table_find(&mesh->nodes[from].store, &effect->id);
    must(stored && stored->bytes); /* only what is stored is pushed */
    struct envelope envelope;
    must(envelope_decode(
             (struct span){stored->bytes, stored->size}, &envelope) == 0);
    struct frame frame = {
        .type = type, .push = {.id = effect->id, .envelope = &envelope}};
    send_frame(mesh, from, effect->link, &frame);
}

static void dial(
    struct mesh *mesh, size_t from, const struct relay_effect *effect)
{
    uint32_t to = 0;
    while (to < mesh->count &&
           !node_key_equal(&mesh->nodes[to].key, &effect->dial.key))
        to++;
    bool fails = to == mesh->count || mesh->nodes[to].away ||
                 mesh->nodes[from].away || mesh->unlinked;
    struct mesh_event *event = event_new(fails ? MESH_FAILED : MESH_UP, 0);
    event->node = fails ? (uint32_t)from : to;
    event->peer = (uint32_t)from;
    event->target = effect->dial.target;
    later(mesh, event, mesh->latency_ms * 2);
}

static void hang_up(struct mesh *mesh, size_t from, uint32_t number)
{
    struct mesh_link *link = find_link(&mesh->nodes[from], number);
    if (!link->up)
        return;
    link->up = false;
    struct mesh_event *event = event_new(MESH_DOWN, 0);
    event->node = link->peer;
    event->link = link->peer_number;
    later(mesh, event, mesh->latency_ms);
}

static void trace(struct mesh *mesh, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        mesh->trace = (mesh->trace ^ at[i]) * UINT64_C(0x100000001b3);
}

static void perform(
    struct mesh *mesh, size_t index, const struct relay_effect *effect)
{
    struct mesh_node *node = &mesh->nodes[index];
    trace(mesh, &mesh->now_ms, sizeof(mesh->now_ms));
    trace(mesh, &index, sizeof(index));
    trace(mesh, &effect->kind, sizeof(effect->kind));
    trace(mesh, &effect->link, sizeof(effect->link));
    trace(mesh, &effect->id, sizeof(effect->id));
    switch (effect->kind) {
    case RELAY_SEND:
        send_frame(mesh, index, effect->link, &effect->frame);
        break;
    case RELAY_PUSH:
        push(mesh, index, effect, FRAME_PUSH);
        break;
    case RELAY_STEM:
        push(mesh, index, effect, FRAME_STEM);
        break;
    case RELAY_STORE:
        put(node, effect);
        break;
    case RELAY_CLEAR:
        node->cleared++;
        wipe(node, &effect->id);
        break;
    case RELAY_EVICT:
    case RELAY_FORGET:
        wipe(node, &effect->id);
        break;
    case RELAY_DELIVER:
        node->delivered++;
        break;
    case RELAY_HANDED:
        node->handed = effect->peers;
        break;
    case RELAY_DIAL:
        dial(mesh, index, effect);
        break;
    case RELAY_HANGUP:
        hang_up(mesh, index, effect->link);
        break;
    case RELAY_RESTAMP: /* nobody stamps here */
    case RELAY_CHECK:
    case RELAY_STAMP:
    case RELAY_WAITS:
    case RELAY_FIND:
    case RELAY_CLEARED:
    case RELAY_REFUSED:
    case RELAY_IMPORTED:
    case RELAY_KEEP_NODES:  /* no node of this world takes part, */
    case RELAY_KEEP_SCORES: /* or starts again */
    case RELAY_UNDIAL:
        break;
    }
}

void mesh_step(struct mesh *mesh, size_t index, struct relay_event *event)
{
    struct relay *relay = mesh->nodes[index].relay;
    event->now_ms = mesh->now_ms;
    event->clock_s = MESH_CLOCK_S + mesh->now_ms / 1000;
    mesh->steps++;
    must(relay_step(relay, event, &mesh->effects) == STATUS_OK);
    const char *violation = relay_step_violation(relay, event, &mesh->effects);
    for (size_t i = 0; i < mesh->effects.count; i++)
        perform(mesh, index, &mesh->effects.list[i]);
    relay_effects_reset(&mesh->effects);
    if (!violation && mesh->steps % 64 == 0)
        violation = relay_violation(relay);
    if (violation)
        printf("# node %zu: %s\n", index, violation);
    must(!violation);
}

static void arrive(struct mesh *mesh, const struct mesh_event *event)
{
    struct frame frame;
    struct mesh_link *link = find_link(&mesh->nodes[event->node], event->link);
    if (!link->up)
        return;
    must(frame_decode((struct span){event->bytes, event->size}, &mesh->scratch,
             &frame) == STATUS_OK);
    if (frame_has_envelope(frame.type))
        envelope_identify(frame.push.envelope->encoding, &frame.push.id);
    mesh_step(mesh, event->node,
        &(struct relay_event){.kind = RELAY_FRAME,
            .frame = {event->link, &frame, (uint32_t)event->size}});
}

static void come_up(struct mesh *mesh, const struct mesh_event *event)
{
    uint32_t here = event->node, there = event->peer;
    if (mesh->nodes[here].away || mesh->nodes[there].away || mesh->unlinked) {
        mesh_step(mesh, there,
            &(struct relay_event){
                .kind = RELAY_DIAL_FAILED, .dial_failed = {event->target}});
        return;
    }
    uint32_t ours = new_link(&mesh->nodes[here], there);
    uint32_t theirs = new_link(&mesh->nodes[there], here);
    find_link(&mesh->nodes[here], ours)->peer_number = theirs;
    find_link(&mesh->nodes[there], theirs)->peer_number = ours;
    mesh_step(mesh, there,
        &(struct relay_event){.kind = RELAY_LINK_UP,
            .link_up = {theirs, mesh->nodes[here].key, true, event->target}});
    mesh_step(mesh, here,
        &(struct relay_event){.kind = RELAY_LINK_UP,
            .link_up = {ours, mesh->nodes[there].key, false, 0}});
}

static void happen(struct mesh *mesh, const struct mesh_event *event)
{
    switch (event->kind) {
    case MESH_FRAME:
        arrive(mesh, event);
        return;
    case MESH_UP:
        come_up(mesh, event);
        return;
    case MESH_FAILED:
        mesh_step(mesh, event->node,
            &(struct relay_event){
                .kind = RELAY_DIAL_FAILED, .dial_failed = {event->target}});
        return;
    case MESH_DOWN:
        if (!find_link(&mesh->nodes[event->node], event->link)->up)
            return;
        find_link(&mesh->nodes[event->node], event->link)->up = false;
        mesh_step(mesh, event->node,
            &(struct relay_event){
                .kind = RELAY_LINK_DOWN, .link = {event->link}});
        return;
    }
}

void mesh_connect(struct mesh *mesh, size_t from, size_t to)
{
    char endpoint[LIMIT_ENDPOINT_BYTES];
    snprintf(endpoint, sizeof(endpoint), "tcp://10.0.0.1:%zu", to + 1);
    mesh_step(mesh, from,
        &(struct relay_event){.kind = RELAY_CONNECT,
            .connect = {.endpoint = span_of_text(endpoint),
                .key = mesh->nodes[to].key,
                .origin = ORIGIN_CONFIG}});
}

void mesh_away(struct mesh *mesh, size_t index, bool away)
{
    struct mesh_node *node = &mesh->nodes[index];
    node->away = away;
    for (size_t i = 0; away && i < node->link_count; i++) {
        if (!node->links[i].up)
            continue;
        hang_up(mesh, index, node->links[i].number);
        mesh_step(mesh, index,
            &(struct relay_event){
                .kind = RELAY_LINK_DOWN, .link = {node->links[i].number}});
    }
}

/* The next node whose deadline comes, if it comes before *at_ms. */
static size_t next_node(const struct mesh *mesh, uint64_t *at_ms)
{
    size_t next = SIZE_MAX;
    for (size_t i = 0; i < mesh->count; i++) {
        uint64_t deadline = relay_deadline_ms(mesh->nodes[i].relay);
        if (deadline >= *at_ms)
            continue;
        *at_ms = deadline;
        next = i;
    }
    return next;
}

static void tick_all(struct mesh *mesh)
{
    for (size_t i = 0; i < mesh->count; i++)
        mesh_step(mesh, i, &(struct relay_event){.kind = RELAY_TICK});
}

void mesh_run(struct mesh *mesh, uint64_t ms)
{
    uint64_t end_ms = mesh->now_ms + ms;
    for (;;) {
        uint64_t at_ms = end_ms;
        const struct heap_item *first = heap_first(&mesh->heap);
        bool frame = first && first->at_ms < at_ms;
        if (frame)
            at_ms = first->at_ms;
        size_t node = next_node(mesh, &at_ms);
        uint64_t tick = mesh->tick_ms
                            ? (mesh->now_ms / mesh->tick_ms + 1) * mesh->tick_ms
                            : UINT64_MAX;
        if (tick < at_ms) {
            mesh->now_ms = tick;
            tick_all(mesh);
            continue;
        }
        if (at_ms > mesh->now_ms)
            mesh->now_ms = at_ms;
        if (node != SIZE_MAX) {
            mesh_step(mesh, node, &(struct relay_event){.kind = RELAY_TICK});
        } else if (frame) {
            struct mesh_event *event =
                mesh->events[heap_pop(&mesh->heap).value];
            happen(mesh, event);
            free(event);
        } else {
            return;
        }
    }
}

struct mesh_letter mesh_letter(
    struct random *random, uint8_t class_, uint32_t life_h)
{
    struct mesh_letter letter = {0};
    size_t size = envelope_class_bytes(class_);
    uint8_t *body = calloc(1, envelope_body_bytes(class_));
    letter.bytes = malloc(size);
    must(body && letter.bytes);
    random_fill(random, letter.opening.bytes, sizeof(letter.opening.bytes));
    struct envelope *envelope = &letter.envelope;
    envelope->class_ = class_;
    envelope->expires_h = (uint32_t)(MESH_CLOCK_S / HOUR_S) + life_h;
    random_fill(random, envelope->tag.bytes, sizeof(envelope->tag.bytes));
    random_fill(random, envelope->salt, sizeof(envelope->salt));
    receipt_hash_of(&letter.opening, &envelope->receipt_hash);
    envelope->body = (struct span){body, envelope_body_bytes(class_)};
    envelope_encode(envelope, letter.bytes);
    must(envelope_decode((struct span){letter.bytes, size}, envelope) == 0);
    envelope_identify(envelope->encoding, &letter.id);
    free(body);
    return letter;
}

void mesh_letter_free(struct mesh_letter *letter)
{
    free(letter->bytes);
    letter->bytes = NULL;
}

void mesh_submit(
    struct mesh *mesh, size_t node, const struct mesh_letter *letter)
{
    mesh_step(mesh, node,
        &(struct relay_event){.kind = RELAY_SUBMIT,
            .submit = {.id = letter->id, .envelope = &letter->envelope}});
}

void mesh_release(
    struct mesh *mesh, size_t node, const struct mesh_letter *letter)
{
    mesh_step(mesh, node,
        &(struct relay_event){.kind = RELAY_RELEASE,
            .release = {.id = letter->id, .opening = letter->opening}});
}

void mesh_restore(
    struct mesh *mesh, size_t index, const struct mesh_letter *letter)
{
    struct relay_effect effect = {
        .id = letter->id, .store = {&letter->envelope}};
    put(&mesh->nodes[index], &effect);
    mesh_step(mesh, index,
        &(struct relay_event){.kind = RELAY_RESTORED,
            .restored = {.id = letter->id,
                .receipt_hash = letter->envelope.receipt_hash,
                .expires_h = letter->envelope.expires_h,
                .bytes = (uint32_t)letter->envelope.encoding.size,
                .state = SHELF_STORED}});
}

size_t mesh_holders(const struct mesh *mesh, const struct mesh_letter *letter,
    enum shelf_state state)
{
    size_t holders = 0;
    for (size_t i = 0; i < mesh->count; i++) {
        enum shelf_state has;
        holders += relay_knows(mesh->nodes[i].relay, &letter->id, &has) &&
                   has == state;
    }
    return holders;
}

uint64_t mesh_sent(const struct mesh *mesh, enum frame_type type, bool bytes)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < mesh->count; i++)
        sum += bytes ? mesh->nodes[i].sent_bytes[type]
                     : mesh->nodes[i].sent_frames[type];
    return sum;
}
