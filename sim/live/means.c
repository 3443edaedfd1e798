/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a node takes was measured, of forty with eight links each: 2.5 MiB as a
 * relay, where pages that processes share are shared out, and as much for its
 * vault.  Twice that is asked for, and threads as many as its processes have
 * at most. */
#include "config.h"

#include "sim/live/means.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/limits.h"
#include "sim/blame.h"
#include "sim/settings.h"

enum {
    NODE_MIB = 5,
    VAULT_MIB = 5,
    PASSPHRASE_MIB = 64, /* while one is tried */
    DESCRIPTORS_MORE = 64,
    NODE_DESCRIPTORS = 4, /* two sockets, a process, a namespace */
    THREADS = 10,
    RECEIPTS_PROMPT_US = 1000000,
    RECEIPTS_DISCREET_US = 1800 * 1000000,
    RECONCILE_US = 300 * 1000000,
};

static bool is_there(const char *folder, char out[static MEANS_PATH_BYTES])
{
    int size = snprintf(out, MEANS_PATH_BYTES, "%s/sottod", folder);
    return size > 0 && size < MEANS_PATH_BYTES && access(out, X_OK) == 0;
}

static bool is_beside(const char *way, char out[static MEANS_PATH_BYTES])
{
    char self[MEANS_PATH_BYTES] = {0}, folder[MEANS_PATH_BYTES + 16];
    if (readlink("/proc/self/exe", self, sizeof(self) - 1) <= 0)
        return false;
    char *slash = strrchr(self, '/');
    if (!slash)
        return false;
    *slash = '\0';
    snprintf(folder, sizeof(folder), "%s%s", self, way);
    return is_there(folder, out);
}

static bool is_on_path(char out[static MEANS_PATH_BYTES])
{
    const char *at = getenv("PATH");
    while (at && *at) {
        char folder[MEANS_PATH_BYTES];
        size_t size = strcspn(at, ":");
        snprintf(folder, sizeof(folder), "%.*s", (int)size, at);
        if (size > 0 && is_there(folder, out))
            return true;
        at += size + (at[size] == ':');
    }
    return false;
}

/* What it is told of [links]: whole numbers, since no person writes it. */
static void write_shape(const struct scenario *s, uint64_t bandwidth, char *out)
{
    snprintf(out, MEANS_SHAPE_BYTES,
        "latency_us=%" PRIu64 ",jitter_us=%" PRIu64 ",loss_ppm=%" PRIu64
        ",bandwidth=%" PRIu64,
        s->latency_us, s->jitter_us, s->loss_ppm, bandwidth);
}

/* Whether a sottod takes the option; one that was not built for it refuses. */
static bool takes_shape(const struct means *means)
{
    pid_t pid = fork();
    int state = -1;
    if (pid == 0) {
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(nothing, STDOUT_FILENO);
        dup2(nothing, STDERR_FILENO);
        execl(means->sottod, "sottod", "--home", "/", "--link-shape",
            means->shape, "--check-config", (char *)NULL);
        _exit(1);
    }
    while (pid > 0 && waitpid(pid, &state, 0) < 0 && errno == EINTR)
        continue;
    return pid > 0 && WIFEXITED(state) && WEXITSTATUS(state) == 0;
}

static enum status find(
    const char *named, struct means *out, struct complaint *complaint)
{
    if (named) {
        snprintf(out->sottod, sizeof(out->sottod), "%s", named);
        if (access(named, X_OK) == 0)
            return STATUS_OK;
        complain(complaint, "--sottod: %s: %s", named, strerror(errno));
        return STATUS_NOT_FOUND;
    }
    if (is_beside("", out->sottod) || is_beside("/../sbin", out->sottod) ||
        is_there(SOTTO_SBINDIR, out->sottod) || is_on_path(out->sottod))
        return STATUS_OK;
    complain(complaint,
        "no sottod beside this program, in %s or on PATH; name one with "
        "--sottod",
        SOTTO_SBINDIR);
    return STATUS_NOT_FOUND;
}

enum status means_find_sottod(const char *named,
    const struct scenario *scenario, struct means *out,
    struct complaint *complaint)
{
    enum status status = find(named, out, complaint);
    if (status)
        return status;
    uint64_t slow = scenario->slow_bandwidth, all = scenario->bandwidth;
    write_shape(scenario, all, out->shape);
    write_shape(scenario, all > 0 && all < slow ? all : slow, out->slow_shape);
    out->shapes = takes_shape(out);
    return STATUS_OK;
}

