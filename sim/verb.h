/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_VERB_H
#define SIM_VERB_H

#include "base/status.h"
#include "sim/complaint.h"

/* Exit codes, as in sotto-sim(1). */
enum sim_exit {
    SIM_DONE = 0,
    SIM_USAGE = 1,  /* the command, or the scenario, is wrong */
    SIM_FAILED = 5, /* an invariant or an expectation did not hold */
};

/* Say on standard error what was wrong, or else the name of that status.
 * SIM_USAGE, always. */
int verb_refuse(const struct complaint *complaint, enum status status);

/* Each takes the words behind the verb, the verb first. */
int verb_run(int argc, char **argv);
int verb_sweep(int argc, char **argv);
int verb_live(int argc, char **argv);
int verb_compare(int argc, char **argv);
int verb_replay(int argc, char **argv);
int verb_report(int argc, char **argv);
int verb_import(int argc, char **argv);
int verb_diff(int argc, char **argv);
int verb_fuzz(int argc, char **argv);
int verb_shrink(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_explain(int argc, char **argv);

#endif
