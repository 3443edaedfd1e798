/* SPDX-License-Identifier: GPL-3.0-or-later */
/* send: a text becomes a letter under way.  With --wait the connection
 * subscribes before it sends, so that no change of the letter's state can fall
 * between the two. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "cli/upload.h"
#include "cli/verb.h"
#include "platform/clock.h"

enum { WAIT_USUAL_S = 30 };

/* What the command line asks for. */
struct order {
    uint64_t life_h;
    uint64_t burn_s;
    const char *evidence; /* what the letter must be; NULL: whatever */
    bool waits;
    enum outbox_state state; /* to wait for */
    uint64_t timeout_s;
    struct upload *upload; /* of the letter's file, or NULL */
};

/* What is known of the letter. */
struct letter_state {
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    enum outbox_state state;
    char evidence[16]; /* "deniable", "evidential" */
};

static int parse_wait(const struct cli *cli, struct order *order)
{
    const struct arguments *arguments = &cli->arguments;
    order->waits = arguments_has(arguments, OPTION_WAIT);
    if (!order->waits && arguments_has(arguments, OPTION_TIMEOUT))
        return fail(EXIT_USAGE, "--timeout is of use only with --wait STATE");
    if (!order->waits)
        return EXIT_DONE;
    static const enum outbox_state states[] = {
        OUTBOX_HANDED, OUTBOX_DELIVERED, OUTBOX_READ};
    const char *word = arguments->values[OPTION_WAIT];
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (strcmp(word, outbox_state_name(states[i])) == 0) {
            order->state = states[i];
            return EXIT_DONE;
        }
    }
    return fail(EXIT_USAGE,
        "--wait %s is no state to wait for (handed, delivered or read)", word);
}

static int check_life(
    const struct arguments *arguments, uint64_t life_s, struct order *order)
{
    if (life_s == 0 || life_s % HOUR_S)
        return fail(EXIT_USAGE,
            "--expire is counted in whole hours, at least "
            "1h and at most %luh",
            LIMIT_ENVELOPE_LIFE_H);
    order->life_h = life_s / HOUR_S;
    if (order->life_h > LIMIT_ENVELOPE_LIFE_H)
        return fail(EXIT_REFUSED,
            "--expire %s is over the limit of %luh (%lud)",
            arguments->values[OPTION_EXPIRE], LIMIT_ENVELOPE_LIFE_H,
            LIMIT_ENVELOPE_LIFE_H / 24);
    return EXIT_DONE;
}

static int parse_evidence(
    const struct arguments *arguments, struct order *order)
{
    bool must_be = arguments_has(arguments, OPTION_EVIDENTIAL);
    bool must_not = arguments_has(arguments, OPTION_DENIABLE);
    if (must_be && must_not)
        return fail(EXIT_USAGE, "a letter is --evidential or --deniable");
    if (must_be || must_not)
        order->evidence = must_be ? "evidential" : "deniable";
    return EXIT_DONE;
}

static int parse_order(const struct cli *cli, struct order *order)
{
    const struct arguments *arguments = &cli->arguments;
    struct complaint why;
    uint64_t life_s = 0;
    order->timeout_s = WAIT_USUAL_S;
    if (arguments_duration_s(arguments, OPTION_EXPIRE, &life_s, &why) ||
        arguments_duration_s(
            arguments, OPTION_TIMEOUT, &order->timeout_s, &why))
        return fail(EXIT_USAGE, "%s", why.text);
    int code = text_burn_s(cli, &order->burn_s);
    if (!code)
        code = parse_wait(cli, order);
    if (!code)
        code = parse_evidence(arguments, order);
    if (!code && arguments_has(arguments, OPTION_EXPIRE))
        code = check_life(arguments, life_s, order);
    return code;
}

static int print_letter(
    const struct cli *cli, const struct letter_state *letter)
{
    const char *state = outbox_state_name(letter->state);
    if (!cli->json) {
        printf("%s  %s  %s\n", letter->id, state, letter->evidence);
        return EXIT_DONE;
    }
    const struct control_field fields[] = {{.name = "id", .text = letter->id},
        {.name = "state", .text = state},
        {.name = "evidence", .text = letter->evidence}};
    char *line = NULL;
    size_t size = 0;
    enum status status = control_fields_print(fields, 3, &line, &size);
    return output_line(status, line, size);
}

static int print_state(const struct cli *cli, const struct letter_state *letter)
{
    int code = print_letter(cli, letter);
    return code ? code
                : output_done("the letter was written all the same (sotto "
                              "outbox shows where it stands)");
}

static bool is_final(enum outbox_state state)
{
    return state == OUTBOX_EXPIRED || state == OUTBOX_RECALLED ||
           state == OUTBOX_REFUSED;
}

/* Follow the letter until it is where it should be, or can no longer be, or the
 * time is over (STATUS_AGAIN).  The statuses of client_receive. */
