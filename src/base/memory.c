/* Memory: see memory.h. */
#include "base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_size_t live_blocks;
static atomic_size_t fail_countdown; /* 0: no fault planned */

static int fault_is_due(void)
{
    size_t left = atomic_load(&fail_countdown);
    while (left > 0) {
        if (atomic_compare_exchange_weak(&fail_countdown, &left, left - 1)) return left == 1;
    }
    return 0;
}

void *scl_alloc(size_t count, size_t size, scl_error *err)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - 2 * SCL_ALIGNMENT) {
        scl_error_set(err, SCL_ERR_MEMORY, "out of memory: %zu items of %zu bytes overflow the address space", count,
                      size);
        return NULL;
    }
    bytes = (bytes + SCL_ALIGNMENT - 1) / SCL_ALIGNMENT * SCL_ALIGNMENT;
    void *block = fault_is_due() ? NULL : aligned_alloc(SCL_ALIGNMENT, bytes ? bytes : SCL_ALIGNMENT);
    if (!block) {
        scl_error_set(err, SCL_ERR_MEMORY, "out of memory: no %zu bytes left", bytes);
        return NULL;
    }
    memset(block, 0, bytes ? bytes : SCL_ALIGNMENT);
    atomic_fetch_add(&live_blocks, 1);
    return block;
}

void scl_free(void *block)
{
    if (!block) return;
    atomic_fetch_sub(&live_blocks, 1);
    free(block);
}

scl_status scl_grow(void **block, size_t *capacity, size_t need, size_t size, scl_error *err)
{
    if (*block && need <= *capacity) return SCL_OK;
    size_t grown = *capacity < 8 ? 16 : *capacity + *capacity / 2;
    if (grown < need) grown = need;
    void *bigger = scl_alloc(grown, size, err);
    if (!bigger) return SCL_ERR_MEMORY;
    if (*block) memcpy(bigger, *block, *capacity * size);
    scl_free(*block);
    *block = bigger;
    *capacity = grown;
    return SCL_OK;
}

char *scl_strdup(const char *text, scl_error *err)
{
    size_t bytes = strlen(text) + 1;
    char *copy = scl_alloc(bytes, 1, err);
    if (copy) memcpy(copy, text, bytes);
    return copy;
}

bool scl_memory_grants(size_t bytes)
{
    void *volatile block =
        fault_is_due() ? NULL : malloc(bytes ? bytes : 1); /* volatile: else the pair is optimised away */
    bool granted = block != NULL;
    free(block);
    return granted;
}

size_t scl_memory_live(void)
{
    return atomic_load(&live_blocks);
}

void scl_memory_fail_at(size_t k)
{
    atomic_store(&fail_countdown, k);
}

static const size_t doubles_per_line = SCL_ALIGNMENT / sizeof(double);

size_t scl_arena_need(size_t count)
{
    return (count + doubles_per_line - 1) / doubles_per_line * doubles_per_line;
}

scl_status scl_arena_new(scl_arena *arena, size_t doubles, scl_error *err)
{
    *arena = (scl_arena){0};
    arena->data = scl_alloc(doubles, sizeof(double), err);
    if (!arena->data) return SCL_ERR_MEMORY;
    arena->size = doubles;
    return SCL_OK;
}

void scl_arena_free(scl_arena *arena)
{
    scl_free(arena->data);
    *arena = (scl_arena){0};
}

double *scl_arena_take(scl_arena *arena, size_t count, scl_error *err)
{
    size_t need = scl_arena_need(count);
    if (need > arena->size - arena->used) {
        scl_error_set(err, SCL_ERR_INTERNAL, "workspace too small: need %zu doubles, %zu of %zu left", need,
                      arena->size - arena->used, arena->size);
        return NULL;
    }
    double *block = arena->data + arena->used;
    arena->used += need;
    return block;
}
