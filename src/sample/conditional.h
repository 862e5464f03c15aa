/* Sums of samples by what they are given their latents and labels, without drawing the samples: conditional.c has the mathematics. */
#ifndef SCL_SAMPLE_CONDITIONAL_H
#define SCL_SAMPLE_CONDITIONAL_H

#include "model/model.h"
#include "sample/label_sums.h"

/* What one draw leaves. F = [y_1; ..; y_T'; 1; Z/nu], f = T' + 1 + r rows. */
typedef struct scl_conditional {
    scl_label_sums sums; /* FF f x f, XF d x f; no XX yet */
    scl_matrix N;        /* d x q' */
    scl_matrix EZ;       /* d x r, D^{-1/2} (X - U Z) Z' in units of nu: what sum x x' needs */
    double dof;          /* m - q', degrees of freedom of the Wishart matrix that sum x x' lacks */
} scl_conditional;

/* Arrays of a draw with T' = tasks, and the scratch space that it uses on top of them. */
size_t scl_conditional_workspace(const scl_model_spec *spec, size_t tasks);
scl_status scl_conditional_take(scl_conditional *set, const scl_model *model, size_t tasks, scl_arena *ws,
                                scl_error *err) SCL_CHECKED;

/* Draws m >= 1 samples; Gaussian noise, and latents Gaussian or of kind classes.
 *   in    first   the task of the first label; unused where tasks = 0
 *   inout stream  latents and label noise block by block, then N; classes are counted on a substream that no Wishart
 *                 matrix uses */
scl_status scl_conditional_draw(scl_conditional *set, double m, size_t first, const scl_model *model,
                                scl_stream *stream, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* What sum x x' is made of, of one set or of several: */
typedef struct scl_products {
    scl_matrix W; /* d x d, lower triangle: sum N N', and Wishart(I, dof) at last */
    scl_matrix Q; /* d x r: sum of D^{1/2} EZ + U diag(nu) ZZ'/2 */
    double dof;
} scl_products;

void scl_products_clear(scl_products *products);
void scl_products_add(scl_products *products, const scl_conditional *set, const scl_model *model);

/* W = D^{1/2} W D^{1/2} + P Q' + Q P', P = U diag(nu), both triangles: sum x x' where W holds its Wishart part.
 *   ws  scl_matrix_need(d, r) */
scl_status scl_products_finish(scl_products *products, const scl_model *model, scl_arena *ws,
                               scl_error *err) SCL_CHECKED;

#endif
