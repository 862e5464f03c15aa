/* Chebyshev filters: see chebyshev.h.
 *
 *   c, e        centre and half width of [low, cut]
 *   sigma_1     e/(top - c), sigma_{j+1} = 1/(2/sigma_1 - sigma_j)
 *   Y_0 = V,  Y_1 = (sigma_1/e)(S - c) V,  Y_{j+1} = (2 sigma_{j+1}/e)(S - c) Y_j - sigma_j sigma_{j+1} Y_{j-1}
 *
 * The products read S transposed, which changes nothing (S is symmetric) but is the faster way through dgemm when S is large.
 * Source: Zhou, Saad, Tiago, Chelikowsky (2006), J. Comput. Phys. 219, 172-184, algorithm 4.3 (scaled). */
#include "linalg/chebyshev.h"

#include "linalg/linalg.h"

#include <cblas.h>

/* One step of the recurrence: Y_{j+1} = step (S Y_j) + shift Y_j - back Y_{j-1}. */
typedef struct recurrence {
    double centre, half_width, sigma1, sigma;
    double step, shift, back;
} recurrence;

static recurrence begin(const scl_filter *filter)
{
    recurrence r = {.centre = 0.5 * (filter->low + filter->cut), .half_width = 0.5 * (filter->cut - filter->low)};
    r.sigma1 = r.sigma = r.half_width / (filter->top - r.centre);
    r.step = r.sigma1 / r.half_width; /* of the first step, Y_1 = step (S V - c V) */
    return r;
}

static void advance(recurrence *r)
{
    double next = 1.0 / (2.0 / r->sigma1 - r->sigma);
    r->step = 2.0 * next / r->half_width;
    r->shift = -r->step * r->centre;
    r->back = r->sigma * next;
    r->sigma = next;
}

void scl_chebyshev_filter(scl_matrix *V, scl_matrix *AV, scl_matrix S, const scl_filter *filter)
{
    size_t count = V->rows * V->cols;
    recurrence r = begin(filter);
    for (size_t i = 0; i < count; i++) AV->data[i] = r.step * (AV->data[i] - r.centre * V->data[i]);
    scl_matrix now = *AV, last = *V;
    for (int j = 2; j <= filter->degree; j++) {
        advance(&r);
        for (size_t i = 0; i < count; i++) last.data[i] = r.shift * now.data[i] - r.back * last.data[i];
        scl_gemm(last, r.step, SCL_TRANSPOSED, S, SCL_PLAIN, now, 1.0);
        scl_matrix spare = now;
        now = last;
        last = spare;
    }
    *V = now;
    *AV = last;
}

void scl_chebyshev_filter_single(scl_matrix V, scl_matrix AV, const float *S, float *work, const scl_filter *filter)
{
    size_t count = V.rows * V.cols;
    blasint d = (blasint)V.rows, b = (blasint)V.cols;
    recurrence r = begin(filter);
    float *now = work, *last = work + count;
    for (size_t i = 0; i < count; i++) {
        now[i] = (float)(r.step * (AV.data[i] - r.centre * V.data[i]));
        last[i] = (float)V.data[i];
    }
    for (int j = 2; j <= filter->degree; j++) {
        advance(&r);
        float shift = (float)r.shift, back = (float)r.back;
        for (size_t i = 0; i < count; i++) last[i] = shift * now[i] - back * last[i];
        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, d, b, d, (float)r.step, S, d, now, d, 1.0f, last, d);
        float *spare = now;
        now = last;
        last = spare;
    }
    for (size_t i = 0; i < count; i++) V.data[i] = (double)now[i];
}
