/* Texts damaged at random, the same way each time. */
#ifndef SCL_TESTS_STUDY_MUTATE_H
#define SCL_TESTS_STUDY_MUTATE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Changes, moves or loses a few bytes of text, by xorshift bits; returns the new length. */
static inline size_t mutate(char *text, size_t length, int round, uint64_t *bits)
{
    static const char signs[] = "{}[]:,-?!&*|>'\"%@#\n\t \\0189eE.~<=";
    for (int change = 0; change <= round % 4; change++) {
        (*bits) ^= (*bits) << 13, (*bits) ^= (*bits) >> 7, (*bits) ^= (*bits) << 17;
        size_t at = (size_t)((*bits) >> 8) % length, to = (size_t)((*bits) >> 32) % length,
               size = (size_t)((*bits) >> 56) % 40;
        switch ((*bits) % 4) {
        case 0:
            text[at] = signs[((*bits) >> 40) % (sizeof signs - 1)];
            break;
        case 1:
            text[at] = (char)((*bits) >> 48);
            break;
        case 2: /* a piece copied elsewhere */
            if (at + size < length && to + size < length) memmove(text + to, text + at, size);
            break;
        default: /* the end lost */
            length -= round % 8 == 3 ? size : 0;
        }
    }
    return length;
}

#endif
