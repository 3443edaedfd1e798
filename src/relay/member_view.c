/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Half of the passive view is ranked: a place belongs to the least rank that
 * was ever offered to it, the rank being a hash keyed by a secret of that
 * place, over where the node is and not over its key (BASALT, Auvolat et al.
 * 2021).  Keys cost nothing and addresses do, so naming many nodes wins as
 * many places as one has networks.  The other half takes what comes, from
 * each introducer only so much.
 *
 * Only those that we have had a link to are passed on, so a made-up address
 * goes one hop and no further: the mesh can't be told to dial a stranger. */
#include "relay/member_view.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"

enum { VIEW_ALL = VIEW_PASSIVE + VIEW_ANCHORS };

void view_init(struct view *view, struct random *random)
{
    *view = (struct view){0};
    random_fill(random, view->secret, sizeof(view->secret));
}

void view_clear(struct view *view)
{
    free(view->list);
    past_clear(&view->past);
    *view = (struct view){0};
}

static bool is_there(const struct view_entry *entry)
{
    return entry->at.address.size > 0;
}

static struct view_entry *find(
    const struct view *view, size_t from, size_t to, const struct node_key *key)
{
    for (size_t i = from; view->list && i < to; i++)
        if (is_there(&view->list[i]) &&
            node_key_equal(&view->list[i].at.node, key))
            return &view->list[i];
    return NULL;
}

static uint64_t keyed(
    const struct view *view, const char *label, struct span input)
{
    uint8_t hash[16];
    kdf(hash, sizeof(hash), view->secret, label, input);
    return number_get(hash, 8);
}

uint32_t view_introducer(const struct view *view, const struct node_key *key)
{
    struct span bytes = {key->bytes, sizeof(key->bytes)};
    return (uint32_t)keyed(view, "sotto1 peer key", bytes) | 1;
}

/* A public network has one rank, whatever its addresses; nearer ones are told
 * apart, there being no others. */
static uint64_t rank_of(const struct view *view, const struct address *address)
{
    uint8_t place[ADDRESS_IPV6_BYTES + 2] = {0};
    if (address_scope(address) == ADDRESS_PUBLIC) {
        uint64_t subnet = address_subnet(address);
        for (size_t i = 0; i < 8; i++)
            place[i] = (uint8_t)(subnet >> 8 * i);
    } else {
        memcpy(place, address->bytes, address->size);
        place[ADDRESS_IPV6_BYTES] = (uint8_t)address->port;
        place[ADDRESS_IPV6_BYTES + 1] = (uint8_t)(address->port >> 8);
    }
    return keyed(view, "sotto1 peer rank", (struct span){place, sizeof(place)});
}

/* The finaliser of splitmix64 (Steele, Lea and Flood 2014): what goes in is
 * secret already. */
static uint64_t mix(uint64_t word)
{
    word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
    return word ^ word >> 31;
}

static uint64_t rank_at(const struct view *view, size_t place, uint64_t rank)
{
    uint64_t salt = (uint64_t)view->generations[place] << 8 | place;
    return mix(rank ^ mix(salt + 1));
}

bool view_may_cross(const struct address *address, enum address_scope scope)
{
    enum address_scope own = address_scope(address);
    return own != ADDRESS_NOWHERE && own >= scope &&
           address->port >= VIEW_LEAST_PORT;
}

static bool have_list(struct view *view, struct turn *turn)
{
    if (!view->list)
        view->list = calloc(VIEW_ALL, sizeof(*view->list));
    if (!view->list)
        turn->status = STATUS_NO_MEMORY;
    return view->list != NULL;
}

static bool subnet_is_full(
    const struct view *view, const struct address *address)
{
    size_t count = 0;
    if (address_scope(address) != ADDRESS_PUBLIC)
        return false;
    for (size_t i = 0; i < VIEW_PASSIVE; i++)
        count += is_there(&view->list[i]) &&
                 address_subnet(&view->list[i].at.address) ==
                     address_subnet(address);
    return count >= VIEW_SUBNET;
}

/* The unranked place to take: of the same introducer where it has its share,
 * else a free one, else one that failed, else any. */
static struct view_entry *unranked_place(
    struct view *view, struct turn *turn, uint32_t introducer)
{
    size_t theirs = 0, free_count = 0, failed = 0;
    struct view_entry *own = NULL, *empty = NULL, *bad = NULL;
    for (size_t i = VIEW_RANKED; i < VIEW_PASSIVE; i++) {
        struct view_entry *entry = &view->list[i];
        struct random *random = turn->random;
        if (!is_there(entry)) {
            empty = entry;
            free_count++;
        } else if (introducer && entry->introducer == introducer) {
            if (random_below(random, ++theirs) == 0)
                own = entry;
        } else if (entry->failures > 0 && random_below(random, ++failed) == 0) {
            bad = entry;
        }
    }
    if (theirs >= VIEW_INTRODUCER)
        return own;
    if (free_count > 0)
        return empty;
    if (bad)
        return bad;
    return &view->list[VIEW_RANKED +
                       random_below(turn->random, VIEW_PASSIVE - VIEW_RANKED)];
}

