/* Leading eigenpairs of a symmetric matrix by Chebyshev-filtered subspace iteration, verified by residuals.
 *
 *   S  d x d            V  d x b, the block, b = k + guard columns      AV = S V
 *   theta  Ritz values, descending            [low, cut]  interval to damp, cut = theta_b
 *   growth(t) = x + sqrt(x^2 - 1), x = (2 t - low - cut)/(cut - low): of the filter per degree
 *
 * Each round: Rayleigh-Ritz on span V through the generalised problem (V'SV, V'V), so that V need not be orthonormal;
 * residuals of the first k pairs; then a Chebyshev polynomial of S applied to V that damps [low, cut]. The product AV that
 * Rayleigh-Ritz needed is also the polynomial's first step. `low` comes from a few Lanczos steps.
 * Large matrices are filtered in single precision until its accuracy is used up; the last filter, all Rayleigh-Ritz steps
 * and all residuals are in double. When the gap is too small (the budget of block products is spent) or the block is not
 * small beside d, LAPACK decides.
 *
 * The start block is a fixed pseudo-random one: the same matrix always gives the same bits. A warm start takes the block and
 * `low` of an earlier call instead, needs no Lanczos steps and no first filter, and stays in double precision, since it begins
 * near the target.
 * Source: Zhou, Saad, Tiago, Chelikowsky (2006), J. Comput. Phys. 219, 172-184, algorithms 4.1-4.3. */
#include "linalg/linalg.h"

#include "linalg/chebyshev.h"
#include "linalg/lanczos.h"
#include "linalg/leading_dense.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

enum {
    FIRST_DEGREE = 8,      /* of the first filter, whose interval is still rough */
    START_DEGREE = 3,      /* of the filter before the first Rayleigh-Ritz step: a first look at the cut */
    MAX_DEGREE = 24,       /* of one filter; higher: fewer Rayleigh-Ritz steps, worse conditioned blocks */
    MAX_PRODUCTS = 240,    /* block products before LAPACK takes over; LAPACK is then about as fast */
    WARM_PRODUCTS = 60,    /* the same from a warm start, which needs few unless the gap is too small */
    SINGLE_DIMENSION = 300 /* from here on S outgrows the cache, and single precision pays for the extra round */
};
/* Spread of a filtered block that its Gram matrix still survives: cond(V'V) about SPREAD^2. */
static const double SPREAD = 1e6;
/* A filter aims this far below the target, since a round that just misses costs three products more. */
static const double SAFETY = 8.0;
/* Single precision serves while the relative residual is above SINGLE_FROM, and aims no lower than SINGLE_TO, near its own
 * rounding. */
static const double SINGLE_FROM = 1e-4, SINGLE_TO = 2e-6;
/* It holds matrices of norms between SINGLE_SMALLEST and SINGLE_LARGEST, with room for sums and for entries far below the norm
 * (float ends at 1e-38 and 3e38). */
static const double SINGLE_SMALLEST = 1e-20, SINGLE_LARGEST = 1e30;

/* Residuals of converged pairs, in eps ||S|| sqrt(d): what products of length d lose when their errors are independent. */
static const double ROUNDING = 8 * DBL_EPSILON;

/* Relative width under which an interval of the spectrum is taken for one point; far above rounding, far below any gap that a
 * filter could use. */
static const double FLAT = 1e-12;

/* Columns of the block: guard columns lower the cut (fewer rounds) and each costs its share of every product; dgemm's
 * kernels take columns by fours and are slower, not faster, on other counts. */
static size_t block_size(size_t k)
{
    size_t guard = k / 4 > 4 ? k / 4 : 4;
    return (k + guard + 3) / 4 * 4;
}

static bool block_is_worth_it(size_t d, size_t k)
{
    return d >= 32 && 2 * block_size(k) < d;
}

size_t scl_leading_block(size_t d, size_t k)
{
    return block_is_worth_it(d, k) ? block_size(k) : 0;
}

typedef struct block {
    size_t d, k, b;
    scl_matrix S;
    scl_matrix V, AV, next; /* d x b each */
    scl_matrix H, G;        /* b x b each */
    double *theta;          /* b, descending */
    const float *S_single;  /* d x d, NULL below SINGLE_DIMENSION */
    float *single_work;     /* 2 d b */
    double low;
    bool warm;
    int products, products_single;
} block;

static size_t floats_need(size_t d, size_t count)
{
    return d < SINGLE_DIMENSION ? 0 : scl_arena_need((count + 1) / 2);
}

