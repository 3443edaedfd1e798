/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each check is about a few keys that cannot be together.  It names all of
 * them, that to be changed first, and sim/blame.h finds out which of them the
 * person wrote, and where; so what it says must be right of any of them.
 *
 * What a key alone cannot be is refused when it is read; what only the files
 * that a scenario names can show, when those are. */
#include "sim/scenario_check.h"

#include <inttypes.h>

#include "proto/limits.h"
#include "sim/blame.h"
#include "sim/circles.h"
#include "sim/settings.h"
#include "sim/units.h"

struct words {
    char text[32];
};

static struct words print(enum setting_type type, uint64_t value)
{
    struct words words = {""};
    settings_print(type, NULL, value, words.text, sizeof(words.text));
    return words;
}

static struct words print_time(uint64_t us)
{
    return print(SETTING_TIME, us);
}

static enum status check_regular(
    const struct scenario *s, struct complaint *complaint)
{
    if (s->topology != TOPOLOGY_RANDOM_REGULAR)
        return STATUS_OK;
    if (s->degree >= s->nodes)
        return blame(s, complaint, "mesh.degree mesh.nodes",
            "%" PRIu64 " nodes cannot have %" PRIu64 " neighbours each; degree "
            "can be %" PRIu64 " at most here, and nodes %" PRIu64 " at least",
            s->nodes, s->degree, s->nodes - 1, s->degree + 1);
    if (s->degree * s->nodes % 2)
        return blame(s, complaint, "mesh.degree mesh.nodes",
            "%" PRIu64 " nodes with %" PRIu64 " neighbours each would share "
            "half a link; one of the two must be even, as degree = %" PRIu64
            " is",
            s->nodes, s->degree, s->degree - 1);
    if (s->degree > s->link_maximum)
        return blame(s, complaint, "mesh.degree node.links",
            "%" PRIu64 " neighbours each are more than a relay keeps, which is "
            "%" PRIu64 "; degree can be that at most, or [node] links more",
            s->degree, s->link_maximum);
    return STATUS_OK;
}

static enum status check_chance(
    const struct scenario *s, struct complaint *complaint)
{
    bool is_even = s->topology == TOPOLOGY_WATTS_STROGATZ ||
                   s->topology == TOPOLOGY_BARABASI_ALBERT;
    if (!is_even && s->topology != TOPOLOGY_ERDOS_RENYI)
        return STATUS_OK;
    if (2 * s->degree > s->nodes)
        return blame(s, complaint, "mesh.degree mesh.nodes",
            "%" PRIu64 " neighbours each are too many for %" PRIu64 " nodes by "
            "chance; degree can be half of nodes at most, so nodes %" PRIu64
            " at least",
            s->degree, s->nodes, 2 * s->degree);
    if (is_even && s->degree % 2)
        return blame(s, complaint, "mesh.degree mesh.topology",
            "must be even with this topology, and %" PRIu64 " is not; %" PRIu64
            " is",
            s->degree, s->degree + 1);
    return STATUS_OK;
}

/* A file that nothing reads was meant to be read, but where the command line
 * says otherwise. */
static enum status check_links_file(
    const struct scenario *s, struct complaint *complaint)
{
    if (s->topology == TOPOLOGY_FILE && !s->file[0])
        return blame(s, complaint, "mesh.file mesh.topology",
            "topology = file reads the links from a file, and none is named; "
            "name one, as file = links.csv");
    if (s->topology == TOPOLOGY_FILE && blame_has_option(s, "mesh.nodes") &&
        !blame_has_option(s, "mesh.topology"))
        return blame(s, complaint, "mesh.nodes mesh.file",
            "the file of links brings its own number of nodes; leave it out, "
            "or take another topology");
    if (s->topology == TOPOLOGY_FILE || blame_has_option(s, "mesh.topology"))
        return STATUS_OK;
    if (s->file[0])
        return blame(s, complaint, "mesh.file",
            "is read with topology = file only; set that, or leave it out");
    if (s->skip[0])
        return blame(s, complaint, "mesh.skip",
            "leaves out lines of a file, with topology = file only; set that, "
            "or leave it out");
    return STATUS_OK;
}

