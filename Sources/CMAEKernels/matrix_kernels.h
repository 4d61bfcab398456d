/* Matrix products with one register tile. Include inside a target region, after vector_kernels.h, with
 *   TILE       suffix of the generated names, such as 12x32
 *   TILE_ROWS  rows of the tile
 *   TILE_REGS  registers across it; TILE_REGS · LANES is a multiple of 16. */
#define JOIN_(name, isa, tile) name##_##isa##_##tile
#define JOIN(name, isa, tile) JOIN_(name, isa, tile)
#define NAMED(name) JOIN(name, ISA, TILE)
#define TILE_COLUMNS (TILE_REGS * LANES)

/* One block of the contract: each element of the tile is one ascending fma chain from +0 over `depth` ≤ MAE_BLOCK
 * steps, which becomes the total (first) or is added to it. */
INLINE void NAMED(tile)(
    size_t depth, const float *restrict rows, const float *restrict panel, float *restrict totals, size_t stride,
    bool first) {
    vreg sums[TILE_ROWS][TILE_REGS];
    UNROLL for (int r = 0; r < TILE_ROWS; r++) {
        UNROLL for (int j = 0; j < TILE_REGS; j++) sums[r][j] = (vreg)(0.0f);
    }
    _Pragma("clang loop unroll_count(2)") for (size_t k = 0; k < depth; k++) {
        vreg columns[TILE_REGS];
        UNROLL for (int j = 0; j < TILE_REGS; j++) columns[j] = *(const vreg *)(panel + j * LANES);
        UNROLL for (int r = 0; r < TILE_ROWS; r++) {
            vreg row = (vreg)(rows[r]);
            UNROLL for (int j = 0; j < TILE_REGS; j++) sums[r][j] = fma_reg(row, columns[j], sums[r][j]);
        }
        rows += TILE_ROWS;
        panel += TILE_COLUMNS;
    }
    if (first) {
        UNROLL for (int r = 0; r < TILE_ROWS; r++) {
            UNROLL for (int j = 0; j < TILE_REGS; j++) *(vreg *)(totals + r * stride + j * LANES) = sums[r][j];
        }
    } else {
        UNROLL for (int r = 0; r < TILE_ROWS; r++) {
            UNROLL for (int j = 0; j < TILE_REGS; j++) *(vreg *)(totals + r * stride + j * LANES) += sums[r][j];
        }
    }
}

static void NAMED(pack_weights)(
    const float *weights, size_t depth, size_t first, size_t count, size_t slab_columns, float *packed) {
    for (size_t column = first; column < first + count;) {
        size_t lane = column % TILE_COLUMNS, panel = column - lane;
        size_t filled = smaller(TILE_COLUMNS - lane, first + count - column);
        for (size_t k = 0; k < depth; k += MAE_BLOCK) {
            size_t height = smaller(MAE_BLOCK, depth - k);
            pack_transposed(
                weights + (column - first) * depth + k, depth, filled, height, TILE_COLUMNS,
                packed + k * slab_columns + height * panel + lane);
        }
        column += filled;
    }
}

/* output = residual + activation(totals + bias) for a tile of which `rows` × `columns` elements count. */
INLINE void NAMED(finish)(
    const struct mae_linear_block *block, const float *totals, size_t row, size_t column, size_t rows, size_t columns) {
    for (size_t j = 0; j < columns; j += 16) {
        size_t count = columns - j;
        v16 bias = splat(0);
        if (block->bias) bias = load_up_to(block->bias + column + j, count, 0);
        for (size_t r = 0; r < rows; r++) {
            v16 value = load16(totals + r * TILE_COLUMNS + j);
            size_t place = (row + r) * block->output_stride + column + j;
            if (block->bias) value += bias;
            value = activated(value, block->activation);
            if (block->residual) value = load_up_to(block->residual + place, count, 0) + value;
            store_up_to(block->output + place, count, value);
        }
    }
}

static size_t NAMED(linear_scratch)(size_t rows, size_t columns) {
    size_t padded_rows = round_up(rows, TILE_ROWS);
    return round_up(padded_rows * MAE_BLOCK, 16) + padded_rows * round_up(columns, TILE_COLUMNS);
}

/* The places that `finish` will touch. */
INLINE void NAMED(fetch_outputs)(
    const struct mae_linear_block *block, size_t row, size_t column, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        size_t place = (row + r) * block->output_stride + column;
        for (size_t j = 0; j < columns; j += LINE) {
            if (block->residual) __builtin_prefetch(block->residual + place + j, 0, 3);
            __builtin_prefetch(block->output + place + j, 1, 3);
        }
    }
}

