/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are made of parts.  A part may be secret, so what is decoded of
 * one is wiped when it is in the file. */
#include "cli/save.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hex.h"
#include "cli/ask.h"
#include "cli/output.h"

int save_refuse(const struct save *save)
{
    return fail(EXIT_USAGE, "cannot write %s: %s; nothing was left there",
        save->path, strerror(errno));
}

static int refuse_existing(const struct save *save)
{
    return fail(EXIT_REFUSED, "%s is there already; nothing was written%s",
        save->path, save->otherwise ? save->otherwise : "");
}

int save_check(const struct save *save)
{
    struct stat about;
    if (!save->may_replace && lstat(save->path, &about) == 0)
        return refuse_existing(save);
    return save_check_plain(save->path);
}

int save_check_plain(const char *path)
{
    struct stat about;
    if (lstat(path, &about) == 0 && !S_ISREG(about.st_mode) &&
        !S_ISLNK(about.st_mode))
        return fail(
            EXIT_USAGE, "%s is no plain file; nothing was written", path);
    return EXIT_DONE; /* what else is wrong with it, writing will say */
}

int save_keep(const struct save *save, struct draft *draft)
{
    enum status status = draft_keep(draft, save->may_replace);
    if (status == STATUS_EXISTS)
        return refuse_existing(save);
    return status ? save_refuse(save) : EXIT_DONE;
}

static int write_part(
    struct save *save, struct draft *draft, const struct control_part *part)
{
    uint8_t held[CONTROL_DATA_CHARS / 2];
    size_t size = part->data.size / 2;
    if (size == 0 || size > sizeof(held) ||
        hex_decode((const char *)part->data.data, held, size))
        return fail(EXIT_BUG, "the node answered with no part of %s's content",
            save->path);
    enum status status = draft_write(draft, (struct span){held, size});
    explicit_bzero(held, size);
    save->bytes += size;
    return status ? save_refuse(save) : EXIT_DONE;
}

static int write_parts(const struct cli *cli, struct save *save,
    struct draft *draft, struct control_request *request)
{
    struct client *client;
    int code = ask_open(cli, control_method_service(request->method), &client);
    if (code)
        return code;
    do {
        struct control_message message;
        code = ask_on(client, request, CONTROL_PART, &message);
        if (code)
            break;
        *request = (struct control_request){
            .method = save->more, .cursor = message.reply.part.next};
        code = write_part(save, draft, &message.reply.part);
        control_message_clear(&message);
    } while (!code && request->cursor);
    client_close(client);
    return code;
}

int save_parts(
    const struct cli *cli, struct save *save, struct control_request *request)
{
    struct draft *draft;
    if (draft_open(save->path, &draft))
        return save_refuse(save);
    int code = write_parts(cli, save, draft, request);
    if (!code)
        return save_keep(save, draft);
    draft_drop(draft);
    return code;
}

int save_print(const struct cli *cli, const struct save *save)
{
    const struct control_field fields[] = {{.name = "file", .text = save->path},
        {.name = "bytes", .number = save->bytes}};
    char *line = NULL;
    size_t size = 0;
    if (!cli->json)
        return EXIT_DONE;
    enum status status = control_fields_print(fields, 2, &line, &size);
    return output_line(status, line, size);
}