static enum status check_mesh(
    const struct scenario *s, struct complaint *complaint)
{
    if (s->topology == TOPOLOGY_JOIN && s->member == SWITCH_OFF)
        return blame(s, complaint, "node.member mesh.topology",
            "topology = join needs nodes that find their neighbours, [node] "
            "member = on");
    if (s->topology == TOPOLOGY_STAR && s->nodes > s->link_maximum + 1)
        return blame(s, complaint, "mesh.nodes node.links mesh.topology",
            "a star of %" PRIu64 " nodes has %" PRIu64 " links at its centre, "
            "and a relay keeps %" PRIu64 "; take %" PRIu64 " nodes at most",
            s->nodes, s->nodes - 1, s->link_maximum, s->link_maximum + 1);
    if (s->topology == TOPOLOGY_RING && s->nodes < 3)
        return blame(s, complaint, "mesh.nodes mesh.topology",
            "%" PRIu64 " nodes make no ring; 3 at least do", s->nodes);
    enum status status = check_links_file(s, complaint);
    if (!status)
        status = check_regular(s, complaint);
    return status ? status : check_chance(s, complaint);
}

static enum status check_mobility(
    const struct scenario *s, struct complaint *complaint)
{
    if (s->mobility == MOBILITY_TRACE && !s->trace[0])
        return blame(s, complaint, "mobility.trace mobility.model",
            "model = trace needs a file of contacts; name one in the scenario, "
            "as trace = FILE, or by --set mobility.trace=FILE");
    if (s->mobility != MOBILITY_TRACE && s->trace[0] &&
        !blame_has_option(s, "mobility.model"))
        return blame(s, complaint, "mobility.trace",
            "is read with model = trace only; set that, or leave it out");
    if (s->mobility == MOBILITY_TRACE && blame_has_option(s, "mesh.nodes") &&
        !blame_has_option(s, "mobility.model"))
        return blame(s, complaint, "mesh.nodes mobility.trace",
            "the trace brings its own number of nodes; leave it out, or take "
            "another model of mobility");
    if (s->mobility == MOBILITY_NONE)
        return STATUS_OK;
    if (s->speed_most < s->speed_least)
        return blame(s, complaint, "mobility.speed_most mobility.speed",
            "the greatest speed, %s a second, is less than the least, %s; "
            "speed_most can be that at least",
            print(SETTING_LENGTH, s->speed_most).text,
            print(SETTING_LENGTH, s->speed_least).text);
    if (s->session_us || s->crash_share_ppm)
        return blame(s, complaint,
            "churn.session faults.crash_share mobility.model",
            "nodes that move neither churn nor crash; leave out [churn] "
            "session and [faults] crash_share, or [mobility] model");
    return STATUS_OK;
}

static enum status check_adversaries(
    const struct scenario *s, struct complaint *complaint)
{
    uint64_t sum_ppm = 0;
    for (int role = ROLE_HONEST + 1; role < ROLE_COUNT; role++)
        sum_ppm += s->role_ppm[role];
    if (sum_ppm <= PPM)
        return STATUS_OK;
    return blame(s, complaint, SETTINGS_ADVERSARIES,
        "the shares of all adversaries add up to %s; 1.0 is all nodes, and the "
        "most that they can be",
        print(SETTING_SHARE, sum_ppm).text);
}

static bool has_attackers(const struct scenario *s)
{
    return settings_meets(s, NEED_ATTACK);
}

/* What is to happen must happen while the run goes on. */
static enum status check_moments(
    const struct scenario *s, struct complaint *complaint)
{
    const struct {
        const char *keys, *what;
        bool is_planned;
        uint64_t at_us;
    } moments[] = {
        {"faults.partition_at mesh.duration", "the split",
            s->partition_for_us > 0, s->partition_at_us},
        {"faults.crash_at mesh.duration", "the crash", s->crash_share_ppm > 0,
            s->crash_at_us},
        {"faults.kill_at mesh.duration", "the failure", s->kill_share_ppm > 0,
            s->kill_at_us},
        {"faults.skew_at mesh.duration", "the jump of clocks",
            s->skew_share_ppm > 0, s->skew_at_us},
        {"churn.from mesh.duration", "churn", s->session_us > 0,
            s->churn_from_us},
        {"adversaries.from mesh.duration", "the attack", has_attackers(s),
            s->attack_from_us},
        {"adversaries.flash_at mesh.duration", "the silence of flash relays",
            s->role_ppm[ROLE_FLASH] > 0, s->flash_at_us},
    };
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++)
        if (moments[i].is_planned && moments[i].at_us >= s->duration_us)
            return blame(s, complaint, moments[i].keys,
                "%s, at %s, would not come before the run's end, at %s; make "
                "it earlier, or [mesh] duration longer",
                moments[i].what, print_time(moments[i].at_us).text,
                print_time(s->duration_us).text);
    return STATUS_OK;
}

