/* Chi-square values: Marsaglia and Tsang's attempts until one is accepted (legend, formula, source: chisquare.h). */
#include "random/chisquare.h"

#include "random/batch.h"
#include "random/random.h"

double scl_chi_square(scl_stream *substream, double df)
{
    if (!(df >= 1.0)) return NAN;
    if (df == 1.0) {
        double x = scl_stream_normal(substream);
        return x * x;
    }
    double d = scl_chi_d(df), c = scl_chi_c(d);
    for (;;) {
        double x = scl_stream_normal(substream), u = scl_stream_uniform(substream), t = c * x, v = scl_chi_cube(t);
        if (!(v > 0.0)) continue;
        if (df >= SCL_SQUEEZE_DF && scl_chi_squeeze(x, u)) return 2.0 * d * v;
        if (scl_log(u) < scl_chi_log_acceptance(d, t)) return 2.0 * d * v;
    }
}

/* Most values are decided by the vectorised first attempt; the others start again, each alone, with the same draws. */
void scl_chi_squares(double *out, const scl_stream *stream, size_t n, double df_first)
{
    const scl_batch *batch = scl_batch_best();
    for (size_t first = 0; first < n; first += SCL_BATCH) {
        size_t count = n - first < SCL_BATCH ? n - first : SCL_BATCH;
        batch->chi_squares(out + first, stream, first, count, df_first);
        for (size_t i = first; i < first + count; i++) {
            if (out[i] != SCL_UNDECIDED) continue;
            scl_stream sub = scl_stream_sub(stream, (uint32_t)i);
            out[i] = scl_chi_square(&sub, df_first - (double)i);
        }
    }
}
