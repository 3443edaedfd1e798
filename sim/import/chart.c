/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names are strangers' text: they go into comments only, without what could
 * end one, and a type only in letters that a list of values can hold.  An edge
 * list cannot name a node without links, so such nodes are left out and the
 * others numbered without gaps. */
#include "sim/import/chart.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario.h"

struct number {
    char name[CHART_NAME_BYTES];
    uint32_t node;
};

void chart_init(struct chart *chart)
{
    *chart = (struct chart){0};
    table_init(&chart->numbers, CHART_NAME_BYTES, sizeof(struct number),
        SCENARIO_NODES_MAXIMUM, 0);
}

void chart_clear(struct chart *chart)
{
    free(chart->list);
    free(chart->nodes);
    table_clear(&chart->numbers);
    *chart = (struct chart){0};
}

/* Room for one more in a list that doubles.  False where there is no memory. */
static bool reserve(void **list, size_t count, size_t *capacity, size_t bytes)
{
    if (count < *capacity)
        return true;
    size_t more = *capacity ? *capacity * 2 : 256;
    void *grown = realloc(*list, more * bytes);
    if (!grown)
        return false;
    *list = grown;
    *capacity = more;
    return true;
}

enum status chart_node(struct chart *chart, const char *name, uint32_t *out)
{
    char key[CHART_NAME_BYTES] = {0};
    size_t size = strlen(name);
    if (size == 0 || size >= sizeof(key))
        return STATUS_INVALID;
    memcpy(key, name, size);
    void *nodes = chart->nodes;
    if (!reserve(&nodes, chart->node_count, &chart->node_capacity,
            sizeof(*chart->nodes)))
        return STATUS_NO_MEMORY;
    chart->nodes = nodes;
    void *entry;
    enum status status = table_add(&chart->numbers, key, &entry);
    if (status && status != STATUS_EXISTS)
        return status;
    struct number *number = entry;
    if (!status) {
        number->node = (uint32_t)chart->node_count++;
        struct chart_node *node = &chart->nodes[number->node];
        *node = (struct chart_node){.line = 0};
        memcpy(node->name, key, sizeof(key));
    }
    *out = number->node;
    return STATUS_OK;
}

const char *chart_complaint(enum status status)
{
    if (status == STATUS_INVALID)
        return "a node's name must have 1 to 127 bytes";
    return status == STATUS_FULL ? "has more than 1000000 nodes"
                                 : "is too large for this machine's memory";
}

static void copy_type(char out[static CHART_TYPE_BYTES], const char *type)
{
    if (!type || !type[0])
        type = "other";
    size_t size = 0;
    for (; size < CHART_TYPE_BYTES - 1 && type[size]; size++) {
        unsigned char letter = (unsigned char)type[size];
        bool keeps = isalnum(letter) || strchr("-_.", letter);
        out[size] = keeps ? (char)letter : '_';
    }
    out[size] = '\0';
}

enum status chart_add(
    struct chart *chart, uint32_t from, uint32_t to, const char *type)
{
    if (from == to)
        return STATUS_OK;
    void *list = chart->list;
    if (!reserve(&list, chart->count, &chart->capacity, sizeof(*chart->list)))
        return STATUS_NO_MEMORY;
    chart->list = list;
    struct chart_link *link = &chart->list[chart->count++];
    *link = (struct chart_link){.from = from, .to = to};
    copy_type(link->type, type);
    chart->nodes[from].is_linked = true;
    chart->nodes[to].is_linked = true;
    return STATUS_OK;
}

size_t chart_linked(const struct chart *chart)
{
    size_t count = 0;
    for (size_t i = 0; i < chart->node_count; i++)
        count += chart->nodes[i].is_linked;
    return count;
}

static void print_name(FILE *stream, uint32_t number, const char *name)
{
    fprintf(stream, "# node %" PRIu32 " was ", number);
    for (; *name; name++)
        fputc(iscntrl((unsigned char)*name) ? '?' : *name, stream);
    fputc('\n', stream);
}

enum status chart_print(const struct chart *chart, FILE *stream)
{
    uint32_t *numbers = calloc(chart->node_count + 1, sizeof(*numbers));
    if (!numbers)
        return STATUS_NO_MEMORY;
    fputs("src,dst,type\n", stream);
    uint32_t next = 0;
    for (size_t i = 0; i < chart->node_count; i++)
        if (chart->nodes[i].is_linked) {
            print_name(stream, next, chart->nodes[i].name);
            numbers[i] = next++;
        }
    for (size_t i = 0; i < chart->count; i++) {
        const struct chart_link *link = &chart->list[i];
        fprintf(stream, "%" PRIu32 ",%" PRIu32 ",%s\n", numbers[link->from],
            numbers[link->to], link->type);
    }
    free(numbers);
    return STATUS_OK;
}