static enum status check_faults(
    const struct scenario *s, struct complaint *complaint)
{
    uint64_t last_us =
        s->partition_at_us + (s->partition_times - 1) * s->partition_every_us;
    if (s->partition_every_us && s->partition_every_us <= s->partition_for_us)
        return blame(s, complaint,
            "faults.partition_every faults.partition_for",
            "splits of %s, one every %s, never heal; partition_every must be "
            "longer than partition_for",
            print_time(s->partition_for_us).text,
            print_time(s->partition_every_us).text);
    enum status status = check_moments(s, complaint);
    if (status)
        return status;
    if (s->partition_for_us && last_us >= s->duration_us)
        return blame(s, complaint,
            "faults.partition_times faults.partition_every faults.partition_at "
            "mesh.duration",
            "the last of %" PRIu64 " splits, at %s, would not come before the "
            "run's end, at %s; take fewer, or [mesh] duration longer",
            s->partition_times, print_time(last_us).text,
            print_time(s->duration_us).text);
    if (s->session_us && s->churn_until_us &&
        s->churn_until_us <= s->churn_from_us)
        return blame(s, complaint, "churn.until churn.from",
            "churn would end at %s, and begin at %s; until must be later than "
            "from",
            print_time(s->churn_until_us).text,
            print_time(s->churn_from_us).text);
    return STATUS_OK;
}

/* Files that one person sends to another, at most: a pair's turn comes around,
 * one way and then the other. */
static uint64_t files_one_way(const struct scenario *s)
{
    uint64_t rounds = (s->files + s->pairs - 1) / s->pairs;
    return (rounds + 1) / 2;
}

static enum status check_files(
    const struct scenario *s, struct complaint *complaint)
{
    uint64_t largest = s->file_most ? s->file_most : s->file_least;
    uint64_t count = files_one_way(s);
    if (s->files == 0)
        return STATUS_OK;
    if (s->receipts == SWITCH_OFF)
        return blame(s, complaint, "workload.files node.receipts",
            "a file's parts go out as receipts make room, and [node] receipts "
            "is off; leave out the one or the other");
    if (count > LIMIT_FILES_RECEIVED_ONE ||
        count * largest > LIMIT_FILES_BYTES_ONE)
        return blame(s, complaint,
            "workload.files workload.pairs workload.file_size "
            "workload.file_size_most",
            "%" PRIu64 " files of up to %s from one person to another; a vault "
            "keeps %lu, and %s: take more pairs, or fewer files or smaller "
            "ones",
            count, print(SETTING_BYTES, largest).text, LIMIT_FILES_RECEIVED_ONE,
            print(SETTING_BYTES, LIMIT_FILES_BYTES_ONE).text);
    return STATUS_OK;
}

static enum status check_groups(
    const struct scenario *s, struct complaint *complaint)
{
    uint64_t copies = s->groups * s->group_letters * s->group_size;
    if (copies <= CIRCLES_COPIES)
        return STATUS_OK;
    return blame(s, complaint,
        "workload.group_letters workload.groups workload.group_size",
        "%" PRIu64 " groups of %" PRIu64 " with %" PRIu64 " letters each are "
        "%" PRIu64 " copies; there can be %d",
        s->groups, s->group_size, s->group_letters, copies, CIRCLES_COPIES);
}

static enum status check_vaults(
    const struct scenario *s, struct complaint *complaint)
{
    if (s->crypto != CRYPTO_NONE || s->groups + s->files == 0)
        return STATUS_OK;
    return blame(s, complaint,
        s->groups > 0 ? "workload.groups node.crypto"
                      : "workload.files node.crypto",
        "needs vaults, and with [node] crypto = none there are letters alone; "
        "leave out the one or the other");
}

/* An envelope's life is counted in hours. */
static enum status check_hours(
    const struct scenario *s, struct complaint *complaint)
{
    const struct {
        const char *key;
        uint64_t us;
    } lives[] = {{"workload.lifetime", s->lifetime_us},
        {"workload.lifetime_most", s->lifetime_most_us},
        {"adversaries.life", s->flood_life_us},
        {"node.life", s->life_maximum_us}};
    for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
        uint64_t hours = lives[i].us / HOUR_US;
        if (lives[i].us % HOUR_US)
            return blame(s, complaint, lives[i].key,
                "%s must be whole hours, as %" PRIu64 "h or %" PRIu64 "h are",
                print_time(lives[i].us).text, hours, hours + 1);
    }
    return STATUS_OK;
}

