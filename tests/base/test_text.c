/* Numbers as text: every double survives the round trip, the locale changes nothing, and what is no decimal number is
 * refused. Names: the nearest one is found, a far one is not invented. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/comma.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double awkward[] = {0,
                                 1,
                                 -1,
                                 0.1,
                                 1.0 / 3,
                                 1e15,
                                 1e15 - 1,
                                 1e16,
                                 9007199254740993.,
                                 123456789012345678.,
                                 1e-5,
                                 1e300,
                                 5e-324,
                                 2.2250738585072014e-308,
                                 1.7976931348623157e308,
                                 0.1 + 0.2,
                                 100,
                                 1e9,
                                 2.5,
                                 -1e-300};
enum { N_AWKWARD = sizeof awkward / sizeof *awkward };

static void check_round_trip(double value)
{
    char text[SCL_NUMBER_CHARS], digits[SCL_NUMBER_CHARS];
    double read = 0;
    assert_true(scl_number_parse(scl_number_shortest(text, value), true, &read));
    if (memcmp(&read, &value, sizeof value) != 0) fail_msg("%a is written %s and read %a", value, text, read);
    assert_true(scl_number_parse(scl_number_digits(digits, value, 17), true, &read));
    assert_true(read == value);
    assert_null(strpbrk(text, ", "));
}

static void numbers_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_AWKWARD; i++) check_round_trip(awkward[i]);
    uint64_t bits = 88172645463325252u; /* xorshift: doubles of every exponent */
    for (int i = 0; i < 50000; i++) {
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        double value = 0;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value) && value != 0) check_round_trip(value);
    }
}

static void shortest_texts(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"}, {1e9, "1000000000"}, {-3, "-3"},          {0.30000000000000004, "0.30000000000000004"},
                 {2.5, "2.5"}, {INFINITY, "inf"},   {-INFINITY, "-inf"}, {NAN, "nan"},
                 {-0.0, "0"},  {1e-300, "1e-300"}};
    char text[SCL_NUMBER_CHARS];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(scl_number_shortest(text, cases[i].value), cases[i].text);
    assert_string_equal(scl_number_digits(text, 1.0 / 3, 10), "0.3333333333");
    assert_string_equal(scl_number_digits(text, -0.0, 10), "0");
}

static void parse_accepts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"1", 1},           {"-2.5", -2.5},     {"+3", 3},  {"1e9", 1e9},  {"1E-3", 1e-3},
                 {".5", .5},         {"5.", 5},          {"007", 7}, {"1e+2", 100}, {"inf", INFINITY},
                 {".inf", INFINITY}, {"+inf", INFINITY}, {"0", 0},   {"1e-999", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = -7;
        assert_true(scl_number_parse(cases[i].text, true, &value));
        assert_true(value == cases[i].value);
    }
}

