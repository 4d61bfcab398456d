/* Linear layers with one register tile. Include inside a target region, after tile.h for that tile, with
 *   TILE, TILE_ROWS, TILE_COLUMNS  the tile; TILE_COLUMNS is a multiple of 16
 *   SHORT_TILE, SHORT_ROWS         a tile as wide and a little lower: some of them stand in for a last one that is mostly empty
 *   EDGE_TILE, EDGE_ROWS           a tile as wide, for the last rows where they are few
 *   PACKED_PANELS                  the panels from which on it pays to pack rows for them; 0 where it never does */
#define NAMED(name) TILE_NAME(name, TILE)

/* Rows of this much depth stay in the second cache level, for blocks of some dozen tiles of rows. A multiple of MAE_BLOCK, so
 * that it is no part of the result. */
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

/* A tile of which `rows` rows count, which lie side by side: a lower one serves where they are few. */
INLINE void NAMED(tile_of_packed)(
    size_t rows, size_t depth, const float *packed, size_t row_step, const float *panel, size_t panel_step,
    float *totals, size_t stride, bool first, const struct tile_fetch *fetch) {
    if (rows <= EDGE_ROWS) {
        TILE_NAME(tile, EDGE_TILE)(depth, packed, row_step, 1, panel, panel_step, totals, stride, first, fetch);
    } else if (rows <= SHORT_ROWS) {
        TILE_NAME(tile, SHORT_TILE)(depth, packed, row_step, 1, panel, panel_step, totals, stride, first, fetch);
    } else {
        NAMED(tile)(depth, packed, row_step, 1, panel, panel_step, totals, stride, first, fetch);
    }
}

/* The tiles that rows are cut into: whole ones, then short ones, whose number is such that the last one is as full as can be. */
struct NAMED(tiles) {
    size_t count, whole;
};

INLINE struct NAMED(tiles) NAMED(cut)(size_t rows) {
    size_t count = (rows + TILE_ROWS - 1) / TILE_ROWS;
    size_t shorts = (count * TILE_ROWS - rows) / (TILE_ROWS - SHORT_ROWS);
    return (struct NAMED(tiles)){count, shorts <= count ? count - shorts : count};
}

INLINE size_t NAMED(first_row)(struct NAMED(tiles) tiles, size_t tile) {
    return tile <= tiles.whole ? tile * TILE_ROWS : tiles.whole * TILE_ROWS + (tile - tiles.whole) * SHORT_ROWS;
}

/* A tile of `height` rows, of which `rows` count, read where they lie or, when the tile is not full, packed. */
INLINE void NAMED(tile_of)(
    const struct mae_linear_block *block, bool packs, size_t height, size_t rows, size_t depth, const float *input,
    const float *packed, const float *slab, float *totals, bool first, const struct tile_fetch *fetch) {
    if (packs || rows < height) {
        NAMED(tile_of_packed)(rows, depth, packed, height, slab, TILE_COLUMNS, totals, TILE_COLUMNS, first, fetch);
    } else if (height == SHORT_ROWS) {
        TILE_NAME(tile, SHORT_TILE)(
            depth, input, 1, block->input_stride, slab, TILE_COLUMNS, totals, TILE_COLUMNS, first, fetch);
    } else {
        NAMED(tile)(depth, input, 1, block->input_stride, slab, TILE_COLUMNS, totals, TILE_COLUMNS, first, fetch);
    }
}

/* For each chunk of the depth, each panel, each block, each tile: a slab of a panel and its totals stay in the first
 * cache level, the rows of the chunk in the second. Only totals of a depth of several chunks are kept for all
 * panels. Rows are packed when the first panel needs them, from memory that was fetched during the slab before; or they are
 * read where they lie, but for a tile that they don't fill. */
INLINE void NAMED(multiply)(const struct mae_linear_block *block, bool packs) {
    struct NAMED(tiles) tiles = NAMED(cut)(block->rows);
    size_t panel_count = (block->columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
    size_t most_depth = smaller(block->depth, CHUNK);
    float *packed_rows = block->scratch;
    float *all_totals = packed_rows + round_up(tiles.count * TILE_ROWS * most_depth, 16);
    size_t totals_step = most_depth == block->depth ? 0 : tiles.count * TILE_ROWS * TILE_COLUMNS;
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
                bool brings_rows = !finishes && (turns ? is_last_panel : p == 0);
                bool reads_residual = finishes && block->residual;
                size_t rows_end = brings_rows ? smaller(next + MAE_BLOCK, block->depth) : next;
                /* Each tile asks for a share of the slab that comes next. */
                size_t share = next_size / larger(tiles.count, 1) + 1;
                size_t share_step = 2 * share / larger(depth, 1) + 1;
                for (size_t t = 0; t < tiles.count; t++) {
                    size_t height = t < tiles.whole ? TILE_ROWS : SHORT_ROWS;
                    size_t row = NAMED(first_row)(tiles, t), rows = smaller(height, block->rows - row);
                    const float *input = block->input + row * block->input_stride;
                    size_t place = row * block->output_stride + column;
                    float *packed = packed_rows + ((k - chunk) * tiles.count + t * depth) * TILE_ROWS;
                    float *totals = panel_totals + row * TILE_COLUMNS;
                    if (p == 0 && (packs || rows < height)) {
                        pack_tile(input + k, block->input_stride, rows, depth, height, packed);
                    }
                    /* The rows of the block after this one or, in the last, what `finish` touches. */
                    struct walk walks[] = {
                        {.start = input + next, .stride = block->input_stride, .width = rows_end - next,
                         .rows = brings_rows ? rows : 0},
                        {.start = (reads_residual ? block->residual : block->output) + place, .stride = block->output_stride, .width = columns,
                         .rows = reads_residual ? rows : 0},
                        {.start = block->output + place, .stride = block->output_stride, .width = columns,
                         .rows = finishes ? rows : 0, .is_written = true},
                    };
                    size_t lines = finishes ? (reads_residual ? 2 : 1) * lines_of(columns) : lines_of(walks[0].width);
                    struct tile_fetch fetch = {
                        next_slab + t * share, share_step, walks, sizeof walks / sizeof *walks, lines};
                    NAMED(tile_of)(
                        block, packs, height, rows, depth, input + k, packed, slab, totals, k == 0, &fetch);
                    if (finishes) NAMED(finish)(block, totals, row, column, rows, columns);
                }
                k = next;
            } while (k < end);
        }
        chunk = end;
    } while (chunk < block->depth);
}

static void NAMED(linear)(const struct mae_linear_block *block) {
    if (PACKED_PANELS > 0 && block->columns > (PACKED_PANELS - 1) * TILE_COLUMNS) {
        NAMED(multiply)(block, true);
    } else {
        NAMED(multiply)(block, false);
    }
}

#undef NAMED
#undef CHUNK
