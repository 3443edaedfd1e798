/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Without MPI, processes that mpirun starts would each make the whole run. */
#include <stdlib.h>

#include "sim/ranks.h"

enum status ranks_begin(struct exchange **out, struct complaint *complaint)
{
    const char *count = getenv("OMPI_COMM_WORLD_SIZE");
    *out = NULL;
    if (!count || strtol(count, NULL, 10) < 2)
        return STATUS_OK;
    complain(complaint,
        "mpirun has started %s of these, and this sotto-sim is built without "
        "MPI: build it after ./configure --with-mpi, or use --threads",
        count);
    return STATUS_INVALID;
}

void ranks_end(struct exchange *exchange)
{
    (void)exchange;
}
