// The sums, for vectors of LANES doubles: included once for each instruction set, with SUFFIX and TARGET.

#define NAMED_(name, suffix) name##_##suffix
#define NAMED(name, suffix) NAMED_(name, suffix)
#define VECTOR NAMED(vector, SUFFIX)

typedef double VECTOR __attribute__((vector_size(LANES * sizeof(double))));

TARGET static inline VECTOR NAMED(load, SUFFIX)(const double *from) {
    VECTOR value;
    memcpy(&value, from, sizeof value);
    return value;
}

TARGET static inline double NAMED(total, SUFFIX)(VECTOR sums) {
    double total = 0;
    for (int lane = 0; lane < LANES; lane++) total += sums[lane];
    return total;
}

TARGET static double NAMED(dot, SUFFIX)(const double *a, const double *b, size_t width) {
    VECTOR sums = {0};
    size_t k = 0;
    for (; k + LANES <= width; k += LANES) sums += NAMED(load, SUFFIX)(a + k) * NAMED(load, SUFFIX)(b + k);
    double total = NAMED(total, SUFFIX)(sums);
    for (; k < width; k++) total += a[k] * b[k];
    return total;
}

// Four outputs by two rows at a time: eight sums that do not wait for each other.
TARGET static void NAMED(products, SUFFIX)(
    const float *weight, size_t outputs, size_t width, const double *x, size_t rows, double *scratch, double *products) {
    for (size_t first = 0; first < outputs; first += 4) {
        size_t count = outputs - first < 4 ? outputs - first : 4;
        for (size_t i = 0; i < count * width; i++) scratch[i] = weight[first * width + i];
        size_t row = 0;
        for (; count == 4 && row + 2 <= rows; row += 2) {
            const double *a = x + row * width, *b = a + width;
            VECTOR sums[4][2] = {0};
            size_t k = 0;
            for (; k + LANES <= width; k += LANES) {
                VECTOR one = NAMED(load, SUFFIX)(a + k), other = NAMED(load, SUFFIX)(b + k);
                for (int output = 0; output < 4; output++) {
                    VECTOR factors = NAMED(load, SUFFIX)(scratch + output * width + k);
                    sums[output][0] += factors * one;
                    sums[output][1] += factors * other;
                }
            }
            for (int output = 0; output < 4; output++) {
                double *at = products + (first + output) * rows + row;
                at[0] = NAMED(total, SUFFIX)(sums[output][0]);
                at[1] = NAMED(total, SUFFIX)(sums[output][1]);
                for (size_t rest = k; rest < width; rest++) {
                    at[0] += scratch[output * width + rest] * a[rest];
                    at[1] += scratch[output * width + rest] * b[rest];
                }
            }
        }
        for (; row < rows; row++)
            for (size_t output = 0; output < count; output++)
                products[(first + output) * rows + row] =
                    NAMED(dot, SUFFIX)(x + row * width, scratch + output * width, width);
    }
}

TARGET static void NAMED(attention, SUFFIX)(
    const double *query, const double *keys, const double *values, size_t stride, size_t tokens, size_t heads, size_t width,
    double scale, double *scores, double *output) {
    for (size_t head = 0; head < heads; head++, query += width, keys += width, values += width, output += width) {
        double largest = -INFINITY, sum = 0;
        for (size_t key = 0; key < tokens; key++) {
            scores[key] = NAMED(dot, SUFFIX)(query, keys + key * stride, width) * scale;
            if (scores[key] > largest) largest = scores[key];
        }
        for (size_t key = 0; key < tokens; key++) sum += scores[key] = exp(scores[key] - largest);
        for (size_t column = 0; column < width; column++) output[column] = 0;
        for (size_t key = 0; key < tokens; key++) {
            double share = scores[key] / sum;
            for (size_t column = 0; column < width; column++) output[column] += share * values[key * stride + column];
        }
    }
}

#undef VECTOR
#undef NAMED
#undef NAMED_
