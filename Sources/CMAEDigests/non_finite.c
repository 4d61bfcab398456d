#include "mae_digests.h"

#include <string.h>

/* Elements of a run whose count fits 32 bits, so that the loop is one of vectors. */
static const size_t run = (size_t)1 << 20;

size_t mae_count_non_finite(const float *elements, size_t count) {
    size_t total = 0;
    while (count > 0) {
        size_t part = count < run ? count : run;
        uint32_t found = 0;
        for (size_t i = 0; i < part; i++) {
            uint32_t bits;
            memcpy(&bits, elements + i, sizeof bits);
            found += (bits & 0x7F800000) == 0x7F800000;
        }
        total += found;
        elements += part;
        count -= part;
    }
    return total;
}
