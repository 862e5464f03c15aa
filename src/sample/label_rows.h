/* Labelled samples among data: the samples come in order, block by block, and belong to set after set of m. */
#ifndef SCL_SAMPLE_LABEL_ROWS_H
#define SCL_SAMPLE_LABEL_ROWS_H

#include "sample/data_block.h"
#include "sample/label_sums.h"

typedef struct scl_label_rows {
    scl_labels *labels;
    const scl_task *task;
    const scl_label_source *source;
    size_t m, n_sets, set, in_set; /* the set that comes next or is being filled, and how many samples it has */
    scl_stream stream;             /* the set's */
    scl_label_sums sums;
    scl_matrix F; /* (T' + 1) x SCL_DATA_BLOCK */
    scl_matrix E; /* T' x SCL_DATA_BLOCK: the labels */
} scl_label_rows;

size_t scl_label_rows_workspace(size_t d, size_t tasks, size_t n_classes);
scl_status scl_label_rows_take(scl_label_rows *rows, scl_labels *labels, const scl_model *model, scl_label_plan plan,
                               const scl_label_source *source, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* Labels the block's samples as far as sets need any. */
scl_status scl_label_rows_add(scl_label_rows *rows, const scl_data_block *block, scl_error *err) SCL_CHECKED;

/* Draws the sets as samples of their own: in each block latents, noise, label noise from the set's stream. */
scl_status scl_label_rows_apart(scl_label_rows *rows, const scl_model *model, scl_arena *ws,
                                scl_error *err) SCL_CHECKED;

#endif
