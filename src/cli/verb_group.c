/* SPDX-License-Identifier: GPL-3.0-or-later */
/* group: several people who write to each other.  A word after the verb says
 * what; each takes its own words and options, and no others. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/verb.h"

enum { NAME_WIDTH = 16, SHORT_ID_CHARS = 12 };

/* Groups. */

static void print_groups(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (is_first)
        printf("%s%-*s  %-8s  %7s  %-5s  %s%s\n", style_faint(cli), NAME_WIDTH,
            "GROUP", "YOU", "MEMBERS", "ADMIN", "ID", style_end(cli));
    for (size_t i = 0; i < reply->count; i++) {
        const struct control_group *group = &reply->groups[i];
        fputs(style_bold(cli), stdout);
        output_name(group->name, NAME_WIDTH);
        printf("%s  %-8s  %7" PRIu64 "  %-5s  %.*s", style_end(cli),
            group->state, group->members, group->admin ? "yes" : "no",
            SHORT_ID_CHARS, group->id);
        if (group->invited)
            printf("  %" PRIu64 " asked in", group->invited);
        fputc('\n', stdout);
    }
}

static int list(const struct cli *cli, const char *const words[])
{
    (void)words;
    struct control_request request = {.method = CONTROL_GROUP_LIST};
    size_t count;
    int code =
        ask_pages(cli, &request, CONTROL_GROUP_ROWS, print_groups, &count);
    if (!code && !count)
        hint(cli, "no groups yet (sotto group new NAME)");
    return code;
}

/* A request that is answered with the group as it is then. */
static int ask_group(const struct cli *cli, struct control_request *request)
{
    struct control_message message;
    int code = ask(cli, request, CONTROL_GROUP_ROWS, &message);
    if (code)
        return code;
    if (cli->json)
        code = output_json(&message.reply);
    else
        print_groups(cli, &message.reply, true);
    control_message_clear(&message);
    return code;
}

static int new (const struct cli *cli, const char *const words[])
{
    struct control_request request = {
        .method = CONTROL_GROUP_NEW, .name = span_of_text(words[0])};
    return ask_group(cli, &request);
}

static int leave(const struct cli *cli, const char *const words[])
{
    struct control_request request = {
        .method = CONTROL_GROUP_LEAVE, .group = span_of_text(words[0])};
    return ask_group(cli, &request);
}

static int forget(const struct cli *cli, const char *const words[])
{
    struct control_request request = {
        .method = CONTROL_GROUP_FORGET, .group = span_of_text(words[0])};
    return ask_done(cli, &request);
}

/* Members. */

static int add(const struct cli *cli, const char *const words[])
{
    struct control_request request = {.method = CONTROL_GROUP_ADD,
        .group = span_of_text(words[0]),
        .name = span_of_text(words[1]),
        .admin = arguments_has(&cli->arguments, OPTION_ADMIN)};
    return ask_group(cli, &request);
}

static int remove_member(const struct cli *cli, const char *const words[])
{
    struct control_request request = {.method = CONTROL_GROUP_REMOVE,
        .group = span_of_text(words[0]),
        .name = span_of_text(words[1])};
    return ask_group(cli, &request);
}

/* Who has brought somebody in who is no contact, and what they call them. */
static void print_introduction(const struct control_member *member)
{
    if (strcmp(member->state, "introduced") != 0)
        return;
    fputs("  unverified: introduced by ", stdout);
    show_person(member->by, member->by_fingerprint, 0);
    if (member->called.size) {
        fputs(" as ", stdout);
        output_name(member->called, 0);
    }
}

static void print_members(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (is_first)
        printf("%s%-*s  %-7s  %-10s  %s%s\n", style_faint(cli), NAME_WIDTH,
            "MEMBER", "ROLE", "KNOWN", "FINGERPRINT", style_end(cli));
    for (size_t i = 0; i < reply->count; i++) {
        const struct control_member *member = &reply->members[i];
        bool is_own = strcmp(member->state, "you") == 0;
        fputs(style_bold(cli), stdout);
        if (is_own)
            output_name(span_of_text("(you)"), NAME_WIDTH);
        else
            show_person(member->name, member->fingerprint, NAME_WIDTH);
        printf("%s  %-7s  %-10s  ", style_end(cli), member->role,
            member->blocked ? "blocked" : member->state);
        output_fingerprint(member->fingerprint);
        print_introduction(member);
        fputc('\n', stdout);
    }
}

static int members(const struct cli *cli, const char *const words[])
{
    struct control_request request = {
        .method = CONTROL_GROUP_MEMBERS, .group = span_of_text(words[0])};
    size_t count;
    int code =
        ask_pages(cli, &request, CONTROL_MEMBER_ROWS, print_members, &count);
    if (!code)
        hint(cli, "(sotto accept FINGERPRINT NEWNAME makes a member a "
                  "contact; 8 digits will do)");
    return code;
}

static int send_letter(const struct cli *cli, const char *const words[])
{
    return verb_send_to(cli, CONTROL_GROUP_SEND, words[0],
        cli->arguments.count > 2 ? words[1] : "-");
}

/* All. */

struct deed {
    const char *word;
    const char *synopsis;
    size_t least; /* words behind it */
    size_t most;
    uint32_t options;
    int (*run)(const struct cli *cli, const char *const words[]);
};

static const struct deed deeds[] = {
    {"new", "NAME", 1, 1, 0, new},
    {"add", "GROUP CONTACT", 2, 2, OPTION_BIT(OPTION_ADMIN), add},
    {"remove", "GROUP MEMBER", 2, 2, 0, remove_member},
    {"leave", "GROUP", 1, 1, 0, leave},
    {"forget", "GROUP", 1, 1, 0, forget},
    {"list", "", 0, 0, 0, list},
    {"members", "GROUP", 1, 1, 0, members},
    {"send", "GROUP [TEXT]", 1, 2,
        OPTION_BIT(OPTION_EXPIRE) | OPTION_BIT(OPTION_BURN) |
            OPTION_BIT(OPTION_URGENT) | OPTION_BIT(OPTION_WAIT) |
            OPTION_BIT(OPTION_TIMEOUT),
        send_letter},
};
enum { DEED_COUNT = sizeof(deeds) / sizeof(deeds[0]) };

static int check(const struct cli *cli, const struct deed *deed)
{
    const struct arguments *arguments = &cli->arguments;
    size_t count = arguments->count - 1;
    for (int i = 0; i < OPTION_COUNT; i++)
        if (arguments_has(arguments, (enum option)i) &&
            !((deed->options | OPTIONS_EVERYWHERE) & OPTION_BIT(i)))
            return fail(EXIT_USAGE, "group %s takes no --%s", deed->word,
                option_rule((enum option)i)->name);
    const char *space = *deed->synopsis ? " " : "";
    if (count < deed->least)
        return fail(EXIT_USAGE, "too few words: sotto group %s%s%s", deed->word,
            space, deed->synopsis);
    if (count > deed->most)
        return fail(EXIT_USAGE,
            "too many words, from \"%s\" on: sotto group %s%s%s",
            arguments->words[1 + deed->most], deed->word, space,
            deed->synopsis);
    return EXIT_DONE;
}

int verb_group(const struct cli *cli)
{
    const char *const *words = cli->arguments.words;
    size_t i = 0;
    while (strcmp(words[0], deeds[i].word) != 0) {
        i++;
        assert(i < DEED_COUNT); /* verb_check let no other through */
    }
    int code = check(cli, &deeds[i]);
    return code ? code : deeds[i].run(cli, words + 1);
}
