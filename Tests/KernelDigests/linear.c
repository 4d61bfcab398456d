/* Linear layers: packed from one or several matrices, computed in one or several blocks. */
#include "cases.h"

struct layer {
    size_t rows, columns, depth;
    enum mae_activation activation;
    bool has_bias, has_residual, is_in_place;
    enum numbers kind;
    size_t parts;        /* matrices that are stacked */
    size_t block_rows;   /* rows of a block, 0 for all */
    size_t block_panels; /* panels of a block, 0 for all */
};

static const enum mae_activation activations[] = {
    MAE_IDENTITY, MAE_GELU, MAE_GELU_TANH, MAE_QUICK_GELU, MAE_RELU, MAE_SILU, MAE_SELU};
enum { activation_count = sizeof activations / sizeof *activations };

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static const float *packed_weights(
    const struct mae_matrix_kernels *kernels, const struct layer *layer, size_t padded_columns) {
    float *packed = scratch(padded_columns * layer->depth);
    for (size_t part = 0; part < layer->parts; part++) {
        size_t first = layer->columns * part / layer->parts, end = layer->columns * (part + 1) / layer->parts;
        const float *weights = numbers(layer->kind, (end - first) * layer->depth);
        kernels->pack_weights(weights, layer->depth, first, end - first, packed);
    }
    return packed;
}

static void linear(const struct mae_matrix_kernels *kernels, struct layer layer) {
    begin_case(
        kernels->name, "linear/%zux%zux%zu/activation-%d%s%s%s/numbers-%d/%zu-parts/blocks-%zux%zu", layer.rows,
        layer.columns, layer.depth, layer.activation, layer.has_bias ? "/bias" : "",
        layer.has_residual ? "/residual" : "", layer.is_in_place ? "/in-place" : "", layer.kind, layer.parts,
        layer.block_rows, layer.block_panels);
    size_t width = kernels->tile_columns;
    size_t padded_columns = (layer.columns + width - 1) / width * width;
    size_t input_stride = layer.depth + 3, output_stride = layer.columns + 5;
    const float *input = numbers(layer.kind, layer.rows * input_stride);
    const float *bias = layer.has_bias ? numbers(layer.kind, layer.columns) : NULL;
    const float *weights = packed_weights(kernels, &layer, padded_columns);
    float *before = numbers(layer.kind, layer.rows * output_stride);
    float *output = layer.is_in_place ? before : results(layer.rows * output_stride);
    const float *residual = layer.has_residual ? before : NULL;
    float *scratch_memory = scratch(kernels->linear_scratch(layer.rows, layer.columns, layer.depth));

    size_t row_step = layer.block_rows ? layer.block_rows : layer.rows + 1;
    size_t column_step = layer.block_panels ? layer.block_panels * width : padded_columns + width;
    for (size_t row = 0; row == 0 || row < layer.rows; row += row_step) {
        for (size_t column = 0; column == 0 || column < layer.columns; column += column_step) {
            size_t place = row * output_stride + column;
            struct mae_linear_block block = {
                .input = input + row * input_stride,
                .input_stride = input_stride,
                .rows = smaller(row_step, layer.rows - row),
                .depth = layer.depth,
                .weights = weights,
                .first_column = column,
                .columns = smaller(column_step, layer.columns - column),
                .bias = bias ? bias + column : NULL,
                .residual = residual ? residual + place : NULL,
                .output = output + place,
                .output_stride = output_stride,
                .activation = layer.activation,
                .scratch = scratch_memory,
            };
            kernels->linear(&block);
        }
    }
    end_case(output, layer.rows * output_stride);
}

/* Every extent up to beyond the largest tile, so that no case depends on which tiles a set has. */
static void sizes(const struct mae_matrix_kernels *kernels) {
    for (size_t rows = 0; rows <= 33; rows++) {
        linear(kernels, (struct layer){.rows = rows, .columns = 33, .depth = 130, .has_bias = true, .parts = 1});
    }
    for (size_t columns = 0; columns <= 100; columns++) {
        linear(kernels, (struct layer){.rows = 7, .columns = columns, .depth = 129, .has_bias = true, .parts = 1});
    }
    for (size_t depth = 0; depth <= 300; depth += depth > 4 && depth % 128 > 3 && depth % 128 < 121 ? 7 : 1) {
        linear(kernels, (struct layer){.rows = 13, .columns = 19, .depth = depth, .has_bias = true, .parts = 1});
    }
}

static void finishing(const struct mae_matrix_kernels *kernels) {
    for (int i = 0; i < activation_count; i++) {
        for (int options = 0; options < 4; options++) {
            for (enum numbers kind = PLAIN; kind < NUMBERS_COUNT; kind++) {
                linear(
                    kernels,
                    (struct layer){
                        .rows = 15, .columns = 51, .depth = 35, .activation = activations[i], .has_bias = options & 1,
                        .has_residual = options & 2, .kind = kind, .parts = 1});
            }
        }
    }
}

static void stacks_and_blocks(const struct mae_matrix_kernels *kernels) {
    for (size_t parts = 2; parts <= 5; parts++) {
        linear(kernels, (struct layer){.rows = 5, .columns = 117, .depth = 131, .has_bias = true, .parts = parts});
    }
    for (size_t panels = 0; panels <= 2; panels++) {
        linear(
            kernels,
            (struct layer){
                .rows = 29, .columns = 301, .depth = 140, .activation = MAE_GELU, .has_bias = true,
                .has_residual = true, .is_in_place = true, .parts = 3, .block_rows = 10 * panels,
                .block_panels = panels});
    }
}

/* Depths at which kernels that take a depth in pieces may change from one piece to the next. */
static void long_depths(const struct mae_matrix_kernels *kernels) {
    static const size_t depths[] = {511, 640, 767, 768, 769, 896, 1536, 1537, 2100};
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        linear(
            kernels,
            (struct layer){
                .rows = 14, .columns = 67, .depth = depths[i], .activation = MAE_GELU, .has_bias = true,
                .has_residual = true, .parts = 2});
    }
}

static void cancellation(const struct mae_matrix_kernels *kernels) {
    for (size_t depth = 1; depth <= 257; depth = depth < 8 ? depth + 1 : depth * 2 - 1) {
        for (enum numbers kind = RARE; kind < NUMBERS_COUNT; kind++) {
            linear(kernels, (struct layer){.rows = 30, .columns = 48, .depth = depth, .kind = kind, .parts = 1});
        }
    }
}

void linear_cases(const struct mae_matrix_kernels *kernels) {
    sizes(kernels);
    finishing(kernels);
    stacks_and_blocks(kernels);
    long_depths(kernels);
    cancellation(kernels);
}
