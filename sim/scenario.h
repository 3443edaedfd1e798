/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum topology_kind {
    TOPOLOGY_LINE,
    TOPOLOGY_RING,
    TOPOLOGY_GRID,
    TOPOLOGY_STAR,
    TOPOLOGY_RANDOM_REGULAR,
    TOPOLOGY_GEOMETRIC,
    TOPOLOGY_FILE,
    TOPOLOGY_JOIN,
    TOPOLOGY_ERDOS_RENYI,
    TOPOLOGY_WATTS_STROGATZ,
    TOPOLOGY_BARABASI_ALBERT,
};

enum switch_word { SWITCH_OFF, SWITCH_ON };

/* How vaults seal; sim/stand_in.h, or, without vaults, sim/bare.h. */
enum crypto_word { CRYPTO_REAL, CRYPTO_STUB, CRYPTO_NONE };

enum mobility_kind {
    MOBILITY_NONE,
    MOBILITY_TRACE,
    MOBILITY_WAYPOINT,
    MOBILITY_WALK,
};

/* What flooders send. */
enum flood_kind {
    FLOOD_STAMPS, /* envelopes with false stamps */
    FLOOD_MAIL,   /* valid ones without a stamp */
    FLOOD_WORK,   /* valid ones with the stamps that are asked for */
};

enum crash_disk { CRASH_DISK_KEPT, CRASH_DISK_LOST };

/* What a node is.  All but the first are adversaries; sim/adversary.h. */
enum role {
    ROLE_HONEST,
    ROLE_DROPPER,
    ROLE_ANNOUNCER,
    ROLE_DELAYER,
    ROLE_REPLAYER,
    ROLE_FORGER,
    ROLE_FLOODER,
    ROLE_SYBIL,
    ROLE_FLASH,
    ROLE_SPY,
    ROLE_GRINDER,
    ROLE_COUNT,
};

enum {
    SCENARIO_PATH_BYTES = 512,
    SCENARIO_EXPECTATIONS = 32,
    SCENARIO_PUBLISHED = 16,
    SCENARIO_NODES_MAXIMUM = 1000000,
};

/* What an [expect] line or a report can name; settings_metric has the words.
 * Shares and ratios are in parts per million, times in microseconds. */
enum metric {
    METRIC_DELIVERED,
    METRIC_LATENCY_P50,
    METRIC_LATENCY_P90,
    METRIC_LATENCY_P99,
    METRIC_LATENCY_LAST,
    METRIC_LATENCY_MEAN,
    METRIC_SPREAD_P50, /* four as measure_percentiles has them */
    METRIC_SPREAD_P90,
    METRIC_SPREAD_P99,
    METRIC_SPREAD_LAST,
    METRIC_REDUNDANCY,
    METRIC_OVERHEAD,
    METRIC_EVENTS,
    METRIC_CONTROL_BYTES,
    METRIC_NODE_BYTES,
    METRIC_SHELF_BYTES,
    METRIC_SHELF_SHARE,
    METRIC_DELIVERED_REACHABLE,
    METRIC_RELIABILITY,
    METRIC_HOPS_LAST,
    METRIC_ECLIPSED,
    METRIC_ECLIPSED_PINNED,
    METRIC_LIARS_REACHED,
    METRIC_SPY_PRECISION, /* each pair as survey.c has it */
    METRIC_SPY_RECALL,
    METRIC_SPY_RECEIPT_PRECISION,
    METRIC_SPY_RECEIPT_RECALL,
    METRIC_INVALID_WORK,
    METRIC_STAMP_WORK,
    METRIC_FLOOD_WORK,
    METRIC_FLOOD_TAKEN,
    METRIC_DEGREE_LEAST,
    METRIC_DEGREE_MEAN,
    METRIC_DEGREE_MOST,
    METRIC_IN_BAND,
    METRIC_COMPONENTS,
    METRIC_CLUSTERING,
    METRIC_PATH_MEAN,
    METRIC_HEALED,
    METRIC_CATCHUP_BYTES,
    METRIC_CATCHUP_TRIPS,
    METRIC_CONFIRMED,
    METRIC_UNCLEARED,
    METRIC_GROUP_DELIVERED,
    METRIC_GROUP_LATENCY_P50, /* four as measure_percentiles has them */
    METRIC_GROUP_LATENCY_P90,
    METRIC_GROUP_LATENCY_P99,
    METRIC_GROUP_LATENCY_LAST,
    METRIC_FILE_DELIVERED,
    METRIC_FILE_LATENCY_P50, /* alike */
    METRIC_FILE_LATENCY_P90,
    METRIC_FILE_LATENCY_P99,
    METRIC_FILE_LATENCY_LAST,
    METRIC_COUNT,
};

