/* Matrices: column-major views, 64-byte aligned columns where owned. Samples are columns; a view is passed by value. */
#ifndef SCL_LINALG_MATRIX_H
#define SCL_LINALG_MATRIX_H

#include "base/error.h"
#include "base/memory.h"

#include <stddef.h>

typedef struct scl_matrix {
    size_t rows, cols, ld; /* ld >= rows: distance between columns, in doubles */
    double *data;
} scl_matrix;

/* Entry (i, j) as an lvalue. */
#define SCL_AT(M, i, j) ((M).data[(i) + (j) * (M).ld])

/* An owned zero matrix with ld = rows; free with scl_matrix_free. */
scl_status scl_matrix_new(scl_matrix *M, size_t rows, size_t cols, scl_error *err) SCL_CHECKED;
void scl_matrix_free(scl_matrix *M);

/* A rows x cols matrix (ld = rows) from a worker's scratch space, not zeroed. */
scl_status scl_matrix_take(scl_matrix *M, scl_arena *arena, size_t rows, size_t cols, scl_error *err) SCL_CHECKED;
/* Doubles of arena that scl_matrix_take uses. */
size_t scl_matrix_need(size_t rows, size_t cols);

/* The view of columns first .. first + count - 1. */
scl_matrix scl_matrix_columns(scl_matrix M, size_t first, size_t count);

/* out = M, shapes equal. */
void scl_matrix_copy(scl_matrix out, scl_matrix M);

#endif
