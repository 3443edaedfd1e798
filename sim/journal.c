/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines, so that diff(1) and awk(1) can be of use as well.  A reader that has
 * seen enough closes its end: that is no mistake, and the writer is ended by
 * it. */
#include "sim/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "sim/settings.h"
#include "sim/units.h"

/* Whether a word, or NULL, is a whole number up to that. */
static bool read_number(const char *word, uint64_t most, uint64_t *out)
{
    const char *why;
    return word &&
           settings_parse(SETTING_COUNT, NULL, word, out, &why) == STATUS_OK &&
           *out <= most;
}

static enum status read_seconds(
    struct journal *journal, const char *text, struct complaint *complaint)
{
    uint64_t first, last;
    if (!settings_range(text, &first, &last) || first == 0 ||
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

static bool read_small(const char *word, uint32_t *out)
{
    uint64_t number;
    if (!read_number(word, UINT32_MAX, &number))
        return false;
    *out = (uint32_t)number;
    return true;
}

static bool read_node(const char *word, uint32_t *out)
{
    *out = UINT32_MAX;
    return word && (!strcmp(word, "-") || read_small(word, out));
}

static enum status read_event(struct journal_line *out)
{
    char words[sizeof(out->text)], *rest = words;
    struct queue_event *event = &out->event;
    strcpy(words, out->text + 1);
    if (!read_number(strsep(&rest, " "), UINT64_MAX / 2, &event->at_us) ||
        !read_node(strsep(&rest, " "), &event->to) ||
        !read_node(strsep(&rest, " "), &event->from) ||
        !read_small(strsep(&rest, " "), &event->sequence))
        return STATUS_INVALID;
    const char *what = strsep(&rest, " ");
    if (!what || strlen(what) >= sizeof(out->what))
        return STATUS_INVALID;
    strcpy(out->what, what);
    out->is_event = true;
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
    char word[24] = "";
    size = strcspn(out->text, " ");
    if (size < sizeof(word))
        memcpy(word, out->text, size);
    return read_number(word, UINT64_MAX, &out->second) ? STATUS_OK
                                                       : STATUS_INVALID;
}
