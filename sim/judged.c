/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One place for what a scenario has to leave alone, so that who judges and who
 * reports cannot say different things of it.  What befalls a mesh for a while
 * only (faults, churn, a split) is not here: who judges waits until it is
 * over. */
#include "sim/judged.h"

#include "sim/settings.h"

static bool has_roles(const struct scenario *s)
{
    for (int role = ROLE_HONEST + 1; role < ROLE_COUNT; role++)
        if (s->role_ppm[role] > 0)
            return true;
    return false;
}

/* Of all that is about how envelopes spread. */
static const char *disturbs(const struct scenario *s)
{
    if (has_roles(s))
        return "adversaries";
    return s->loss_ppm > 0 ? "loss" : NULL;
}

static const char *disturbs_trees(const struct world *world)
{
    const struct scenario *s = &world->scenario;
    if (s->tree == SWITCH_OFF)
        return "no trees";
    if (world->meetings.count > 0)
        return "links come and go";
    if (s->bandwidth > 0 || s->slow_share_ppm > 0)
        return "slow links";
    return disturbs(s);
}

static const char *disturbs_shelves(const struct world *world)
{
    const struct scenario *s = &world->scenario;
    if (world->meetings.count > 0)
        return "links come and go";
    if (s->skew_share_ppm > 0)
        return "clocks differ";
    if (s->slow_share_ppm > 0)
        return "slow links";
    return disturbs(s);
}

const char *judged_why_not(const struct world *world, enum oracle_part part)
{
    const struct scenario *s = &world->scenario;
    switch (part) {
    case PART_BAND:
        return s->member == SWITCH_ON ? NULL : "nobody looks for neighbours";
    case PART_BRANCHES:
        return disturbs(s);
    case PART_REDUNDANCY:
        return disturbs_trees(world);
    case PART_SHELVES:
        return disturbs_shelves(world);
    case PART_STEMS:
        return s->stem == SWITCH_ON ? NULL : "no stems";
    case PART_WORK:
        return settings_meets(s, NEED_ATTACK) ? NULL : "nobody attacks";
    case PART_ESTEEM:
    case PART_HONOUR:
        return world->has_adversaries ? "adversaries" : NULL;
    case PART_COUNT:
        break;
    }
    return NULL;
}
