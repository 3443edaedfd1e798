/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts are checked here in the words of the command line; the vault checks
 * them again in its own. */
#include "cli/text.h"

#include <string.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/output.h"
#include "proto/limits.h"
#include "proto/wire.h"

int text_get(const struct cli *cli, const char *word, const char *what,
    char *out, struct span *text)
{
    size_t size = strlen(word);
    if (strcmp(word, "-") == 0) {
        if (isatty(STDIN_FILENO))
            hint(cli, "Write the %s, and end it with Ctrl-D.", what);
        int code = input_stream(
            STDIN_FILENO, "standard input", out, LIMIT_TEXT_BYTES, &size);
        if (code)
            return code;
    } else {
        memcpy(out, word, size < LIMIT_TEXT_BYTES ? size : LIMIT_TEXT_BYTES);
    }
    if (size > LIMIT_TEXT_BYTES)
        return fail(EXIT_REFUSED,
            "the text has %s%zu bytes; a %s holds at most %lu",
            size >= INPUT_COUNTED_BYTES ? "more than " : "", size, what,
            LIMIT_TEXT_BYTES);
    *text = (struct span){(const uint8_t *)out, size};
    if (size == 0)
        return fail(EXIT_USAGE, "the text is empty: nothing was done");
    if (!wire_is_utf8(*text))
        return fail(EXIT_USAGE, "the text is not UTF-8 (a NUL byte is not "
                                "allowed either): nothing was done");
    return EXIT_DONE;
}

int text_burn_s(const struct cli *cli, uint64_t *out)
{
    const struct arguments *arguments = &cli->arguments;
    struct complaint why;
    uint64_t burn_s = 0;
    if (arguments_duration_s(arguments, OPTION_BURN, &burn_s, &why))
        return fail(EXIT_USAGE, "%s", why.text);
    if (arguments_has(arguments, OPTION_BURN) && burn_s == 0)
        return fail(EXIT_USAGE, "--burn needs at least 1s");
    if (burn_s > LIMIT_BURN_S)
        return fail(EXIT_REFUSED, "--burn %s is over the limit of %lud",
            arguments->values[OPTION_BURN], LIMIT_BURN_S / DAY_S);
    *out = burn_s;
    return EXIT_DONE;
}
