/* gan-equals-pca on planted differences: each verdict, and what keeps it from being confirmed. */
#include "claims/claims.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judging.h"
#include "seeded.h"

enum { N = 3 };

/* Cells of n = 1e3, 1e4 and inf with PCA's error, whose paired difference has this mean and standard deviation. */
static void plant(scl_evidence *cells, double error, double mean, double sd)
{
    static const double sizes[N] = {1e3, 1e4, INFINITY};
    for (size_t i = 0; i < N; i++) {
        bool exact = isinf(sizes[i]);
        double k = exact ? 1 : 200;
        scl_seen pca = {.mean = error, .sd = exact ? 0 : .01, .mcse = exact ? 0 : .001, .n_ok = k};
        scl_seen difference = {.mean = mean, .sd = exact ? 0 : sd, .mcse = exact ? 0 : sd / 14, .n_ok = k};
        cells[i] = (scl_evidence){.experiment = "planted",
                                  .family = "haar, nu 1",
                                  .n = sizes[i],
                                  .d = 40,
                                  .r = 4,
                                  .mean = error,
                                  .sd = pca.sd,
                                  .mcse = pca.mcse,
                                  .n_ok = k,
                                  .population = error,
                                  .model_fixed = true,
                                  .pairs = {{pca, pca, difference, {.mean = NAN}}}};
    }
}

static void each_verdict(void **state)
{
    (void)state;
    scl_evidence cells[N];
    plant(cells, .5, 0, 0);
    assert_verdict(GAN, cells, N, SCL_CONFIRMED, "agree in every cell");
    plant(cells, .5, 1e-8, 1e-8);
    assert_verdict(GAN, cells, N, SCL_CONFIRMED, "cells whose error tells subspaces apart: 3");
    plant(cells, .5, 0, 1e-3); /* equal on average is not equal */
    assert_verdict(GAN, cells, N, SCL_REFUTED, "differ beyond the tolerance");
    plant(cells, .5, -3e-6, 0);
    assert_verdict(GAN, cells, N, SCL_REFUTED, "differ beyond the tolerance");
    plant(cells, 0, 0, 0);
    assert_verdict(GAN, cells, N, SCL_UNDECIDED, "no cell has an error of PCA that tells");
    plant(cells, 2, 0, 0); /* sqrt r */
    assert_verdict(GAN, cells, N, SCL_UNDECIDED, "no cell has an error of PCA that tells");
    assert_verdict(GAN, cells, 0, SCL_UNDECIDED, "no cell has an error of PCA that tells");
    plant(cells, .5, 0, 0);
    cells[1].pairs[0].difference.mean = NAN;
    assert_verdict(GAN, cells, N, SCL_UNDECIDED, "1 cell has no difference");
    plant(cells, .5, 0, 0);
    cells[1].pairs[0].difference.n_bad = 2;
    assert_verdict(GAN, cells, N, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
}

/* An identity that one replicate breaks is broken, and for a redrawn model too: no cell is left out. */
static void no_cell_escapes(void **state)
{
    (void)state;
    scl_evidence cells[N];
    for (int way = 0; way < 3; way++) {
        plant(cells, .5, 0, 0);
        scl_seen *difference = &cells[1].pairs[0].difference;
        if (way == 0) cells[1].model_fixed = false;
        if (way == 1) {
            cells[1].n_ok = difference->n_ok = 1;
            cells[1].sd = cells[1].mcse = difference->sd = difference->mcse = NAN;
        }
        if (way == 2) cells[1].mean = cells[1].pairs[0].right.mean = 0;
        assert_verdict(GAN, cells, N, SCL_CONFIRMED, "cells: 3 given, 3 judge");
        difference->mean = -.1;
        assert_verdict(GAN, cells, N, SCL_REFUTED, "differ beyond the tolerance");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(each_verdict, seed),
                                       cmocka_unit_test_setup(no_cell_escapes, seed)};
    return cmocka_run_group_tests(tests, start, stop);
}
