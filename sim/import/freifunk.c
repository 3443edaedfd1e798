/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three generations of one map: all have an array of links, whose ends are
 * places in the array of nodes (ffmap) or their names (meshviewer).  A JSON
 * value has no line, so a complaint names it by its path.  Clients of a node
 * are telephones, no mesh, and left out. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/import/formats.h"
#include "sim/input.h"

struct map {
    const char *path;
    json_t *root;
    const json_t *nodes;
    const json_t *links;
    uint32_t *numbers; /* of our nodes, by place */
    struct chart *out;
    struct complaint *complaint;
};

static enum status load(struct map *map)
{
    struct input input;
    json_error_t error;
    enum status status = input_open_path(&input, map->path, map->complaint);
    if (status)
        return status;
    map->root = json_loadf(input.file, JSON_REJECT_DUPLICATES, &error);
    bool is_read = !ferror(input.file);
    int code = errno;
    input_close(&input);
    if (map->root)
        return STATUS_OK;
    if (!is_read) {
        complain(map->complaint, "%s: %s", map->path, strerror(code));
        return STATUS_IO;
    }
    complain(map->complaint, "%s:%d: is not well-formed JSON: %s", map->path,
        error.line, error.text);
    return STATUS_INVALID;
}

static enum status find_graph(struct map *map)
{
    const json_t *graph = json_object_get(map->root, "batadv");
    if (!graph)
        graph = map->root;
    map->links = json_object_get(graph, "links");
    map->nodes = json_object_get(graph, "nodes");
    if (json_is_array(map->links))
        return STATUS_OK;
    complain(map->complaint,
        "%s has no list \"links\", at its top or in \"batadv\"; give "
        "graph.json or meshviewer.json (a nodes.json beside those has no "
        "links)",
        map->path);
    return STATUS_INVALID;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static enum status read_nodes(struct map *map)
{
    size_t count = json_array_size(map->nodes);
    map->numbers = calloc(count + 1, sizeof(*map->numbers));
    if (!map->numbers)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const json_t *node = json_array_get(map->nodes, i);
        const char *name = text_of(node, "node_id");
        if (!name)
            name = text_of(node, "id");
        enum status status =
            chart_node(map->out, name ? name : "", &map->numbers[i]);
        if (!status)
            continue;
        complain(map->complaint, "%s: nodes[%zu]: %s", map->path, i,
            name ? chart_complaint(status)
                 : "has neither a \"node_id\" nor an \"id\" that is a text");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status read_end(
    struct map *map, size_t index, const char *key, uint32_t *out)
{
    const json_t *end = json_object_get(json_array_get(map->links, index), key);
    size_t count = json_array_size(map->nodes);
    const char *why = "must be a node's name, or its place in \"nodes\"";
    if (json_is_string(end)) {
        enum status status = chart_node(map->out, json_string_value(end), out);
        if (!status)
            return STATUS_OK;
        why = chart_complaint(status);
    } else if (json_is_integer(end)) {
        json_int_t place = json_integer_value(end);
        if (place >= 0 && (size_t)place < count) {
            *out = map->numbers[place];
            return STATUS_OK;
        }
        complain(map->complaint,
            "%s: links[%zu].%s is %" JSON_INTEGER_FORMAT
            ", and there are %zu nodes, from 0",
            map->path, index, key, place, count);
        return STATUS_INVALID;
    }
    complain(
        map->complaint, "%s: links[%zu].%s: %s", map->path, index, key, why);
    return STATUS_INVALID;
}

static enum status read_links(struct map *map)
{
    for (size_t i = 0; i < json_array_size(map->links); i++) {
        const json_t *link = json_array_get(map->links, i);
        const char *type = text_of(link, "type");
        if (type && !strcmp(type, "client"))
            continue;
        if (json_is_true(json_object_get(link, "vpn")))
            type = "vpn";
        uint32_t from, to;
        enum status status = read_end(map, i, "source", &from);
        if (!status)
            status = read_end(map, i, "target", &to);
        if (!status)
            status = chart_add(map->out, from, to, type);
        if (status)
            return status;
    }
    return STATUS_OK;
}

enum status import_freifunk(
    const char *path, struct chart *out, struct complaint *complaint)
{
    struct map map = {.path = path, .out = out, .complaint = complaint};
    enum status status = load(&map);
    if (!status)
        status = find_graph(&map);
    if (!status)
        status = read_nodes(&map);
    if (!status)
        status = read_links(&map);
    free(map.numbers);
    json_decref(map.root);
    return status;
}
