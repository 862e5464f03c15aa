/* Fresh test sets: samples of the first task that no estimator has seen. What is measured on them is never exact.
 *
 * All that is random comes from TEST's stream of the sample, so that estimators meet the same test set. */
#ifndef SCL_EVALUATE_TEST_SET_H
#define SCL_EVALUATE_TEST_SET_H

#include "sample/sample.h"

#define SCL_TEST_SET 10000 /* samples: a share has a standard error of at most .005 */

/* Shows the test set block by block.
 *   visit  features  Q'x, k x n, one column a sample; labels  n, 0 or 1 of two classes, the class of more
 *   in  Q       d x k
 *   in  sample  its model has a task with classes; its `test` names the stream
 *   ws  scl_test_set_workspace(d, r)
 *   returns SCL_OK, SCL_ERR_INTERNAL (a draw text that is too long) */
typedef void scl_test_visit(void *context, scl_matrix features, const double *labels);
size_t scl_test_set_workspace(size_t d, size_t r);
scl_status scl_test_set_show(scl_test_visit *visit, void *context, scl_matrix Q, const scl_sample *sample,
                             scl_arena *ws, scl_error *err) SCL_CHECKED;

/* Whether the sample has labels of classes, a finite number of them, and a test set. */
bool scl_test_set_is(const scl_sample *sample);

#endif
