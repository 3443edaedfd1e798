/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relay can find wrong with its links, its dials, whom it knows and
 * what it thinks of them. */
#include "tests/relay/plants.h"

static struct view_entry *first_known(struct relay *relay)
{
    struct view_entry *entry = relay->member.view.list;
    need(entry);
    while (entry->at.address.size == 0)
        entry++;
    return entry;
}

static void links_twice(struct relay *relay)
{
    relay->links.list[1].key = relay->links.list[0].key;
}
static void links_many(struct relay *relay)
{
    relay->links.config.maximum = 3;
}
static void links_apart(struct relay *relay)
{
    relay->links.peers.count--;
}
static void links_lost(struct relay *relay)
{
    relay->links.list[0].number++;
}
static void links_silent(struct relay *relay)
{
    relay->links.due_ms = UINT64_MAX;
}
static void links_deaf(struct relay *relay)
{
    relay->links.due_ms = relay->now_ms + LINK_SILENCE_MS;
    relay->links.list[0].asked_ms = relay->links.list[0].heard_ms = 0;
}
static void links_self(struct relay *relay)
{
    relay->links.list[0].key = relay->links.self;
}
static void dial_many(struct relay *relay)
{
    relay->dial.count = LIMIT_DIAL_TARGETS + 1;
}
static void dial_waits(struct relay *relay)
{
    relay->dial.list[0].at_ms = UINT64_MAX;
}
static void dial_forgotten(struct relay *relay)
{
    relay->dial.due_ms = UINT64_MAX - 1;
}
static void dial_twice(struct relay *relay)
{
    relay->dial.list[1].key = relay->dial.list[0].key;
}
static void member_twice(struct relay *relay)
{
    relay->member.list[1].at.node = relay->member.list[0].at.node;
}
static void member_left(struct relay *relay)
{
    relay->member.list[0].place = MEMBER_OUT;
}
/* Neighbours that are not linked at all, as many as are too many. */
static void crowd(struct relay *relay, size_t count, bool outbound)
{
    static struct member_link list[MEMBER_HIGH + 1];
    for (size_t i = 0; i < count; i++)
        list[i] = (struct member_link){.at = node_at((uint8_t)(0x41 + i)),
            .place = MEMBER_EDGE,
            .outbound = outbound};
    relay->member.list = list;
    relay->member.count = count;
}
static void member_many(struct relay *relay)
{
    crowd(relay, MEMBER_HIGH + 1, true);
}
static void member_strangers(struct relay *relay)
{
    crowd(relay, MEMBER_HIGH - MEMBER_DIALLED + 1, false);
}
static void member_dials(struct relay *relay)
{
    relay->member.dial_count = MEMBER_DIALS_ALONE + 1;
}
static void member_rests(struct relay *relay)
{
    relay->member.cycle_ms = UINT64_MAX;
}
static void view_twice(struct relay *relay)
{
    struct view_entry *first = first_known(relay), *next = first + 1;
    while (next->at.address.size == 0)
        next++;
    next->at.node = first->at.node;
}
static void view_self(struct relay *relay)
{
    first_known(relay)->at.node = relay->member.self;
}
static void score_many(struct relay *relay)
{
    relay->score.count = SCORE_RECORDS + LIMIT_LINKS + 1;
}
static void score_dear(struct relay *relay)
{
    relay->score.last = 0;
    relay->score.list[0].price = SCORE_PRICE_MOST + 1;
}
static void score_order(struct relay *relay)
{
    relay->score.last = 1;
    relay->score.list[0].key = probe_key(0xff);
}
static void admission_most(struct relay *relay)
{
    relay->admission.least = ADMISSION_LEAST_MOST + 1;
}
static void admission_own(struct relay *relay)
{
    relay->admission.least = 2;
    relay->admission.asked = 1;
}
static void admission_falls(struct relay *relay)
{
    relay->admission.least = relay->admission.asked = 2;
    relay->admission.beat_ms = UINT64_MAX;
}

static const struct plant plants[] = {
    {"a node has two links", links_twice, ABOUT_NEW_LINK},
    {"more links than allowed", links_many, ABOUT_ALL},
    {"the open links and the peers differ", links_apart, ABOUT_NEW_LINK},
    {"a link would not be found", links_lost, ABOUT_LINK},
    {"a link's silence would go unnoticed", links_silent, ABOUT_ALL},
    {"a link's silence would go unnoticed", links_deaf, ABOUT_LINK},
    {"a node is linked to itself", links_self, ABOUT_LINK},
    {"more dial targets than allowed", dial_many, ABOUT_ALL},
    {"a dial target would be forgotten", dial_forgotten, ABOUT_DIAL},
    {"a dial target waits for ever", dial_waits, ABOUT_DIAL},
    {"a node has two dial targets", dial_twice, ABOUT_DIAL},
    {"a node is a neighbour twice", member_twice, ABOUT_NODES},
    {"a link that is not wanted was left", member_left, ABOUT_ALL},
    {"there are more edges than the band has", member_many, ABOUT_ALL},
    {"strangers hold the places of those that we dial", member_strangers,
        ABOUT_ALL},
    {"more dials for membership than allowed", member_dials, ABOUT_ALL},
    {"a cycle would never begin", member_rests, ABOUT_ALL},
    {"a node is twice in the view", view_twice, ABOUT_NODES},
    {"a node is in its own view", view_self, ABOUT_NODES},
    {"more scores than allowed", score_many, ABOUT_ALL},
    {"a peer's mail has a price that nobody could pay", score_dear, ABOUT_ALL},
    {"scores are out of order", score_order, ABOUT_ALL},
    {"more work is asked for than allowed", admission_most, ABOUT_ALL},
    {"own letters are stamped for less than is asked for", admission_own,
        ABOUT_ALL},
    {"the least value would never fall", admission_falls, ABOUT_ALL},
};

int main(void)
{
    for (size_t i = 0; i < sizeof(plants) / sizeof(*plants); i++)
        test_plant(&plants[i], plants[i].name);
    return tap_done();
}