/* Where a second key says up to where a first one goes. */
static enum status check_ranges(
    const struct scenario *s, struct complaint *complaint)
{
    const struct {
        const char *keys;
        enum setting_type type;
        uint64_t least, most;
    } ranges[] = {
        {"workload.lifetime_most workload.lifetime", SETTING_TIME,
            s->lifetime_us, s->lifetime_most_us},
        {"workload.text_most workload.text", SETTING_BYTES, s->text_least,
            s->text_most},
        {"workload.file_size_most workload.file_size", SETTING_BYTES,
            s->file_least, s->file_most},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (ranges[i].most && ranges[i].most < ranges[i].least)
            return blame(s, complaint, ranges[i].keys,
                "the greatest, %s, is less than the least, %s; it can be that "
                "at least, or 0 for all alike",
                print(ranges[i].type, ranges[i].most).text,
                print(ranges[i].type, ranges[i].least).text);
    return STATUS_OK;
}

static bool writes_by_time(const struct scenario *s)
{
    return (s->letters > 0 && !s->messages[0]) || s->groups > 0 || s->files > 0;
}

static enum status check_writing(
    const struct scenario *s, struct complaint *complaint)
{
    uint64_t last_us = s->first_us + s->over_us;
    uint64_t settled_us = (s->messages[0] ? 0 : s->first_us) + s->settle_us;
    if (writes_by_time(s) && last_us > s->duration_us)
        return blame(s, complaint, "workload.over workload.first mesh.duration",
            "letters would be written up to first and over, %s, and the run "
            "ends at %s; make these less, or [mesh] duration longer",
            print_time(last_us).text, print_time(s->duration_us).text);
    if (s->settle_us && settled_us >= s->duration_us)
        return blame(s, complaint,
            "workload.settle workload.first mesh.duration",
            "the mesh would have settled at %s, and the run ends at %s; make "
            "settle less, or [mesh] duration longer",
            print_time(settled_us).text, print_time(s->duration_us).text);
    return STATUS_OK;
}

/* Relays refuse what lives longer than they keep anything. */
static enum status check_lives(
    const struct scenario *s, struct complaint *complaint)
{
    uint64_t most_us =
        s->lifetime_most_us ? s->lifetime_most_us : s->lifetime_us;
    if (most_us <= s->life_maximum_us ||
        (!writes_by_time(s) && !s->messages[0]))
        return STATUS_OK;
    return blame(s, complaint,
        "workload.lifetime_most workload.lifetime node.life",
        "relays would refuse letters that live %s, since they take what lives "
        "%s ([node] life); make lifetimes that at most",
        print_time(most_us).text, print_time(s->life_maximum_us).text);
}

/* An expectation that says nothing would hold, whatever happened.  It may do so
 * where the command line took away what it is about, as at the first point of
 * a sweep; real nodes tell of their neighbours in any case. */
static enum status check_expectations(
    const struct scenario *s, struct complaint *complaint)
{
    for (size_t i = 0; i < s->expectation_count; i++) {
        enum metric_need need =
            settings_metric(s->expectations[i].metric)->need;
        const struct need_word *word = settings_need(need);
        if (need == NEED_MEMBER || settings_meets(s, need) ||
            blame_has_option(s, word->keys))
            continue;
        struct complaint why;
        complain(&why,
            "says nothing of a run without %s; add that, or leave "
            "the line out",
            word->what);
        return blame_expectation(s, complaint, &s->expectations[i], why.text);
    }
    return STATUS_OK;
}

enum status scenario_check(
    const struct scenario *scenario, struct complaint *complaint)
{
    static enum status (*const checks[])(const struct scenario *,
        struct complaint *) = {check_mobility, check_adversaries, check_faults,
        check_vaults, check_groups, check_hours, check_ranges, check_files,
        check_writing, check_lives, check_expectations};
    enum status status = STATUS_OK;
    if (scenario->mobility == MOBILITY_NONE)
        status = check_mesh(scenario, complaint);
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !status; i++)
        status = checks[i](scenario, complaint);
    return status;
}
