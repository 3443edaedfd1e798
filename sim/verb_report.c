/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder of a run, or of a sweep, as a page.  The page is written beside
 * its place and moved there when it is whole; what stands there already is
 * replaced only where it is such a page, or where that is asked for. */
#include "sim/verb.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/page.h"
#include "sim/page_parts.h"

enum { PATH_BYTES = 1024 };

struct asked {
    const char *folder;
    const char *output; /* or NULL */
    char path[PATH_BYTES];
    bool force;
};

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, 'f'},
    {NULL, 0, NULL, 0},
};

static enum status read_words(
    int argc, char **argv, struct asked *asked, struct complaint *complaint)
{
    int option;
    *asked = (struct asked){.folder = NULL};
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1)
        if (option == 'o') {
            asked->output = optarg;
        } else if (option == 'f') {
            asked->force = true;
        } else {
            complain(complaint,
                option == ':'
                    ? "%s needs a value"
                    : "%s is no option of report (see `sotto-sim help`)",
                argv[optind - 1]);
            return STATUS_INVALID;
        }
    if (optind + 1 != argc) {
        complain(complaint,
            "report needs one folder, of a run's or a sweep's --out");
        return STATUS_INVALID;
    }
    asked->folder = argv[optind];
    return STATUS_OK;
}

static enum status find_place(struct asked *asked, struct complaint *complaint)
{
    int size = asked->output
                   ? snprintf(asked->path, PATH_BYTES, "%s", asked->output)
                   : snprintf(asked->path, PATH_BYTES, "%s/report.html",
                         asked->folder);
    if ((size_t)size < PATH_BYTES - sizeof(".part"))
        return STATUS_OK;
    complain(complaint, "the path of the report is too long");
    return STATUS_INVALID;
}

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

static enum status check_place(
    const struct asked *asked, struct complaint *complaint)
{
    struct stat at;
    if (lstat(asked->path, &at) != 0)
        return STATUS_OK; /* what else is wrong with it, opening will say */
    if (!S_ISREG(at.st_mode))
        complain(complaint, "%s: that is no plain file; --output names another",
            asked->path);
    else if (!asked->force && !is_page(asked->path))
        complain(complaint,
            "%s: that file is there, and no report; --force replaces it",
            asked->path);
    else
        return STATUS_OK;
    return STATUS_INVALID;
}

/* What the page is made of. */
struct content {
    bool is_sweep;
    struct run_folder run; /* else */
    struct buf sweep;
};

static enum status content_read(
    const char *folder, struct content *out, struct complaint *complaint)
{
    out->is_sweep = run_folder_is_sweep(folder);
    return out->is_sweep ? run_folder_read_sweep(folder, &out->sweep, complaint)
                         : run_folder_read(folder, &out->run, complaint);
}

static void content_clear(struct content *content)
{
    if (content->is_sweep)
        buf_clear(&content->sweep);
    else
        run_folder_clear(&content->run);
}

/* Write it whole into a file of that name; false with errno. */
static bool write_page(
    const char *path, const struct content *content, enum status *status)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return false;
    if (content->is_sweep)
        page_write_sweep(file, buf_span(&content->sweep));
    else
        *status = page_write(file, &content->run);
    bool failed = ferror(file) != 0;
    return fclose(file) == 0 && !failed;
}

static enum status put_page(const struct asked *asked,
    const struct content *content, struct complaint *complaint)
{
    char part[PATH_BYTES + sizeof(".part")];
    enum status status = STATUS_OK;
    snprintf(part, sizeof(part), "%s.part", asked->path);
    if (write_page(part, content, &status) && !status &&
        rename(part, asked->path) == 0)
        return STATUS_OK;
    complain(complaint, "%s: %s", asked->path,
        status ? status_name(status) : strerror(errno));
    unlink(part);
    return status ? status : STATUS_IO;
}

static enum status make_report(
    const struct asked *asked, struct complaint *complaint)
{
    struct content content;
    enum status status = check_place(asked, complaint);
    if (status)
        return status;
    status = content_read(asked->folder, &content, complaint);
    if (status)
        return status;
    status = put_page(asked, &content, complaint);
    content_clear(&content);
    return status;
}

int verb_report(int argc, char **argv)
{
    struct asked asked;
    struct complaint complaint = {{0}};
    enum status status = read_words(argc, argv, &asked, &complaint);
    if (!status && page_chart_js.size == 0) {
        complain(&complaint,
            "this program was built without Chart.js, which draws the report; "
            "see `./configure --help`, --with-chartjs");
        status = STATUS_NOT_FOUND;
    }
    if (!status)
        status = find_place(&asked, &complaint);
    if (!status)
        status = make_report(&asked, &complaint);
    if (status) {
        fprintf(stderr, "sotto-sim: %s\n",
            complaint.text[0] ? complaint.text : status_name(status));
        return SIM_USAGE;
    }
    printf("%s\n", asked.path);
    return SIM_DONE;
}
