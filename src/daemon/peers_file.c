/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file beside the shelf and not a table in it: it is written whole, every
 * few minutes, and a shelf that is damaged and begun anew should not cost a
 * node its way back into the mesh. */
#include "config.h"

#include "daemon/peers_file.h"

#include <stdio.h>
#include <string.h>

#include "platform/file.h"
#include "proto/endpoint.h"

static const char anchor_word[] = " anchor";

_Static_assert(KEPT_FILE_BYTES > LIMIT_KEPT_NODES * (ENDPOINT_TEXT_BYTES +
                                                        sizeof(anchor_word)),
    "all nodes fit");

enum status peers_file_write(
    const char *path, size_t count, const struct kept_node *nodes)
{
    char text[KEPT_FILE_BYTES];
    size_t used = 0;
    for (size_t i = 0; i < count && i < LIMIT_KEPT_NODES; i++) {
        char address[LIMIT_ENDPOINT_BYTES + 1], endpoint[ENDPOINT_TEXT_BYTES];
        address_print(&nodes[i].at.address, address);
        endpoint_print(address, &nodes[i].at.node, endpoint);
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s\n",
            endpoint, nodes[i].is_anchor ? anchor_word : "");
    }
    return file_replace(path, (struct span){(const uint8_t *)text, used});
}

static bool read_line(struct span line, void *record)
{
    struct kept_node *out = record;
    struct endpoint endpoint;
    size_t word = sizeof(anchor_word) - 1;
    out->is_anchor = line.size > word && memcmp(line.data + line.size - word,
                                             anchor_word, word) == 0;
    line.size -= out->is_anchor ? word : 0;
    if (endpoint_parse(line, &endpoint) || !endpoint.has_key)
        return false;
    out->at.node = endpoint.key;
    return address_parse(span_of_text(endpoint.address), &out->at.address) ==
           STATUS_OK;
}

enum status peers_file_read(const char *path,
    struct kept_node out[static LIMIT_KEPT_NODES], struct kept_count *count)
{
    static const struct kept_form form = {
        LIMIT_KEPT_NODES, sizeof(struct kept_node), read_line};
    return kept_file_read(path, &form, out, count);
}
