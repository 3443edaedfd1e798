/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a linked node costs that has nothing to do: two relays, one link, no
 * mail.  Processor time as a share of a core, and bytes of frames on the link
 * both ways, over a while.
 *
 *   bench_idle [SECONDS]     default 60 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/random.h"
#include "platform/random.h"
#include "proto/control.h"
#include "tests/bench/daemon.h"

enum { ENDPOINT_CHARS = 256, LOOK_MS = 100, LOOKS_ALIKE = 10, LOOKS = 300 };

static const double CORE_PERCENT = 0.1, BYTES_S = 20;

/* Wait until there is a link and the greetings on it are over: nothing has been
 * said for a second. */
static void wait_for_rest(const char *home)
{
    uint64_t bytes = 0;
    int alike = 0;
    for (int i = 0; i < LOOKS && alike < LOOKS_ALIKE; i++) {
        poll(NULL, 0, LOOK_MS);
        struct daemon_links links = daemon_links(home);
        alike = links.up == 1 && links.bytes == bytes ? alike + 1 : 0;
        bytes = links.bytes;
    }
    if (alike < LOOKS_ALIKE)
        daemon_die("the two nodes did not link, or did not come to rest");
}

static void show(const char *what, double figure, double target)
{
    printf("  %6.3f %-28s %s (asked: at most %g)\n", figure, what,
        figure <= target ? "met" : "MISSED", target);
}

int main(int argc, char **argv)
{
    unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 60;
    char first[] = "/tmp/sotto-idle.XXXXXX",
         second[] = "/tmp/sotto-idle.XXXXXX";
    char endpoint[ENDPOINT_CHARS], config[ENDPOINT_CHARS + 64];
    if (random_system_start() || !mkdtemp(first) || !mkdtemp(second))
        daemon_die("mkdtemp");
    control_init(random_u64(random_system()));
    pid_t listens = daemon_start(first, "");
    daemon_endpoint(first, endpoint, sizeof(endpoint));
    snprintf(config, sizeof(config), "[relay]\nconnect = %s\n", endpoint);
    pid_t dials = daemon_start(second, config);
    daemon_endpoint(second, endpoint, sizeof(endpoint));
    wait_for_rest(second);
    double busy_s = daemon_processor_s(dials);
    uint64_t bytes = daemon_links(second).bytes;
    sleep(seconds); /* what is measured */
    busy_s = daemon_processor_s(dials) - busy_s;
    bytes = daemon_links(second).bytes - bytes;
    /* Processor time is told in ticks: one more may have been used. */
    busy_s += 1.0 / (double)sysconf(_SC_CLK_TCK);
    printf("an idle node with one link, over %u seconds:\n", seconds);
    show("% of a core, at most", 100 * busy_s / seconds, CORE_PERCENT);
    show("bytes a second on the link", (double)bytes / seconds, BYTES_S);
    daemon_end(dials, second);
    daemon_end(listens, first);
    return 0;
}
