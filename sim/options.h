/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include <stdbool.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/scenario.h"

/* What `run`, `live`, `diff` and `explain` are told on the command line. */
enum { OPTIONS_STARTS = 256 }; /* of nodes, at a time */

struct options {
    struct scenario scenario;
    bool is_read;    /* it was, and what is wrong with it is so as a whole */
    const char *out; /* a folder, or NULL */
    bool force;      /* whatever lies in that folder */
    bool json;
    bool wire;
    bool twice;
    uint32_t threads; /* of `run`, from 1 */
    bool examine;
    const char *trace;  /* a file, or NULL */
    const char *events; /* seconds whose events go there, too; or NULL */
    /* live */
    const char *sottod; /* the program, or NULL */
    uint32_t starts;    /* at a time; 0: as many as it likes */
    bool netns;
    bool keep;
};

/* Read the command line and the scenario that it names.  STATUS_INVALID and
 * STATUS_IO with a complaint. */
MUST_USE enum status options_read(int argc, char **argv,
    struct options *options, struct complaint *complaint);

/* The value of an option that getopt_long has just read: a number from 1 to
 * most, and a time.  STATUS_INVALID with a complaint. */
MUST_USE enum status options_count(const char *option, uint32_t most,
    uint32_t *out, struct complaint *complaint);
MUST_USE enum status options_time(
    const char *option, uint64_t *out_us, struct complaint *complaint);

/* Complain of the word at which getopt_long stopped, with ':' or '?': an option
 * without its value, or none of that verb's, whose words argv has.
 * STATUS_INVALID, always. */
MUST_USE enum status options_refuse(
    int code, char **argv, struct complaint *complaint);

#endif
