/* Maps of winners: who shares the first place, which rows of a summary stand on which tile, what is drawn and written, and what is
 * refused. */
#include "report/figures.h"
#include "report/winners.h"

/* ---- deciding ---- */

static scl_winners_tile decided(const scl_winners_mean *means, size_t n, const double (*differences)[4])
{
    scl_winners_mean paired[SCL_FIGURE_MARKS * SCL_FIGURE_MARKS];
    for (size_t i = 0; i < n * n; i++) paired[i] = (scl_winners_mean){NAN, NAN};
    for (; differences && (*differences)[3] > 0; differences++)
        paired[(size_t)(*differences)[0] * n + (size_t)(*differences)[1]] =
            (scl_winners_mean){(*differences)[2], (*differences)[3]};
    scl_winners_tile tile;
    scl_winners_decide(&tile, means, paired, n);
    return tile;
}

static void means_apart_have_one_winner(void **state)
{
    (void)state;
    /* 4 standard errors of the difference, hypot(.003, .004) = .005, are .02 */
    scl_winners_tile t = decided((const scl_winners_mean[]){{.5, .003}, {.4, .004}, {.6, .01}}, 3, NULL);
    assert_true(t.any && t.best == 1 && t.n_shares == 1 && t.shares[1] && !t.shares[0] && !t.shares[2]);
    assert_true(fabs(t.behind - .5 / .4) < 1e-12);
    t = decided((const scl_winners_mean[]){{.4201, .003}, {.4, .004}, {.6, .01}}, 3, NULL);
    assert_int_equal(t.n_shares, 1);
    t = decided((const scl_winners_mean[]){{.4199, .003}, {.4, .004}, {.6, .01}}, 3, NULL);
    assert_true(t.n_shares == 2 && t.shares[0] && t.shares[1] && t.best == 1);
    assert_true(fabs(t.behind - .6 / .4) < 1e-12); /* the next that does not share */
    t = decided((const scl_winners_mean[]){{.41, .003}, {.4, .004}, {.405, .01}}, 3, NULL);
    assert_true(t.n_shares == 3 && isnan(t.behind));
}

/* The pair's own standard error counts, whichever of the two stands first, and whatever the means' are. */
static void paired_differences_decide(void **state)
{
    (void)state;
    const scl_winners_mean means[] = {{.41, .1}, {.4, .1}, {.42, .1}};
    const double left[][4] = {{0, 1, .01, .002}, {0}}, right[][4] = {{1, 0, -.01, .002}, {0}};
    const double wide[][4] = {{0, 1, .01, .003}, {2, 1, .02, .001}, {0}}, other[][4] = {{0, 2, -.01, .0001}, {0}};
    assert_int_equal(decided(means, 3, NULL).n_shares, 3);
    scl_winners_tile t = decided(means, 3, left);
    assert_true(!t.shares[0] && t.shares[1] && t.shares[2]);
    t = decided(means, 3, right);
    assert_true(!t.shares[0] && t.shares[1] && t.shares[2]);
    t = decided(means, 3, wide);
    assert_true(t.shares[0] && t.shares[1] && !t.shares[2]);
    assert_int_equal(decided(means, 3, other).n_shares, 3); /* a pair without the best says nothing */
}

static void exact_and_absent_means(void **state)
{
    (void)state;
    scl_winners_tile t = decided((const scl_winners_mean[]){{.3, 0}, {.2, 0}, {.2 + 1e-9, 0}, {NAN, NAN}}, 4, NULL);
    assert_true(t.best == 1 && t.shares[1] && t.shares[2] && !t.shares[0] && !t.shares[3]);
    assert_true(fabs(t.behind - 1.5) < 1e-12);
    t = decided((const scl_winners_mean[]){{.3, 0}, {3e-12, 0}, {1e-15, 0}}, 3, NULL); /* zeros, by rounding */
    assert_true(t.best == 2 && t.n_shares == 2 && isnan(t.behind));
    t = decided((const scl_winners_mean[]){{.3, NAN}, {.1, NAN}}, 2, NULL); /* single replicates */
    assert_int_equal(t.n_shares, 2);
    t = decided((const scl_winners_mean[]){{NAN, NAN}, {NAN, NAN}}, 2, NULL);
    assert_true(!t.any && t.n_shares == 0 && isnan(t.behind));
    t = decided((const scl_winners_mean[]){{NAN, NAN}, {.7, .1}}, 2, NULL);
    assert_true(t.any && t.best == 1 && t.n_shares == 1 && isnan(t.behind));
}

