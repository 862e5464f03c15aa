/* Memory: aligned, zeroed, counted, safe against overflow, failing on demand; growing blocks; the worker's arena. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool aligned(const void *block)
{
    return (uintptr_t)block % 64 == 0;
}

static void blocks_are_aligned_and_zero(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 7, 63, 64, 65, 127, 1000, 4096, 100001};
    assert_int_equal(SCL_ALIGNMENT, 64);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *dirty = scl_alloc(sizes[i], 1, NULL);
        assert_non_null(dirty);
        memset(dirty, 0xff, sizes[i]);
        scl_free(dirty); /* so that the next block is likely to hold ones where it is not cleared */
        scl_error err = {0};
        unsigned char *block = scl_alloc(sizes[i], 1, &err);
        assert_non_null(block);
        assert_true(aligned(block));
        for (size_t k = 0; k < sizes[i]; k++) assert_int_equal(block[k], 0);
        assert_int_equal(err.status, SCL_OK);
        scl_free(block);
    }
}

static void overflow_is_no_memory(void **state)
{
    (void)state;
    static const struct {
        size_t count, size;
    } too_many[] = {{SIZE_MAX, 2},     {2, SIZE_MAX},           {SIZE_MAX / 8 + 1, 8},
                    {SIZE_MAX, 1},     {SIZE_MAX - 64, 1},      {(size_t)1 << 32, (size_t)1 << 32},
                    {SIZE_MAX - 1, 1}, {SIZE_MAX, SIZE_MAX - 1}};
    size_t live = scl_memory_live();
    for (size_t i = 0; i < sizeof too_many / sizeof *too_many; i++) {
        scl_error err = {0};
        assert_null(scl_alloc(too_many[i].count, too_many[i].size, &err));
        assert_int_equal(err.status, SCL_ERR_MEMORY);
        assert_non_null(strstr(err.message, "out of memory"));
        assert_null(scl_alloc(too_many[i].count, too_many[i].size, NULL));
    }
    scl_error err = {0};
    assert_null(scl_alloc(SIZE_MAX / 8 + 1, 8, &err));
    char number[32];
    snprintf(number, sizeof number, "%zu", SIZE_MAX / 8 + 1);
    assert_non_null(strstr(err.message, number));
    scl_error_clear(&err);
    void *block = scl_alloc(1, 8, &err);
    size_t capacity = 1;
    void *before = block;
    assert_int_equal(scl_grow(&block, &capacity, SIZE_MAX / 4, 8, &err), SCL_ERR_MEMORY);
    assert_ptr_equal(block, before);
    assert_int_equal(capacity, 1);
    scl_free(block);
    assert_int_equal(scl_memory_live(), live);
}

static void live_blocks_are_counted(void **state)
{
    (void)state;
    enum { N = 50 };
    size_t live = scl_memory_live();
    void *blocks[N];
    for (size_t i = 0; i < N; i++) {
        blocks[i] = scl_alloc(i, 3, NULL);
        assert_int_equal(scl_memory_live(), live + i + 1);
    }
    for (size_t i = 0; i < N; i++) {
        scl_free(blocks[i]);
        assert_int_equal(scl_memory_live(), live + N - 1 - i);
    }
    scl_free(NULL);
    assert_int_equal(scl_memory_live(), live);
    char *copy = scl_strdup("nu", NULL);
    assert_string_equal(copy, "nu");
    assert_int_equal(scl_memory_live(), live + 1);
    scl_free(copy);
}

static void kth_allocation_fails(void **state)
{
    (void)state;
    size_t live = scl_memory_live();
    for (size_t k = 1; k <= 5; k++) {
        scl_memory_fail_at(k);
        for (size_t i = 1; i <= 8; i++) {
            scl_error err = {0};
            void *block = scl_alloc(1, 1, &err);
            assert_int_equal(block == NULL, i == k); /* that one and no other */
            assert_int_equal(err.status, i == k ? SCL_ERR_MEMORY : SCL_OK);
            scl_free(block);
        }
    }
    scl_memory_fail_at(1);
    scl_memory_fail_at(0);
    void *block = scl_alloc(1, 1, NULL);
    assert_non_null(block);
    scl_free(block);

    scl_error err = {0};
    scl_memory_fail_at(1);
    assert_null(scl_strdup("x", &err));
    assert_int_equal(err.status, SCL_ERR_MEMORY);
    scl_arena arena;
    scl_memory_fail_at(1);
    assert_int_equal(scl_arena_new(&arena, 8, NULL), SCL_ERR_MEMORY);
    assert_null(arena.data);
    scl_arena_free(&arena);
    assert_int_equal(scl_memory_live(), live);
}

enum { THREADS = 4, EACH = 2000 };

