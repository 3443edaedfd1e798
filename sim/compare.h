/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_COMPARE_H
#define SIM_COMPARE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/summary.h"

/* Two runs side by side. */
struct compare_terms {
    double copies;  /* payloads a new one may differ by this share */
    double latency; /* its median may be so many times the other's */
};

struct compare {
    const char *folders[2];
    struct summary runs[2];
    struct compare_terms terms;
};

/* Whether two runs are of one scenario, with the same settings and seed, and
 * both to their end.  STATUS_INVALID with a complaint that says in what they
 * differ. */
MUST_USE enum status compare_check(
    const struct compare *compare, struct complaint *complaint);

/* Whether both sealed for real, or neither did: else a latency or a figure of
 * one says nothing about the other, however much somebody wants it.  As
 * above. */
MUST_USE enum status compare_check_crypto(
    const struct compare *compare, struct complaint *complaint);

/* Whether all that is judged agrees: as much was delivered, of letters, in
 * groups and of files, to a hundredth; copies and the median latency of
 * letters, by the terms. */
bool compare_agrees(const struct compare *compare);

void compare_print(FILE *file, const struct compare *compare);
void compare_print_json(FILE *file, const struct compare *compare);

#endif
