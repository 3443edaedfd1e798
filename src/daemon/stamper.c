/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A queue of jobs and at most one of them at work.  One thread is enough: two
 * letters do not go out sooner by being stamped at once, and the machine is its
 * person's.  The thread sees its job and the flag that stops it, and nothing
 * else.
 *
 * The engine bounds how many are made at a time; none is given up by itself. */
#include "config.h"

#include "daemon/stamper.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct stamper_job {
    struct stamper_job *next;
    struct stamp_search search;
    uint8_t stamp[ENVELOPE_STAMP_BYTES];
    enum status status;
};

struct stamper {
    struct stamper_config config;
    uv_work_t work;
    struct stamper_job *first, *last; /* the first is at work */
    bool is_working;
    bool is_freed;
    atomic_bool is_stopped;
};

enum status stamper_new(
    const struct stamper_config *config, struct stamper **out)
{
    struct stamper *stamper = calloc(1, sizeof(*stamper));
    if (!stamper)
        return STATUS_NO_MEMORY;
    stamper->config = *config;
    stamper->work.data = stamper;
    atomic_init(&stamper->is_stopped, false);
    *out = stamper;
    return STATUS_OK;
}

static struct stamper_job *pop(struct stamper *stamper)
{
    struct stamper_job *job = stamper->first;
    stamper->first = job->next;
    if (!stamper->first)
        stamper->last = NULL;
    return job;
}

static void destroy(struct stamper *stamper)
{
    while (stamper->first)
        free(pop(stamper));
    free(stamper);
}

void stamper_free(struct stamper *stamper)
{
    if (!stamper)
        return;
    atomic_store(&stamper->is_stopped, true);
    stamper->is_freed = true;
    if (!stamper->is_working)
        destroy(stamper);
}

static void on_work(uv_work_t *work)
{
    struct stamper *stamper = work->data;
    struct stamper_job *job = stamper->first;
    do
        job->status = stamp_try(&job->search, job->stamp);
    while (job->status == STATUS_AGAIN && !atomic_load(&stamper->is_stopped));
}

static void begin(struct stamper *stamper);

static void on_done(uv_work_t *work, int failed)
{
    struct stamper *stamper = work->data;
    stamper->is_working = false;
    if (stamper->is_freed) {
        destroy(stamper);
        return;
    }
    struct stamper_job *job = pop(stamper);
    stamper->config.nonce = job->search.nonce;
    if (stamper->first)
        begin(stamper);
    stamper->config.made(stamper->config.context, &job->search.id,
        failed || job->status ? NULL : job->stamp);
    free(job);
}

static void begin(struct stamper *stamper)
{
    stamper->is_working = true;
    stamper->first->search.nonce = stamper->config.nonce;
    int failed =
        uv_queue_work(stamper->config.loop, &stamper->work, on_work, on_done);
    assert(!failed); /* only without a function to call */
    (void)failed;
}

enum status stamper_make(struct stamper *stamper, const struct envelope_id *id,
    uint32_t expires_h, uint8_t bits)
{
    struct stamper_job *job = calloc(1, sizeof(*job));
    if (!job)
        return STATUS_NO_MEMORY;
    job->search =
        (struct stamp_search){.id = *id, .expires_h = expires_h, .bits = bits};
    if (stamper->last)
        stamper->last->next = job;
    else
        stamper->first = job;
    stamper->last = job;
    if (!stamper->is_working)
        begin(stamper);
    return STATUS_OK;
}
