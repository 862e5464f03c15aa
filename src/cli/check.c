/* spikedcl check: verdicts on the claims that the configs name, and on their own bounds. Experiments that name a claim and expect the same verdict of it
 * are pooled; one that refutes on purpose (`expect:`) is judged apart from those in the theorem's regime. */
#include "cli/cli.h"

#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"
#include "claims/bound.h"
#include "claims/bound_cells.h"
#include "claims/from_summary.h"
#include "study/study.h"

#include <stdio.h>
#include <string.h>

typedef struct study {
    scl_config config;
    scl_table summary;
    char *path;
} study;

/* All that can be judged: the registry's claims and the configs' own bounds, each once. */
typedef struct judged {
    const scl_claim **claims; /* n of them; the bounds' ones are views into bounds */
    scl_bound_claim *bounds;  /* n_bounds; those of study s begin at first[s] */
    size_t *first;
    size_t n, n_bounds;
} judged;

/* The verdict a study expects of a claim; NULL when it does not name the claim. */
static const char *expected_verdict(const study *studies, size_t s, const judged *all, const scl_claim *claim)
{
    const scl_config *config = &studies[s].config;
    bool named = false;
    for (size_t i = 0; i < config->n_claims; i++) named = named || strcmp(config->claims[i], claim->id) == 0;
    for (size_t i = 0; i < config->n_bounds; i++)
        named = named || scl_bound_claim_same(&all->bounds[all->first[s] + i].claim, claim);
    if (!named) return NULL;
    for (size_t i = 0; i < config->n_expects; i++)
        if (strcmp(config->expects[i].claim, claim->id) == 0) return config->expects[i].verdict;
    return scl_verdict_names[SCL_CONFIRMED];
}

static void free_judged(judged *all)
{
    for (size_t i = 0; i < all->n_bounds; i++) scl_bound_claim_free(&all->bounds[i]);
    scl_free(all->bounds);
    scl_free(all->first);
    scl_free(all->claims);
}

static scl_status gather(judged *all, const study *studies, size_t n, scl_error *err)
{
    size_t n_bounds = 0;
    scl_status status = SCL_OK;
    for (size_t s = 0; s < n; s++) n_bounds += studies[s].config.n_bounds;
    *all = (judged){.claims = scl_alloc(scl_n_claims + n_bounds, sizeof *all->claims, err),
                    .bounds = scl_alloc(n_bounds, sizeof *all->bounds, err),
                    .first = scl_alloc(n, sizeof *all->first, err)};
    if (!all->claims || !all->bounds || !all->first) return SCL_ERR_MEMORY;
    for (size_t c = 0; c < scl_n_claims; c++) all->claims[all->n++] = scl_claims[c];
    for (size_t s = 0; s < n; s++) {
        const scl_config *config = &studies[s].config;
        all->first[s] = all->n_bounds;
        for (size_t b = 0; b < config->n_bounds && status == SCL_OK; b++) {
            scl_bound_claim *own = &all->bounds[all->n_bounds++];
            status = scl_bound_claim_new(own, config, &config->bounds[b], err);
            bool known = false;
            for (size_t c = scl_n_claims; c < all->n; c++)
                known = known || scl_bound_claim_same(all->claims[c], &own->claim);
            if (!known) all->claims[all->n++] = &own->claim;
        }
    }
    return status;
}

static scl_status read_study(study *out, const char *path, const scl_arguments *arguments, scl_error *err)
{
    *out = (study){0};
    scl_status status = scl_read_config(&out->config, path, arguments, err);
    if (status != SCL_OK) return status;
    return scl_study_read_summary(&out->summary, &out->path, &out->config, arguments->results, err);
}

static void free_study(study *out)
{
    scl_config_free(&out->config);
    scl_table_free(&out->summary);
    scl_free(out->path);
}

static void print_lines(const char *text)
{
    while (text && *text) {
        int length = (int)strcspn(text, "\n");
        printf("    %.*s\n", length, text);
        text += length + (text[length] == '\n');
    }
}

static void print_symbols(const char *symbols)
{
    if (!*symbols) return;
    printf("  symbols:\n");
    print_lines(symbols);
}

