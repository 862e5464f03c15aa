/* Matrices: see matrix.h. */
#include "linalg/matrix.h"

#include <string.h>

scl_status scl_matrix_new(scl_matrix *M, size_t rows, size_t cols, scl_error *err)
{
    *M = (scl_matrix){0};
    size_t count = 0;
    if (__builtin_mul_overflow(rows, cols, &count))
        return scl_error_set(err, SCL_ERR_MEMORY, "a %zu x %zu matrix does not fit into memory", rows, cols);
    double *data = scl_alloc(count, sizeof(double), err);
    if (!data) return SCL_ERR_MEMORY;
    *M = (scl_matrix){.rows = rows, .cols = cols, .ld = rows, .data = data};
    return SCL_OK;
}

void scl_matrix_free(scl_matrix *M)
{
    scl_free(M->data);
    *M = (scl_matrix){0};
}

scl_status scl_matrix_take(scl_matrix *M, scl_arena *arena, size_t rows, size_t cols, scl_error *err)
{
    double *data = scl_arena_take(arena, rows * cols, err);
    if (!data) return SCL_ERR_INTERNAL;
    *M = (scl_matrix){.rows = rows, .cols = cols, .ld = rows, .data = data};
    return SCL_OK;
}

size_t scl_matrix_need(size_t rows, size_t cols)
{
    return scl_arena_need(rows * cols);
}

scl_matrix scl_matrix_columns(scl_matrix M, size_t first, size_t count)
{
    return (scl_matrix){.rows = M.rows, .cols = count, .ld = M.ld, .data = M.data + first * M.ld};
}

void scl_matrix_copy(scl_matrix out, scl_matrix M)
{
    for (size_t j = 0; j < M.cols; j++) memcpy(out.data + j * out.ld, M.data + j * M.ld, M.rows * sizeof(double));
}
