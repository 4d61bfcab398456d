#include "kernel_sets.h"

static const struct mae_kernel_set *const sets[] = {
#ifdef __x86_64__
    &mae_avx512, &mae_avx2, &mae_scalar_fma,
#endif
#ifdef __aarch64__
    &mae_neon,
#endif
    &mae_scalar,
};

const struct mae_kernel_set *const *mae_kernel_sets(size_t *count) {
    *count = sizeof sets / sizeof *sets;
    return sets;
}
