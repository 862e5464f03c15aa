/* Fills of the laws: see laws.h. Only + - * / sqrt and comparisons, so the bits are the same everywhere. */
#include "random/laws.h"

#include "random/batch.h"

#define SCL_ENTRY_NAME(kind, name, summary)    name,
#define SCL_ENTRY_SUMMARY(kind, name, summary) summary,
const char *const scl_law_names[SCL_N_LAWS] = {SCL_LAW_LIST(SCL_ENTRY_NAME)};
const char *const scl_law_summaries[SCL_N_LAWS] = {SCL_LAW_LIST(SCL_ENTRY_SUMMARY)};

static const double SQRT_3 = 0x1.bb67ae8584caap+0;

static void fill_student(double *out, scl_stream *stream, size_t n, double df)
{
    const scl_batch *batch = scl_batch_best();
    for (size_t at = 0; at < n;) {
        size_t blocks = n - at < SCL_BATCH ? n - at : SCL_BATCH;
        batch->students(out + at, stream, blocks, df);
        at += blocks, stream->block += blocks;
    }
}

void scl_law_fill(double *out, scl_stream *stream, size_t n, scl_law law)
{
    switch (law.kind) {
    case SCL_LAW_RADEMACHER:
        scl_stream_uniforms(out, stream, n);
        for (size_t i = 0; i < n; i++) out[i] = out[i] < 0.5 ? -1.0 : 1.0;
        return;
    case SCL_LAW_UNIFORM:
        scl_stream_uniforms(out, stream, n);
        for (size_t i = 0; i < n; i++) out[i] = SQRT_3 * (2.0 * out[i] - 1.0);
        return;
    case SCL_LAW_STUDENT:
        fill_student(out, stream, n, law.df);
        return;
    case SCL_LAW_GAUSSIAN:
    case SCL_N_LAWS:
        break;
    }
    scl_stream_normals(out, stream, n);
}
