/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links and their ends.  A link lives in the transport's list from its first
 * state to its last; every way for it to end goes through transport_link_end
 * (the caller has to be told) or transport_link_bury (it knows).  What the
 * caller has to be told is kept on the link itself, so that news can neither
 * pile up nor outlive what they are about. */
#include "platform/transport.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/transport_inside.h"
#include "platform/transport_message.h"

size_t transport_link_room(const struct transport *transport)
{
    /* Those that live, as many that are gone, and one that is replaced. */
    return 2 * transport->link_maximum + 2;
}

struct transport_link *transport_link_add(
    struct transport *transport, bool outbound, const struct node_key *key)
{
    struct transport_link *link = calloc(1, sizeof(*link));

    assert(transport->link_count < transport_link_room(transport));
    if (!link)
        return NULL;
    link->transport = transport;
    link->number = ++transport->last_number;
    assert(link->number != 0);
    link->outbound = outbound;
    link->state = outbound ? LINK_DIALLING : LINK_UP;
    link->key = *key;
    link->descriptor = -1;
    transport->links[transport->link_count++] = link;
    return link;
}

size_t transport_link_live(const struct transport *transport)
{
    size_t count = 0;

    for (size_t i = 0; i < transport->link_count; i++)
        count += transport->links[i]->state != LINK_GONE;
    return count;
}

struct transport_link *transport_link_find(
    const struct transport *transport, uint32_t number)
{
    for (size_t i = 0; i < transport->link_count; i++)
        if (transport->links[i]->number == number)
            return transport->links[i];
    return NULL;
}

struct transport_link *transport_link_by_route(
    const struct transport *transport, const uint8_t *route)
{
    for (size_t i = 0; i < transport->link_count; i++) {
        struct transport_link *link = transport->links[i];
        if (!link->outbound &&
            memcmp(link->route, route, TRANSPORT_ROUTE_BYTES) == 0)
            return link;
    }
    return NULL;
}

struct transport_link *transport_link_inbound(
    const struct transport *transport, const struct node_key *key)
{
    for (size_t i = 0; i < transport->link_count; i++) {
        struct transport_link *link = transport->links[i];
        if (!link->outbound && node_key_equal(&link->key, key) &&
            (link->state == LINK_UP || link->state == LINK_ENDING ||
                link->state == LINK_DRAINING))
            return link;
    }
    return NULL;
}

static void tell(struct transport_link *link)
{
    struct transport *transport = link->transport;

    if (!link->in_news) {
        link->in_news = true;
        link->next_news = NULL;
        if (transport->last_news)
            transport->last_news->next_news = link;
        else
            transport->first_news = link;
        transport->last_news = link;
    }
    transport_stir(transport);
}

static void forget_news(struct transport_link *link)
{
    struct transport *transport = link->transport;
    struct transport_link **at = &transport->first_news, *before = NULL;

    if (!link->in_news)
        return;
    while (*at != link) {
        before = *at;
        at = &(*at)->next_news;
    }
    *at = link->next_news;
    if (transport->last_news == link)
        transport->last_news = before;
    link->in_news = link->news_up = link->news_end = false;
}

void transport_link_up(struct transport_link *link)
{
    link->state = LINK_UP;
    link->news_up = true;
    tell(link);
}

/* Let go of the connection and of what waits for it. */
static void close_all(struct transport_link *link)
{
    link->transport->counts.queued_bytes -= link->queue.lanes.bytes;
    transport_queue_clear(&link->queue);
    if (link->outbound)
        transport_outbound_close(link, 0);
    else
        transport_inbound_close(link);
}

void transport_link_end(
    struct transport_link *link, enum transport_event_kind kind)
{
    close_all(link);
    link->state = LINK_ENDED;
    link->news_end = true;
    link->end_kind = kind;
    tell(link);
}

static size_t gone_count(
    const struct transport *transport, struct transport_link **oldest)
{
    size_t count = 0;

    *oldest = NULL;
    for (size_t i = 0; i < transport->link_count; i++) {
        struct transport_link *link = transport->links[i];
        if (link->state != LINK_GONE)
            continue;
        count++;
        if (!*oldest || link->number < (*oldest)->number)
            *oldest = link;
    }
    return count;
}

void transport_link_bury(struct transport_link *link)
{
    struct transport *transport = link->transport;
    struct transport_link *oldest;

    forget_news(link);
    close_all(link);
    if (link->outbound) {
        transport_link_free(link);
        return;
    }
    link->state = LINK_GONE;
    link->until_ms = clock_now_ms() + TRANSPORT_GONE_MS;
    if (gone_count(transport, &oldest) > transport->link_maximum)
        transport_link_free(oldest);
}

