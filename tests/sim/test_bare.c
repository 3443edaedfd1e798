/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters without vaults: as many envelopes as letters, of the sizes that
 * vaults make, shown once and confirmed, whatever a node loses meanwhile. */
#include <string.h>

#include "sim/bare.h"
#include "sim/simulation.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

enum { LETTERS = 30 };

struct outcome {
    struct trace trace;
    uint32_t envelopes;
    uint32_t shown, receipts;
    uint64_t stored; /* when all is over */
    uint64_t violations;
    uint8_t classes[LETTERS];
    uint32_t confirmed_by_others;
};

static void look_at_letters(const struct world *world, struct outcome *out)
{
    for (uint32_t i = 0; i < world->letters.count; i++) {
        const struct letter_fate *fate = &world->letters.list[i];
        const struct slab_item *item = slab_item(&world->slab, fate->envelope);
        out->classes[i] = item->envelope.class_;
        out->confirmed_by_others += item->confirmed_by != fate->to;
    }
}

static struct outcome run(bool wire, const char *const assignments[])
{
    struct simulation simulation;
    struct measures measures;
    struct outcome out = {.envelopes = 0};
    setup_run(&simulation, wire, assignments);
    while (simulation_advance(&simulation))
        continue;
    need(simulation_finish(&simulation, &measures) == STATUS_OK);
    const struct world *world = &simulation.world;
    out.trace = world->trace;
    out.envelopes = world->slab.count;
    out.shown = world->letters.shown;
    out.receipts = world->letters.receipts;
    out.stored = world->counts.stored;
    out.violations = world->oracle.violation_count;
    if (out.violations)
        printf("# %s\n", world->oracle.first.text);
    look_at_letters(world, &out);
    simulation_clear(&simulation);
    return out;
}
#define SET(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Sizes around the ends of each class, and all between. */
#define MESH                                                                   \
    "mesh.nodes=20", "mesh.degree=4", "mesh.duration=20min",                   \
        "workload.letters=30", "workload.pairs=8", "workload.text=16B",        \
        "workload.text_most=24KiB"

static bool is_same(const struct trace *a, const struct trace *b)
{
    return a->low == b->low && a->high == b->high;
}

static void test_run(void)
{
    struct outcome none = run(false, SET(MESH, "node.crypto=none")),
                   real = run(false, SET(MESH)),
                   wire = run(true, SET(MESH, "node.crypto=none")),
                   other =
                       run(false, SET(MESH, "node.crypto=none", "mesh.seed=2"));
    ok(none.shown == LETTERS && none.receipts == LETTERS &&
            none.violations == 0,
        "all letters are shown, and their writers know");
    ok(none.envelopes == LETTERS && real.envelopes > LETTERS,
        "each is one envelope, and nothing else is");
    ok(none.stored == 0 && none.confirmed_by_others == 0,
        "recipients let the receipts go, and these clear the shelves");
    ok(memcmp(none.classes, real.classes, LETTERS) == 0,
        "envelopes are as large as vaults make them");
    ok(is_same(&none.trace, &wire.trace),
        "encoded on the wire it is the same run");
    ok(!is_same(&none.trace, &other.trace), "and by another seed another");
}

/* All nodes lose their shelves while all mail is under way, or has come and is
 * not confirmed. */
static void test_loss(void)
{
    struct outcome under_way = run(false,
        SET(MESH, "node.crypto=none", "links.latency=2s", "workload.first=5s",
            "workload.over=1s", "workload.urgent=1.0", "faults.crash_at=6500ms",
            "faults.crash_share=1.0", "faults.crash_for=20s",
            "faults.crash_disk=lost"));
    ok(under_way.shown == LETTERS && under_way.violations == 0 &&
            under_way.envelopes == LETTERS,
        "what all relays lost is given again, and is the same envelope");
    struct outcome come = run(false,
        SET(MESH, "node.crypto=none", "workload.first=5s", "workload.over=1s",
            "workload.urgent=1.0", "node.receipt=30s", "faults.crash_at=8s",
            "faults.crash_share=1.0", "faults.crash_for=60s",
            "faults.crash_disk=lost"));
    ok(come.shown == LETTERS && come.receipts == LETTERS &&
            come.violations == 0,
        "and what was shown before is shown once, and confirmed after");
    struct outcome kept = run(false,
        SET(MESH, "node.crypto=none", "workload.first=5s", "workload.over=1s",
            "workload.urgent=1.0", "node.receipt=30s", "faults.crash_at=8s",
            "faults.crash_share=1.0", "faults.crash_for=60s"));
    ok(kept.receipts == LETTERS && kept.violations == 0,
        "nor does a receipt get lost whose time came while its node was away");
}

static void test_no_receipts(void)
{
    struct outcome none =
        run(false, SET(MESH, "node.crypto=none", "node.receipts=off"));
    ok(none.shown == LETTERS && none.receipts == 0 && none.stored > 0 &&
            none.violations == 0,
        "without receipts nobody knows");
}

static void test_relay_is_no_vault(void)
{
    static struct world world;
    struct scene scene = {.world = &world, .node = 3};
    const struct oracle *oracle = &world.oracle;
    bare_port(&scene, &(struct port_message){.type = PORT_HANDED});
    ok(oracle->violation_count == 0, "a relay may say that mail was handed on");
    bare_port(&scene, &(struct port_message){.type = PORT_LISTEN});
    ok(oracle->violation_count == 1 && oracle->first.node == 3 &&
            strcmp(oracle->first.text, "a relay spoke as a vault") == 0,
        "but what vaults say is caught");
}

int main(void)
{
    test_relay_is_no_vault();
    test_run();
    test_loss();
    test_no_receipts();
    return tap_done();
}
