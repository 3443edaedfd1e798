/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mail that a person brings by hand: admitted as a peer's is, and passed on by
 * reconciliation. */
#include <string.h>

#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter a, b;

/* What became of it; the refusal is REFUSAL_COUNT when it was taken. */
static enum refusal outcome(bool is_receipt)
{
    const struct relay_effect *effect = probe_effect(&probe, RELAY_IMPORTED);
    need(effect && effect->import.is_receipt == is_receipt);
    return effect->import.taken ? REFUSAL_COUNT : effect->import.why;
}

static enum refusal import(const struct probe_letter *letter)
{
    struct relay_event event = {.kind = RELAY_IMPORT,
        .import = {.id = letter->id, .envelope = &letter->envelope}};
    probe_step(&probe, &event);
    return outcome(false);
}

static enum refusal import_receipt(
    const struct probe_letter *letter, bool honest)
{
    struct relay_event event = {.kind = RELAY_IMPORT,
        .import = {.id = letter->id, .opening = letter->opening}};
    event.import.opening.bytes[0] ^= !honest;
    probe_step(&probe, &event);
    return outcome(true);
}

static void listen_on(bool on)
{
    struct relay_event event = {.kind = RELAY_LISTEN, .listen = on};
    probe_step(&probe, &event);
}

static void test_envelopes(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_write(&a, 1, 0, 20);
    probe_open(&probe, 1, 1);
    listen_on(true);
    ok(import(&a) == REFUSAL_COUNT && probe_count(&probe, RELAY_STORE) == 1 &&
            probe_state(&probe, &a) == SHELF_STORED,
        "what is new is stored");
    ok(probe_count(&probe, RELAY_DELIVER) == 1,
        "and handed to the vault that listens");
    ok(probe_count(&probe, RELAY_PUSH) == 0 &&
            probe_count(&probe, RELAY_SEND) == 0,
        "and pushed at nobody");
    probe_tick(&probe, 5000);
    ok(probe_sent(&probe, FRAME_RECONCILE) != NULL,
        "but soon compared with the neighbours'");
    ok(import(&a) == REFUSAL_DUPLICATE && probe_count(&probe, RELAY_STORE) == 0,
        "what is known is not stored again");
    listen_on(false);
    probe_write(&b, 9, 0, 20);
    b.envelope.stamp[0] = 5;
    ok(import(&b) == REFUSAL_FALSE_STAMP, "a false stamp is refused");
    probe_write(&b, 2, 0, 20);
    ok(import(&b) == REFUSAL_COUNT && probe_count(&probe, RELAY_DELIVER) == 0,
        "a locked vault is handed nothing");
    probe_write(&b, 3, 0, -5);
    ok(import(&b) == REFUSAL_EXPIRED, "what has expired is refused");
    probe_write(&b, 4, 0, 24 * 20);
    ok(import(&b) == REFUSAL_TOO_FAR_AHEAD, "so is what expires too late");
    ok(probe_refused(&probe, REFUSAL_EXPIRED) == 1 &&
            probe_refused(&probe, REFUSAL_TOO_FAR_AHEAD) == 1 &&
            probe_refused(&probe, REFUSAL_DUPLICATE) == 1,
        "each counted by its reason");
    probe_free(&probe);
}

static void test_quota(void)
{
    probe_init(
        &probe, &(struct relay_config){.shelf_quota_bytes = 8 * 32 * 1024});
    for (uint32_t i = 1; i <= 2; i++) {
        probe_write(&a, i, 3, 40);
        need(import(&a) == REFUSAL_COUNT);
    }
    probe_write(&a, 3, 3, 90);
    ok(import(&a) == REFUSAL_NO_ROOM,
        "of what comes by hand no more is kept than a quarter of the shelf");
    probe_write(&a, 4, 0, 20);
    ok(import(&a) == REFUSAL_COUNT && probe_count(&probe, RELAY_EVICT) == 1,
        "unless it is worth more, and takes the place of its like");
    probe_open(&probe, 1, 1);
    probe_write(&a, 5, 3, 90);
    probe_push(&probe, 1, &a);
    ok(probe_state(&probe, &a) == SHELF_STORED &&
            probe_count(&probe, RELAY_EVICT) == 0,
        "so a bundle keeps nobody else's mail from the shelf");
    probe_free(&probe);
}

static void test_receipts(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_open(&probe, 1, 1);
    probe_write(&a, 1, 0, 20);
    need(import(&a) == REFUSAL_COUNT);
    ok(import_receipt(&a, false) == REFUSAL_FALSE_RECEIPT &&
            probe_state(&probe, &a) == SHELF_STORED,
        "a false receipt clears nothing");
    ok(import_receipt(&a, true) == REFUSAL_COUNT &&
            probe_count(&probe, RELAY_CLEAR) == 1 &&
            probe_count(&probe, RELAY_CLEARED) == 1,
        "a true one clears, and the vault is told");
    ok(import_receipt(&a, true) == REFUSAL_DUPLICATE, "once");
    ok(import(&a) == REFUSAL_DUPLICATE && probe_count(&probe, RELAY_STORE) == 0,
        "what is cleared does not come back by hand");
    probe_write(&b, 2, 0, 20);
    ok(import_receipt(&b, true) == REFUSAL_EARLY_RECEIPT &&
            probe_state(&probe, &b) < 0,
        "a receipt for what is not known waits");
    ok(import(&b) == REFUSAL_COUNT && probe_state(&probe, &b) == SHELF_CLEARED,
        "and clears it when it comes, by hand too");
    probe_free(&probe);
}

int main(void)
{
    test_envelopes();
    test_quota();
    test_receipts();
    return tap_done();
}
