/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hidden first hops: who gets what, when it ends, and that nobody can ask. */
#include "relay/stem.h"

#include <string.h>

#include "relay/shelf.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum { LINKS = 5, MANY = 1000 };

static struct probe probe;
static struct probe_letter a, b;

static void say_hello(struct probe *to, uint32_t link, uint32_t features)
{
    struct frame hello = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION,
            .node = probe_key((uint8_t)link),
            .features = features}};
    probe_up(to, link, (uint8_t)link);
    probe_frame(to, link, &hello);
}

/* A relay with so many links, to peers that speak of all there is. */
static void begin(struct probe *out, uint32_t links)
{
    probe_init(out, &(struct relay_config){0});
    for (uint32_t link = 1; link <= links; link++)
        say_hello(out, link, FEATURE_TREE | FEATURE_STEM);
    probe_step(
        out, &(struct relay_event){.kind = RELAY_LISTEN, .listen = true});
}

/* We dial a peer that speaks of stems. */
static void dial(uint8_t link)
{
    probe_connect(&probe, link, ORIGIN_PERSON);
    probe_dialled(
        &probe, link, link, probe_effect(&probe, RELAY_DIAL)->dial.target);
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_HELLO,
            .hello = {.version = FRAME_PROTOCOL_VERSION,
                .node = probe_key(link),
                .features = FEATURE_STEM}});
}

static void stem(
    struct probe *to, uint32_t link, const struct probe_letter *letter)
{
    struct frame frame = {.type = FRAME_STEM,
        .push = {.id = letter->id, .envelope = &letter->envelope}};
    probe_frame(to, link, &frame);
}

static void stem_receipt(
    struct probe *to, uint32_t link, const struct probe_letter *letter)
{
    struct frame frame = {.type = FRAME_STEM_RECEIPT,
        .receipt = {.id = letter->id, .opening = letter->opening}};
    probe_frame(to, link, &frame);
}

static void release(struct probe *at, const struct probe_letter *letter)
{
    probe_step(at, &(struct relay_event){.kind = RELAY_RELEASE,
                       .release = {letter->id, letter->opening}});
}

/* Time passes in which no link falls silent. */
static void pass(struct probe *at, uint32_t links, uint64_t ms)
{
    enum { STEP_MS = 15000 };
    for (uint64_t passed = 0; passed < ms; passed += STEP_MS) {
        at->now_ms += STEP_MS;
        for (uint32_t link = 1; link <= links; link++)
            probe_frame(at, link, &(struct frame){.type = FRAME_PING});
    }
    need(probe_look(at)->link_count == links);
}

/* The link that the last step's STEM goes to, or 0. */
static uint32_t stem_link(const struct probe *at)
{
    const struct relay_effect *effect = probe_effect(at, RELAY_STEM);
    return effect ? effect->link : 0;
}

/* Let time pass until what is hidden is due; how long that took. */
static uint64_t wait_due(struct probe *at)
{
    uint64_t from_ms = at->now_ms;
    while (relay_hides(at->relay, &a.id) || relay_hides(at->relay, &b.id))
        probe_tick(at, relay_deadline_ms(at->relay) - at->now_ms);
    return at->now_ms - from_ms;
}

/* Bring letters by a stem until one goes on; its number. */
static uint32_t relay_one(struct probe *at, uint32_t link, uint32_t number)
{
    do {
        probe_write(&a, number++, 0, 20);
        stem(at, link, &a);
    } while (!stem_link(at));
    return number - 1;
}