/* Where something was given; all zero: nowhere, it is the default. */
struct origin {
    bool is_given;
    uint32_t line;      /* of the scenario's file; 0: not there */
    const char *option; /* of the command line, which lives on; or NULL */
};

struct expectation {
    enum metric metric;
    bool at_least; /* else at most */
    uint64_t value;
    struct origin origin;
};

/* What others have reported of a metric, in their words. */
struct published {
    enum metric metric;
    char figure[48];
    char source[128];
};

/* A scenario, with every default filled in.  Times are in microseconds, shares
 * in parts per million; settings_table.c has what each key means, and its
 * range. */
struct scenario {
    char path[SCENARIO_PATH_BYTES]; /* of the file, or empty */
    char name[64];

    uint64_t nodes;
    uint64_t topology; /* enum topology_kind */
    uint64_t degree;
    uint64_t rewire_ppm;
    uint64_t width;
    uint64_t radius_ppm;
    uint64_t contacts;
    char file[SCENARIO_PATH_BYTES];
    char skip[SCENARIO_PATH_BYTES];
    uint64_t seed;
    uint64_t duration_us;
    uint64_t quiet_us;
    uint64_t start_us;

    uint64_t latency_us;
    uint64_t jitter_us;
    uint64_t loss_ppm;
    uint64_t bandwidth;

    uint64_t mobility; /* enum mobility_kind */
    char trace[SCENARIO_PATH_BYTES];
    uint64_t area_mm;
    uint64_t reach_mm;
    uint64_t speed_least; /* mm a second */
    uint64_t speed_most;
    uint64_t pause_us;
    uint64_t step_us;

    uint64_t session_us;
    uint64_t downtime_us;
    uint64_t churn_share_ppm;
    uint64_t graceful_ppm;
    uint64_t churn_from_us;
    uint64_t churn_until_us;

    uint64_t partition_at_us;
    uint64_t partition_for_us;
    uint64_t partition_share_ppm;
    uint64_t partition_every_us;
    uint64_t partition_times;
    uint64_t crash_at_us;
    uint64_t crash_for_us;
    uint64_t crash_share_ppm;
    uint64_t crash_disk; /* enum crash_disk */
    uint64_t kill_at_us;
    uint64_t kill_share_ppm;
    uint64_t slow_share_ppm;
    uint64_t slow_bandwidth;
    uint64_t skew_share_ppm;
    uint64_t skew_us;
    uint64_t skew_at_us;

    uint64_t role_ppm[ROLE_COUNT]; /* the first is unused */
    uint64_t told;                 /* enum switch_word */
    uint64_t attack_from_us;
    uint64_t attack_rate; /* frames a second */
    uint64_t attack_delay_us;
    uint64_t flood; /* enum flood_kind */
    uint64_t flood_life_us;
    uint64_t flood_cores;
    uint64_t victims_ppm;
    uint64_t flash_at_us;

    uint64_t letters;
    uint64_t pairs;
    uint64_t text_least;
    uint64_t text_most;
    char messages[SCENARIO_PATH_BYTES];
    uint64_t first_us;
    uint64_t over_us;
    uint64_t lifetime_us;
    uint64_t lifetime_most_us;
    uint64_t urgent_ppm;
    uint64_t settle_us;
    uint64_t groups;
    uint64_t group_size;
    uint64_t group_letters; /* in each */
    uint64_t files;
    uint64_t file_least;
    uint64_t file_most;

    uint64_t shelf_bytes;
    uint64_t peer_rate; /* bytes a second */
    uint64_t link_maximum;
    uint64_t life_maximum_us;
    uint64_t reconcile_us;
    uint64_t receipt_mean_us;
    uint64_t receipts; /* enum switch_word */
    uint64_t member;   /* enum switch_word */
    uint64_t tree;     /* enum switch_word */
    uint64_t stem;     /* enum switch_word */
    uint64_t pins;
    uint64_t crypto; /* enum crypto_word */

    size_t expectation_count;
    struct expectation expectations[SCENARIO_EXPECTATIONS];
    size_t published_count;
    struct published published[SCENARIO_PUBLISHED];
    struct origin given[128]; /* by setting */
};

#endif
