/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder of a run, or of a sweep, as a page. */
#include "sim/verb.h"

#include <getopt.h>
#include <stdio.h>

#include "sim/options.h"
#include "sim/page.h"
#include "sim/page_file.h"

struct asked {
    const char *folder;
    const char *output; /* or NULL */
    char path[PAGE_FILE_PATH_BYTES];
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
            return options_refuse(option, argv, complaint);
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
    int size = asked->output ? snprintf(asked->path, sizeof(asked->path), "%s",
                                   asked->output)
                             : snprintf(asked->path, sizeof(asked->path),
                                   "%s/" PAGE_FILE_NAME, asked->folder);
    if ((size_t)size < sizeof(asked->path))
        return STATUS_OK;
    complain(complaint, "the path of the report is too long");
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
    out->is_sweep = summary_is_sweep(folder);
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

static enum status write_page(FILE *file, const void *data)
{
    const struct content *content = data;
    if (!content->is_sweep)
        return page_write(file, &content->run);
    page_write_sweep(file, buf_span(&content->sweep));
    return STATUS_OK;
}

static enum status make_report(
    const struct asked *asked, struct complaint *complaint)
{
    struct content content;
    enum status status = page_file_check(asked->path, asked->force, complaint);
    if (!status)
        status = content_read(asked->folder, &content, complaint);
    if (status)
        return status;
    status = page_file_put(asked->path, write_page, &content, complaint);
    content_clear(&content);
    return status;
}

int verb_report(int argc, char **argv)
{
    struct asked asked;
    struct complaint complaint = {{0}};
    enum status status = read_words(argc, argv, &asked, &complaint);
    if (!status)
        status = find_place(&asked, &complaint);
    if (!status)
        status = make_report(&asked, &complaint);
    if (status)
        return verb_refuse(&complaint, status);
    printf("%s\n", asked.path);
    return SIM_DONE;
}
