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
#include "cli/save.h"
#include "cli/verb.h"

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

static int make(const struct cli *cli, struct save *save,
    const struct passphrase *passphrase)
{
    struct control_request request = {
        .method = CONTROL_BACKUP, .passphrase = passphrase_span(passphrase)};
    int code = save_parts(cli, save, &request);
    if (code)
        return code;
    hint(cli,
        "%s holds identity, contacts, letters and notes, sealed: without its\n"
        "passphrase it is nothing.  `sotto restore` makes a vault of it where "
        "there is none.",
        save->path);
    return save_print(cli, save);
}

int verb_backup(const struct cli *cli)
{
    struct save save = {.path = cli->arguments.words[0],
        .may_replace = arguments_has(&cli->arguments, OPTION_FORCE),
        .otherwise = " (--force puts the backup in its place)",
        .more = CONTROL_BACKUP_MORE};
    struct passphrase passphrase;
    int code = save_check(&save);
    if (!code)
        code = ask_for_vault(cli);
    if (code)
        return code;
    code = passphrase_get(cli, PASSPHRASE_FOR_BACKUP, &passphrase);
    if (!code)
        code = make(cli, &save, &passphrase);
    passphrase_clear(&passphrase);
    return code;
}

/* In. */

static int refuse_foreign(const char *path, const struct stat *about)
{
    if (!S_ISREG(about->st_mode))
        return fail(EXIT_REFUSED,
            "%s is %s, and not the file that `sotto backup` wrote; nothing was "
            "restored",
            path, S_ISDIR(about->st_mode) ? "a folder" : "no plain file");
    return fail(EXIT_REFUSED,
        "%s is no backup of Sotto's, or is cut short; nothing was restored (it "
        "has %lld bytes, and a backup %d and then whole blocks of %d)",
        path, (long long)about->st_size, HEADER_BYTES, BLOCK_BYTES);
}

/* Open a file that has the length of some backup; *out is its descriptor. */
static int open_backup(const char *path, int *out)
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
    if (!S_ISREG(about.st_mode) || about.st_size < HEADER_BYTES + BLOCK_BYTES ||
        (about.st_size - HEADER_BYTES) % BLOCK_BYTES != 0) {
        close(fd);
        return refuse_foreign(path, &about);
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
static int send_all(const struct cli *cli, struct client *client, int fd,
    const struct passphrase *passphrase)
{
    const char *path = cli->arguments.words[0];
    struct block *block = malloc(sizeof(*block));
    struct control_request request = {
        .method = CONTROL_RESTORE,
        .passphrase = passphrase_span(passphrase),
        .set_aside = arguments_has(&cli->arguments, OPTION_SET_ASIDE),
    };
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
            code = fail(EXIT_REFUSED,
                "%s became shorter while it was read; nothing was restored",
                path);
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
    printf("restored: %" PRIu64 " contact%s, %" PRIu64
           " letter%s received, %" PRIu64 " note%s\n",
        what->contacts, plural(what->contacts), what->letters,
        plural(what->letters), what->notes, plural(what->notes));
    if (what->unreached)
        warn_person("%" PRIu64 " of them cannot be written to yet: their "
                    "cards have run out; wait for newer ones to come, or ask "
                    "for them, and add them under the same names",
            what->unreached);
    hint(cli, "Everybody else is written to by a fresh first contact, which "
              "they are shown.\nLetters of yours that are not known to have "
              "arrived are sent again (sotto outbox).\nThe invites that you "
              "gave out before are void.");
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
    code = send_all(cli, client, fd, passphrase);
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
    if (node_runs(cli))
        code = ask_for_vault(cli);
    if (!code)
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
