/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An idle node is a struct and its links: no timer of its own runs, and what
 * it stores is two bits an envelope.  Links lie in a small array in order of
 * number, since a relay has about eight. */
#include "sim/world.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/blame.h"
#include "sim/exchange.h"
#include "sim/messages_file.h"
#include "sim/mobility.h"
#include "sim/noise.h"
#include "sim/pipe.h"
#include "sim/settings.h"

enum {
    FIRST_PORT = 7311,
    EXIT_BUG = 70,
    ENGINE_STREAMS = 11, /* a stride: a new kind of noise moves no engine */
};

/* What a node can be, or suffer, so that nobody lives there. */
#define LEAVES_NOBODY                                                          \
    SETTINGS_ADVERSARIES " faults.kill_share faults.slow_share "               \
                         "faults.skew_share"

uint64_t world_draw_act(struct world *world, uint32_t node, uint64_t below)
{
    uint64_t *acts = &world->nodes[node].adversary->acts;
    return noise_below(
        noise(world->scenario.seed, node, NOISE_ATTACK, ++*acts), below);
}

_Noreturn void world_end(enum status status)
{
    fprintf(stderr, "sotto-sim: cannot go on: %s\n", status_name(status));
    exit(EXIT_BUG);
}

static uint64_t node_stream(uint32_t node, enum noise_stream stream)
{
    return (uint64_t)node * ENGINE_STREAMS + stream;
}

static void init_node(struct world *world, uint32_t index)
{
    const struct scenario *s = &world->scenario;
    struct node *node = &world->nodes[index];
    node->next_link = 1;
    random_seeded_init(&node->random, s->seed, node_stream(index, NOISE_RELAY));
    node->churns =
        s->session_us > 0 &&
        noise_hits(noise(s->seed, index, NOISE_CHURN, 0), s->churn_share_ppm);
}

static void init_end(struct world *world, uint32_t index)
{
    struct node *node = &world->nodes[index];
    if (node->end)
        return;
    node->end = calloc(1, sizeof(*node->end));
    world_need(node->end ? STATUS_OK : STATUS_NO_MEMORY);
    disk_init(&node->end->disk);
    random_seeded_init(&node->end->random, world->scenario.seed,
        node_stream(index, NOISE_VAULT));
}

static void draw_lots(struct world *world)
{
    world->lots = malloc(world->node_count * sizeof(*world->lots));
    world_need(world->lots ? STATUS_OK : STATUS_NO_MEMORY);
    world_need(lots_draw(&world->scenario, world->node_count, world->lots));
    for (uint32_t i = 0; i < world->node_count; i++)
        world->has_adversaries |= world->lots[i].role != ROLE_HONEST;
}

/* Where people live, in order.  A trace may leave out numbers: who never meets
 * anybody is nobody.  The same list has who does first, and no mark is written
 * over before it was read. */
static uint32_t find_homes(const struct world *world, uint32_t *homes)
{
    const struct meetings *meetings = &world->meetings;
    uint32_t count = 0;
    for (size_t i = 0; i < meetings->count; i++)
        homes[meetings->list[i].one] = homes[meetings->list[i].other] = 1;
    for (uint32_t i = 0; i < world->node_count; i++) {
        bool is_there = meetings->count == 0 || homes[i] == 1;
        if (is_there && lot_is_home(&world->lots[i]))
            homes[count++] = i;
    }
    return count;
}

/* Draw the letters among the nodes where people live. */
static enum status draw_letters(
    struct world *world, struct complaint *complaint)
{
    if (world->scenario.messages[0])
        return messages_file_read(
            &world->letters, &world->scenario, world->node_count, complaint);
    uint32_t *homes = calloc(world->node_count, sizeof(*homes));
    world_need(homes ? STATUS_OK : STATUS_NO_MEMORY);
    uint32_t count = find_homes(world, homes);
    if (count >= 2)
        world_need(
            letters_init(&world->letters, &world->scenario, homes, count));
    free(homes);
    if (count >= 2)
        return STATUS_OK;
    return blame(&world->scenario, complaint, LEAVES_NOBODY " mesh.nodes",
        "of %" PRIu32 " nodes %" PRIu32 " are left where people live, and "
        "letters need 2; take less of this, or more nodes",
        world->node_count, count);
}

