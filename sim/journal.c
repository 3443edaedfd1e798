/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines, so that diff(1) and awk(1) can be of use as well.  A reader that has
 * seen enough closes its end: that is no mistake, and the writer is ended by
 * it. */
#include "sim/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US UINT64_C(1000000)

static enum status read_seconds(
    struct journal *journal, const char *text, struct complaint *complaint)
{
    uint64_t first, last;
    int end = 0;
    if (sscanf(text, "%" SCNu64 "%n", &first, &end) == 1 && !text[end])
        last = first;
    else if (sscanf(text, "%" SCNu64 ":%" SCNu64 "%n", &first, &last, &end) !=
                 2 ||
             text[end])
        first = 0;
    if (text[0] == '-' || first == 0 || last < first ||
        last > UINT64_MAX / SECOND_US) {
        complain(complaint,
            "--events: \"%s\" is not first:last, in seconds from 1", text);
        return STATUS_INVALID;
    }
    journal->first_us = (first - 1) * SECOND_US;
    journal->last_us = last * SECOND_US;
    return STATUS_OK;
}

enum status journal_open(struct journal *journal, const char *path,
    const char *seconds, struct complaint *complaint)
{
    *journal = (struct journal){.file = NULL};
    if (seconds && read_seconds(journal, seconds, complaint) != STATUS_OK)
        return STATUS_INVALID;
    journal->file = fopen(path, "we");
    if (journal->file)
        return STATUS_OK;
    complain(complaint, "--trace: %s: %s", path, strerror(errno));
    return STATUS_IO;
}

bool journal_close(struct journal *journal)
{
    bool failed = ferror(journal->file) != 0;
    failed |= fclose(journal->file) != 0;
    journal->file = NULL;
    return !failed;
}

static void print_node(FILE *file, uint32_t node)
{
    if (node == UINT32_MAX)
        fputs(" -", file);
    else
        fprintf(file, " %" PRIu32, node);
}

void journal_event(const struct journal *journal,
    const struct queue_event *event, const char *what, uint64_t digest)
{
    if (event->at_us < journal->first_us || event->at_us > journal->last_us)
        return;
    fprintf(journal->file, "@%" PRIu64, event->at_us);
    print_node(journal->file, event->to);
    print_node(journal->file, event->from);
    fprintf(journal->file, " %" PRIu32 " %s %016" PRIx64 "\n", event->sequence,
        what, digest);
}

void journal_second(
    struct journal *journal, uint64_t second, const char *hash, uint64_t events)
{
    if (second == journal->second)
        return;
    journal->second = second;
    fprintf(
        journal->file, "%" PRIu64 " %s %" PRIu64 "\n", second, hash, events);
    fflush(journal->file);
}

static uint32_t read_node(const char *word)
{
    return !strcmp(word, "-") ? UINT32_MAX : (uint32_t)strtoul(word, NULL, 10);
}

static enum status read_event(struct journal_line *out)
{
    char to[12], from[12];
    if (sscanf(out->text, "@%" SCNu64 " %11s %11s %" SCNu32 " %23s",
            &out->event.at_us, to, from, &out->event.sequence, out->what) != 5)
        return STATUS_INVALID;
    out->is_event = true;
    out->event.to = read_node(to);
    out->event.from = read_node(from);
    out->second = (out->event.at_us + SECOND_US - 1) / SECOND_US;
    return STATUS_OK;
}

enum status journal_read(FILE *stream, struct journal_line *out)
{
    *out = (struct journal_line){.is_event = false};
    if (!fgets(out->text, sizeof(out->text), stream))
        return STATUS_NOT_FOUND;
    size_t size = strcspn(out->text, "\n");
    if (out->text[size] != '\n')
        return STATUS_INVALID;
    out->text[size] = '\0';
    if (out->text[0] == '@')
        return read_event(out);
    return sscanf(out->text, "%" SCNu64 " ", &out->second) == 1
               ? STATUS_OK
               : STATUS_INVALID;
}
