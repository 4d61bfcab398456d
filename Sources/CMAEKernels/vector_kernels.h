/* Row kernels for one instruction set. Include inside a target region with ISA (name) and LANES defined. */
#include "canonical_math.h"
#include "fetch.h"
#include "pack.h"

#define TEXT_(name) #name
#define TEXT(name) TEXT_(name)
/* Names of what is generated once for each register tile: name_isa_tile. */
#define JOIN_(name, isa, tile) name##_##isa##_##tile
#define JOIN(name, isa, tile) JOIN_(name, isa, tile)
#define TILE_NAME(name, tile) JOIN(name, ISA, tile)

static void layer_norm(const struct mae_layer_norm *job) {
    size_t columns = job->columns;
    for (size_t row = 0; row < job->rows; row++) {
        const float *x = job->input + row * job->input_stride;
        float *y = job->output + row * job->output_stride;
        v16 sums = splat(0);
        for (size_t c = 0; c < columns; c += 16) sums += load_up_to(x + c, columns - c, 0);
        float mean = sum_lanes(sums) / (float)columns;
        v16 squares = splat(0);
        for (size_t c = 0; c < columns; c += 16) {
            v16 difference = load_up_to(x + c, columns - c, 0) - splat(mean);
            if (columns - c < 16) difference = pick(lanes_below(columns - c), difference, splat(0));
            squares = fma16(difference, difference, squares);
        }
        float variance = sum_lanes(squares) / (float)columns;
        v16 factor = splat(1) / sqrt16(splat(variance + job->epsilon));
        for (size_t c = 0; c < columns; c += 16) {
            size_t count = columns - c;
            v16 normalized = (load_up_to(x + c, count, 0) - splat(mean)) * factor;
            v16 scale = load_up_to(job->scale + c, count, 0), shift = load_up_to(job->shift + c, count, 0);
            store_up_to(y + c, count, fma16(normalized, scale, shift));
        }
    }
}

/* The strided sums of sixteen columns, added pairwise at distance 8, 4, 2, 1, into the first. */
INLINE void add_lanes(v16 sums[16]) {
    for (size_t distance = 8; distance > 0; distance /= 2) {
        for (size_t lane = 0; lane < distance; lane++) sums[lane] += sums[lane + distance];
    }
}

/* Sixteen strided sums down the rows, for sixteen columns at a time. */
static void column_means(const float *input, size_t stride, size_t rows, size_t columns, float *output) {
    for (size_t c = 0; c < columns; c += 16) {
        size_t count = columns - c;
        v16 sums[16];
        for (size_t lane = 0; lane < 16; lane++) sums[lane] = splat(0);
        for (size_t row = 0; row < rows; row++) sums[row % 16] += load_up_to(input + row * stride + c, count, 0);
        add_lanes(sums);
        store_up_to(output + c, count, sums[0] / splat((float)rows));
    }
}

/* Keys whose powers are computed at once: they have places of their own among the sixteen strided sums. */
#define KEY_GROUP 8
_Static_assert(16 % KEY_GROUP == 0, "a group must not go round the sums");

/* In place: sixteen columns of scaled scores, a query each, become probabilities over the `keys` rows. */
INLINE void softmax_columns(float *scores, size_t stride, size_t keys, v16 maxima) {
    v16 sums[16];
    for (size_t lane = 0; lane < 16; lane++) sums[lane] = splat(0);
    size_t key = 0;
    for (; key + KEY_GROUP <= keys; key += KEY_GROUP) {
        /* How far below the maximum: not negative, so that NaN and what is too far have the largest bits. */
        v16 depths[KEY_GROUP];
        v16u deepest = {0};
        UNROLL for (int i = 0; i < KEY_GROUP; i++) {
            depths[i] = maxima - load16(scores + (key + i) * stride);
            deepest = __builtin_elementwise_max(deepest, (v16u)depths[i]);
        }
        bool is_usual = !any16(deepest > (v16u)-EXP_LOWER_BOUND);
        v16 *some = sums + key % 16;
        if (is_usual) {
            UNROLL for (int i = 0; i < KEY_GROUP; i++) {
                v16 power = exp_within_bounds(-depths[i]);
                store16(scores + (key + i) * stride, power);
                some[i] += power;
            }
        } else {
            for (int i = 0; i < KEY_GROUP; i++) {
                v16 power = exp_below_upper_bound(load16(scores + (key + i) * stride) - maxima);
                store16(scores + (key + i) * stride, power);
                some[i] += power;
            }
        }
    }
    for (; key < keys; key++) {
        v16 power = exp_below_upper_bound(load16(scores + key * stride) - maxima);
        store16(scores + key * stride, power);
        sums[key % 16] += power;
    }
    add_lanes(sums);
    v16 reciprocal = splat(1) / sums[0];
    for (key = 0; key < keys; key++) {
        store16(scores + key * stride, load16(scores + key * stride) * reciprocal);
    }
}

static void activate(float *values, size_t count, enum mae_activation activation) {
    for (size_t c = 0; c < count; c += 16) {
        store_up_to(values + c, count - c, activated(load_up_to(values + c, count - c, 0), activation));
    }
}

/* More chains than latency times units, few enough to stay in registers. */
static double spin_fma(size_t rounds) {
#if defined(__aarch64__)
    enum { chains = 20 };
#else
    enum { chains = LANES == 16 ? 20 : 12 };
#endif
    vreg values[chains];
    vreg factor = (vreg)(0.999f), addend = (vreg)(0.5f);
    UNROLL for (int i = 0; i < chains; i++) values[i] = (vreg)(1.0f + i);
    for (size_t round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < chains; i++) values[i] = fma_reg(values[i], factor, addend);
    }
    vreg total = values[0];
    UNROLL for (int i = 1; i < chains; i++) total += values[i];
    /* The result depends on every chain, so none can be left out. */
    return 2.0 * LANES * chains * (double)rounds + (total[0] == 0 ? 1 : 0);
}

static const struct mae_vector_kernels vector_kernels = {
    .layer_norm = layer_norm,
    .column_means = column_means,
    .activate = activate,
    .spin_fma = spin_fma,
};
