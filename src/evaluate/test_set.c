/* Test sets: see test_set.h. */
#include "evaluate/test_set.h"

#include "linalg/linalg.h"
#include "sample/data_block.h"
#include "sample/label_values.h"

#include <math.h>

enum { BLOCK = SCL_DATA_BLOCK };

size_t scl_test_set_workspace(size_t d, size_t r)
{
    return scl_data_block_workspace(d, r, true) + scl_matrix_need(r, BLOCK) + scl_matrix_need(1, BLOCK);
}

bool scl_test_set_is(const scl_sample *sample)
{
    const scl_labels *labels = &sample->labels;
    return labels->m > 0.0 && isfinite(labels->m) && labels->n_classes >= 2 && sample->test.text;
}

scl_status scl_test_set_show(scl_test_visit *visit, void *context, scl_matrix Q, const scl_sample *sample,
                             scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    const scl_model *model = sample->model;
    scl_stream stream;
    scl_data_block block;
    scl_matrix features, labels;
    scl_status status = scl_test_stream(&stream, &sample->test, err);
    if (status != SCL_OK) return status;
    if (scl_data_block_take(&block, model, ws, err) || scl_matrix_take(&features, ws, Q.cols, BLOCK, err) ||
        scl_matrix_take(&labels, ws, 1, BLOCK, err))
        return SCL_ERR_INTERNAL;
    for (size_t done = 0; done < SCL_TEST_SET; done += BLOCK) {
        size_t n = SCL_TEST_SET - done < BLOCK ? SCL_TEST_SET - done : BLOCK;
        scl_data_block_draw(&block, n, &stream);
        features.cols = labels.cols = n;
        if (!block.class_of) {
            scl_label_noise(labels, &model->task, &stream);
            scl_label_values(labels, &model->task, 0, block.Z);
        }
        scl_gemm(features, 1.0, SCL_TRANSPOSED, Q, SCL_PLAIN, block.X, 0.0);
        visit(context, features, block.class_of ? block.class_of : labels.data);
    }
    ws->used = mark;
    return SCL_OK;
}
