/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the relay tells its person: a look at the engine, in the words of the
 * control protocol.  Nothing here is about letters or contacts: this process
 * knows of neither. */
#include "config.h"

#include "daemon/relay_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "daemon/answer.h"
#include "daemon/relay_bundle.h"
#include "daemon/relay_loop.h"
#include "platform/clock.h"
#include "proto/endpoint.h"

enum {
    ANSWER_LINKS = LIMIT_LINKS + LIMIT_DIAL_TARGETS,
    ANSWER_OTHERS = 7, /* reasons that are not the engine's */
    ANSWER_REFUSED = REFUSAL_COUNT + ANSWER_OTHERS,
    ANSWER_TRAFFIC = 3 * RELAY_FRAME_TYPES + 2,
};

/* One answer's memory: the engine's view, and the rows made from it. */
struct report {
    struct relay_view view;
    struct transport_counts counts;
    struct control_link links[ANSWER_LINKS];
    struct control_count refused[ANSWER_REFUSED];
    struct control_count traffic[ANSWER_TRAFFIC];
    char traffic_names[ANSWER_TRAFFIC][32];
    char endpoint_texts[LIMIT_HELLO_ENDPOINTS][ENDPOINT_TEXT_BYTES];
    struct span endpoints[LIMIT_HELLO_ENDPOINTS];
};

static void key_text(const struct node_key *key, char *out)
{
    hex_encode((struct span){key->bytes, sizeof(key->bytes)}, out);
}

static void report_link(const struct relay_loop *loop,
    const struct relay_link_view *view, struct control_link *out)
{
    uint64_t age_s = (clock_now_ms() - view->since_ms) / 1000;
    key_text(&view->key, out->key);
    out->state = link_state_name(view->state);
    out->why = link_why_name(view->why);
    out->standing = standing_name(view->standing);
    out->demerits = view->score < 0 ? (uint64_t)-view->score : 0;
    out->outbound = view->outbound;
    out->answered = view->was_answered;
    out->endpoint = span_of_text(view->endpoint);
    out->since_s = clock_wall_s() - age_s;
    out->rtt_ms = view->rtt_ms;
    out->received_bytes = view->received_bytes;
    out->sent_bytes = transport_sent_bytes(loop->transport, view->link);
}

static void report_links(const struct relay_loop *loop, struct report *report)
{
    for (size_t i = 0; i < report->view.link_count; i++)
        report_link(loop, &report->view.links[i], &report->links[i]);
}

static size_t report_refused(
    const struct relay_loop *loop, struct report *report)
{
    const struct transport_counts *counts = &report->counts;
    size_t count = 0;
    for (int i = 0; i < REFUSAL_COUNT; i++)
        report->refused[count++] = (struct control_count){
            refusal_name((enum refusal)i), report->view.refused[i]};
    const struct control_count others[ANSWER_OTHERS] = {
        {"handshake", counts->handshakes_failed},
        {"queue-full", counts->sends_dropped},
        {"demoted", counts->demoted},
        {"inbound-limit", counts->inbound_refused},
        {"new-links", counts->hasty},
        {"oversize", counts->oversize},
        {"disk", loop->refused_disk},
    };
    memcpy(&report->refused[count], others, sizeof(others));
    count += ANSWER_OTHERS;
    return count;
}

/* A count for each type of frame that there was. */
static size_t report_kinds(struct report *report, size_t count,
    const uint64_t counts[static RELAY_FRAME_TYPES], const char *before,
    const char *after)
{
    for (int i = 0; i < RELAY_FRAME_TYPES; i++) {
        const char *name = frame_type_name((enum frame_type)i);
        if (counts[i] == 0 || !name)
            continue;
        char *text = report->traffic_names[count];
        snprintf(text, sizeof(report->traffic_names[0]), "%s%s%s", before, name,
            after);
        report->traffic[count++] = (struct control_count){text, counts[i]};
    }
    return count;
}

static size_t report_traffic(
    const struct relay_loop *loop, struct report *report)
{
    const struct transport_counts *counts = &report->counts;
    size_t count = report_kinds(report, 0, loop->received, "received-", "");
    count = report_kinds(report, count, loop->sent, "sent-", "");
    count = report_kinds(report, count, loop->sent_bytes, "sent-", "-bytes");
    if (loop->taken > 0)
        report->traffic[count++] = (struct control_count){"taken", loop->taken};
    if (counts->dials_unanswered > 0)
        report->traffic[count++] = (struct control_count){
            "dials-unanswered", counts->dials_unanswered};
    return count;
}