void transport_link_ending(struct transport_link *link)
{
    if (link->state == LINK_DRAINING) {
        transport_link_bury(link);
        return;
    }
    if (link->state != LINK_UP)
        return;
    link->state = LINK_ENDING;
    link->until_ms = clock_now_ms() + TRANSPORT_ENDING_MS;
    transport_hurry(link->transport);
}

void transport_link_free(struct transport_link *link)
{
    struct transport *transport = link->transport;

    forget_news(link);
    close_all(link);
    for (size_t i = 0; i < transport->link_count; i++)
        if (transport->links[i] == link) {
            transport->links[i] = transport->links[--transport->link_count];
            break;
        }
    free(link);
}

bool transport_link_news(
    struct transport *transport, struct transport_event *out)
{
    struct transport_link *link = transport->first_news;

    if (!link)
        return false;
    *out = (struct transport_event){
        .link = link->number,
        .target = link->target,
        .outbound = link->outbound,
        .key = link->key,
        .was_answered = link->answered,
    };
    if (link->news_up) {
        link->news_up = false;
        out->kind = TRANSPORT_UP;
        if (!link->outbound &&
            address_from_ip(link->peer.host, link->peer.port, &out->from))
            out->from = (struct address){0};
        if (!link->news_end)
            forget_news(link);
    } else {
        out->kind = link->end_kind;
        transport_link_bury(link);
    }
    return true;
}

/* The moment, where the rate asks for it. */
static uint64_t rate_now_us(const struct transport *transport)
{
    return transport->rate.bytes_s == 0 ? 0 : clock_now_ms() * 1000;
}

static enum transport_sent offer(
    struct transport_link *link, const struct transport_frame *frame)
{
    struct transport *transport = link->transport;
    struct span route = {link->route, link->outbound ? 0 : sizeof(link->route)};
    void *socket = link->outbound ? link->dealer : transport->router;
    enum transport_sent sent =
        transport_message_holds(transport->message, frame->held)
            ? transport_message_pass(transport->message, socket, route, frame)
            : transport_message_send(socket, route, frame->bytes);

    if (link->outbound)
        link->sent = true;
    else
        transport->router_sent = true;
    if (sent == SENT) {
        link->sent_bytes += frame->bytes.size;
        transport_rate_spend(
            &transport->rate, rate_now_us(transport), frame->bytes.size);
    }
    return sent;
}

void transport_link_leave(struct transport_link *link)
{
    if (link->outbound) {
        transport_outbound_close(link, TRANSPORT_DRAIN_MS);
    } else if (link->descriptor >= 0) {
        close(link->descriptor);
        link->descriptor = -1;
    }
}

/* Whether the rate of all links lets a frame of that rank go now. */
static bool may_send(const struct transport *transport, enum lane_rank rank)
{
    return transport_rate_allows(&transport->rate, rate_now_us(transport),
        rank == LANE_CONTROL || rank == LANE_URGENT);
}

void transport_note_demoted(
    struct transport *transport, uint32_t link, const struct envelope_id *id)
{
    transport->counts.demoted++;
    transport_demotions_add(&transport->demotions, link, id);
}

/* What waits of a link is other than it was: count it, and keep what was
 * demoted for whoever asks for news. */
static void recount(struct transport_link *link, size_t before)
{
    struct transport *transport = link->transport;
    struct envelope_id id;

    transport->counts.queued_bytes += link->queue.lanes.bytes;
    transport->counts.queued_bytes -= before;
    while (transport_queue_take_demoted(&link->queue, &id))
        transport_note_demoted(transport, link->number, &id);
}

static struct lanes_terms terms_of(const struct transport_link *link)
{
    return (struct lanes_terms){clock_now_ms(), LIMIT_LINK_QUEUE_BYTES,
        LIMIT_NODE_QUEUE_BYTES - link->transport->counts.queued_bytes};
}

/* Take in what libzmq has sent meanwhile, which it says once a turn unless it
 * is asked, and hand it more. */
static void catch_up(struct transport_link *link)
{
    struct transport *transport = link->transport;

    if (transport_socket_settle(
            link->outbound ? link->dealer : transport->router)) {
        if (link->outbound)
            link->readable = true;
        else
            transport->router_readable = true;
    }
    transport_link_flush(link);
}

