/* Labels: storage; see labels.h. */
#include "sample/labels.h"

size_t scl_labels_doubles(scl_label_sizes sizes)
{
    size_t d = sizes.d, scalars = sizes.tasks > 0 ? sizes.tasks : 1;
    return d + d * d + sizes.classes + d * sizes.classes + d * sizes.tasks + 2 * scalars + d * sizes.kept + sizes.kept;
}

scl_status scl_labels_new(scl_labels *labels, scl_label_sizes sizes, scl_error *err)
{
    size_t d = sizes.d, scalars = sizes.tasks > 0 ? sizes.tasks : 1;
    *labels = (scl_labels){0};
    scl_status status = SCL_ERR_MEMORY;
    if (!(labels->mean = scl_alloc(d, sizeof(double), err)) ||
        !(labels->counts = scl_alloc(sizes.classes, sizeof(double), err)) ||
        !(labels->mean_y = scl_alloc(scalars, sizeof(double), err)) ||
        !(labels->var_y = scl_alloc(scalars, sizeof(double), err)) ||
        !(labels->y = scl_alloc(sizes.kept, sizeof(double), err)))
        goto done;
    if ((status = scl_matrix_new(&labels->S, d, d, err)) ||
        (status = scl_matrix_new(&labels->class_means, d, sizes.classes, err)) ||
        (status = scl_matrix_new(&labels->cov_xy, d, sizes.tasks, err)))
        goto done;
    status = scl_matrix_new(&labels->X, d, sizes.kept, err);
done:
    if (status != SCL_OK) {
        scl_labels_free(labels);
        return status;
    }
    *labels = scl_labels_within(labels, sizes);
    return SCL_OK;
}

void scl_labels_free(scl_labels *labels)
{
    scl_free(labels->mean);
    scl_free(labels->counts);
    scl_free(labels->mean_y);
    scl_free(labels->var_y);
    scl_free(labels->y);
    scl_matrix_free(&labels->S);
    scl_matrix_free(&labels->class_means);
    scl_matrix_free(&labels->cov_xy);
    scl_matrix_free(&labels->X);
    *labels = (scl_labels){0};
}

static scl_matrix within(scl_matrix storage, size_t rows, size_t cols)
{
    return (scl_matrix){.rows = rows, .cols = cols, .ld = rows, .data = storage.data};
}

scl_labels scl_labels_within(const scl_labels *storage, scl_label_sizes sizes)
{
    size_t d = sizes.d;
    scl_labels labels = *storage;
    labels.n_tasks = sizes.tasks > 0 ? sizes.tasks : sizes.classes > 0 ? 1 : 0;
    labels.n_classes = sizes.classes;
    labels.S = within(storage->S, d, d);
    labels.class_means = within(storage->class_means, d, sizes.classes);
    labels.cov_xy = within(storage->cov_xy, d, sizes.tasks);
    labels.X = sizes.kept > 0 ? within(storage->X, d, sizes.kept) : (scl_matrix){.data = storage->X.data};
    return labels;
}
