/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads GraphML with expat, which neither follows references to other files nor
 * lets entities grow without bound.  Nested graphs are taken as one flat mesh;
 * hyperedges and ports have no meaning in ours.  Direction is left out: a link
 * is used both ways. */
#include <errno.h>
#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/import/formats.h"
#include "sim/input.h"

struct reader {
    XML_Parser parser;
    struct chart *chart;
    const char *path;
    struct complaint *complaint;
    enum status status;
    bool has_root;
    bool in_edge;
    bool in_type;
    uint32_t ends[2];
    char type_key[CHART_NAME_BYTES]; /* the datum that is a type, or empty */
    char type[CHART_TYPE_BYTES];
};

static void reject(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void reject(struct reader *reader, const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    complain(reader->complaint, "%s:%lu: %s", reader->path,
        (unsigned long)XML_GetCurrentLineNumber(reader->parser), what);
    reader->status = STATUS_INVALID;
    XML_StopParser(reader->parser, XML_FALSE);
}

/* Attributes are names and values in turn. */
static const char *attribute(const XML_Char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (!strcmp(attributes[0], name))
            return attributes[1];
    return NULL;
}

static bool take_name(
    struct reader *reader, const char *name, const char *what, uint32_t *out)
{
    if (!name) {
        reject(reader, "has no %s", what);
        return false;
    }
    enum status status = chart_node(reader->chart, name, out);
    if (status)
        reject(reader, "%s: %s", what, chart_complaint(status));
    else if (reader->chart->nodes[*out].line == 0)
        reader->chart->nodes[*out].line =
            (int)XML_GetCurrentLineNumber(reader->parser);
    return !status;
}

static void take_node(struct reader *reader, const XML_Char **attributes)
{
    uint32_t number;
    if (!take_name(reader, attribute(attributes, "id"), "<node> id", &number))
        return;
    struct chart_node *node = &reader->chart->nodes[number];
    if (node->is_declared)
        reject(reader, "there is a <node id=\"%s\"> already", node->name);
    node->is_declared = true;
}

static void take_edge(struct reader *reader, const XML_Char **attributes)
{
    if (reader->in_edge) {
        reject(reader, "an <edge> stands within an <edge>, which is no link");
        return;
    }
    reader->in_edge = take_name(reader, attribute(attributes, "source"),
                          "<edge> source", &reader->ends[0]) &&
                      take_name(reader, attribute(attributes, "target"),
                          "<edge> target", &reader->ends[1]);
    reader->type[0] = '\0';
}

static void take_key(struct reader *reader, const XML_Char **attributes)
{
    const char *of = attribute(attributes, "for");
    const char *name = attribute(attributes, "attr.name");
    const char *id = attribute(attributes, "id");
    if (name && id && !strcmp(name, "type") &&
        (!of || !strcmp(of, "edge") || !strcmp(of, "all")))
        snprintf(reader->type_key, sizeof(reader->type_key), "%s", id);
}

static void take_data(struct reader *reader, const XML_Char **attributes)
{
    const char *key = attribute(attributes, "key");
    reader->in_type = reader->in_edge && key && reader->type_key[0] &&
                      !strcmp(key, reader->type_key);
}

/* A name without the namespace that expat puts before it. */
static const char *local_name(const char *name)
{
    const char *bar = strrchr(name, '|');
    return bar ? bar + 1 : name;
}

static void XMLCALL begin_element(
    void *data, const XML_Char *full_name, const XML_Char **attributes)
{
    struct reader *reader = data;
    const char *name = local_name(full_name);
    if (!reader->has_root && strcmp(name, "graphml") != 0) {
        reject(reader,
            "is not GraphML: it begins with <%.64s>, which must be "
            "<graphml>",
            name);
        return;
    }
    reader->has_root = true;
    if (!strcmp(name, "node"))
        take_node(reader, attributes);
    else if (!strcmp(name, "edge"))
        take_edge(reader, attributes);
    else if (!strcmp(name, "key"))
        take_key(reader, attributes);
    else if (!strcmp(name, "data"))
        take_data(reader, attributes);
    else if (!strcmp(name, "hyperedge"))
        reject(reader, "a <hyperedge> joins many nodes; write an <edge> for "
                       "each link between two");
}

static void XMLCALL end_element(void *data, const XML_Char *full_name)
{
    struct reader *reader = data;
    const char *name = local_name(full_name);
    if (reader->status) /* the end of what was refused still comes */
        return;
    if (!strcmp(name, "data"))
        reader->in_type = false;
    if (strcmp(name, "edge") != 0 || !reader->in_edge)
        return;
    reader->in_edge = false;
    reader->status = chart_add(
        reader->chart, reader->ends[0], reader->ends[1], reader->type);
    if (reader->status)
        XML_StopParser(reader->parser, XML_FALSE);
}

/* A text may come in pieces. */
static void XMLCALL take_text(void *data, const XML_Char *text, int size)
{
    struct reader *reader = data;
    if (!reader->in_type || size <= 0)
        return;
    size_t have = strlen(reader->type);
    size_t room = sizeof(reader->type) - 1 - have;
    size_t take = (size_t)size < room ? (size_t)size : room;
    memcpy(reader->type + have, text, take);
    reader->type[have + take] = '\0';
}

static enum status parse(struct reader *reader, FILE *file)
{
    char bytes[16384];
    bool ends = false;
    while (!ends) {
        size_t size = fread(bytes, 1, sizeof(bytes), file);
        if (ferror(file)) {
            complain(
                reader->complaint, "%s: %s", reader->path, strerror(errno));
            return STATUS_IO;
        }
        ends = size < sizeof(bytes);
        if (XML_Parse(reader->parser, bytes, (int)size, ends) == XML_STATUS_OK)
            continue;
        if (!reader->status)
            reject(reader, "is not well-formed XML: %s",
                XML_ErrorString(XML_GetErrorCode(reader->parser)));
        return reader->status;
    }
    return STATUS_OK;
}

static enum status check_declared(const struct reader *reader)
{
    for (size_t i = 0; i < reader->chart->node_count; i++) {
        const struct chart_node *node = &reader->chart->nodes[i];
        if (node->is_declared)
            continue;
        complain(reader->complaint,
            "%s:%d: an <edge> names \"%s\", and there is no <node> of that id",
            reader->path, node->line, node->name);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status import_graphml(
    const char *path, struct chart *out, struct complaint *complaint)
{
    struct input input;
    enum status status = input_open_path(&input, path, complaint);
    if (status)
        return status;
    struct reader reader = {.chart = out, .path = path, .complaint = complaint};
    reader.parser = XML_ParserCreateNS(NULL, '|');
    status = STATUS_NO_MEMORY;
    if (reader.parser) {
        XML_SetUserData(reader.parser, &reader);
        XML_SetElementHandler(reader.parser, begin_element, end_element);
        XML_SetCharacterDataHandler(reader.parser, take_text);
        status = parse(&reader, input.file);
        XML_ParserFree(reader.parser);
    }
    input_close(&input);
    return status ? status : check_declared(&reader);
}
