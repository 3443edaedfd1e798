/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every key once: its type, range, default and meaning; every metric once.
 * Values are integers in the smallest unit (microseconds, bytes, parts per
 * million), so that a scenario means the same on every machine. */
#include <stddef.h>

#include "proto/limits.h"
#include "sim/settings.h"
#include "sim/units.h"

static const char *const topology_words[] = {
    [TOPOLOGY_LINE] = "line",
    [TOPOLOGY_RING] = "ring",
    [TOPOLOGY_GRID] = "grid",
    [TOPOLOGY_STAR] = "star",
    [TOPOLOGY_RANDOM_REGULAR] = "random-regular",
    [TOPOLOGY_GEOMETRIC] = "geometric",
    [TOPOLOGY_FILE] = "file",
    [TOPOLOGY_JOIN] = "join",
    [TOPOLOGY_ERDOS_RENYI] = "erdos-renyi",
    [TOPOLOGY_WATTS_STROGATZ] = "watts-strogatz",
    [TOPOLOGY_BARABASI_ALBERT] = "barabasi-albert",
    NULL,
};

static const char *const switch_words[] = {
    [SWITCH_OFF] = "off", [SWITCH_ON] = "on", NULL};

static const char *const mobility_words[] = {[MOBILITY_NONE] = "none",
    [MOBILITY_TRACE] = "trace",
    [MOBILITY_WAYPOINT] = "waypoint",
    [MOBILITY_WALK] = "walk",
    NULL};

static const char *const disk_words[] = {
    [CRASH_DISK_KEPT] = "kept", [CRASH_DISK_LOST] = "lost", NULL};

static const char *const flood_words[] = {[FLOOD_STAMPS] = "stamps",
    [FLOOD_MAIL] = "mail",
    [FLOOD_WORK] = "work",
    NULL};

static const char *const crypto_words[] = {[CRYPTO_REAL] = "real",
    [CRYPTO_STUB] = "stub",
    [CRYPTO_NONE] = "none",
    NULL};

#define AT(field) offsetof(struct scenario, field)

