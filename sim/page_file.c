/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page is known by its beginning, so that a mistyped path costs nobody
 * anything else. */
#include "sim/page_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/page.h"
#include "sim/page_parts.h"

static bool is_page(const char *path)
{
    char beginning[sizeof(PAGE_BEGINNING)] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t size = fread(beginning, 1, sizeof(beginning) - 1, file);
    fclose(file);
    return size == sizeof(beginning) - 1 &&
           memcmp(beginning, PAGE_BEGINNING, size) == 0;
}

enum status page_file_check(
    const char *path, bool force, struct complaint *complaint)
{
    struct stat at;
    if (page_chart_js.size == 0) {
        complain(complaint,
            "this program was built without Chart.js, which draws the report; "
            "see `./configure --help`, --with-chartjs");
        return STATUS_NOT_FOUND;
    }
    if (strlen(path) >= PAGE_FILE_PATH_BYTES - sizeof(PAGE_FILE_PART)) {
        complain(complaint, "the path of the report is too long");
        return STATUS_INVALID;
    }
    if (lstat(path, &at) != 0)
        return STATUS_OK; /* what else is wrong with it, opening will say */
    if (!S_ISREG(at.st_mode))
        complain(complaint, "%s: that is no plain file; --output names another",
            path);
    else if (!force && !is_page(path))
        complain(complaint,
            "%s: that file is there, and no report; --force replaces it", path);
    else
        return STATUS_OK;
    return STATUS_INVALID;
}

enum status page_file_remove(const char *path, struct complaint *complaint)
{
    struct stat at;
    if (lstat(path, &at) != 0 || !S_ISREG(at.st_mode) || !is_page(path) ||
        unlink(path) == 0)
        return STATUS_OK;
    complain(complaint, "%s: %s", path, strerror(errno));
    return STATUS_IO;
}

/* Write it whole into a file of that name; false with errno. */
static bool write_page(const char *path, page_file_writer *writer,
    const void *content, enum status *status)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return false;
    *status = writer(file, content);
    bool failed = ferror(file) != 0;
    return fclose(file) == 0 && !failed;
}

enum status page_file_put(const char *path, page_file_writer *writer,
    const void *content, struct complaint *complaint)
{
    char part[PAGE_FILE_PATH_BYTES + sizeof(PAGE_FILE_PART)];
    enum status status = STATUS_OK;
    snprintf(part, sizeof(part), "%s" PAGE_FILE_PART, path);
    if (write_page(part, writer, content, &status) && !status &&
        rename(part, path) == 0)
        return STATUS_OK;
    complain(complaint, "%s: %s", path,
        status ? status_name(status) : strerror(errno));
    unlink(part);
    return status ? status : STATUS_IO;
}
