/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do two runs say the same?  Mostly a virtual and a live one. */
#include "sim/verb.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/compare.h"
#include "sim/options.h"
#include "sim/page.h"
#include "sim/page_file.h"

struct asked {
    struct compare compare;
    const char *output; /* a page, or NULL */
    bool json;
    bool force;
};

static const struct option long_options[] = {
    {"redundancy", required_argument, NULL, 'r'},
    {"latency", required_argument, NULL, 'l'},
    {"json", no_argument, NULL, 'j'},
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, 'f'},
    {NULL, 0, NULL, 0},
};

static enum status read_terms(const char *option, double least, double most,
    double *out, struct complaint *complaint)
{
    char *end;
    double value = strtod(optarg, &end);
    if (end == optarg || *end || !(value >= least && value <= most)) {
        complain(complaint, "%s: \"%s\" is not a number from %g to %g", option,
            optarg, least, most);
        return STATUS_INVALID;
    }
    *out = value;
    return STATUS_OK;
}

static enum status take_option(
    int option, char **argv, struct asked *asked, struct complaint *complaint)
{
    struct compare_terms *terms = &asked->compare.terms;
    switch (option) {
    case 'r':
        return read_terms("--redundancy", 0, 10, &terms->copies, complaint);
    case 'l':
        return read_terms("--latency", 1, 1000, &terms->latency, complaint);
    case 'j':
        asked->json = true;
        return STATUS_OK;
    case 'o':
        asked->output = optarg;
        return STATUS_OK;
    case 'f':
        asked->force = true;
        return STATUS_OK;
    default:
        return options_refuse(option, argv, complaint);
    }
}

static enum status read_words(
    int argc, char **argv, struct asked *asked, struct complaint *complaint)
{
    int option;
    *asked = (struct asked){.compare.terms = {.copies = 0.1, .latency = 2}};
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
        enum status status = take_option(option, argv, asked, complaint);
        if (status)
            return status;
    }
    if (optind + 2 != argc) {
        complain(complaint, "compare needs two folders, each of a run's --out");
        return STATUS_INVALID;
    }
    asked->compare.folders[0] = argv[optind];
    asked->compare.folders[1] = argv[optind + 1];
    return STATUS_OK;
}

static enum status read_asked(
    int argc, char **argv, struct asked *asked, struct complaint *complaint)
{
    struct compare *compare = &asked->compare;
    enum status status = read_words(argc, argv, asked, complaint);
    for (size_t i = 0; i < 2 && !status; i++)
        status =
            summary_read(compare->folders[i], &compare->runs[i], complaint);
    if (!status)
        status = compare_check_crypto(compare, complaint);
    return status || asked->force ? status : compare_check(compare, complaint);
}

static enum status write_page(FILE *file, const void *content)
{
    return page_write_pair(file, content);
}

static enum status make_page(
    const struct asked *asked, struct complaint *complaint)
{
    struct run_folder runs[2];
    const struct page_pair pair = {&asked->compare, runs};
    const char *const *folders = asked->compare.folders;
    enum status status =
        page_file_check(asked->output, asked->force, complaint);
    if (!status)
        status = run_folder_read(folders[0], &runs[0], complaint);
    if (status)
        return status;
    status = run_folder_read(folders[1], &runs[1], complaint);
    if (!status) {
        status = page_file_put(asked->output, write_page, &pair, complaint);
        run_folder_clear(&runs[1]);
    }
    run_folder_clear(&runs[0]);
    return status;
}

int verb_compare(int argc, char **argv)
{
    struct asked asked;
    struct complaint complaint = {{0}};
    enum status status = read_asked(argc, argv, &asked, &complaint);
    if (!status && asked.output)
        status = make_page(&asked, &complaint);
    if (status)
        return verb_refuse(&complaint, status);
    if (asked.json)
        compare_print_json(stdout, &asked.compare);
    else
        compare_print(stdout, &asked.compare);
    return compare_agrees(&asked.compare) ? SIM_DONE : SIM_FAILED;
}
