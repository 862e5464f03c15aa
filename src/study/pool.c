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

typedef struct pool {
    const scl_plan *plan;
    scl_present
        *present; /* a worker looks at its job, the writer marks jobs that have run: never the same bytes at once */
    size_t *todo; /* jobs to run */
    size_t n_todo;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t rows_waiting, room_waiting;
    size_t next;    /* into todo */
    size_t running; /* workers that have not returned */
    bool stop;      /* no further job is taken */
    scl_row *queue; /* QUEUE_ROWS + a job's rows */
    size_t n_queue;
} pool;

typedef struct pool_thread {
    pthread_t thread;
    pool *shared;
    scl_worker worker;
    scl_row *rows;
} pool_thread;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool take_job(size_t *job, pool *shared)
{
    pthread_mutex_lock(&shared->mutex);
    bool found = !shared->stop && shared->next < shared->n_todo;
    if (found) *job = shared->todo[shared->next++];
    pthread_mutex_unlock(&shared->mutex);
    return found;
}

/* Waits for room: the writer empties the queue until the last worker returns, whether writing succeeds or not, so no job that
 * ran is lost by a stop. */
static void hand_over(pool *shared, const scl_row *rows, size_t n)
{
    pthread_mutex_lock(&shared->mutex);
    while (shared->n_queue >= QUEUE_ROWS) pthread_cond_wait(&shared->room_waiting, &shared->mutex);
    memcpy(shared->queue + shared->n_queue, rows, n * sizeof *rows);
    shared->n_queue += n;
    if (shared->n_queue >= QUEUE_ROWS / 2) pthread_cond_signal(&shared->rows_waiting);
    pthread_mutex_unlock(&shared->mutex);
}

static void *work(void *argument)
{
    pool_thread *self = argument;
    size_t job;
    while (take_job(&job, self->shared)) {
        size_t n = scl_job_run_missing(self->rows, &self->worker, job, self->shared->present);
        hand_over(self->shared, self->rows, n);
    }
    pthread_mutex_lock(&self->shared->mutex);
    self->shared->running--;
    pthread_cond_signal(&self->shared->rows_waiting);
    pthread_mutex_unlock(&self->shared->mutex);
    return NULL;
}

/* Waits for rows, the end, or LOOK_EVERY_S; moves the queue into `rows`. Returns how many; *over when all workers returned. */
static size_t collect(scl_row *rows, bool *over, pool *shared)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)(LOOK_EVERY_S * 1e9);
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_mutex_lock(&shared->mutex);
    while (shared->running > 0 && shared->n_queue < QUEUE_ROWS / 2)
        if (pthread_cond_timedwait(&shared->rows_waiting, &shared->mutex, &until) == ETIMEDOUT) break;
    size_t n = shared->n_queue;
    memcpy(rows, shared->queue, n * sizeof *rows);
    shared->n_queue = 0;
    *over = shared->running == 0;
    pthread_cond_broadcast(&shared->room_waiting);
    pthread_mutex_unlock(&shared->mutex);
    return n;
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
        progress->unconverged += rows[i].status == SCL_ROW_UNCONVERGED;
        bool last_of_job = i + 1 == n || rows[i + 1].job != rows[i].job; /* a job's rows come together */
        if (!last_of_job || !scl_present_all(present, rows[i].job)) continue;
        progress->done++;
        progress->done_now++;
    }
}

/* The writer's loop, on the calling thread. */
static scl_status write_rows(scl_progress *progress, scl_row *rows, pool *shared, scl_store *store,
                             const scl_pool_options *options, scl_error *err)
{
    double start = now_s(), committed = start;
    scl_status status = SCL_OK;
    for (bool over = false; !over;) {
        size_t n = collect(rows, &over, shared);
        if (status == SCL_OK) status = scl_store_append(store, rows, n, err);
        if (status == SCL_OK) count_rows(progress, shared->present, rows, n);
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

/* Jobs of which a row is missing; counts those of which one is there. */
static size_t list_todo(size_t *todo, size_t *part, const scl_present *present)
{
    size_t n = 0;
    *part = 0;
    for (size_t j = 0; j < present->plan->n_jobs; j++) {
        if (scl_present_all(present, j)) continue;
        *part += scl_present_any(present, j);
        todo[n++] = j;
    }
    return n;
}

/* Runs shared->todo, which is not empty. */
static scl_status run_todo(scl_progress *progress, pool *shared, scl_store *store, const scl_pool_options *options,
                           scl_error *err)
{
    size_t queue_size = QUEUE_ROWS + scl_job_max_rows(shared->plan), started = 0;
    size_t n_threads = options->workers < shared->n_todo ? options->workers : shared->n_todo;
    scl_status status = SCL_ERR_MEMORY;
    scl_row *rows = scl_alloc(queue_size, sizeof *rows, err);
    pool_thread *threads = scl_alloc(n_threads, sizeof *threads, err);
    shared->queue = scl_alloc(queue_size, sizeof *shared->queue, err);
    if (!rows || !threads || !shared->queue) goto done;
    status = start_threads(&started, threads, n_threads, shared, err);
    if (started > 0) {
        scl_status written = write_rows(progress, rows, shared, store, options, err);
        if (status == SCL_OK) status = written;
    }
    for (size_t i = 0; i < started; i++) pthread_join(threads[i].thread, NULL);
done:
    for (size_t i = 0; threads && i < n_threads; i++) {
        scl_worker_free(&threads[i].worker);
        scl_free(threads[i].rows);
    }
    scl_free(threads);
    scl_free(shared->queue);
    scl_free(rows);
    return status;
}

scl_status scl_pool_run(scl_progress *progress, const scl_plan *plan, scl_present *present, scl_store *store,
                        const scl_pool_options *options, scl_error *err)
{
    pool shared = {.plan = plan, .present = present};
    *progress = (scl_progress){.total = plan->n_jobs};
    shared.todo = scl_alloc(plan->n_jobs, sizeof *shared.todo, err);
    if (!shared.todo) return SCL_ERR_MEMORY;
    shared.n_todo = list_todo(shared.todo, &progress->part_before, present);
    progress->done = plan->n_jobs - shared.n_todo;
    pthread_mutex_init(&shared.mutex, NULL);
    pthread_cond_init(&shared.rows_waiting, NULL);
    pthread_cond_init(&shared.room_waiting, NULL);
    scl_status status = shared.n_todo > 0 ? run_todo(progress, &shared, store, options, err) : SCL_OK;
    pthread_cond_destroy(&shared.room_waiting);
    pthread_cond_destroy(&shared.rows_waiting);
    pthread_mutex_destroy(&shared.mutex);
    scl_free(shared.todo);
    progress->last = true;
    if (options->progress && status == SCL_OK) options->progress(options->progress_context, progress);
    return status;
}
