/* SPDX-License-Identifier: GPL-3.0-or-later */
/* status, peers and wait-ready.  A node's two processes answer for themselves,
 * so a vault that is locked, dead or absent never hides the relay.  Ready means
 * that each process which this node has, by its own word, answers, and that a
 * vault which was to unlock by itself has done so. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "platform/clock.h"
#include "proto/limits.h"

enum {
    READY_USUAL_S = 30, /* the help and sotto(1) say so */
    PAUSE_FIRST_MS = 5,
    PAUSE_LONGEST_MS = 100,
};

/* What both processes said; a status of OK goes with a message. */
struct answers {
    enum status relay_status;
    enum status vault_status;
    struct control_message relay;
    struct control_message vault;
};

static void answers_get(
    const struct cli *cli, uint64_t deadline_ms, struct answers *out)
{
    out->relay_status =
        ask_status(cli, CONTROL_RELAY, deadline_ms, &out->relay);
    out->vault_status =
        ask_status(cli, CONTROL_VAULT, deadline_ms, &out->vault);
}

static void answers_clear(struct answers *answers)
{
    if (!answers->relay_status)
        control_message_clear(&answers->relay);
    if (!answers->vault_status)
        control_message_clear(&answers->vault);
}

/* Why the node is not ready: the status of the first process that it should
 * have and that did not answer, and which. */
static enum status answers_missing(const struct cli *cli,
    const struct answers *answers, enum control_service *which)
{
    enum mode mode = ask_mode(cli);
    *which = CONTROL_RELAY;
    if (mode != MODE_VAULT_ONLY && answers->relay_status)
        return answers->relay_status;
    *which = CONTROL_VAULT;
    if (mode != MODE_RELAY_ONLY)
        return answers->vault_status;
    return STATUS_OK;
}

static int explain(
    const struct cli *cli, enum status status, enum control_service which)
{
    if (status == STATUS_NOT_FOUND)
        return ask_nobody(cli, which);
    if (status == STATUS_REFUSED)
        return fail(EXIT_REFUSED,
            "%s belongs to another user: it is not your "
            "node",
            which == CONTROL_RELAY ? cli->paths.relay_socket
                                   : cli->paths.vault_socket);
    return ask_failed(status);
}

static void print_counts(const struct control_count *counts, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (!counts[i].count)
            continue;
        printf(
            "%s%s %" PRIu64, any ? ", " : "", counts[i].name, counts[i].count);
        any = true;
    }
    printf("%s\n", any ? "" : "nothing");
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_links(const struct control_relay_status *relay)
{
    size_t up = 0;
    for (size_t i = 0; i < relay->link_count; i++)
        up += strcmp(relay->links[i].state, "up") == 0;
    printf("links    %zu up", up);
    if (relay->link_count > up)
        printf(", %zu on the way", relay->link_count - up);
    fputc('\n', stdout);
}

static void print_proxy(const struct control_relay_status *relay)
{
    char since[AMOUNT_CHARS];
    if (!relay->proxy_address.size)
        return;
    printf("proxy    ");
    output_name(relay->proxy_address, 0);
    if (relay->proxy_trouble.size) {
        time_print_s(relay->proxy_since_s, since);
        printf(": ");
        output_name(relay->proxy_trouble, 0);
        printf("; since %s, %" PRIu64 " dial%s ended there", since,
            relay->proxy_failed, plural(relay->proxy_failed));
    }
    fputc('\n', stdout);
}

/* At rest there is nothing to say. */
static void print_stamps(const struct control_relay_status *relay)
{
    if (relay->stamp_least == 0 && relay->stamp_asked == 0 &&
        relay->stamps_making == 0)
        return;
    printf("stamps   mail must be worth %" PRIu64
           ", own is stamped for %" PRIu64 ", %" PRIu64 " being made\n",
        relay->stamp_least, relay->stamp_asked, relay->stamps_making);
}

/* What is hidden now, and whether what is written now would be. */
static void print_stem(const struct control_relay_status *relay)
{
    size_t up = 0;
    for (size_t i = 0; i < relay->link_count; i++)
        up += strcmp(relay->links[i].state, "up") == 0;
    printf("stem     %" PRIu64 " on hidden first hops", relay->shelf_hidden);
    if (up < LIMIT_STEM_LINKS)
        printf("; with fewer than %lu links neighbours see what begins here",
            LIMIT_STEM_LINKS);
    fputc('\n', stdout);
}

/* Whose clock is off cannot be told from here; whose battery is empty can. */
static void print_clock(const struct control_relay_status *relay)
{
    uint64_t count = 0;
    char now[AMOUNT_CHARS];
    for (size_t i = 0; i < relay->refused_count; i++)
        if (strcmp(relay->refused[i].name, "clock") == 0)
            count = relay->refused[i].count;
    if (!count)
        return;
    time_print_s(clock_wall_s(), now);
    printf("clock    it is %s here, and %" PRIu64 " link%s ended with nodes "
           "whose clocks are over %lu h away\n",
        now, count, plural(count), LIMIT_CLOCK_LIE_S / 3600);
}

