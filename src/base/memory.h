/* Memory: the one place that allocates. Overflow-checked, zeroed, aligned to 64 bytes, counted, and able to fail on
 * purpose, so that a test can walk the failing allocation through a whole run.
 *
 * The alignment is not a luxury: some OpenBLAS kernels give other bits for other pointer alignments. */
#ifndef SCL_BASE_MEMORY_H
#define SCL_BASE_MEMORY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SCL_ALIGNMENT 64

/* count * size zeroed bytes, aligned to SCL_ALIGNMENT; NULL with SCL_ERR_MEMORY in err when there are none.
 * count = 0 gives a valid block that must be freed too. */
void *scl_alloc(size_t count, size_t size, scl_error *err) SCL_CHECKED;

/* Frees a block of scl_alloc or scl_grow; NULL is fine. */
void scl_free(void *block);

/* Makes room for `need` items of `size` bytes in *block, which holds *capacity of them: grows geometrically, keeps the
 * contents, zeroes what is new. On failure *block is unchanged. */
scl_status scl_grow(void **block, size_t *capacity, size_t need, size_t size, scl_error *err) SCL_CHECKED;

/* A copy of a string, to be freed with scl_free; NULL with SCL_ERR_MEMORY in err. */
char *scl_strdup(const char *text, scl_error *err) SCL_CHECKED;

/* Whether the system would grant so many bytes in one block now; none stays allocated. */
bool scl_memory_grants(size_t bytes);

/* Blocks now alive, for leak tests. */
size_t scl_memory_live(void);

/* Lets the k-th allocation from now fail (k = 1 is the next); 0 turns the fault off. Test use only. */
void scl_memory_fail_at(size_t k);

/* Scratch space of a worker: one block, handed out from the front, given back by rewinding to a mark. It is allocated
 * before the first job, so that no job allocates. */
typedef struct scl_arena {
    double *data;
    size_t size; /* doubles */
    size_t used; /* doubles */
} scl_arena;

/* Doubles that an arena must have to hand out one block of `count` (rounded up to the alignment). */
size_t scl_arena_need(size_t count);

scl_status scl_arena_new(scl_arena *arena, size_t doubles, scl_error *err) SCL_CHECKED;
void scl_arena_free(scl_arena *arena);

/* `count` doubles, aligned, NOT zeroed; NULL with SCL_ERR_INTERNAL in err when the arena is too small (its size was
 * computed wrongly: a bug). Give space back with: size_t mark = arena->used; ... arena->used = mark; */
double *scl_arena_take(scl_arena *arena, size_t count, scl_error *err) SCL_CHECKED;

#endif
