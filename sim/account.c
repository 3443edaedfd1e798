/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of structs, as they lie in memory, since all parts of a run are one
 * program on like machines; a list is its count and its entries. */
#include "sim/account.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct fact { /* of an envelope that some vault made */
    struct envelope_id id;
    uint64_t shown_us;
    uint32_t origin;
    uint32_t confirmed_by;
    uint32_t hops_most;
};

struct arrived { /* of a picture */
    uint32_t node;
    struct picture_arrival arrival;
};

struct drawn {
    uint64_t began_us;
    bool is_written;
};

static void put(struct buf *out, const void *data, size_t size)
{
    world_need(buf_append(out, (struct span){data, size}));
}

static void get(struct span *in, void *data, size_t size)
{
    assert(in->size >= size);
    memcpy(data, in->data, size);
    in->data += size;
    in->size -= size;
}

/* Where a list's count is to stand; and what it came to. */
static size_t begin_list(struct buf *out)
{
    uint64_t none = 0;
    put(out, &none, sizeof(none));
    return out->size - sizeof(none);
}

static void end_list(struct buf *out, size_t at, uint64_t count)
{
    memcpy(out->data + at, &count, sizeof(count));
}

static uint64_t list_count(struct span *in)
{
    uint64_t count;
    get(in, &count, sizeof(count));
    return count;
}

static void write_letters(const struct world *world, struct buf *out)
{
    size_t at = begin_list(out);
    uint64_t count = 0;
    for (uint32_t i = 0; i < world->letters.count; i++) {
        const struct letter_fate *fate = &world->letters.list[i];
        if (!world_moves(world, fate->from) && !world_moves(world, fate->to))
            continue;
        put(out, &i, sizeof(i));
        put(out, fate, sizeof(*fate));
        count++;
    }
    end_list(out, at, count);
}

