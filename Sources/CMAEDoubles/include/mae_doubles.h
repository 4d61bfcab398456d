#ifndef MAE_DOUBLES_H
#define MAE_DOUBLES_H

#include <stddef.h>

// The sums of the float64 reference, in C so that they take seconds and not minutes where Swift is built without optimization.
// The order of the sums depends on the processor: results are as near as double precision gets, and not the same bits everywhere.

// The products of each row of `x` (rows, width) with each row of `weight` (outputs, width): `products` is (outputs, rows).
// `scratch` has room for 4 * width doubles.
void mae_doubles_products(
    const float *weight, size_t outputs, size_t width, const double *x, size_t rows, double *scratch, double *products);

// What one token gets in attention: `output` (heads * width) are the sums of the values, weighted by the softmax of the products
// of `query` (heads * width) with the keys, times `scale`. Keys and values of a token begin `stride` doubles after those of the
// one before it. `scores` has room for a double a token.
void mae_doubles_attention(
    const double *query, const double *keys, const double *values, size_t stride, size_t tokens, size_t heads, size_t width,
    double scale, double *scores, double *output);

#endif
