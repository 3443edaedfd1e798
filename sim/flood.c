/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An envelope that whoever it came to has refused is as good as new, so it is
 * sent again, a second later: a slab forgets none, and a flood of two thousand
 * a second would fill the memory with what nobody took.  A stamp on it is not
 * paid for twice, as it would not be in the field. */
#include "sim/flood.h"

#include <stdlib.h>

#include "crypto/stamp.h"
#include "sim/forgery.h"
#include "sim/postage.h"
#include "sim/world.h"

enum { FLOOD_RING = 8192, FLOOD_AGAIN_US = 1000000 };

#define SECOND_US UINT64_C(1000000)
#define PPM       UINT64_C(1000000)

struct flood_sent {
    uint64_t at_us;
    uint32_t number; /* of the slab, held */
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

static uint32_t take_oldest(struct flood_mail *mail)
{
    uint32_t number = mail->ring[mail->first].number;
    mail->first = (mail->first + 1) % FLOOD_RING;
    mail->count--;
    return number;
}

static void remember(struct world *world, struct flood_mail *mail, uint32_t it)
{
    if (mail->count == FLOOD_RING)
        slab_drop(&world->slab, take_oldest(mail));
    uint32_t place = (mail->first + mail->count++) % FLOOD_RING;
    mail->ring[place] = (struct flood_sent){world->now_us, it};
}

static uint32_t hour_of(const struct world *world)
{
    return (uint32_t)(world_clock_s(world) / HOUR_S);
}

/* One that nobody took, or a new one. */
static uint32_t take_some(
    struct world *world, struct flood_mail *mail, uint32_t life_h)
{
    while (mail->count > 0 &&
           mail->ring[mail->first].at_us + FLOOD_AGAIN_US <= world->now_us) {
        uint32_t number = take_oldest(mail);
        const struct slab_item *item = slab_item(&world->slab, number);
        if (item->references == 1 &&
            item->envelope.expires_h == hour_of(world) + life_h)
            return number;
        slab_drop(&world->slab, number);
    }
    return forgery_make_valid(world, life_h);
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
    uint8_t bits = stamp_bits_for(
        least, item->envelope.class_, item->envelope.expires_h, hour_of(world));
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
    const struct scenario *s = &world->scenario;
    struct flood_mail *mail = mail_of(world, node);
    uint32_t life_h = (uint32_t)(s->flood_life_us / SECOND_US / HOUR_S);
    uint32_t number = take_some(world, mail, life_h);
    bool ready = s->flood != FLOOD_WORK || pay(world, node, number, least);
    remember(world, mail, number);
    return ready ? number : SLAB_NONE;
}

uint64_t flood_work_ppm(const struct world *world)
{
    uint64_t worked_us = 0, flooded_us = 0;
    for (uint32_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (node->lot.role != ROLE_FLOODER ||
            node->attack_began_us >= world->now_us)
            continue;
        worked_us += node->adversary->worked_us;
        flooded_us += world->now_us - node->attack_began_us;
    }
    /* In thousandths twice, so that nothing overflows and little is cut off. */
    return flooded_us / 1000 ? worked_us * 1000 / (flooded_us / 1000) : 0;
}
