/* Kernels of the numeric class canonical-v1 for one processor core.
 *
 * Every kernel set computes the same bits: docs/numerics.md says which. No function here allocates, starts threads,
 * keeps state or calls the C library. Matrices are row-major fp32; strides and offsets count elements. */
#ifndef MAE_KERNELS_H
#define MAE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Products are summed in blocks of this many. */
#define MAE_BLOCK 128

/* Alignment, in bytes, of packed weights and of scratch memory. */
#define MAE_ALIGNMENT 64

#pragma clang assume_nonnull begin

enum mae_activation {
    MAE_IDENTITY,
    MAE_GELU,
    MAE_GELU_TANH,
    MAE_QUICK_GELU,
    MAE_RELU,
    MAE_SILU,
    MAE_SELU
};

/* output = residual + activation(input · weights + bias) for some rows and some panels of columns. */
struct mae_linear_block {
    const float *input;
    size_t input_stride;
    size_t rows, depth;
    const float *weights;     /* of the whole layer, as `pack_weights` leaves them */
    size_t first_column;      /* of this block; a multiple of `tile_columns` */
    size_t columns;           /* of this block; the last panel may be partly filled */
    const float *_Nullable bias;      /* of the block's first column, or NULL */
    const float *_Nullable residual;  /* at the block's first element, with the output's stride, or NULL */
    float *output;
    size_t output_stride;
    enum mae_activation activation;
    float *scratch;           /* `linear_scratch` elements */
};

/* Scaled dot-product attention of some heads of one image. Head h begins h · `width` elements after the first, in
 * queries, keys, values and output alike. */
struct mae_attention {
    const float *queries, *keys, *values; /* `tokens` rows of `heads` · `width` elements, `stride` apart */
    size_t stride;
    size_t tokens, heads, width;
    float scale;
    float *output;            /* `tokens` rows of `heads` · `width` elements */
    size_t output_stride;
    float *scratch;           /* `attention_scratch` elements */
};

/* Rows to be normalized; input and output may be the same. */
struct mae_layer_norm {
    const float *input;
    size_t input_stride;
    float *output;
    size_t output_stride;
    size_t rows, columns;
    const float *scale, *shift;
    float epsilon;
};

/* Functions that work on whole rows, for one instruction set. */
struct mae_vector_kernels {
    void (*layer_norm)(const struct mae_layer_norm *job);
    /* Means of `columns` columns over `rows` rows. */
    void (*column_means)(const float *input, size_t stride, size_t rows, size_t columns, float *output);
    /* In place. */
    void (*activate)(float *values, size_t count, enum mae_activation activation);
    /* Runs independent fma chains in registers; returns the number of floating-point operations. */
    double (*spin_fma)(size_t rounds);
};

/* Matrix products with one register tile. */
struct mae_matrix_kernels {
    const char *name;         /* instruction set and tile: avx512-12x32 */
    size_t tile_rows, tile_columns;
    /* Packs `weights` (count × depth, row-major: PyTorch's order) as columns `first` ..< `first + count` of a layer
     * into `packed`, which holds depth elements for each column, of columns rounded up to whole panels. Lanes of no
     * column are left as they are. */
    void (*pack_weights)(const float *weights, size_t depth, size_t first, size_t count, float *packed);
    /* For blocks of up to `rows` × `columns`. */
    size_t (*linear_scratch)(size_t rows, size_t columns, size_t depth);
    void (*linear)(const struct mae_linear_block *block);
    size_t (*attention_scratch)(size_t tokens, size_t width);
    void (*attention)(const struct mae_attention *job);
};

/* What this build holds for one instruction set. */
struct mae_kernel_set {
    const char *isa;          /* scalar, avx2, avx512, neon */
    bool (*is_supported)(void); /* asks the processor and the operating system */
    const struct mae_vector_kernels *vector;
    const struct mae_matrix_kernels *_Nonnull const *_Nonnull matrix; /* best first */
    size_t matrix_count;
};

/* All sets in this build, best first; `*count` of them. A scalar set comes last and is always supported. */
const struct mae_kernel_set *_Nonnull const *_Nonnull mae_kernel_sets(size_t *count);

#pragma clang assume_nonnull end

#endif