/* Equal errors, normal means: a winner that stands alone is a false alarm, of probability P(|N(0, 1)| > 4) = 6.33e-5. Of 2e5
 * tiles 12.7 are expected (Poisson); below 2 or above 27 are 2e-4 of all seeds. */
static double uniform(unsigned long long *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return ((double)(*state >> 11) + .5) / 9007199254740992.0;
}

static void equal_errors_are_told_apart_rarely(void **state)
{
    (void)state;
    unsigned long long seed = 7;
    size_t alone = 0;
    for (size_t i = 0; i < 200000; i++) {
        double radius = sqrt(-2 * log(uniform(&seed))), angle = 6.283185307179586 * uniform(&seed);
        const scl_winners_mean means[] = {{.5 + .01 * radius * cos(angle), .01}, {.5 + .01 * radius * sin(angle), .01}};
        alone += decided(means, 2, NULL).n_shares == 1;
    }
    assert_in_range(alone, 2, 27);
}

/* ---- a summary: x = model.nu, y = model.noise.ratio, panels by sample.n ---- */

static scl_config config_of_winners(void)
{
    static char x[] = "model.nu", y[] = "model.noise.ratio", metric[] = "sin-theta-f";
    sweep(0, "sample.n");
    sweep(1, "model.noise.ratio");
    sweep(2, "model.nu");
    scl_config config = config_with("", SCL_SCALE_LINEAR, 3);
    config.figure = (scl_figure_spec){.wanted = true, .kind = SCL_FIGURE_WINNERS, .x = x, .y = y, .metric = metric};
    return config;
}

static void put(scl_table *table, const char *n, const char *ratio, const char *nu, const char *estimator,
                const char *metric, double mean, double mcse)
{
    add(table, n, (const char *const[]){n, ratio, nu}, estimator, metric, mean, 0, "");
    char text[SCL_NUMBER_CHARS];
    replace_cell(table, table->n_rows - 1, "mcse", scl_number_digits(text, mcse, 10));
}

/* nu 10 before 2 in the summary; pca wins at ratio 1, contrastive at ratio 2 and n = 100; at ratio 2 and n = inf the two tie. */
static scl_table fought(void)
{
    scl_table table = summary_with(3);
    static const char *const n[] = {"100", "inf"}, *const ratio[] = {"1", "2"}, *const nu[] = {"10", "2"};
    for (size_t p = 0; p < 2; p++)
        for (size_t i = 0; i < 2; i++)
            for (size_t j = 0; j < 2; j++) {
                double contrastive = i == 0 ? .5 : p == 0 ? .1 : .2 - 1e-10, mcse = p == 0 ? .01 : 0;
                put(&table, n[p], ratio[i], nu[j], "pca", "sin-theta-f", .2, mcse);
                put(&table, n[p], ratio[i], nu[j], "contrastive", "sin-theta-f", contrastive, mcse);
                put(&table, n[p], ratio[i], nu[j], "heteropca", "sin-theta-f", .8, mcse);
                put(&table, n[p], ratio[i], nu[j], "pca", "cos2", .001, mcse);
            }
    return table;
}

static scl_winners read_winners(const scl_config *config, const scl_table *table)
{
    scl_winners winners;
    scl_error err = {0};
    if (scl_winners_read(&winners, config, table, &err) != SCL_OK) fail_msg("%s", err.message);
    return winners;
}

static void rows_become_tiles(void **state)
{
    (void)state;
    scl_config config = config_of_winners();
    scl_table table = fought();
    scl_winners w = read_winners(&config, &table);
    assert_int_equal(w.panels.count, 2);
    assert_string_equal(w.panels.items[0], "n = 100");
    assert_string_equal(w.panels.items[1], "n = inf (population)");
    assert_string_equal(w.columns.items[0], "2"); /* numbers ascend */
    assert_string_equal(w.columns.items[1], "10");
    assert_int_equal(w.rows.count, 2);
    assert_int_equal(w.estimators.count, 3);
    for (size_t p = 0; p < 2; p++)
        for (size_t i = 0; i < 2; i++)
            for (size_t j = 0; j < 2; j++) {
                const scl_winners_tile *t = scl_winners_at(&w, p, i, j);
                assert_true(t->any && t->best == (i == 0 ? 0 : 1));
                assert_int_equal(t->n_shares, i == 1 && p == 1 ? 2 : 1);
                double behind = i == 0 ? 2.5 : p == 0 ? 2 : 4;
                assert_true(fabs(t->behind - behind) < 1e-6);
            }
    assert_true(w.any_shared && w.most_n_ok == 200 && w.least_n_ok == 200);
    scl_winners_free(&w);
    /* a paired difference in one cell alone: .1 +- .03 is no difference */
    put(&table, "100", "2", "10", "contrastive vs pca", "difference(sin-theta-f)", -.1, .03);
    put(&table, "100", "2", "2", "contrastive vs pca", "log-ratio(sin-theta-f)", -.1, .3);
    w = read_winners(&config, &table);
    assert_int_equal(scl_winners_at(&w, 0, 1, 1)->n_shares, 2);
    assert_int_equal(scl_winners_at(&w, 0, 1, 0)->n_shares, 1);
    scl_winners_free(&w);
    scl_table_free(&table);
}

