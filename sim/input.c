/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines are bounded, and counted, so that whatever is wrong in a file can be
 * said with its place.  What editors add is no part of them: a carriage return
 * at the end, and the mark of UTF-8 before the first. */
#include "sim/input.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/blame.h"

/* One can be opened, and not read: errno says so. */
static bool is_folder(FILE *file)
{
    struct stat at;
    bool is_so = fstat(fileno(file), &at) == 0 && S_ISDIR(at.st_mode);
    errno = is_so ? EISDIR : errno;
    return is_so;
}

enum status input_open(struct input *input, const struct scenario *scenario,
    const char *key, const char *name, struct complaint *complaint)
{
    *input = (struct input){.file = NULL};
    const char *slash = strrchr(scenario->path, '/');
    int folder =
        slash && name[0] != '/' ? (int)(slash + 1 - scenario->path) : 0;
    snprintf(input->path, sizeof(input->path), "%.*s%s", folder, scenario->path,
        name);
    input->file = fopen(input->path, "re");
    if (input->file && !is_folder(input->file))
        return STATUS_OK;
    input_close(input);
    return blame(scenario, complaint, key,
        "%s: %s; a path counts from the scenario's folder, unless it begins "
        "with a slash",
        input->path, strerror(errno));
}

enum status input_open_path(
    struct input *input, const char *path, struct complaint *complaint)
{
    *input = (struct input){.file = fopen(path, "re")};
    snprintf(input->path, sizeof(input->path), "%s", path);
    if (input->file)
        return STATUS_OK;
    complain(complaint, "%s: %s", path, strerror(errno));
    return STATUS_IO;
}

static void drop_mark(char *line)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t size = sizeof(mark) - 1;
    if (strncmp(line, mark, size) == 0)
        memmove(line, line + size, strlen(line + size) + 1);
}

void input_close(struct input *input)
{
    if (input->file)
        fclose(input->file);
    input->file = NULL;
}

enum status input_next(struct input *input, char out[static INPUT_LINE_BYTES],
    struct complaint *complaint)
{
    input->line++;
    if (!fgets(out, INPUT_LINE_BYTES, input->file)) {
        if (feof(input->file))
            return STATUS_NOT_FOUND;
        complain(complaint, "%s: %s", input->path, strerror(errno));
        return STATUS_IO;
    }
    size_t size = strcspn(out, "\r\n");
    if (out[size] == '\0' && !feof(input->file))
        return input_reject(input, complaint,
            "the line is longer than %d characters", INPUT_LINE_BYTES - 2);
    out[size] = '\0';
    if (input->line == 1)
        drop_mark(out);
    return STATUS_OK;
}

size_t input_words(char *line, char *words[], size_t maximum)
{
    size_t count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t", &rest); word;
         word = strtok_r(NULL, " \t", &rest)) {
        if (count == maximum)
            return maximum + 1;
        words[count++] = word;
    }
    return count;
}

bool input_is_blank(const char *line)
{
    line += strspn(line, " \t");
    return *line == '\0' || *line == '#';
}

bool input_number(const char *word, uint32_t *out)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(word, &end, 10);
    if (!isdigit((unsigned char)*word) || *end != '\0' || errno ||
        value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* Microseconds of that are still exact in a double. */
static const double moments_end_s = 9e9;

bool input_moment(const char *word, uint64_t *out_us)
{
    char *end;
    double value = strtod(word, &end);
    if (!isdigit((unsigned char)*word) || *end != '\0' ||
        !(value < moments_end_s))
        return false;
    *out_us = (uint64_t)(value * 1e6 + 0.5);
    return true;
}

bool input_seconds(const char *word, uint64_t *out_us)
{
    uint64_t at_us;
    if (!input_moment(word, &at_us) ||
        at_us >= INPUT_SECONDS_MAXIMUM * UINT64_C(1000000))
        return false;
    *out_us = at_us;
    return true;
}

enum status input_reject(
    struct input *input, struct complaint *complaint, const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    complain(complaint, "%s:%d: %s", input->path, input->line, what);
    return STATUS_INVALID;
}
