// MT19937 of Matsumoto and Nishimura (1998), a whole block at a time.

#include "torch_random.h"
#include "variants.h"

enum { WORDS = TORCH_RANDOM_STATE_WORDS, SHIFT = 397 };

bool torch_random_has_avx2(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

TORCH_RANDOM_INLINE uint32_t twist(uint32_t current, uint32_t next) {
    uint32_t joined = (current & 0x80000000u) | (next & 0x7fffffffu);
    return (joined >> 1) ^ (-(next & 1u) & 0x9908b0dfu);
}

// Three loops, in each of which the word SHIFT ahead (or its successor from this block) is far enough away to vectorize.
TORCH_RANDOM_INLINE void advance(uint32_t *state) {
    for (int i = 0; i < WORDS - SHIFT; i++) {
        state[i] = state[i + SHIFT] ^ twist(state[i], state[i + 1]);
    }
    for (int i = WORDS - SHIFT; i < WORDS - 1; i++) {
        state[i] = state[i + SHIFT - WORDS] ^ twist(state[i], state[i + 1]);
    }
    state[WORDS - 1] = state[SHIFT - 1] ^ twist(state[WORDS - 1], state[0]);
}

TORCH_RANDOM_INLINE uint32_t temper(uint32_t word) {
    word ^= word >> 11;
    word ^= (word << 7) & 0x9d2c5680u;
    word ^= (word << 15) & 0xefc60000u;
    return word ^ (word >> 18);
}

TORCH_RANDOM_INLINE void uniform(const uint32_t *restrict words, size_t count, float *restrict values) {
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)(int32_t)(temper(words[i]) & 0xffffffu) * 0x1p-24f;
    }
}

TORCH_RANDOM_VARIANTS(advance, (uint32_t * state), advance, (state))
TORCH_RANDOM_VARIANTS(uniform, (const uint32_t *words, size_t count, float *values), uniform, (words, count, values))

void torch_random_advance(uint32_t *state, bool avx2) { TORCH_RANDOM_CALL(advance, avx2, (state)); }

void torch_random_uniform(const uint32_t *words, size_t count, float *values, bool avx2) {
    TORCH_RANDOM_CALL(uniform, avx2, (words, count, values));
}
