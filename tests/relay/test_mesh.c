/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many relays together: what must hold of the mesh, whatever is lost. */
#include <inttypes.h>
#include <string.h>

#include "tests/relay/mesh.h"
#include "tests/tap.h"

enum { LETTERS = 40, NODES = 24 };

static struct mesh mesh; /* large */
static struct random_seeded source;

static void ring_with_chords(
    size_t nodes, uint64_t seed, const struct relay_config *config)
{
    mesh_init(&mesh, nodes, seed, config);
    for (size_t i = 0; i < nodes; i++) {
        mesh_connect(&mesh, i, (i + 1) % nodes);
        if (i % 3 == 0)
            mesh_connect(&mesh, i, (i + 7) % nodes);
    }
    mesh_run(&mesh, 5000);
}

static void write_letters(struct mesh_letter *letters, size_t count)
{
    for (size_t i = 0; i < count; i++)
        letters[i] = mesh_letter(&source.base, i % 5 == 0, 24);
}

static void free_letters(struct mesh_letter *letters, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mesh_letter_free(&letters[i]);
}

/* How many letters all nodes hold in that state. */
static size_t everywhere(
    const struct mesh_letter *letters, size_t count, enum shelf_state state)
{
    size_t complete = 0;
    for (size_t i = 0; i < count; i++)
        complete += mesh_holders(&mesh, &letters[i], state) == mesh.count;
    return complete;
}

static void letters_reach_all(void)
{
    struct mesh_letter letters[LETTERS];
    ring_with_chords(NODES, 1, &(struct relay_config){0});
    write_letters(letters, LETTERS);
    mesh_step(
        &mesh, 5, &(struct relay_event){.kind = RELAY_LISTEN, .listen = true});
    for (size_t i = 0; i < LETTERS; i++)
        mesh_submit(&mesh, i % NODES, &letters[i]);
    mesh_run(&mesh, 2000);
    size_t stored = 0;
    for (size_t i = 0; i < NODES; i++)
        stored += mesh.nodes[i].stored;
    ok(everywhere(letters, LETTERS, SHELF_STORED) == LETTERS,
        "every letter reaches every node");
    ok(stored == LETTERS * NODES, "each node stores each exactly once");
    ok(mesh.nodes[5].delivered == LETTERS - 2,
        "a listening vault is handed each that is not its own, once");
    ok(mesh.nodes[5].handed >= 2, "the sender learns how many have taken it");

    for (size_t i = 0; i < LETTERS; i++)
        mesh_release(&mesh, (i * 5 + 3) % NODES, &letters[i]);
    mesh_run(&mesh, 10000);
    ok(everywhere(letters, LETTERS, SHELF_CLEARED) == LETTERS,
        "a receipt let go anywhere clears every shelf");
    mesh_run(&mesh, 26 * HOUR_S * 1000);
    enum shelf_state state;
    ok(!relay_knows(mesh.nodes[3].relay, &letters[0].id, &state) &&
            mesh.nodes[3].stored == LETTERS,
        "after the expiry nothing is known, and nothing came back");
    free_letters(letters, LETTERS);
    mesh_free(&mesh);
}

static void who_was_away_catches_up(void)
{
    struct mesh_letter letters[LETTERS];
    ring_with_chords(NODES, 2, &(struct relay_config){0});
    write_letters(letters, LETTERS);
    for (size_t i = 0; i < LETTERS / 2; i++)
        mesh_submit(&mesh, 0, &letters[i]);
    mesh_run(&mesh, 2000);
    mesh_away(&mesh, 9, true);
    for (size_t i = LETTERS / 2; i < LETTERS; i++)
        mesh_submit(&mesh, 0, &letters[i]);
    for (size_t i = 0; i < 10; i++)
        mesh_release(&mesh, 4, &letters[i]);
    mesh_release(&mesh, 9, &letters[10]);
    mesh_run(&mesh, 10000);
    ok(mesh_holders(&mesh, &letters[LETTERS - 1], SHELF_STORED) == NODES - 1 &&
            mesh_holders(&mesh, &letters[0], SHELF_CLEARED) == NODES - 1,
        "who is away misses letters and receipts");
    mesh_away(&mesh, 9, false);
    mesh_run(&mesh, 130000);
    ok(everywhere(letters + 11, LETTERS - 11, SHELF_STORED) == LETTERS - 11,
        "and has every letter when it is back");
    ok(everywhere(letters, 11, SHELF_CLEARED) == 11,
        "and every receipt, and all have the one that it held");
    size_t stored = 0;
    for (size_t i = 0; i < NODES; i++)
        stored += mesh.nodes[i].stored;
    ok(stored == LETTERS * NODES, "each was stored exactly once, all the same");
    free_letters(letters, LETTERS);
    mesh_free(&mesh);
}

