/* Thin BLAS: the wrappers against triple loops; and which library answers, with how many threads.
 *
 * A sum of m products of computed numbers has an error of at most m eps sum |a b| (Higham, section 3.1), whatever the order. */
#ifdef __linux__
#define _GNU_SOURCE 1 /* dladdr, dl_iterate_phdr */
#endif

#include "linalg/dense.h"
#include "linalg/linalg.h"

#include <cblas.h>
#include <pthread.h>
#include <stdio.h>

/* A view of rows x cols in the middle of a larger block, the rest of it a recognisable number. */
static const double PADDING = -12345.0;

static scl_matrix padded(size_t rows, size_t cols, scl_matrix *owner, scl_stream *stream)
{
    *owner = dense_new(rows + 3, cols + 2);
    for (size_t i = 0; i < owner->rows * owner->cols; i++) owner->data[i] = PADDING;
    scl_matrix view = {.rows = rows, .cols = cols, .ld = owner->ld, .data = owner->data + owner->ld};
    for (size_t j = 0; j < cols; j++) scl_stream_normals(&SCL_AT(view, 0, j), stream, rows);
    return view;
}

static void padding_untouched(scl_matrix owner, scl_matrix view)
{
    for (size_t j = 0; j < owner.cols; j++)
        for (size_t i = 0; i < owner.rows; i++) {
            bool inside = j >= 1 && j <= view.cols && i < view.rows;
            if (!inside) assert_true(SCL_AT(owner, i, j) == PADDING);
        }
}

static double op(scl_matrix A, scl_transpose how, size_t i, size_t j)
{
    return how == SCL_PLAIN ? SCL_AT(A, i, j) : SCL_AT(A, j, i);
}

static void gemm_is_a_triple_loop(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{1, 1, 1}, {3, 5, 4}, {17, 9, 33}, {64, 65, 7}, {40, 10, 130}};
    static const double factors[][2] = {{1, 0}, {-0.5, 1}, {2, -3}};
    scl_stream stream = scl_stream_make(1, SCL_ROLE_TEST, "gemm", 0);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int how = 0; how < 4; how++)
            for (size_t f = 0; f < 3; f++) {
                size_t m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
                scl_transpose a = how & 1 ? SCL_TRANSPOSED : SCL_PLAIN, b = how & 2 ? SCL_TRANSPOSED : SCL_PLAIN;
                double alpha = factors[f][0], beta = factors[f][1];
                scl_matrix owners[3], before = dense_new(m, n);
                scl_matrix A = a == SCL_PLAIN ? padded(m, k, &owners[0], &stream) : padded(k, m, &owners[0], &stream);
                scl_matrix B = b == SCL_PLAIN ? padded(k, n, &owners[1], &stream) : padded(n, k, &owners[1], &stream);
                scl_matrix C = padded(m, n, &owners[2], &stream);
                scl_matrix_copy(before, C);
                if (beta == 0) SCL_AT(C, 0, 0) = NAN; /* beta = 0 does not read C */
                scl_gemm(C, alpha, a, A, b, B, beta);
                for (size_t j = 0; j < n; j++)
                    for (size_t i = 0; i < m; i++) {
                        double want = beta == 0 ? 0 : beta * SCL_AT(before, i, j), size = fabs(want);
                        for (size_t l = 0; l < k; l++) {
                            double term = alpha * op(A, a, i, l) * op(B, b, l, j);
                            want += term;
                            size += fabs(term);
                        }
                        ASSERT_NEAR(SCL_AT(C, i, j), want, (double)(k + 2) * DBL_EPSILON * size);
                    }
                padding_untouched(owners[2], C);
                for (int o = 0; o < 3; o++) scl_matrix_free(&owners[o]);
                scl_matrix_free(&before);
            }
}

