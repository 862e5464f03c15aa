/* The pool: see pool.h.
 *
 * Workers take the next missing job from a shared counter, run it in their own workspace and put its rows into a queue of fixed
 * size; the calling thread empties the queue into the store and commits once a second. The order in which jobs end does not
 * matter: rows carry their job, and every reading sorts by it. */
#include "study/pool.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

/* Rows that may wait for the writer; a worker that finds the queue full waits. */
enum { QUEUE_ROWS = 4096 };
static const double COMMIT_EVERY_S = 1.0;
static const double LOOK_EVERY_S = 0.1; /* at the queue, the stop request and the progress line */

/* What waits for the writer. */
typedef struct batch {
    scl_row *rows; /* QUEUE_ROWS + a job's rows */
    size_t n_rows;
    scl_slow_job *slow; /* as many: every job has a row */
    size_t n_slow;
} batch;

typedef struct pool_thread pool_thread;

typedef struct pool {
    const scl_plan *plan;
    const scl_pool_options *options;
    scl_present
        *present; /* a worker looks at its job, the writer marks jobs that have run: never the same bytes at once */
    size_t *todo; /* jobs to run */
    size_t n_todo;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t rows_waiting, room_waiting;
    size_t next;    /* into todo */
    size_t running; /* workers that have not returned */
    bool stop;      /* no further job is taken */
    batch queue;
    pool_thread *threads; /* n_threads; of each, job and started_s */
    size_t n_threads;
} pool;

struct pool_thread {
    pthread_t thread;
    pool *shared;
    scl_worker worker;
    scl_row *rows;
    size_t job; /* that it runs since started_s; 0 seconds: none */
    double started_s;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool take_job(pool_thread *self)
{
    pool *shared = self->shared;
    pthread_mutex_lock(&shared->mutex);
    bool found = !shared->stop && shared->next < shared->n_todo;
    if (found) {
        self->job = shared->todo[shared->next++];
        self->started_s = now_s();
    }
    pthread_mutex_unlock(&shared->mutex);
    return found;
}

static bool any_failed(const scl_row *rows, size_t n)
{
    size_t i = 0;
    while (i < n && rows[i].status != SCL_ROW_FAILED) i++;
    return i < n;
}

/* Waits for room: the writer empties the queue until the last worker returns, whether writing succeeds or not, so no job that
 * ran is lost by a stop. */
static void hand_over(pool_thread *self, size_t n)
{
    pool *shared = self->shared;
    batch *queue = &shared->queue;
    double limit_s = shared->options->job_limit_s, seconds = now_s() - self->started_s;
    pthread_mutex_lock(&shared->mutex);
    self->started_s = 0.0;
    if (shared->options->fail_fast && any_failed(self->rows, n)) shared->stop = true; /* before another job is taken */
    while (queue->n_rows >= QUEUE_ROWS) pthread_cond_wait(&shared->room_waiting, &shared->mutex);
    memcpy(queue->rows + queue->n_rows, self->rows, n * sizeof *self->rows);
    queue->n_rows += n;
    if (limit_s > 0.0 && seconds > limit_s) queue->slow[queue->n_slow++] = (scl_slow_job){self->job, seconds};
    if (queue->n_rows >= QUEUE_ROWS / 2) pthread_cond_signal(&shared->rows_waiting);
    pthread_mutex_unlock(&shared->mutex);
}

static void *work(void *argument)
{
    pool_thread *self = argument;
    while (take_job(self))
        hand_over(self, scl_job_run_missing(self->rows, &self->worker, self->job, self->shared->present));
    pthread_mutex_lock(&self->shared->mutex);
    self->shared->running--;
    pthread_cond_signal(&self->shared->rows_waiting);
    pthread_mutex_unlock(&self->shared->mutex);
    return NULL;
}

/* Counts the running jobs that are over the limit; the mutex is held. */
static void look_at_running(scl_progress *progress, const pool *shared)
{
    progress->slow_running = 0;
    progress->longest_s = 0.0;
    for (size_t i = 0; progress->job_limit_s > 0.0 && i < shared->n_threads; i++) {
        const pool_thread *thread = &shared->threads[i];
        double seconds = thread->started_s > 0.0 ? now_s() - thread->started_s : 0.0;
        progress->slow_running += seconds > progress->job_limit_s;
        if (!(seconds > progress->job_limit_s) || seconds < progress->longest_s) continue;
        progress->longest_s = seconds;
        progress->longest_in = scl_plan_job(shared->plan, thread->job);
    }
}

/* Waits for rows, the end, or LOOK_EVERY_S; moves the queue into `taken`; *over when all workers returned. */
static void collect(batch *taken, bool *over, scl_progress *progress, pool *shared)
{
    batch *queue = &shared->queue;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)(LOOK_EVERY_S * 1e9);
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_mutex_lock(&shared->mutex);
    while (shared->running > 0 && queue->n_rows < QUEUE_ROWS / 2)
        if (pthread_cond_timedwait(&shared->rows_waiting, &shared->mutex, &until) == ETIMEDOUT) break;
    batch empty = *taken;
    *taken = *queue;
    *queue = (batch){.rows = empty.rows, .slow = empty.slow};
    *over = shared->running == 0;
    look_at_running(progress, shared);
    pthread_cond_broadcast(&shared->room_waiting);
    pthread_mutex_unlock(&shared->mutex);
}