static void report_endpoint(const struct relay_loop *loop,
    struct report *report, struct control_relay_status *out,
    const char *endpoint)
{
    size_t i = out->endpoint_count;
    if (i == LIMIT_HELLO_ENDPOINTS)
        return;
    endpoint_print(endpoint, &loop->key, report->endpoint_texts[i]);
    report->endpoints[i] = span_of_text(report->endpoint_texts[i]);
    out->endpoint_count++;
}

/* Those that its person names for others come first. */
static void report_endpoints(const struct relay_loop *loop,
    struct report *report, struct control_relay_status *out)
{
    const struct settings *settings = loop->settings;
    for (size_t i = 0; i < settings->advertise_count; i++)
        report_endpoint(loop, report, out, settings->advertise[i]);
    for (size_t i = 0; i < loop->endpoint_count; i++)
        report_endpoint(loop, report, out, loop->endpoints[i]);
    out->endpoints = report->endpoints;
}

static void report_proxy(
    const struct relay_loop *loop, struct control_relay_status *out)
{
    const char *trouble =
        transport_proxy_trouble(loop->transport, &out->proxy_failed);
    if (!loop->settings->socks[0])
        return;
    out->proxy_address = span_of_text(loop->settings->socks);
    if (!trouble)
        return;
    out->proxy_trouble = span_of_text(trouble);
    /* Before the loop has seen the dial end, it is now. */
    out->proxy_since_s =
        loop->proxy_trouble ? loop->proxy_since_s : clock_wall_s();
}

static void report_status(const struct relay_loop *loop, struct report *report,
    struct control_relay_status *out)
{
    const struct relay_view *view = &report->view;
    transport_count(loop->transport, &report->counts);
    report_links(loop, report);
    report_endpoints(loop, report, out);
    report_proxy(loop, out);
    key_text(&loop->key, out->key);
    out->version = PACKAGE_VERSION;
    out->uptime_s = (clock_now_ms() - loop->started_ms) / 1000;
    out->sandbox = loop->sandbox;
    out->link_count = view->link_count;
    out->links = report->links;
    out->shelf_envelopes = view->shelf_envelopes;
    out->shelf_bytes = view->shelf_bytes;
    out->shelf_quota_bytes = view->shelf_quota_bytes;
    out->shelf_cleared = view->shelf_cleared;
    out->shelf_saved_bytes = view->shelf_saved_bytes;
    out->shelf_evicted = view->shelf_evicted;
    out->shelf_hidden = view->hidden;
    out->stamp_least = view->least_value;
    out->stamp_asked = view->asked_value;
    out->stamps_making = view->stamps_making;
    out->stamps_checked = view->stamps_checked;
    out->refused_count = report_refused(loop, report);
    out->refused = report->refused;
    out->traffic_count = report_traffic(loop, report);
    out->traffic = report->traffic;
}

static struct report *report_new(const struct relay_loop *loop)
{
    struct report *report = calloc(1, sizeof(*report));
    if (report)
        relay_look(loop->relay, &report->view);
    return report;
}

static void answer_status(struct relay_loop *loop, uint64_t client, uint64_t id)
{
    struct control_reply reply = {.kind = CONTROL_RELAY_STATUS, .id = id};
    struct report *report = report_new(loop);
    if (!report) {
        answer_error(loop->ipc, client, id, STATUS_NO_MEMORY, "no memory");
        return;
    }
    report_status(loop, report, &reply.relay);
    answer(loop->ipc, client, &reply);
    free(report);
}

/* Links by pages: the cursor is how many came before. */
static void answer_peers(struct relay_loop *loop, uint64_t client,
    const struct control_request *request)
{
    struct control_reply reply = {.kind = CONTROL_LINK_ROWS, .id = request->id};
    struct report *report = report_new(loop);
    if (!report) {
        answer_error(
            loop->ipc, client, request->id, STATUS_NO_MEMORY, "no memory");
        return;
    }
    report_links(loop, report);
    size_t all = report->view.link_count;
    size_t from = request->cursor < all ? (size_t)request->cursor : all;
    size_t limit = request->limit > 0 && request->limit < LIMIT_CONTROL_ROWS
                       ? (size_t)request->limit
                       : LIMIT_CONTROL_ROWS;
    reply.count = all - from < limit ? all - from : limit;
    reply.links = report->links + from;
    reply.next = from + reply.count < all ? from + reply.count : 0;
    answer(loop->ipc, client, &reply);
    free(report);
}

