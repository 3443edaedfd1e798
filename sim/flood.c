/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An envelope that whoever it came to has refused is as good as new, so it is
 * sent again, some seconds later: a slab forgets none, and a flood of two
 * thousand a second would fill the memory with what nobody took.  That a peer
 * did take it is told to its maker by an event, as nothing else passes between
 * nodes in no time.  A stamp on it is not paid for twice, as it would not be in
 * the field; but one that has been sent never gets another, since its copies
 * may be anywhere. */
#include "sim/flood.h"

#include <stdlib.h>

#include "crypto/stamp.h"
#include "sim/forgery.h"
#include "sim/postage.h"
#include "sim/units.h"
#include "sim/world.h"

enum { FLOOD_RING = 8192, FLOOD_AGAIN_US = 3000000 };

struct flood_sent {
    uint64_t at_us;
    uint32_t number; /* of the slab, held */
    bool was_sent;
};

/* What was sent, oldest first. */
struct flood_mail {
    struct flood_sent ring[FLOOD_RING];
    uint32_t first, count;
};

static struct flood_mail *mail_of(struct world *world, uint32_t node)
{
    struct adversary *adversary = world->nodes[node].adversary;
    if (!adversary->mail) {
        adversary->mail = calloc(1, sizeof(*adversary->mail));
        world_need(adversary->mail ? STATUS_OK : STATUS_NO_MEMORY);
    }
    return adversary->mail;
}

static struct flood_sent take_oldest(struct flood_mail *mail)
{
    struct flood_sent oldest = mail->ring[mail->first];
    mail->first = (mail->first + 1) % FLOOD_RING;
    mail->count--;
    return oldest;
}

static void remember(
    struct world *world, struct flood_mail *mail, const struct flood_sent *sent)
{
    if (mail->count == FLOOD_RING)
        slab_drop(&world->slab, take_oldest(mail).number);
    mail->ring[(mail->first + mail->count++) % FLOOD_RING] = *sent;
}

static uint32_t hour_of(const struct world *world)
{
    return (uint32_t)(world_clock_s(world) / HOUR_S);
}

/* Bits that an envelope's stamp must have; 0: any stamp will do. */
static uint8_t bits_wanted(
    const struct world *world, const struct slab_item *item, uint8_t least)
{
    if (world->scenario.flood != FLOOD_WORK)
        return 0;
    return stamp_bits_for(
        least, item->envelope.class_, item->envelope.expires_h, hour_of(world));
}

/* Whether an envelope can be sent to one who asks for that value. */
static bool will_do(const struct world *world, const struct flood_sent *sent,
    uint32_t life_h, uint8_t least)
{
    const struct slab_item *item = slab_item(&world->slab, sent->number);
    return !item->is_taken &&
           item->envelope.expires_h == hour_of(world) + life_h &&
           (!sent->was_sent || bits_wanted(world, item, least) <=
                                   stamp_bits(item->envelope.stamp));
}

/* One that nobody took, or a new one. */
static struct flood_sent take_some(
    struct world *world, uint32_t node, struct flood_mail *mail, uint8_t least)
{
    uint32_t life_h =
        (uint32_t)(world->scenario.flood_life_us / SECOND_US / HOUR_S);
    while (mail->count > 0 &&
           mail->ring[mail->first].at_us + FLOOD_AGAIN_US <= world->now_us) {
        struct flood_sent oldest = take_oldest(mail);
        if (will_do(world, &oldest, life_h, least))
            return oldest;
        slab_drop(&world->slab, oldest.number);
    }
    return (struct flood_sent){
        .number = forgery_make_valid(world, node, life_h)};
}

/* Processor time that a flooder may have spent by now. */
static uint64_t may_have_worked_us(const struct world *world, uint32_t node)
{
    uint64_t from_us = world->nodes[node].attack_began_us;
    uint64_t us = world->now_us > from_us ? world->now_us - from_us : 0;
    return us * world->scenario.flood_cores;
}

/* Give it the stamp that makes it worth so much; false when that takes longer
 * than there was time. */
static bool pay(
    struct world *world, uint32_t node, uint32_t number, uint8_t least)
{
    struct adversary *adversary = world->nodes[node].adversary;
    struct slab_item *item = slab_item(&world->slab, number);
    uint8_t bits = bits_wanted(world, item, least);
    if (bits <= stamp_bits(item->envelope.stamp))
        return true;
    uint64_t work_us = postage_make_us(bits);
    if (adversary->worked_us + work_us > may_have_worked_us(world, node))
        return false;
    adversary->worked_us += work_us;
    uint8_t stamp[ENVELOPE_STAMP_BYTES];
    postage_make(&item->id, bits, stamp);
    slab_stamp(&world->slab, number, stamp);
    return true;
}

uint32_t flood_next(struct world *world, uint32_t node, uint8_t least)
{
    struct flood_mail *mail = mail_of(world, node);
    struct flood_sent next = take_some(world, node, mail, least);
    bool is_ready = pay(world, node, next.number, least);
    next.at_us = world->now_us;
    next.was_sent |= is_ready;
    remember(world, mail, &next);
    return is_ready ? next.number : SLAB_NONE;
}

void flood_was_taken(struct world *world, const struct queue_event *event)
{
    struct slab_item *item = slab_item(&world->slab, event->handle);
    item->is_taken |= item->forger == event->to;
}

void flood_work(
    const struct world *world, uint64_t *worked_us, uint64_t *had_us)
{
    for (uint32_t i = world->first_node; i < world->end_node; i++) {
        const struct node *node = &world->nodes[i];
        if (world->lots[i].role != ROLE_FLOODER ||
            node->attack_began_us >= world->now_us)
            continue;
        *worked_us += node->adversary->worked_us;
        *had_us += world->now_us - node->attack_began_us;
    }
}