/* Let a frame wait.  STATUS_AGAIN when there is no room. */
static enum status queue_up(struct transport_link *link, struct lane lane,
    const struct transport_frame *frame)
{
    struct lanes_terms terms = terms_of(link);

    if (!lanes_has_room(&link->queue.lanes, lane, frame->bytes.size, &terms))
        catch_up(link);
    if (link->state != LINK_UP)
        return STATUS_AGAIN;
    terms = terms_of(link);
    size_t before = link->queue.lanes.bytes;
    enum status status =
        transport_queue_push(&link->queue, lane, frame, &terms);
    recount(link, before);
    return status ? STATUS_AGAIN : STATUS_OK;
}

enum status transport_send(struct transport *transport, uint32_t number,
    struct lane lane, struct span frame)
{
    return transport_pass(
        transport, number, lane, &(struct transport_frame){.bytes = frame});
}

enum status transport_pass(struct transport *transport, uint32_t number,
    struct lane lane, const struct transport_frame *frame)
{
    struct transport_link *link = transport_link_find(transport, number);
    enum transport_sent sent = SENT_LATER;

    assert(frame->bytes.size > 0 && frame->bytes.size <= LIMIT_FRAME_BYTES);
    if (!link || link->state != LINK_UP)
        return STATUS_NOT_FOUND;
    if (transport_queue_is_empty(&link->queue) &&
        may_send(transport, lane.rank))
        sent = offer(link, frame);
    transport_stir_to_send(transport);
    if (sent == SENT)
        return STATUS_OK;
    if (sent == SENT_NEVER) {
        transport_link_ending(link);
        return STATUS_NOT_FOUND;
    }
    enum status status = queue_up(link, lane, frame);
    transport->counts.sends_dropped += status != STATUS_OK;
    return status;
}

/* What has waited too long is not sent; but a link that ends sends all. */
static void demote_stale(struct transport_link *link)
{
    size_t before = link->queue.lanes.bytes;

    if (before == 0 || link->state != LINK_UP)
        return;
    lanes_pass_time(&link->queue.lanes, clock_now_ms());
    recount(link, before);
}

bool transport_link_flush(struct transport_link *link)
{
    bool any = false;
    enum transport_sent sent = SENT;

    demote_stale(link);
    while (!transport_queue_is_empty(&link->queue) && sent == SENT &&
           (link->state == LINK_UP || link->state == LINK_DRAINING)) {
        size_t before = link->queue.lanes.bytes;
        if (!may_send(link->transport, transport_queue_lane(&link->queue).rank))
            break;
        sent = offer(link, &(struct transport_frame){
                               .bytes = transport_queue_first(&link->queue)});
        if (sent == SENT) {
            transport_queue_pop(&link->queue);
            recount(link, before);
            any = true;
        }
    }
    if (sent == SENT_NEVER)
        transport_link_ending(link);
    return any;
}

void transport_hangup(struct transport *transport, uint32_t number, bool flush)
{
    struct transport_link *link = transport_link_find(transport, number);

    if (!link || link->state == LINK_DIALLING || link->state == LINK_DRAINING ||
        link->state == LINK_GONE)
        return;
    forget_news(link);
    if (!flush || link->state != LINK_UP) {
        transport_link_bury(link);
        return;
    }
    link->state = LINK_DRAINING;
    link->until_ms = clock_now_ms() + TRANSPORT_DRAIN_MS;
    transport_link_flush(link);
    transport_hurry(transport);
}

void transport_link_count_received(
    struct transport_link *link, size_t frame_bytes)
{
    enum { CURVE_BYTES = 33, SHORT_BYTES = 255 };
    size_t body = frame_bytes + CURVE_BYTES;

    /* ZMTP 3.1: a flag, and a length of one byte or eight. */
    link->received_bytes += body + (body > SHORT_BYTES ? 9 : 2);
}

bool transport_link_hoards(const struct transport_link *link)
{
    return link->descriptor >= 0 &&
           transport_descriptor_received(link->descriptor) >
               link->received_bytes + TRANSPORT_UNDELIVERED_BYTES;
}

/* A send may have found out before the sweep that the connection has gone. */
bool transport_link_is_dropped(const struct transport_link *link)
{
    return (link->state == LINK_UP || link->state == LINK_ENDING) &&
           link->descriptor >= 0 &&
           transport_descriptor_is_held(link->descriptor);
}

void transport_link_cut(struct transport_link *link)
{
    link->transport->counts.oversize++;
    transport_link_end(link, TRANSPORT_CUT);
}

uint64_t transport_sent_bytes(
    const struct transport *transport, uint32_t number)
{
    const struct transport_link *link = transport_link_find(transport, number);

    return link ? link->sent_bytes : 0;
}