static void syrk_and_syr2k_are_triple_loops(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{1, 1}, {5, 3}, {31, 7}, {32, 40}, {33, 2}, {70, 256}, {129, 5}};
    scl_stream stream = scl_stream_make(1, SCL_ROLE_TEST, "syrk", 0);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int with_beta = 0; with_beta < 2; with_beta++) {
            size_t d = shapes[s][0], m = shapes[s][1];
            double alpha = 0.75, beta = with_beta ? 0.5 : 0.0;
            scl_matrix owners[3];
            scl_matrix A = padded(d, m, &owners[0], &stream), B = padded(d, m, &owners[1], &stream);
            scl_matrix C = padded(d, d, &owners[2], &stream), before = dense_new(d, d);
            scl_matrix_copy(before, C);
            scl_syrk(C, alpha, A, beta);
            for (size_t j = 0; j < d; j++)
                for (size_t i = 0; i < d; i++) {
                    size_t low = i > j ? i : j, high = i > j ? j : i; /* beta C comes from the lower triangle */
                    double want = beta * SCL_AT(before, low, high), size = fabs(want);
                    for (size_t l = 0; l < m; l++) {
                        want += alpha * SCL_AT(A, i, l) * SCL_AT(A, j, l);
                        size += fabs(alpha * SCL_AT(A, i, l) * SCL_AT(A, j, l));
                    }
                    ASSERT_NEAR(SCL_AT(C, i, j), want, (double)(m + 2) * DBL_EPSILON * size);
                    assert_true(SCL_AT(C, i, j) == SCL_AT(C, j, i));
                }
            padding_untouched(owners[2], C);
            scl_matrix_copy(before, C);
            scl_syr2k_lower(C, A, B);
            for (size_t j = 0; j < d; j++)
                for (size_t i = 0; i < d; i++) {
                    double want = SCL_AT(before, i, j), size = fabs(want);
                    for (size_t l = 0; i >= j && l < m; l++) {
                        double one = SCL_AT(A, i, l) * SCL_AT(B, j, l), two = SCL_AT(B, i, l) * SCL_AT(A, j, l);
                        want += one + two;
                        size += fabs(one) + fabs(two);
                    }
                    ASSERT_NEAR(SCL_AT(C, i, j), want, (double)(2 * m + 2) * DBL_EPSILON * size);
                }
            padding_untouched(owners[2], C);
            scl_symmetrise(C);
            for (size_t j = 0; j < d; j++)
                for (size_t i = 0; i < d; i++) assert_true(SCL_AT(C, i, j) == SCL_AT(C, j, i));
            padding_untouched(owners[2], C);
            double sum = 0;
            for (size_t j = 0; j < m; j++)
                for (size_t i = 0; i < d; i++) sum += SCL_AT(A, i, j) * SCL_AT(A, i, j);
            ASSERT_NEAR(scl_frobenius_squared(A), sum, (double)(d * m) * DBL_EPSILON * sum);
            for (int o = 0; o < 3; o++) scl_matrix_free(&owners[o]);
            scl_matrix_free(&before);
        }
}

/* The lower triangle is what symmetrise copies: numbered entries, all sizes around its tile. */
static void symmetrise_copies_the_lower_triangle(void **state)
{
    (void)state;
    for (size_t d = 1; d <= 100; d++) {
        scl_matrix C = dense_new(d, d);
        for (size_t i = 0; i < d * d; i++) C.data[i] = (double)i;
        scl_symmetrise(C);
        for (size_t j = 0; j < d; j++)
            for (size_t i = 0; i < d; i++) {
                size_t low = i > j ? i : j, high = i > j ? j : i;
                assert_true(SCL_AT(C, i, j) == (double)(low + high * d));
            }
        scl_matrix_free(&C);
    }
}

