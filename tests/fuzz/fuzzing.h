/* What the fuzzers share: the input as a file, and what must hold of every refusal. */
#ifndef SCL_TESTS_FUZZ_FUZZING_H
#define SCL_TESTS_FUZZ_FUZZING_H

#include "base/error.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOLDS(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);                              \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Writes the input to a file of this process and gives its path. */
static inline const char *fuzzing_file(const uint8_t *bytes, size_t size)
{
    static char path[64];
    if (!path[0]) snprintf(path, sizeof path, "/tmp/spikedcl-fuzz-%ld", (long)getpid());
    FILE *file = fopen(path, "wb");
    HOLDS(file != NULL);
    HOLDS(fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    return path;
}

/* A refusal is the user's to mend and says so in one line; nothing is left allocated. */
static inline void fuzzing_refusal(scl_status status, const scl_error *err)
{
    HOLDS(status == SCL_OK || scl_status_exit(status) == 2);
    HOLDS(status == SCL_OK || (err->status == status && err->message[0] != '\0'));
    for (const char *c = err->message; *c; c++) HOLDS((unsigned char)*c >= ' ' || *c == '\n');
    HOLDS(scl_memory_live() == 0);
}

/* Called by libFuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