static void *allocate_often(void *failures)
{
    for (size_t i = 0; i < EACH; i++) {
        void *block = scl_alloc(i % 100, 1, NULL);
        if (!block) ++*(size_t *)failures;
        scl_free(block);
    }
    return NULL;
}

/* Workers share the count and the planned fault: exactly one of them meets it. */
static void threads_share_the_count(void **state)
{
    (void)state;
    size_t live = scl_memory_live(), failures[THREADS] = {0}, all = 0;
    pthread_t threads[THREADS];
    scl_memory_fail_at(EACH + EACH / 2);
    for (size_t t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, allocate_often, &failures[t]), 0);
    for (size_t t = 0; t < THREADS; t++) {
        assert_int_equal(pthread_join(threads[t], NULL), 0);
        all += failures[t];
    }
    assert_int_equal(all, 1);
    assert_int_equal(scl_memory_live(), live);
}

static void growing_keeps_contents(void **state)
{
    (void)state;
    enum { N = 100000 };
    size_t live = scl_memory_live(), capacity = 0, moves = 0;
    uint32_t *items = NULL;
    for (size_t i = 0; i < N; i++) {
        const void *before = items;
        size_t room = capacity;
        assert_int_equal(scl_grow((void **)&items, &capacity, i + 1, sizeof *items, NULL), SCL_OK);
        assert_true(capacity > i && aligned(items));
        if (items != before) {
            moves++;
            for (size_t k = room; k < capacity; k++) assert_int_equal(items[k], 0);
        } else {
            assert_int_equal(capacity, room);
        }
        items[i] = (uint32_t)(i * 2654435761u + 1);
    }
    for (size_t i = 0; i < N; i++) assert_int_equal(items[i], (uint32_t)(i * 2654435761u + 1));
    assert_true(moves <= 24); /* from 16 by halves to 1e5: 1 + log(1e5/16)/log(1.5) = 22.6 */
    const void *before = items;
    size_t room = capacity;
    scl_memory_fail_at(1);
    assert_int_equal(scl_grow((void **)&items, &capacity, capacity + 1, sizeof *items, NULL), SCL_ERR_MEMORY);
    scl_memory_fail_at(0);
    assert_ptr_equal(items, before);
    assert_int_equal(capacity, room);
    assert_int_equal(items[N - 1], (uint32_t)((N - 1) * 2654435761u + 1));
    assert_int_equal(scl_memory_live(), live + 1);
    scl_free(items);
}

static void arena_hands_out_and_rewinds(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 7, 8, 9, 64, 1000};
    enum { N = sizeof counts / sizeof *counts };
    size_t need = 0, live = scl_memory_live();
    for (size_t i = 0; i < N; i++) {
        assert_true(scl_arena_need(counts[i]) >= counts[i] && scl_arena_need(counts[i]) < counts[i] + 8);
        need += scl_arena_need(counts[i]);
    }
    scl_arena arena;
    scl_error err = {0};
    assert_int_equal(scl_arena_new(&arena, need, &err), SCL_OK);
    for (int round = 0; round < 2; round++) {
        double *blocks[N];
        for (size_t i = 0; i < N; i++) {
            blocks[i] = scl_arena_take(&arena, counts[i], &err);
            assert_non_null(blocks[i]);
            assert_true(aligned(blocks[i]));
            for (size_t k = 0; k < counts[i]; k++) blocks[i][k] = (double)(1000 * i + k);
        }
        for (size_t i = 0; i < N; i++) /* nobody wrote into a neighbour */
            for (size_t k = 0; k < counts[i]; k++) assert_true(blocks[i][k] == (double)(1000 * i + k));
        assert_int_equal(arena.used, need);
        assert_null(scl_arena_take(&arena, 1, &err));
        assert_int_equal(err.status, SCL_ERR_INTERNAL);
        assert_int_equal(arena.used, need); /* a refusal takes nothing */
        scl_error_clear(&err);
        size_t mark = arena.used - scl_arena_need(counts[N - 1]);
        arena.used = mark;
        assert_ptr_equal(scl_arena_take(&arena, counts[N - 1], &err), blocks[N - 1]);
        arena.used = 0;
    }
    assert_int_equal(scl_memory_live(), live + 1);
    scl_arena_free(&arena);
    assert_null(arena.data);
    assert_int_equal(scl_memory_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_and_zero), cmocka_unit_test(overflow_is_no_memory),
        cmocka_unit_test(live_blocks_are_counted),     cmocka_unit_test(kth_allocation_fails),
        cmocka_unit_test(threads_share_the_count),     cmocka_unit_test(growing_keeps_contents),
        cmocka_unit_test(arena_hands_out_and_rewinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
