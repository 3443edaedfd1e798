/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a key needs is seldom another key alone, so each rule asks the whole.
 * Left out is what needs a look at more than the scenario: a trace's nodes, or
 * a letter's size in a file of letters. */
#include "sim/moot.h"

#include <string.h>

#include "sim/blame.h"
#include "sim/settings.h"

static bool has_split(const struct scenario *s)
{
    return s->partition_for_us > 0;
}

static bool has_crash(const struct scenario *s)
{
    return s->crash_share_ppm > 0;
}

static bool has_deaths(const struct scenario *s)
{
    return s->kill_share_ppm > 0;
}

static bool has_slow(const struct scenario *s)
{
    return s->slow_share_ppm > 0;
}

static bool has_skew(const struct scenario *s)
{
    return s->skew_share_ppm > 0;
}

static bool has_churn(const struct scenario *s)
{
    return s->session_us > 0;
}

static bool stays(const struct scenario *s)
{
    return s->mobility == MOBILITY_NONE;
}

static bool moves_itself(const struct scenario *s)
{
    return s->mobility == MOBILITY_WAYPOINT || s->mobility == MOBILITY_WALK;
}

static bool has_degree(const struct scenario *s)
{
    return s->topology == TOPOLOGY_RANDOM_REGULAR ||
           s->topology == TOPOLOGY_ERDOS_RENYI ||
           s->topology == TOPOLOGY_WATTS_STROGATZ ||
           s->topology == TOPOLOGY_BARABASI_ALBERT;
}

static bool is_watts_strogatz(const struct scenario *s)
{
    return s->topology == TOPOLOGY_WATTS_STROGATZ;
}

static bool is_grid(const struct scenario *s)
{
    return s->topology == TOPOLOGY_GRID;
}

static bool is_geometric(const struct scenario *s)
{
    return s->topology == TOPOLOGY_GEOMETRIC;
}

static bool is_join(const struct scenario *s)
{
    return s->topology == TOPOLOGY_JOIN;
}

static bool has_told(const struct scenario *s)
{
    for (int role = ROLE_HONEST + 1; role < ROLE_COUNT; role++)
        if (s->role_ppm[role] && is_join(s))
            return true;
    return false;
}

static bool has_attack(const struct scenario *s)
{
    return settings_meets(s, NEED_ATTACK);
}

static bool has_rate(const struct scenario *s)
{
    return s->role_ppm[ROLE_REPLAYER] || s->role_ppm[ROLE_FORGER] ||
           s->role_ppm[ROLE_FLOODER];
}

static bool has_delayers(const struct scenario *s)
{
    return s->role_ppm[ROLE_DELAYER] > 0;
}

static bool has_flood(const struct scenario *s)
{
    return s->role_ppm[ROLE_FLOODER] > 0;
}

static bool has_valid_flood(const struct scenario *s)
{
    return has_flood(s) && s->flood != FLOOD_STAMPS;
}

static bool has_working_flood(const struct scenario *s)
{
    return has_flood(s) && s->flood == FLOOD_WORK;
}

static bool has_sybils(const struct scenario *s)
{
    return s->role_ppm[ROLE_SYBIL] > 0;
}

static bool has_flash(const struct scenario *s)
{
    return s->role_ppm[ROLE_FLASH] > 0;
}

static bool draws_letters(const struct scenario *s)
{
    return !s->messages[0];
}

static bool has_groups(const struct scenario *s)
{
    return s->groups > 0;
}

static bool has_files(const struct scenario *s)
{
    return s->files > 0;
}

static bool has_receipts(const struct scenario *s)
{
    return s->receipts == SWITCH_ON;
}