/* Draw the groups and files among the nodes where people live. */
static enum status draw_more(struct world *world, struct complaint *complaint)
{
    const struct scenario *s = &world->scenario;
    uint32_t *homes = calloc(world->node_count, sizeof(*homes));
    world_need(homes ? STATUS_OK : STATUS_NO_MEMORY);
    uint32_t count = find_homes(world, homes);
    uint64_t needed = s->groups > 0 ? s->group_size : s->files > 0 ? 2 : 0;
    if (count >= needed) {
        world_need(circles_init(&world->circles, s, homes, count));
        world_need(shipments_init(&world->shipments, s, homes, count));
    }
    free(homes);
    if (count >= needed)
        return STATUS_OK;
    return blame(s, complaint,
        s->groups > 0 ? "workload.group_size workload.groups " LEAVES_NOBODY
                      : "workload.files " LEAVES_NOBODY,
        "%" PRIu64
        " people are needed, each at a node of their own; of %" PRIu32
        " nodes %" PRIu32 " are left where people live",
        needed, world->node_count, count);
}

/* When the first letter is written: one from a file when the file says. */
static uint64_t first_written_us(const struct world *world)
{
    const struct scenario *s = &world->scenario;
    bool from_file = s->messages[0] && world->letters.count > 0;
    uint64_t first_us =
        from_file && s->groups + s->files == 0 ? UINT64_MAX : s->first_us;
    for (uint32_t i = 0; from_file && i < world->letters.count; i++)
        if (world->letters.list[i].write_at_us < first_us)
            first_us = world->letters.list[i].write_at_us;
    return first_us;
}

/* Everybody who writes, or is written to. */
static void init_ends(struct world *world)
{
    const struct circles *circles = &world->circles;
    for (uint32_t i = 0; i < world->letters.count; i++) {
        init_end(world, world->letters.list[i].from);
        init_end(world, world->letters.list[i].to);
    }
    for (size_t i = 0; i < (size_t)circles->count * circles->size; i++)
        init_end(world, circles->members[i]);
    for (uint32_t i = 0; i < world->shipments.count; i++) {
        init_end(world, world->shipments.list[i].from);
        init_end(world, world->shipments.list[i].to);
    }
}

/* Where each node's own edges begin; they are sorted by who dials. */
static void index_edges(struct world *world)
{
    size_t edge = 0;
    for (uint32_t i = 0; i <= world->node_count; i++) {
        while (edge < world->topology.edge_count &&
               world->topology.edges[edge].from < i)
            edge++;
        world->dial_from[i] = (uint32_t)edge;
    }
}

static void count_friends(struct world *world)
{
    for (uint32_t i = 0; i < world->node_count; i++)
        for (uint32_t k = world->dial_from[i]; k < world->dial_from[i + 1]; k++)
            if (world_is_pin(world, i, k)) {
                world->lots[i].friends++;
                world->lots[world->topology.edges[k].to].friends++;
            }
}

/* Nodes that move are linked when they meet, and by nothing else. */
static enum status make_mesh(struct world *world, struct complaint *complaint)
{
    const struct scenario *s = &world->scenario;
    bool moves = s->mobility != MOBILITY_NONE;
    enum status status = moves ? mobility_make(s, &world->meetings, complaint)
                               : topology_make(s, &world->topology, complaint);
    if (status == STATUS_NO_MEMORY)
        world_end(status);
    if (moves)
        world->topology.nodes = world->meetings.nodes;
    return status;
}

