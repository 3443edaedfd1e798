/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup and restore: blocks, sealed by the vault, on their way into a file or
 * out of one.  This program knows no key and looks at nothing inside: it has a
 * place to write to, which the vault's process has not. */
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
#include "cli/node.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/verb.h"
#include "platform/draft.h"

enum {
    HEADER_BYTES = CONTROL_BACKUP_HEADER_BYTES,
    BLOCK_BYTES = CONTROL_BACKUP_BLOCK_BYTES,
};

/* One block, with the header before the first. */
struct block {
    uint8_t bytes[HEADER_BYTES + BLOCK_BYTES];
    char text[2 * (HEADER_BYTES + BLOCK_BYTES) + 1];
};

/* Out. */

static int refuse_existing(const char *path)
{
    return fail(EXIT_REFUSED,
        "%s is there already; nothing was written (--force puts the backup "
        "in its place)",
        path);
}

static int refuse_write(const char *path)
{
    return fail(EXIT_USAGE, "cannot write %s: %s", path, strerror(errno));
}

static int write_part(const struct control_part *part, struct block *block,
    struct draft *draft, const char *path)
{
    size_t size = part->data.size / 2;
    if (size == 0 || size > sizeof(block->bytes) ||
        hex_decode((const char *)part->data.data, block->bytes, size))
        return fail(EXIT_BUG, "the node answered with no block of a backup");
    if (draft_write(draft, (struct span){block->bytes, size}))
        return refuse_write(path);
    return EXIT_DONE;
}

/* Ask for one block after the other. */
static int write_all(const struct cli *cli, const struct passphrase *passphrase,
    struct draft *draft, uint64_t *blocks)
{
    struct client *client;
    struct block *block = malloc(sizeof(*block));
    if (!block)
        return fail(EXIT_BUG, "no memory");
    struct control_request request = {
        .method = CONTROL_BACKUP, .passphrase = passphrase_span(passphrase)};
    int code = ask_open(cli, CONTROL_VAULT, &client);
    if (code) {
        free(block);
        return code;
    }
    do {
        struct control_message message;
        code = ask_on(client, &request, CONTROL_PART, &message);
        if (code)
            break;
        request = (struct control_request){
            .method = CONTROL_BACKUP_MORE, .cursor = message.reply.part.next};
        code = write_part(
            &message.reply.part, block, draft, cli->arguments.words[0]);
        control_message_clear(&message);
        ++*blocks;
    } while (!code && request.cursor);
    client_close(client);
    free(block);
    return code;
}

static int print_made(const struct cli *cli, const char *path, uint64_t bytes)
{
    const struct control_field fields[] = {
        {.name = "file", .text = path}, {.name = "bytes", .number = bytes}};
    char *line = NULL;
    size_t size = 0;
    if (cli->json) {
        enum status status = control_fields_print(fields, 2, &line, &size);
        return output_line(status, line, size);
    }
    hint(cli,
        "%s holds identity, contacts, letters and notes, sealed: without its\n"
        "passphrase it is nothing.  `sotto restore` makes a vault of it where "
        "there is none.",
        path);
    return EXIT_DONE;
}

static int make(const struct cli *cli, const struct passphrase *passphrase)
{
    const char *path = cli->arguments.words[0];
    bool force = arguments_has(&cli->arguments, OPTION_FORCE);
    struct draft *draft;
    uint64_t blocks = 0;
    if (draft_open(path, &draft))
        return refuse_write(path);
    int code = write_all(cli, passphrase, draft, &blocks);
    if (code) {
        draft_drop(draft);
        return code;
    }
    enum status status = draft_keep(draft, force);
    if (status)
        return status == STATUS_EXISTS ? refuse_existing(path)
                                       : refuse_write(path);
    return print_made(cli, path, HEADER_BYTES + blocks * BLOCK_BYTES);
}

int verb_backup(const struct cli *cli)
{
    const char *path = cli->arguments.words[0];
    struct stat about;
    if (lstat(path, &about) == 0 &&
        !arguments_has(&cli->arguments, OPTION_FORCE))
        return refuse_existing(path);
    struct passphrase passphrase;
    int code = passphrase_get(cli, PASSPHRASE_FOR_BACKUP, &passphrase);
    if (!code)
        code = make(cli, &passphrase);
    passphrase_clear(&passphrase);
    return code;
}

/* In. */

static int refuse_foreign(const char *path)
{
    return fail(EXIT_REFUSED,
        "%s is no backup of Sotto's, or is cut short; nothing was restored",
        path);
}