static void ones_own(void)
{
    begin(&probe, LIMIT_STEM_LINKS - 1);
    probe_write(&a, 1, 0, 20);
    probe_submit(&probe, &a);
    ok(probe_count(&probe, RELAY_PUSH) == 2 && !stem_link(&probe),
        "with two links there is no stem");
    probe_free(&probe);

    begin(&probe, LINKS);
    probe_submit(&probe, &a);
    size_t store = 0, on = 0;
    for (size_t i = 0; i < probe.effects.count; i++) {
        store = probe.effects.list[i].kind == RELAY_STORE ? i + 1 : store;
        on = probe.effects.list[i].kind == RELAY_STEM ? i + 1 : on;
    }
    ok(store > 0 && on > store, "it is stored, and then goes on its stem");
    ok(probe_count(&probe, RELAY_STEM) == 1 &&
            probe_count(&probe, RELAY_PUSH) == 0 &&
            probe_count(&probe, RELAY_SEND) == 0,
        "to one peer, and to nobody else");
    ok(probe_effect(&probe, RELAY_HANDED)->peers == 1,
        "which the vault is told of");
    ok(probe_state(&probe, &a) == -1 && relay_hides(probe.relay, &a.id),
        "it is hidden, and not known");
    probe_submit(&probe, &a);
    ok(probe_count(&probe, RELAY_STORE) == 0 && !stem_link(&probe) &&
            probe_effect(&probe, RELAY_HANDED)->peers == 1,
        "submitted again, it goes nowhere and is reported");
    uint64_t held_ms = wait_due(&probe);
    ok(held_ms >= STEM_HOPS * STEM_HOP_MS &&
            probe_count(&probe, RELAY_PUSH) == LINKS &&
            probe_state(&probe, &a) == SHELF_STORED,
        "when nobody else has shown it, it is");
    ok(probe_count(&probe, RELAY_STORE) == 0 &&
            probe_count(&probe, RELAY_DELIVER) == 0,
        "and is stored no second time, nor handed to who wrote it");
    probe_write(&b, 2, 0, 20);
    probe_step(&probe,
        &(struct relay_event){.kind = RELAY_SUBMIT,
            .submit = {.id = b.id, .envelope = &b.envelope, .urgent = true}});
    ok(!stem_link(&probe) && probe_count(&probe, RELAY_PUSH) == LINKS,
        "what is urgent goes to all at once");
    probe_free(&probe);
}

static void ways(void)
{
    uint32_t ways[2] = {0}, of_link[LINKS + 1] = {0};
    bool pinned = true, never_back = true, two = true;
    begin(&probe, LINKS);
    uint32_t number = 1;
    for (int i = 0; i < 200; i++) {
        uint32_t from = (uint32_t)i % (LINKS + 1);
        uint32_t to;
        if (from == 0) {
            probe_write(&a, number++, 0, 20);
            probe_submit(&probe, &a);
        } else {
            number = relay_one(&probe, from, number) + 1;
        }
        to = stem_link(&probe);
        never_back &= to != from;
        pinned &= of_link[from] == 0 || of_link[from] == to;
        of_link[from] = to;
        size_t way = ways[0] == 0 || ways[0] == to ? 0 : 1;
        two &= ways[way] == 0 || ways[way] == to;
        ways[way] = to;
    }
    ok(two && ways[1] != 0, "stems go on to two peers in an epoch");
    ok(never_back, "never back");
    ok(pinned, "one's own to one, and what a link brings to one");
    bool changed = false;
    for (int epoch = 0; epoch < 20; epoch++) {
        pass(&probe, LINKS, STEM_EPOCH_MS);
        probe_write(&a, number++, 0, 20);
        probe_submit(&probe, &a);
        need(stem_link(&probe) != 0);
        changed |= stem_link(&probe) != of_link[0];
    }
    ok(changed, "another epoch, another way");
    probe_free(&probe);
}

static void who_gets_one(void)
{
    probe_init(&probe, &(struct relay_config){0});
    for (uint32_t link = 1; link <= 3; link++)
        say_hello(&probe, link, FEATURE_TREE);
    probe_write(&a, 1, 0, 20);
    probe_submit(&probe, &a);
    ok(!stem_link(&probe) && probe_count(&probe, RELAY_PUSH) == 3,
        "peers that do not speak of stems get none");
    say_hello(&probe, 4, FEATURE_TREE | FEATURE_STEM);
    bool always = true;
    for (uint32_t i = 2; i < 12; i++) {
        probe_write(&a, i, 0, 20);
        probe_submit(&probe, &a);
        always &= stem_link(&probe) == 4;
    }
    ok(always, "one that does gets all");
    dial(5);
    probe_down(&probe, 4);
    say_hello(&probe, 6, FEATURE_TREE | FEATURE_STEM);
    say_hello(&probe, 7, FEATURE_TREE | FEATURE_STEM);
    probe.now_ms += STEM_EPOCH_MS;
    bool dialled = false;
    for (uint32_t i = 20; i < 30 && !dialled; i++) {
        probe_write(&a, i, 0, 20);
        for (uint32_t from = 6; from <= 7 && !dialled; from++) {
            stem(&probe, from, &a);
            dialled = stem_link(&probe) == 5;
            probe_write(&a, 100 + i, 0, 20);
        }
    }
    ok(dialled, "a peer that we dialled is among the ways");
    probe_free(&probe);
}