static uint64_t later(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/* Each end of a letter knows its own times; of the other's it has none. */
static void read_letters(struct world *world, struct span *in)
{
    for (uint64_t left = list_count(in); left > 0; left--) {
        uint32_t index;
        struct letter_fate more;
        get(in, &index, sizeof(index));
        get(in, &more, sizeof(more));
        assert(index < world->letters.count);
        struct letter_fate *fate = &world->letters.list[index];
        fate->sent_us = later(fate->sent_us, more.sent_us);
        fate->shown_us = later(fate->shown_us, more.shown_us);
        fate->receipt_us = later(fate->receipt_us, more.receipt_us);
        fate->shown_count += more.shown_count;
        fate->refused |= more.refused;
    }
}

/* A letter is its writer's; a copy, its member's. */
static void write_circles(const struct world *world, struct buf *out)
{
    const struct circles *circles = &world->circles;
    for (uint32_t i = 0; i < circles->letter_count; i++) {
        const struct circle_letter *letter = &circles->letters[i];
        put(out, letter, sizeof(*letter));
        put(out, circles_copy(circles, i, 0),
            circles->size * sizeof(struct circle_copy));
    }
}

static void read_circles(struct world *world, struct span *in)
{
    struct circles *circles = &world->circles;
    for (uint32_t i = 0; i < circles->letter_count; i++) {
        struct circle_letter *letter = &circles->letters[i], more;
        struct circle_copy copy;
        get(in, &more, sizeof(more));
        letter->sent_us = later(letter->sent_us, more.sent_us);
        letter->receipt_us = later(letter->receipt_us, more.receipt_us);
        letter->refused |= more.refused;
        for (uint32_t place = 0; place < circles->size; place++) {
            struct circle_copy *to = circles_copy(circles, i, place);
            get(in, &copy, sizeof(copy));
            to->shown_us = later(to->shown_us, copy.shown_us);
            to->shown_count += copy.shown_count;
        }
    }
}

static void write_shipments(const struct world *world, struct buf *out)
{
    const struct shipments *shipments = &world->shipments;
    for (uint32_t i = 0; i < shipments->count; i++)
        put(out, &shipments->list[i], sizeof(shipments->list[i]));
}

static void read_shipments(struct world *world, struct span *in)
{
    for (uint32_t i = 0; i < world->shipments.count; i++) {
        struct shipment *shipment = &world->shipments.list[i], more;
        get(in, &more, sizeof(more));
        shipment->sent_us = later(shipment->sent_us, more.sent_us);
        shipment->whole_us = later(shipment->whole_us, more.whole_us);
        shipment->receipt_us = later(shipment->receipt_us, more.receipt_us);
        shipment->refused |= more.refused;
        shipment->is_damaged |= more.is_damaged;
    }
}

static void write_facts(const struct world *world, struct buf *out)
{
    size_t at = begin_list(out);
    uint64_t count = 0;
    for (uint32_t number = 0; number < world->slab.count; number++) {
        const struct slab_item *item = slab_item(&world->slab, number);
        const struct fact fact = {item->id, item->shown_us, item->origin,
            item->confirmed_by, item->hops_most};
        if (item->origin == SLAB_NONE)
            continue;
        put(out, &fact, sizeof(fact));
        count++;
    }
    end_list(out, at, count);
}

static void read_facts(struct world *world, struct span *in)
{
    for (uint64_t left = list_count(in); left > 0; left--) {
        struct fact fact;
        uint32_t number;
        get(in, &fact, sizeof(fact));
        world_need(slab_note(&world->slab, &fact.id, &number));
        struct slab_item *item = slab_item(&world->slab, number);
        item->origin = fact.origin;
        if (item->confirmed_by == SLAB_NONE)
            item->confirmed_by = fact.confirmed_by;
        if (fact.hops_most > item->hops_most)
            item->hops_most = (uint16_t)fact.hops_most;
        slab_show(item, fact.shown_us);
    }
}

static void write_sightings(const struct sightings *sightings, struct buf *out)
{
    size_t at = begin_list(out), cursor = 0;
    uint64_t count = 0;
    const struct sighting_entry *entry;
    while ((entry = table_next(&sightings->by_id, &cursor))) {
        put(out, entry, sizeof(*entry));
        count++;
    }
    end_list(out, at, count);
}

static void read_sightings(struct sightings *sightings, struct span *in)
{
    for (uint64_t left = list_count(in); left > 0; left--) {
        struct sighting_entry entry;
        get(in, &entry, sizeof(entry));
        world_need(sightings_add(sightings, &entry.id, &entry.first));
    }
}

static void write_picture(
    const struct picture *picture, const struct world *world, struct buf *out)
{
    struct drawn drawn = {0};
    if (picture)
        drawn = (struct drawn){picture->began_us, picture->is_written};
    put(out, &drawn, sizeof(drawn));
    size_t at = begin_list(out);
    uint64_t count = 0;
    for (uint32_t i = world->first_node; picture && i < world->end_node; i++) {
        const struct arrived arrived = {i, picture->arrivals[i]};
        if (!arrived.arrival.is_there)
            continue;
        put(out, &arrived, sizeof(arrived));
        count++;
    }
    end_list(out, at, count);
}

static void read_picture(struct picture *picture, struct span *in)
{
    struct drawn drawn;
    get(in, &drawn, sizeof(drawn));
    if (picture && drawn.is_written) {
        picture->is_written = true;
        picture->began_us = drawn.began_us;
    }
    for (uint64_t left = list_count(in); left > 0; left--) {
        struct arrived arrived;
        get(in, &arrived, sizeof(arrived));
        if (picture)
            picture->arrivals[arrived.node] = arrived.arrival;
    }
}

static void read_oracle(struct oracle *oracle, struct span *in)
{
    struct oracle more;
    get(in, &more, sizeof(more));
    oracle_add(oracle, &more);
}

static void read_refusal(struct refused *refusal, struct span *in)
{
    struct refused more;
    get(in, &more, sizeof(more));
    bool is_first = refusal->text[0] == '\0' || more.at_us < refusal->at_us ||
                    (more.at_us == refusal->at_us && more.node < refusal->node);
    if (more.text[0] != '\0' && is_first)
        *refusal = more;
}

static void read_trace(struct trace *trace, struct span *in)
{
    struct trace more;
    get(in, &more, sizeof(more));
    trace->low += more.low;
    trace->high += more.high;
}

static void read_survey(struct survey_part *all, struct span *in)
{
    struct survey_part more;
    get(in, &more, sizeof(more));
    survey_add(all, &more);
}

void account_write(const struct world *world, struct buf *out)
{
    struct survey_part part;
    survey_take(&part, world);
    put(out, &world->trace, sizeof(world->trace));
    put(out, &world->oracle, sizeof(world->oracle));
    put(out, &world->refusal, sizeof(world->refusal));
    put(out, &part, sizeof(part));
    put(out, &world->spread, sizeof(world->spread));
    write_letters(world, out);
    write_circles(world, out);
    write_shipments(world, out);
    write_facts(world, out);
    write_sightings(&world->mail_seen, out);
    write_sightings(&world->receipts_seen, out);
    write_picture(world->picture, world, out);
}

void account_read(
    struct world *world, struct survey_part *all, struct span bytes)
{
    struct span in = bytes;
    struct spread *spread = malloc(sizeof(*spread));
    world_need(spread ? STATUS_OK : STATUS_NO_MEMORY);
    read_trace(&world->trace, &in);
    read_oracle(&world->oracle, &in);
    read_refusal(&world->refusal, &in);
    read_survey(all, &in);
    get(&in, spread, sizeof(*spread));
    spread_join(&world->spread, spread);
    free(spread);
    read_letters(world, &in);
    read_circles(world, &in);
    read_shipments(world, &in);
    read_facts(world, &in);
    read_sightings(&world->mail_seen, &in);
    read_sightings(&world->receipts_seen, &in);
    read_picture(world->picture, &in);
}
