/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link is in probation from LINK_UP until its HELLO, then open.  HELLO and
 * PING are repeated until something is heard: one lost frame must not cost a
 * link.  Only an end in probation repeats its HELLO, so a repeated one on an
 * open link means that the peer lost ours; it is answered a bounded number of
 * times, or two open ends could greet each other for ever.
 *
 * What is heard only puts off what a link waits for, so the moment before which
 * nothing can be due is found anew when it has come, and not with each frame.
 */
#include "relay/links.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

void links_init(struct links *links, const struct node_key *self,
    const struct links_config *config)
{
    *links =
        (struct links){.self = *self, .config = *config, .due_ms = UINT64_MAX};
}

static void endpoints_clear(struct links *links)
{
    for (size_t i = 0; i < links->endpoint_count; i++)
        free(links->endpoints[i]);
    links->endpoint_count = 0;
}

void links_clear(struct links *links)
{
    endpoints_clear(links);
    free(links->list);
    free(links->numbers);
    free(links->peers.list);
    *links = (struct links){0};
}

enum status links_set_endpoints(
    struct links *links, size_t count, const struct span endpoints[])
{
    endpoints_clear(links);
    for (size_t i = 0; i < count && i < LIMIT_HELLO_ENDPOINTS; i++) {
        char *copy = malloc(endpoints[i].size + 1);
        if (!copy) {
            endpoints_clear(links);
            return STATUS_NO_MEMORY;
        }
        memcpy(copy, endpoints[i].data, endpoints[i].size);
        copy[endpoints[i].size] = '\0';
        links->endpoints[links->endpoint_count++] = copy;
    }
    return STATUS_OK;
}

struct link *links_find(const struct links *links, uint32_t number)
{
    for (size_t i = 0; i < links->count; i++)
        if (links->numbers[i] == number)
            return &links->list[i];
    return NULL;
}

struct link *links_find_key(
    const struct links *links, const struct node_key *key)
{
    for (size_t i = 0; i < links->count; i++)
        if (node_key_equal(&links->list[i].key, key))
            return &links->list[i];
    return NULL;
}

enum links_verdict links_judge(
    const struct links *links, const struct node_key *key, bool outbound)
{
    if (node_key_equal(key, &links->self))
        return LINKS_SELF;
    const struct link *other = links_find_key(links, key);
    size_t room =
        links->config.maximum - (outbound ? 0 : links->config.reserved);
    if (!other)
        return links->count < room ? LINKS_KEEP : LINKS_FULL;
    if (other->outbound == outbound)
        return outbound ? LINKS_REFUSE : LINKS_REPLACE;
    bool we_are_smaller =
        memcmp(links->self.bytes, key->bytes, sizeof(key->bytes)) < 0;
    return outbound == we_are_smaller ? LINKS_REPLACE : LINKS_REFUSE;
}

/* The texts are copied: an effect outlives the address that it names. */
static void hello_endpoints(
    const struct links *links, struct turn *turn, struct frame_hello *hello)
{
    for (size_t i = 0; i < links->endpoint_count; i++) {
        size_t size = strlen(links->endpoints[i]);
        uint8_t *copy = turn_alloc(turn, size);
        if (!copy)
            return;
        memcpy(copy, links->endpoints[i], size);
        hello->endpoints[hello->endpoint_count++] = (struct span){copy, size};
    }
}

static void say_hello(
    const struct links *links, struct turn *turn, uint32_t number)
{
    struct frame_hello hello = {
        .version = FRAME_PROTOCOL_VERSION,
        .node = links->self,
        .features = links->config.features,
        .clock_s = turn->clock_s,
    };
    hello_endpoints(links, turn, &hello);
    turn_send(turn, number, FRAME_HELLO)->hello = hello;
}

/* When this end has to say something next: a HELLO, or a PING. */
static uint64_t ask_at(const struct link *link)
{
    if (!link->open)
        return link->asked_ms + LINK_HELLO_AGAIN_MS;
    if (link->asked_ms > link->heard_ms)
        return link->asked_ms + LINK_PING_AGAIN_MS;
    return link->heard_ms + LINK_SILENCE_MS;
}

static uint64_t dead_at(const struct link *link)
{
    return link->open ? link->heard_ms + LINK_DEAD_MS
                      : link->since_ms + LINK_PROBATION_MS;
}