/* How long own letters, or relayed ones, stay hidden when nothing happens: the
 * least and the mean of many. */
static void embargoes(bool own, uint64_t *least_ms, uint64_t *mean_ms)
{
    uint64_t sum_ms = 0;
    *least_ms = UINT64_MAX;
    begin(&probe, LINKS);
    for (uint32_t i = 1; i <= 300; i++) {
        probe_write(&a, 2000 + i, 0, 20);
        if (own)
            probe_submit(&probe, &a);
        else
            relay_one(&probe, 1, 100 * i);
        uint64_t held_ms = wait_due(&probe);
        for (uint32_t link = 1; link <= LINKS; link++)
            probe_frame(&probe, link, &(struct frame){.type = FRAME_PING});
        sum_ms += held_ms;
        *least_ms = held_ms < *least_ms ? held_ms : *least_ms;
    }
    *mean_ms = sum_ms / 300;
    probe_free(&probe);
}

static void alike(void)
{
    uint64_t own_least, own_mean, other_least, other_mean;
    embargoes(true, &own_least, &own_mean);
    embargoes(false, &other_least, &other_mean);
    ok(own_least >= 5000 && own_least < 5200 && other_least >= 5000 &&
            other_least < 5200,
        "an embargo is five seconds at least, whoever's it is");
    ok(own_mean > 6600 && own_mean < 7400 && other_mean > 6600 &&
            other_mean < 7400,
        "and seven on average");

    enum relay_effect_kind kinds[2][8] = {{0}};
    size_t counts[2] = {0};
    for (int own = 0; own < 2; own++) {
        begin(&probe, LINKS);
        probe_write(&a, 1, 0, 20);
        if (own)
            probe_submit(&probe, &a);
        else
            relay_one(&probe, 1, 1);
        for (size_t i = 0; i < probe.effects.count; i++)
            if (probe.effects.list[i].kind != RELAY_HANDED)
                kinds[own][counts[own]++] = probe.effects.list[i].kind;
        probe_free(&probe);
    }
    ok(counts[0] == counts[1] && !memcmp(kinds[0], kinds[1], sizeof(kinds[0])),
        "one's own is stored and sent as what is relayed is");
}

static void ends(void)
{
    begin(&probe, LINKS);
    uint32_t ended = 0;
    uint64_t longest_ms = 0;
    for (uint32_t i = 1; i <= MANY; i++) {
        probe.now_ms += 20; /* so that a peer may bring so much */
        probe_write(&a, i, 0, 20);
        stem(&probe, 1 + i % LINKS, &a);
        if (stem_link(&probe))
            continue;
        ended++;
        uint64_t from_ms = probe.now_ms;
        while (relay_hides(probe.relay, &a.id))
            probe_tick(&probe, relay_deadline_ms(probe.relay) - probe.now_ms);
        if (probe.now_ms - from_ms > longest_ms)
            longest_ms = probe.now_ms - from_ms;
    }
    ok(ended > MANY / 10 * 7 / 10 && ended < MANY / 10 * 14 / 10,
        "about one stem in ten ends at a relay");
    ok(longest_ms > 0 && longest_ms <= STEM_JITTER_MS,
        "and is shown in a moment");
    probe_free(&probe);

    begin(&probe, LINKS);
    relay_one(&probe, 1, 1);
    stem(&probe, 2, &a);
    ok(relay_hides(probe.relay, &a.id) && !stem_link(&probe) &&
            wait_due(&probe) <= STEM_JITTER_MS &&
            probe_count(&probe, RELAY_PUSH) == LINKS &&
            probe_count(&probe, RELAY_DELIVER) == 1,
        "a circle ends a stem; the vault is handed it then, not before");
    stem(&probe, 3, &a);
    ok(probe.effects.count == 0, "what is known comes in vain on a stem");
    probe_receipt(&probe, 1, &a, true);
    stem(&probe, 3, &a);
    ok(probe_sent(&probe, FRAME_RECEIPT) &&
            probe_state(&probe, &a) == SHELF_CLEARED,
        "and where it is cleared, is answered with the receipt");

    relay_one(&probe, 1, 50);
    probe_push(&probe, 2, &a);
    ok(probe_count(&probe, RELAY_STORE) == 0 &&
            probe_count(&probe, RELAY_DELIVER) == 1 &&
            probe_count(&probe, RELAY_PUSH) == LINKS - 1 &&
            probe_state(&probe, &a) == SHELF_STORED &&
            !relay_hides(probe.relay, &a.id),
        "a push by another shows it, and is passed on");
    probe_free(&probe);
}

