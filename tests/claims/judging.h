/* Calling a judge from a test. Include after cmocka.h. */
#ifndef SCL_TESTS_CLAIMS_JUDGING_H
#define SCL_TESTS_CLAIMS_JUDGING_H

#include "base/memory.h"
#include "claims/claims.h"

#include <stdlib.h>
#include <string.h>

enum {
    UPPER,
    LOWER,
    COHERENCE,
    DELTA_NORM,
    COMPLEMENTARY,
    GAN,
    PROOF_AUDIT,
    LIMIT,
    TIE,
    REGRESSION_UPPER,
    CLASSIFICATION_UPPER,
    REGRESSION_LOWER,
    CLASSIFICATION_LOWER,
    IN_DOMAIN,
    TRANSFER,
    DIVERSE_TASKS,
    FRACTION
}; /* indices in scl_claims */

static inline scl_judgement judge(int which, const scl_evidence *cells, size_t n)
{
    scl_judgement out;
    scl_error err = {0};
    scl_status status = scl_claims[which]->judge(&out, scl_claims[which], cells, n, &err);
    if (status != SCL_OK) fail_msg("%s", err.message);
    return out;
}

static inline scl_verdict verdict_of(int which, const scl_evidence *cells, size_t n)
{
    scl_judgement judgement = judge(which, cells, n);
    scl_verdict verdict = judgement.verdict;
    scl_judgement_free(&judgement);
    return verdict;
}

/* Every allocation of a judge fails in turn: reported, and nothing leaks. Returns how many there are, and one. */
static inline size_t allocations_of(int which, const scl_evidence *cells, size_t n)
{
    size_t k = 0;
    for (scl_status status = SCL_ERR_MEMORY; status != SCL_OK;) {
        scl_judgement judgement;
        scl_error err = {0};
        scl_memory_fail_at(++k);
        status = scl_claims[which]->judge(&judgement, scl_claims[which], cells, n, &err);
        scl_memory_fail_at(0);
        assert_true(status == SCL_OK || status == SCL_ERR_MEMORY);
        assert_int_equal(err.status, status);
        scl_judgement_free(&judgement);
        assert_int_equal(scl_memory_live(), 0);
    }
    return k;
}

static inline void assert_verdict(int which, const scl_evidence *cells, size_t n, scl_verdict expected,
                                  const char *words)
{
    scl_judgement judgement = judge(which, cells, n);
    const char *evidence = scl_text_get(&judgement.evidence);
    if (judgement.verdict != expected || !strstr(evidence, words)) {
        fail_msg("expected %s and \"%s\" in:\n%s", scl_verdict_names[expected], words, evidence);
    }
    scl_judgement_free(&judgement);
}

/* The number after `words` in the evidence. */
static inline double number_after(int which, const scl_evidence *cells, size_t n, const char *words)
{
    scl_judgement judgement = judge(which, cells, n);
    const char *found = strstr(scl_text_get(&judgement.evidence), words);
    if (!found) fail_msg("no \"%s\" in:\n%s", words, scl_text_get(&judgement.evidence));
    double value = strtod(found + strlen(words), NULL);
    scl_judgement_free(&judgement);
    return value;
}

#endif