static size_t block_workspace(size_t d, size_t k)
{
    size_t b = block_size(k);
    return 3 * scl_matrix_need(d, b) + 2 * scl_matrix_need(b, b) + scl_arena_need(b) + scl_small_eigen_workspace(b) +
           scl_spectrum_ends_workspace(d) + scl_frame_workspace(d, b) + floats_need(d, d * d) +
           floats_need(d, 2 * d * b);
}

size_t scl_leading_workspace(size_t d, size_t k)
{
    size_t lapack = scl_leading_dense_workspace(d, k);
    size_t blocks = block_is_worth_it(d, k) ? block_workspace(d, k) : 0;
    return lapack > blocks ? lapack : blocks;
}

/* AV = S V */
static void multiply_block(block *B)
{
    scl_gemm(B->AV, 1.0, SCL_TRANSPOSED, B->S, SCL_PLAIN, B->V, 0.0); /* transposed: see chebyshev.c */
    B->products++;
}

static void scale_columns(block *B)
{
    for (size_t j = 0; j < B->b; j++) {
        double *v = B->V.data + j * B->V.ld;
        double length = scl_length(v, B->d);
        if (!(length > 0.0)) continue;
        double *av = B->AV.data + j * B->AV.ld;
        for (size_t i = 0; i < B->d; i++) {
            v[i] /= length;
            av[i] /= length;
        }
    }
}

/* Ritz pairs of span V: V and AV are rotated to them, theta descending. `lost` tells that V was numerically dependent. */
static scl_status rayleigh_ritz(block *B, bool *lost, scl_arena *ws, scl_error *err)
{
    lapack_int b = (lapack_int)B->b;
    *lost = false;
    scale_columns(B);
    scl_gemm(B->G, 1.0, SCL_TRANSPOSED, B->V, SCL_PLAIN, B->V, 0.0);
    scl_gemm(B->H, 1.0, SCL_TRANSPOSED, B->V, SCL_PLAIN, B->AV, 0.0);
    if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', b, B->G.data, b) != 0) { /* G = L L' */
        *lost = true;
        return SCL_OK;
    }
    /* H becomes L^{-1} H L^{-T}; its eigenvectors Z give the Ritz vectors V L^{-T} Z. */
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, b, b, 1.0, B->G.data, b, B->H.data,
                b);
    cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, b, b, 1.0, B->G.data, b, B->H.data, b);
    scl_status status = scl_small_eigen(B->H, B->theta, ws, err);
    if (status != SCL_OK) return status;
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, b, b, 1.0, B->G.data, b, B->H.data, b);
    for (size_t j = 0; j < B->b / 2; j++) { /* ascending to descending */
        double value = B->theta[j];
        B->theta[j] = B->theta[B->b - 1 - j];
        B->theta[B->b - 1 - j] = value;
        cblas_dswap(b, B->H.data + j * B->b, 1, B->H.data + (B->b - 1 - j) * B->b, 1);
    }
    scl_gemm(B->next, 1.0, SCL_PLAIN, B->V, SCL_PLAIN, B->H, 0.0);
    scl_matrix spare = B->V;
    B->V = B->next;
    scl_gemm(spare, 1.0, SCL_PLAIN, B->AV, SCL_PLAIN, B->H, 0.0);
    B->next = B->AV;
    B->AV = spare;
    return SCL_OK;
}

/* max_i ||S v_i - theta_i v_i|| over the first k pairs */
static double largest_residual(const block *B)
{
    double largest = 0.0;
    for (size_t j = 0; j < B->k; j++) {
        const double *v = B->V.data + j * B->V.ld, *av = B->AV.data + j * B->AV.ld;
        double sum = 0.0;
        for (size_t i = 0; i < B->d; i++) {
            double difference = av[i] - B->theta[j] * v[i];
            sum += difference * difference;
        }
        largest = sum > largest ? sum : largest;
    }
    return sqrt(largest);
}

/* log of the growth per degree at t against the damped interval */
static double log_growth(double t, double low, double cut)
{
    double x = (2.0 * t - low - cut) / (cut - low);
    return x > 1.0 ? log(x + sqrt(x * x - 1.0)) : 0.0;
}