static const struct setting settings[] = {
    {"mesh", "nodes", SETTING_COUNT, AT(nodes), 2, SCENARIO_NODES_MAXIMUM, 100,
        NULL, "nodes in the mesh; a file topology brings its own number"},
    {"mesh", "topology", SETTING_WORD, AT(topology), 0, 0,
        TOPOLOGY_RANDOM_REGULAR, topology_words, "who is linked with whom"},
    {"mesh", "degree", SETTING_COUNT, AT(degree), 2, LIMIT_LINKS, 8, NULL,
        "neighbours of each node (random-regular), or on average (erdos-renyi, "
        "watts-strogatz, barabasi-albert)"},
    {"mesh", "rewire", SETTING_SHARE, AT(rewire_ppm), 0, PPM, PPM / 10, NULL,
        "of the ring's edges that lead to anybody (watts-strogatz)"},
    {"mesh", "width", SETTING_COUNT, AT(width), 0, SCENARIO_NODES_MAXIMUM, 0,
        NULL, "nodes in a row (grid); 0 makes it about square"},
    {"mesh", "radius", SETTING_SHARE, AT(radius_ppm), 0, PPM, 0, NULL,
        "reach of a node in a unit square (geometric); 0 takes the least that "
        "connects the mesh"},
    {"mesh", "contacts", SETTING_COUNT, AT(contacts), 1, 8, 3, NULL,
        "earlier nodes that a node knows at most when it first boots, and one "
        "at least (join)"},
    {"mesh", "file", SETTING_TEXT, AT(file), 0, 0, 0, NULL,
        "edges to read (file), beside the scenario unless absolute"},
    {"mesh", "skip", SETTING_TEXT, AT(skip), 0, 0, 0, NULL,
        "leave out edges of this type (file)"},
    {"mesh", "seed", SETTING_COUNT, AT(seed), 0, UINT64_MAX / 2, 1, NULL,
        "what all chance is drawn from"},
    {"mesh", "duration", SETTING_TIME, AT(duration_us), SECOND_US, 366 * DAY_US,
        10 * MINUTE_US, NULL,
        "the run ends then, or earlier when every letter has arrived and the "
        "mesh is quiet"},
    {"mesh", "quiet", SETTING_TIME, AT(quiet_us), 0, 366 * DAY_US, MINUTE_US,
        NULL, "how long it then waits for shelves to be cleared"},
    {"mesh", "start", SETTING_TIME, AT(start_us), 0, DAY_US, 2 * SECOND_US,
        NULL, "nodes boot at random times up to this one"},

    {"links", "latency", SETTING_TIME, AT(latency_us), 0, HOUR_US, 20000, NULL,
        "of each frame, one way"},
    {"links", "jitter", SETTING_TIME, AT(jitter_us), 0, HOUR_US, 10000, NULL,
        "added to each frame's latency, uniform from 0; frames of a link stay "
        "in order"},
    {"links", "loss", SETTING_SHARE, AT(loss_ppm), 0, PPM, 0, NULL,
        "chance of each frame to be lost, whatever it carries"},
    {"links", "bandwidth", SETTING_BYTES, AT(bandwidth), 0, UINT64_C(1) << 40,
        0, NULL, "a second, each way of each link; 0 is without limit"},

    {"mobility", "model", SETTING_WORD, AT(mobility), 0, 0, MOBILITY_NONE,
        mobility_words, "how nodes move, and so who is linked when"},
    {"mobility", "trace", SETTING_TEXT, AT(trace), 0, 0, 0, NULL,
        "contacts to read (trace), beside the scenario unless absolute"},
    {"mobility", "area", SETTING_LENGTH, AT(area_mm), 1000, 1000000000, 1000000,
        NULL, "side of the square in which nodes move"},
    {"mobility", "reach", SETTING_LENGTH, AT(reach_mm), 1000, 100000000, 30000,
        NULL, "how far two nodes reach each other"},
    {"mobility", "speed", SETTING_LENGTH, AT(speed_least), 1, 1000000, 500,
        NULL, "least speed, a second"},
    {"mobility", "speed_most", SETTING_LENGTH, AT(speed_most), 1, 1000000, 1500,
        NULL, "greatest speed, a second, uniform from the least"},
    {"mobility", "pause", SETTING_TIME, AT(pause_us), 0, DAY_US,
        120 * SECOND_US, NULL,
        "longest stay where a node arrives, uniform from 0"},
    {"mobility", "step", SETTING_TIME, AT(step_us), 1000, HOUR_US, SECOND_US,
        NULL, "how often positions are looked at"},

    {"churn", "session", SETTING_TIME, AT(session_us), 0, 366 * DAY_US, 0, NULL,
        "mean time that a churning node stays up; 0 is no churn"},
    {"churn", "downtime", SETTING_TIME, AT(downtime_us), SECOND_US,
        366 * DAY_US, 30 * SECOND_US, NULL,
        "mean time that it then stays away"},
    {"churn", "share", SETTING_SHARE, AT(churn_share_ppm), 0, PPM, PPM, NULL,
        "of nodes that churn"},
    {"churn", "graceful", SETTING_SHARE, AT(graceful_ppm), 0, PPM, PPM / 2,
        NULL, "of departures that say goodbye; the others fall silent"},
    {"churn", "from", SETTING_TIME, AT(churn_from_us), 0, 366 * DAY_US,
        30 * SECOND_US, NULL, "when churn begins"},
    {"churn", "until", SETTING_TIME, AT(churn_until_us), 0, 366 * DAY_US, 0,
        NULL, "no departure after this; 0 is the end of the run"},

    {"faults", "partition_at", SETTING_TIME, AT(partition_at_us), 0,
        366 * DAY_US, 0, NULL, "when the mesh is split in two"},
    {"faults", "partition_for", SETTING_TIME, AT(partition_for_us), 0,
        366 * DAY_US, 0, NULL, "how long the split lasts; 0 is no split"},
    {"faults", "partition_share", SETTING_SHARE, AT(partition_share_ppm), 0,
        PPM, PPM / 2, NULL,
        "of nodes on the far side; frames between the sides vanish silently"},
    {"faults", "partition_every", SETTING_TIME, AT(partition_every_us), 0,
        366 * DAY_US, 0, NULL,
        "from one split's beginning to the next one's; 0 is one split only"},
    {"faults", "partition_times", SETTING_COUNT, AT(partition_times), 1, 100000,
        1, NULL, "how many splits, where they are repeated"},
    {"faults", "crash_at", SETTING_TIME, AT(crash_at_us), 0, 366 * DAY_US, 0,
        NULL, "when nodes crash, all at once"},
    {"faults", "crash_for", SETTING_TIME, AT(crash_for_us), SECOND_US,
        366 * DAY_US, 30 * SECOND_US, NULL, "how long they stay away"},
    {"faults", "crash_share", SETTING_SHARE, AT(crash_share_ppm), 0, PPM, 0,
        NULL, "of nodes that crash; 0 is no crash"},
    {"faults", "crash_disk", SETTING_WORD, AT(crash_disk), 0, 0,
        CRASH_DISK_KEPT, disk_words,
        "what becomes of a crashed relay's shelf; vaults keep theirs"},
    {"faults", "kill_at", SETTING_TIME, AT(kill_at_us), 0, 366 * DAY_US, 0,
        NULL, "when nodes fail for good, all at once"},
    {"faults", "kill_share", SETTING_SHARE, AT(kill_share_ppm), 0, PPM, 0, NULL,
        "of nodes that fail for good; nobody lives at them"},
    {"faults", "slow_share", SETTING_SHARE, AT(slow_share_ppm), 0, PPM, 0, NULL,
        "of nodes with slow links; nobody lives at them"},
    {"faults", "slow_bandwidth", SETTING_BYTES, AT(slow_bandwidth), 1,
        UINT64_C(1) << 40, 1000, NULL,
        "a second, each way of each link of a slow node"},
    {"faults", "skew_share", SETTING_SHARE, AT(skew_share_ppm), 0, PPM, 0, NULL,
        "of nodes whose clocks are off, half of them fast and half slow"},
    {"faults", "skew", SETTING_TIME, AT(skew_us), 0, 366 * DAY_US,
        5 * MINUTE_US, NULL,
        "by how much; where that is more than an hour nobody lives at them"},
    {"faults", "skew_at", SETTING_TIME, AT(skew_at_us), 0, 366 * DAY_US, 0,
        NULL, "when their clocks jump; 0 is from the start"},

    {"adversaries", "droppers", SETTING_SHARE, AT(role_ppm[ROLE_DROPPER]), 0,
        PPM, 0, NULL, "take all mail and pass none on, silently"},
    {"adversaries", "announcers", SETTING_SHARE, AT(role_ppm[ROLE_ANNOUNCER]),
        0, PPM, 0, NULL, "announce what they have and never send it"},
    {"adversaries", "delayers", SETTING_SHARE, AT(role_ppm[ROLE_DELAYER]), 0,
        PPM, 0, NULL, "pass mail on late, by delay"},
    {"adversaries", "replayers", SETTING_SHARE, AT(role_ppm[ROLE_REPLAYER]), 0,
        PPM, 0, NULL, "send again what they once had, at a rate"},
    {"adversaries", "forgers", SETTING_SHARE, AT(role_ppm[ROLE_FORGER]), 0, PPM,
        0, NULL,
        "send false receipts for what they have, and envelopes with false "
        "stamps, at a rate"},
    {"adversaries", "flooders", SETTING_SHARE, AT(role_ppm[ROLE_FLOODER]), 0,
        PPM, 0, NULL, "send invented envelopes, of what flood says, at a rate"},
    {"adversaries", "sybils", SETTING_SHARE, AT(role_ppm[ROLE_SYBIL]), 0, PPM,
        0, NULL,
        "ids of one attacker: each links itself with as many honest nodes as "
        "it can, names none but its like, and passes no mail on"},
    {"adversaries", "flash", SETTING_SHARE, AT(role_ppm[ROLE_FLASH]), 0, PPM, 0,
        NULL, "perfect until flash_at, then droppers, all at once"},
    {"adversaries", "spies", SETTING_SHARE, AT(role_ppm[ROLE_SPY]), 0, PPM, 0,
        NULL,
        "honest relays that note who brought each envelope first to any of "
        "them"},
    {"adversaries", "grinders", SETTING_SHARE, AT(role_ppm[ROLE_GRINDER]), 0,
        PPM, 0, NULL,
        "push envelopes a second whose ids shape the trees around them, and "
        "pass no mail on"},
    {"adversaries", "told", SETTING_WORD, AT(told), 0, 0, SWITCH_ON,
        switch_words,
        "whether adversaries are among the nodes that honest ones know at "
        "first (join); off: those have been told of each other only"},
    {"adversaries", "from", SETTING_TIME, AT(attack_from_us), 0, 366 * DAY_US,
        5 * SECOND_US, NULL,
        "when replayers, forgers, flooders, sybils and grinders begin"},
    {"adversaries", "rate", SETTING_COUNT, AT(attack_rate), 1, 1000000, 10,
        NULL, "frames a second of each replayer, forger and flooder"},
    {"adversaries", "delay", SETTING_TIME, AT(attack_delay_us), 1, DAY_US,
        200000, NULL, "of what a delayer passes on"},
    {"adversaries", "flood", SETTING_WORD, AT(flood), 0, 0, FLOOD_STAMPS,
        flood_words,
        "what flooders send: envelopes with false stamps (stamps), valid ones "
        "with none (mail), or valid ones with the stamps that the peer asks "
        "for (work)"},
    {"adversaries", "life", SETTING_TIME, AT(flood_life_us), HOUR_US,
        LIMIT_ENVELOPE_LIFE_H *HOUR_US, DAY_US, NULL,
        "of valid envelopes that flooders send, in whole hours; the shorter, "
        "the more they are worth"},
    {"adversaries", "cores", SETTING_COUNT, AT(flood_cores), 1, 10000, 1, NULL,
        "processors of each flooder that make stamps (work)"},
    {"adversaries", "victims", SETTING_SHARE, AT(victims_ppm), 0, PPM, PPM,
        NULL, "of honest nodes, those that sybils link themselves with"},
    {"adversaries", "flash_at", SETTING_TIME, AT(flash_at_us), 0, 366 * DAY_US,
        60 * SECOND_US, NULL, "when flash relays fall silent"},

    {"workload", "messages", SETTING_TEXT, AT(messages), 0, 0, 0, NULL,
        "letters to read, beside the scenario unless absolute, instead of "
        "drawing any"},
    {"workload", "letters", SETTING_COUNT, AT(letters), 0, 10000000, 100, NULL,
        "letters sent, each once, by real vaults"},
    {"workload", "pairs", SETTING_COUNT, AT(pairs), 1, 1000000, 20, NULL,
        "pairs of people who write to each other, in turn; only their nodes "
        "have vaults"},
    {"workload", "text", SETTING_BYTES, AT(text_least), 16, LIMIT_TEXT_BYTES,
        200, NULL, "least size of a letter's text"},
    {"workload", "text_most", SETTING_BYTES, AT(text_most), 0, LIMIT_TEXT_BYTES,
        0, NULL, "greatest size, uniform from the least; 0 makes all equal"},
    {"workload", "first", SETTING_TIME, AT(first_us), 0, 366 * DAY_US,
        10 * SECOND_US, NULL, "when the first letter is written"},
    {"workload", "over", SETTING_TIME, AT(over_us), 0, 366 * DAY_US,
        60 * SECOND_US, NULL,
        "letters are written at random times within this long"},
    {"workload", "lifetime", SETTING_TIME, AT(lifetime_us), HOUR_US,
        LIMIT_ENVELOPE_LIFE_H *HOUR_US, LIMIT_ENVELOPE_DEFAULT_H *HOUR_US, NULL,
        "how long a letter may travel, in whole hours"},
    {"workload", "lifetime_most", SETTING_TIME, AT(lifetime_most_us), 0,
        LIMIT_ENVELOPE_LIFE_H *HOUR_US, 0, NULL,
        "greatest lifetime, uniform from the least; 0 makes all equal"},
    {"workload", "urgent", SETTING_SHARE, AT(urgent_ppm), 0, PPM, 0, NULL,
        "of letters that are sent as urgent, without the stem"},
    {"workload", "settle", SETTING_TIME, AT(settle_us), 0, 366 * DAY_US, 0,
        NULL,
        "after the first letter; redundancy, spread, hops_last and shelf_share "
        "are measured from then on"},
    {"workload", "groups", SETTING_COUNT, AT(groups), 0, 100000, 0, NULL,
        "groups whose members write to each other; one asks the others in, "
        "over the mesh, once nodes have booted"},
    {"workload", "group_size", SETTING_COUNT, AT(group_size), 2,
        LIMIT_GROUP_MEMBERS, 8, NULL, "members of each group"},
    {"workload", "group_letters", SETTING_COUNT, AT(group_letters), 0, 10000,
        10, NULL,
        "letters in each group, by its members in turn, each once its writer "
        "sees all of them"},
    {"workload", "files", SETTING_COUNT, AT(files), 0, 1000000, 0, NULL,
        "files sent, each between the two of a pair, in turn"},
    {"workload", "file_size", SETTING_BYTES, AT(file_least), 1,
        LIMIT_FILE_BYTES, 100000, NULL, "least size of a file"},
    {"workload", "file_size_most", SETTING_BYTES, AT(file_most), 0,
        LIMIT_FILE_BYTES, 0, NULL,
        "greatest size, uniform from the least; 0 makes all equal"},

    {"node", "shelf", SETTING_BYTES, AT(shelf_bytes), LIMIT_SHELF_MINIMUM_BYTES,
        UINT64_C(1) << 40, LIMIT_SHELF_BYTES, NULL,
        "quota of each relay's shelf"},
    {"node", "peer_rate", SETTING_BYTES, AT(peer_rate), 1024, UINT64_C(1) << 30,
        LIMIT_PEER_RATE_BYTES_S, NULL,
        "a second, of new mail that a peer may push without a stamp"},
    {"node", "links", SETTING_COUNT, AT(link_maximum), 1, LIMIT_LINKS,
        LIMIT_LINKS, NULL, "most links of a relay"},
    {"node", "life", SETTING_TIME, AT(life_maximum_us), HOUR_US,
        LIMIT_ENVELOPE_LIFE_H *HOUR_US, LIMIT_ENVELOPE_LIFE_H *HOUR_US, NULL,
        "longest life of an envelope that a relay takes, in whole hours"},
    {"node", "reconcile", SETTING_TIME, AT(reconcile_us), SECOND_US, DAY_US,
        5 * MINUTE_US, NULL,
        "how often a relay compares its shelf with one of its peers in turn"},
    {"node", "receipt", SETTING_TIME, AT(receipt_mean_us), 1000, 366 * DAY_US,
        SECOND_US, NULL, "mean wait of a vault before it lets a receipt go"},
    {"node", "receipts", SETTING_WORD, AT(receipts), 0, 0, SWITCH_ON,
        switch_words,
        "whether vaults' receipts reach their relays; off: nothing clears a "
        "shelf but expiry"},
    {"node", "member", SETTING_WORD, AT(member), 0, 0, SWITCH_OFF, switch_words,
        "whether relays find neighbours by themselves; topology = join needs "
        "it"},
    {"node", "tree", SETTING_WORD, AT(tree), 0, 0, SWITCH_ON, switch_words,
        "whether relays speak of trees; off: each pushes what is new to all, a "
        "flood to compare with"},
    {"node", "stem", SETTING_WORD, AT(stem), 0, 0, SWITCH_ON, switch_words,
        "whether relays speak of stems; off: nothing is hidden on its first "
        "hops"},
    {"node", "pins", SETTING_COUNT, AT(pins), 0, 8, 0, NULL,
        "of the nodes that a node knows at first, those that it and they are "
        "configured to stay linked (join), as friends' are"},
    {"node", "crypto", SETTING_WORD, AT(crypto), 0, 0, CRYPTO_REAL,
        crypto_words,
        "whether vaults seal, sign and agree for real, or by a cheap stand-in "
        "of the same sizes (stub); none: there are no vaults, and a letter is "
        "one envelope"},
};

