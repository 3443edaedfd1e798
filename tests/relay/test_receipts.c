/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receipts, and how the own vault and its relay talk about an envelope. */
#include <string.h>

#include "relay/receipts.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter a, b;

static void release(const struct probe_letter *letter, bool honest)
{
    struct relay_event event = {.kind = RELAY_RELEASE,
        .release = {.id = letter->id, .opening = letter->opening}};
    event.release.opening.bytes[0] ^= !honest;
    probe_step(&probe, &event);
}

static void a_receipt_clears(void)
{
    probe_init(&probe, &(struct relay_config){0});
    for (uint32_t i = 1; i <= 3; i++)
        probe_open(&probe, i, (uint8_t)i);
    probe_write(&a, 1, 0, 20);
    probe_push(&probe, 1, &a);
    ok(probe_count(&probe, RELAY_PUSH) == 2, "an envelope goes to the others");
    probe_receipt(&probe, 2, &a, false);
    ok(probe_state(&probe, &a) == SHELF_STORED &&
            probe_refused(&probe, REFUSAL_FALSE_RECEIPT) == 1 &&
            probe_look(&probe)->links[1].score == -20,
        "a false receipt clears nothing and costs 20");
    probe_receipt(&probe, 2, &a, true);
    ok(probe_state(&probe, &a) == SHELF_CLEARED &&
            probe_count(&probe, RELAY_CLEAR) == 1 &&
            probe_count(&probe, RELAY_CLEARED) == 1 &&
            probe_count(&probe, RELAY_SEND) == 2,
        "a true one clears it, tells the vault, and goes to the others");
    ok(probe_look(&probe)->shelf_cleared == 1 &&
            probe_look(&probe)->shelf_saved_bytes == 512 &&
            probe_look(&probe)->shelf_bytes == 0,
        "and what that saves is counted");
    probe_receipt(&probe, 3, &a, true);
    ok(probe_count(&probe, RELAY_SEND) == 0 &&
            probe_refused(&probe, REFUSAL_DUPLICATE) == 1,
        "once");
    probe_push(&probe, 3, &a);
    ok(probe_count(&probe, RELAY_STORE) == 0 &&
            probe_effect(&probe, RELAY_SEND)->link == 3 &&
            probe_sent(&probe, FRAME_RECEIPT),
        "who offers it after that is given the receipt");
    struct frame want = {.type = FRAME_WANT, .ids = {.count = 1, .ids = &a.id}};
    probe_frame(&probe, 1, &want);
    ok(probe_count(&probe, RELAY_PUSH) == 0 &&
            probe_sent(&probe, FRAME_RECEIPT),
        "so is who asks for it");

    probe_write(&b, 2, 0, 20);
    probe_receipt(&probe, 1, &b, true);
    ok(probe_count(&probe, RELAY_SEND) == 0 && probe_state(&probe, &b) < 0 &&
            probe_refused(&probe, REFUSAL_EARLY_RECEIPT) == 1,
        "a receipt for an unknown id waits, and is not passed on");
    probe_push(&probe, 2, &b);
    ok(probe_state(&probe, &b) == SHELF_CLEARED &&
            probe_count(&probe, RELAY_PUSH) == 0 &&
            probe_count(&probe, RELAY_SEND) == 2,
        "until the envelope comes, which is cleared at once");
    probe_write(&b, 3, 0, 20);
    probe_receipt(&probe, 1, &b, false);
    probe_push(&probe, 2, &b);
    ok(probe_state(&probe, &b) == SHELF_STORED &&
            probe_count(&probe, RELAY_PUSH) == 2,
        "a false one that waited does no harm");
    probe_free(&probe);
}

