/* Linear layers with one register tile. Include inside a target region, after tile.h for that tile, with
 *   TILE, TILE_ROWS, TILE_COLUMNS  the tile; TILE_COLUMNS is a multiple of 16
 *   EDGE_TILE, EDGE_ROWS           a tile as wide, for the last rows where they are few
 *   PACKED_PANELS                  the panels from which on it pays to pack rows for them */
#define NAMED(name) TILE_NAME(name, TILE)

/* The packed rows of this much depth stay in the second cache level, for blocks of some dozen tiles of rows. A multiple of MAE_BLOCK, so that it is no part of the result. */
#define CHUNK (6 * MAE_BLOCK)

/* Panel after panel, each over the whole depth: [panel][k][column]. */
static void NAMED(pack_weights)(
    const float *weights, size_t depth, size_t first, size_t count, float *packed) {
    for (size_t column = first; column < first + count;) {
        size_t lane = column % TILE_COLUMNS, panel = column - lane;
        size_t filled = smaller(TILE_COLUMNS - lane, first + count - column);
        pack_transposed(
            weights + (column - first) * depth, depth, filled, depth, TILE_COLUMNS, packed + panel * depth + lane);
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

static size_t NAMED(linear_scratch)(size_t rows, size_t columns, size_t depth) {
    size_t padded_rows = round_up(rows, TILE_ROWS);
    size_t panels = depth <= CHUNK ? 1 : (columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
    return round_up(padded_rows * smaller(depth, CHUNK), 16) + padded_rows * panels * TILE_COLUMNS;
}

/* A tile of which `rows` rows count, which lie side by side: the low one serves where they are few. */
INLINE void NAMED(tile_of_packed)(
    size_t rows, size_t depth, const float *packed, size_t row_step, const float *panel, size_t panel_step,
    float *totals, size_t stride, bool first) {
    if (rows <= EDGE_ROWS) {
        TILE_NAME(tile, EDGE_TILE)(depth, packed, row_step, 1, panel, panel_step, totals, stride, first);
    } else {
        NAMED(tile)(depth, packed, row_step, 1, panel, panel_step, totals, stride, first);
    }
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

/* For each chunk of the depth, each panel, each block, each tile: a slab of a panel and its totals stay in the first
 * cache level, the rows of the chunk in the second. Only totals of a depth of several chunks are kept for all
 * panels. Rows are packed when the first panel needs them, from memory that was fetched during the slab before; or they are
 * read where they lie, but for a tile that they don't fill. */
INLINE void NAMED(multiply)(const struct mae_linear_block *block, bool packs) {
    size_t tile_count = (block->rows + TILE_ROWS - 1) / TILE_ROWS;
    size_t panel_count = (block->columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
    size_t most_depth = smaller(block->depth, CHUNK);
    float *packed_rows = block->scratch;
    float *all_totals = packed_rows + round_up(tile_count * TILE_ROWS * most_depth, 16);
    size_t totals_step = most_depth == block->depth ? 0 : tile_count * TILE_ROWS * TILE_COLUMNS;
    /* Each tile asks for a share of the slab that comes next. */
    size_t share = round_up(MAE_BLOCK * TILE_COLUMNS / larger(tile_count, 1) + 1, LINE);
    size_t chunk = 0;
    do {
        size_t end = chunk + smaller(CHUNK, block->depth - chunk);
        for (size_t p = 0; p < panel_count; p++) {
            size_t column = p * TILE_COLUMNS, columns = smaller(TILE_COLUMNS, block->columns - column);
            const float *panel = block->weights + (block->first_column + column) * block->depth;
            bool is_last_panel = p + 1 == panel_count;
            float *panel_totals = all_totals + p * totals_step;
            size_t k = chunk;
            do {
                size_t next = k + smaller(MAE_BLOCK, end - k), depth = next - k;
                bool turns = next == end, finishes = next == block->depth;
                const float *slab = panel + k * TILE_COLUMNS;
                /* What comes next: a block of this panel, the first one of the next panel, or nothing. */
                size_t next_depth = smaller(MAE_BLOCK, turns ? end - chunk : end - next);
                size_t next_size = turns && is_last_panel ? 0 : next_depth * TILE_COLUMNS;
                const float *next_slab = next_size == 0 ? slab
                    : turns ? panel + (block->depth + chunk) * TILE_COLUMNS : panel + next * TILE_COLUMNS;
                bool packs_next = !finishes && (turns ? is_last_panel : p == 0);
                size_t packs_until = packs_next ? smaller(next + MAE_BLOCK, block->depth) : next;
                for (size_t t = 0; t < tile_count; t++) {
                    size_t row = t * TILE_ROWS, rows = smaller(TILE_ROWS, block->rows - row);
                    const float *input = block->input + row * block->input_stride;
                    float *packed = packed_rows + ((k - chunk) * tile_count + t * depth) * TILE_ROWS;
                    float *totals = panel_totals + row * TILE_COLUMNS;
                    if (p == 0 && (packs || rows < TILE_ROWS)) {
                        pack_tile(input + k, block->input_stride, rows, depth, TILE_ROWS, packed);
                    }
                    fetch_soon(next_slab, t * share, smaller((t + 1) * share, next_size));
                    for (size_t r = 0; r < rows; r++) fetch_soon(input + r * block->input_stride, next, packs_until);
                    if (finishes) NAMED(fetch_outputs)(block, row, column, rows, columns);
                    if (!packs && rows == TILE_ROWS) {
                        NAMED(tile)(
                            depth, input + k, 1, block->input_stride, slab, TILE_COLUMNS, totals, TILE_COLUMNS, k == 0);
                    } else {
                        NAMED(tile_of_packed)(
                            rows, depth, packed, TILE_ROWS, slab, TILE_COLUMNS, totals, TILE_COLUMNS, k == 0);
                    }
                    if (finishes) NAMED(finish)(block, totals, row, column, rows, columns);
                }
                k = next;
            } while (k < end);
        }
        chunk = end;
    } while (chunk < block->depth);
}

static void NAMED(linear)(const struct mae_linear_block *block) {
    if (block->columns > (PACKED_PANELS - 1) * TILE_COLUMNS) {
        NAMED(multiply)(block, true);
    } else {
        NAMED(multiply)(block, false);
    }
}

#undef NAMED
#undef CHUNK