/* Judges one claim on the studies that expect `expected`; *differs counts verdicts that are otherwise. */
static scl_status judge_group(size_t *differs, const judged *all, const scl_claim *claim, const char *expected,
                              const study *studies, size_t n, scl_error *err)
{
    scl_evidence_list list = {0};
    scl_judgement judgement = {0};
    scl_text names = {0}, symbols = {0};
    scl_status status = scl_claim_symbols(&symbols, claim, err);
    size_t used = 0;
    for (size_t i = 0; status == SCL_OK && i < n; i++) {
        const char *verdict = expected_verdict(studies, i, all, claim);
        if (!verdict || strcmp(verdict, expected) != 0) continue;
        status = scl_evidence_add(&list, &studies[i].config, &studies[i].summary, studies[i].path, claim, err);
        if (status == SCL_OK) status = scl_text_add(&names, err, "%s%s", used++ ? ", " : "", studies[i].config.name);
    }
    if (status == SCL_OK && used > 0) status = claim->judge(&judgement, claim, list.cells, list.n, err);
    if (status == SCL_OK && used > 0) {
        const char *verdict = scl_verdict_names[judgement.verdict];
        bool as_expected = strcmp(verdict, expected) == 0;
        printf("%-30s %-10s %s\n  %s\n  source: %s\n  experiments: %s\n", claim->id, verdict,
               as_expected ? "as expected" : "NOT as expected", claim->statement, claim->source, scl_text_get(&names));
        if (!as_expected) printf("  expected: %s\n", expected);
        print_symbols(scl_text_get(&symbols));
        printf("  evidence:\n");
        print_lines(scl_text_get(&judgement.evidence));
        putchar('\n');
        *differs += !as_expected;
    }
    scl_judgement_free(&judgement);
    scl_evidence_free(&list);
    scl_text_free(&names);
    scl_text_free(&symbols);
    return status;
}

/* Reads the evidence of every claim once, so that a summary that does not fit is refused before the first verdict. */
static scl_status check_summaries(const study *studies, size_t n, const judged *all, size_t *named, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t c = 0; c < all->n; c++)
        for (size_t i = 0; status == SCL_OK && i < n; i++) {
            if (!expected_verdict(studies, i, all, all->claims[c])) continue;
            scl_evidence_list list = {0};
            status =
                scl_evidence_add(&list, &studies[i].config, &studies[i].summary, studies[i].path, all->claims[c], err);
            scl_evidence_free(&list);
            (*named)++;
        }
    return status;
}

/* The terms of all bounds that are judged, in every cell, as a file. */
static scl_status write_terms(const char *path, const study *studies, size_t n, const judged *all, scl_error *err)
{
    scl_table table = {0};
    scl_status status = SCL_OK;
    for (size_t c = 0; c < all->n; c++)
        for (size_t i = 0; status == SCL_OK && i < n; i++)
            if (expected_verdict(studies, i, all, all->claims[c]))
                status = scl_bound_table_add(&table, &studies[i].config, all->claims[c], err);
    if (status == SCL_OK && table.n_rows == 0)
        status =
            scl_error_set(err, SCL_ERR_USAGE, "--out %s: no bound is judged, so there are no terms to write", path);
    if (status == SCL_OK) status = scl_table_write(&table, path, err);
    scl_table_free(&table);
    return status;
}

static int run(const scl_arguments *arguments)
{
    scl_error err = {0};
    size_t n = 0, differs = 0, named = 0;
    study *studies = scl_alloc(arguments->n_paths, sizeof *studies, &err);
    scl_status status = studies ? SCL_OK : SCL_ERR_MEMORY;
    if (status == SCL_OK && arguments->out) status = scl_file_is_new(arguments->out, "check", &err);
    for (; status == SCL_OK && n < arguments->n_paths; n++)
        status = read_study(&studies[n], arguments->paths[n], arguments, &err);
    judged all = {0};
    if (status == SCL_OK) status = gather(&all, studies, n, &err);
    if (status == SCL_OK) status = check_summaries(studies, n, &all, &named, &err);
    if (status == SCL_OK && arguments->out) status = write_terms(arguments->out, studies, n, &all, &err);
    for (size_t c = 0; status == SCL_OK && c < all.n; c++)
        for (int v = 0; status == SCL_OK && v < 3; v++)
            status = judge_group(&differs, &all, all.claims[c], scl_verdict_names[v], studies, n, &err);
    free_judged(&all);
    for (size_t i = 0; i < n; i++) free_study(&studies[i]);
    scl_free(studies);
    if (status != SCL_OK) return scl_report_error(&err);
    if (named == 0 && n == 1) printf("the config names no claim\n");
    if (named == 0 && n > 1) printf("none of the %zu configs names a claim\n", n);
    return differs > 0 ? 1 : 0;
}

const scl_command scl_command_check = {
    .name = "check",
    .summary = "judge the claims and bounds of configs on their summaries: confirmed, refuted or undecided",
    .usage = "CONFIG... [options]",
    .options = "rso",
    .needs_paths = true,
    .run = run,
};
