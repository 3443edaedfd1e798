/* SPDX-License-Identifier: GPL-3.0-or-later */
/* passphrase and panic: what happens to the key slots.  Both passphrases are
 * read before the node is asked for anything, and after it is seen that it has
 * a vault. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/node.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/verb.h"
#include "platform/clock.h"

enum { GROUP_CHARS = 4 };

/* A phrase for a person, in groups to be copied by hand. */
static int print_phrase(
    const struct cli *cli, const struct control_reply *reply)
{
    if (cli->json)
        return output_json(reply);
    const char *phrase = reply->phrase.phrase;
    size_t size = strlen(phrase);
    for (size_t at = 0; at < size; at += GROUP_CHARS)
        printf("%s%.*s", at ? "-" : "", GROUP_CHARS, phrase + at);
    printf("\n");
    hint(cli, "This phrase opens the vault like its passphrase.  It is not "
              "shown again: write it\ndown, and keep it where nobody else "
              "looks.  Making another ends this one.");
    return EXIT_DONE;
}

static int make_phrase(const struct cli *cli)
{
    struct passphrase passphrase;
    int code = ask_for_vault(cli);
    if (!code)
        code = passphrase_get(cli, PASSPHRASE_CURRENT, &passphrase);
    if (!code) {
        struct control_request request = {.method = CONTROL_RECOVERY,
            .passphrase = passphrase_span(&passphrase)};
        struct control_message message;
        code = ask(cli, &request, CONTROL_PHRASE, &message);
        if (!code) {
            code = print_phrase(cli, &message.reply);
            if (!code)
                code = output_done("a recovery phrase was drawn all the same, "
                                   "and nobody has read it; drawing another "
                                   "ends it");
            explicit_bzero(&message.reply.phrase, sizeof(message.reply.phrase));
            control_message_clear(&message);
        }
    }
    passphrase_clear(&passphrase);
    return code;
}

static int set_passphrase(const struct cli *cli, enum passphrase_kind kind)
{
    struct passphrase passphrase, fresh = {.size = 0};
    int code = ask_for_vault(cli);
    if (!code)
        code = passphrase_get(cli, PASSPHRASE_CURRENT, &passphrase);
    if (!code)
        code = passphrase_get(cli, kind, &fresh);
    if (!code) {
        struct control_request request = {
            .method =
                kind == PASSPHRASE_DURESS ? CONTROL_DURESS : CONTROL_PASSPHRASE,
            .passphrase = passphrase_span(&passphrase),
            .new_passphrase = passphrase_span(&fresh),
        };
        code = ask_done(cli, &request);
    }
    passphrase_clear(&passphrase);
    passphrase_clear(&fresh);
    return code;
}

int verb_passphrase(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    bool duress = arguments_has(arguments, OPTION_DURESS);
    bool recovery = arguments_has(arguments, OPTION_RECOVERY);
    bool fresh = arguments_has(arguments, OPTION_NEW_PASSPHRASE_FILE) ||
                 arguments_has(arguments, OPTION_NEW_PASSPHRASE_FD);
    if (duress && recovery)
        return fail(EXIT_USAGE, "--duress and --recovery exclude each other");
    if (recovery && fresh)
        return fail(EXIT_USAGE,
            "--recovery draws its own phrase and takes no new passphrase");
    if (recovery)
        return make_phrase(cli);
    return set_passphrase(cli, duress ? PASSPHRASE_DURESS : PASSPHRASE_NEW);
}

/* Whether the vault that answers has nothing in it: a slip of --home would
 * else look like destruction. */
static bool is_empty(const struct cli *cli)
{
    struct control_message message;
    uint64_t deadline_ms = clock_now_ms() + ANSWER_PATIENCE_MS;
    if (ask_status(cli, CONTROL_VAULT, deadline_ms, &message))
        return false;
    bool empty = message.reply.vault.state == VAULT_EMPTY;
    control_message_clear(&message);
    return empty;
}

static bool vault_has(const struct cli *cli, const char *file)
{
    char path[PATH_MAX];
    int size =
        snprintf(path, sizeof(path), "%s/%s", cli->paths.vault_dir, file);
    return size > 0 && (size_t)size < sizeof(path) && access(path, F_OK) == 0;
}

/* A relay-only node has the home's lock and no vault, though one may lie
 * there. */
static bool is_out_of_reach(const struct cli *cli)
{
    return ask_mode(cli) == MODE_RELAY_ONLY &&
           (vault_has(cli, "slots") || vault_has(cli, "vault.db"));
}

static int panic(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_PANIC};
    bool was_empty = is_empty(cli) && !vault_has(cli, "vault.db.set-aside-1");
    int code = ask_done(cli, &request);
    if (!code && was_empty)
        warn_person("there was no vault in %s: nothing was there to destroy",
            cli->paths.vault_dir);
    return code;
}

int verb_panic(const struct cli *cli)
{
    struct node_loan loan;
    if (!arguments_has(&cli->arguments, OPTION_YES))
        return fail(EXIT_USAGE,
            "this destroys the vault: identity, contacts, letters and notes; "
            "nothing was done (to do it: sotto panic --yes)");
    if (node_runs(cli) && is_out_of_reach(cli))
        return fail(EXIT_NOT_RUNNING,
            "nothing was destroyed: the node that runs here was started with "
            "--relay-only and does not reach the vault in %s; stop it, and do "
            "this again",
            cli->paths.vault_dir);
    if (node_runs(cli))
        return panic(cli);
    int code = node_borrow(cli, &loan);
    if (!code) {
        code = panic(cli);
        node_return(&loan);
    }
    return code;
}
