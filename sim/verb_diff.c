/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where two runs part that should be one: of this program and another, with
 * frames encoded and without, or of one program twice.  Both sides are
 * processes that write down their trace hash a virtual second; at the first
 * second that differs both are ended, and run again to write down the events of
 * that second alone.  So a run of hours needs no memory, and costs no more than
 * twice. */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/journal.h"
#include "sim/options.h"
#include "sim/verb.h"
#include "sim/world.h"

enum { WORDS_AT_MOST = 160, PATH_BYTES = 64 };

/* One of the two: how it is run, and what it says. */
struct side {
    const char *name;
    const char *program;
    bool wire;
    pid_t pid;
    FILE *stream;
    struct journal_line line; /* the last one read */
    bool has_line;
    struct journal_line *events;
    size_t count, capacity;
};

struct difference {
    struct side sides[2];
    char *words[WORDS_AT_MOST]; /* of the scenario, for both */
    size_t word_count;
};

/* Take what only this verb knows; the rest is for the runs. */
static enum status take_words(int argc, char **argv,
    struct difference *difference, struct complaint *complaint)
{
    difference->words[difference->word_count++] = argv[0];
    for (int i = 1; i < argc; i++) {
        if (difference->word_count == WORDS_AT_MOST - 8) {
            complain(complaint, "too many options");
            return STATUS_INVALID;
        }
        if (!strcmp(argv[i], "--wire")) {
            difference->sides[1].wire = true;
        } else if (!strcmp(argv[i], "--with") && i + 1 < argc) {
            difference->sides[1].program = argv[++i];
        } else if (!strncmp(argv[i], "--with=", 7)) {
            difference->sides[1].program = argv[i] + 7;
        } else if (!strcmp(argv[i], "--with")) {
            complain(complaint, "--with needs a value");
            return STATUS_INVALID;
        } else {
            difference->words[difference->word_count++] = argv[i];
        }
    }
    return STATUS_OK;
}

/* The rest has to be a scenario. */
static enum status check_words(
    struct difference *difference, struct complaint *complaint)
{
    char *copy[WORDS_AT_MOST]; /* which getopt puts into another order */
    struct options options;
    memcpy(copy, difference->words, sizeof(copy));
    return options_read((int)difference->word_count, copy, &options, complaint);
}

_Noreturn static void be_side(const struct difference *difference,
    const struct side *side, int pipe, uint64_t second)
{
    char *words[WORDS_AT_MOST + 8];
    char path[PATH_BYTES], seconds[PATH_BYTES];
    size_t count = difference->word_count;
    memcpy(words, difference->words, count * sizeof(*words));
    words[0] = "sotto-sim";
    memmove(words + 2, words + 1, (count - 1) * sizeof(*words));
    words[1] = "run";
    count++;
    snprintf(path, sizeof(path), "/dev/fd/%d", pipe);
    words[count++] = "--trace";
    words[count++] = path;
    if (side->wire)
        words[count++] = "--wire";
    if (second > 0) {
        snprintf(seconds, sizeof(seconds), "%" PRIu64, second);
        words[count++] = "--events";
        words[count++] = seconds;
    }
    words[count] = NULL;
    if (!freopen("/dev/null", "w", stdout))
        _exit(SIM_USAGE);
    execvp(side->program, words);
    fprintf(stderr, "sotto-sim: %s: cannot be run\n", side->program);
    _exit(SIM_USAGE);
}

static void start(
    const struct difference *difference, struct side *side, uint64_t second)
{
    int ends[2];
    if (pipe(ends) != 0)
        world_end(STATUS_IO);
    fflush(NULL);
    side->pid = fork();
    if (side->pid == 0) {
        close(ends[0]);
        be_side(difference, side, ends[1], second);
    }
    close(ends[1]);
    side->stream = side->pid > 0 ? fdopen(ends[0], "r") : NULL;
    if (!side->stream)
        world_end(STATUS_IO);
}

static void stop(struct side *side)
{
    kill(side->pid, SIGKILL);
    fclose(side->stream);
    waitpid(side->pid, NULL, 0);
}

/* The next line of a second; events on the way there are kept. */
static void read_second(struct side *side)
{
    enum status status;
    while (!(status = journal_read(side->stream, &side->line)) &&
           side->line.is_event) {
        if (side->count == side->capacity) {
            side->capacity = side->capacity ? 2 * side->capacity : 1024;
            side->events =
                realloc(side->events, side->capacity * sizeof(*side->events));
            world_need(side->events ? STATUS_OK : STATUS_NO_MEMORY);
        }
        side->events[side->count++] = side->line;
    }
    side->has_line = status == STATUS_OK;
}