/* Which nodes this part moves. */
static enum status take_part(
    struct world *world, struct exchange *exchange, struct complaint *complaint)
{
    uint32_t parts = exchange ? exchange->parts : 1;
    uint32_t part = exchange ? exchange->part : 0;
    if (parts > PARTITION_PARTS) {
        complain(complaint, "a run has at most %d parts, not %" PRIu32,
            PARTITION_PARTS, parts);
        return STATUS_INVALID;
    }
    if (parts > world->node_count) {
        complain(complaint,
            "%" PRIu32 " parts of a run need as many nodes; there are %" PRIu32,
            parts, world->node_count);
        return STATUS_INVALID;
    }
    world_need(partition_cut(
        &world->partition, parts, &world->topology, &world->meetings));
    world->first_node = world->partition.bounds[part];
    world->end_node = world->partition.bounds[part + 1];
    return STATUS_OK;
}

/* All that is empty at first. */
static void make_room(struct world *world)
{
    table_init(&world->touch, sizeof(uint64_t), sizeof(uint64_t), SIZE_MAX, 0);
    world_need(living_init(&world->living));
    slab_init(&world->slab, world->end_node - world->first_node,
        world->partition.parts);
    sightings_init(&world->mail_seen);
    sightings_init(&world->receipts_seen);
    catalog_init(&world->catalog, 0);
    parcels_init(&world->parcels);
    world->queue = queue_new();
    world->nodes = calloc(world->node_count, sizeof(*world->nodes));
    world->scratch = malloc(sizeof(*world->scratch));
    world->dial_from =
        malloc((world->node_count + 1) * sizeof(*world->dial_from));
    if (!world->queue || !world->nodes || !world->scratch || !world->dial_from)
        world_need(STATUS_NO_MEMORY);
}

enum status world_init(struct world *world, const struct scenario *scenario,
    const struct manner *manner, struct complaint *complaint)
{
    *world = (struct world){.scenario = *scenario,
        .wire = manner->wire,
        .examines_all = manner->examines_all};
    enum status status = make_mesh(world, complaint);
    if (status)
        return status;
    world->node_count = world->topology.nodes;
    status = take_part(world, manner->exchange, complaint);
    make_room(world);
    index_edges(world);
    draw_lots(world);
    count_friends(world);
    if (!status)
        status = draw_letters(world, complaint);
    if (status == STATUS_NO_MEMORY)
        world_end(status);
    if (!status)
        status = draw_more(world, complaint);
    if (status) {
        world_clear(world);
        return status;
    }
    world->settles_us = first_written_us(world) + world->scenario.settle_us;
    for (uint32_t i = world->first_node; i < world->end_node; i++)
        init_node(world, i);
    init_ends(world);
    return STATUS_OK;
}

static void clear_node(struct node *node)
{
    for (uint32_t i = 0; i < node->link_count; i++) {
        sent_set_clear(&node->links[i].sent);
        pipe_free(node->links[i].pipe);
    }
    free(node->links);
    relay_free(node->relay);
    if (node->adversary) {
        free(node->adversary->kept);
        free(node->adversary->mail);
    }
    free(node->adversary);
    free(node->kept);
    free(node->bad);
    ledger_clear(&node->shelf);
    if (node->end) {
        vault_free(node->end->vault);
        disk_clear(&node->end->disk);
        free(node->end);
    }
}

void world_clear(struct world *world)
{
    for (uint32_t i = 0; i < world->node_count; i++)
        clear_node(&world->nodes[i]);
    free(world->nodes);
    free(world->lots);
    free(world->dial_from);
    free(world->scratch);
    queue_free(world->queue);
    slab_clear(&world->slab);
    catalog_clear(&world->catalog);
    parcels_clear(&world->parcels);
    letters_clear(&world->letters);
    circles_clear(&world->circles);
    shipments_clear(&world->shipments);
    living_clear(&world->living);
    samples_clear(&world->samples);
    free(world->leaving.list);
    free(world->changed.list);
    arrivals_clear(&world->arrivals);
    arrivals_clear(&world->shown);
    sightings_clear(&world->mail_seen);
    sightings_clear(&world->receipts_seen);
    picture_free(world->picture);
    topology_clear(&world->topology);
    meetings_clear(&world->meetings);
    table_clear(&world->touch);
    *world = (struct world){0};
}