static void loss_is_made_good(void)
{
    struct mesh_letter letters[LETTERS];
    ring_with_chords(
        NODES, 3, &(struct relay_config){.reconcile_interval_ms = 20000});
    mesh.loss_percent = 25;
    write_letters(letters, LETTERS);
    for (size_t i = 0; i < LETTERS; i++)
        mesh_submit(&mesh, i % NODES, &letters[i]);
    mesh_run(&mesh, 3000);
    size_t at_once = everywhere(letters, LETTERS, SHELF_STORED);
    mesh_run(&mesh, 300000);
    printf("# 25 %% loss: %zu of %d everywhere at once\n", at_once, LETTERS);
    ok(everywhere(letters, LETTERS, SHELF_STORED) == LETTERS,
        "a quarter of all frames lost: every letter reaches every node");
    for (size_t i = 0; i < LETTERS; i++)
        mesh_release(&mesh, 7, &letters[i]);
    mesh_run(&mesh, 300000);
    ok(everywhere(letters, LETTERS, SHELF_CLEARED) == LETTERS,
        "and every receipt clears every shelf");
    free_letters(letters, LETTERS);
    mesh_free(&mesh);
}

/* Two nodes, one link; counts of bytes are taken from link-up on. */
static void pair(const struct mesh_letter *letters, size_t first, size_t second,
    uint64_t seed)
{
    mesh_init(&mesh, 2, seed, &(struct relay_config){0});
    for (size_t i = 0; i < first; i++)
        mesh_restore(&mesh, 0, &letters[i]);
    for (size_t i = 0; i < second; i++)
        mesh_restore(&mesh, 1, &letters[i]);
    mesh_connect(&mesh, 0, 1);
}

static void reconciliation_costs_little(void)
{
    enum { SAME = 10000, NEW = 100, ALL = SAME + NEW };
    static struct mesh_letter letters[ALL];
    for (size_t i = 0; i < ALL; i++)
        letters[i] = mesh_letter(
            &source.base, 0, i < SAME ? (uint32_t)(2 + i / 200) : 52);

    pair(letters, SAME, SAME, 4);
    mesh_run(&mesh, 5000);
    uint64_t bytes = mesh_sent(&mesh, FRAME_RECONCILE, true);
    printf("# equal sets: %" PRIu64 " bytes\n", bytes);
    ok(mesh_sent(&mesh, FRAME_RECONCILE, false) == 2 && bytes < 64,
        "equal sets cost one small frame each way");
    mesh_free(&mesh);

    for (int way = 0; way < 2; way++) {
        pair(letters, way ? SAME : ALL, way ? ALL : SAME, 5);
        mesh_run(&mesh, 5000);
        bytes = mesh_sent(&mesh, FRAME_RECONCILE, true) +
                mesh_sent(&mesh, FRAME_WANT, true);
        printf("# %d new of %d: %" PRIu64 " bytes, %" PRIu64
               " a difference, %" PRIu64 " frames\n",
            NEW, ALL, bytes, bytes / NEW,
            mesh_sent(&mesh, FRAME_RECONCILE, false));
        ok(bytes <= 35 * NEW && mesh.nodes[way ? 0 : 1].stored == ALL,
            way ? "the other way round likewise"
                : "100 new among 10,000 cost at most 35 bytes each");
        mesh_free(&mesh);
    }

    pair(letters, ALL, 0, 6);
    mesh_run(&mesh, 120000);
    printf("# %d to an empty shelf: %" PRIu64 " bytes of ids each\n", ALL,
        (mesh_sent(&mesh, FRAME_RECONCILE, true) +
            mesh_sent(&mesh, FRAME_WANT, true)) /
            ALL);
    ok(mesh.nodes[1].stored == ALL, "an empty shelf is filled in batches");
    static struct relay_view view;
    relay_look(mesh.nodes[1].relay, &view);
    ok(view.refused[REFUSAL_RATE] == 0 && view.refused[REFUSAL_DUPLICATE] == 0,
        "and nothing of it is refused or comes twice");
    mesh_free(&mesh);
    free_letters(letters, ALL);
}