/* Who gives way is not forgotten, but for one that failed. */
static void give_way(
    struct view *view, struct turn *turn, const struct view_entry *entry)
{
    if (!is_there(entry) || entry->failures > 0)
        return;
    past_add(&view->past, turn,
        &(struct past_offer){
            .at = &entry->at,
            .rank = entry->rank,
            .introducer = entry->introducer,
            .is_known = entry->is_known,
        });
}

static void add_unranked(
    struct view *view, struct turn *turn, const struct view_entry *entry)
{
    struct view_entry *place = unranked_place(view, turn, entry->introducer);
    give_way(view, turn, place);
    *place = *entry;
}

static bool is_ranked(const struct view *view, uint64_t rank)
{
    for (size_t i = 0; i < VIEW_RANKED; i++)
        if (is_there(&view->list[i]) && view->list[i].rank == rank)
            return true;
    return false;
}

/* The first place that it wins; who was there moves to the other half.  A
 * network has one ranked place, or those with more keys would take what others
 * win twice. */
static void add(
    struct view *view, struct turn *turn, const struct view_entry *entry)
{
    size_t start = (size_t)random_below(turn->random, VIEW_RANKED);
    size_t tries = is_ranked(view, entry->rank) ? 0 : VIEW_RANKED;
    for (size_t k = 0; k < tries; k++) {
        size_t i = (start + k) % VIEW_RANKED;
        struct view_entry *at = &view->list[i];
        if (is_there(at) &&
            rank_at(view, i, at->rank) <= rank_at(view, i, entry->rank))
            continue;
        struct view_entry before = *at;
        *at = *entry;
        if (is_there(&before))
            add_unranked(view, turn, &before);
        return;
    }
    add_unranked(view, turn, entry);
}

/* It is there: what we know ourselves counts for more than hearsay. */
static void renew(struct view *view, struct view_entry *entry,
    const struct view_offer *offer, uint64_t now_ms)
{
    if (!offer->is_known)
        return;
    entry->at = *offer->at;
    entry->rank = rank_of(view, &offer->at->address);
    entry->is_known = true;
    entry->failures = 0;
    entry->is_silent = false;
    entry->heard_ms = now_ms;
    entry->rest_from_ms = now_ms;
    entry->rest_until_ms = offer->rest_until_ms;
}

void view_offer(
    struct view *view, struct turn *turn, const struct view_offer *offer)
{
    if (!have_list(view, turn))
        return;
    struct view_entry *anchor =
        find(view, VIEW_PASSIVE, VIEW_ALL, &offer->at->node);
    struct view_entry *entry = find(view, 0, VIEW_PASSIVE, &offer->at->node);
    if (anchor)
        renew(view, anchor, offer, turn->now_ms);
    if (entry)
        renew(view, entry, offer, turn->now_ms);
    if (entry || subnet_is_full(view, &offer->at->address))
        return;
    add(view, turn,
        &(struct view_entry){
            .at = *offer->at,
            .rank = rank_of(view, &offer->at->address),
            .rest_from_ms = turn->now_ms,
            .rest_until_ms = offer->rest_until_ms,
            .introducer = offer->introducer,
            .is_known = offer->is_known,
        });
}

void view_remove(
    struct view *view, const struct turn *turn, const struct node_key *key)
{
    struct view_entry *entry = find(view, 0, VIEW_PASSIVE, key);
    struct view_entry *anchor = find(view, VIEW_PASSIVE, VIEW_ALL, key);
    if (entry)
        *entry = (struct view_entry){0};
    if (anchor) {
        anchor->is_silent = false;
        anchor->heard_ms = turn->now_ms;
    }
    past_hope(&view->past);
}

static void rest(struct view_entry *entry, uint64_t now_ms)
{
    uint64_t rest_ms = VIEW_REST_LEAST_MS;
    for (uint8_t i = 0; i < entry->failures && rest_ms < VIEW_REST_MOST_MS; i++)
        rest_ms *= 2;
    entry->rest_from_ms = now_ms;
    entry->rest_until_ms = now_ms + rest_ms;
    if (entry->failures < UINT8_MAX)
        entry->failures++;
}

