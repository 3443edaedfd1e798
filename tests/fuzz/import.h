/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_FUZZ_IMPORT_H
#define TESTS_FUZZ_IMPORT_H

/* The readers of others' traces and maps, which take a file by its path. */
#include <sys/mman.h>
#include <unistd.h>

#include "sim/import/formats.h"
#include "tests/fuzz/fuzz.h"

enum { FUZZ_PATH_BYTES = 32 };

/* A file of those bytes that is nowhere but at that path, until it is
 * closed. */
static inline int fuzz_open(
    const uint8_t *data, size_t size, char path[static FUZZ_PATH_BYTES])
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    fuzz_claim(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, FUZZ_PATH_BYTES, "/proc/self/fd/%d", fd);
    return fd;
}

/* What is printed goes here. */
static inline FILE *fuzz_sink(void)
{
    static FILE *sink;
    if (!sink)
        sink = fopen("/dev/null", "we");
    fuzz_claim(sink != NULL);
    return sink;
}

/* What was refused was refused with words. */
static inline void fuzz_claim_told(
    enum status status, const struct complaint *complaint)
{
    fuzz_claim(status == STATUS_INVALID);
    fuzz_claim(complaint->text[0] != '\0');
}

/* A trace: its contacts end after they begin, are between two nodes that there
 * are, in the order in which ours have them, and can be printed. */
static inline void fuzz_trace(
    enum status (*read)(const char *, struct encounters *, struct complaint *),
    const uint8_t *data, size_t size)
{
    char path[FUZZ_PATH_BYTES];
    struct encounters contacts = {.list = NULL};
    struct complaint complaint = {{0}};
    int fd = fuzz_open(data, size, path);
    enum status status = read(path, &contacts, &complaint);
    if (status)
        fuzz_claim_told(status, &complaint);
    for (size_t i = 0; i < contacts.count && !status; i++) {
        const struct encounter *one = &contacts.list[i];
        fuzz_claim(one->from_us < one->to_us);
        fuzz_claim(one->one < one->other);
        if (contacts.names)
            fuzz_claim(one->other < contacts.node_count);
        fuzz_claim(one->to_us <= encounters_end_us(&contacts));
    }
    if (!status)
        fuzz_claim(encounters_print(&contacts, fuzz_sink()) == STATUS_OK);
    encounters_clear(&contacts);
    close(fd);
}

/* A map: its links are between two nodes that there are. */
static inline void fuzz_map(
    enum status (*read)(const char *, struct chart *, struct complaint *),
    const uint8_t *data, size_t size)
{
    char path[FUZZ_PATH_BYTES];
    struct chart chart;
    struct complaint complaint = {{0}};
    int fd = fuzz_open(data, size, path);
    chart_init(&chart);
    enum status status = read(path, &chart, &complaint);
    if (status)
        fuzz_claim_told(status, &complaint);
    for (size_t i = 0; i < chart.count && !status; i++) {
        const struct chart_link *link = &chart.list[i];
        fuzz_claim(link->from != link->to);
        fuzz_claim(link->from < chart.node_count);
        fuzz_claim(link->to < chart.node_count);
        fuzz_claim(chart.nodes[link->from].is_linked);
        fuzz_claim(memchr(link->type, '\0', CHART_TYPE_BYTES) != NULL);
    }
    if (!status)
        fuzz_claim(chart_print(&chart, fuzz_sink()) == STATUS_OK);
    chart_clear(&chart);
    close(fd);
}

#endif
