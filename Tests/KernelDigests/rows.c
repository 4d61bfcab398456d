/* Functions of whole rows. */
#include "cases.h"

static const size_t long_rows[] = {127, 128, 129, 197, 300, 768, 1025};
enum { long_count = sizeof long_rows / sizeof *long_rows };
/* Lengths are walked up to this one without a gap. */
enum { short_count = 70 };

static size_t length(size_t index) { return index < short_count ? index : long_rows[index - short_count]; }

static void layer_norm(
    const char *set, const struct mae_vector_kernels *kernels, size_t rows, size_t columns, float epsilon,
    enum numbers kind) {
    begin_case(set, "layer-norm/%zux%zu/epsilon-%a/numbers-%d", rows, columns, epsilon, kind);
    size_t input_stride = columns + 1, output_stride = columns + 5;
    float *output = results(rows * output_stride + 32);
    struct mae_layer_norm job = {
        .input = numbers(kind, rows * input_stride),
        .input_stride = input_stride,
        .output = output + 16,
        .output_stride = output_stride,
        .rows = rows,
        .columns = columns,
        .scale = numbers(kind, columns),
        .shift = numbers(kind, columns),
        .epsilon = epsilon,
    };
    kernels->layer_norm(&job);
    end_case(output, rows * output_stride + 32);
}

static void column_means(
    const char *set, const struct mae_vector_kernels *kernels, size_t rows, size_t columns, enum numbers kind) {
    begin_case(set, "column-means/%zux%zu/numbers-%d", rows, columns, kind);
    size_t stride = columns + 3;
    float *output = results(columns + 32);
    kernels->column_means(numbers(kind, rows * stride), stride, rows, columns, output + 16);
    end_case(output, columns + 32);
}

static void activate(
    const char *set, const struct mae_vector_kernels *kernels, size_t count, enum mae_activation activation,
    enum numbers kind) {
    begin_case(set, "activate/%zu/activation-%d/numbers-%d", count, activation, kind);
    float *values = numbers(kind, count + 32);
    kernels->activate(values, count, activation);
    end_case(values, count + 32);
}

/* Bit patterns of all signs and exponents at equal distances, and as many where the functions bend. */
static void sweep(const char *set, const struct mae_vector_kernels *kernels, enum mae_activation activation) {
    enum { count = 1 << 15 };
    begin_case(set, "activate/sweep/activation-%d", activation);
    float *values = scratch(2 * count);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = float_of(i * 0x20003u);
        uint64_t random = next_random();
        uint32_t sign = (uint32_t)(random & 1) << 31, exponent = 118 + (random >> 1) % 16;
        values[count + i] = float_of(sign | exponent << 23 | (random >> 32 & 0x7FFFFF));
    }
    kernels->activate(values, 2 * count, activation);
    end_case(values, 2 * count);
}

void row_cases(const char *set, const struct mae_vector_kernels *kernels) {
    for (size_t i = 0; i < short_count + long_count; i++) {
        layer_norm(set, kernels, 3, length(i), 1e-6f, PLAIN);
        column_means(set, kernels, length(i), 101, PLAIN);
        column_means(set, kernels, 19, length(i), PLAIN);
        activate(set, kernels, length(i), MAE_GELU, PLAIN);
    }
    for (enum numbers kind = PLAIN; kind < NUMBERS_COUNT; kind++) {
        layer_norm(set, kernels, 9, 77, 1e-12f, kind);
        layer_norm(set, kernels, 9, 77, 0, kind);
        column_means(set, kernels, 35, 77, kind);
        for (enum mae_activation activation = MAE_IDENTITY; activation <= MAE_SELU; activation++) {
            activate(set, kernels, 333, activation, kind);
        }
    }
    for (enum mae_activation activation = MAE_IDENTITY; activation <= MAE_SELU; activation++) {
        sweep(set, kernels, activation);
    }
}
