/* proof-audit on planted summaries: one failing link in one replicate refutes, whoever's it is. */
#include "claims/claims.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judging.h"

static scl_evidence cell(const char *estimator, double mean, double k)
{
    return (scl_evidence){
        .experiment = "planted", .estimator = estimator, .n = 1000, .d = 40, .r = 2, .mean = mean, .n_ok = k};
}

static void each_verdict(void **state)
{
    (void)state;
    scl_evidence cells[] = {cell("contrastive", 0, 200), cell("contrastive", 0, 1), cell("pca", 0, 200),
                            cell("heteropca", NAN, 0)}; /* learns no eigenspace */
    cells[1].n = INFINITY;
    assert_verdict(PROOF_AUDIT, cells, 4, SCL_CONFIRMED, "4 given, 3 have a chain, of 401 replicates in all");
    cells[2].mean = 1. / 200;
    assert_verdict(PROOF_AUDIT, cells, 4, SCL_REFUTED,
                   "0.005 links fail in the mean replicate of pca at n = 1000, d = 40");
    cells[2] = cell("pca", NAN, 0);
    cells[2].n_bad = 200;
    assert_verdict(PROOF_AUDIT, cells, 4, SCL_UNDECIDED, "because their replicates failed: 1");
    cells[0].mean = 1e-9;
    assert_verdict(PROOF_AUDIT, cells, 4, SCL_REFUTED, "of contrastive at");
    assert_verdict(PROOF_AUDIT, cells + 3, 1, SCL_UNDECIDED, "no cell has a chain");
    assert_verdict(PROOF_AUDIT, NULL, 0, SCL_UNDECIDED, "no cell has a chain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_verdict)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