/* A timer takes no number, since chance is drawn by numbers: a node that is
 * woken for nothing must not change what happens to it. */
static uint32_t next_sequence(
    struct world *world, uint32_t from, enum event_kind kind)
{
    if (kind == EVENT_TIMER)
        return UINT32_MAX;
    return from == WORLD_ITSELF ? world->sequence++
                                : world->nodes[from].sequence++;
}

static void leave(struct world *world, const struct queue_event *event)
{
    struct leaving *leaving = &world->leaving;
    if (leaving->count == leaving->capacity) {
        size_t capacity = leaving->capacity ? leaving->capacity * 2 : 256;
        struct queue_event *list =
            realloc(leaving->list, capacity * sizeof(*list));
        world_need(list ? STATUS_OK : STATUS_NO_MEMORY);
        leaving->list = list;
        leaving->capacity = capacity;
    }
    leaving->list[leaving->count++] = *event;
}

void world_send(struct world *world, struct queue_event *event)
{
    assert(event->at_us >= world->now_us);
    event->sequence =
        next_sequence(world, event->from, (enum event_kind)event->kind);
    if (event->to == WORLD_ITSELF || world_moves(world, event->to))
        world_need(queue_push(world->queue, event));
    else if (event->from != WORLD_ITSELF)
        leave(world, event);
}

void world_schedule(struct world *world, uint64_t at_us, uint32_t to,
    uint32_t from, enum event_kind kind, uint32_t link, uint32_t handle)
{
    struct queue_event event = {
        .at_us = at_us,
        .to = to,
        .from = from,
        .kind = (uint8_t)kind,
        .link = link,
        .handle = handle,
    };
    world_send(world, &event);
}

static uint64_t pair_of(uint32_t one, uint32_t other)
{
    return one < other ? (uint64_t)one << 32 | other
                       : (uint64_t)other << 32 | one;
}

void world_touch(struct world *world, uint32_t one, uint32_t other, bool is_so)
{
    uint64_t pair = pair_of(one, other);
    void *unused;
    if (!is_so)
        table_remove(&world->touch, &pair);
    else if (table_add(&world->touch, &pair, &unused) == STATUS_NO_MEMORY)
        world_end(STATUS_NO_MEMORY);
}

bool world_in_touch(const struct world *world, uint32_t one, uint32_t other)
{
    uint64_t pair = pair_of(one, other);
    return world->meetings.count == 0 || table_find(&world->touch, &pair);
}

bool world_has_settled(const struct world *world, uint64_t shown_us)
{
    return shown_us > world->settles_us;
}

struct node_key world_node_key(const struct world *world, uint32_t node)
{
    struct node_key key;
    for (uint64_t i = 0; i < sizeof(key.bytes) / 8; i++) {
        uint64_t bits = noise(world->scenario.seed, node, NOISE_KEY, i);
        for (uint64_t k = 0; k < 8; k++, bits >>= 8)
            key.bytes[i * 8 + k] = (uint8_t)bits;
    }
    return key;
}

static bool may_be_friend(const struct world *world, uint32_t node)
{
    uint8_t role = world->lots[node].role;
    return role == ROLE_HONEST || role == ROLE_SPY;
}

bool world_is_pin(const struct world *world, uint32_t node, uint32_t edge)
{
    const struct topology_edge *edges = world->topology.edges;
    uint64_t before = 0;
    if (world->scenario.topology != TOPOLOGY_JOIN ||
        !may_be_friend(world, node) || !may_be_friend(world, edges[edge].to))
        return false;
    for (uint32_t i = world->dial_from[node]; i < edge; i++)
        before += may_be_friend(world, edges[i].to);
    return before < world->scenario.pins;
}