/* The first second in which they differ; 0: none.  *last is the last one that
 * both have; 0 when one of them says nothing at all. */
static uint64_t find_second(struct difference *difference, uint64_t *last)
{
    struct side *one = &difference->sides[0], *other = &difference->sides[1];
    uint64_t second = 0;
    *last = 0;
    start(difference, one, 0);
    start(difference, other, 0);
    while (second == 0) {
        read_second(one);
        read_second(other);
        bool is_silent = !one->has_line || !other->has_line;
        if (is_silent && (*last == 0 || one->has_line == other->has_line))
            break;
        if (is_silent)
            second = one->has_line ? one->line.second : other->line.second;
        else if (strcmp(one->line.text, other->line.text) != 0)
            second = one->line.second;
        else
            *last = one->line.second;
    }
    stop(one);
    stop(other);
    return second;
}

static int compare_events(const void *a, const void *b)
{
    const struct journal_line *x = a, *y = b;
    if (queue_before(&x->event, &y->event))
        return -1;
    return queue_before(&y->event, &x->event) ? 1 : strcmp(x->text, y->text);
}

/* All events of a second, in their order. */
static void read_events(
    const struct difference *difference, struct side *side, uint64_t second)
{
    start(difference, side, second);
    do
        read_second(side);
    while (side->has_line && side->line.second < second);
    stop(side);
    if (side->count > 0)
        qsort(side->events, side->count, sizeof(*side->events), compare_events);
}

static void print_event(const struct side *side, size_t at)
{
    const struct journal_line *line = &side->events[at];
    printf("  %s: ", side->name);
    if (at >= side->count) {
        printf("nothing more in this second\n");
        return;
    }
    printf("%" PRIu64 ".%06" PRIu64 "  ", line->event.at_us / 1000000,
        line->event.at_us % 1000000);
    if (line->event.to == WORLD_ITSELF)
        printf("mesh  %s", line->what);
    else
        printf("node %" PRIu32 "  %s", line->event.to, line->what);
    if (line->event.from != WORLD_ITSELF)
        printf(" from %" PRIu32, line->event.from);
    printf("    %s\n", line->text);
}

static int tell_event(struct difference *difference, uint64_t second)
{
    struct side *one = &difference->sides[0], *other = &difference->sides[1];
    read_events(difference, one, second);
    read_events(difference, other, second);
    size_t at = 0;
    while (at < one->count && at < other->count &&
           !strcmp(one->events[at].text, other->events[at].text))
        at++;
    if (at == one->count && at == other->count) {
        printf("their hashes differ in second %" PRIu64
               ", and their events do not, run again: one of the two does not "
               "come to the same twice\n",
            second);
        return SIM_FAILED;
    }
    printf("the same up to second %" PRIu64 ", and %zu events more; then\n",
        second - 1, at);
    print_event(one, at);
    print_event(other, at);
    return SIM_FAILED;
}

/* Who could not be run, or refused the scenario, has said why; but a program
 * that is none of ours may end in peace and say nothing at all. */
static int tell_silence(const struct difference *difference)
{
    for (size_t i = 0; i < 2; i++)
        if (!difference->sides[i].has_line)
            fprintf(stderr,
                "sotto-sim: %s wrote down no run: it must be a sotto-sim that "
                "knows the scenario\n",
                difference->sides[i].program);
    return SIM_USAGE;
}

int verb_diff(int argc, char **argv)
{
    struct difference difference = {
        .sides = {{.name = "one  ", .program = "/proc/self/exe"},
            {.name = "other", .program = "/proc/self/exe"}}};
    struct complaint complaint = {{0}};
    enum status status = take_words(argc, argv, &difference, &complaint);
    if (!status)
        status = check_words(&difference, &complaint);
    if (status)
        return verb_refuse(&complaint, status);
    uint64_t last;
    uint64_t second = find_second(&difference, &last);
    int code = SIM_DONE;
    if (second > 0)
        code = tell_event(&difference, second);
    else if (last > 0)
        printf("the same: %" PRIu64 " seconds, every event of them\n", last);
    else
        code = tell_silence(&difference);
    free(difference.sides[0].events);
    free(difference.sides[1].events);
    return code;
}