static void print_relay(
    const struct cli *cli, const struct control_relay_status *relay)
{
    char uptime[AMOUNT_CHARS], held[AMOUNT_CHARS], quota[AMOUNT_CHARS];
    char saved[AMOUNT_CHARS];
    duration_print_s(relay->uptime_s, uptime);
    bytes_print(relay->shelf_bytes, held);
    bytes_print(relay->shelf_quota_bytes, quota);
    bytes_print(relay->shelf_saved_bytes, saved);
    printf("node     %s%s%s  sottod %s, up %s, sandbox %s\n", style_bold(cli),
        relay->key, style_end(cli), relay->version, uptime, relay->sandbox);
    for (size_t i = 0; i < relay->endpoint_count; i++) {
        printf("%s", i ? "         " : "listens  ");
        output_name(relay->endpoints[i], 0);
        fputc('\n', stdout);
    }
    print_links(relay);
    print_proxy(relay);
    printf("shelf    %" PRIu64 " envelope%s, %s of %s; %" PRIu64
           " cleared by receipts, which saves %s; %" PRIu64 " evicted\n",
        relay->shelf_envelopes, plural(relay->shelf_envelopes), held, quota,
        relay->shelf_cleared, saved, relay->shelf_evicted);
    print_stem(relay);
    print_stamps(relay);
    printf("refused  ");
    print_counts(relay->refused, relay->refused_count);
    print_clock(relay);
}

static void print_incomplete(const struct cli *cli)
{
    printf(": %s/vault.db is there, its key slots (%s/slots) are missing",
        cli->paths.vault_dir, cli->paths.vault_dir);
    printf("; put them back from a copy (sotto help init)");
}

static void print_locked(
    const struct cli *cli, const struct control_vault_status *vault)
{
    if (strcmp(vault->missing, "records") == 0)
        printf(": %s/slots is there, its database (vault.db) is missing or "
               "empty; put it back from a copy",
            cli->paths.vault_dir);
    else if (strcmp(vault->self_unlock, "trying") == 0)
        printf(" (being unlocked by --unlock-with)");
    else if (strcmp(vault->self_unlock, "failed") == 0)
        printf(" (--unlock-with did not open it: sotto unlock)");
    else
        printf(" (sotto unlock)");
}

static void print_vault(
    const struct cli *cli, const struct control_vault_status *vault)
{
    printf("vault    %s%s%s", style_bold(cli), vault_state_name(vault->state),
        style_end(cli));
    if (vault->state == VAULT_EMPTY)
        printf(" (sotto init)");
    else if (vault->state == VAULT_LOCKED)
        print_locked(cli, vault);
    else if (vault->state == VAULT_INCOMPLETE)
        print_incomplete(cli);
    else
        printf(", %" PRIu64 " contact%s, %" PRIu64 " unread, %" PRIu64
               " under way, %" PRIu64 " request%s",
            vault->contacts, plural(vault->contacts), vault->unread,
            vault->outbox, vault->requests, plural(vault->requests));
    printf(", sandbox %s\n", vault->sandbox);
}

static int print_status(const struct cli *cli, const struct answers *answers)
{
    const struct control_relay_status *relay =
        answers->relay_status ? NULL : &answers->relay.reply.relay;
    const struct control_vault_status *vault =
        answers->vault_status ? NULL : &answers->vault.reply.vault;
    if (cli->json) {
        char *line = NULL;
        size_t size = 0;
        enum status status = control_status_print(relay, vault, &line, &size);
        return output_line(status, line, size);
    }
    if (relay)
        print_relay(cli, relay);
    if (vault)
        print_vault(cli, vault);
    else if (ask_mode(cli) == MODE_RELAY_ONLY)
        printf("vault    none: this node carries the mail of others alone\n");
    return EXIT_DONE;
}

int verb_status(const struct cli *cli)
{
    struct answers answers;
    answers_get(cli, clock_now_ms() + ANSWER_PATIENCE_MS, &answers);
    enum control_service which;
    enum status missing = answers_missing(cli, &answers, &which);
    int code = EXIT_DONE;
    if (!answers.relay_status || !answers.vault_status)
        code = print_status(cli, &answers);
    answers_clear(&answers);
    if (!code && missing)
        code = explain(cli, missing, which);
    return code;
}

/* What wait-ready comes to with these answers: the exit code and, unless that
 * is EXIT_DONE, whether to look again and what to say at the end. */
struct readiness {
    int code;
    bool can_change;
    enum status missing; /* with the process that does not answer */
    enum control_service which;
};

