/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/arguments.h"
#include "tests/tap.h"

#include <string.h>

enum { WORDS = 8 };

/* Parse a command line given as words up to a NULL. */
static enum status parse(struct arguments *out, struct complaint *why,
    const char *const words[static WORDS])
{
    char *argv[WORDS + 2] = {(char *)"sotto"};
    int argc = 1;
    for (size_t i = 0; i < WORDS && words[i]; i++)
        argv[argc++] = (char *)words[i];
    *out = (struct arguments){.count = 99};
    why->text[0] = '\0';
    return arguments_parse(argc, argv, out, why);
}
#define PARSE(...)                                                             \
    parse(&arguments, &why, (const char *const[WORDS]){__VA_ARGS__})

static void test_order(void)
{
    struct arguments arguments;
    struct complaint why;
    ok(PARSE("--home", "/h", "send", "--json", "bo", "--burn=5m", "hi") ==
                STATUS_OK &&
            strcmp(arguments.verb, "send") == 0 && arguments.count == 2 &&
            strcmp(arguments.words[0], "bo") == 0 &&
            strcmp(arguments.words[1], "hi") == 0,
        "words and options mix");
    ok(arguments.given == (OPTION_BIT(OPTION_HOME) | OPTION_BIT(OPTION_JSON) |
                              OPTION_BIT(OPTION_BURN)) &&
            strcmp(arguments.values[OPTION_HOME], "/h") == 0 &&
            strcmp(arguments.values[OPTION_BURN], "5m") == 0,
        "options before and after the verb, with a space or =");
    ok(PARSE("send", "bo", "--", "--json") == STATUS_OK &&
            !arguments_has(&arguments, OPTION_JSON) &&
            strcmp(arguments.words[1], "--json") == 0,
        "after -- everything is a word");
    ok(PARSE("send", "bo", "-") == STATUS_OK &&
            strcmp(arguments.words[1], "-") == 0,
        "a hyphen alone is a word");
    ok(PARSE("send", "bo", "") == STATUS_OK && arguments.count == 2,
        "an empty text is a word");
    ok(PARSE(NULL) == STATUS_OK && !arguments.verb, "nothing is no verb");
    ok(PARSE("-h") == STATUS_OK && arguments_has(&arguments, OPTION_HELP),
        "-h is --help");
}

static void test_refusals(void)
{
    struct arguments arguments;
    struct complaint why;
    ok(PARSE("send", "--jsn") == STATUS_INVALID && arguments.count == 99 &&
            strstr(why.text, "--jsn (did you mean --json?)"),
        "an unknown option is refused, with what was meant");
    ok(PARSE("--zzzzz") == STATUS_INVALID && strstr(why.text, "--zzzzz"),
        "an unknown option that is near nothing is refused");
    ok(PARSE("read", "--pee") == STATUS_INVALID &&
            strstr(why.text, "did you mean --peek?"),
        "an abbreviation is refused, and named in full");
    ok(PARSE("send", "bo", "-x") == STATUS_INVALID && strstr(why.text, "-x"),
        "short options do not exist");
    ok(PARSE("--json=yes") == STATUS_INVALID &&
            strstr(why.text, "--json takes no value"),
        "a flag takes no value");
    ok(PARSE("read", "--limit") == STATUS_INVALID &&
            strstr(why.text, "--limit N"),
        "a missing value is named");
    ok(PARSE("--home=", "read") == STATUS_INVALID, "an empty value is missing");
    ok(PARSE("--home", "a", "--home", "b") == STATUS_INVALID &&
            strstr(why.text, "twice"),
        "an option counts once");
    ok(PARSE("send", "bo", "one", "two", "three", "four") == STATUS_INVALID &&
            strstr(why.text, "quotes"),
        "too many words suggest quotes");
    ok(PARSE("send", "bo", "\xff") == STATUS_INVALID &&
            strstr(why.text, "argument 3 is not UTF-8"),
        "a word that is not UTF-8 is refused");
    ok(PARSE("--home", "\xff", "read") == STATUS_INVALID &&
            strstr(why.text, "--home"),
        "a value that is not UTF-8 is refused");
}

static void test_values(void)
{
    struct arguments arguments;
    struct complaint why;
    uint64_t value = 7;
    ok(PARSE("read") == STATUS_OK &&
            arguments_number(&arguments, OPTION_LIMIT, &value, &why) ==
                STATUS_OK &&
            value == 7,
        "an absent option leaves its value alone");
    ok(PARSE("read", "--limit", "20") == STATUS_OK &&
            arguments_number(&arguments, OPTION_LIMIT, &value, &why) ==
                STATUS_OK &&
            value == 20,
        "a number is read");
    ok(PARSE("read", "--limit", "2x") == STATUS_OK &&
            arguments_number(&arguments, OPTION_LIMIT, &value, &why) ==
                STATUS_INVALID &&
            value == 20 && strstr(why.text, "--limit 2x"),
        "what is no number is named");
    ok(PARSE("send", "--burn", "5 weeks") == STATUS_OK &&
            arguments_duration_s(&arguments, OPTION_BURN, &value, &why) ==
                STATUS_INVALID &&
            strstr(why.text, "--burn 5 weeks") && strstr(why.text, "7d"),
        "an unknown unit is answered with the known ones");
}

int main(void)
{
    test_order();
    test_refusals();
    test_values();
    return tap_done();
}
