/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file: those that were sent and received.  What comes out of the vault is
 * written where the person says and nowhere else: never over what is there, and
 * under a name that a stranger has chosen only where that can do no harm. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hex.h"
#include "cli/ask.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/save.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "crypto/content.h"
#include "crypto/hash.h"
#include "platform/draft.h"
#include "proto/file.h"

enum { NAME_WIDTH = 16, SHORT_ID_CHARS = 12 };

/* Listing. */

static void print_files(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (is_first)
        printf("%s%-*s  %-3s  %-*s  %-9s  %4s  %9s  %-16s  %s%s\n",
            style_faint(cli), SHORT_ID_CHARS, "ID", "WAY", NAME_WIDTH, "WHO",
            "STATE", "DONE", "SIZE", "EXPIRES", "NAME", style_end(cli));
    for (size_t i = 0; i < reply->count; i++)
        show_file(cli, &reply->files[i]);
}

static int list(const struct cli *cli, const char *const words[])
{
    (void)words;
    struct control_request request = {.method = CONTROL_FILE_LIST};
    size_t count;
    int code = ask_pages(cli, &request, CONTROL_FILE_ROWS, print_files, &count);
    if (!code && !count)
        hint(cli, "no files");
    return code;
}

/* Getting. */

/* What is to be got, and where to. */
struct fetch {
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    char name[LIMIT_FILE_NAME_BYTES + 1];
    char hash[CONTROL_FILE_HASH_CHARS + 1];
    char path[PATH_MAX];
    uint64_t bytes;
};

static int ask_about(struct client *client, const char *id, struct fetch *fetch)
{
    struct control_message message;
    struct control_request request = {
        .method = CONTROL_FILE_LIST, .letter = span_of_text(id)};
    int code = ask_on(client, &request, CONTROL_FILE_ROWS, &message);
    if (code)
        return code;
    const struct control_file *file = message.reply.files;
    if (message.reply.count != 1 || file->name.size > LIMIT_FILE_NAME_BYTES) {
        control_message_clear(&message);
        return ask_failed(STATUS_INVALID);
    }
    memcpy(fetch->id, file->id, sizeof(fetch->id));
    memcpy(fetch->hash, file->hash, sizeof(fetch->hash));
    snprintf(fetch->name, sizeof(fetch->name), "%.*s", (int)file->name.size,
        (const char *)file->name.data);
    fetch->bytes = file->bytes;
    control_message_clear(&message);
    return EXIT_DONE;
}

/* A name that its sender chose is used as it is only if it stays in its
 * directory and in sight. */
static int choose_path(const char *word, struct fetch *fetch)
{
    struct stat about;
    bool in_directory =
        !word || (stat(word, &about) == 0 && S_ISDIR(about.st_mode));
    int size;
    if (in_directory && (!file_name_is_good(span_of_text(fetch->name)) ||
                            fetch->name[0] == '.'))
        return fail(EXIT_USAGE,
            "the file's name, %s, is not one to write under unasked: give a "
            "PATH that ends with another",
            fetch->name);
    if (in_directory)
        size = snprintf(fetch->path, sizeof(fetch->path), "%s/%s",
            word ? word : ".", fetch->name);
    else
        size = snprintf(fetch->path, sizeof(fetch->path), "%s", word);
    if (size < 0 || (size_t)size >= sizeof(fetch->path))
        return fail(EXIT_USAGE, "the path is too long");
    return EXIT_DONE;
}

static int refuse_existing(const char *path)
{
    return fail(EXIT_REFUSED,
        "%s is there already; nothing was written (--force puts the file in "
        "its place)",
        path);
}

static int refuse_write(const char *path)
{
    return fail(EXIT_USAGE, "cannot write %s: %s", path, strerror(errno));
}

static int take_part(const struct control_part *part, struct draft *draft,
    struct content_hasher *hasher, uint64_t *done)
{
    uint8_t bytes[LIMIT_FILE_PART_BYTES];
    size_t size = part->data.size / 2;
    if (size > sizeof(bytes) ||
        hex_decode((const char *)part->data.data, bytes, size))
        return ask_failed(STATUS_INVALID);
    content_add(hasher, (struct span){bytes, size});
    *done += size;
    enum status status = draft_write(draft, (struct span){bytes, size});
    int saved = errno;
    secret_wipe(bytes, sizeof(bytes));
    errno = saved;
    return status ? EXIT_USAGE : EXIT_DONE;
}