/* What a relay says to a peer that tries to find out whether it has a. */
static void try_to_find_out(struct probe *at, char *said)
{
    const struct frame tries[] = {
        {.type = FRAME_WANT, .ids = {1, &a.id}},
        {.type = FRAME_GRAFT, .ids = {1, &a.id}},
        {.type = FRAME_IDONTWANT, .ids = {1, &b.id}},
        {.type = FRAME_IHAVE, .ids = {1, &a.id}},
    };
    size_t size = 0;
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        probe_frame(at, 3, &tries[i]);
        for (size_t j = 0; j < at->effects.count; j++)
            said[size++] = (char)('a' + at->effects.list[j].kind);
        said[size++] = '|';
    }
    for (int ms = 0; ms < 400; ms += 50) { /* what was announced is asked for */
        probe_tick(at, 50);
        for (size_t j = 0; j < at->effects.count; j++)
            if (at->effects.list[j].kind == RELAY_SEND &&
                at->effects.list[j].link == 3)
                said[size++] = (char)('A' + at->effects.list[j].frame.type);
    }
}

/* The sum that a relay names when it compares its set with a peer's. */
static struct reconcile_range whole_of(struct probe *at)
{
    struct reconcile_range none = {0};
    probe_connect(at, 0x70, ORIGIN_PERSON);
    probe_dialled(at, 0x70, 0x70, probe_effect(at, RELAY_DIAL)->dial.target);
    probe_hello(at, 0x70, 0x70);
    const struct frame *frame = probe_sent(at, FRAME_RECONCILE);
    return frame ? frame->reconcile.ranges[0] : none;
}

static void nobody_can_ask(void)
{
    static struct probe other;
    char said[64] = {0}, other_said[64] = {0};
    begin(&probe, LINKS);
    begin(&other, LINKS);
    probe_write(&b, 900, 0, 20);
    uint32_t number = relay_one(&probe, 1, 1);
    probe_write(&a, number, 0, 20);
    struct reconcile_range whole = whole_of(&probe), empty = whole_of(&other);
    ok(whole.mode == empty.mode &&
            !memcmp(&whole.fingerprint, &empty.fingerprint,
                sizeof(whole.fingerprint)),
        "what is hidden is not in the set that is compared");
    try_to_find_out(&probe, said);
    try_to_find_out(&other, other_said);
    ok(relay_hides(probe.relay, &a.id) && !strcmp(said, other_said) &&
            strchr(said, 'A' + FRAME_GRAFT),
        "who asks or announces is answered as if it were not there");
    if (strcmp(said, other_said) != 0)
        printf("# %s\n# %s\n", said, other_said);
    probe_free(&other);
    probe_free(&probe);

    begin(&probe, 0);
    struct relay_event restored = {.kind = RELAY_RESTORED,
        .restored = {.id = a.id,
            .receipt_hash = a.envelope.receipt_hash,
            .expires_h = a.envelope.expires_h,
            .bytes = 512,
            .state = SHELF_STORED}};
    probe_step(&probe, &restored);
    ok(probe_state(&probe, &a) == SHELF_STORED,
        "after a crash what was hidden is on the shelf");
    probe_free(&probe);
}

