/* SPDX-License-Identifier: GPL-3.0-or-later */
/* init, unlock and lock: what needs a passphrase, and what makes it needed
 * again.  The passphrase is read before the node is asked for anything, so that
 * a borrowed vault never waits for a person to type; that a running node has a
 * vault is seen before, so that nobody types one in vain. */
#include <stdio.h>

#include "cli/ask.h"
#include "cli/node.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/verb.h"
#include "platform/clock.h"

/* The reply holds the card, which is public; a person sees it alone. */
static int print_card(const struct cli *cli, const struct control_reply *reply)
{
    if (cli->json)
        return output_json(reply);
    printf("%s\n", reply->card.card);
    hint(cli,
        "This is your card: give it to people, who add it with\n"
        "    sotto add NAME CARD\n"
        "`sotto id` prints it again.  Nobody can restore a lost passphrase.");
    if (arguments_has(&cli->arguments, OPTION_SET_ASIDE))
        hint(cli,
            "A database without slots that was here is kept in %s as "
            "vault.db.set-aside-N.",
            cli->paths.vault_dir);
    return EXIT_DONE;
}

static int make_identity(
    const struct cli *cli, const struct passphrase *passphrase)
{
    struct control_request request = {
        .method = CONTROL_INIT,
        .passphrase = passphrase_span(passphrase),
        .set_aside = arguments_has(&cli->arguments, OPTION_SET_ASIDE),
    };
    struct control_message message;
    int code = ask(cli, &request, CONTROL_CARD, &message);
    if (code)
        return code;
    code = print_card(cli, &message.reply);
    control_message_clear(&message);
    return code ? code
                : output_done("the identity was made all the same (sotto id "
                              "prints its card)");
}

int verb_init(const struct cli *cli)
{
    struct passphrase passphrase;
    bool runs = node_runs(cli);
    int code = runs ? ask_for_vault(cli) : EXIT_DONE;
    if (!code)
        code = passphrase_get(cli, PASSPHRASE_FIRST, &passphrase);
    if (!code && runs) {
        code = make_identity(cli, &passphrase);
    } else if (!code) {
        struct node_loan loan;
        code = node_borrow(cli, &loan);
        if (!code) {
            code = make_identity(cli, &passphrase);
            node_return(&loan);
        }
    }
    passphrase_clear(&passphrase);
    return code;
}

static bool is_open(const struct cli *cli)
{
    struct control_message message;
    if (ask_status(
            cli, CONTROL_VAULT, clock_now_ms() + ANSWER_PATIENCE_MS, &message))
        return false;
    bool open = message.reply.vault.state == VAULT_UNLOCKED;
    control_message_clear(&message);
    return open;
}

int verb_unlock(const struct cli *cli)
{
    struct passphrase passphrase;
    int code = ask_for_vault(cli);
    if (!code)
        code = passphrase_get(cli, PASSPHRASE_CURRENT, &passphrase);
    if (!code) {
        bool was_open = is_open(cli);
        struct control_request request = {.method = CONTROL_UNLOCK,
            .passphrase = passphrase_span(&passphrase)};
        code = ask_done(cli, &request);
        if (!code && was_open)
            hint(cli, "The vault was open already.");
    }
    passphrase_clear(&passphrase);
    return code;
}

int verb_lock(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_LOCK};
    return ask_done(cli, &request);
}
