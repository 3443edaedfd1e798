/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a picture has of the world: its links at one moment, who is who. */
#include "sim/painter.h"

#include <inttypes.h>

enum status painter_start(struct world *world)
{
    if (world->letters.count == 0 || world->node_count > PICTURE_NODES)
        return STATUS_OK;
    return picture_new(&world->letters, world->node_count, &world->picture);
}

static void draw_links(struct world *world)
{
    struct edge_list *links = &world->picture->links;
    for (uint32_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        for (uint32_t j = 0; j < node->link_count; j++)
            if (node->links[j].peer_number != 0 && i < node->links[j].peer)
                world_need(edge_list_add(links, i, node->links[j].peer));
    }
}

void painter_written(struct world *world, uint32_t letter)
{
    if (!world->picture || world->picture->letter != letter)
        return;
    picture_begin(world->picture, &world->letters.list[letter], world->now_us);
    draw_links(world);
}

static bool is_written(const struct world *world)
{
    return world->picture && world->picture->is_written;
}

void painter_write_spread(FILE *file, const struct world *world)
{
    fputs(PAINTER_SPREAD_COLUMNS "\n", file);
    for (uint32_t i = 0; is_written(world) && i < world->node_count; i++) {
        const struct picture_arrival *arrival = &world->picture->arrivals[i];
        fprintf(file, "%" PRIu32 ",%d,", i,
            world->nodes[i].lot.role != ROLE_HONEST);
        if (arrival->is_there)
            fprintf(file, "%" PRIu32 ",%" PRIu64 ".%03" PRIu64 "\n",
                arrival->from, arrival->at_us / 1000, arrival->at_us % 1000);
        else
            fputs(",\n", file);
    }
}

void painter_write_edges(FILE *file, const struct world *world)
{
    fputs(PAINTER_EDGES_COLUMNS "\n", file);
    if (!is_written(world))
        return;
    const struct edge_list *links = &world->picture->links;
    for (size_t i = 0; i < links->count; i++)
        fprintf(file, "%" PRIu32 ",%" PRIu32 "\n", links->edges[i].from,
            links->edges[i].to);
}

void painter_print_json(FILE *file, const struct world *world)
{
    if (!is_written(world)) {
        fputs("\"picture\":null,", file);
        return;
    }
    const struct letter_fate *fate =
        &world->letters.list[world->picture->letter];
    fprintf(file,
        "\"picture\":{\"letter\":%" PRIu32 ",\"from\":%" PRIu32
        ",\"to\":%" PRIu32 "},",
        world->picture->letter, fate->from, fate->to);
}
