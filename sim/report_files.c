/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's folder.  Its tables are of the world alone; the summary says more. */
#include "sim/report_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/outside.h"
#include "sim/page_file.h"
#include "sim/painter.h"
#include "sim/record.h"
#include "sim/report_tables.h"
#include "sim/run_folder.h"

static FILE *open_file(
    const char *folder, const char *name, struct complaint *complaint)
{
    char path[1024];
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >=
        sizeof(path)) {
        complain(complaint, "--out: the path is too long");
        return NULL;
    }
    /* Not cut yet: an earlier run's results stay until there are new ones. */
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        complain(complaint, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    return file;
}

static void write_record(FILE *file, const struct world *world)
{
    record_write(file, &world->scenario);
}

typedef void write_table(FILE *file, const struct world *world);

static const struct {
    const char *name;
    write_table *write; /* NULL: the summary */
} report_parts[REPORT_FILES] = {
    {"summary.json", NULL},
    {"metrics.csv", report_tables_metrics},
    {"letters.csv", report_tables_letters},
    {"groups.csv", report_tables_groups},
    {"files.csv", report_tables_files},
    {"spread.csv", painter_write_spread},
    {"edges.csv", painter_write_edges},
    {"scenario.conf", write_record},
};

static void write_part(
    FILE *file, const struct report *report, write_table *write)
{
    if (write)
        write(file, &report->simulation->world);
    else
        report_print_json(file, report);
}

void report_files_close(struct report_files *files)
{
    for (size_t i = 0; i < REPORT_FILES; i++)
        if (files->list[i])
            fclose(files->list[i]);
    *files = (struct report_files){.list = {NULL}};
}

/* Whether a folder has such a file, with something in it. */
static bool has_file(const char *folder, const char *name)
{
    char path[1024];
    struct stat at;
    return (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) <
               sizeof(path) &&
           stat(path, &at) == 0 && at.st_size > 0;
}

/* A sweep that goes on in its folder has a database there, and no more. */
static enum status check_folder(const char *folder, struct complaint *complaint)
{
    bool is_run = has_file(folder, report_parts[0].name);
    if (!is_run && !has_file(folder, "runs.sqlite"))
        return STATUS_OK;
    complain(complaint,
        "%s: the results of %s are there; --force %s, and --out may name "
        "another folder",
        folder, is_run ? "a run" : "a sweep",
        is_run ? "replaces them" : "writes beside them");
    return STATUS_INVALID;
}

enum status report_files_open(const char *folder, bool force,
    struct report_files *files, struct complaint *complaint)
{
    struct report_files opened = {.folder = folder, .list = {NULL}};
    enum status status = force ? STATUS_OK : check_folder(folder, complaint);
    if (!status)
        status = outside_make_folder(folder, complaint);
    if (status)
        return status;
    for (size_t i = 0; i < REPORT_FILES; i++) {
        opened.list[i] = open_file(folder, report_parts[i].name, complaint);
        if (!opened.list[i]) {
            report_files_close(&opened);
            return STATUS_IO;
        }
    }
    *files = opened;
    return STATUS_OK;
}

/* Also one that `report` could not finish. */
static enum status remove_page(const char *folder, struct complaint *complaint)
{
    static const char *const names[] = {
        PAGE_FILE_NAME, PAGE_FILE_NAME PAGE_FILE_PART};
    enum status status = STATUS_OK;
    if (summary_is_sweep(folder))
        return STATUS_OK;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[1024];
        if (!status && (size_t)snprintf(path, sizeof(path), "%s/%s", folder,
                           names[i]) < sizeof(path))
            status = page_file_remove(path, complaint);
    }
    return status;
}

enum status report_files_write(const struct report *report,
    struct report_files *files, struct complaint *complaint)
{
    enum status status = remove_page(files->folder, complaint);
    if (status)
        return status;
    for (size_t i = 0; i < REPORT_FILES; i++) {
        FILE *file = files->list[i];
        bool failed = ftruncate(fileno(file), 0) != 0;
        if (!failed)
            write_part(file, report, report_parts[i].write);
        failed |= ferror(file) != 0;
        files->list[i] = NULL;
        if (fclose(file) == 0 && !failed)
            continue;
        complain(complaint, "%s: %s", report_parts[i].name, strerror(errno));
        return STATUS_IO;
    }
    return STATUS_OK;
}