static void matrices(void **state)
{
    (void)state;
    size_t live = scl_memory_live();
    scl_error err = {0};
    scl_matrix M;
    assert_int_equal(scl_matrix_new(&M, SIZE_MAX / 2, 3, &err), SCL_ERR_MEMORY);
    assert_null(M.data);
    scl_error_clear(&err);
    scl_memory_fail_at(1);
    assert_int_equal(scl_matrix_new(&M, 2, 3, &err), SCL_ERR_MEMORY);
    assert_null(M.data);
    assert_int_equal(scl_memory_live(), live);
    scl_error_clear(&err);
    M = dense_new(5, 4);
    assert_true(M.rows == 5 && M.cols == 4 && M.ld == 5 && (uintptr_t)M.data % SCL_ALIGNMENT == 0);
    for (size_t i = 0; i < 20; i++) {
        assert_true(M.data[i] == 0);
        M.data[i] = (double)i;
    }
    scl_matrix two = scl_matrix_columns(M, 1, 2), copy = dense_new(5, 2);
    assert_true(two.rows == 5 && two.cols == 2 && &SCL_AT(two, 3, 1) == &SCL_AT(M, 3, 2));
    scl_matrix_copy(copy, two);
    assert_true(SCL_AT(copy, 4, 1) == 14);
    scl_arena arena = dense_arena(scl_matrix_need(3, 3) + scl_matrix_need(5, 2));
    scl_matrix A, B, C;
    ASSERT_OK(scl_matrix_take(&A, &arena, 3, 3, &err), err);
    ASSERT_OK(scl_matrix_take(&B, &arena, 5, 2, &err), err);
    assert_true(A.ld == 3 && B.ld == 5 && B.data >= A.data + 9 && (uintptr_t)B.data % SCL_ALIGNMENT == 0);
    assert_int_equal(scl_matrix_take(&C, &arena, 1, 1, &err), SCL_ERR_INTERNAL);
    scl_arena_free(&arena);
    scl_matrix_free(&copy);
    scl_matrix_free(&M);
    assert_null(M.data);
    assert_int_equal(scl_memory_live(), live);
}

static void blas_says_openblas(void **state)
{
    (void)state;
    assert_int_equal(strncmp(scl_blas_config(), "OpenBLAS", 8), 0);
    assert_true(strlen(scl_blas_kernel()) > 0);
}

#ifdef __linux__
#include <dirent.h>
#include <dlfcn.h>
#include <link.h>
#include <time.h>

/* The file of the library that answers to a name, in the order in which the program and every library it loads look. */
static const char *answering(const char *symbol)
{
    void *address = dlsym(RTLD_DEFAULT, symbol);
    Dl_info info;
    if (!address || !dladdr(address, &info)) fail_msg("%s is nowhere", symbol);
    return info.dli_fname;
}

/* The reference BLAS that comes with GSL may be in memory, because the distribution's libgsl asks for it, but no call of
 * ours or of libgsl's reaches it: names are looked up in OpenBLAS first. (If it answered, products took five times as long.) */
static void openblas_answers_every_name(void **state)
{
    (void)state;
    static const char *const symbols[] = {"cblas_dgemm", "cblas_dsyrk",  "cblas_dsyr2k", "cblas_dgemv",
                                          "cblas_dtrsm", "cblas_ddot",   "cblas_dnrm2",  "cblas_daxpy",
                                          "cblas_dscal", "cblas_idamax", "dgemm_",       "dsyrk_",
                                          "dtrsm_",      "dgemv_",       "dsymv_",       "dtrmm_"};
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        const char *file = answering(symbols[i]);
        if (!strstr(file, "openblas")) fail_msg("%s is answered by %s", symbols[i], file);
    }
    /* and that is the function this program itself calls */
    assert_true((void *)(uintptr_t)&cblas_dgemm == dlsym(RTLD_DEFAULT, "cblas_dgemm"));
}

typedef struct load_order {
    int count, openblas, gsl, gsl_reference;
} load_order;

static int note_library(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    load_order *order = context;
    order->count++;
    if (strstr(info->dlpi_name, "openblas") && !order->openblas) order->openblas = order->count;
    if (strstr(info->dlpi_name, "libgsl.") && !order->gsl) order->gsl = order->count;
    if (strstr(info->dlpi_name, "gslcblas") && !order->gsl_reference) order->gsl_reference = order->count;
    return 0;
}

/* Libraries are searched in the order in which they were loaded. */
static void openblas_is_loaded_first(void **state)
{
    (void)state;
    load_order order = {0};
    dl_iterate_phdr(note_library, &order);
    assert_true(order.openblas > 0);
    assert_true(order.gsl == 0 || order.openblas < order.gsl);
    assert_true(order.gsl_reference == 0 || order.openblas < order.gsl_reference);
}

