/* Sums of m labelled samples, whatever the labels are a function of in z, at a cost of m (r + T') scalars (classes: log m) and O(d^2) beside:
 *
 *   X = A Z + D^{1/2} E    A = U diag(nu) (d x r), Z r x m of variance 1, E d x m standard normal, independent of Z and the labels
 *   B   m x q              everything that is known: latents, labels (or their noise) and 1. Kind classes: the K = r + 1 indicators of the
 *                          classes, which span latents and 1; elsewhere [e_1..e_T' or y_1..y_T', 1, Z']
 *   F = L B'   f x m       [y_1; ..; y_T'; 1; Z]: regression y_s = sum_k w_ks Z_k + label_noise e_s, the others rows of B'
 *   G = B'B = R R'         q x q', of rank q'
 * Columns of B R'^+ are q' orthonormal vectors H of R^m, B = H R'. Given B, E H = N is d x q' standard normal, and E (I - H H') is
 * independent of it, of m - q' dimensions:
 *   E B = N R'    E E' = N N' + Wishart(I_d, m - q')
 *   X F' = A Z F' + D^{1/2} E B L'
 *   X X' = D^{1/2} E E' D^{1/2} + P Q' + Q P', P = A, Q = D^{1/2} E Z' + A Z Z'/2
 * R comes from the eigenvalues of G scaled to a unit diagonal, those above RANK and at most m of them: labels may be all equal, equal to
 * t, or of one task twice. The law of E E' is right for any subspace H of span B of q' dimensions, so dropping a direction of eigenvalue g
 * changes nothing but the part sqrt(g) of E B, and keeping one that rounding made nothing at all.
 * Source: docs/theory.md, section 7. */
#include "sample/conditional.h"

#include "linalg/linalg.h"
#include "random/binomial.h"
#include "sample/label_values.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 256 };             /* samples; part of the stream's layout */
enum { COUNTS = 1 << 30 };        /* the substream of classes' counts, beyond those of a Wishart matrix */
static const double RANK = 1e-12; /* of eigenvalues between 0 and q; larger drops more */

static bool is_classes(const scl_model *model)
{
    return model->task.kind == SCL_TASK_CLASSES;
}

static size_t rows_of_B(size_t r, size_t tasks, bool classes)
{
    return classes ? r + 1 : tasks + 1 + r;
}

size_t scl_conditional_workspace(const scl_model_spec *spec, size_t tasks)
{
    size_t d = spec->d, r = spec->r, f = tasks + 1 + r;
    bool classes = spec->task.kind == SCL_TASK_CLASSES;
    size_t q = rows_of_B(r, tasks, classes);
    size_t kept = scl_matrix_need(f, f) + scl_matrix_need(d, f) + scl_matrix_need(d, q) + scl_matrix_need(d, r);
    if (classes) kept += scl_arena_need(r + 1) + scl_matrix_need(d, r + 1);
    size_t blocks = classes ? 0 : scl_matrix_need(q, BLOCK) + scl_matrix_need(r, BLOCK) + scl_matrix_need(tasks, BLOCK);
    size_t factor = 3 * scl_matrix_need(q, q) + 2 * scl_arena_need(q) + scl_small_eigen_workspace(q);
    return kept + blocks + factor + 2 * scl_matrix_need(f, q) + scl_matrix_need(d, q) + scl_matrix_need(d, r);
}

scl_status scl_conditional_take(scl_conditional *set, const scl_model *model, size_t tasks, scl_arena *ws,
                                scl_error *err)
{
    size_t d = model->d, r = model->r, f = tasks + 1 + r, q = rows_of_B(r, tasks, is_classes(model));
    *set = (scl_conditional){.sums = {.tasks = tasks}};
    if (scl_matrix_take(&set->sums.FF, ws, f, f, err) || scl_matrix_take(&set->sums.XF, ws, d, f, err) ||
        scl_matrix_take(&set->N, ws, d, q, err) || scl_matrix_take(&set->EZ, ws, d, r, err))
        return SCL_ERR_INTERNAL;
    if (!is_classes(model)) return SCL_OK;
    set->sums.counts = scl_arena_take(ws, r + 1, err);
    if (!set->sums.counts || scl_matrix_take(&set->sums.class_sums, ws, d, r + 1, err)) return SCL_ERR_INTERNAL;
    return SCL_OK;
}

/* G of classes is diagonal: how many samples each has. */
static void count_classes(scl_matrix G, double *counts, double m, const scl_stream *stream)
{
    scl_stream sub = scl_stream_sub(stream, COUNTS);
    scl_class_counts(counts, &sub, m, G.rows);
    memset(G.data, 0, G.rows * G.rows * sizeof(double));
    for (size_t c = 0; c < G.rows; c++) SCL_AT(G, c, c) = counts[c];
}

