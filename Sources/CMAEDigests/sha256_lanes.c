#include "mae_digests.h"

#ifdef __x86_64__

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw"), min_vector_width(512))), apply_to = function)

/* FIPS 180-4, 4.2.2. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define ADD(x, y) _mm512_add_epi32(x, y)
#define ROTATE(x, n) _mm512_ror_epi32(x, n)
/* Truth tables: the sum of three bits, the first's choice between the other two, the majority. */
#define XOR3(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0x96)
#define CHOICE(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xCA)
#define MAJORITY(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xE8)

/* Word i of sixteen blocks becomes words[i], in the order of the processor. */
static inline __attribute__((always_inline)) void load_words(
    __m512i *restrict words, const uint8_t *const *blocks, size_t offset) {
    const __m512i swap = _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    __m512i rows[16], quads[16];
    for (int lane = 0; lane < 16; lane++) {
        rows[lane] = _mm512_shuffle_epi8(_mm512_loadu_si512(blocks[lane] + offset), swap);
    }
    for (int i = 0; i < 16; i += 4) {
        __m512i ab_low = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        __m512i ab_high = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
        __m512i cd_low = _mm512_unpacklo_epi32(rows[i + 2], rows[i + 3]);
        __m512i cd_high = _mm512_unpackhi_epi32(rows[i + 2], rows[i + 3]);
        quads[i] = _mm512_unpacklo_epi64(ab_low, cd_low);
        quads[i + 1] = _mm512_unpackhi_epi64(ab_low, cd_low);
        quads[i + 2] = _mm512_unpacklo_epi64(ab_high, cd_high);
        quads[i + 3] = _mm512_unpackhi_epi64(ab_high, cd_high);
    }
    for (int j = 0; j < 4; j++) {
        __m512i even_low = _mm512_shuffle_i32x4(quads[j], quads[4 + j], 0x88);
        __m512i odd_low = _mm512_shuffle_i32x4(quads[j], quads[4 + j], 0xDD);
        __m512i even_high = _mm512_shuffle_i32x4(quads[8 + j], quads[12 + j], 0x88);
        __m512i odd_high = _mm512_shuffle_i32x4(quads[8 + j], quads[12 + j], 0xDD);
        words[j] = _mm512_shuffle_i32x4(even_low, even_high, 0x88);
        words[4 + j] = _mm512_shuffle_i32x4(odd_low, odd_high, 0x88);
        words[8 + j] = _mm512_shuffle_i32x4(even_low, even_high, 0xDD);
        words[12 + j] = _mm512_shuffle_i32x4(odd_low, odd_high, 0xDD);
    }
}

/* Round i, and the word that is used sixteen rounds later in the place of this round's. The letters are FIPS 180-4's. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                                                  \
    {                                                                                                                     \
        __m512i word = words[(i)&15];                                                                                     \
        __m512i sum_e = XOR3(ROTATE(e, 6), ROTATE(e, 11), ROTATE(e, 25));                                                 \
        __m512i sum_a = XOR3(ROTATE(a, 2), ROTATE(a, 13), ROTATE(a, 22));                                                 \
        __m512i first =                                                                                                   \
            ADD(ADD(h, ADD(word, _mm512_set1_epi32((int)constants[i]))), ADD(CHOICE(e, f, g), sum_e));                    \
        d = ADD(d, first);                                                                                                \
        h = ADD(first, ADD(MAJORITY(a, b, c), sum_a));                                                                    \
        if ((i) < 48) {                                                                                                   \
            __m512i x = words[((i) + 1) & 15], y = words[((i) + 14) & 15];                                                \
            __m512i low = XOR3(ROTATE(x, 7), ROTATE(x, 18), _mm512_srli_epi32(x, 3));                                     \
            __m512i high = XOR3(ROTATE(y, 17), ROTATE(y, 19), _mm512_srli_epi32(y, 10));                                  \
            words[(i)&15] = ADD(ADD(word, words[((i) + 9) & 15]), ADD(low, high));                                        \
        }                                                                                                                 \
    }

static void take_blocks(uint32_t *states, const uint8_t *const *blocks, size_t count) {
    __m512i state[MAE_SHA256_WORDS];
    for (int i = 0; i < MAE_SHA256_WORDS; i++) state[i] = _mm512_loadu_si512(states + i * MAE_SHA256_LANES);
    for (size_t block = 0; block < count; block++) {
        __m512i words[16];
        load_words(words, blocks, block * MAE_SHA256_BLOCK);
        __m512i a = state[0], b = state[1], c = state[2], d = state[3];
        __m512i e = state[4], f = state[5], g = state[6], h = state[7];
#pragma clang loop unroll(full)
        for (int i = 0; i < 64; i += 8) {
            ROUND(a, b, c, d, e, f, g, h, i)
            ROUND(h, a, b, c, d, e, f, g, i + 1)
            ROUND(g, h, a, b, c, d, e, f, i + 2)
            ROUND(f, g, h, a, b, c, d, e, i + 3)
            ROUND(e, f, g, h, a, b, c, d, i + 4)
            ROUND(d, e, f, g, h, a, b, c, i + 5)
            ROUND(c, d, e, f, g, h, a, b, i + 6)
            ROUND(b, c, d, e, f, g, h, a, i + 7)
        }
        const __m512i end[MAE_SHA256_WORDS] = {a, b, c, d, e, f, g, h};
        for (int i = 0; i < MAE_SHA256_WORDS; i++) state[i] = ADD(state[i], end[i]);
    }
    for (int i = 0; i < MAE_SHA256_WORDS; i++) _mm512_storeu_si512(states + i * MAE_SHA256_LANES, state[i]);
}

#pragma clang attribute pop

bool mae_sha256_lanes_supported(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

void mae_sha256_lanes(uint32_t *states, const uint8_t *const *blocks, size_t count) { take_blocks(states, blocks, count); }

#else

bool mae_sha256_lanes_supported(void) { return false; }

/* Never called where it is not supported. */
void mae_sha256_lanes(uint32_t *states, const uint8_t *const *blocks, size_t count) {
    (void)states;
    (void)blocks;
    (void)count;
    __builtin_trap();
}

#endif