static void parse_refuses(void **state)
{
    (void)state;
    static const char *const texts[] = {"",    " ",   "1 ",       " 1",    "1,5",      "0x10",  "nan",
                                        "NaN", "1e",  "e5",       "1e5.0", ".",        "1..2",  "1-2",
                                        "--1", "+-1", "1e999",    "-inf",  "infinity", "1_000", "1d5",
                                        "0b1", "1f",  "\xd9\xa1", "1\n",   "- 1",      "+",     "1e+"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value = 0;
        if (scl_number_parse(texts[i], true, &value)) fail_msg("\"%s\" is read as %g", texts[i], value);
    }
    double value = 0;
    assert_false(scl_number_parse("inf", false, &value));
    char long_text[2000];
    memset(long_text, '1', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    assert_false(scl_number_parse(long_text, false, &value));
}

static void locale_changes_nothing(void **state)
{
    (void)state;
    char folder[] = "/tmp/scl_test_text_XXXXXX", command[64];
    assert_non_null(mkdtemp(folder));
    bool comma = comma_locale(folder) != NULL;
    if (comma) {
        for (size_t k = 0; k < N_AWKWARD; k++) check_round_trip(awkward[k]);
        char text[SCL_NUMBER_CHARS];
        double value = 0;
        assert_string_equal(scl_number_shortest(text, 2.5), "2.5");
        assert_string_equal(scl_number_digits(text, 0.125, 10), "0.125");
        assert_true(scl_number_parse("1.5", false, &value) && value == 1.5);
        assert_false(scl_number_parse("1,5", false, &value));
    }
    setlocale(LC_NUMERIC, "C");
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    if (!comma) {
        print_message("SKIPPED: no locale with a decimal comma is installed, and localedef makes none\n");
        skip();
    }
}

static void nearest_names(void **state)
{
    (void)state;
    static const char *const names[] = {"contrastive", "pca",         "diagonal-deletion", "oracle",          "n",
                                        "ratio",       "sin-theta-f", "model.noise.min",   "diagonal-entries"};
    static const struct {
        const char *word, *nearest;
    } cases[] = {{"contrastiv", "contrastive"},
                 {"Contrastive", "contrastive"},
                 {"pac", "pca"},
                 {"oracel", "oracle"},
                 {"diagonaldeletion", "diagonal-deletion"},
                 {"sintheta", "sin-theta-f"},
                 {"SIN_THETA", "sin-theta-f"},
                 {"noise.min", "model.noise.min"},
                 {"min", "model.noise.min"},
                 {"se.min", "model.noise.min"}, /* the last part is known, in another group */
                 {"se.mi", NULL},
                 {"model.noize.min", "model.noise.min"},
                 {"model.n", "n"},
                 {"model.pac", NULL},
                 {"model.", NULL},
                 {"--", NULL},
                 {"contr", "contrastive"}, /* the one that begins so */
                 {"con", NULL},
                 {"diagonal", NULL}, /* two begin so */
                 {"xylophone", NULL},
                 {"ratoi", "ratio"},
                 {"", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *found = scl_nearest_name(cases[i].word, names, sizeof names / sizeof *names);
        if (!cases[i].nearest) {
            assert_null(found);
        } else {
            assert_non_null(found);
            assert_string_equal(found, cases[i].nearest);
        }
    }
    char huge[5000];
    memset(huge, 'a', sizeof huge);
    huge[sizeof huge - 1] = '\0';
    assert_null(scl_nearest_name(huge, names, sizeof names / sizeof *names));
}

static void texts_grow(void **state)
{
    (void)state;
    scl_text text = {0};
    assert_string_equal(scl_text_get(&text), "");
    for (int i = 0; i < 1000; i++) assert_int_equal(scl_text_add(&text, NULL, "%d;", i % 10), SCL_OK);
    assert_int_equal(text.length, 2000);
    assert_int_equal(strlen(text.data), 2000);
    scl_error err = {0};
    scl_memory_fail_at(1);
    scl_status status = SCL_OK;
    while (status == SCL_OK) status = scl_text_add(&text, &err, "more and more text");
    assert_int_equal(status, SCL_ERR_MEMORY);
    assert_int_equal(strlen(text.data), text.length); /* still whole */
    scl_memory_fail_at(0);
    scl_text_free(&text);
    assert_int_equal(scl_memory_live(), 0);
}

/* Published values of the 64-bit FNV-1a: Fowler, Noll, Vo, test vectors "", "a", "foobar". */
static void fnv_known_answers(void **state)
{
    (void)state;
    assert_true(scl_fnv1a(SCL_FNV_START, "", 0) == 0xcbf29ce484222325u);
    assert_true(scl_fnv1a(SCL_FNV_START, "a", 1) == 0xaf63dc4c8601ec8cu);
    assert_true(scl_fnv1a(SCL_FNV_START, "foobar", 6) == 0x85944171f73967e8u);
    assert_true(scl_fnv1a(scl_fnv1a(SCL_FNV_START, "foo", 3), "bar", 3) == 0x85944171f73967e8u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_round_trip),     cmocka_unit_test(shortest_texts),    cmocka_unit_test(parse_accepts),
        cmocka_unit_test(parse_refuses),          cmocka_unit_test(nearest_names),     cmocka_unit_test(texts_grow),
        cmocka_unit_test(locale_changes_nothing), cmocka_unit_test(fnv_known_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
