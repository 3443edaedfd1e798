/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure is kept as its authors wrote it: a range, "about", or a curve's
 * reading cannot be held against a run by a machine, and what two systems
 * count under one name is seldom the same.  So nothing is judged here; what a
 * run is held to are its expectations. */
#include "sim/published.h"

#include <string.h>

#include "sim/figures.h"

static void copy(char *out, const char *from, size_t size)
{
    memcpy(out, from, size);
    out[size] = '\0';
}

enum status published_read(
    const char *text, struct published *out, const char **why)
{
    size_t size = strcspn(text, ",");
    const char *source = text + size + (text[size] == ',');
    source += strspn(source, " ");
    while (size > 0 && text[size - 1] == ' ')
        size--;
    if (size == 0 || source[0] == '\0') {
        *why = "must be a figure, a comma, and who reported it, like \"0.04 to "
               "0.09, Plumtree (2007)\"";
        return STATUS_INVALID;
    }
    if (size >= sizeof(out->figure) || strlen(source) >= sizeof(out->source)) {
        *why = "is too long: a figure has 47 characters, its source 127";
        return STATUS_INVALID;
    }
    copy(out->figure, text, size);
    copy(out->source, source, strlen(source));
    return STATUS_OK;
}

void published_explain(FILE *file, const struct scenario *scenario)
{
    if (scenario->published_count > 0)
        fprintf(file, "\n[published]\n");
    for (size_t i = 0; i < scenario->published_count; i++) {
        const struct published *p = &scenario->published[i];
        fprintf(file, FIGURES_NAME "= %-16s * %s\n",
            settings_metric(p->metric)->name, p->figure, p->source);
    }
}

void published_print(FILE *file, const struct scenario *scenario,
    const uint64_t *values, const bool *is_seen)
{
    if (scenario->published_count > 0)
        fprintf(file, FIGURES_NAME "%-14s %-18s %s\n", "published", "here",
            "reported", "by");
    for (size_t i = 0; i < scenario->published_count; i++) {
        const struct published *p = &scenario->published[i];
        const struct metric_word *word = settings_metric(p->metric);
        char ours[FIGURES_CHARS] = "not seen";
        if (!is_seen || is_seen[p->metric])
            figures_text(word->type, values[p->metric], ours);
        fprintf(file, FIGURES_NAME "%-14s %-18s %s\n", word->name, ours,
            p->figure, p->source);
    }
}

void published_print_json(FILE *file, const struct scenario *scenario,
    const uint64_t *values, const bool *is_seen)
{
    fputs("\"published\":[", file);
    for (size_t i = 0; i < scenario->published_count; i++) {
        const struct published *p = &scenario->published[i];
        fprintf(file, "%s{\"metric\":\"%s\",", i ? "," : "",
            settings_metric(p->metric)->name);
        if (!is_seen || is_seen[p->metric])
            figures_json(file, "here", p->metric, values[p->metric], ",");
        else
            fputs("\"here\":null,", file);
        fputs("\"reported\":", file);
        figures_json_text(file, p->figure);
        fputs(",\"by\":", file);
        figures_json_text(file, p->source);
        fputc('}', file);
    }
    fputs("],", file);
}
