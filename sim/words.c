/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only what leaves a relay is heard here, and what its engine says of itself is
 * not asked, but for what it hides: nobody else could know. */
#include "sim/words.h"

/* Whether a frame names something that its sender hides, to others than those
 * who brought it. */
static bool names_hidden(const struct relay *relay, const struct frame *frame)
{
    bool names = false;
    if (!relay_hides_any(relay))
        return false;
    for (size_t i = 0; frame_has_ids(frame->type) && i < frame->ids.count; i++)
        names |= frame->type != FRAME_WANT && frame->type != FRAME_GRAFT &&
                 frame->type != FRAME_DECLINED &&
                 relay_hides(relay, &frame->ids.ids[i]);
    if (frame->type != FRAME_RECONCILE)
        return names;
    for (size_t i = 0; i < frame->reconcile.range_count; i++) {
        const struct reconcile_range *range = &frame->reconcile.ranges[i];
        for (size_t j = 0; j < range->item_count; j++)
            names |= relay_hides(relay, &range->items[j].id);
    }
    return names;
}

static void look_at_wants(struct scene *scene, const struct frame_ids *ids)
{
    struct world *world = scene->world;
    const struct node *node = &world->nodes[scene->node];
    uint32_t evicted_s = node->evicted_s;
    for (size_t i = 0; evicted_s > 0 && i < ids->count; i++) {
        uint32_t number = slab_find(&world->slab, &ids->ids[i]);
        oracle_asked(&world->oracle,
            number == SLAB_NONE ? LEDGER_UNKNOWN
                                : ledger_get(&node->shelf, number),
            world_second(world) + 1 - evicted_s, scene->node, world->now_us);
    }
}

void words_sent(struct scene *scene, const struct frame *frame)
{
    struct world *world = scene->world;
    oracle_shown_to_peer(&world->oracle,
        names_hidden(world->nodes[scene->node].relay, frame), scene->node,
        world->now_us);
    if (frame->type == FRAME_WANT)
        look_at_wants(scene, &frame->ids);
    if (frame->type == FRAME_SHUFFLE || frame->type == FRAME_SHUFFLE_REPLY)
        scene->walks_on |= frame->shuffle.walk == scene->walk;
    if (frame->type == FRAME_DISCONNECT && !world->has_adversaries)
        oracle_parted(&world->oracle,
            frame->disconnect.reason == DISCONNECT_SCORE, scene->node,
            world->now_us);
    if (frame->type == FRAME_RECONCILE)
        oracle_compared(
            &world->oracle, frame->reconcile.round, scene->node, world->now_us);
}

/* A receipt that has waited here goes its own way when what it is about comes:
 * who brought it is forgotten by then. */
static struct stem_source *source_of(
    const struct scene *scene, enum frame_type type, bool came)
{
    struct node *node = &scene->world->nodes[scene->node];
    bool is_mail = type == FRAME_STEM;
    if (!came)
        return is_mail ? &node->ways.own : NULL;
    if (is_mail ? !scene->by_stem : !scene->by_stem_receipt)
        return NULL;
    struct link *from = world_link(node, scene->by_link);
    return from ? &from->stems : NULL;
}

void words_stemmed(
    struct scene *scene, uint32_t to, enum frame_type type, bool came)
{
    struct world *world = scene->world;
    oracle_stemmed(&world->oracle,
        &(struct stemmed){.ways = &world->nodes[scene->node].ways,
            .source = source_of(scene, type, came),
            .to = to},
        scene->node, world->now_us);
}
