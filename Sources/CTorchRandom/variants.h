#ifndef TORCH_RANDOM_VARIANTS_H
#define TORCH_RANDOM_VARIANTS_H

// One body, compiled for the baseline and, on x86, also for AVX2 with FMA: NAME(parameters) calls BODY(arguments) in the
// one or the other. A fused multiply-add without the instruction is a call of libm's correctly rounded fmaf.

#define TORCH_RANDOM_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define TORCH_RANDOM_VARIANTS(name, parameters, body, arguments)                                     \
    __attribute__((target("avx2,fma"))) static void name##_avx2 parameters { body arguments; }       \
    static void name##_baseline parameters { body arguments; }
#define TORCH_RANDOM_CALL(name, avx2, arguments) \
    do {                                         \
        if (avx2) {                              \
            name##_avx2 arguments;               \
        } else {                                 \
            name##_baseline arguments;           \
        }                                        \
    } while (0)
#else
#define TORCH_RANDOM_VARIANTS(name, parameters, body, arguments) \
    static void name##_baseline parameters { body arguments; }
#define TORCH_RANDOM_CALL(name, avx2, arguments) \
    do {                                         \
        (void)(avx2);                            \
        name##_baseline arguments;               \
    } while (0)
#endif

#endif
