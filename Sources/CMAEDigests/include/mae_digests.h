/* SHA-256 of sixteen contents at once, and what digests of fp32 elements are made over. */
#ifndef MAE_DIGESTS_H
#define MAE_DIGESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum {
    MAE_SHA256_LANES = 16,
    /* Words of a state of SHA-256. */
    MAE_SHA256_WORDS = 8,
    /* Bytes of a block of SHA-256. */
    MAE_SHA256_BLOCK = 64,
};

/* Whether this processor has what mae_sha256_lanes needs: AVX-512 F and BW, and a system that keeps their registers. */
bool mae_sha256_lanes_supported(void);

/* Takes `count` blocks into each of sixteen states. Word w of lane l is states[w · 16 + l]; blocks[l] is where the content of lane l
   goes on. A lane whose state is of no interest may read the content of another. */
void mae_sha256_lanes(uint32_t *states, const uint8_t *const _Nonnull *_Nonnull blocks, size_t count);

/* How many elements are NaN or infinite. */
size_t mae_count_non_finite(const float *elements, size_t count);

#pragma clang assume_nonnull end

#endif