static void answer_done(struct relay_loop *loop, uint64_t client, uint64_t id)
{
    const struct control_reply reply = {.kind = CONTROL_DONE, .id = id};
    answer(loop->ipc, client, &reply);
}

static void connect_event(struct relay_loop *loop, enum relay_event_kind kind,
    const struct endpoint *endpoint)
{
    struct relay_event event = relay_state_event(kind);
    event.connect.endpoint = span_of_text(endpoint->address);
    event.connect.key = endpoint->key;
    event.connect.origin = ORIGIN_PERSON;
    relay_loop_step(loop, &event);
}

static void answer_connect(struct relay_loop *loop, uint64_t client,
    const struct control_request *request)
{
    struct endpoint endpoint;
    bool is_one = endpoint_parse(request->endpoint, &endpoint) == STATUS_OK;
    if (is_one && !endpoint.has_key) {
        answer_error(loop->ipc, client, request->id, STATUS_INVALID,
            "the endpoint lacks the node's key: put # and its 64 digits behind "
            "it (that node's status prints both together)");
        return;
    }
    if (!is_one || !endpoint.address[0]) {
        answer_error(loop->ipc, client, request->id, STATUS_INVALID,
            "an endpoint is tcp://ADDRESS:PORT#NODEKEY, as that node's status "
            "shows it");
        return;
    }
    const char *complaint = endpoint_dial_complaint(
        endpoint.address, loop->settings->socks[0] != '\0');
    if (complaint) {
        answer_error(loop->ipc, client, request->id, STATUS_INVALID, complaint);
        return;
    }
    if (node_key_equal(&endpoint.key, &loop->key)) {
        answer_error(loop->ipc, client, request->id, STATUS_REFUSED,
            "that is this node itself");
        return;
    }
    connect_event(loop, RELAY_CONNECT, &endpoint);
    answer_done(loop, client, request->id);
}

static bool names_link(
    const struct endpoint *endpoint, const struct relay_link_view *view)
{
    return (!endpoint->has_key || node_key_equal(&endpoint->key, &view->key)) &&
           (!endpoint->address[0] ||
               strcmp(endpoint->address, view->endpoint) == 0);
}

static void answer_disconnect(struct relay_loop *loop, uint64_t client,
    const struct control_request *request)
{
    struct endpoint endpoint;
    if (endpoint_parse(request->endpoint, &endpoint)) {
        answer_error(loop->ipc, client, request->id, STATUS_INVALID,
            "a link is named by tcp://ADDRESS:PORT or by its node's key");
        return;
    }
    struct report *report = report_new(loop);
    bool found = false;
    for (size_t i = 0; report && !found && i < report->view.link_count; i++)
        found = names_link(&endpoint, &report->view.links[i]);
    free(report);
    if (!found) {
        answer_error(loop->ipc, client, request->id, STATUS_NOT_FOUND,
            "no such link (see sotto peers)");
        return;
    }
    connect_event(loop, RELAY_DISCONNECT, &endpoint);
    answer_done(loop, client, request->id);
}

static void answer_request(struct relay_loop *loop, uint64_t client,
    const struct control_request *request)
{
    if (request->method == CONTROL_STATUS)
        answer_status(loop, client, request->id);
    else if (request->method == CONTROL_PEERS)
        answer_peers(loop, client, request);
    else if (request->method == CONTROL_CONNECT)
        answer_connect(loop, client, request);
    else if (request->method == CONTROL_DISCONNECT)
        answer_disconnect(loop, client, request);
    else if (request->method == CONTROL_BUNDLE_LIST)
        relay_bundle_list(loop, client, request);
    else if (request->method == CONTROL_BUNDLE_GET)
        relay_bundle_get(loop, client, request);
    else if (request->method == CONTROL_BUNDLE_PUT)
        relay_bundle_put(loop, client, request);
    else
        answer_error(loop->ipc, client, request->id, STATUS_INVALID,
            "the vault answers that: its socket is vault.sock");
}

void relay_answer(void *context, uint64_t client, struct span line)
{
    struct relay_loop *loop = context;
    struct control_message message;
    if (answer_decode(loop->ipc, client, line, &message))
        return;
    answer_request(loop, client, &message.request);
    control_message_clear(&message);
}