/* Degree that brings the residual under the target, within what the block's conditioning bears. */
static int filter_degree(const block *B, double residual, double target, bool rough)
{
    double slowest = log_growth(B->theta[B->k - 1], B->low, B->theta[B->b - 1]);
    double fastest = log_growth(B->theta[0], B->low, B->theta[B->b - 1]);
    int limit = rough ? FIRST_DEGREE : MAX_DEGREE;
    double gap = B->theta[B->k - 1] - B->theta[B->b - 1];
    double mixing = gap > residual ? residual / gap : 1.0; /* error of the Ritz vectors before the filter */
    double bearable = fastest > 0.0 ? log(SPREAD / mixing) / fastest : limit;
    double wanted = slowest > 0.0 ? ceil(log(SAFETY * residual / target) / slowest) : limit;
    if (wanted > bearable) wanted = floor(bearable);
    if (wanted > limit) wanted = limit;
    return wanted < 2 ? 2 : (int)wanted;
}

/* V = p(S) V; in single precision while the target is within its reach. */
static void apply_filter(block *B, const scl_filter *filter, bool single)
{
    if (single) {
        scl_chebyshev_filter_single(B->V, B->AV, B->S_single, B->single_work, filter);
        B->products_single += filter->degree - 1;
    } else {
        scl_chebyshev_filter(&B->V, &B->AV, B->S, filter);
        B->products += filter->degree - 1;
    }
}

/* The single-precision copy of S, and room for a filter in it. */
static scl_status single_take(block *B, scl_arena *ws, scl_error *err)
{
    size_t d = B->d;
    double *copy = scl_arena_take(ws, (d * d + 1) / 2, err), *work = scl_arena_take(ws, d * B->b, err);
    if (!copy || !work) return SCL_ERR_INTERNAL;
    float *S = (float *)(void *)copy;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++) S[i + j * d] = (float)SCL_AT(B->S, i, j);
    B->S_single = S;
    B->single_work = (float *)(void *)work;
    return SCL_OK;
}

static scl_status block_take(block *B, scl_matrix S, size_t k, const scl_leading_start *from, scl_arena *ws,
                             scl_error *err)
{
    size_t d = S.rows, b = block_size(k);
    *B = (block){.d = d, .k = k, .b = b, .S = S, .warm = from && from->warm};
    B->theta = scl_arena_take(ws, b, err);
    if (!B->theta || scl_matrix_take(&B->V, ws, d, b, err) || scl_matrix_take(&B->AV, ws, d, b, err) ||
        scl_matrix_take(&B->next, ws, d, b, err) || scl_matrix_take(&B->H, ws, b, b, err) ||
        scl_matrix_take(&B->G, ws, b, b, err))
        return SCL_ERR_INTERNAL;
    if (B->warm) {
        B->low = from->low;
        scl_matrix_copy(B->V, scl_matrix_columns(from->V, 0, b));
        return SCL_OK;
    }
    for (size_t i = 0; i < d * b; i++) B->V.data[i] = scl_fixed_noise(i + 1);
    return d < SINGLE_DIMENSION ? SCL_OK : single_take(B, ws, err);
}

/* False when low and high differ by rounding alone: a filter on such an interval would divide noise by noise (on .7 I it
 * filled the block with NaN). */
static bool is_wide(double low, double high)
{
    return high - low > FLAT * fmax(fabs(low), fabs(high));
}

/* Makes the block ready: a first filter that damps the lower half of the spectrum, unless it is warm, then AV = S V. */
static scl_status start(block *B, scl_arena *ws, scl_error *err)
{
    if (B->warm) {
        multiply_block(B);
        return SCL_OK;
    }
    double top = 0.0;
    scl_status status = scl_spectrum_ends(&B->low, &top, B->S, ws, err);
    if (status != SCL_OK) return status;
    double size = fmax(fabs(B->low), fabs(top));
    if (!(size > SINGLE_SMALLEST && size < SINGLE_LARGEST)) B->S_single = NULL;
    multiply_block(B);
    if (!is_wide(B->low, top)) return SCL_OK; /* S = 0 or a multiple of I: every block is invariant */
    scl_filter filter = {.low = B->low, .cut = 0.5 * (B->low + top), .top = top, .degree = START_DEGREE};
    apply_filter(B, &filter, B->S_single != NULL);
    multiply_block(B);
    return SCL_OK;
}

/* Ritz pairs; a block that turned out numerically dependent is made orthonormal first. */
static scl_status ritz_pairs(block *B, bool *lost, scl_arena *ws, scl_error *err)
{
    scl_status status = rayleigh_ritz(B, lost, ws, err);
    if (status != SCL_OK || !*lost) return status;
    status = scl_orthonormalise(B->V, ws, err);
    if (status != SCL_OK) return status;
    multiply_block(B);
    return rayleigh_ritz(B, lost, ws, err);
}

/* What the first k residuals must come under. Relative to the k-th value: beside a first one of 1e10 times its size, a residual
 * relative to the first would say nothing about it. No residual can be smaller than the rounding of the products with S. */