void world_endpoint(uint32_t node, char out[static LIMIT_ENDPOINT_BYTES + 1])
{
    snprintf(out, LIMIT_ENDPOINT_BYTES + 1, "tcp://10.%u.%u.%u:%d",
        node >> 16 & 255, node >> 8 & 255, node & 255, FIRST_PORT);
}

struct address world_address(uint32_t node)
{
    return (struct address){.size = ADDRESS_IPV4_BYTES,
        .port = FIRST_PORT,
        .bytes = {
            10, (uint8_t)(node >> 16), (uint8_t)(node >> 8), (uint8_t)node}};
}

uint32_t world_node_at(const struct world *world, const char *endpoint)
{
    static const char before[] = "tcp://10.";
    if (strncmp(endpoint, before, sizeof(before) - 1) != 0)
        return UINT32_MAX;
    const char *at = endpoint + sizeof(before) - 1;
    uint32_t node = 0;
    for (const char *ends = "..:"; *ends; ends++) {
        char *end;
        unsigned long part = strtoul(at, &end, 10);
        if (end == at || *end != *ends || part > 255)
            return UINT32_MAX;
        node = node << 8 | (uint32_t)part;
        at = end + 1;
    }
    return node < world->node_count ? node : UINT32_MAX;
}

static void *put_in_place(void *before, const void *from, size_t size)
{
    void *now = realloc(before, size + 1);
    world_need(now ? STATUS_OK : STATUS_NO_MEMORY);
    return size > 0 ? memcpy(now, from, size) : now;
}

void world_keep_nodes(
    struct node *node, size_t count, const struct kept_node *nodes)
{
    node->kept = put_in_place(node->kept, nodes, count * sizeof(*nodes));
    node->kept_count = (uint32_t)count;
}

void world_keep_scores(
    struct node *node, size_t count, const struct kept_score *scores)
{
    node->bad = put_in_place(node->bad, scores, count * sizeof(*scores));
    node->bad_count = (uint32_t)count;
}

struct link *world_link(struct node *node, uint32_t number)
{
    if (node->link_count == 0 || number < node->links[0].number)
        return NULL;
    /* Links lie in the order of their numbers, so none lies behind the place
     * that it would have if no number were missing. */
    uint64_t place = number - node->links[0].number;
    if (place >= node->link_count)
        place = node->link_count - 1;
    while (place > 0 && node->links[place].number > number)
        place--;
    return node->links[place].number == number ? &node->links[place] : NULL;
}

struct link *world_link_of_peer(
    struct node *node, uint32_t peer, uint32_t peer_number)
{
    for (uint32_t i = 0; i < node->link_count; i++)
        if (node->links[i].peer == peer &&
            node->links[i].peer_number == peer_number)
            return &node->links[i];
    return NULL;
}

struct link *world_link_add(struct node *node)
{
    if (node->link_count == node->link_capacity) {
        uint32_t capacity = node->link_capacity ? node->link_capacity * 2 : 4;
        struct link *links = realloc(node->links, capacity * sizeof(*links));
        world_need(links ? STATUS_OK : STATUS_NO_MEMORY);
        node->links = links;
        node->link_capacity = capacity;
    }
    struct link *link = &node->links[node->link_count++];
    *link = (struct link){.number = node->next_link++};
    return link;
}

void world_link_remove(struct node *node, struct link *link)
{
    pipe_free(link->pipe);
    sent_set_clear(&link->sent);
    stem_ways_part(&node->ways, link->number);
    for (uint32_t i = 0; i < node->link_count; i++)
        stem_source_part(&node->links[i].stems, link->number);
    size_t index = (size_t)(link - node->links);
    memmove(
        link, link + 1, (node->link_count - index - 1) * sizeof(*node->links));
    node->link_count--;
}
