/* Attention heads whose queries, keys and values lie side by side, as one stacked layer leaves them. */
#include "cases.h"

static void attention(
    const struct mae_matrix_kernels *kernels, size_t tokens, size_t heads, size_t width, float scale,
    enum numbers kind) {
    begin_case(
        kernels->name, "attention/%zux%zux%zu/scale-%a/numbers-%d", tokens, heads, width, scale, kind);
    size_t hidden = heads * width, stride = 3 * hidden + 5, output_stride = hidden + 3;
    const float *qkv = numbers(kind, tokens * stride);
    float *output = results(tokens * output_stride);
    struct mae_attention job = {
        .queries = qkv,
        .keys = qkv + hidden,
        .values = qkv + 2 * hidden,
        .stride = stride,
        .tokens = tokens,
        .heads = heads,
        .width = width,
        .scale = scale,
        .output = output,
        .output_stride = output_stride,
        .scratch = scratch(kernels->attention_scratch(tokens, width)),
    };
    kernels->attention(&job);
    end_case(output, tokens * output_stride);
}

void attention_cases(const struct mae_matrix_kernels *kernels) {
    static const size_t token_counts[] = {63, 64, 65, 127, 128, 129, 197}, widths[] = {5, 16, 64, 80, 300};
    for (size_t tokens = 1; tokens <= 50; tokens++) attention(kernels, tokens, 2, 20, 0.25f, PLAIN);
    for (size_t width = 1; width <= 100; width++) attention(kernels, 13, 1, width, 0.125f, PLAIN);
    for (size_t i = 0; i < sizeof token_counts / sizeof *token_counts; i++) {
        attention(kernels, token_counts[i], 1, 17, 0.2425356f, PLAIN);
    }
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) attention(kernels, 131, 1, widths[i], 0.3f, PLAIN);
    for (size_t width = 127; width <= 129; width++) attention(kernels, 7, 1, width, 0.1f, PLAIN);
    /* Large scales drive probabilities to 0 and 1. */
    for (enum numbers kind = PLAIN; kind < NUMBERS_COUNT; kind++) {
        for (int power = -1; power <= 2; power++) attention(kernels, 37, 1, 33, power < 0 ? 0.1f : 1 << 4 * power, kind);
        for (int power = 0; power <= 8; power += 2) attention(kernels, 197, 3, 9, 1 << power, kind);
    }
}
