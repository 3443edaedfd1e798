/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads edge lists line by line; whoever calls decides what to make of them.
 * Only the first two columns and "type" are read: what else a map knows of a
 * link (its quality each way) has no place in these scenarios. */
#include "sim/edges_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum status read_header(
    struct edges_file *file, struct complaint *complaint)
{
    char line[INPUT_LINE_BYTES];
    enum status status = input_next(&file->input, line, complaint);
    if (status && status != STATUS_NOT_FOUND)
        return status;
    if (status || strncmp(line, "src,dst", 7) != 0 ||
        (line[7] && line[7] != ','))
        return input_reject(
            &file->input, complaint, "must begin with the columns src,dst");
    file->type_column = -1;
    char *rest = line, *name;
    for (int column = 0; (name = strsep(&rest, ",")); column++)
        if (!strcmp(name, "type"))
            file->type_column = column;
    if (file->skip[0] && file->type_column < 0)
        return input_reject(&file->input, complaint,
            "has no column type, by which [mesh] skip leaves lines out; add "
            "the column, or leave skip out");
    return STATUS_OK;
}

enum status edges_file_open(const struct scenario *scenario,
    struct edges_file *out, struct complaint *complaint)
{
    *out = (struct edges_file){.skip = scenario->skip};
    enum status status = input_open(
        &out->input, scenario, "mesh.file", scenario->file, complaint);
    if (!status)
        status = read_header(out, complaint);
    if (status)
        edges_file_close(out);
    return status;
}

void edges_file_close(struct edges_file *file)
{
    input_close(&file->input);
}

/* Whether a line's column holds the type to leave out. */
static bool is_skipped(const struct edges_file *file, const char *line)
{
    if (!file->skip[0])
        return false;
    for (int column = 0; line && column < file->type_column; column++) {
        line = strchr(line, ',');
        line = line ? line + 1 : NULL;
    }
    size_t size = strlen(file->skip);
    return line && strncmp(line, file->skip, size) == 0 &&
           (line[size] == ',' || line[size] == '\0');
}

/* A node's number, up to a comma or the end. */
static bool parse_node(const char *text, char **end, uint32_t *out)
{
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long value = strtoul(text, end, 10);
    if (errno || value >= SCENARIO_NODES_MAXIMUM ||
        (**end != ',' && **end != '\0'))
        return false;
    *out = (uint32_t)value;
    return true;
}

enum status edges_file_next(struct edges_file *file, uint32_t ends[static 2],
    struct complaint *complaint)
{
    char line[INPUT_LINE_BYTES];
    enum status status;
    do {
        status = input_next(&file->input, line, complaint);
        if (status)
            return status;
    } while (line[0] == '\0' || line[0] == '#' || is_skipped(file, line));
    uint32_t from, to;
    char *end, *last;
    if (!parse_node(line, &end, &from) || *end == '\0' ||
        !parse_node(end + 1, &last, &to))
        return input_reject(&file->input, complaint,
            "must begin with two node numbers below %d, as in 3,17",
            SCENARIO_NODES_MAXIMUM);
    ends[0] = from;
    ends[1] = to;
    return STATUS_OK;
}
