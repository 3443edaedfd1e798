/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By ranks and by counts: letters of one run are neither normal nor few, and
 * to draw samples of them would say the same a thousand times slower. */
#include "sim/quantile.h"

#include <math.h>

static const double width = 1.959964; /* of a normal, 95 of 100 cases */

struct quantile quantile_of(const double *sorted, size_t count, double share)
{
    struct quantile out = {NAN, NAN, NAN};
    double n = (double)count, deviation = width * sqrt(n * share * (1 - share));
    if (count == 0)
        return out;
    double rank = fmax(1, ceil(n * share - 1e-9));
    double low = floor(n * share - deviation);
    double high = ceil(n * share + deviation) + 1;
    out.value = sorted[(size_t)rank - 1];
    if (low >= 1)
        out.low = sorted[(size_t)low - 1];
    if (high <= n)
        out.high = sorted[(size_t)high - 1];
    return out;
}

struct quantile quantile_share(size_t some, size_t count)
{
    struct quantile out = {NAN, NAN, NAN};
    double n = (double)count, squared = width * width;
    if (count == 0)
        return out;
    double share = (double)some / n;
    double middle = (share + squared / (2 * n)) / (1 + squared / n);
    double half = width / (1 + squared / n) *
                  sqrt(share * (1 - share) / n + squared / (4 * n * n));
    out = (struct quantile){
        share, fmax(0, middle - half), fmin(1, middle + half)};
    return out;
}