static void receipts(void)
{
    begin(&probe, LINKS);
    probe_write(&a, 1, 0, 20);
    probe_write(&b, 2, 0, 20);
    probe_push(&probe, 1, &a);
    release(&probe, &a);
    const struct frame *sent = probe_sent(&probe, FRAME_STEM_RECEIPT);
    ok(probe.effects.count == 1 && sent &&
            envelope_id_equal(&sent->receipt.id, &a.id),
        "a receipt of ours goes to one peer");
    struct frame want = {.type = FRAME_WANT, .ids = {1, &a.id}};
    probe_frame(&probe, 5, &want);
    ok(probe_state(&probe, &a) == SHELF_STORED &&
            probe_count(&probe, RELAY_PUSH) == 1,
        "and clears nothing before it is shown");
    release(&probe, &a);
    ok(probe.effects.count == 0, "let go again, it goes nowhere");
    while (probe_state(&probe, &a) == SHELF_STORED)
        probe_tick(&probe, relay_deadline_ms(probe.relay) - probe.now_ms);
    ok(probe_count(&probe, RELAY_CLEAR) == 1 &&
            probe_count(&probe, RELAY_CLEARED) == 1 &&
            probe_count(&probe, RELAY_SEND) == LINKS,
        "then it clears, the vault is told, and it goes to all");

    for (uint32_t i = 10; i < 40; i++) {
        probe_write(&a, i, 0, 20);
        probe_push(&probe, 1, &a);
        stem_receipt(&probe, 2, &a);
        if (probe_sent(&probe, FRAME_STEM_RECEIPT))
            break;
    }
    ok(probe_sent(&probe, FRAME_STEM_RECEIPT) &&
            probe_effect(&probe, RELAY_SEND)->link != 2,
        "another's goes on");
    uint64_t far_ms = relay_deadline_ms(probe.relay);
    need(far_ms > probe.now_ms + STEM_JITTER_MS);
    release(&probe, &a);
    ok(relay_deadline_ms(probe.relay) == far_ms,
        "what our vault says of it ends no stem");
    stem_receipt(&probe, 3, &a);
    ok(probe.effects.count == 0 &&
            relay_deadline_ms(probe.relay) <= probe.now_ms + STEM_JITTER_MS,
        "but a circle does");
    probe_receipt(&probe, 3, &a, true);
    ok(probe_state(&probe, &a) == SHELF_CLEARED &&
            probe_count(&probe, RELAY_SEND) == LINKS - 1,
        "until one in the open clears it");
    stem_receipt(&probe, 2, &a);
    ok(probe.effects.count == 0 &&
            probe_refused(&probe, REFUSAL_DUPLICATE) == 1,
        "and then comes in vain");
    int32_t score = probe_look(&probe)->links[3].score;
    b.opening.bytes[0] ^= 1;
    probe_push(&probe, 1, &b);
    stem_receipt(&probe, 4, &b);
    ok(probe.effects.count == 0 &&
            probe_look(&probe)->links[3].score == score - 20,
        "a false one goes nowhere and costs 20");
    probe_free(&probe);
}

/* All that is brought goes on to the two that we dialled. */
static void links_part_and_meet(void)
{
    enum { EPOCHS = 40 };
    size_t together = 0;
    begin(&probe, LINKS - STEM_WAYS);
    for (uint8_t way = 0; way < STEM_WAYS; way++)
        dial((uint8_t)(LINKS - way));
    relay_one(&probe, 3, 1);
    ok(probe_look(&probe)->links[2].score == 1,
        "what is brought first is to its bringer's credit, hidden or not");
    for (uint32_t epoch = 1; epoch <= EPOCHS; epoch++) {
        relay_one(&probe, 1, 1000 * epoch);
        uint32_t first = stem_link(&probe);
        relay_one(&probe, 2, 1000 * epoch + 500);
        together += stem_link(&probe) == first;
        pass(&probe, LINKS, STEM_EPOCH_MS);
    }
    ok(together > 0 && together < EPOCHS,
        "with whom a link shares its way is drawn anew, too");
    probe_free(&probe);
}

