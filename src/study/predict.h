/* The table of `spikedcl predict`: for every cell, estimator and metric what theory says, with no simulation. */
#ifndef SCL_STUDY_PREDICT_H
#define SCL_STUDY_PREDICT_H

#include "base/csv.h"
#include "study/plan.h"

/* Fills an empty table: experiment, cell, n, d, r, swept keys, estimator, metric; population (exact), its mcse, population_note; first_order, its
 * mcse, first_order_note; kappa; limit, its mcse, limit_note; above, outliers. mcse is 0 for a fixed model; under `redraw:
 * replicate` values are means over the models of the first replicates, up to SCL_PREDICTED_MODELS. Notes say why a number is missing.
 *   returns SCL_OK, SCL_ERR_MEMORY, SCL_ERR_LAPACK */
scl_status scl_predict_table(scl_table *table, const scl_plan *plan, scl_error *err) SCL_CHECKED;

#endif