static int take_parts(const struct cli *cli, struct client *client,
    const struct fetch *fetch, struct draft *draft)
{
    uint8_t hash[CONTENT_HASH_BYTES];
    char text[CONTROL_FILE_HASH_CHARS + 1];
    uint64_t done = 0;
    int code;
    struct content_hasher hasher;
    struct progress progress;
    struct control_request request = {
        .method = CONTROL_FILE_GET, .letter = span_of_text(fetch->id)};
    content_begin(&hasher);
    progress_begin(&progress, cli, "written");
    do {
        struct control_message message;
        code = ask_on(client, &request, CONTROL_PART, &message);
        if (code)
            break;
        request.cursor = message.reply.part.next;
        code = take_part(&message.reply.part, draft, &hasher, &done);
        if (code == EXIT_USAGE)
            code = refuse_write(fetch->path);
        control_message_clear(&message);
        progress_set(&progress, done, fetch->bytes);
    } while (!code && request.cursor);
    progress_end(&progress);
    content_end(&hasher, hash);
    hex_encode((struct span){hash, sizeof(hash)}, text);
    if (!code && strcmp(text, fetch->hash) != 0)
        code = fail(EXIT_BUG, "what the node handed out is not the file that "
                              "it has listed; nothing was written");
    return code;
}

static int print_got(const struct cli *cli, const struct fetch *fetch)
{
    const char *path =
        strncmp(fetch->path, "./", 2) == 0 ? fetch->path + 2 : fetch->path;
    const struct control_field fields[] = {{.name = "file", .text = path},
        {.name = "bytes", .number = fetch->bytes},
        {.name = "hash", .text = fetch->hash}};
    char *line = NULL;
    size_t size = 0;
    if (cli->json) {
        enum status status = control_fields_print(fields, 3, &line, &size);
        return output_line(status, line, size);
    }
    output_name(span_of_text(path), 0);
    printf("  %" PRIu64 " bytes\n", fetch->bytes);
    return EXIT_DONE;
}

static int write_file(
    const struct cli *cli, struct client *client, struct fetch *fetch)
{
    bool force = arguments_has(&cli->arguments, OPTION_FORCE);
    struct stat about;
    struct draft *draft;
    if (lstat(fetch->path, &about) == 0 && !force)
        return refuse_existing(fetch->path);
    int code = save_check_plain(fetch->path);
    if (code)
        return code;
    if (draft_open(fetch->path, &draft))
        return refuse_write(fetch->path);
    code = take_parts(cli, client, fetch, draft);
    if (code) {
        draft_drop(draft);
        return code;
    }
    enum status status = draft_keep(draft, force);
    if (status)
        return status == STATUS_EXISTS ? refuse_existing(fetch->path)
                                       : refuse_write(fetch->path);
    return print_got(cli, fetch);
}

static int get(const struct cli *cli, const char *const words[])
{
    struct client *client;
    struct fetch fetch;
    if (crypto_start())
        return fail(EXIT_BUG, "cannot start libsodium");
    int code = ask_open(cli, CONTROL_VAULT, &client);
    if (code)
        return code;
    code = ask_about(client, words[0], &fetch);
    if (!code)
        code = choose_path(cli->arguments.count > 2 ? words[1] : NULL, &fetch);
    if (!code)
        code = write_file(cli, client, &fetch);
    client_close(client);
    return code;
}

/* Cancelling. */

static int cancel(const struct cli *cli, const char *const words[])
{
    struct control_message message;
    struct control_request request = {
        .method = CONTROL_FILE_CANCEL, .letter = span_of_text(words[0])};
    int code = ask(cli, &request, CONTROL_FILE_ROWS, &message);
    if (code)
        return code;
    if (cli->json)
        code = output_json(&message.reply);
    else if (message.reply.count)
        printf("%s  %s\n", message.reply.files->id, message.reply.files->state);
    control_message_clear(&message);
    return code;
}

/* All. */

struct deed {
    const char *word;
    const char *form; /* of the words behind it */
    size_t least;     /* words behind it */
    size_t most;
    int (*run)(const struct cli *cli, const char *const words[]);
};
static const struct deed deeds[] = {
    {"list", "", 0, 0, list},
    {"get", " ID [PATH]", 1, 2, get},
    {"cancel", " ID", 1, 1, cancel},
};

static int run(const struct cli *cli, const struct deed *deed)
{
    const struct arguments *arguments = &cli->arguments;
    size_t count = arguments->count - 1;
    if (count < deed->least)
        return fail(EXIT_USAGE,
            "too few words: sotto file %s%s (`sotto file list` shows the ids)",
            deed->word, deed->form);
    if (count > deed->most)
        return fail(EXIT_USAGE,
            "too many words, from \"%s\" on: sotto file %s%s",
            arguments->words[1 + deed->most], deed->word, deed->form);
    return deed->run(cli, arguments->words + 1);
}

int verb_file(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    if (arguments_has(arguments, OPTION_FORCE) &&
        strcmp(arguments->words[0], "get") != 0)
        return fail(EXIT_USAGE, "--force goes with sotto file get");
    if (arguments->count > 1 && arguments->words[1][0] == '\0')
        return fail(EXIT_NOT_FOUND,
            "no file has that id; `sotto file list` shows those there are");
    size_t i = 0;
    while (strcmp(arguments->words[0], deeds[i].word) != 0) {
        i++;
        assert(i < sizeof(deeds) / sizeof(deeds[0])); /* as verb_check saw */
    }
    return run(cli, &deeds[i]);
}
