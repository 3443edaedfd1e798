/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only what a run writes is understood: plain numbers between commas.  A file
 * with other columns is of another version, or of something else, and is
 * refused rather than guessed at. */
#include "sim/csv.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t columns_in(const char *header)
{
    size_t count = 1;
    for (; *header; header++)
        count += *header == ',';
    return count;
}

static enum status room_for_row(struct csv *csv)
{
    if (csv->count < csv->capacity)
        return STATUS_OK;
    size_t capacity = csv->capacity ? 2 * csv->capacity : 1024;
    double *values =
        reallocarray(csv->values, capacity, csv->columns * sizeof(*values));
    if (!values)
        return STATUS_NO_MEMORY;
    csv->values = values;
    csv->capacity = capacity;
    return STATUS_OK;
}

/* A field and what ends it; false when it is neither a number nor empty. */
static bool take_field(char **at, char end, double *out)
{
    char *behind = *at;
    *out = NAN;
    if (**at != end) {
        *out = strtod(*at, &behind);
        if (behind == *at || !isfinite(*out) || *behind != end)
            return false;
    }
    *at = behind + (end != '\0');
    return true;
}

static bool take_row(char *line, size_t columns, double *out)
{
    for (size_t i = 0; i < columns; i++)
        if (!take_field(&line, i + 1 < columns ? ',' : '\0', &out[i]))
            return false;
    return true;
}

struct reading {
    FILE *file;
    const char *path;
    char *line;
    size_t room;
    size_t number;
    struct complaint *complaint;
};

/* The next line, without its end; false behind the last one. */
static bool next_line(struct reading *reading)
{
    ssize_t length = getline(&reading->line, &reading->room, reading->file);
    if (length < 0)
        return false;
    reading->number++;
    if (length > 0 && reading->line[length - 1] == '\n')
        reading->line[length - 1] = '\0';
    return true;
}

static enum status read_rows(struct reading *reading, struct csv *csv)
{
    while (next_line(reading)) {
        if (csv->count == CSV_ROWS) {
            complain(reading->complaint, "%s: more than %d rows", reading->path,
                CSV_ROWS);
            return STATUS_INVALID;
        }
        enum status status = room_for_row(csv);
        if (status)
            return status;
        double *row = csv->values + csv->count * csv->columns;
        if (!take_row(reading->line, csv->columns, row)) {
            complain(reading->complaint,
                "%s:%zu: this is not a row of %zu numbers with commas between",
                reading->path, reading->number, csv->columns);
            return STATUS_INVALID;
        }
        csv->count++;
    }
    if (!ferror(reading->file))
        return STATUS_OK;
    complain(reading->complaint, "%s: %s", reading->path, strerror(errno));
    return STATUS_IO;
}

static enum status read_table(
    struct reading *reading, const char *header, struct csv *csv)
{
    if (next_line(reading) && strcmp(reading->line, header) == 0)
        return read_rows(reading, csv);
    complain(reading->complaint,
        "%s:1: its columns are not those that this version writes (%s)",
        reading->path, header);
    return STATUS_INVALID;
}

enum status csv_read(const char *path, const char *header, struct csv *out,
    struct complaint *complaint)
{
    struct reading reading = {.path = path, .complaint = complaint};
    struct csv csv = {.columns = columns_in(header)};
    reading.file = fopen(path, "re");
    if (!reading.file) {
        complain(complaint, "%s: %s; a run writes it, with --out and a folder",
            path, strerror(errno));
        return STATUS_NOT_FOUND;
    }
    enum status status = read_table(&reading, header, &csv);
    free(reading.line);
    fclose(reading.file);
    if (status)
        csv_clear(&csv);
    else
        *out = csv;
    return status;
}

void csv_clear(struct csv *csv)
{
    free(csv->values);
    *csv = (struct csv){.values = NULL};
}
