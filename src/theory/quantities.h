/* The quantities of a cell that a bound may be a function of: the table that expressions, `list` and messages share. */
#ifndef SCL_THEORY_QUANTITIES_H
#define SCL_THEORY_QUANTITIES_H

#include "base/memory.h"
#include "model/model.h"

/* id, name in expressions, meaning. From SIGMA_MAX on they are known only once the cell's model is drawn. */
#define SCL_QUANTITY_LIST(X)                                                                                           \
    X(N, "n", "samples; inf in the population")                                                                        \
    X(D, "d", "ambient dimension")                                                                                     \
    X(R, "r", "latent dimension")                                                                                      \
    X(NU, "nu", "standard deviation of a latent coordinate; of unequal spikes the smallest")                           \
    X(NU_MAX, "nu_max", "the same, of unequal spikes the largest")                                                     \
    X(M, "m", "labelled samples of a set; nan without")                                                                \
    X(TASKS, "tasks", "tasks, T; nan without")                                                                         \
    X(SIGMA_MAX, "sigma_max", "largest noise standard deviation of the cell's model")                                  \
    X(SIGMA_MIN, "sigma_min", "smallest noise standard deviation of the cell's model")                                 \
    X(TR_D, "tr_D", "sum of the noise variances")                                                                      \
    X(RHO, "rho", "signal to noise, nu/sigma_max (the metric signal-to-noise)")                                        \
    X(INCOHERENCE, "incoherence", "max_j ||e_j'U||^2 d/r, from 1 to d/r (the metric)")                                 \
    X(GAP, "gap", "r-th minus (r+1)-th eigenvalue of C (the metric eigengap)")

typedef enum scl_quantity {
#define SCL_QUANTITY_ENUM(id, name, meaning) SCL_QUANTITY_##id,
    SCL_QUANTITY_LIST(SCL_QUANTITY_ENUM)
#undef SCL_QUANTITY_ENUM
        SCL_N_QUANTITIES
} scl_quantity;

extern const char *const scl_quantity_names[SCL_N_QUANTITIES];
extern const char *const scl_quantity_meanings[SCL_N_QUANTITIES];

/* A set of quantities, bit q for quantity q; those that need the model drawn. */
typedef unsigned scl_quantity_set;
#define SCL_QUANTITY_BIT(quantity) (1u << (quantity))
#define SCL_QUANTITIES_OF_MODEL    ((1u << SCL_N_QUANTITIES) - SCL_QUANTITY_BIT(SCL_QUANTITY_SIGMA_MAX))

/* n, d, r, the sizes of the spikes, m (0: no labelled samples) and T; NaN for what only the drawn model tells, and for what a model
 * without a task does not have. */
void scl_quantities_of_spec(double values[SCL_N_QUANTITIES], const scl_model_spec *spec, double n, double m);

/* Those of `wanted` that need the model, of a model that was drawn; others are left as they are.
 *   ws  scl_quantities_workspace(d, r, wanted) doubles
 *   returns SCL_OK, or what the metric of that quantity returns */
size_t scl_quantities_workspace(size_t d, size_t r, scl_quantity_set wanted);
scl_status scl_quantities_of_model(double values[SCL_N_QUANTITIES], const scl_model *model, scl_quantity_set wanted,
                                   scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
