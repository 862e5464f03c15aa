/* What theory predicts for the cells of a plan, without simulation: first-order values and proportional limits of each estimator
 * and metric. Functions of the model alone, so a predictor keeps what a sweep over n shares. */
#ifndef SCL_STUDY_PREDICTOR_H
#define SCL_STUDY_PREDICTOR_H

#include "study/plan.h"
#include "study/statistics.h"
#include "theory/first_order.h"
#include "theory/limit.h"

/* Under `redraw: replicate` a prediction is a mean over the models of the study's first replicates, so many at most. */
#define SCL_PREDICTED_MODELS 20

/* What is known of one shift in one model. */
typedef struct scl_shift_prediction {
    scl_first_order first_order; /* gap false where it was not computed */
    scl_limit limit;
} scl_shift_prediction;

typedef struct scl_predictor {
    const scl_plan *plan;
    scl_arena arena;
    scl_model storage, model;
    double *numbers; /* of all limits */
    size_t most_r;
    size_t n_models;                 /* 1, or as many as are averaged */
    size_t n_made;                   /* of the cell at hand: 1 where its model is not random */
    size_t cell;                     /* that the predictions are of, SIZE_MAX: none */
    bool moved;                      /* its models are others than those of the cell before */
    scl_shift_prediction (*made)[4]; /* [model][shift] */
    bool wanted[4];                  /* shifts that some estimator has */
    double *values;                  /* n_models, for statistics */
} scl_predictor;

scl_status scl_predictor_new(scl_predictor *predictor, const scl_plan *plan, scl_error *err) SCL_CHECKED;
void scl_predictor_free(scl_predictor *predictor);

/* Makes the predictions of a cell. SCL_ERR_LAPACK, SCL_ERR_MEMORY. */
scl_status scl_predictor_cell(scl_predictor *predictor, size_t cell, scl_error *err) SCL_CHECKED;

/* A mean over models with its standard error, 0 of a fixed model; NaN where there is no such prediction. */
typedef struct scl_predicted {
    double value, mcse;
} scl_predicted;

/* The first-order root mean square (of distances to U alone) and the proportional limit. */
scl_predicted scl_predict_first_order(scl_predictor *predictor, size_t estimator, size_t metric);
scl_predicted scl_predict_limit(scl_predictor *predictor, size_t estimator, size_t metric);

/* kappa of a distance to U, and the mean of one number for each model. */
scl_predicted scl_predict_kappa(scl_predictor *predictor, size_t estimator, size_t metric);
scl_predicted scl_predicted_mean(scl_predictor *predictor, const double *of_models);

/* The same for a pair, model by model: left - right, or log(left/right). */
scl_predicted scl_predict_pair(scl_predictor *predictor, size_t left, size_t right, size_t metric, bool limit,
                               bool log_ratio);

/* Why there is no first-order value or no limit, or NULL where there is one. */
const char *scl_predict_lacks_first_order(const scl_predictor *predictor, size_t estimator, size_t metric);
const char *scl_predict_lacks_limit(const scl_predictor *predictor, size_t estimator, size_t metric);

/* The first model's prediction for an estimator, NULL where its shift is none: for kappa and the outliers. */
const scl_shift_prediction *scl_predict_shift(const scl_predictor *predictor, size_t estimator);

#endif
