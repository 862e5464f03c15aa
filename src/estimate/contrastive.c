/* The linear contrastive loss, minimised exactly: averaged over masks, or for K masks that are held fixed.
 *
 *   L(W) = -1/4 tr(W N W') + (lambda/2) ||W W'||_F^2, minimised by W = diag(sqrt(max(mu_i, 0)/(4 lambda))) U_r'
 *   with the top-r eigenpairs (mu_i, U_r) of N, the pair matrix of the views: pair_matrix.h derives it for each scheme.
 *
 *   masks 0   the loss averaged over all masks. By default complementary bernoulli masks with p = 1/2: N = Delta(S) +
 *             diag(S_jj/n - xbar_j^2); population Delta(C).
 *   masks K   K masks (pairs of them with `views: independent`), each held fixed for the whole data set, drawn anew for each
 *             replicate; the loss is the mean of their K losses and N that of their K matrices. Averaged is the limit of large K.
 * One complementary mask, population: D drops out (A D (I-A) = 0), N is proportional to A UU'(I-A) + its transpose, and
 *   ||sinTheta||_F^2 = sum_i [1/2 - sqrt(g_i (1-g_i))], g_i = eig(U'AU), whatever D is, where all g_i lie strictly between 0 and 1.
 * K of them, Haar U, to first order: E ||sinTheta||_F^2 ~ K/(K+1)^2 r (r+2)/d + (1 - 1/K)^2 bias^2, the bias that of the average.
 * Source: docs/theory.md, section 2 (derived; the tests enumerate all masks). */
#include "estimate/estimators.h"
#include "estimate/pair_matrix.h"
#include "linalg/linalg.h"

#include <math.h>
#include <string.h>

enum { KEEP_PROBABILITY, LAMBDA, MASKS, MASK_LAW, VIEWS };

static const char *const law_words[] = {[SCL_MASKS_BERNOULLI] = "bernoulli", [SCL_MASKS_HALF] = "half", NULL};
static const char *const views_words[] = {[SCL_VIEWS_COMPLEMENTARY] = "complementary",
                                          [SCL_VIEWS_INDEPENDENT] = "independent",
                                          [SCL_VIEWS_PER_SAMPLE] = "independent-per-sample",
                                          NULL};

static bool has_fixed_masks(const double *options)
{
    return options[MASKS] > 0;
}

static bool clash(size_t *option, const char **allowed, const double *options)
{
    if ((int)options[MASK_LAW] == SCL_MASKS_HALF && options[KEEP_PROBABILITY] != 0.5) {
        *option = KEEP_PROBABILITY;
        *allowed = "0.5 with mask-law: half, which keeps exactly floor(d/2) coordinates";
        return true;
    }
    if ((int)options[VIEWS] == SCL_VIEWS_PER_SAMPLE && has_fixed_masks(options)) {
        *option = MASKS;
        *allowed = "0 with views: independent-per-sample, whose masks are averaged and never fixed";
        return true;
    }
    return false;
}

/* N = (1/K) sum_k N_k over K masks drawn from the stream, A_1 (B_1) A_2 (B_2) .. */
static scl_status fixed_masks(scl_matrix N, const scl_sample *sample, scl_views views, scl_mask_law law, size_t masks,
                              scl_stream *stream, scl_arena *ws, scl_error *err)
{
    size_t d = N.rows, mark = ws->used;
    _Static_assert(sizeof(uint64_t) == sizeof(double), "words are taken from an arena of doubles");
    uint64_t *a = (void *)scl_arena_take(ws, d, err), *b = (void *)scl_arena_take(ws, d, err);
    double *uniforms = scl_arena_take(ws, d, err);
    if (!a || !b || !uniforms) return SCL_ERR_INTERNAL;
    for (size_t j = 0; j < d; j++) memset(N.data + j * N.ld, 0, d * sizeof(double));
    for (size_t done = 0; done < masks; done += SCL_MASK_BLOCK) {
        memset(a, 0, d * sizeof *a);
        memset(b, 0, d * sizeof *b);
        uint64_t present = 0;
        for (size_t k = 0; k < SCL_MASK_BLOCK && done + k < masks; k++) {
            present |= UINT64_C(1) << k;
            scl_mask_draw(a, k, law, d, uniforms, stream);
            if (views == SCL_VIEWS_INDEPENDENT) scl_mask_draw(b, k, law, d, uniforms, stream);
        }
        if (views == SCL_VIEWS_COMPLEMENTARY)
            for (size_t j = 0; j < d; j++) b[j] = ~a[j] & present;
        scl_pair_matrix_add(N, sample, a, b, 1.0 / (double)masks);
    }
    ws->used = mark;
    return SCL_OK;
}

