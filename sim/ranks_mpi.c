/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A swap is two steps that all take together: how much each has for each, and
 * then the bytes.  What comes lies in one buffer until the next swap. */
#include <assert.h>
#include <limits.h>
#include <mpi.h>
#include <stdlib.h>

#include "sim/ranks.h"

enum { EXIT_BUG = 70 };

struct ranks {
    struct exchange exchange;
    int *out_sizes, *in_sizes;
    int *out_at, *in_at; /* where each begins */
    struct buf sent, came;
};

/* Where one rank fails all do: there is no going on without it. */
static void need(bool holds)
{
    if (!holds)
        MPI_Abort(MPI_COMM_WORLD, EXIT_BUG);
}

/* Where each of so many begins in one buffer; how long that is. */
static size_t lay_out(const int *sizes, int *at, uint32_t count)
{
    size_t end = 0;
    for (uint32_t i = 0; i < count; i++) {
        at[i] = (int)end;
        end += (size_t)sizes[i] + 7;
        end -= end % 8; /* structs are read where they lie */
        need(end <= INT_MAX);
    }
    return end;
}

static uint8_t *make_room(struct buf *buf, size_t size)
{
    uint8_t *room = NULL;
    buf_consume(buf, buf->size);
    need(buf_extend(buf, size, &room) == STATUS_OK);
    return room;
}

static void swap(struct exchange *exchange)
{
    struct ranks *ranks = exchange->carrier;
    for (uint32_t i = 0; i < exchange->parts; i++) {
        need(exchange->out[i].size <= INT_MAX);
        ranks->out_sizes[i] = (int)exchange->out[i].size;
    }
    MPI_Alltoall(ranks->out_sizes, 1, MPI_INT, ranks->in_sizes, 1, MPI_INT,
        MPI_COMM_WORLD);
    uint8_t *to = make_room(&ranks->sent,
        lay_out(ranks->out_sizes, ranks->out_at, exchange->parts));
    for (uint32_t i = 0; i < exchange->parts; i++)
        memcpy(to + ranks->out_at[i], exchange->out[i].data,
            exchange->out[i].size);
    uint8_t *from = make_room(
        &ranks->came, lay_out(ranks->in_sizes, ranks->in_at, exchange->parts));
    MPI_Alltoallv(to, ranks->out_sizes, ranks->out_at, MPI_BYTE, from,
        ranks->in_sizes, ranks->in_at, MPI_BYTE, MPI_COMM_WORLD);
    for (uint32_t i = 0; i < exchange->parts; i++)
        exchange->in[i] =
            (struct span){from + ranks->in_at[i], (size_t)ranks->in_sizes[i]};
}

/* Whether something that starts several processes has started this one: Open
 * MPI's mpirun, or a cluster's own, by PMIx. */
static bool is_started_by_mpi(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK");
}

static struct ranks *ranks_new(uint32_t part, uint32_t parts)
{
    struct ranks *ranks = calloc(1, sizeof(*ranks));
    need(ranks && exchange_init(&ranks->exchange, part, parts) == STATUS_OK);
    ranks->out_sizes = calloc(parts, sizeof(int));
    ranks->in_sizes = calloc(parts, sizeof(int));
    ranks->out_at = calloc(parts, sizeof(int));
    ranks->in_at = calloc(parts, sizeof(int));
    need(ranks->out_sizes && ranks->in_sizes && ranks->out_at && ranks->in_at);
    buf_init(&ranks->sent, INT_MAX);
    buf_init(&ranks->came, INT_MAX);
    ranks->exchange.swap = swap;
    ranks->exchange.carrier = ranks;
    return ranks;
}

enum status ranks_begin(struct exchange **out, struct complaint *complaint)
{
    int part, parts;
    (void)complaint;
    *out = NULL;
    if (!is_started_by_mpi())
        return STATUS_OK;
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &part);
    MPI_Comm_size(MPI_COMM_WORLD, &parts);
    *out = &ranks_new((uint32_t)part, (uint32_t)parts)->exchange;
    return STATUS_OK;
}

void ranks_end(struct exchange *exchange)
{
    if (!exchange)
        return;
    struct ranks *ranks = exchange->carrier;
    MPI_Finalize();
    exchange_clear(&ranks->exchange);
    free(ranks->out_sizes);
    free(ranks->in_sizes);
    free(ranks->out_at);
    free(ranks->in_at);
    buf_clear(&ranks->sent);
    buf_clear(&ranks->came);
    free(ranks);
}
