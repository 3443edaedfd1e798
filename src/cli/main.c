/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sotto: find the verb, check its command line, run it, and end with a code
 * that says what came of it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/node.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "config.h"
#include "platform/streams.h"
#include "platform/terminal.h"
#include "proto/control.h"

/* Texts and passphrases pass through: no core file, and no other process of
 * this user looking in.  (The leak checker of a sanitized build must look.) */
static void harden(void)
{
    const struct rlimit none = {0};
    setrlimit(RLIMIT_CORE, &none);
#ifndef SOTTO_SANITIZED
    prctl(PR_SET_DUMPABLE, 0);
#endif
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a write then fails, and is cleared up after */
}

static void seed_json(void)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        abort();
    control_init(seed);
}

/* Words name contacts and hold texts, and every user of the machine can read a
 * command line: keep copies, and blank what is seen. */
static void hide_words(int argc, char *argv[], struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++) {
        for (int j = 1; j < argc; j++) {
            if (argv[j] != arguments->words[i])
                continue;
            arguments->words[i] = strdup(argv[j]);
            if (!arguments->words[i])
                exit(fail(EXIT_BUG, "no memory"));
            explicit_bzero(argv[j], strlen(argv[j]));
            break;
        }
    }
}

static void forget_words(struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++) {
        char *word = (char *)arguments->words[i];
        explicit_bzero(word, strlen(word));
        free(word);
    }
}

/* The verb that the command line asks for; help, when it asks for that. */
static const struct verb *choose(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    if (arguments_has(arguments, OPTION_HELP))
        return verb_find("help");
    if (!arguments->verb && arguments_has(arguments, OPTION_VERSION))
        return verb_find("version");
    if (!arguments->verb) {
        fail(EXIT_USAGE, "what should be done? (sotto help lists the verbs)");
        return NULL;
    }
    const struct verb *verb = verb_find(arguments->verb);
    const char *meant = verb ? NULL : verb_nearest(arguments->verb);
    if (meant)
        fail(EXIT_USAGE, "there is no verb %s; did you mean %s?",
            arguments->verb, meant);
    else if (!verb)
        fail(EXIT_USAGE, "there is no verb %s (sotto help lists them)",
            arguments->verb);
    return verb;
}

static int run(struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    const struct verb *verb = choose(cli);
    if (!verb)
        return EXIT_USAGE;
    struct complaint why;
    bool asked_by_name =
        arguments->verb && strcmp(arguments->verb, verb->name) == 0;
    if (asked_by_name && verb_check(verb, arguments, &why))
        return fail(EXIT_USAGE, "%s", why.text);
    int code = verb->is_local ? EXIT_DONE : node_find(cli);
    if (!code)
        code = verb->run(cli);
    return output_finish(code);
}

int main(int argc, char *argv[])
{
    harden();
    if (!streams_fill())
        return fail(EXIT_USAGE, "standard output is closed");
    /* A message is one write, whoever else writes there. */
    setvbuf(stderr, NULL, _IOLBF, 0);
    seed_json();
    struct cli cli = {0};
    struct complaint why;
    if (arguments_parse(argc, argv, &cli.arguments, &why))
        return fail(EXIT_USAGE, "%s", why.text);
    hide_words(argc, argv, &cli.arguments);
    cli.json = arguments_has(&cli.arguments, OPTION_JSON);
    cli.terminal = isatty(STDOUT_FILENO);
    cli.colours = !cli.json && terminal_has_colours(STDOUT_FILENO);
    int code = run(&cli);
    forget_words(&cli.arguments);
    paths_clear(&cli.paths);
    return code;
}