static uint64_t due_at(const struct link *link)
{
    uint64_t asks = ask_at(link), dies = dead_at(link);
    return asks < dies ? asks : dies;
}

static void look_ahead(struct links *links)
{
    links->due_ms = UINT64_MAX;
    for (size_t i = 0; i < links->count; i++)
        if (due_at(&links->list[i]) < links->due_ms)
            links->due_ms = due_at(&links->list[i]);
}

void links_add(struct links *links, struct turn *turn, const struct link *link)
{
    assert(links->count < links->config.maximum);
    if (turn_grow(turn, (void **)&links->list, links->count, &links->capacity,
            sizeof(*links->list)) ||
        turn_grow(turn, (void **)&links->numbers, links->count,
            &links->numbers_capacity, sizeof(*links->numbers)))
        return;
    links->numbers[links->count] = link->number;
    struct link *added = &links->list[links->count++];
    *added = (struct link){
        .number = link->number,
        .target = link->target,
        .key = link->key,
        .from = link->from,
        .outbound = link->outbound,
        .since_ms = turn->now_ms,
        .heard_ms = turn->now_ms,
        .asked_ms = turn->now_ms,
    };
    look_ahead(links);
    say_hello(links, turn, added->number);
}

static void peers_remove(struct peers *peers, uint32_t number)
{
    for (size_t i = 0; i < peers->count; i++) {
        if (peers->list[i].link != number)
            continue;
        peers->count--;
        memmove(&peers->list[i], &peers->list[i + 1],
            (peers->count - i) * sizeof(*peers->list));
        return;
    }
}

void links_remove(struct links *links, uint32_t number)
{
    peers_remove(&links->peers, number);
    struct link *link = links_find(links, number);
    if (!link)
        return;
    size_t place = (size_t)(link - links->list);
    size_t behind = links->count - place - 1;
    memmove(link, link + 1, behind * sizeof(*link));
    memmove(&links->numbers[place], &links->numbers[place + 1],
        behind * sizeof(*links->numbers));
    links->count--;
    look_ahead(links);
}

void links_heard(struct link *link, const struct turn *turn, uint32_t bytes)
{
    link->received_frames++;
    link->received_bytes += bytes;
    if (link->open)
        link->heard_ms = turn->now_ms; /* probation waits for HELLO alone */
}

static void link_opens(struct links *links, struct turn *turn,
    struct link *link, uint32_t features)
{
    if (turn_grow(turn, (void **)&links->peers.list, links->peers.count,
            &links->peers_capacity, sizeof(*links->peers.list)))
        return;
    links->peers.list[links->peers.count++] = (struct peer){
        .link = link->number, .key = link->key, .features = features};
    link->open = true;
    link->since_ms = turn->now_ms;
    link->heard_ms = turn->now_ms;
    link->asked_ms = turn->now_ms;
    look_ahead(links);
}

/* Whether a peer's clock lies half a day off; 0 says nothing. */
static bool is_far_off(const struct turn *turn, uint64_t clock_s)
{
    uint64_t apart_s = clock_s > turn->clock_s ? clock_s - turn->clock_s
                                               : turn->clock_s - clock_s;
    return clock_s != 0 && apart_s > LIMIT_CLOCK_LIE_S;
}

enum links_hello links_hello(struct links *links, struct turn *turn,
    struct link *link, const struct frame_hello *hello)
{
    if (!node_key_equal(&hello->node, &link->key))
        return HELLO_FALSE;
    if (hello->version < FRAME_PROTOCOL_VERSION)
        return HELLO_VERSION;
    if (is_far_off(turn, hello->clock_s))
        return HELLO_CLOCK;
    if (!link->open) {
        link_opens(links, turn, link, hello->features);
        return HELLO_OPENED;
    }
    if (link->hello_answers < LINK_HELLO_ANSWERS) {
        link->hello_answers++;
        say_hello(links, turn, link->number);
    }
    return HELLO_REPEATED;
}

/* RFC 6298, section 2, in integers as Jacobson wrote them (1988). */
static void measure(struct link *link, uint32_t rtt_ms)
{
    if (link->srtt_ms8 == 0) {
        link->srtt_ms8 = rtt_ms * 8;
        link->rttvar_ms4 = rtt_ms * 2;
        return;
    }
    int64_t error = (int64_t)rtt_ms - link->srtt_ms8 / 8;
    int64_t size = error < 0 ? -error : error;
    link->rttvar_ms4 =
        (uint32_t)(link->rttvar_ms4 - link->rttvar_ms4 / 4 + (uint64_t)size);
    link->srtt_ms8 = (uint32_t)(link->srtt_ms8 + error);
}