/* Open a file that has the length of some backup; *out is its descriptor. */
static int open_backup(const char *path, int *out)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail(EXIT_USAGE, "cannot open %s: %s", path, strerror(errno));
    if (fstat(fd, &about) || !S_ISREG(about.st_mode) ||
        about.st_size < HEADER_BYTES + BLOCK_BYTES ||
        (about.st_size - HEADER_BYTES) % BLOCK_BYTES != 0) {
        close(fd);
        return refuse_foreign(path);
    }
    *out = fd;
    return EXIT_DONE;
}

/* How many bytes came: size, or none at the end; -1 and errno. */
static ssize_t read_block(int fd, uint8_t *out, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(fd, out + done, size - done);
        if (got < 0 && errno != EINTR)
            return -1;
        if (got == 0)
            break;
        done += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)done;
}

static int send_block(struct client *client, struct control_request *request,
    struct block *block, size_t size)
{
    struct control_message message;
    hex_encode((struct span){block->bytes, size}, block->text);
    request->data = span_of_text(block->text);
    int code = ask_on(client, request, CONTROL_PART, &message);
    if (!code)
        control_message_clear(&message);
    return code;
}

/* Hand all blocks over; the vault says which is the last. */
static int send_all(struct client *client, int fd, const char *path,
    const struct passphrase *passphrase)
{
    struct block *block = malloc(sizeof(*block));
    struct control_request request = {
        .method = CONTROL_RESTORE, .passphrase = passphrase_span(passphrase)};
    size_t size = HEADER_BYTES + BLOCK_BYTES;
    if (!block)
        return fail(EXIT_BUG, "no memory");
    int code = EXIT_DONE;
    for (;;) {
        ssize_t got = read_block(fd, block->bytes, size);
        if (got < 0)
            code =
                fail(EXIT_USAGE, "cannot read %s: %s", path, strerror(errno));
        if (got <= 0 || code)
            break;
        if ((size_t)got != size)
            code = refuse_foreign(path);
        else
            code = send_block(client, &request, block, size);
        if (code)
            break;
        request = (struct control_request){.method = CONTROL_RESTORE_MORE};
        size = BLOCK_BYTES;
    }
    free(block);
    return code;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static int print_restored(
    const struct cli *cli, const struct control_reply *reply)
{
    const struct control_restored *what = &reply->restored;
    if (cli->json)
        return output_json(reply);
    printf("restored: %" PRIu64 " contact%s, %" PRIu64 " letter%s, %" PRIu64
           " note%s\n",
        what->contacts, plural(what->contacts), what->letters,
        plural(what->letters), what->notes, plural(what->notes));
    if (what->unreached)
        warn_person("%" PRIu64 " of them cannot be written to yet: their "
                    "cards have run out; wait for newer ones to come, or ask "
                    "for them, and add them under the same names",
            what->unreached);
    hint(cli, "Everybody else is written to by a fresh first contact, which "
              "they are shown.\nThe invites that you gave out before are "
              "void.");
    return EXIT_DONE;
}

static int restore(const struct cli *cli, int fd,
    const struct passphrase *passphrase, const struct passphrase *fresh)
{
    struct client *client;
    struct control_message message;
    struct control_request request = {
        .method = CONTROL_RESTORE_END, .passphrase = passphrase_span(fresh)};
    int code = ask_open(cli, CONTROL_VAULT, &client);
    if (code)
        return code;
    code = send_all(client, fd, cli->arguments.words[0], passphrase);
    if (!code)
        code = ask_on(client, &request, CONTROL_RESTORED, &message);
    client_close(client);
    if (code)
        return code;
    code = print_restored(cli, &message.reply);
    control_message_clear(&message);
    return code;
}

static int restore_somewhere(const struct cli *cli, int fd,
    const struct passphrase *passphrase, const struct passphrase *fresh)
{
    struct node_loan loan;
    if (node_runs(cli))
        return restore(cli, fd, passphrase, fresh);
    int code = node_borrow(cli, &loan);
    if (!code) {
        code = restore(cli, fd, passphrase, fresh);
        node_return(&loan);
    }
    return code;
}

int verb_restore(const struct cli *cli)
{
    struct passphrase passphrase = {.size = 0}, fresh = {.size = 0};
    int fd = -1;
    int code = open_backup(cli->arguments.words[0], &fd);
    if (code)
        return code;
    code = passphrase_get(cli, PASSPHRASE_OF_BACKUP, &passphrase);
    if (!code)
        code = passphrase_get(cli, PASSPHRASE_NEW, &fresh);
    if (!code)
        code = restore_somewhere(cli, fd, &passphrase, &fresh);
    close(fd);
    passphrase_clear(&passphrase);
    passphrase_clear(&fresh);
    return code;
}
