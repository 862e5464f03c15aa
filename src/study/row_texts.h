/* One row of a CSV table being filled: texts, and room for those that are numbers. */
#ifndef SCL_STUDY_ROW_TEXTS_H
#define SCL_STUDY_ROW_TEXTS_H

#include "base/text.h"
#include "study/plan.h"

enum {
    SCL_ROW_DIGITS = 10,
    SCL_ROW_MOST = 96 /* columns; the config has far fewer sweepable keys */
};

typedef struct scl_row_texts {
    const char *cells[SCL_ROW_MOST];
    char numbers[SCL_ROW_MOST][SCL_NUMBER_CHARS];
    size_t n;
} scl_row_texts;

void scl_row_put_text(scl_row_texts *row, const char *text);
/* With 10 significant digits; NaN is an empty cell. */
void scl_row_put_number(scl_row_texts *row, double value);
/* A size is exact: the judges compare it with the config's. */
void scl_row_put_size(scl_row_texts *row, double value);

/* Begins a row of a cell: experiment, cell, n, d, r, one text for each swept key; and the columns' names. */
void scl_row_put_cell(scl_row_texts *row, const scl_plan *plan, size_t cell);
void scl_row_put_cell_names(scl_row_texts *row, const scl_config *config);

#endif
