/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When an epoch begins nobody outside can know, and the ways of the next may be
 * the same: only that one has begun since another was seen first, where a stem
 * takes another way, and a whole epoch after the one before did.  So no
 * innocent node is found guilty, and one that draws its ways anew for each stem
 * is at its fourth. */
#include "sim/oracle/stems.h"

#include <stdbool.h>

void stem_ways_begin(struct stem_ways *ways, uint64_t now_ms)
{
    *ways = (struct stem_ways){.begun_ms = now_ms};
}

void stem_ways_part(struct stem_ways *ways, uint32_t link)
{
    stem_source_part(&ways->own, link);
    for (int i = 0; i < ORACLE_STEM_WAYS; i++)
        if (ways->links[i] == link)
            ways->links[i] = 0;
}

static bool is_a_way(const struct stem_ways *ways, uint32_t link)
{
    for (int i = 0; i < ORACLE_STEM_WAYS; i++)
        if (ways->links[i] == link)
            return true;
    return false;
}

/* Whether a link is a way, or may be one from now on. */
static bool take_way(struct stem_ways *ways, uint32_t link)
{
    if (is_a_way(ways, link))
        return true;
    for (int i = 0; i < ORACLE_STEM_WAYS; i++)
        if (ways->links[i] == 0) {
            ways->links[i] = link;
            return true;
        }
    return false;
}

static bool keeps_its_way(const struct stemmed *stemmed)
{
    const struct stem_source *source = stemmed->source;
    return !source || source->epoch != stemmed->ways->epoch ||
           source->to == 0 || source->to == stemmed->to;
}

static void begin_epoch(struct stem_ways *ways, uint32_t link, uint64_t now_ms)
{
    uint64_t after_ms = ways->begun_ms + ORACLE_STEM_EPOCH_MS;
    ways->begun_ms = after_ms > ways->seen_ms ? after_ms : ways->seen_ms;
    ways->seen_ms = now_ms;
    ways->links[0] = link;
    for (int i = 1; i < ORACLE_STEM_WAYS; i++)
        ways->links[i] = 0;
    ways->epoch++;
}

void oracle_stemmed(struct oracle *oracle, const struct stemmed *stemmed,
    uint32_t node, uint64_t at_us)
{
    struct stem_ways *ways = stemmed->ways;
    const uint64_t now_ms = at_us / 1000;
    bool is_old = keeps_its_way(stemmed) && take_way(ways, stemmed->to);
    bool may_be_new = now_ms >= ways->begun_ms + ORACLE_STEM_EPOCH_MS;
    oracle_check_part(oracle, is_old || may_be_new, PART_STEMS, node, at_us,
        "a stem takes another way than the others of its epoch");
    if (!is_old)
        begin_epoch(ways, stemmed->to, now_ms);
    if (stemmed->source)
        *stemmed->source = (struct stem_source){stemmed->to, ways->epoch};
}
