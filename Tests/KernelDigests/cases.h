/* A case is one call of one kernel: a name, inputs that follow from the name alone, and a digest of what was written. */
#ifndef CASES_H
#define CASES_H

#include "mae_kernels.h"

/* Numbers to compute with, made by integer arithmetic so that every architecture makes the same ones. */
enum numbers {
    PLAIN,      /* between -2 and 2 */
    RARE,       /* one in 40 is a NaN, an infinity, a zero, a subnormal, an extreme or any bit pattern */
    DENSE,      /* every second one is */
    CANCELLING, /* exponents close to each other and short mantissas, so that sums cancel or are ties */
    TINY,       /* the same near 2^-75: products are subnormal */
    NUMBERS_COUNT
};

/* Starts a case of the kernels called `set`. The name goes on as `printf` would write it. */
void begin_case(const char *set, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Memory of the current case, aligned for the kernels and full of NaNs: scratch may hold anything. */
float *scratch(size_t count);

/* Memory of the current case for results, full of a value that no kernel computes. */
float *results(size_t count);

/* Memory of the current case, full of numbers. */
float *numbers(enum numbers kind, size_t count);

/* Any number out of 2^64, the next one of the current case. */
uint64_t next_random(void);

/* A float of these bits. */
float float_of(uint32_t bits);

/* Prints the line of the current case: set, name and digest of these values, all NaNs being one. */
void end_case(const float *values, size_t count);

/* The operators. */
void linear_cases(const struct mae_matrix_kernels *kernels);
void attention_cases(const struct mae_matrix_kernels *kernels);
void row_cases(const char *set, const struct mae_vector_kernels *kernels);

#endif