static void NAMED(linear)(const struct mae_linear_block *block) {
    size_t tile_count = (block->rows + TILE_ROWS - 1) / TILE_ROWS;
    size_t panel_count = (block->columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
    float *rows = block->scratch;
    float *all_totals = rows + round_up(tile_count * TILE_ROWS * MAE_BLOCK, 16);
    /* Each tile asks for a share of what comes after its panel and its slab. */
    size_t panel_share = round_up(MAE_BLOCK * TILE_COLUMNS / larger(tile_count, 1) + 1, LINE);
    size_t row_share = TILE_ROWS / larger(panel_count, 1) + 1;
    size_t k = 0;
    do {
        size_t depth = smaller(MAE_BLOCK, block->depth - k), next = k + depth;
        size_t next_depth = smaller(MAE_BLOCK, block->depth - next);
        const float *slab = block->weights + k * block->slab_columns + depth * block->first_column;
        const float *next_slab = block->weights + next * block->slab_columns + next_depth * block->first_column;
        for (size_t t = 0; t < tile_count; t++) {
            pack_tile(
                block->input + t * TILE_ROWS * block->input_stride + k, block->input_stride,
                smaller(TILE_ROWS, block->rows - t * TILE_ROWS), depth, TILE_ROWS, rows + t * TILE_ROWS * depth);
        }
        float *totals = all_totals;
        for (size_t p = 0; p < panel_count; p++) {
            size_t column = p * TILE_COLUMNS, columns = smaller(TILE_COLUMNS, block->columns - column);
            const float *panel = slab + depth * column;
            bool turns = p + 1 == panel_count;
            const float *next_panel = turns ? next_slab : panel + depth * TILE_COLUMNS;
            size_t next_panel_size = (turns ? next_depth : depth) * TILE_COLUMNS;
            for (size_t t = 0; t < tile_count; t++, totals += TILE_ROWS * TILE_COLUMNS) {
                size_t first_row = t * TILE_ROWS, row_count = smaller(TILE_ROWS, block->rows - first_row);
                fetch_soon(next_panel, t * panel_share, smaller((t + 1) * panel_share, next_panel_size));
                for (size_t r = p * row_share; r < smaller((p + 1) * row_share, row_count); r++) {
                    fetch_soon(block->input + (first_row + r) * block->input_stride, next, next + next_depth);
                }
                if (next == block->depth) NAMED(fetch_outputs)(block, first_row, column, row_count, columns);
                NAMED(tile)(depth, rows + first_row * depth, panel, totals, TILE_COLUMNS, k == 0);
                if (next == block->depth) NAMED(finish)(block, totals, first_row, column, row_count, columns);
            }
        }
        k = next;
    } while (k < block->depth);
}

static size_t NAMED(attention_scratch)(size_t tokens, size_t width) {
    size_t padded_tokens = round_up(tokens, TILE_COLUMNS), padded_width = round_up(width, TILE_COLUMNS);
    return padded_tokens * width + tokens * padded_width
        + TILE_ROWS * (padded_tokens + padded_width + round_up(larger(tokens, width), 16));
}

/* totals = rows · panels, for one tile of packed rows and all panels. */
INLINE void NAMED(multiply)(
    const float *rows, const float *panels, size_t depth, size_t columns, float *totals, size_t stride) {
    size_t k = 0;
    do {
        size_t height = smaller(MAE_BLOCK, depth - k);
        for (size_t column = 0; column < columns; column += TILE_COLUMNS) {
            NAMED(tile)(
                height, rows + k * TILE_ROWS, panels + k * columns + height * column, totals + column, stride, k == 0);
        }
        k += height;
    } while (k < depth);
}

/* A tile of queries at a time: its scores against all keys stay in the first cache level. */
static void NAMED(attention)(const struct mae_attention_head *head) {
    size_t tokens = head->tokens, width = head->width;
    size_t padded_tokens = round_up(tokens, TILE_COLUMNS), padded_width = round_up(width, TILE_COLUMNS);
    float *keys = head->scratch;
    float *values = keys + padded_tokens * width;
    float *scores = values + tokens * padded_width;
    float *sums = scores + TILE_ROWS * padded_tokens;
    float *rows = sums + TILE_ROWS * padded_width;

    for (size_t k = 0; k < width; k += MAE_BLOCK) {
        size_t height = smaller(MAE_BLOCK, width - k);
        for (size_t key = 0; key < tokens; key += TILE_COLUMNS) {
            pack_tile(
                head->keys + key * head->stride + k, head->stride, smaller(TILE_COLUMNS, tokens - key), height,
                TILE_COLUMNS, keys + k * padded_tokens + height * key);
        }
    }
    for (size_t k = 0; k < tokens; k += MAE_BLOCK) {
        size_t height = smaller(MAE_BLOCK, tokens - k);
        for (size_t column = 0; column < padded_width; column += TILE_COLUMNS) {
            pack_rows(
                head->values + k * head->stride + column, head->stride, height,
                smaller(TILE_COLUMNS, width - column), TILE_COLUMNS, values + k * padded_width + height * column);
        }
    }
    for (size_t query = 0; query < tokens; query += TILE_ROWS) {
        size_t count = smaller(TILE_ROWS, tokens - query);
        pack_tile(head->queries + query * head->stride, head->stride, count, width, TILE_ROWS, rows);
        NAMED(multiply)(rows, keys, width, padded_tokens, scores, padded_tokens);
        for (size_t r = 0; r < count; r++) softmax_row(scores + r * padded_tokens, tokens, head->scale);
        pack_tile(scores, padded_tokens, count, tokens, TILE_ROWS, rows);
        NAMED(multiply)(rows, values, tokens, padded_width, sums, padded_width);
        for (size_t r = 0; r < count; r++) {
            copy_row(sums + r * padded_width, width, head->output + (query + r) * head->output_stride);
        }
    }
}

static const struct mae_matrix_kernels NAMED(kernels) = {
    .name = TEXT(ISA) "-" TEXT(TILE),
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_COLUMNS,
    .pack_weights = NAMED(pack_weights),
    .linear_scratch = NAMED(linear_scratch),
    .linear = NAMED(linear),
    .attention_scratch = NAMED(attention_scratch),
    .attention = NAMED(attention),
};

#undef JOIN_
#undef JOIN
#undef NAMED
#undef TILE_COLUMNS
#undef TILE
#undef TILE_ROWS
#undef TILE_REGS
