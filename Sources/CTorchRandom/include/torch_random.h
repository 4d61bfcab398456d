#ifndef TORCH_RANDOM_H
#define TORCH_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The inner loops of PyTorch's CPU generator. Each function gives the same bits on every machine and for either value of
// `avx2`, which chooses the code: `avx2` may be true only where torch_random_has_avx2() says so.

// Words in the state of the Mersenne Twister, which makes as many numbers before it must be advanced.
enum { TORCH_RANDOM_STATE_WORDS = 624 };

// Whether this processor has AVX2 and fused multiply-add.
bool torch_random_has_avx2(void);

// Advances `state`, TORCH_RANDOM_STATE_WORDS words, to its next block.
void torch_random_advance(uint32_t *state, bool avx2);

// Makes `count` of the words of a block into uniform numbers in [0, 1), multiples of 2^-24.
void torch_random_uniform(const uint32_t *words, size_t count, float *uniform, bool avx2);

// Makes `groups` runs of 16 uniform numbers into normal numbers in place, by the Box-Muller transform.
void torch_random_normal(float *values, size_t groups, bool avx2);

// Makes two uniform numbers in [0, 1) into two normal numbers, in double precision.
void torch_random_normal_pair(double u1, double u2, double normal[2]);

#endif