void view_failed(struct view *view, const struct turn *turn,
    const struct node_key *key, bool is_needed)
{
    struct view_entry *entry = find(view, 0, VIEW_PASSIVE, key);
    struct view_entry *anchor = find(view, VIEW_PASSIVE, VIEW_ALL, key);
    /* Whom nobody else named may be the only way to its part of the mesh. */
    bool is_own =
        entry && entry->introducer == 0 && entry->failures < VIEW_PATIENCE;
    if (entry && (is_needed || is_own))
        rest(entry, turn->now_ms);
    else if (entry)
        *entry = (struct view_entry){0};
    if (anchor) { /* it is tried at its turn, however often it has failed */
        anchor->rest_until_ms = turn->now_ms + VIEW_REST_MS;
        anchor->is_silent = true;
    }
}

void view_anchor(
    struct view *view, struct turn *turn, const struct node_address *at)
{
    if (!have_list(view, turn) || find(view, VIEW_PASSIVE, VIEW_ALL, &at->node))
        return;
    if (view->anchors_ever < VIEW_HISTORY)
        view->anchors_ever++;
    size_t place = (size_t)random_below(turn->random,
        view->anchors_ever > VIEW_ANCHORS ? view->anchors_ever : VIEW_ANCHORS);
    for (size_t i = 0; i < VIEW_ANCHORS; i++)
        if (!is_there(&view->list[VIEW_PASSIVE + i])) {
            place = i;
            break;
        }
    if (place >= VIEW_ANCHORS)
        return;
    view->list[VIEW_PASSIVE + place] = (struct view_entry){
        .at = *at,
        .rank = rank_of(view, &at->address),
        .heard_ms = turn->now_ms,
        .is_known = true,
    };
}

static bool has_rested(
    const struct view_entry *entry, uint64_t now_ms, bool is_in_need)
{
    bool answers = entry->is_known && entry->failures == 0;
    return entry->rest_until_ms <= now_ms ||
           (is_in_need && answers &&
               entry->rest_from_ms + VIEW_REST_NEED_MS <= now_ms);
}

/* A random one of a part of the list that may be dialled, of those that failed
 * least. */
static struct view_entry *draw(const struct view *view, struct turn *turn,
    size_t from, size_t to, bool is_in_need)
{
    struct view_entry *chosen = NULL;
    uint64_t count = 0;
    for (size_t i = from; view->list && i < to; i++) {
        struct view_entry *entry = &view->list[i];
        if (!is_there(entry) || !has_rested(entry, turn->now_ms, is_in_need))
            continue;
        if (chosen && entry->failures < chosen->failures)
            count = 0;
        if (chosen && count > 0 && entry->failures > chosen->failures)
            continue;
        if (random_below(turn->random, ++count) == 0)
            chosen = entry;
    }
    return chosen;
}

static bool pick(struct view_entry *chosen, const struct turn *turn,
    struct node_address *out)
{
    if (!chosen)
        return false;
    chosen->rest_from_ms = turn->now_ms;
    chosen->rest_until_ms = turn->now_ms + VIEW_REST_MS;
    *out = chosen->at;
    return true;
}

static bool has_hope(const struct view_entry *entry)
{
    return entry && entry->failures == 0;
}

bool view_pick(struct view *view, struct turn *turn, bool is_in_need,
    struct node_address *out)
{
    bool ranked_first = random_below(turn->random, 2) == 0;
    size_t from = ranked_first ? 0 : VIEW_RANKED;
    size_t to = ranked_first ? VIEW_RANKED : VIEW_PASSIVE;
    struct view_entry *chosen = draw(view, turn, from, to, false);
    if (!chosen || (is_in_need && !has_hope(chosen)))
        chosen = draw(view, turn, 0, VIEW_PASSIVE, is_in_need);
    if (is_in_need && !has_hope(chosen) &&
        (view_pick_anchor(view, turn, out) ||
            past_pick(&view->past, turn, out)))
        return true;
    return pick(chosen, turn, out);
}

bool view_pick_stale(struct view *view, const struct turn *turn,
    uint64_t before_ms, struct node_address *out)
{
    struct view_entry *oldest = NULL;
    for (size_t i = 0; view->list && i < VIEW_PASSIVE; i++) {
        struct view_entry *entry = &view->list[i];
        bool again = entry->introducer == 0 && entry->failures > 0 &&
                     entry->rest_until_ms <= turn->now_ms;
        if (is_there(entry) && (entry->rest_from_ms < before_ms || again) &&
            (!oldest || entry->rest_from_ms < oldest->rest_from_ms))
            oldest = entry;
    }
    return pick(oldest, turn, out);
}

bool view_pick_anchor(
    struct view *view, struct turn *turn, struct node_address *out)
{
    return pick(draw(view, turn, VIEW_PASSIVE, VIEW_ALL, false), turn, out);
}

static bool is_missed(const struct view_entry *anchor, const struct turn *turn)
{
    return is_there(anchor) && anchor->is_silent &&
           turn->now_ms - anchor->heard_ms >= VIEW_MISSED_MS;
}