static struct readiness readiness_of(
    const struct cli *cli, const struct answers *answers)
{
    struct readiness out = {.code = EXIT_DONE};
    out.missing = answers_missing(cli, answers, &out.which);
    if (out.missing) {
        out.code = EXIT_NOT_RUNNING;
        out.can_change = out.missing != STATUS_REFUSED;
    } else if (!answers->vault_status) {
        const char *word = answers->vault.reply.vault.self_unlock;
        out.can_change = strcmp(word, "trying") == 0;
        if (out.can_change)
            out.code = EXIT_LOCKED;
        else if (strcmp(word, "failed") == 0)
            out.code = EXIT_REFUSED;
    }
    return out;
}

static int explain_readiness(const struct cli *cli,
    const struct readiness *readiness, const char *timeout)
{
    if (readiness->code == EXIT_LOCKED)
        return fail(EXIT_LOCKED,
            "the vault is still being unlocked after %s (--timeout waits "
            "longer)",
            timeout);
    if (readiness->code == EXIT_REFUSED)
        return fail(EXIT_REFUSED,
            "sottod could not unlock the vault by itself: it has said why, and "
            "most often the passphrase in the file of its --unlock-with is "
            "wrong (sotto unlock opens the vault all the same)");
    if (readiness->missing == STATUS_AGAIN)
        return fail(EXIT_NOT_RUNNING,
            "the node did not answer in %s (--timeout waits longer)", timeout);
    return explain(cli, readiness->missing, readiness->which);
}

static struct readiness look(const struct cli *cli, uint64_t deadline_ms)
{
    struct answers answers;
    answers_get(cli, deadline_ms, &answers);
    struct readiness readiness = readiness_of(cli, &answers);
    answers_clear(&answers);
    return readiness;
}

/* A socket's file is there before anybody listens, so watching the folder would
 * still need a pause between two looks.  The last look is one that had time. */
static struct readiness wait_until_ready(
    const struct cli *cli, uint64_t deadline_ms)
{
    struct readiness readiness = look(cli, deadline_ms);
    uint64_t pause_ms = PAUSE_FIRST_MS;
    while (readiness.can_change && clock_now_ms() + pause_ms < deadline_ms) {
        poll(NULL, 0, (int)pause_ms);
        pause_ms =
            pause_ms * 2 < PAUSE_LONGEST_MS ? pause_ms * 2 : PAUSE_LONGEST_MS;
        readiness = look(cli, deadline_ms);
    }
    return readiness;
}

int verb_wait_ready(const struct cli *cli)
{
    struct complaint why;
    char timeout[AMOUNT_CHARS];
    uint64_t timeout_s = READY_USUAL_S;
    if (arguments_duration_s(&cli->arguments, OPTION_TIMEOUT, &timeout_s, &why))
        return fail(EXIT_USAGE, "%s", why.text);
    if (timeout_s > DAY_S)
        return fail(EXIT_USAGE, "--timeout is at most 1d here");
    duration_print_s(timeout_s, timeout);
    struct readiness readiness =
        wait_until_ready(cli, clock_now_ms() + timeout_s * 1000);
    if (readiness.code)
        return explain_readiness(cli, &readiness, timeout);
    return cli->json
               ? output_json(&(struct control_reply){.kind = CONTROL_DONE})
               : EXIT_DONE;
}

static void print_peer(const struct control_link *link)
{
    char rtt[AMOUNT_CHARS] = "-", received[AMOUNT_CHARS], sent[AMOUNT_CHARS];
    if (link->rtt_ms)
        snprintf(rtt, sizeof(rtt), "%" PRIu64 " ms", link->rtt_ms);
    bytes_print(link->received_bytes, received);
    bytes_print(link->sent_bytes, sent);
    printf("%.16s  %-9s  %-7s  %-3s  %8s  %10s  %10s  ", link->key, link->state,
        link->why, link->outbound ? "out" : "in", rtt, received, sent);
    output_name(link->endpoint, 0);
    if (link->answered)
        fputs("  (answers, but not with that key, or takes nobody)", stdout);
    if (strcmp(link->standing, "good") != 0)
        printf("%s(%s, -%" PRIu64 ")", link->endpoint.size ? "  " : "",
            link->standing, link->demerits);
    fputc('\n', stdout);
}

static void print_peers(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (is_first)
        printf("%s%-16s  %-9s  %-7s  %-3s  %8s  %10s  %10s  %s%s\n",
            style_faint(cli), "NODE", "STATE", "WHY", "WAY", "RTT", "RECEIVED",
            "SENT", "ENDPOINT", style_end(cli));
    for (size_t i = 0; i < reply->count; i++)
        print_peer(&reply->links[i]);
}

int verb_peers(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_PEERS};
    size_t count;
    int code = ask_pages(cli, &request, CONTROL_LINK_ROWS, print_peers, &count);
    if (!code && !count)
        hint(cli, "no links (sotto connect ENDPOINT#NODEKEY; on one network "
                  "nodes find each other)");
    return code;
}