/* G = B'B of latents and labels, block by block. */
static scl_status sum_blocks(scl_matrix G, double m, size_t first, size_t tasks, const scl_model *model,
                             scl_stream *stream, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, r = model->r, q = G.rows;
    scl_matrix B, Z, E;
    if (scl_matrix_take(&B, ws, q, BLOCK, err) || scl_matrix_take(&Z, ws, r, BLOCK, err) ||
        scl_matrix_take(&E, ws, tasks, BLOCK, err))
        return SCL_ERR_INTERNAL;
    for (double done = 0.0; done < m; done += BLOCK) {
        B.cols = Z.cols = E.cols = m - done < BLOCK ? (size_t)(m - done) : BLOCK;
        scl_stream_normals(Z.data, stream, r * Z.cols);
        if (tasks > 0) scl_label_noise(E, &model->task, stream);
        if (tasks > 0 && model->task.kind != SCL_TASK_REGRESSION) scl_label_values(E, &model->task, first, Z);
        for (size_t i = 0; i < B.cols; i++) {
            for (size_t s = 0; s < tasks; s++) SCL_AT(B, s, i) = SCL_AT(E, s, i);
            SCL_AT(B, tasks, i) = 1.0;
            for (size_t k = 0; k < r; k++) SCL_AT(B, tasks + 1 + k, i) = SCL_AT(Z, k, i);
        }
        scl_syrk(G, 1.0, B, done > 0.0 ? 1.0 : 0.0);
    }
    ws->used = mark;
    return SCL_OK;
}

/* L, with which F = L B'. */
static void fill_L(scl_matrix L, size_t first, size_t tasks, const scl_model *model)
{
    size_t r = model->r;
    memset(L.data, 0, L.rows * L.cols * sizeof(double));
    if (is_classes(model)) {
        scl_matrix simplex = {.rows = r, .cols = r + 1, .ld = L.ld, .data = L.data + 1};
        for (size_t c = 0; c <= r; c++) SCL_AT(L, 0, c) = 1.0;
        scl_simplex(simplex);
        return;
    }
    for (size_t i = 0; i < L.rows; i++) SCL_AT(L, i, i) = 1.0;
    if (model->task.kind != SCL_TASK_REGRESSION) return;
    for (size_t s = 0; s < tasks; s++) {
        SCL_AT(L, s, s) = model->task.label_noise;
        for (size_t k = 0; k < r; k++) SCL_AT(L, s, tasks + 1 + k) = SCL_AT(model->task.w, k, first + s);
    }
}

/* G = R R' with the columns that matter first; returns how many in *rank.
 *   out R, H  q x q; H is scratch space */
static scl_status factor(scl_matrix R, size_t *rank, scl_matrix H, scl_matrix G, double m, scl_arena *ws,
                         scl_error *err)
{
    size_t mark = ws->used, q = G.rows;
    double *root = scl_arena_take(ws, q, err), *values = scl_arena_take(ws, q, err);
    if (!root || !values) return SCL_ERR_INTERNAL;
    for (size_t i = 0; i < q; i++) root[i] = sqrt(SCL_AT(G, i, i));
    for (size_t j = 0; j < q; j++)
        for (size_t i = 0; i < q; i++)
            SCL_AT(H, i, j) = root[i] > 0.0 && root[j] > 0.0 ? SCL_AT(G, i, j) / (root[i] * root[j]) : 0.0;
    scl_status status = scl_small_eigen(H, values, ws, err);
    if (status != SCL_OK) return status;
    for (*rank = 0; *rank < q && (double)*rank < m; ++*rank) {
        size_t k = q - 1 - *rank; /* ascending */
        if (!(values[k] > RANK)) break;
        for (size_t i = 0; i < q; i++) SCL_AT(R, i, *rank) = root[i] * SCL_AT(H, i, k) * sqrt(values[k]);
    }
    ws->used = mark;
    return SCL_OK;
}

/* M = D^{1/2} M + A T: rows of T in units of nu. */
static void colour(scl_matrix M, scl_matrix A, scl_matrix T, const scl_model *model)
{
    for (size_t c = 0; c < M.cols; c++)
        for (size_t j = 0; j < M.rows; j++) SCL_AT(M, j, c) *= model->sigma[j];
    scl_gemm(M, 1.0, SCL_PLAIN, A, SCL_PLAIN, T, 1.0);
}

