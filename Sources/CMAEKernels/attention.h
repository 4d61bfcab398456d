/* Attention of some heads. Include inside a target region, after tile.h for the tiles and vector_kernels.h, with
 *   TILE, TILE_ROWS, TILE_COLUMNS     the tile of queries × head width; TILE_ROWS divides QUERIES
 *   EDGE_TILE, EDGE_ROWS              as linear.h, which comes before this, wants them
 *   KEY_TILE, KEY_ROWS, KEY_COLUMNS   the tile of keys × queries
 *   KEY_EDGE_TILE                     the same, for 16 queries at the edge */
#define NAMED(name) TILE_NAME(name, TILE)

/* Queries that are worked on together. Their scores lie transposed, [key][query]: so softmax needs no sums across
 * lanes, and the probabilities lie as the second product's tile reads its rows. */
#define QUERIES 48
_Static_assert(QUERIES % TILE_ROWS == 0 && QUERIES % 16 == 0 && KEY_COLUMNS % 16 == 0, "tiles must cover the queries");

static size_t NAMED(attention_scratch)(size_t tokens, size_t width) {
    size_t padded_keys = round_up(tokens, KEY_ROWS), padded_width = round_up(width, TILE_COLUMNS);
    size_t packed_values = width < padded_width ? tokens * padded_width : 0;
    return round_up(KEY_ROWS * width, 16) + packed_values + QUERIES * (width + padded_keys + padded_width);
}

/* scores[key][query] = scale · the product of keys and queries over the width, and `maxima` the largest of each query;
 * `columns` is a multiple of 16. */
INLINE void NAMED(score)(
    const struct mae_attention *job, const float *keys, const float *last_keys, const float *queries, size_t columns,
    float *scores, float *maxima, const struct tile_fetch *fetch) {
    size_t width = job->width, tokens = job->tokens;
    for (size_t key = 0; key < tokens; key += KEY_ROWS) {
        bool is_whole = tokens - key >= KEY_ROWS;
        const float *rows = is_whole ? keys + key * job->stride : last_keys;
        size_t step = is_whole ? job->stride : width;
        float *block = scores + key * QUERIES;
        size_t k = 0;
        for (; width - k > MAE_BLOCK; k += MAE_BLOCK) {
            for (size_t column = 0; column < columns; column += 16) {
                TILE_NAME(tile, KEY_EDGE_TILE)(
                    MAE_BLOCK, rows + k, 1, step, queries + k * QUERIES + column, QUERIES, block + column, QUERIES,
                    k == 0, 0);
            }
        }
        size_t column = 0;
        for (; columns - column >= KEY_COLUMNS; column += KEY_COLUMNS) {
            TILE_NAME(last_tile, KEY_TILE)(
                width - k, rows + k, 1, step, queries + k * QUERIES + column, QUERIES, block + column, QUERIES, k == 0,
                job->scale, maxima + column, fetch);
        }
        for (; column < columns; column += 16) {
            TILE_NAME(last_tile, KEY_EDGE_TILE)(
                width - k, rows + k, 1, step, queries + k * QUERIES + column, QUERIES, block + column, QUERIES, k == 0,
                job->scale, maxima + column, fetch);
        }
    }
}

/* Lines for each row of a tile, so that over all tiles of a head the rows of the next one and of the output are asked for. */
INLINE size_t NAMED(lines_a_piece)(const struct mae_attention *job) {
    size_t tokens = job->tokens, panels = (job->width + TILE_COLUMNS - 1) / TILE_COLUMNS;
    size_t score_rows = round_up(tokens, KEY_ROWS) * ((tokens + KEY_COLUMNS - 1) / KEY_COLUMNS);
    size_t value_rows = tokens * panels * ((tokens + MAE_BLOCK - 1) / MAE_BLOCK);
    return 4 * tokens * lines_of(job->width) / larger(score_rows + value_rows, 1) + 1;
}

