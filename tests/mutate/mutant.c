/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The switch that every watched call goes through.
 *
 * One build holds all mutants (Untch, Offutt and Harrold 1993, "Mutation
 * analysis using mutant schemata"): the environment says which of them a run
 * is.  MUTANT=SITE:VALUE gives that site's calls that value, after they were
 * made.  MUTANT_REACHED=FILE appends to FILE each site that is come by, once,
 * so that a mutant need only be held against the tests that come by it.  It is
 * written at once: a test may end by abort, or in a sandbox that opens no
 * file. */
#include "mutant.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SITES = 1 << 14 };

static int chosen_site, chosen_value, log_file = -1;
static int seen[SITES];

/* Children and other processes of a test append to the same file. */
__attribute__((constructor)) static void mutant_start(void)
{
    const char *chosen = getenv("MUTANT"), *path = getenv("MUTANT_REACHED");
    if (chosen && sscanf(chosen, "%d:%d", &chosen_site, &chosen_value) != 2)
        abort();
    if (path)
        log_file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static bool is_new(int site)
{
    size_t at = (size_t)site % SITES;
    while (seen[at] != 0 && seen[at] != site)
        at = (at + 1) % SITES;
    bool new = seen[at] == 0;
    seen[at] = site;
    return new;
}

int mutant(int site, int result)
{
    if (site == chosen_site)
        return chosen_value;
    if (log_file >= 0 && is_new(site)) {
        char line[16];
        int size = snprintf(line, sizeof(line), "%d\n", site);
        if (write(log_file, line, (size_t)size) != size)
            abort();
    }
    return result;
}