static int process_threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    if (!folder) return -1;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    assert_int_equal(clock_gettime(clock, &t), 0);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* OpenBLAS's own threads run on the spot for a tenth of a second after they were made: wait until they sleep. */
static void wait_for_idle_threads(void)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    for (int i = 0; i < 250; i++) { /* five seconds at most */
        double others = seconds(CLOCK_PROCESS_CPUTIME_ID) - seconds(CLOCK_THREAD_CPUTIME_ID);
        assert_int_equal(nanosleep(&pause, NULL), 0);
        if (seconds(CLOCK_PROCESS_CPUTIME_ID) - seconds(CLOCK_THREAD_CPUTIME_ID) - others < 1e-4) return;
    }
}

/* A product large enough that OpenBLAS would share it out. It may have made its threads when it was loaded, so their number
 * alone proves nothing: the processor time of all other threads of the process together must stay below a twentieth of this
 * one's, and two threads at work would have about equal shares. */
static void large_products_run_in_this_thread(void **state)
{
    (void)state;
    enum { D = 600 };
    scl_stream stream = scl_stream_make(1, SCL_ROLE_TEST, "threads", 0);
    scl_matrix A = dense_normals(D, D, &stream), C = dense_new(D, D);
    int threads = process_threads();
    wait_for_idle_threads();
    double all = seconds(CLOCK_PROCESS_CPUTIME_ID), own = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < 6; i++) scl_gemm(C, 1, SCL_PLAIN, A, SCL_TRANSPOSED, A, 0);
    own = seconds(CLOCK_THREAD_CPUTIME_ID) - own;
    all = seconds(CLOCK_PROCESS_CPUTIME_ID) - all;
    assert_true(own > 0.001);
    assert_true(all - own < 0.05 * own);
    assert_int_equal(process_threads(), threads); /* -1 both times where there is no /proc */
    scl_matrix_free(&A);
    scl_matrix_free(&C);
}
#endif

enum { WORKERS = 6, SIDE = 160 };

typedef struct worker {
    scl_matrix A, C;
    int threads;
} worker;

static void *multiply(void *context)
{
    worker *w = context;
    for (int i = 0; i < 4; i++) scl_gemm(w->C, 1, SCL_TRANSPOSED, w->A, SCL_PLAIN, w->A, 0);
    w->threads = scl_blas_threads();
    return NULL;
}

/* Workers at once: one BLAS thread in each, and the bits of a worker alone. */
static void one_thread_per_worker(void **state)
{
    (void)state;
    assert_int_equal(scl_blas_threads(), 1);
    assert_string_equal(getenv("OPENBLAS_NUM_THREADS"), "1");
    scl_stream stream = scl_stream_make(1, SCL_ROLE_TEST, "workers", 0);
    worker alone = {.A = dense_normals(SIDE, SIDE, &stream), .C = dense_new(SIDE, SIDE)}, many[WORKERS];
    multiply(&alone);
    pthread_t threads[WORKERS];
    for (int i = 0; i < WORKERS; i++) many[i] = (worker){.A = alone.A, .C = dense_new(SIDE, SIDE)};
    for (int i = 0; i < WORKERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, multiply, &many[i]), 0);
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(many[i].threads, 1);
        assert_memory_equal(many[i].C.data, alone.C.data, SIDE * SIDE * sizeof(double));
        scl_matrix_free(&many[i].C);
    }
    scl_matrix_free(&alone.A);
    scl_matrix_free(&alone.C);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gemm_is_a_triple_loop),
        cmocka_unit_test(syrk_and_syr2k_are_triple_loops),
        cmocka_unit_test(symmetrise_copies_the_lower_triangle),
        cmocka_unit_test(matrices),
        cmocka_unit_test(blas_says_openblas),
#ifdef __linux__
        cmocka_unit_test(openblas_answers_every_name),
        cmocka_unit_test(openblas_is_loaded_first),
        cmocka_unit_test(large_products_run_in_this_thread),
#endif
        cmocka_unit_test(one_thread_per_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