static const struct moot_rule rules[] = {
    {"mesh.topology", stays, "mobility.model",
        "where nodes move, [mobility] model"},
    {"mesh.degree", has_degree, "mesh.topology",
        "with a [mesh] topology other than random-regular, erdos-renyi, "
        "watts-strogatz and barabasi-albert"},
    {"mesh.rewire", is_watts_strogatz, "mesh.topology",
        "without [mesh] topology = watts-strogatz"},
    {"mesh.width", is_grid, "mesh.topology", "without [mesh] topology = grid"},
    {"mesh.radius", is_geometric, "mesh.topology",
        "without [mesh] topology = geometric"},
    {"mesh.contacts node.pins", is_join, "mesh.topology",
        "without [mesh] topology = join"},
    {"mobility.area mobility.reach mobility.speed mobility.speed_most "
     "mobility.pause mobility.step",
        moves_itself, "mobility.model",
        "without [mobility] model = waypoint or walk"},
    {"churn.downtime churn.share churn.graceful churn.from churn.until",
        has_churn, "churn.session", "without churn, [churn] session"},
    {"faults.partition_at faults.partition_share faults.partition_every "
     "faults.partition_times",
        has_split, "faults.partition_for",
        "without a split, [faults] partition_for"},
    {"faults.crash_at faults.crash_for faults.crash_disk", has_crash,
        "faults.crash_share", "without a crash, [faults] crash_share"},
    {"faults.kill_at", has_deaths, "faults.kill_share",
        "where no node fails for good, [faults] kill_share"},
    {"faults.slow_bandwidth", has_slow, "faults.slow_share",
        "without slow nodes, [faults] slow_share"},
    {"faults.skew faults.skew_at", has_skew, "faults.skew_share",
        "where no clock is off, [faults] skew_share"},
    {"adversaries.told", has_told, SETTINGS_ADVERSARIES " mesh.topology",
        "without a share of [adversaries] in a mesh of [mesh] topology = join"},
    {"adversaries.from", has_attack,
        "adversaries.replayers adversaries.forgers adversaries.flooders "
        "adversaries.sybils adversaries.grinders",
        "without a share of [adversaries] replayers, forgers, flooders, sybils "
        "or grinders"},
    {"adversaries.rate", has_rate,
        "adversaries.replayers adversaries.forgers adversaries.flooders",
        "without a share of [adversaries] replayers, forgers or flooders"},
    {"adversaries.delay", has_delayers, "adversaries.delayers",
        "without a share of [adversaries] delayers"},
    {"adversaries.flood", has_flood, "adversaries.flooders",
        "without a share of [adversaries] flooders"},
    {"adversaries.life", has_valid_flood,
        "adversaries.flooders adversaries.flood",
        "without [adversaries] flooders of flood = mail or work"},
    {"adversaries.cores", has_working_flood,
        "adversaries.flooders adversaries.flood",
        "without [adversaries] flooders of flood = work"},
    {"adversaries.victims", has_sybils, "adversaries.sybils",
        "without a share of [adversaries] sybils"},
    {"adversaries.flash_at", has_flash, "adversaries.flash",
        "without a share of [adversaries] flash"},
    {"workload.letters", draws_letters, "workload.messages",
        "where letters are read from a file, [workload] messages"},
    {"workload.group_size workload.group_letters", has_groups,
        "workload.groups", "without [workload] groups"},
    {"workload.file_size workload.file_size_most", has_files, "workload.files",
        "without [workload] files"},
    {"node.receipt", has_receipts, "node.receipts",
        "where no receipt reaches a relay, [node] receipts = off"},
};

const struct moot_rule *moot_rules(size_t *count)
{
    *count = sizeof(rules) / sizeof(rules[0]);
    return rules;
}

static bool is_given(const struct scenario *scenario, const char *key)
{
    char section[64];
    size_t count;
    snprintf(section, sizeof(section), "%s", key);
    char *dot = strchr(section, '.');
    *dot = '\0';
    const struct setting *setting = settings_find(section, dot + 1);
    return scenario->given[setting - settings_all(&count)].is_given;
}

static size_t print_given(
    FILE *file, const struct scenario *scenario, const struct moot_rule *rule)
{
    size_t printed = 0;
    for (const char *keys = rule->keys; *keys; keys += strspn(keys, " ")) {
        char key[64];
        size_t size = strcspn(keys, " ");
        struct complaint complaint;
        snprintf(key, sizeof(key), "%.*s", (int)size, keys);
        keys += size;
        if (!is_given(scenario, key))
            continue;
        if (blame(scenario, &complaint, key, "has no effect %s", rule->why))
            printed += fprintf(file, "sotto-sim: %s\n", complaint.text) > 0;
    }
    return printed;
}

size_t moot_print(FILE *file, const struct scenario *scenario)
{
    size_t printed = 0;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (!rules[i].matters(scenario) &&
            !blame_has_option(scenario, rules[i].needs))
            printed += print_given(file, scenario, &rules[i]);
    return printed;
}