static enum status watch(struct client *client, const struct order *order,
    uint64_t deadline_ms, struct progress *progress,
    struct letter_state *letter)
{
    while (!is_final(letter->state) && letter->state < order->state) {
        struct control_message message;
        enum status status = client_receive(client, deadline_ms, &message);
        if (status)
            return status;
        const struct control_reply *note = &message.reply;
        bool lagged = note->kind == CONTROL_NOTE_LAGGED;
        if (note->kind == CONTROL_NOTE_OUTBOX &&
            strcmp(note->outbox_item.id, letter->id) == 0) {
            letter->state = note->outbox_item.state;
            progress_set(progress, note->outbox_item.file_done,
                note->outbox_item.file_bytes);
        }
        control_message_clear(&message);
        if (lagged)
            return STATUS_NOT_FOUND;
    }
    return STATUS_OK;
}

static int wait_for(const struct cli *cli, struct client *client,
    const struct order *order, struct letter_state *letter)
{
    uint64_t patience_ms = order->timeout_s < UINT64_MAX / 4000
                               ? order->timeout_s * 1000
                               : UINT64_MAX / 4;
    struct progress progress;
    progress_begin(&progress, cli, "confirmed");
    enum status status =
        watch(client, order, clock_now_ms() + patience_ms, &progress, letter);
    progress_end(&progress);
    int code = print_state(cli, letter);
    if (code)
        return code;
    if (status == STATUS_AGAIN && letter->state >= OUTBOX_DELIVERED)
        return fail(EXIT_NOT_DELIVERED,
            "not %s within %" PRIu64 " s; the letter is delivered, and has "
            "nothing more to wait for but its reader",
            outbox_state_name(order->state), order->timeout_s);
    if (status == STATUS_AGAIN)
        return fail(EXIT_NOT_DELIVERED,
            "not %s within %" PRIu64 " s; the letter stays under way (sotto "
            "outbox shows it)",
            outbox_state_name(order->state), order->timeout_s);
    if (status == STATUS_NOT_FOUND)
        return fail(EXIT_NOT_RUNNING,
            "the node hung up; the letter is safe on its disk, and goes on "
            "its way when the node runs");
    if (status)
        return ask_failed(status);
    if (letter->state == OUTBOX_REFUSED)
        return fail(EXIT_NOT_DELIVERED,
            "the recipient's vault refused the file, or it was dropped there "
            "(sotto file list says why)");
    if (is_final(letter->state))
        return fail(EXIT_NOT_DELIVERED, "the letter was %s",
            outbox_state_name(letter->state));
    return EXIT_DONE;
}

static int send_text(const struct cli *cli, const struct order *order,
    struct control_request *request)
{
    struct client *client;
    int code = ask_open(cli, CONTROL_VAULT, &client);
    if (code)
        return code;
    struct control_message message;
    if (order->waits) {
        struct control_request subscribe = {.method = CONTROL_SUBSCRIBE};
        code = ask_on(client, &subscribe, CONTROL_DONE, &message);
        if (!code)
            control_message_clear(&message);
    }
    request->life_h = order->life_h;
    request->burn_s = order->burn_s;
    if (order->evidence)
        request->evidence = span_of_text(order->evidence);
    request->urgent = arguments_has(&cli->arguments, OPTION_URGENT);
    if (!code)
        code = order->upload
                   ? upload_send(order->upload, client, request, &message)
                   : ask_on(client, request, CONTROL_SENT, &message);
    if (!code) {
        struct letter_state letter = {.state = message.reply.sent.state};
        memcpy(letter.id, message.reply.sent.id, sizeof(letter.id));
        snprintf(letter.evidence, sizeof(letter.evidence), "%s",
            message.reply.sent.evidence);
        control_message_clear(&message);
        if (request->urgent)
            warn_person("urgent: the letter goes without hidden first hops; "
                        "neighbours can see that it began here");
        code = order->waits ? wait_for(cli, client, order, &letter)
                            : print_state(cli, &letter);
    }
    client_close(client);
    return code;
}

int verb_send_to(const struct cli *cli, enum control_method method,
    const char *whom, const char *text)
{
    struct order order = {0};
    struct control_request request = {.method = method};
    if (method == CONTROL_SEND)
        request.name = span_of_text(whom);
    else
        request.group = span_of_text(whom);
    struct upload upload;
    int code = parse_order(cli, &order);
    if (code)
        return code;
    char *held = malloc(LIMIT_TEXT_BYTES);
    if (!held)
        return fail(EXIT_BUG, "no memory");
    if (text)
        code = text_get(cli, text, "letter", held, &request.text);
    if (!code && arguments_has(&cli->arguments, OPTION_FILE)) {
        code = upload_open(cli->arguments.values[OPTION_FILE], &upload);
        order.upload = code ? NULL : &upload;
    }
    if (!code)
        code = send_text(cli, &order, &request);
    if (order.upload)
        upload_close(order.upload);
    explicit_bzero(held, LIMIT_TEXT_BYTES);
    free(held);
    return code;
}

int verb_send(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    const char *unsaid = arguments_has(arguments, OPTION_FILE) ? NULL : "-";
    return verb_send_to(cli, CONTROL_SEND, arguments->words[0],
        arguments->count > 1 ? arguments->words[1] : unsaid);
}