static void fill_A(scl_matrix A, const scl_model *model)
{
    for (size_t k = 0; k < model->r; k++)
        for (size_t j = 0; j < model->d; j++) SCL_AT(A, j, k) = scl_model_nu(model, k) * SCL_AT(model->U, j, k);
}

/* The last r rows of a matrix of f. */
static scl_matrix latent_rows(scl_matrix M, size_t r)
{
    return (scl_matrix){.rows = r, .cols = M.cols, .ld = M.ld, .data = M.data + (M.rows - r)};
}

scl_status scl_conditional_draw(scl_conditional *set, double m, size_t first, const scl_model *model,
                                scl_stream *stream, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = model->d, r = model->r, tasks = set->sums.tasks;
    bool classes = is_classes(model);
    size_t q = rows_of_B(r, tasks, classes), f = tasks + 1 + r, rank = 0;
    scl_matrix G, R, H, L, LG, EB, A, N = set->N, XF = set->sums.XF, sums = set->sums.class_sums;
    if (scl_matrix_take(&G, ws, q, q, err) || scl_matrix_take(&R, ws, q, q, err) ||
        scl_matrix_take(&H, ws, q, q, err) || scl_matrix_take(&L, ws, f, q, err) ||
        scl_matrix_take(&LG, ws, f, q, err) || scl_matrix_take(&EB, ws, d, q, err) ||
        scl_matrix_take(&A, ws, d, r, err))
        return SCL_ERR_INTERNAL;
    scl_status status = SCL_OK;
    if (classes)
        count_classes(G, set->sums.counts, m, stream);
    else
        status = sum_blocks(G, m, first, tasks, model, stream, ws, err);
    if (status == SCL_OK) status = factor(R, &rank, H, G, m, ws, err);
    if (status != SCL_OK) return status;
    set->sums.m = m;
    set->dof = m - (double)rank;
    N.cols = R.cols = rank;
    set->N.cols = rank;
    scl_stream_normals(N.data, stream, d * rank);
    fill_L(L, first, tasks, model);
    fill_A(A, model);
    scl_gemm(LG, 1.0, SCL_PLAIN, L, SCL_PLAIN, G, 0.0);
    scl_gemm(set->sums.FF, 1.0, SCL_PLAIN, LG, SCL_TRANSPOSED, L, 0.0); /* F F' = L G L' */
    scl_gemm(EB, 1.0, SCL_PLAIN, N, SCL_TRANSPOSED, R, 0.0);            /* E B = N R' */
    scl_gemm(XF, 1.0, SCL_PLAIN, EB, SCL_TRANSPOSED, L, 0.0);           /* E F' */
    scl_matrix_copy(set->EZ, scl_matrix_columns(XF, tasks + 1, r));
    colour(XF, A, latent_rows(set->sums.FF, r), model);
    if (classes) {
        scl_matrix_copy(sums, EB);
        colour(sums, A, latent_rows(LG, r), model);
    }
    ws->used = mark;
    return SCL_OK;
}

void scl_products_clear(scl_products *products)
{
    memset(products->W.data, 0, products->W.rows * products->W.cols * sizeof(double));
    memset(products->Q.data, 0, products->Q.rows * products->Q.cols * sizeof(double));
    products->dof = 0.0;
}

void scl_products_add(scl_products *products, const scl_conditional *set, const scl_model *model)
{
    size_t d = model->d, r = model->r;
    scl_matrix Q = products->Q, ZZ = latent_rows(scl_matrix_columns(set->sums.FF, set->sums.tasks + 1, r), r);
    scl_syrk(products->W, 1.0, set->N, 1.0);
    for (size_t k = 0; k < r; k++)
        for (size_t j = 0; j < d; j++) {
            double sum = 0.0;
            for (size_t l = 0; l < r; l++) sum += scl_model_nu(model, l) * SCL_AT(model->U, j, l) * SCL_AT(ZZ, l, k);
            SCL_AT(Q, j, k) += model->sigma[j] * SCL_AT(set->EZ, j, k) + 0.5 * sum;
        }
    products->dof += set->dof;
}

scl_status scl_products_finish(scl_products *products, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = model->d;
    scl_matrix W = products->W, A;
    if (scl_matrix_take(&A, ws, d, model->r, err)) return SCL_ERR_INTERNAL;
    fill_A(A, model);
    for (size_t j = 0; j < d; j++)
        for (size_t i = j; i < d; i++) SCL_AT(W, i, j) *= model->sigma[i] * model->sigma[j];
    scl_syr2k_lower(W, A, products->Q);
    scl_symmetrise(W);
    ws->used = mark;
    return SCL_OK;
}
