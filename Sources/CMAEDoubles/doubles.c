#include "mae_doubles.h"

#include <math.h>
#include <string.h>

#define SUFFIX plain
#define TARGET
#define LANES 2
#include "sums.h"
#undef SUFFIX
#undef TARGET
#undef LANES

#if defined(__x86_64__)
#define SUFFIX avx2
#define TARGET __attribute__((target("avx2,fma")))
#define LANES 4
#include "sums.h"
#undef SUFFIX
#undef TARGET
#undef LANES

#define SUFFIX avx512
#define TARGET __attribute__((target("avx512f")))
#define LANES 8
#include "sums.h"
#undef SUFFIX
#undef TARGET
#undef LANES

#define CALL(name, ...)                                                                   \
    do {                                                                                  \
        if (__builtin_cpu_supports("avx512f")) name##_avx512(__VA_ARGS__);                \
        else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))         \
            name##_avx2(__VA_ARGS__);                                                     \
        else name##_plain(__VA_ARGS__);                                                   \
    } while (0)
#else
#define CALL(name, ...) name##_plain(__VA_ARGS__)
#endif

void mae_doubles_products(
    const float *weight, size_t outputs, size_t width, const double *x, size_t rows, double *scratch, double *products) {
    CALL(products, weight, outputs, width, x, rows, scratch, products);
}

void mae_doubles_attention(
    const double *query, const double *keys, const double *values, size_t stride, size_t tokens, size_t heads, size_t width,
    double scale, double *scores, double *output) {
    CALL(attention, query, keys, values, stride, tokens, heads, width, scale, scores, output);
}
