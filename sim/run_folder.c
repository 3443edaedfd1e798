/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary is read once and checked as text, so that what was checked is
 * what is handed on. */
#include "sim/run_folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/painter.h"
#include "sim/report_tables.h"

enum { PATH_BYTES = 1024, PIECE_BYTES = 4096 };

static enum status fill(
    FILE *file, const char *path, struct buf *out, struct complaint *complaint)
{
    uint8_t piece[PIECE_BYTES];
    size_t size;
    while ((size = fread(piece, 1, sizeof(piece), file)) > 0) {
        enum status status = buf_append(out, (struct span){piece, size});
        if (status == STATUS_TOO_LARGE)
            complain(complaint, "%s: it is longer than what a page is made of",
                path);
        if (status)
            return status;
    }
    if (!ferror(file))
        return STATUS_OK;
    complain(complaint, "%s: %s", path, strerror(errno));
    return STATUS_IO;
}

/* A whole file into a buf that has been made. */
static enum status read_text(
    const char *path, struct buf *out, struct complaint *complaint)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        complain(complaint, "%s: %s; a run writes it, with --out and a folder",
            path, strerror(errno));
        return STATUS_NOT_FOUND;
    }
    enum status status = fill(file, path, out, complaint);
    fclose(file);
    return status;
}

static enum status read_summary(
    const char *path, struct run_folder *run, struct complaint *complaint)
{
    enum status status = read_text(path, &run->text, complaint);
    return status ? status
                  : summary_parse(
                        path, buf_span(&run->text), &run->summary, complaint);
}

static enum status path_in(const char *folder, const char *name,
    char out[static PATH_BYTES], struct complaint *complaint)
{
    if ((size_t)snprintf(out, PATH_BYTES, "%s/%s", folder, name) < PATH_BYTES)
        return STATUS_OK;
    complain(complaint, "%s: the path is too long", folder);
    return STATUS_INVALID;
}

static enum status read_table(const char *folder, const char *name,
    const char *columns, struct csv *out, struct complaint *complaint)
{
    char path[PATH_BYTES];
    enum status status = path_in(folder, name, path, complaint);
    return status ? status : csv_read(path, columns, out, complaint);
}

static enum status read_all(
    const char *folder, struct run_folder *run, struct complaint *complaint)
{
    char path[PATH_BYTES];
    enum status status = path_in(folder, "summary.json", path, complaint);
    if (!status)
        status = read_summary(path, run, complaint);
    if (!status)
        status = read_table(folder, "metrics.csv", REPORT_METRICS_COLUMNS,
            &run->metrics, complaint);
    if (!status)
        status = read_table(folder, "letters.csv", REPORT_LETTERS_COLUMNS,
            &run->letters, complaint);
    if (!status)
        status = read_table(folder, "groups.csv", REPORT_GROUPS_COLUMNS,
            &run->groups, complaint);
    if (!status)
        status = read_table(
            folder, "files.csv", REPORT_FILES_COLUMNS, &run->files, complaint);
    if (!status)
        status = read_table(folder, "spread.csv", PAINTER_SPREAD_COLUMNS,
            &run->spread, complaint);
    if (!status)
        status = read_table(
            folder, "edges.csv", PAINTER_EDGES_COLUMNS, &run->edges, complaint);
    return status;
}

enum status run_folder_read(
    const char *folder, struct run_folder *out, struct complaint *complaint)
{
    struct run_folder run = {.metrics = {.values = NULL}};
    buf_init(&run.text, RUN_FOLDER_SUMMARY_BYTES);
    enum status status = read_all(folder, &run, complaint);
    if (status)
        run_folder_clear(&run);
    else
        *out = run;
    return status;
}

void run_folder_clear(struct run_folder *run)
{
    buf_clear(&run->text);
    csv_clear(&run->metrics);
    csv_clear(&run->letters);
    csv_clear(&run->groups);
    csv_clear(&run->files);
    csv_clear(&run->spread);
    csv_clear(&run->edges);
}

enum status run_folder_read_sweep(
    const char *folder, struct buf *out, struct complaint *complaint)
{
    char path[PATH_BYTES];
    struct buf text;
    buf_init(&text, RUN_FOLDER_SWEEP_BYTES);
    enum status status = path_in(folder, "sweep.json", path, complaint);
    if (!status)
        status = read_text(path, &text, complaint);
    if (!status)
        status = summary_check_sweep(path, buf_span(&text), complaint);
    if (status)
        buf_clear(&text);
    else
        *out = text;
    return status;
}