INLINE void NAMED(attend)(const struct mae_attention *job, size_t head) {
    size_t tokens = job->tokens, width = job->width, stride = job->stride;
    size_t padded_keys = round_up(tokens, KEY_ROWS), padded_width = round_up(width, TILE_COLUMNS);
    float *last_keys = job->scratch;                                /* [KEY_ROWS][width] */
    float *packed = last_keys + round_up(KEY_ROWS * width, 16);     /* [panel][key][TILE_COLUMNS] */
    float *queries = packed + (width < padded_width ? tokens * padded_width : 0);   /* [width][QUERIES] */
    float *scores = queries + QUERIES * width;                      /* [key][QUERIES] */
    float *sums = scores + QUERIES * padded_keys;                   /* [query][padded_width] */
    const float *keys = job->keys + head * width, *values = job->values + head * width;
    size_t panel_step = stride, next_panel = TILE_COLUMNS;

    /* The last tile of keys may reach beyond them, and a panel beyond the values. The last key stands in: maxima don't change
     * by it. */
    size_t whole = tokens / KEY_ROWS * KEY_ROWS;
    for (size_t r = 0; r < KEY_ROWS && whole < tokens; r++) {
        const float *key = keys + smaller(whole + r, tokens - 1) * stride;
        for (size_t c = 0; c < width; c++) last_keys[r * width + c] = key[c];
    }
    if (width < padded_width) {
        for (size_t column = 0; column < width; column += TILE_COLUMNS) {
            pack_rows(
                values + column, stride, tokens, smaller(TILE_COLUMNS, width - column), TILE_COLUMNS,
                packed + column * tokens);
        }
        values = packed;
        panel_step = TILE_COLUMNS;
        next_panel = tokens * TILE_COLUMNS;
    }
    /* Rows of the next head and of a block's output are brought near meanwhile: they lie far apart, so no processor guesses
     * them. */
    size_t next = head + 1, next_rows = next < job->heads ? tokens : 0;
    struct walk walks[] = {
        {.stride = job->output_stride, .width = width, .is_written = true},
        {.start = job->queries + next * width, .stride = stride, .rows = next_rows, .width = width},
        {.start = job->keys + next * width, .stride = stride, .rows = next_rows, .width = width},
        {.start = job->values + next * width, .stride = stride, .rows = next_rows, .width = width},
    };
    struct tile_fetch fetch = {.walks = walks, .walk_count = 4, .lines = NAMED(lines_a_piece)(job)};
    for (size_t query = 0; query < tokens; query += QUERIES) {
        size_t count = smaller(QUERIES, tokens - query), columns = round_up(count, 16);
        float *output = job->output + head * width + query * job->output_stride;
        walks[0].start = output;
        walks[0].rows = count;
        walks[0].row = 0;
        float maxima[QUERIES] __attribute__((aligned(MAE_ALIGNMENT)));
        for (size_t c = 0; c < columns; c += 16) store16(maxima + c, splat(-__builtin_inff()));
        pack_tile(job->queries + head * width + query * stride, stride, count, width, QUERIES, queries);
        NAMED(score)(job, keys, last_keys, queries, columns, scores, maxima, &fetch);
        for (size_t c = 0; c < columns; c += 16) softmax_columns(scores + c, QUERIES, tokens, load16(maxima + c));
        /* Rows of no query hold whatever the scratch held, and are not copied. */
        for (size_t column = 0; column < padded_width; column += TILE_COLUMNS) {
            const float *panel = values + column / TILE_COLUMNS * next_panel;
            for (size_t k = 0; k < tokens; k += MAE_BLOCK) {
                size_t depth = smaller(MAE_BLOCK, tokens - k);
                for (size_t row = 0; row < count; row += TILE_ROWS) {
                    NAMED(tile_of_packed)(
                        count - row, depth, scores + k * QUERIES + row, QUERIES, panel + k * panel_step, panel_step,
                        sums + row * padded_width + column, padded_width, k == 0, &fetch);
                }
            }
        }
        for (size_t r = 0; r < count; r++) {
            copy_row(sums + r * padded_width, width, output + r * job->output_stride);
        }
    }
}

static void NAMED(attention)(const struct mae_attention *job) {
    for (size_t head = 0; head < job->heads; head++) NAMED(attend)(job, head);
}

#undef NAMED
#undef QUERIES
