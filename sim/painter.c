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

void painter_written(struct world *world, uint32_t letter)
{
    if (!world->picture || world->picture->letter != letter)
        return;
    const struct letter_fate *fate = &world->letters.list[letter];
    if (fate->envelope != SLAB_NONE)
        slab_item(&world->slab, fate->envelope)->is_pictured = true;
    picture_begin(world->picture, fate, world->now_us);
}

void painter_draw(struct world *world, const struct sketch *sketch)
{
    struct picture *picture = world->picture;
    if (!picture || world->whole.pictures_due == 0)
        return;
    picture->is_due = false;
    world_need(sketch_edges(sketch, &picture->links));
}

static bool is_written(const struct world *world)
{
    return world->picture && world->picture->is_written;
}

void painter_write_spread(FILE *file, const struct world *world)
{
    uint64_t began_us = is_written(world) ? world->picture->began_us : 0;
    fputs(PAINTER_SPREAD_COLUMNS "\n", file);
    for (uint32_t i = 0; is_written(world) && i < world->node_count; i++) {
        const struct picture_arrival *arrival = &world->picture->arrivals[i];
        fprintf(file, "%" PRIu32 ",%d,", i, world->lots[i].role != ROLE_HONEST);
        if (arrival->is_there)
            fprintf(file, "%" PRIu32 ",%" PRIu64 ".%03" PRIu64 "\n",
                arrival->from, (arrival->at_us - began_us) / 1000,
                (arrival->at_us - began_us) % 1000);
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