static void request_stop(pool *shared)
{
    pthread_mutex_lock(&shared->mutex);
    shared->stop = true;
    pthread_mutex_unlock(&shared->mutex);
}

static void count_rows(scl_progress *progress, scl_present *present, const scl_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        scl_present_mark(present, rows[i].job, rows[i].estimator, rows[i].kind);
        progress->failed += rows[i].status == SCL_ROW_FAILED;
        bool first = progress->failure.status != SCL_ROW_FAILED || rows[i].job < progress->failure.job;
        if (rows[i].status == SCL_ROW_FAILED && first) {
            progress->failure = rows[i];
            progress->failure_in = scl_plan_job(present->plan, rows[i].job);
        }
        progress->unconverged += rows[i].status == SCL_ROW_UNCONVERGED;
        bool last_of_job = i + 1 == n || rows[i + 1].job != rows[i].job; /* a job's rows come together */
        if (!last_of_job || !scl_present_all(present, rows[i].job)) continue;
        progress->done++;
        progress->done_now++;
    }
}

/* The writer's loop, on the calling thread. */
static scl_status write_rows(scl_progress *progress, batch *taken, pool *shared, scl_store *store, scl_error *err)
{
    const scl_pool_options *options = shared->options;
    double start = now_s(), committed = start;
    scl_status status = SCL_OK;
    for (bool over = false; !over;) {
        collect(taken, &over, progress, shared);
        if (status == SCL_OK) status = scl_store_append(store, taken->rows, taken->n_rows, err);
        if (status == SCL_OK)
            status = scl_store_mark_slow(store, taken->slow, taken->n_slow, options->job_limit_s, err);
        if (status == SCL_OK) {
            count_rows(progress, shared->present, taken->rows, taken->n_rows);
            progress->slow += taken->n_slow;
        }
        if (status == SCL_OK && (over || now_s() - committed >= COMMIT_EVERY_S)) {
            status = scl_store_commit(store, err);
            committed = now_s();
        }
        if (status != SCL_OK || (options->stop && *options->stop)) request_stop(shared);
        progress->elapsed_s = now_s() - start;
        if (options->progress && status == SCL_OK) options->progress(options->progress_context, progress);
    }
    return status;
}

static scl_status start_threads(size_t *started, pool_thread *threads, size_t n, pool *shared, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < n; i++) { /* all memory before the first job */
        threads[i].shared = shared;
        threads[i].rows = scl_alloc(scl_job_max_rows(shared->plan), sizeof(scl_row), err);
        status = threads[i].rows ? scl_worker_new(&threads[i].worker, shared->plan, err) : SCL_ERR_MEMORY;
        if (status != SCL_OK) return status;
    }
    shared->running = n;
    for (*started = 0; *started < n; (*started)++) {
        int failure = pthread_create(&threads[*started].thread, NULL, work, &threads[*started]);
        if (!failure) continue;
        pthread_mutex_lock(&shared->mutex);
        shared->running -= n - *started;
        pthread_mutex_unlock(&shared->mutex);
        request_stop(shared);
        return scl_error_set(err, SCL_ERR_MEMORY, "worker thread %zu cannot be started: %s", *started + 1,
                             strerror(failure));
    }
    return SCL_OK;
}

