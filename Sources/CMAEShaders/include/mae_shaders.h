/* SPIR-V of every compute shader, compiled from shaders/ by the script `compile`. */
#ifndef MAE_SHADERS_H
#define MAE_SHADERS_H

#include <stddef.h>
#include <stdint.h>

struct mae_shader {
    /* File name of the source without its ending; with `_float64` where fused multiply-adds are emulated. */
    const char *_Nonnull name;
    const uint32_t *_Nonnull words;
    size_t count;
};

/* All modules; `count` gets their number. */
const struct mae_shader *_Nonnull mae_shaders(size_t *_Nonnull count);

#endif
