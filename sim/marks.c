/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As the scenario planned it: a crash of a node that was down already is
 * counted too.  What lies behind the end of a run that ended early is left to
 * whoever draws it. */
#include "sim/marks.h"

#include <inttypes.h>

static const char *const role_words[ROLE_COUNT] = {
    [ROLE_HONEST] = "honest",
    [ROLE_DROPPER] = "droppers",
    [ROLE_ANNOUNCER] = "announcers",
    [ROLE_DELAYER] = "delayers",
    [ROLE_REPLAYER] = "replayers",
    [ROLE_FORGER] = "forgers",
    [ROLE_FLOODER] = "flooders",
    [ROLE_SYBIL] = "sybils",
    [ROLE_FLASH] = "flash",
    [ROLE_SPY] = "spies",
    [ROLE_GRINDER] = "grinders",
};

static void print_seconds(FILE *file, const char *name, uint64_t us)
{
    fprintf(file, ",\"%s\":%" PRIu64 ".%03" PRIu64, name, us / 1000000,
        us / 1000 % 1000);
}

/* When one begins; 0: it has been so from the start. */
static uint64_t role_from_us(const struct scenario *s, enum role role)
{
    switch (role) {
    case ROLE_FLASH:
        return s->flash_at_us;
    case ROLE_REPLAYER:
    case ROLE_FORGER:
    case ROLE_FLOODER:
    case ROLE_SYBIL:
    case ROLE_GRINDER:
        return s->attack_from_us;
    case ROLE_HONEST:
    case ROLE_DROPPER:
    case ROLE_ANNOUNCER:
    case ROLE_DELAYER:
    case ROLE_SPY:
    case ROLE_COUNT:
        return 0;
    }
    return 0;
}

static void print_adversaries(FILE *file, const struct world *world)
{
    uint32_t counts[ROLE_COUNT] = {0};
    const char *between = "";
    for (uint32_t i = 0; i < world->node_count; i++)
        counts[world->lots[i].role]++;
    fputs("\"adversaries\":[", file);
    for (int role = ROLE_HONEST + 1; role < ROLE_COUNT; role++) {
        if (counts[role] == 0)
            continue;
        fprintf(file, "%s{\"role\":\"%s\",\"nodes\":%" PRIu32, between,
            role_words[role], counts[role]);
        print_seconds(
            file, "from_s", role_from_us(&world->scenario, (enum role)role));
        fputc('}', file);
        between = ",";
    }
    fputs("],", file);
}

/* One fault; share_ppm of all nodes are struck. */
struct fault {
    const char *what;
    uint64_t share_ppm;
    uint64_t from_us;
    uint64_t until_us; /* 0: it has no end */
};

struct printing {
    FILE *file;
    const char *between;
};

static void print_fault(struct printing *printing, const struct fault *fault)
{
    FILE *file = printing->file;
    fprintf(file, "%s{\"what\":\"%s\",\"share\":%" PRIu64 ".%06" PRIu64,
        printing->between, fault->what, fault->share_ppm / 1000000,
        fault->share_ppm % 1000000);
    print_seconds(file, "from_s", fault->from_us);
    if (fault->until_us)
        print_seconds(file, "until_s", fault->until_us);
    fputc('}', file);
    printing->between = ",";
}

static void print_splits(struct printing *printing, const struct scenario *s)
{
    uint64_t times = s->partition_every_us ? s->partition_times : 1;
    for (uint64_t i = 0; s->partition_for_us && i < times; i++) {
        uint64_t from_us = s->partition_at_us + i * s->partition_every_us;
        print_fault(printing, &(struct fault){"split", s->partition_share_ppm,
                                  from_us, from_us + s->partition_for_us});
    }
}

static void print_faults(FILE *file, const struct scenario *s)
{
    struct printing printing = {file, ""};
    uint64_t churn_end_us =
        s->churn_until_us ? s->churn_until_us : s->duration_us;
    fputs("\"faults\":[", file);
    print_splits(&printing, s);
    if (s->crash_share_ppm)
        print_fault(
            &printing, &(struct fault){"crash", s->crash_share_ppm,
                           s->crash_at_us, s->crash_at_us + s->crash_for_us});
    if (s->kill_share_ppm)
        print_fault(&printing,
            &(struct fault){"kill", s->kill_share_ppm, s->kill_at_us, 0});
    if (s->session_us)
        print_fault(&printing, &(struct fault){"churn", s->churn_share_ppm,
                                   s->churn_from_us, churn_end_us});
    if (s->skew_share_ppm)
        print_fault(&printing, &(struct fault){"false clocks",
                                   s->skew_share_ppm, s->skew_at_us, 0});
    if (s->slow_share_ppm)
        print_fault(
            &printing, &(struct fault){"slow links", s->slow_share_ppm, 0, 0});
    fputs("],", file);
}

void marks_print_json(FILE *file, const struct world *world)
{
    print_adversaries(file, world);
    print_faults(file, &world->scenario);
}