static void early_receipts(void)
{
    begin(&probe, LINKS);
    probe_write(&a, 1, 0, 20);
    probe_submit(&probe, &a);
    release(&probe, &a);
    ok(probe.effects.count == 0 && relay_hides(probe.relay, &a.id),
        "a recall of what is hidden waits");
    wait_due(&probe);
    ok(probe_count(&probe, RELAY_PUSH) == LINKS &&
            probe_sent(&probe, FRAME_STEM_RECEIPT) &&
            probe_count(&probe, RELAY_CLEAR) == 0,
        "and goes on its own stem when that is shown");
    probe_write(&b, 2, 0, 20);
    stem_receipt(&probe, 1, &b);
    ok(probe.effects.count == 0 &&
            probe_refused(&probe, REFUSAL_EARLY_RECEIPT) == 1,
        "one for an unknown id waits, and is not passed on");
    probe_push(&probe, 2, &b);
    ok(probe_count(&probe, RELAY_PUSH) == LINKS - 1 &&
            probe_state(&probe, &b) == SHELF_STORED &&
            probe_count(&probe, RELAY_CLEAR) == 0,
        "hidden as it was when the envelope comes");
    probe_free(&probe);
}

static void bounds(void)
{
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = 64 * KIB});
    for (uint32_t link = 1; link <= 3; link++)
        say_hello(&probe, link, FEATURE_STEM);
    for (uint32_t i = 1; i <= 3; i++) {
        probe_write(&a, i, 3, 20);
        probe_submit(&probe, &a);
    }
    ok(probe_effect(&probe, RELAY_REFUSED)->reason == STATUS_FULL &&
            probe_look(&probe)->hidden == 2,
        "what is hidden takes room on the shelf");
    probe_free(&probe);

    struct stem room;
    struct random_seeded random;
    struct relay_effects effects;
    struct peer peers[3] = {{.link = 1}, {.link = 2}, {.link = 3}};
    struct peers three = {peers, 3};
    random_seeded_init(&random, 1, 0);
    relay_effects_init(&effects);
    struct turn turn = {
        .random = &random.base, .peers = &three, .effects = &effects};
    stem_init(&room, 1);
    for (uint32_t link = 1; link <= 3; link++)
        stem_link_open(&room, &turn, link, true, true);
    uint32_t count = 0;
    while (stem_may_hide(&room, &turn, 0)) {
        struct stem_item item = {.bytes = 512};
        memcpy(item.id.bytes, &count, sizeof(count));
        stem_hide(&room, &turn, 0, &item);
        count++;
    }
    ok(count == LIMIT_STEM_ITEMS && !stem_violation(&room),
        "a full room hides no more");
    struct stem_item out;
    turn.now_ms = 60000;
    while (stem_take_due(&room, &turn, &out))
        count--;
    ok(count == 0 && stem_deadline_ms(&room) == UINT64_MAX &&
            stem_may_hide(&room, &turn, 0),
        "all is shown in a minute");
    stem_link_down(&room, 1);
    stem_link_down(&room, 2);
    stem_link_down(&room, 3);
    ok(!stem_may_hide(&room, &turn, 0), "without a way nothing is hidden");
    room.ways[0] = room.ways[1] = 7;
    ok(stem_violation(&room), "two ways that are one show");
    room.ways[0] = 0;
    struct stem_item never = {.bytes = 512, .due_ms = 1};
    void *entry;
    need(table_add(&room.items, &never.id, &entry) == STATUS_OK);
    *(struct stem_item *)entry = never;
    room.due_ms = UINT64_MAX;
    ok(stem_violation(&room), "so does what would never be shown");
    stem_clear(&room);
    relay_effects_free(&effects);
}

int main(void)
{
    ones_own();
    ways();
    who_gets_one();
    alike();
    ends();
    nobody_can_ask();
    receipts();
    links_part_and_meet();
    early_receipts();
    bounds();
    return tap_done();
}