enum status means_check_shape(const struct scenario *scenario,
    const struct means *means, struct complaint *complaint)
{
    if (scenario->slow_share_ppm == 0 || means->shapes)
        return STATUS_OK;
    return blame(scenario, complaint, "faults.slow_share",
        "%s was built without --enable-link-shape, and cannot make a node "
        "slow; "
        "build it with that, or leave slow nodes out by --set "
        "faults.slow_share=0",
        means->sottod);
}

enum status means_find_clocks(const struct scenario *scenario,
    struct means *means, struct complaint *complaint)
{
    means->clocks[0] = '\0';
    if (scenario->skew_share_ppm == 0 || scenario->skew_us == 0)
        return STATUS_OK;
    if (clocks_find(means->clocks) == STATUS_OK)
        return STATUS_OK;
    return blame(scenario, complaint, "faults.skew_share",
        "real nodes have one clock, but for libfaketime (Debian: faketime), "
        "which is not here; install it, leave false clocks out by --set "
        "faults.skew_share=0, or use `sotto-sim run`");
}

static uint64_t attackers_ppm(const struct scenario *s)
{
    uint64_t sum_ppm = 0;
    for (int role = ROLE_HONEST + 1; role < ROLE_COUNT; role++)
        sum_ppm += s->role_ppm[role];
    return sum_ppm;
}

enum status means_check_scenario(
    const struct scenario *scenario, bool splits, struct complaint *complaint)
{
    const struct scenario *s = scenario;
    const struct {
        bool wants;
        const char *keys;
        const char *why;
    } wants[] = {
        {s->mobility != MOBILITY_NONE, "mobility.model",
            "real nodes do not move; use `sotto-sim run`"},
        {attackers_ppm(s) > 0, SETTINGS_ADVERSARIES,
            "real nodes are honest; use `sotto-sim run`"},
        {s->crypto != CRYPTO_REAL, "node.crypto",
            "real nodes seal for real; leave it at real"},
        {s->skew_share_ppm > 0 && s->skew_at_us > 0, "faults.skew_at",
            "clocks of real nodes are off from their start; leave it at 0, or "
            "use `sotto-sim run`"},
        {s->partition_for_us > 0 && !splits, "faults.partition_for",
            "real nodes are parted with --netns only, by root; or leave it out "
            "by --set faults.partition_for=0"},
    };
    for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++)
        if (wants[i].wants)
            return blame(s, complaint, wants[i].keys, "%s", wants[i].why);
    return STATUS_OK;
}

static void leave_out(struct report_live *out, bool is_so, const char *what)
{
    if (is_so && out->unlike_count < REPORT_UNLIKE)
        out->unlike[out->unlike_count++] = what;
}

static void describe_settings(const struct scenario *s, struct report_live *out)
{
    leave_out(out, s->reconcile_us != RECONCILE_US,
        "[node] reconcile: sottod compares shelves every five minutes");
    leave_out(out,
        s->receipt_mean_us != RECEIPTS_PROMPT_US &&
            s->receipt_mean_us != RECEIPTS_DISCREET_US,
        "[node] receipt: sottod waits a second on average, or half an hour");
    leave_out(out,
        s->life_maximum_us !=
            LIMIT_ENVELOPE_LIFE_H * HOUR_S * UINT64_C(1000000),
        "[node] life: sottod takes envelopes of 14 days");
    leave_out(out, s->slow_share_ppm > 0,
        "[faults] slow_bandwidth: what is sent to a slow node comes at the "
        "others' speed");
    leave_out(out, s->topology == TOPOLOGY_JOIN,
        "[node] pins: every node that another knows at first is a pin");
}

static const char *links_word(bool shapes, bool netns)
{
    if (shapes)
        return netns ? "shaped in sottod, as [links] says, between network "
                       "namespaces"
                     : "shaped in sottod, as [links] says";
    return netns ? "as the kernel makes them between network namespaces"
                 : "as the kernel makes them within one machine";
}