/* Rows of a data block after the one that stands for none. */
static size_t rows_of(const char *script, const char *block)
{
    char name[32];
    snprintf(name, sizeof name, "$%s << EOD\n", block);
    const char *at = strstr(script, name);
    assert_non_null(at);
    size_t rows = 0;
    for (at = strchr(at, '\n') + 1; strncmp(at, "EOD", 3) != 0; at = strchr(at, '\n') + 1) rows++;
    return rows - 1;
}

/* Every tile is tinted by its only winner or white, and carries the marks of all who share. */
static void tiles_and_marks(void **state)
{
    (void)state;
    scl_config config = config_of_winners();
    scl_table table = fought();
    scl_winners w = read_winners(&config, &table);
    scl_text script = {0};
    scl_error err = {0};
    assert_int_equal(scl_winners_script(&script, &w, &config, SCL_FIGURE_SVG, &err), SCL_OK);
    static const size_t tiles[2][4] = {{2, 2, 0, 0}, {2, 0, 0, 2}}, marks_of[2][3] = {{2, 2, 0}, {4, 2, 0}};
    const char *panel = script.data;
    for (size_t p = 0; p < 2; p++) {
        char block[8];
        panel = strstr(panel, "$t0 << EOD");
        assert_non_null(panel);
        for (size_t e = 0; e < 4; e++) {
            snprintf(block, sizeof block, "t%zu", e);
            assert_int_equal(rows_of(panel, block), tiles[p][e]);
            snprintf(block, sizeof block, "m%zu", e);
            if (e < 3) assert_int_equal(rows_of(panel, block), marks_of[p][e]);
        }
        panel++;
    }
    assert_has(script.data, "$t0 << EOD\n-9 -9 -9 -9 -9 -9\n0.5 0.5 0 1 0 1\n1.5 0.5 1 2 0 1\nEOD\n");
    scl_text_free(&script);
    scl_winners_free(&w);
    char *svg = drawn_svg(&config, &table);
    assert_int_equal(marks(svg, CIRCLE), 2 + 4 + 1); /* PCA's, and its legend */
    assert_int_equal(marks(svg, SQUARE), 2 + 2 + 1);
    assert_int_equal(count(svg, ">\303\2272.5<"), 4);
    assert_int_equal(count(svg, ">\303\2272<"), 2);
    assert_int_equal(count(svg, ">\303\2274<"), 2);
    assert_int_equal(count(svg, ">n = 100<"), 1);
    assert_int_equal(count(svg, ">heteropca<"), 1); /* in the legend, though it wins nowhere */
    assert_int_equal(count(svg, ">10<"), 2);
    assert_says(svg, "within 4 standard errors of the smallest");
    assert_says(svg, "Marks: the smallest mean sin-theta-f.");
    assert_says(svg, "200 replicates");
    assert_has_not(svg, "NOT FINISHED");
    scl_free(svg);
    scl_table_free(&table);
}

/* A tile that no cell stands on stays blank; failures and what is missing are said. */
static void what_is_not_there(void **state)
{
    (void)state;
    scl_config config = config_of_winners();
    scl_table table = summary_with(3);
    put(&table, "100", "1", "2", "pca", "sin-theta-f", .3, .01);
    put(&table, "100", "1", "2", "contrastive", "sin-theta-f", .1, .01);
    put(&table, "100", "2", "3", "pca", "sin-theta-f", .3, .01);
    put(&table, "100", "2", "3", "contrastive", "sin-theta-f", .1, .01);
    replace_cell(&table, 0, "n_failed", "2");
    replace_cell(&table, 1, "n_unconverged", "3");
    replace_cell(&table, 2, "status", "incomplete");
    replace_cell(&table, 3, "n_ok", "150");
    scl_winners w = read_winners(&config, &table);
    assert_true(!scl_winners_at(&w, 0, 0, 1)->any && !scl_winners_at(&w, 0, 1, 0)->any);
    assert_true(scl_winners_at(&w, 0, 0, 0)->any && scl_winners_at(&w, 0, 1, 1)->any);
    assert_true(w.least_n_ok == 150 && w.most_n_ok == 200 && !w.any_shared);
    scl_winners_free(&w);
    char *svg = drawn_svg(&config, &table);
    assert_has_not(svg, "White: ");
    assert_says(svg, "2 failed trials not in the means.");
    assert_says(svg, "3 fits did not converge.");
    assert_says(svg, "NOT FINISHED: 1 mean without all replicates.");
    scl_free(svg);
    scl_table_free(&table);
}

