#include "mae_shaders.h"

#include "generated/shaders.h"

const struct mae_shader *mae_shaders(size_t *count) {
    *count = sizeof shaders / sizeof *shaders;
    return shaders;
}