static void the_vault_is_told(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_write(&a, 1, 0, 20);
    probe_submit(&probe, &a);
    ok(probe_count(&probe, RELAY_STORE) == 1 &&
            probe_count(&probe, RELAY_HANDED) == 0,
        "alone, an envelope is kept and handed to nobody");
    probe_open(&probe, 1, 1);
    probe_open(&probe, 2, 2);
    struct frame want = {.type = FRAME_WANT, .ids = {.count = 1, .ids = &a.id}};
    probe_frame(&probe, 1, &want);
    ok(probe_effect(&probe, RELAY_HANDED)->peers == 1, "who takes it counts");
    probe_push(&probe, 2, &a);
    ok(probe_effect(&probe, RELAY_HANDED)->peers == 2, "who has it counts too");
    probe_frame(&probe, 1, &want);
    ok(probe_count(&probe, RELAY_HANDED) == 0, "each once");
    probe_down(&probe, 1);
    probe_open(&probe, 3, 1);
    probe_frame(&probe, 3, &want);
    ok(probe_count(&probe, RELAY_HANDED) == 0, "however often it reconnects");
    probe_submit(&probe, &a);
    ok(probe_effect(&probe, RELAY_HANDED)->peers == 2 &&
            probe_count(&probe, RELAY_PUSH) == 0,
        "submitted again, it is reported again and not pushed again");
    release(&a, false);
    ok(probe_effect(&probe, RELAY_REFUSED)->reason == STATUS_REFUSED &&
            probe_state(&probe, &a) == SHELF_STORED,
        "a wrong opening of our own is refused");
    release(&a, true);
    ok(probe_count(&probe, RELAY_CLEAR) == 1 &&
            probe_count(&probe, RELAY_CLEARED) == 1 &&
            probe_count(&probe, RELAY_SEND) == 2,
        "a right one clears and goes to all");
    release(&a, true);
    ok(probe_count(&probe, RELAY_CLEARED) == 1 &&
            probe_count(&probe, RELAY_SEND) == 0,
        "once");
    probe_submit(&probe, &a);
    ok(probe_count(&probe, RELAY_CLEARED) == 1 &&
            probe_count(&probe, RELAY_STORE) == 0,
        "submitted after that, it is reported cleared");
    probe_write(&b, 2, 0, 20);
    release(&b, true);
    probe_push(&probe, 2, &b);
    ok(probe_state(&probe, &b) == SHELF_CLEARED,
        "an opening let go before its envelope came clears it then");
    probe_write(&b, 3, 0, -5);
    probe_submit(&probe, &b);
    ok(probe_effect(&probe, RELAY_REFUSED)->reason == STATUS_EXPIRED,
        "what has expired is refused with its reason");

    struct tag tags[2] = {{{1}}, {{2}}};
    probe_step(&probe, &(struct relay_event){.kind = RELAY_LOOKUP,
                           .lookup = {.count = 2, .tags = tags}});
    ok(probe_count(&probe, RELAY_FIND) == 2, "each tag is looked up");
    probe_write(&b, 4, 0, 20);
    probe_push(&probe, 2, &b);
    ok(probe_count(&probe, RELAY_DELIVER) == 0,
        "who does not listen hears nothing");
    probe_step(
        &probe, &(struct relay_event){.kind = RELAY_LISTEN, .listen = true});
    probe_write(&b, 5, 0, 20);
    probe_push(&probe, 2, &b);
    ok(probe_count(&probe, RELAY_DELIVER) == 1, "who listens hears");
    probe_free(&probe);
}

/* As after a restart, in which who has had it was forgotten. */
static void what_is_stored_and_submitted_is_counted(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_write(&a, 1, 0, 20);
    probe_open(&probe, 1, 1);
    probe_push(&probe, 1, &a);
    probe_submit(&probe, &a);
    struct envelope_id id = a.id;
    probe_open(&probe, 2, 2);
    probe_frame(
        &probe, 2, &(struct frame){.type = FRAME_IHAVE, .ids = {1, &id}});
    const struct relay_effect *handed = probe_effect(&probe, RELAY_HANDED);
    ok(handed && handed->peers == 1,
        "who has one's own is counted although it was here before");
    probe_free(&probe);
}