static void differences_both_ways(void)
{
    enum { ALL = 3000 };
    static struct mesh_letter letters[ALL];
    mesh_init(&mesh, 2, 8, &(struct relay_config){0});
    for (size_t i = 0; i < ALL; i++) {
        letters[i] = mesh_letter(&source.base, i % 50 == 0 ? 2 : 0,
            (uint32_t)(2 + random_below(&source.base, 100)));
        if (i % 3 != 0)
            mesh_restore(&mesh, 0, &letters[i]);
        if (i % 3 != 1)
            mesh_restore(&mesh, 1, &letters[i]);
    }
    for (size_t i = 2; i < ALL; i += 6)
        mesh_release(&mesh, 0, &letters[i]); /* 500 receipts the other lacks */
    mesh_connect(&mesh, 0, 1);
    mesh_run(&mesh, 120000);
    size_t cleared = 0, stored = 0;
    for (size_t i = 0; i < ALL; i++) {
        cleared += mesh_holders(&mesh, &letters[i], SHELF_CLEARED) == 2;
        stored += mesh_holders(&mesh, &letters[i], SHELF_STORED) == 2;
    }
    ok(stored == ALL - 500 && cleared == 500,
        "2,000 letters and 500 receipts scattered both ways all arrive");
    mesh_free(&mesh);
    free_letters(letters, ALL);
}

static void a_split_heals(void)
{
    struct mesh_letter letters[LETTERS];
    mesh_init(&mesh, 12, 9, &(struct relay_config){0});
    for (size_t i = 0; i + 1 < 12; i++) /* a line: every link counts */
        mesh_connect(&mesh, i, i + 1);
    mesh_run(&mesh, 3000);
    mesh.unlinked = true;
    mesh_away(&mesh, 6, true);
    write_letters(letters, LETTERS);
    for (size_t i = 0; i < LETTERS; i++)
        mesh_submit(&mesh, i % 2 ? 0 : 11, &letters[i]);
    mesh_run(&mesh, 60000);
    size_t before = everywhere(letters, LETTERS, SHELF_STORED);
    mesh.unlinked = false;
    mesh_away(&mesh, 6, false);
    mesh_run(&mesh, 180000);
    ok(before == 0 && everywhere(letters, LETTERS, SHELF_STORED) == LETTERS,
        "a line that was cut and joined again is one mesh again");
    free_letters(letters, LETTERS);
    mesh_free(&mesh);
}

static uint64_t trace_of(uint64_t seed, uint64_t tick_ms)
{
    struct mesh_letter letters[LETTERS];
    random_seeded_init(&source, 77, 0);
    mesh_init(
        &mesh, 8, seed, &(struct relay_config){.reconcile_interval_ms = 9000});
    mesh.tick_ms = tick_ms;
    mesh.loss_percent = 10;
    for (size_t i = 0; i < 8; i++)
        mesh_connect(&mesh, i, (i + 1) % 8);
    write_letters(letters, LETTERS);
    for (size_t i = 0; i < LETTERS; i++) {
        mesh_submit(&mesh, i % 8, &letters[i]);
        mesh_run(&mesh, 700);
        if (i == 20)
            mesh_away(&mesh, 3, true);
        if (i == 30)
            mesh_away(&mesh, 3, false);
    }
    mesh_run(&mesh, 200000);
    uint64_t trace = mesh.trace;
    free_letters(letters, LETTERS);
    mesh_free(&mesh);
    return trace;
}

static void time_and_chance_are_all(void)
{
    uint64_t once = trace_of(10, 0);
    ok(trace_of(10, 0) == once, "one seed gives one trace");
    ok(trace_of(11, 0) != once, "another seed gives another");
    ok(trace_of(10, 7) == once,
        "stepping at deadlines alone is the same as ticking all the time");
}

int main(void)
{
    random_seeded_init(&source, 42, 0);
    letters_reach_all();
    who_was_away_catches_up();
    loss_is_made_good();
    reconciliation_costs_little();
    differences_both_ways();
    a_split_heals();
    time_and_chance_are_all();
    return tap_done();
}