void means_describe(const struct scenario *scenario, bool shapes, bool netns,
    struct report_live *out)
{
    static const enum metric measured[] = {METRIC_DELIVERED, METRIC_LATENCY_P50,
        METRIC_LATENCY_P90, METRIC_LATENCY_P99, METRIC_LATENCY_LAST,
        METRIC_LATENCY_MEAN, METRIC_REDUNDANCY, METRIC_EVENTS,
        METRIC_CONTROL_BYTES, METRIC_NODE_BYTES, METRIC_SHELF_BYTES,
        METRIC_ECLIPSED, METRIC_DEGREE_LEAST, METRIC_DEGREE_MEAN,
        METRIC_DEGREE_MOST, METRIC_IN_BAND, METRIC_COMPONENTS,
        METRIC_CLUSTERING, METRIC_PATH_MEAN, METRIC_OVERHEAD, METRIC_HEALED,
        METRIC_GROUP_DELIVERED, METRIC_GROUP_LATENCY_P50,
        METRIC_GROUP_LATENCY_P90, METRIC_GROUP_LATENCY_P99,
        METRIC_GROUP_LATENCY_LAST, METRIC_FILE_DELIVERED,
        METRIC_FILE_LATENCY_P50, METRIC_FILE_LATENCY_P90,
        METRIC_FILE_LATENCY_P99, METRIC_FILE_LATENCY_LAST};
    for (size_t i = 0; i < sizeof(measured) / sizeof(measured[0]); i++)
        out->is_measured[measured[i]] = true;
    out->links = links_word(shapes, netns);
    const struct scenario *s = scenario;
    leave_out(out,
        !shapes && (s->latency_us > 0 || s->jitter_us > 0 || s->bandwidth > 0),
        "[links] latency, jitter, bandwidth: this sottod was built without "
        "--enable-link-shape");
    leave_out(out, !shapes && netns && s->loss_ppm > 0,
        "[links] loss of frames: packets are lost, which TCP sends again");
    leave_out(out, !shapes && !netns && s->loss_ppm > 0,
        "[links] loss: this sottod was built without --enable-link-shape, and "
        "there is no --netns");
    describe_settings(s, out);
}

static enum status check_descriptors(
    uint32_t nodes, struct complaint *complaint)
{
    struct rlimit limit;
    rlim_t needed = (rlim_t)nodes * NODE_DESCRIPTORS + DESCRIPTORS_MORE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
        return STATUS_OK;
    if (limit.rlim_max >= needed) {
        limit.rlim_cur = needed;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
            return STATUS_OK;
    }
    complain(complaint,
        "%" PRIu32 " nodes need %llu open files here, and %llu are allowed; "
        "raise that (ulimit -n %llu), or take fewer nodes",
        nodes, (unsigned long long)needed, (unsigned long long)limit.rlim_max,
        (unsigned long long)needed);
    return STATUS_FULL;
}

static enum status check_processes(uint32_t nodes, struct complaint *complaint)
{
    struct rlimit limit;
    rlim_t needed = (rlim_t)nodes * THREADS;
    if (geteuid() == 0 || getrlimit(RLIMIT_NPROC, &limit) != 0 ||
        limit.rlim_cur >= needed)
        return STATUS_OK;
    complain(complaint,
        "%" PRIu32 " nodes need %llu processes and threads, and %llu are "
        "allowed; raise that (ulimit -u), or take fewer nodes",
        nodes, (unsigned long long)needed, (unsigned long long)limit.rlim_cur);
    return STATUS_FULL;
}

/* What the kernel can give without swapping; UINT64_MAX where it does not say.
 */
static uint64_t available_mib(void)
{
    static const char name[] = "MemAvailable:";
    char line[128];
    uint64_t kib = UINT64_MAX;
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof(line), file))
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtoull(line + strlen(name), NULL, 10);
    if (file)
        fclose(file);
    return kib == UINT64_MAX ? kib : kib / 1024;
}

static enum status check_memory(uint32_t nodes, uint32_t vaults,
    uint32_t starts, struct complaint *complaint)
{
    uint32_t at_once = starts < vaults ? starts : vaults;
    uint64_t needed = (uint64_t)nodes * NODE_MIB +
                      (uint64_t)vaults * VAULT_MIB +
                      (uint64_t)at_once * PASSPHRASE_MIB;
    uint64_t available = available_mib();
    if (available >= needed)
        return STATUS_OK;
    complain(complaint,
        "%" PRIu32 " nodes, %" PRIu32 " with vaults, need %" PRIu64
        " MiB of memory, and %" PRIu64 " MiB are free; take fewer nodes",
        nodes, vaults, needed, available);
    return STATUS_FULL;
}

enum status means_check_machine(uint32_t nodes, uint32_t vaults,
    uint32_t starts, struct complaint *complaint)
{
    enum status status = check_descriptors(nodes, complaint);
    if (!status)
        status = check_processes(nodes, complaint);
    return status ? status : check_memory(nodes, vaults, starts, complaint);
}