/* The loss that the recovery theorems are about: any other has other multiples of S off the diagonal, or draws masks. */
static bool learned(scl_matrix N, const scl_sample *sample, const double *options)
{
    bool theorems = !has_fixed_masks(options) && options[KEEP_PROBABILITY] == 0.5 &&
                    (scl_views)options[VIEWS] == SCL_VIEWS_COMPLEMENTARY &&
                    (scl_mask_kind)options[MASK_LAW] == SCL_MASKS_BERNOULLI;
    if (!theorems) return false;
    scl_pair_matrix_averaged(N, sample, SCL_VIEWS_COMPLEMENTARY, (scl_mask_law){.kind = SCL_MASKS_BERNOULLI, .p = 0.5});
    return true;
}

static size_t workspace(size_t d, size_t r)
{
    size_t masks = 3 * scl_arena_need(d), leading = scl_fit_leading_workspace(d, r);
    return scl_matrix_need(d, d) + (masks > leading ? masks : leading);
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = out->Q.rows;
    scl_matrix N;
    if (scl_matrix_take(&N, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_views views = (scl_views)options[VIEWS];
    scl_mask_law law = {.kind = (scl_mask_kind)options[MASK_LAW], .p = options[KEEP_PROBABILITY]};
    scl_status status = SCL_OK;
    if (has_fixed_masks(options))
        status = fixed_masks(N, sample, views, law, (size_t)options[MASKS], stream, ws, err);
    else
        scl_pair_matrix_averaged(N, sample, views, law);
    if (status == SCL_OK) status = scl_fit_leading(out, info, N, sample, 1.0 / (4.0 * options[LAMBDA]), ws, err);
    ws->used = mark;
    return status;
}

/* Averaged complementary masks leave Delta(S), independent ones S; the O(1/n) diagonal beside it is multiplied by up to
 * 1/(4 p (1-p)) or (1-p)/(2p), so that no limit is claimed for extreme p. */
static scl_shift_use shift(const double *options)
{
    double p = options[KEEP_PROBABILITY];
    if (has_fixed_masks(options) || p < 0.05 || p > 0.95) return (scl_shift_use){.shift = SCL_SHIFT_NONE_OF_THESE};
    bool complementary = (int)options[VIEWS] == SCL_VIEWS_COMPLEMENTARY;
    double scale = complementary ? 4.0 * p * (1.0 - p) : 4.0 * p * p;
    if ((int)options[MASK_LAW] == SCL_MASKS_HALF) scale = NAN;
    return (scl_shift_use){complementary ? SCL_SHIFT_DIAGONAL : SCL_SHIFT_ZERO, scale};
}

const scl_estimator scl_estimator_contrastive = {
    .name = "contrastive",
    .summary = "minimiser of the linear contrastive loss averaged over complementary random masks",
    .source = "docs/theory.md, section 2; Ji, Deng, Nakada, Zou, Zhang (2023)",
    .uses_stream = true,
    .draws = has_fixed_masks,
    .n_options = 5,
    .options =
        {
            /* nearer to 0 or 1, rounding drowns the pairs' part 4 p (1 - p) Delta(S0) */
            [KEEP_PROBABILITY] = {.key = "keep-probability",
                                  .fallback = 0.5,
                                  .low = 1e-6,
                                  .high = 1.0 - 1e-6,
                                  .meaning = "probability that a mask keeps a coordinate"},
            [LAMBDA] = {.key = "lambda",
                        .fallback = 1.0,
                        .low = 1e-50,
                        .high = 1e50,
                        .meaning = "weight of the penalty; scales W, never moves its row space"},
            [MASKS] = {.key = "masks",
                       .high = 1e6,
                       .whole = true,
                       .meaning =
                           "0: the loss averaged over all masks; K: K random masks, each fixed for the data set"},
            [MASK_LAW] = {.key = "mask-law",
                          .words = law_words,
                          .meaning =
                              "coordinates kept independently, or exactly floor(d/2) of them (keep-probability 0.5)"},
            [VIEWS] = {.key = "views",
                       .words = views_words,
                       .meaning = "A x and x - A x; A x and B x with a second mask; the same with new masks for each "
                                  "sample (masks: 0)"},
        },
    .clash = clash,
    .shift = shift,
    .learned = learned,
    .workspace = workspace,
    .fit = fit,
};