static void same_bytes_twice(void **state)
{
    (void)state;
    scl_config config = config_of_winners();
    scl_table table = fought();
    char *svg = drawn_svg(&config, &table), *png = picture("png");
    char *again = drawn_svg(&config, &table), *png_again = picture("png");
    assert_string_equal(svg, again);
    assert_memory_equal(png, png_again, 8000);
    scl_free(svg);
    scl_free(png);
    scl_free(again);
    scl_free(png_again);
    scl_table_free(&table);
}

static void bad_summaries(void **state)
{
    (void)state;
    scl_config config = config_of_winners();
    scl_table table = summary_with(3);
    char text[SCL_NUMBER_CHARS];
    put(&table, "100", "1", "2", "pca", "cos2", .3, .01);
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "has no row with metric \"sin-theta-f\"");
    for (size_t i = 0; i < 25; i++)
        put(&table, "100", "1", scl_number_shortest(text, (double)i + 1), "pca", "sin-theta-f", .3, .01);
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "would have 25 columns, and a map of winners holds 24");
    scl_table_free(&table);
    table = summary_with(3);
    for (size_t i = 0; i < 25; i++)
        put(&table, "100", scl_number_shortest(text, (double)i + 1), "1", "pca", "sin-theta-f", .3, .01);
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "would have 25 rows, and");
    scl_table_free(&table);
    table = summary_with(3);
    for (size_t i = 0; i < 13; i++)
        put(&table, scl_number_shortest(text, (double)i + 2), "1", "1", "pca", "sin-theta-f", .3, .01);
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "would have 13 panels, and a map of winners holds 12");
    scl_table_free(&table);
    table = summary_with(3);
    for (size_t i = 0; i < 10; i++)
        put(&table, "100", "1", "1", scl_number_shortest(text, (double)i), "sin-theta-f", .3, .01);
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "would have 10 estimators, and a map of winners holds 9");
    scl_table_free(&table);
    add_columns(&table, (const char *const[]){"model.nu"}, 1);
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "no column \"model.noise.ratio\", which the figure needs");
    scl_table_free(&table);
}

static void user_texts_are_never_executed(void **state)
{
    (void)state;
    static char question[] = "`touch /tmp/x` 'quoted' @macro {/Bold x}_2 \"double\" $t0 100%";
    scl_config config = config_of_winners();
    config.question = question;
    scl_table table = summary_with(3);
    put(&table, "`date`", "`id`", "50% a_b", "`ls`", "sin-theta-f", .3, .01);
    char *svg = drawn_svg(&config, &table);
    assert_has(svg, "`touch /tmp/x` ");
    assert_has(svg, ">`ls`<");
    assert_has(svg, ">50% a_b<");
    assert_has(svg, ">`id`<");
    scl_free(svg);
    scl_table_free(&table);
}

static void failing_allocations(void **state)
{
    (void)state;
    scl_config config = config_of_winners();
    scl_table table = fought();
    size_t live = scl_memory_live(), k = 0;
    scl_status status = SCL_ERR_MEMORY;
    while (status == SCL_ERR_MEMORY) {
        scl_error err = {0};
        scl_winners w;
        scl_text script = {0};
        scl_memory_fail_at(++k);
        status = scl_winners_read(&w, &config, &table, &err);
        if (status == SCL_OK) status = scl_winners_script(&script, &w, &config, SCL_FIGURE_PNG, &err);
        scl_memory_fail_at(0);
        scl_text_free(&script);
        scl_winners_free(&w);
        assert_int_equal(scl_memory_live(), live);
    }
    assert_int_equal(status, SCL_OK);
    assert_true(k > 10);
    scl_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_apart_have_one_winner),
        cmocka_unit_test(paired_differences_decide),
        cmocka_unit_test(exact_and_absent_means),
        cmocka_unit_test(equal_errors_are_told_apart_rarely),
        cmocka_unit_test(rows_become_tiles),
        cmocka_unit_test(tiles_and_marks),
        cmocka_unit_test(what_is_not_there),
        cmocka_unit_test(same_bytes_twice),
        cmocka_unit_test(bad_summaries),
        cmocka_unit_test(user_texts_are_never_executed),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
