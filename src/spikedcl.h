/* spikedcl as a library: the public header of every room, in the order in which data goes.
 *
 * A process calls scl_blas_start() and gsl_set_error_handler_off() once, before anything else. Functions return a scl_status and
 * fill the caller's scl_error; none prints or exits. docs/design.md draws the rooms. */
#ifndef SCL_SPIKEDCL_H
#define SCL_SPIKEDCL_H

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include "linalg/linalg.h"

#include "random/laws.h"
#include "random/random.h"

#include "model/model.h"

#include "sample/sample.h"

#include "estimate/estimate.h"

#include "evaluate/evaluate.h"

#include "theory/theory.h"

#include "study/config.h"
#include "study/plan.h"
#include "study/study.h"

#include "claims/bound.h"
#include "claims/claims.h"
#include "claims/from_summary.h"

#include "report/report.h"

#endif