bool links_terms(
    struct links *links, uint32_t number, const struct frame_terms *terms)
{
    bool fell = false;
    for (size_t i = 0; i < links->peers.count; i++) {
        struct peer *peer = &links->peers.list[i];
        if (peer->link != number)
            continue;
        fell = terms->least < peer->least;
        peer->least = terms->least;
        peer->asked = terms->asked;
        peer->rate_bytes_s = terms->rate_bytes_s;
    }
    return fell;
}

void links_measured(struct links *links, uint32_t number, uint32_t rtt_ms)
{
    struct link *link = links_find(links, number);
    if (!link)
        return;
    measure(link, rtt_ms == 0 ? 1 : rtt_ms);
    for (size_t i = 0; i < links->peers.count; i++)
        if (links->peers.list[i].link == number)
            links->peers.list[i].rtt_ms = link_rtt_ms(link);
}

void links_pong(struct links *links, struct link *link, const struct turn *turn,
    uint64_t nonce)
{
    if (link->ping_nonce == 0 || nonce != link->ping_nonce)
        return;
    link->ping_nonce = 0;
    links_measured(
        links, link->number, (uint32_t)(turn->now_ms - link->asked_ms));
}

static void ask(const struct links *links, struct turn *turn, struct link *link)
{
    link->asked_ms = turn->now_ms;
    if (!link->open) {
        say_hello(links, turn, link->number);
        return;
    }
    do
        link->ping_nonce = random_u64(turn->random);
    while (link->ping_nonce == 0);
    turn_send(turn, link->number, FRAME_PING)->ping.nonce = link->ping_nonce;
}

void links_tick(struct links *links, struct turn *turn)
{
    if (turn->now_ms < links->due_ms)
        return;
    for (size_t i = 0; i < links->count; i++)
        if (ask_at(&links->list[i]) <= turn->now_ms)
            ask(links, turn, &links->list[i]);
    look_ahead(links);
}

struct link *links_dead(const struct links *links, uint64_t now_ms)
{
    for (size_t i = 0; now_ms >= links->due_ms && i < links->count; i++)
        if (dead_at(&links->list[i]) <= now_ms)
            return &links->list[i];
    return NULL;
}

uint32_t link_rtt_ms(const struct link *link)
{
    return link->srtt_ms8 / 8;
}

size_t links_bytes(const struct links *links)
{
    size_t bytes = links->capacity * sizeof(*links->list) +
                   links->numbers_capacity * sizeof(*links->numbers) +
                   links->peers_capacity * sizeof(*links->peers.list);
    for (size_t i = 0; i < links->endpoint_count; i++)
        bytes += strlen(links->endpoints[i]) + 1;
    return bytes;
}

static const char *link_violation(
    const struct links *links, const struct link *link)
{
    if (links->numbers[link - links->list] != link->number)
        return "a link would not be found";
    if (due_at(link) < links->due_ms)
        return "a link's silence would go unnoticed";
    if (node_key_equal(&link->key, &links->self))
        return "a node is linked to itself";
    return NULL;
}

const char *links_step_violation(
    const struct links *links, uint64_t now_ms, uint32_t number)
{
    if (links->count > links->config.maximum)
        return "more links than allowed";
    if (links->peers.count > links->count)
        return "the open links and the peers differ";
    if (links->count > 0 && links->due_ms > now_ms + LINK_SILENCE_MS)
        return "a link's silence would go unnoticed";
    const struct link *link = links_find(links, number);
    return link ? link_violation(links, link) : NULL;
}

const char *links_violation(const struct links *links, uint64_t now_ms)
{
    size_t open = 0;
    for (size_t i = 0; i < links->count; i++) {
        const struct link *link = &links->list[i];
        const char *why = link_violation(links, link);
        if (why)
            return why;
        open += link->open;
        for (size_t j = 0; j < i; j++)
            if (node_key_equal(&links->list[j].key, &link->key))
                return "a node has two links";
    }
    if (open != links->peers.count)
        return "the open links and the peers differ";
    return links_step_violation(links, now_ms, 0);
}
