/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow: notifications, one after the other.  An interrupt is the usual end.
 * It is let in only while nothing is being printed, so the last line is always
 * whole, and its handler needs nothing but to exit. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "platform/clock.h"

static void end_cleanly(int number)
{
    (void)number;
    _exit(EXIT_DONE);
}

static void signals_of_end(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

static void catch_end(void)
{
    struct sigaction action = {.sa_handler = end_cleanly};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void print_event_time(const struct cli *cli)
{
    char now[AMOUNT_CHARS];
    time_print_s(clock_wall_s(), now);
    printf("%s%s  ", style_faint(cli), now);
}

/* What has happened in a group; who is whose doing it was, or whom it was done
 * to. */
static void print_group_event(const struct control_group_event *event)
{
    output_name(event->name, 0);
    if (strcmp(event->what, "joining") == 0)
        printf(": asked in by ");
    else if (strcmp(event->what, "joined") == 0)
        printf(": you are in, added by ");
    else if (strcmp(event->what, "removed") == 0)
        printf(": you were removed by ");
    else if (strcmp(event->what, "added") == 0)
        printf(": now with ");
    else
        printf(": no more with ");
    show_person(event->who, event->fingerprint, 0);
}

/* How far a file that is received has come. */
static void print_file(const struct control_file *file)
{
    printf("file %.12s of ", file->id);
    output_name(file->who, 0);
    printf(": %s, %" PRIu64 " of %" PRIu64 " bytes", file->state, file->done,
        file->bytes);
}

static void print_event(const struct cli *cli, const struct control_reply *note)
{
    print_event_time(cli);
    if (note->kind == CONTROL_NOTE_OUTBOX) {
        printf("letter %.12s to ", note->outbox_item.id);
        output_name(note->outbox_item.to, 0);
        printf(": %s, %s", outbox_state_name(note->outbox_item.state),
            note->outbox_item.evidence);
        if (note->outbox_item.copies > 1)
            printf(", %" PRIu64 " of %" PRIu64 " have it",
                note->outbox_item.delivered_to, note->outbox_item.copies);
        if (note->outbox_item.file.size)
            printf(", %" PRIu64 " of %" PRIu64 " bytes",
                note->outbox_item.file_done, note->outbox_item.file_bytes);
    } else if (note->kind == CONTROL_NOTE_FILE) {
        print_file(&note->file);
    } else if (note->kind == CONTROL_NOTE_SESSION) {
        output_name(note->contact.name, 0);
        printf(": session %s", note->contact.session);
    } else if (note->kind == CONTROL_NOTE_ACCORD) {
        show_evidence_change(&note->evidence);
    } else if (note->kind == CONTROL_NOTE_GROUP) {
        print_group_event(&note->group_event);
    } else if (note->kind == CONTROL_NOTE_VAULT) {
        printf("vault %s", vault_state_name(note->vault.state));
    } else {
        printf("too slow: the node ends this stream");
    }
    printf("%s\n", style_end(cli));
}

static int print_note(const struct cli *cli, const struct control_reply *note)
{
    int code = EXIT_DONE;
    if (cli->json)
        code = output_json(note);
    else if (note->kind == CONTROL_NOTE_LETTER)
        show_letter(cli, &note->letter);
    else
        print_event(cli, note);
    return output_finish(code);
}

static bool is_note(enum control_kind kind)
{
    return kind >= CONTROL_NOTE_LETTER && kind <= CONTROL_NOTE_LAGGED;
}

/* Until the node hangs up or nobody reads on; never returns success. */
static int follow(const struct cli *cli, struct client *client)
{
    sigset_t end;
    signals_of_end(&end);
    for (;;) {
        struct control_message message;
        enum status status = client_receive(client, UINT64_MAX, &message);
        if (status)
            return ask_failed(status);
        int code = EXIT_DONE;
        bool lagged = message.reply.kind == CONTROL_NOTE_LAGGED;
        sigprocmask(SIG_BLOCK, &end, NULL);
        if (is_note(message.reply.kind))
            code = print_note(cli, &message.reply);
        control_message_clear(&message);
        sigprocmask(SIG_UNBLOCK, &end, NULL);
        if (!code && lagged)
            code = fail(EXIT_NOT_RUNNING, "this stream fell behind and was "
                                          "ended; no letter is lost (sotto "
                                          "read)");
        if (code)
            return code;
    }
}

int verb_follow(const struct cli *cli)
{
    struct client *client;
    int code = ask_open(cli, CONTROL_VAULT, &client);
    if (code)
        return code;
    struct control_request request = {.method = CONTROL_SUBSCRIBE};
    struct control_message message;
    code = ask_on(client, &request, CONTROL_DONE, &message);
    if (!code) {
        control_message_clear(&message);
        catch_end();
        /* Whoever waits to act knows by this line that nothing is missed. */
        fputs("following (Ctrl-C ends)\n", stderr);
        code = follow(cli, client);
    }
    client_close(client);
    return code;
}
