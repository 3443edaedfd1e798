/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transcript: what two people have signed, into a file, checked and read.
 *
 * The check is the same for everybody, and wants no node: whoever is shown a
 * transcript has neither of the two vaults.  All of a file is checked before
 * anything is said of it, so that no part of one that does not hold is ever
 * printed as proved. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "cli/ask.h"
#include "cli/card_word.h"
#include "cli/node.h"
#include "cli/output.h"
#include "cli/save.h"
#include "cli/show.h"
#include "cli/transcript_print.h"
#include "cli/verb.h"
#include "crypto/evidence_check.h"
#include "crypto/hash.h"
#include "crypto/identity.h"

enum { FINGERPRINT_CHARS = CONTROL_FINGERPRINT_CHARS };

/* export */

static int export(const struct cli *cli)
{
    struct save save = {
        .path = cli->arguments.words[2], .more = CONTROL_EXPORT_MORE};
    struct control_request request = {.method = CONTROL_EXPORT,
        .name = span_of_text(cli->arguments.words[1])};
    int code = save_check(&save);
    if (!code)
        code = save_parts(cli, &save, &request);
    if (code)
        return code;
    hint(cli,
        "%s can be read by whoever has it, and checked with `sotto transcript "
        "verify`.",
        save.path);
    return save_print(cli, &save);
}

/* verify and show: reading. */

