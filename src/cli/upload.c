/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file is read once, from the start, to the size that it had then: one that
 * changes meanwhile is refused rather than sent half old and half new. */
#include "cli/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "cli/ask.h"
#include "cli/output.h"

enum { PIECE_BYTES = CONTROL_DATA_CHARS / 2 };

struct piece {
    uint8_t bytes[PIECE_BYTES];
    char text[2 * PIECE_BYTES + 1];
};

static int check_kind(const char *path, const struct stat *about)
{
    if (S_ISREG(about->st_mode))
        return EXIT_DONE;
    return fail(EXIT_USAGE,
        "%s is %s; what can be sent is a file of bytes that are there", path,
        S_ISDIR(about->st_mode)    ? "a directory"
        : S_ISFIFO(about->st_mode) ? "a pipe"
                                   : "no regular file");
}

/* Without waiting for whoever may write into a pipe. */
int upload_open(const char *path, struct upload *out)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return fail(EXIT_USAGE, "cannot open %s: %s", path, strerror(errno));
    int code = fstat(fd, &about) ? fail(EXIT_USAGE, "cannot read %s: %s", path,
                                       strerror(errno))
                                 : check_kind(path, &about);
    if (!code && (uint64_t)about.st_size > LIMIT_FILE_BYTES)
        code = fail(EXIT_REFUSED,
            "%s has %" PRIu64 " bytes; a file has at most %lu, since every "
            "node carries it",
            path, (uint64_t)about.st_size, LIMIT_FILE_BYTES);
    if (code) {
        close(fd);
        return code;
    }
    *out = (struct upload){fd, path, (uint64_t)about.st_size};
    return EXIT_DONE;
}

void upload_close(struct upload *upload)
{
    close(upload->fd);
}

static int refuse_changed(const struct upload *upload)
{
    return fail(EXIT_USAGE, "%s changed while it was read; nothing was sent",
        upload->path);
}

static int read_whole(const struct upload *upload, uint8_t *out, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(upload->fd, out + done, size - done);
        if (got < 0 && errno != EINTR)
            return fail(EXIT_USAGE, "cannot read %s: %s; nothing was sent",
                upload->path, strerror(errno));
        if (got == 0)
            return refuse_changed(upload);
        done += got > 0 ? (size_t)got : 0;
    }
    return EXIT_DONE;
}

static int check_end(const struct upload *upload)
{
    char more;
    return read(upload->fd, &more, 1) == 0 ? EXIT_DONE : refuse_changed(upload);
}

static int hand_over(struct upload *upload, struct client *client,
    struct piece *piece, struct control_message *out)
{
    for (uint64_t done = 0;;) {
        uint64_t left = upload->bytes - done;
        size_t size = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        bool is_last = size == left;
        int code = read_whole(upload, piece->bytes, size);
        if (!code && is_last)
            code = check_end(upload);
        if (code)
            return code;
        hex_encode((struct span){piece->bytes, size}, piece->text);
        struct control_request request = {.method = CONTROL_FILE_MORE,
            .cursor = done,
            .data = span_of_text(piece->text)};
        code = ask_on(
            client, &request, is_last ? CONTROL_SENT : CONTROL_DONE, out);
        if (code || is_last)
            return code;
        control_message_clear(out);
        done += size;
    }
}

int upload_send(struct upload *upload, struct client *client,
    struct control_request *request, struct control_message *out)
{
    const char *slash = strrchr(upload->path, '/');
    bool is_empty = upload->bytes == 0;
    request->method = CONTROL_FILE_SEND;
    request->file = span_of_text(slash ? slash + 1 : upload->path);
    request->size = upload->bytes;
    if (request->file.size > LIMIT_FILE_NAME_BYTES)
        return fail(EXIT_REFUSED,
            "the name of %s has %zu bytes; a file's has at most %lu",
            upload->path, request->file.size, LIMIT_FILE_NAME_BYTES);
    int code =
        ask_on(client, request, is_empty ? CONTROL_SENT : CONTROL_DONE, out);
    if (code || is_empty)
        return code;
    control_message_clear(out);
    struct piece *piece = malloc(sizeof(*piece));
    if (!piece)
        return fail(EXIT_BUG, "no memory");
    code = hand_over(upload, client, piece, out);
    explicit_bzero(piece, sizeof(*piece));
    free(piece);
    return code;
}
