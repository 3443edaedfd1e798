/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_QUANTILE_H
#define SIM_QUANTILE_H

#include <stddef.h>

/* A value measured once over many letters, and the interval that holds what it
 * would be over ever more of them in 95 of 100 cases.  NAN: there is no value,
 * or no end on that side that so few letters could tell. */
struct quantile {
    double value;
    double low;
    double high;
};

/* The value that a share of all values (0 to 1) do not exceed, by nearest rank,
 * of sorted values; the interval is that between two of them whose ranks chance
 * would hardly leave, which assumes nothing of how they are spread (Conover
 * 1980, 3.2). */
struct quantile quantile_of(const double *sorted, size_t count, double share);

/* A share, of so many among all (Wilson 1927). */
struct quantile quantile_share(size_t some, size_t count);

#endif
