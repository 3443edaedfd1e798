/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Others' traces and maps, made into files of ours.  All is read before the
 * first byte is written. */
#include "sim/verb.h"

#include <assert.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "sim/import/formats.h"
#include "sim/import/saved.h"
#include "sim/options.h"

struct asked {
    const struct import_format *format;
    const char *path;
    const char *out;
};

static const struct option long_options[] = {
    {"out", required_argument, NULL, 'o'},
    {NULL, 0, NULL, 0},
};

static enum status read_words(
    int argc, char **argv, struct asked *asked, struct complaint *complaint)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
        if (option != 'o')
            return options_refuse(option, argv, complaint);
        asked->out = optarg;
    }
    if (optind + 2 != argc) {
        complain(complaint,
            "import needs a format and a file; the format is " IMPORT_NAMES);
        return STATUS_INVALID;
    }
    asked->format = import_find(argv[optind]);
    asked->path = argv[optind + 1];
    if (asked->format)
        return STATUS_OK;
    complain(
        complaint, "\"%s\" is no format; " IMPORT_NAMES " is", argv[optind]);
    return STATUS_INVALID;
}

/* What is there under that name is replaced, so it must not be the source. */
static enum status check_out(
    const struct asked *asked, struct complaint *complaint)
{
    struct stat from, to;
    if (!asked->out || stat(asked->path, &from) || stat(asked->out, &to) ||
        from.st_dev != to.st_dev || from.st_ino != to.st_ino)
        return STATUS_OK;
    complain(complaint,
        "--out: %s is the file to import, and would be replaced; name another",
        asked->out);
    return STATUS_INVALID;
}

static enum status save_contacts(const struct asked *asked,
    const struct encounters *contacts, struct complaint *complaint)
{
    struct saved saved;
    if (contacts->count == 0) {
        complain(complaint, "%s has no contact", asked->path);
        return STATUS_INVALID;
    }
    enum status status = saved_begin(&saved, asked->out, complaint);
    if (!status)
        status = saved_end(
            &saved, encounters_print(contacts, saved.stream), complaint);
    if (!status)
        fprintf(stderr, "sotto-sim: %zu contacts, over within %" PRIu64 " s\n",
            contacts->count, (encounters_end_us(contacts) + 999999) / 1000000);
    return status;
}

static enum status import_trace(
    const struct asked *asked, struct complaint *complaint)
{
    struct encounters contacts = {0};
    enum status status =
        asked->format->contacts(asked->path, &contacts, complaint);
    if (!status)
        status = save_contacts(asked, &contacts, complaint);
    encounters_clear(&contacts);
    return status;
}

static enum status save_links(const struct asked *asked,
    const struct chart *chart, struct complaint *complaint)
{
    struct saved saved;
    if (chart->count == 0) {
        complain(complaint, "%s has no link between two nodes", asked->path);
        return STATUS_INVALID;
    }
    enum status status = saved_begin(&saved, asked->out, complaint);
    if (!status)
        status = saved_end(&saved, chart_print(chart, saved.stream), complaint);
    if (!status)
        fprintf(stderr,
            "sotto-sim: %zu links of %zu nodes; %zu nodes without "
            "a link are left out\n",
            chart->count, chart_linked(chart),
            chart->node_count - chart_linked(chart));
    return status;
}

static enum status import_map(
    const struct asked *asked, struct complaint *complaint)
{
    struct chart chart;
    chart_init(&chart);
    enum status status = asked->format->links(asked->path, &chart, complaint);
    if (!status)
        status = save_links(asked, &chart, complaint);
    chart_clear(&chart);
    return status;
}

int verb_import(int argc, char **argv)
{
    struct asked asked = {.format = NULL};
    struct complaint complaint = {"there is not enough memory for it"};
    enum status status = read_words(argc, argv, &asked, &complaint);
    assert(status || asked.format);
    if (!status)
        status = check_out(&asked, &complaint);
    if (!status)
        status = asked.format->contacts ? import_trace(&asked, &complaint)
                                        : import_map(&asked, &complaint);
    return status ? verb_refuse(&complaint, status) : SIM_DONE;
}
