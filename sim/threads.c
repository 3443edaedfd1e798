/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads share their exchanges' buffers and nothing else.  What one has put
 * into a buffer the others read between this meeting and the next; since the
 * next swap fills the other set of buffers, one meeting a swap is enough. */
#include "sim/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "sim/assist.h"

struct thread {
    struct threads *all;
    struct exchange exchange;
    pthread_t id;
};

struct threads {
    struct threads_job job;
    pthread_barrier_t meeting;
    struct thread *list;
};

static void swap(struct exchange *exchange)
{
    struct threads *all = exchange->carrier;
    int set = exchange->out == exchange->sets[1];
    pthread_barrier_wait(&all->meeting);
    for (uint32_t i = 0; i < exchange->parts; i++)
        exchange->in[i] =
            buf_span(&all->list[i].exchange.sets[set][exchange->part]);
}

static void *run(void *argument)
{
    struct thread *thread = argument;
    const struct threads_job *job = &thread->all->job;
    const struct manner manner = {
        job->wire, job->examines_all, &thread->exchange};
    struct complaint complaint;
    enum status status =
        assist(job->scenario, &manner, job->has_picture, &complaint);
    (void)status; /* the first part has the same, and says so */
    return NULL;
}

/* Signals are the first thread's, which looks for them where it suits.  Were
 * one thread missing, the others would wait for it for ever. */
static void start_others(struct threads *threads)
{
    sigset_t all, before;
    int failed = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (uint32_t i = 1; i < threads->job.count && !failed; i++)
        failed =
            pthread_create(&threads->list[i].id, NULL, run, &threads->list[i]);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    world_need(failed ? STATUS_NO_MEMORY : STATUS_OK);
}

struct threads *threads_start(const struct threads_job *job)
{
    struct threads *threads = calloc(1, sizeof(*threads));
    world_need(threads ? STATUS_OK : STATUS_NO_MEMORY);
    threads->job = *job;
    threads->list = calloc(job->count, sizeof(*threads->list));
    if (!threads->list ||
        pthread_barrier_init(&threads->meeting, NULL, job->count) != 0)
        world_end(STATUS_NO_MEMORY);
    for (uint32_t i = 0; i < job->count; i++) {
        struct thread *thread = &threads->list[i];
        thread->all = threads;
        world_need(exchange_init(&thread->exchange, i, job->count));
        thread->exchange.swap = swap;
        thread->exchange.carrier = threads;
    }
    start_others(threads);
    return threads;
}

struct exchange *threads_exchange(struct threads *threads)
{
    return &threads->list[0].exchange;
}

void threads_end(struct threads *threads)
{
    if (!threads)
        return;
    for (uint32_t i = 1; i < threads->job.count; i++)
        pthread_join(threads->list[i].id, NULL);
    for (uint32_t i = 0; i < threads->job.count; i++)
        exchange_clear(&threads->list[i].exchange);
    pthread_barrier_destroy(&threads->meeting);
    free(threads->list);
    free(threads);
}