/* A whole file, to be freed. */
static int read_file(const char *path, struct span *out)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &about)) {
        int code =
            fail(EXIT_USAGE, "cannot open %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return code;
    }
    int code = EXIT_DONE;
    uint8_t *bytes = NULL;
    size_t size = 0, room = (size_t)about.st_size;
    if (!S_ISREG(about.st_mode))
        code = fail(EXIT_REFUSED, "%s is no transcript: it is no file", path);
    else if (room > LIMIT_TRANSCRIPT_BYTES)
        code =
            fail(EXIT_REFUSED, "%s has %zu bytes; a transcript has at most %lu",
                path, room, LIMIT_TRANSCRIPT_BYTES);
    else if (!(bytes = malloc(room + 1)))
        code = fail(EXIT_BUG, "no memory");
    while (!code && size < room) {
        ssize_t got = read(fd, bytes + size, room - size);
        if (got < 0 && errno != EINTR)
            code =
                fail(EXIT_USAGE, "cannot read %s: %s", path, strerror(errno));
        if (got == 0)
            break;
        size += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    if (code)
        free(bytes);
    else
        *out = (struct span){bytes, size};
    return code;
}

static int read_card(const char *word, struct fingerprint *out)
{
    char text[INVITE_TEXT_CHARS + 1];
    struct card card;
    struct invite invite;
    int code = card_word_read(word, text);
    if (code)
        return code;
    if (card_from_text(text, &card)) {
        if (invite_from_text(text, &invite))
            return fail(EXIT_BUG, "a card that was read is none");
        card = invite.card;
    }
    if (card_verify(&card))
        return fail(EXIT_REFUSED,
            "the signature of the card %.20s... does not hold: it was damaged "
            "or forged on its way",
            text);
    card_fingerprint(&card, out);
    return EXIT_DONE;
}

/* The cards on the command line. */
static int read_cards(
    const struct arguments *arguments, struct transcript_held *out)
{
    out->card_count = arguments->count - 2;
    for (size_t i = 0; i < out->card_count; i++) {
        int code = read_card(arguments->words[2 + i], &out->cards[i]);
        if (code)
            return code;
    }
    return EXIT_DONE;
}

/* verify and show: checking. */

static enum status held_add(struct transcript_held *held,
    const struct transcript_conversation *conversation)
{
    struct transcript_conversation *list =
        realloc(held->conversations, (held->count + 1) * sizeof(*list));
    if (!list)
        return STATUS_NO_MEMORY;
    list[held->count++] = *conversation;
    held->conversations = list;
    return STATUS_OK;
}

/* What is wrong first, on standard error; with --json also as an object. */
static int refuse_fault(const struct cli *cli, const char *path,
    const struct transcript_fault *fault)
{
    const struct control_field fields[] = {
        {.name = "conversation", .number = fault->conversation},
        {.name = "side", .text = transcript_side_word(fault->of_accepter)},
        {.name = "letter", .number = fault->number},
        {.name = "fault", .text = fault->why},
        {.name = "cut_at", .number = fault->cut_at}};
    char where[64] = "";
    char *line = NULL;
    size_t size = 0;
    if (cli->json) {
        enum status status = control_fields_print(fields, 5, &line, &size);
        int code = output_line(status, line, size);
        if (code)
            return code;
    }
    if (fault->cut_at)
        snprintf(where, sizeof(where), " (it ends at byte %zu)", fault->cut_at);
    if (fault->conversation == 0)
        return fail(EXIT_REFUSED, "%s %s%s", path, fault->why, where);
    if (fault->number == 0)
        return fail(EXIT_REFUSED, "not verified: conversation %zu of %s %s%s",
            fault->conversation, path, fault->why, where);
    return fail(EXIT_REFUSED,
        "not verified: letter %" PRIu32 " of the %s in conversation %zu of %s "
        "%s%s",
        fault->number, transcript_side_word(fault->of_accepter),
        fault->conversation, path, fault->why, where);
}

static int check_all(
    const struct cli *cli, const char *path, struct transcript_held *held)
{
    struct transcript_check check;
    struct transcript_conversation conversation;
    enum status status = transcript_check_begin(&check, held->file);
    while (!status) {
        status = transcript_check_next(&check, &conversation);
        if (!status)
            status = held_add(held, &conversation);
    }
    if (status == STATUS_NOT_FOUND)
        return EXIT_DONE;
    if (status == STATUS_NO_MEMORY)
        return fail(EXIT_BUG, "no memory");
    return refuse_fault(cli, path, &check.fault);
}

/* Whether each card that was given is one of the two's. */
static int check_cards(const struct transcript_held *held)
{
    for (size_t i = 0; i < held->count; i++)
        for (size_t j = 0; j < held->card_count; j++) {
            const struct transcript_conversation *one = &held->conversations[i];
            const struct fingerprint *who = &held->cards[j];
            char text[FINGERPRINT_CHARS + 1];
            if (fingerprint_equal(who, &one->proposer.who) ||
                fingerprint_equal(who, &one->accepter.who))
                continue;
            hex_encode((struct span){who->bytes, sizeof(who->bytes)}, text);
            return fail(EXIT_REFUSED,
                "not verified: conversation %zu is between two others than "
                "the owner of the card %.8s",
                i + 1, text);
        }
    if (held->card_count == TRANSCRIPT_CARDS &&
        fingerprint_equal(&held->cards[0], &held->cards[1]))
        return fail(EXIT_USAGE, "both cards are of one person");
    return EXIT_DONE;
}

static int hold(const struct cli *cli, struct transcript_held *out)
{
    const char *path = cli->arguments.words[1];
    if (crypto_start())
        return fail(EXIT_BUG, "the cryptographic library did not start");
    int code = read_cards(&cli->arguments, out);
    if (!code)
        code = read_file(path, &out->file);
    if (!code)
        code = check_all(cli, path, out);
    return code ? code : check_cards(out);
}

/* Check all of a file, then print of it. */
static int verify(const struct cli *cli,
    int (*print)(const struct cli *, const struct transcript_held *))
{
    struct transcript_held held = {.count = 0};
    int code = hold(cli, &held);
    if (!code)
        code = print(cli, &held);
    uint8_t *bytes = (void *)(uintptr_t)held.file.data;
    if (bytes)
        explicit_bzero(bytes, held.file.size);
    free(bytes);
    free(held.conversations);
    return code;
}

/* forget */

static int forget(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_EVIDENCE_FORGET,
        .name = span_of_text(cli->arguments.words[1])};
    struct control_message message;
    int code = ask(cli, &request, CONTROL_EVIDENCE_STATE, &message);
    if (code)
        return code;
    if (cli->json) {
        code = output_json(&message.reply);
    } else {
        show_evidence_change(&message.reply.evidence);
        fputc('\n', stdout);
    }
    control_message_clear(&message);
    return code;
}

int verb_transcript(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    const char *word = arguments->words[0];
    if (strcmp(word, "verify") == 0)
        return verify(cli, transcript_print_summary);
    if (strcmp(word, "show") == 0)
        return verify(cli, transcript_print_letters);
    bool is_export = strcmp(word, "export") == 0 && arguments->count == 3;
    bool is_forget = strcmp(word, "forget") == 0 && arguments->count == 2;
    if (!is_export && !is_forget)
        return fail(EXIT_USAGE,
            "a transcript is written with sotto transcript export NAME FILE, "
            "checked and read with sotto transcript verify or show FILE "
            "[CARD [CARD]], and destroyed in this vault with sotto transcript "
            "forget NAME");
    struct cli own = *cli;
    int code = node_find(&own);
    if (!code)
        code = is_export ? export(&own) : forget(&own);
    paths_clear(&own.paths);
    return code;
}
