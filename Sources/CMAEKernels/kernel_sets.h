/* The sets that kernel_sets.c lists. */
#ifndef MAE_KERNEL_SETS_H
#define MAE_KERNEL_SETS_H

#include "mae_kernels.h"

#ifdef __x86_64__
extern const struct mae_kernel_set mae_avx512, mae_avx2, mae_scalar_fma;
#endif
#ifdef __aarch64__
extern const struct mae_kernel_set mae_neon;
#endif
extern const struct mae_kernel_set mae_scalar;

#endif