enum { SETTING_TOTAL = sizeof(settings) / sizeof(settings[0]) };

_Static_assert(SETTING_TOTAL <= sizeof(((struct scenario *)0)->given) /
                                    sizeof(struct origin),
    "given has a place for every setting");

static const struct metric_word metrics[METRIC_COUNT] = {
    [METRIC_DELIVERED] = {"delivered", SETTING_SHARE,
        "letters that were shown to their recipient in time, over letters of "
        "the scenario"},
    [METRIC_LATENCY_P50] = {"latency_p50", SETTING_TIME,
        "from a letter's writing until it is shown: half are faster"},
    [METRIC_LATENCY_P90] = {"latency_p90", SETTING_TIME, "nine in ten are"},
    [METRIC_LATENCY_P99] = {"latency_p99", SETTING_TIME, "99 in 100 are"},
    [METRIC_LATENCY_LAST] = {"latency_last", SETTING_TIME,
        "the slowest letter that arrived"},
    [METRIC_LATENCY_MEAN] = {"latency_mean", SETTING_TIME,
        "mean over all letters, where one that did not arrive counts with the "
        "time it had"},
    [METRIC_SPREAD_P50] = {"spread_p50", SETTING_TIME,
        "from the end of an envelope's stem until it is at a node, over all "
        "nodes: half are faster"},
    [METRIC_SPREAD_P90] = {"spread_p90", SETTING_TIME, "nine in ten are"},
    [METRIC_SPREAD_P99] = {"spread_p99", SETTING_TIME, "99 in 100 are"},
    [METRIC_SPREAD_LAST] = {"spread_last", SETTING_TIME, "the slowest"},
    [METRIC_REDUNDANCY] = {"redundancy", SETTING_RATIO,
        "payloads that came to a relay over those that were new to it, minus "
        "one"},
    [METRIC_OVERHEAD] = {"overhead", SETTING_RATIO,
        "payloads that came to a relay and brought no letter, over letters "
        "shown"},
    [METRIC_EVENTS] = {"events", SETTING_COUNT, "events of the whole run"},
    [METRIC_CONTROL_BYTES] = {"control_bytes", SETTING_BYTES,
        "sent in frames that carry no envelope"},
    [METRIC_NODE_BYTES] = {"node_bytes", SETTING_BYTES,
        "sent by a node, on average"},
    [METRIC_SHELF_BYTES] = {"shelf_bytes", SETTING_BYTES,
        "on the fullest shelf at any time"},
    [METRIC_SHELF_SHARE] = {"shelf_share", SETTING_RATIO,
        "what shelves hold, over what they would by expiry alone"},
    [METRIC_DELIVERED_REACHABLE] = {"delivered_reachable", SETTING_SHARE,
        "letters shown, over those whose two ends have a path of honest, "
        "living nodes"},
    [METRIC_RELIABILITY] = {"reliability", SETTING_SHARE,
        "honest, living nodes that an envelope came to, on average"},
    [METRIC_HOPS_LAST] = {"hops_last", SETTING_COUNT,
        "links between where an envelope's stem ended and the farthest node "
        "it came to, at most"},
    [METRIC_ECLIPSED] = {"eclipsed", SETTING_SHARE,
        "honest, living nodes without a link to another, at the end",
        NEED_ENEMIES},
    [METRIC_ECLIPSED_PINNED] = {"eclipsed_pinned", SETTING_SHARE,
        "the same of those that are configured to stay linked to two or more",
        NEED_PINS},
    [METRIC_LIARS_REACHED] = {"liars_reached", SETTING_SHARE,
        "nodes whose clocks lie by more than half a day, and that some letter "
        "came to all the same, over all such nodes",
        NEED_LIARS},
    [METRIC_SPY_PRECISION] = {"spy_precision", SETTING_SHARE,
        "first spies' guesses at a sender that are right, over all senders",
        NEED_SPIES},
    [METRIC_SPY_RECALL] = {"spy_recall", SETTING_SHARE,
        "envelopes whose sender first spies guess", NEED_SPIES},
    [METRIC_SPY_RECEIPT_PRECISION] = {"spy_receipt_precision", SETTING_SHARE,
        "the same of guesses at who let a receipt go", NEED_SPIES},
    [METRIC_SPY_RECEIPT_RECALL] = {"spy_receipt_recall", SETTING_SHARE,
        "receipts whose maker first spies guess", NEED_SPIES},
    [METRIC_INVALID_WORK] = {"invalid_work", SETTING_RATIO,
        "of a core, that attackers' frames cost the honest node that has most "
        "of them, by a model",
        NEED_ATTACK},
    [METRIC_STAMP_WORK] = {"stamp_work", SETTING_TIME,
        "of a processor, that stamps cost for each letter or file that was "
        "sent"},
    [METRIC_FLOOD_WORK] = {"flood_work", SETTING_RATIO,
        "of a core, that stamps cost each flooder while it floods", NEED_FLOOD},
    [METRIC_FLOOD_TAKEN] = {"flood_taken", SETTING_BYTES,
        "of flooders' envelopes that an honest node stored, on average",
        NEED_FLOOD},
    [METRIC_DEGREE_LEAST] = {"degree_least", SETTING_COUNT,
        "neighbours of the node with the fewest, at the end (member = on)",
        NEED_MEMBER},
    [METRIC_DEGREE_MEAN] = {"degree_mean", SETTING_RATIO,
        "neighbours of a node on average, at the end", NEED_MEMBER},
    [METRIC_DEGREE_MOST] = {"degree_most", SETTING_COUNT,
        "neighbours of the node with the most, at the end", NEED_MEMBER},
    [METRIC_IN_BAND] = {"in_band", SETTING_SHARE,
        "nodes that have 6 to 10 neighbours, over those up, at the end",
        NEED_MEMBER},
    [METRIC_COMPONENTS] = {"components", SETTING_COUNT,
        "parts of the mesh with honest nodes in them, at the end", NEED_MEMBER},
    [METRIC_CLUSTERING] = {"clustering", SETTING_SHARE,
        "pairs of a node's neighbours that are neighbours, on average, at the "
        "end"},
    [METRIC_PATH_MEAN] = {"path_mean", SETTING_RATIO,
        "links between two nodes on the shortest way, on average, at the end"},
    [METRIC_HEALED] = {"healed", SETTING_TIME,
        "from the last fault until the mesh was one, and stayed so",
        NEED_MEMBER},
    [METRIC_CATCHUP_BYTES] = {"catchup_bytes", SETTING_BYTES,
        "of comparing shelves since the last split healed, for each envelope "
        "that was new to a relay since",
        NEED_SPLIT},
    [METRIC_CATCHUP_TRIPS] = {"catchup_trips", SETTING_COUNT,
        "round trips of the longest comparison of shelves since then",
        NEED_SPLIT},
    [METRIC_CONFIRMED] = {"confirmed", SETTING_SHARE,
        "letters that their sender knows to have come, over letters shown"},
    [METRIC_UNCLEARED] = {"uncleared", SETTING_COUNT,
        "envelopes on the shelves of honest, living nodes at the end, whose "
        "receipts had been let go"},
    [METRIC_GROUP_DELIVERED] = {"group_delivered", SETTING_SHARE,
        "copies of group letters that were shown, one to each member but the "
        "writer, over those that were to be",
        NEED_GROUPS},
    [METRIC_GROUP_LATENCY_P50] = {"group_latency_p50", SETTING_TIME,
        "from a group letter's writing until a member is shown it, over all "
        "copies: half are faster",
        NEED_GROUPS},
    [METRIC_GROUP_LATENCY_P90] = {"group_latency_p90", SETTING_TIME,
        "nine in ten are", NEED_GROUPS},
    [METRIC_GROUP_LATENCY_P99] = {"group_latency_p99", SETTING_TIME,
        "99 in 100 are", NEED_GROUPS},
    [METRIC_GROUP_LATENCY_LAST] = {"group_latency_last", SETTING_TIME,
        "the slowest copy that arrived", NEED_GROUPS},
    [METRIC_FILE_DELIVERED] = {"file_delivered", SETTING_SHARE,
        "files that came out whole and unchanged, over files to be sent",
        NEED_FILES},
    [METRIC_FILE_LATENCY_P50] = {"file_latency_p50", SETTING_TIME,
        "from a file's sending until it is there whole: half are faster",
        NEED_FILES},
    [METRIC_FILE_LATENCY_P90] = {"file_latency_p90", SETTING_TIME,
        "nine in ten are", NEED_FILES},
    [METRIC_FILE_LATENCY_P99] = {"file_latency_p99", SETTING_TIME,
        "99 in 100 are", NEED_FILES},
    [METRIC_FILE_LATENCY_LAST] = {"file_latency_last", SETTING_TIME,
        "the slowest file that arrived", NEED_FILES},
};

const struct setting *settings_all(size_t *count)
{
    *count = SETTING_TOTAL;
    return settings;
}

const struct metric_word *settings_metric(enum metric metric)
{
    return &metrics[metric];
}

const char *settings_crypto(const struct scenario *scenario)
{
    return crypto_words[scenario->crypto];
}

const char *settings_crypto_note(const struct scenario *scenario)
{
    static const char *const notes[] = {
        [CRYPTO_REAL] = NULL,
        [CRYPTO_STUB] =
            "stub: nothing was sealed, signed or agreed on for real",
        [CRYPTO_NONE] = "none: there was no vault; a letter was one envelope, "
                        "with its text open in it",
    };
    return notes[scenario->crypto];
}