static double residual_target(const block *B, double tolerance, double size)
{
    return fmax(tolerance * fabs(B->theta[B->k - 1]), ROUNDING * sqrt((double)B->d) * size);
}

/* Iterates until the first k pairs are verified; *done stays false when the budget ends first. */
static scl_status iterate(block *B, bool *done, double *residual, double tolerance, scl_arena *ws, scl_error *err)
{
    *done = false;
    scl_status status = start(B, ws, err);
    int budget = B->warm ? WARM_PRODUCTS : MAX_PRODUCTS;
    for (bool rough = !B->warm; status == SCL_OK && B->products + B->products_single < budget; rough = false) {
        bool lost = false;
        status = ritz_pairs(B, &lost, ws, err);
        if (status != SCL_OK || lost) return status;
        double size = fmax(fabs(B->theta[0]), fabs(B->theta[B->k - 1])), cut = B->theta[B->b - 1];
        double target = residual_target(B, tolerance, size), error = largest_residual(B);
        *residual = size > 0.0 ? error / size : 0.0;
        *done = error <= target;
        if (*done || !is_wide(B->low, cut) || !isfinite(error)) return SCL_OK;
        bool single = B->S_single && error > SINGLE_FROM * size;
        if (single && target < SINGLE_TO * size) target = SINGLE_TO * size;
        scl_filter filter = {
            .low = B->low, .cut = cut, .top = B->theta[0], .degree = filter_degree(B, error, target, rough)};
        apply_filter(B, &filter, single);
        multiply_block(B);
    }
    return status;
}

/* One Newton step towards the nearest orthonormal frame: V (3 I - V'V)/2, quadratically convergent. */
static void polish(scl_matrix out, scl_matrix V, scl_matrix G)
{
    scl_gemm(G, -0.5, SCL_TRANSPOSED, V, SCL_PLAIN, V, 0.0);
    for (size_t i = 0; i < G.rows; i++) SCL_AT(G, i, i) += 1.5;
    scl_gemm(out, 1.0, SCL_PLAIN, V, SCL_PLAIN, G, 0.0);
}

/* The pairs and, for the next call, the whole block. */
static void hand_over(double *values, scl_matrix vectors, scl_leading_start *from, const block *B)
{
    memcpy(values, B->theta, B->k * sizeof(double));
    if (from) {
        scl_matrix_copy(scl_matrix_columns(from->V, 0, B->b), B->V);
        from->low = B->low;
        from->warm = true;
    }
    scl_matrix G = {.rows = B->k, .cols = B->k, .ld = B->k, .data = B->G.data};
    polish(vectors, scl_matrix_columns(B->V, 0, B->k), G);
}

scl_status scl_leading_from(double *values, scl_matrix vectors, scl_leading_info *info, scl_matrix S, double tolerance,
                            scl_leading_start *from, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = S.rows, k = vectors.cols;
    if (S.cols != d || vectors.rows != d || k < 1 || k > d)
        return scl_error_set(err, SCL_ERR_SHAPE, "leading eigenpairs: S is %zu x %zu, vectors are %zu x %zu", d, S.cols,
                             vectors.rows, k);
    if (from && (from->V.rows != d || from->V.cols < scl_leading_block(d, k)))
        return scl_error_set(err, SCL_ERR_SHAPE, "leading eigenpairs: the start is %zu x %zu, need %zu x %zu",
                             from->V.rows, from->V.cols, d, scl_leading_block(d, k));
    *info = (scl_leading_info){0};
    bool done = false;
    if (tolerance > SCL_LEADING_EXACT && block_is_worth_it(d, k) && !(from && from->hopeless)) {
        block B;
        scl_status status = block_take(&B, S, k, from, ws, err);
        if (status == SCL_OK) status = iterate(&B, &done, &info->residual, tolerance, ws, err);
        if (status != SCL_OK) return status;
        info->products = B.products + B.products_single;
        if (done)
            hand_over(values, vectors, from, &B);
        else if (from)
            from->hopeless = true;
        ws->used = mark;
    }
    if (!done) {
        info->lapack = true;
        scl_status status = scl_leading_dense(values, vectors, &info->residual, S, ws, err);
        if (status != SCL_OK) return status;
    }
    scl_fix_signs(vectors);
    return SCL_OK;
}

scl_status scl_leading(double *values, scl_matrix vectors, scl_leading_info *info, scl_matrix S, double tolerance,
                       scl_arena *ws, scl_error *err)
{
    return scl_leading_from(values, vectors, info, S, tolerance, NULL, ws, err);
}