/* One's own is hidden, and one who was not given it brings it: it has been
 * shown, and goes to the others. */
static void who_brings_what_is_hidden_is_counted(void)
{
    enum { LINKS = 4 };
    uint32_t peers = 0;
    probe_init(&probe, &(struct relay_config){0});
    for (uint32_t link = 1; link <= LINKS; link++)
        probe_open_with(&probe, link, FEATURE_TREE | FEATURE_STEM);
    probe_write(&a, 1, 0, 20);
    probe_submit(&probe, &a);
    const struct relay_effect *way = probe_effect(&probe, RELAY_STEM);
    need(way);
    probe_push(&probe, way->link % LINKS + 1, &a);
    need(probe_count(&probe, RELAY_PUSH) == LINKS - 1);
    for (size_t i = 0; i < probe.effects.count; i++)
        if (probe.effects.list[i].kind == RELAY_HANDED)
            peers = probe.effects.list[i].peers;
    ok(peers == LINKS, "who brings one's own that is hidden has it, too");
    probe_free(&probe);
}

static void what_had_no_room_is_not_counted(void)
{
    enum { ROOM = 16 };
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = ROOM * 512});
    for (uint32_t i = 0; i <= ROOM; i++) {
        probe_write(&b, i, 0, 20);
        probe_submit(&probe, &b);
    }
    const struct relay_effect *refused = probe_effect(&probe, RELAY_REFUSED);
    need(refused && refused->reason == STATUS_FULL);
    probe_write(&a, 0, 0, 20);
    release(&a, true);
    probe_open(&probe, 1, 1);
    probe_push(&probe, 1, &b);
    ok(probe_state(&probe, &b) == SHELF_STORED &&
            probe_count(&probe, RELAY_HANDED) == 0,
        "nobody counts for what was refused, whoever brings it");
    probe_free(&probe);
}

static void the_waiting_room_is_bounded(void)
{
    struct receipts receipts;
    struct peers none = {0};
    struct relay_effects effects;
    relay_effects_init(&effects);
    struct turn turn = {.peers = &none, .effects = &effects};
    receipts_init(&receipts, 1);
    struct receipt_waiting one = {.from = 1}, out;
    for (uint32_t i = 0; i < LIMIT_WAITING_RECEIPTS + 10; i++) {
        memcpy(one.id.bytes, &i, sizeof(i));
        memcpy(one.opening.bytes, &i, sizeof(i));
        receipts_wait(&receipts, &turn, &one);
    }
    ok(!receipts_violation(&receipts) &&
            receipts.waiting.count == LIMIT_WAITING_RECEIPTS,
        "a full waiting room stays as large");
    uint32_t ten = 10, nine = 9;
    memcpy(one.id.bytes, &nine, sizeof(nine));
    ok(!receipts_take(&receipts, &one.id, &out), "the oldest went");
    memcpy(one.id.bytes, &ten, sizeof(ten));
    ok(receipts_take(&receipts, &one.id, &out) &&
            memcmp(out.opening.bytes, &ten, sizeof(ten)) == 0 &&
            !receipts_take(&receipts, &one.id, &out),
        "the others are there, once");
    one.is_hidden = true;
    receipts_wait(&receipts, &turn, &one);
    one.is_hidden = false;
    receipts_wait(&receipts, &turn, &one);
    ok(receipts_take(&receipts, &one.id, &out) && !out.is_hidden,
        "what waits hidden is no longer so when it comes in the open");
    ok(!receipts_violation(&receipts), "and what was taken keeps no place");
    receipts.order[0] = one.id;
    ok(receipts_violation(&receipts), "an order that names a stranger shows");
    receipts_clear(&receipts);
    relay_effects_free(&effects);
}

int main(void)
{
    a_receipt_clears();
    the_vault_is_told();
    what_is_stored_and_submitted_is_counted();
    who_brings_what_is_hidden_is_counted();
    what_had_no_room_is_not_counted();
    the_waiting_room_is_bounded();
    return tap_done();
}