/* Jobs of the shard of which a row is missing; counts those of which one is there. */
static size_t list_todo(size_t *todo, size_t *part, const scl_present *present, scl_shard shard)
{
    size_t n = 0;
    *part = 0;
    for (size_t j = 0; j < present->plan->n_jobs; j++) {
        if (!scl_shard_has(shard, j) || scl_present_all(present, j)) continue;
        *part += scl_present_any(present, j);
        todo[n++] = j;
    }
    return n;
}

static scl_status batch_new(batch *out, size_t size, scl_error *err)
{
    out->rows = scl_alloc(size, sizeof *out->rows, err);
    out->slow = out->rows ? scl_alloc(size, sizeof *out->slow, err) : NULL;
    return out->slow ? SCL_OK : SCL_ERR_MEMORY;
}

static void batch_free(batch *out)
{
    scl_free(out->rows);
    scl_free(out->slow);
}

/* Runs shared->todo, which is not empty. */
static scl_status run_todo(scl_progress *progress, pool *shared, scl_store *store, scl_error *err)
{
    size_t queue_size = QUEUE_ROWS + scl_job_max_rows(shared->plan), started = 0;
    size_t n_threads = shared->options->workers < shared->n_todo ? shared->options->workers : shared->n_todo;
    batch taken = {0};
    scl_status status = batch_new(&shared->queue, queue_size, err);
    pool_thread *threads = scl_alloc(n_threads, sizeof *threads, err);
    if (status == SCL_OK) status = batch_new(&taken, queue_size, err);
    if (status == SCL_OK && !threads) status = SCL_ERR_MEMORY;
    if (status != SCL_OK) goto done;
    shared->threads = threads;
    shared->n_threads = n_threads;
    status = start_threads(&started, threads, n_threads, shared, err);
    if (started > 0) {
        scl_status written = write_rows(progress, &taken, shared, store, err);
        if (status == SCL_OK) status = written;
    }
    for (size_t i = 0; i < started; i++) pthread_join(threads[i].thread, NULL);
done:
    for (size_t i = 0; threads && i < n_threads; i++) {
        scl_worker_free(&threads[i].worker);
        scl_free(threads[i].rows);
    }
    scl_free(threads);
    batch_free(&shared->queue);
    batch_free(&taken);
    return status;
}

scl_status scl_pool_run(scl_progress *progress, const scl_plan *plan, scl_present *present, scl_store *store,
                        const scl_pool_options *options, scl_error *err)
{
    pool shared = {.plan = plan, .options = options, .present = present};
    *progress =
        (scl_progress){.total = scl_shard_jobs(options->shard, plan->n_jobs), .job_limit_s = options->job_limit_s};
    shared.todo = scl_alloc(plan->n_jobs, sizeof *shared.todo, err);
    if (!shared.todo) return SCL_ERR_MEMORY;
    shared.n_todo = list_todo(shared.todo, &progress->part_before, present, options->shard);
    progress->done = progress->total - shared.n_todo;
    pthread_mutex_init(&shared.mutex, NULL);
    pthread_cond_init(&shared.rows_waiting, NULL);
    pthread_cond_init(&shared.room_waiting, NULL);
    scl_status status = shared.n_todo > 0 ? run_todo(progress, &shared, store, err) : SCL_OK;
    pthread_cond_destroy(&shared.room_waiting);
    pthread_cond_destroy(&shared.rows_waiting);
    pthread_mutex_destroy(&shared.mutex);
    scl_free(shared.todo);
    progress->last = true;
    if (options->progress && status == SCL_OK) options->progress(options->progress_context, progress);
    return status;
}