bool view_pick_missed(
    struct view *view, const struct turn *turn, struct node_address *out)
{
    struct view_entry *oldest = NULL;
    for (size_t i = VIEW_PASSIVE; view->list && i < VIEW_ALL; i++) {
        struct view_entry *entry = &view->list[i];
        if (is_missed(entry, turn) &&
            (!oldest || entry->rest_from_ms < oldest->rest_from_ms))
            oldest = entry;
    }
    return pick(oldest, turn, out);
}

bool view_pick_named(struct view *view, struct turn *turn, uint32_t introducer,
    struct node_address *out)
{
    struct view_entry *chosen = NULL;
    uint64_t count = 0;
    for (size_t i = 0; view->list && i < VIEW_PASSIVE; i++) {
        struct view_entry *entry = &view->list[i];
        if (is_there(entry) && entry->introducer == introducer &&
            entry->rest_until_ms <= turn->now_ms &&
            random_below(turn->random, ++count) == 0)
            chosen = entry;
    }
    return pick(chosen, turn, out);
}

bool view_misses(const struct view *view, const struct turn *turn,
    const struct node_key *key)
{
    const struct view_entry *anchor = find(view, VIEW_PASSIVE, VIEW_ALL, key);
    return anchor && is_missed(anchor, turn);
}

/* Vitter's algorithm R over those that qualify. */
size_t view_sample(const struct view *view, struct turn *turn,
    enum address_scope scope, struct node_address *out, size_t maximum)
{
    size_t seen = 0;
    for (size_t i = 0; view->list && maximum > 0 && i < VIEW_PASSIVE; i++) {
        const struct view_entry *entry = &view->list[i];
        if (!is_there(entry) || !entry->is_known || entry->failures > 0 ||
            !view_may_cross(&entry->at.address, scope))
            continue;
        size_t place = seen < maximum
                           ? seen
                           : (size_t)random_below(turn->random, seen + 1);
        if (place < maximum)
            out[place] = entry->at;
        seen++;
    }
    return seen < maximum ? seen : maximum;
}

void view_turn_over(struct view *view, struct turn *turn)
{
    if (!view->list)
        return;
    size_t place = (size_t)random_below(turn->random, VIEW_RANKED);
    view->generations[place]++;
    struct view_entry entry = view->list[place];
    if (!is_there(&entry))
        return;
    view->list[place] = (struct view_entry){0};
    add(view, turn, &entry);
}

const struct view_entry *view_next(
    const struct view *view, size_t *cursor, bool *is_anchor)
{
    while (view->list && *cursor < VIEW_ALL) {
        const struct view_entry *entry = &view->list[(*cursor)++];
        if (!is_there(entry))
            continue;
        *is_anchor = *cursor > VIEW_PASSIVE;
        return entry;
    }
    return NULL;
}

size_t view_count(const struct view *view)
{
    size_t count = 0;
    for (size_t i = 0; view->list && i < VIEW_PASSIVE; i++)
        count += is_there(&view->list[i]);
    return count;
}

bool view_has_any(const struct view *view)
{
    size_t cursor = 0;
    bool is_anchor;
    return view_next(view, &cursor, &is_anchor) != NULL;
}

size_t view_bytes(const struct view *view)
{
    return (view->list ? VIEW_ALL * sizeof(*view->list) : 0) +
           past_bytes(&view->past);
}

/* Which of so many marks a key has: few nodes share one, and only those are
 * compared. */
enum { MARKS = 2048 };

static bool is_marked(uint64_t *marks, const struct node_key *key)
{
    uint64_t mark = number_get(key->bytes, 2) % MARKS;
    uint64_t bit = UINT64_C(1) << mark % 64;
    bool was_marked = marks[mark / 64] & bit;
    marks[mark / 64] |= bit;
    return was_marked;
}

/* Of the passive ones, or of the anchors. */
static const char *part_violation(const struct view *view, size_t from,
    size_t to, const struct node_key *self)
{
    uint64_t marks[MARKS / 64] = {0};
    for (size_t i = from; i < to; i++) {
        const struct view_entry *entry = &view->list[i];
        const struct node_key *key = &entry->at.node;
        if (!is_there(entry))
            continue;
        if (is_marked(marks, key) && find(view, from, to, key) != entry)
            return "a node is twice in the view";
        if (node_key_equal(key, self))
            return "a node is in its own view";
    }
    return NULL;
}

const char *view_step_violation(
    const struct view *view, const struct node_key *self)
{
    if (!view->list)
        return NULL;
    const char *why = part_violation(view, 0, VIEW_PASSIVE, self);
    if (!why)
        why = part_violation(view, VIEW_PASSIVE, VIEW_ALL, self);
    return why ? why : past_step_violation(&view->past, self);
}

const char *view_violation(const struct view *view, const struct node_key *self)
{
    const char *why = view_step_violation(view, self);
    return why ? why : past_violation(&view->past, self);
}
