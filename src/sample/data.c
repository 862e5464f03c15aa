/* Sampling from data, in blocks, so that memory does not depend on n (data_block.h):
 *
 *   xbar = sum x / n           S = (sum x x' - n xbar xbar')/(n - 1)
 *
 * Source: docs/theory.md, section 7. */
#include "sample/samplers.h"

#include "linalg/linalg.h"
#include "sample/data_block.h"

#include <string.h>

size_t scl_sample_data_workspace(size_t d, size_t r, bool classes)
{
    return scl_data_block_workspace(d, r, classes);
}

scl_status scl_sample_from_data(scl_sample *sample, scl_label_rows *rows, scl_stream *stream, scl_arena *ws,
                                scl_error *err)
{
    size_t mark = ws->used, d = sample->S.rows;
    scl_data_block block;
    if (scl_data_block_take(&block, sample->model, ws, err)) return SCL_ERR_INTERNAL;
    scl_matrix X = block.X, S = sample->S;
    memset(sample->mean, 0, d * sizeof(double));
    for (double done = 0.0; done < sample->n; done += SCL_DATA_BLOCK) {
        X.cols = sample->n - done < SCL_DATA_BLOCK ? (size_t)(sample->n - done) : SCL_DATA_BLOCK;
        scl_data_block_draw(&block, X.cols, stream);
        for (size_t i = 0; i < X.cols; i++)
            for (size_t j = 0; j < d; j++) sample->mean[j] += SCL_AT(X, j, i);
        scl_syrk(S, 1.0, X, done > 0.0 ? 1.0 : 0.0); /* S += X X' */
        scl_status status = rows ? scl_label_rows_add(rows, &block, err) : SCL_OK;
        if (status != SCL_OK) return status;
    }
    for (size_t j = 0; j < d; j++) sample->mean[j] /= sample->n;
    scl_centre_products(S, sample->mean, sample->n);
    ws->used = mark;
    return SCL_OK;
}
