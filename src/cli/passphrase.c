/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A passphrase comes from a file, a descriptor or a terminal, never from the
 * command line or the environment, which other programs can see.  It is read
 * without stdio, whose buffers nobody wipes. */
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/duration.h"
#include "cli/output.h"
#include "platform/terminal.h"
#include "proto/wire.h"

void passphrase_clear(struct passphrase *passphrase)
{
    explicit_bzero(passphrase, sizeof(*passphrase));
}

static int refuse_too_long(void)
{
    return fail(EXIT_REFUSED, "a passphrase has at most %lu bytes",
        LIMIT_PASSPHRASE_BYTES);
}

static int check(const struct passphrase *passphrase)
{
    if (passphrase->size == 0)
        return fail(EXIT_USAGE, "the passphrase is empty");
    if (passphrase->size > LIMIT_PASSPHRASE_BYTES)
        return refuse_too_long();
    if (!wire_is_utf8(passphrase_span(passphrase)))
        return fail(EXIT_USAGE, "the passphrase is not UTF-8 text");
    return EXIT_DONE;
}

/* Value is the option's. */
static int refuse_source(enum option option, const char *value)
{
    return fail(EXIT_USAGE,
        "--%s %s: %s; the passphrase is to be its first line",
        option_rule(option)->name, value, strerror(errno));
}

/* The first line, without its newline. */
static int read_first_line(
    int fd, enum option option, const char *value, struct passphrase *out)
{
    out->size = 0;
    while (out->size < sizeof(out->bytes)) {
        char *at = out->bytes + out->size;
        ssize_t got = read(fd, at, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return refuse_source(option, value);
        if (got == 0 || *at == '\n')
            break;
        out->size++;
    }
    return check(out);
}

/* A file with the key to everything should be its owner's alone. */
static void warn_if_shared(int fd, const char *path)
{
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
        (about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        warn_person("%s can be read or changed by other users (chmod 600 %s)",
            path, path);
}

static int from_file(
    enum option option, const char *path, struct passphrase *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return refuse_source(option, path);
    warn_if_shared(fd, path);
    int code = read_first_line(fd, option, path, out);
    close(fd);
    return code;
}

static int from_descriptor(
    enum option option, const char *text, struct passphrase *out)
{
    uint64_t fd;
    if (number_parse(text, &fd) || fd > INT_MAX)
        return fail(EXIT_USAGE, "--%s %s is no descriptor's number (such as 3)",
            option_rule(option)->name, text);
    return read_first_line((int)fd, option, text, out);
}

/* file is the option that would do instead. */
static int from_terminal(
    const char *prompt, enum option file, struct passphrase *out)
{
    enum status status = terminal_ask_secret(
        prompt, out->bytes, LIMIT_PASSPHRASE_BYTES, &out->size);
    if (status == STATUS_NOT_FOUND)
        return fail(EXIT_USAGE,
            "there is no terminal to ask for the %spassphrase on (use "
            "--%s FILE or --%s N)",
            file == OPTION_NEW_PASSPHRASE_FILE ? "new " : "",
            option_rule(file)->name,
            file == OPTION_NEW_PASSPHRASE_FILE
                ? option_rule(OPTION_NEW_PASSPHRASE_FD)->name
                : option_rule(OPTION_PASSPHRASE_FD)->name);
    if (status == STATUS_TOO_LARGE)
        return refuse_too_long();
    if (status == STATUS_AGAIN)
        return fail(EXIT_USAGE, "no passphrase was given");
    if (status)
        return fail(EXIT_USAGE, "cannot use the terminal: %s", strerror(errno));
    return check(out);
}

static int from_terminal_twice(
    const char *prompt, enum option file, struct passphrase *out)
{
    int code = from_terminal(prompt, file, out);
    if (code)
        return code;
    struct passphrase again;
    code = from_terminal("The same again: ", file, &again);
    if (!code && !span_equal(passphrase_span(out), passphrase_span(&again)))
        code = fail(EXIT_USAGE, "the two passphrases differ");
    passphrase_clear(&again);
    return code;
}

/* Lines of Windows end in CR LF.  The CR is part of the line, and of some
 * passphrase that is there it may have become a part: to try without it, too,
 * would count as a second wrong one.  No new passphrase is begun with it. */
static int check_line_end(enum passphrase_kind kind, enum option option,
    const struct passphrase *line)
{
    const char *name = option_rule(option)->name;
    if (line->bytes[line->size - 1] != '\r')
        return EXIT_DONE;
    if (kind != PASSPHRASE_CURRENT && kind != PASSPHRASE_OF_BACKUP)
        return fail(EXIT_USAGE,
            "the first line from --%s ends in CR, as in Windows; a new "
            "passphrase must not: end the line in LF alone",
            name);
    warn_person(
        "the first line from --%s ends in CR, as in Windows, and that is "
        "taken for a part of the passphrase",
        name);
    return EXIT_DONE;
}

int passphrase_get(
    const struct cli *cli, enum passphrase_kind kind, struct passphrase *out)
{
    static const char *const prompts[] = {
        [PASSPHRASE_CURRENT] = "Passphrase: ",
        [PASSPHRASE_FIRST] = "New passphrase: ",
        [PASSPHRASE_NEW] = "New passphrase: ",
        [PASSPHRASE_DURESS] = "Duress passphrase: ",
        [PASSPHRASE_FOR_BACKUP] = "New passphrase, for the backup: ",
        [PASSPHRASE_OF_BACKUP] = "Passphrase of the backup: ",
    };
    bool is_fresh = kind == PASSPHRASE_NEW || kind == PASSPHRASE_DURESS;
    enum option file =
        is_fresh ? OPTION_NEW_PASSPHRASE_FILE : OPTION_PASSPHRASE_FILE;
    enum option fd = is_fresh ? OPTION_NEW_PASSPHRASE_FD : OPTION_PASSPHRASE_FD;
    const struct arguments *arguments = &cli->arguments;
    if (arguments_has(arguments, file) && arguments_has(arguments, fd))
        return fail(EXIT_USAGE, "--%s and --%s exclude each other",
            option_rule(file)->name, option_rule(fd)->name);
    if (arguments_has(arguments, file)) {
        int code = from_file(file, arguments->values[file], out);
        return code ? code : check_line_end(kind, file, out);
    }
    if (arguments_has(arguments, fd)) {
        int code = from_descriptor(fd, arguments->values[fd], out);
        return code ? code : check_line_end(kind, fd, out);
    }
    if (kind == PASSPHRASE_CURRENT || kind == PASSPHRASE_OF_BACKUP)
        return from_terminal(prompts[kind], file, out);
    return from_terminal_twice(prompts[kind], file, out);
}
