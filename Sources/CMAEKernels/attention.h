/* Attention of some heads. Include inside a target region, after tile.h for the tiles and vector_kernels.h, with
 *   TILE, TILE_ROWS, TILE_COLUMNS     the tile of queries × head width; TILE_ROWS divides QUERIES
 *   KEY_TILE, KEY_ROWS, KEY_COLUMNS   the tile of keys × queries
 *   KEY_EDGE_TILE                     the same, for 16 queries at the edge */
#define NAMED(name) TILE_NAME(name, TILE)

/* Queries that are worked on together. Their scores lie transposed, [key][query]: so softmax needs no sums across
 * lanes, and the probabilities lie as the second product's tile reads its rows. */
#define QUERIES 48
_Static_assert(QUERIES % TILE_ROWS == 0 && QUERIES % 16 == 0 && KEY_COLUMNS % 16 == 0, "tiles must cover the queries");

static size_t NAMED(attention_scratch)(size_t tokens, size_t width) {
    size_t padded_keys = round_up(tokens, KEY_ROWS), padded_width = round_up(width, TILE_COLUMNS);
    return round_up(padded_keys * width, 16) + tokens * padded_width + QUERIES * (width + padded_keys + padded_width);
}

/* Rows of queries, keys and values that are brought near while others are worked on: they lie far apart, so no
 * processor guesses them. */
struct NAMED(fetch) {
    const struct mae_attention *job;
    size_t head, row, step;
};

INLINE void NAMED(fetch_rows)(struct NAMED(fetch) *fetch) {
    const struct mae_attention *job = fetch->job;
    size_t end = smaller(fetch->row + fetch->step, job->tokens), column = fetch->head * job->width;
    for (; fetch->row < end; fetch->row++) {
        size_t place = fetch->row * job->stride + column;
        fetch_soon(job->keys + place, 0, job->width);
        fetch_soon(job->values + place, 0, job->width);
        fetch_soon(job->queries + place, 0, job->width);
    }
}

/* scores[key][query] = the product of keys and queries over the width; `columns` is a multiple of 16. */
INLINE void NAMED(score)(
    const float *keys, size_t key_count, const float *queries, size_t columns, size_t width, float *scores,
    struct NAMED(fetch) *fetch) {
    for (size_t key = 0; key < key_count; key += KEY_ROWS) {
        const float *rows = keys + key * width;
        NAMED(fetch_rows)(fetch);
        size_t k = 0;
        do {
            size_t depth = smaller(MAE_BLOCK, width - k), column = 0;
            for (; columns - column >= KEY_COLUMNS; column += KEY_COLUMNS) {
                TILE_NAME(tile, KEY_TILE)(
                    depth, rows + k * KEY_ROWS, KEY_ROWS, queries + k * QUERIES + column, QUERIES,
                    scores + key * QUERIES + column, QUERIES, k == 0);
            }
            for (; column < columns; column += 16) {
                TILE_NAME(tile, KEY_EDGE_TILE)(
                    depth, rows + k * KEY_ROWS, KEY_ROWS, queries + k * QUERIES + column, QUERIES,
                    scores + key * QUERIES + column, QUERIES, k == 0);
            }
            k += depth;
        } while (k < width);
    }
}

INLINE void NAMED(attend)(const struct mae_attention *job, size_t head, struct NAMED(fetch) *fetch) {
    size_t tokens = job->tokens, width = job->width, stride = job->stride;
    size_t padded_keys = round_up(tokens, KEY_ROWS), padded_width = round_up(width, TILE_COLUMNS);
    float *keys = job->scratch;                                     /* [key tile][width][KEY_ROWS] */
    float *values = keys + round_up(padded_keys * width, 16);       /* [panel][key][TILE_COLUMNS] */
    float *queries = values + tokens * padded_width;                /* [width][QUERIES] */
    float *scores = queries + QUERIES * width;                      /* [key][QUERIES] */
    float *sums = scores + QUERIES * padded_keys;                   /* [query][padded_width] */

    for (size_t key = 0; key < tokens; key += KEY_ROWS) {
        pack_tile(
            job->keys + head * width + key * stride, stride, smaller(KEY_ROWS, tokens - key), width, KEY_ROWS,
            keys + key * width);
    }
    for (size_t column = 0; column < width; column += TILE_COLUMNS) {
        pack_rows(
            job->values + head * width + column, stride, tokens, smaller(TILE_COLUMNS, width - column), TILE_COLUMNS,
            values + column * tokens);
    }
    for (size_t query = 0; query < tokens; query += QUERIES) {
        size_t count = smaller(QUERIES, tokens - query), columns = round_up(count, 16);
        pack_tile(job->queries + head * width + query * stride, stride, count, width, QUERIES, queries);
        NAMED(score)(keys, tokens, queries, columns, width, scores, fetch);
        float *output = job->output + head * width + query * job->output_stride;
        for (size_t c = 0; c < columns; c += 16) softmax_columns(scores + c, QUERIES, tokens, job->scale);
        /* Rows of no query hold whatever the scratch held, and are not copied. */
        for (size_t column = 0; column < padded_width; column += TILE_COLUMNS) {
            const float *panel = values + column * tokens;
            for (size_t k = 0; k < tokens; k += MAE_BLOCK) {
                for (size_t row = 0; row < count; row += TILE_ROWS) {
                    NAMED(tile)(
                        smaller(MAE_BLOCK, tokens - k), scores + k * QUERIES + row, QUERIES, panel + k * TILE_COLUMNS,
                        TILE_COLUMNS, sums + row * padded_width + column, padded_width, k == 0);
                }
            }
        }
        for (size_t r = 0; r < count; r++) {
            copy_row(sums + r * padded_width, width, output + r * job->output_stride);
        }
    }
}

static void NAMED(attention)(const struct mae_attention *job) {
    size_t score_tiles = ((job->tokens + KEY_ROWS - 1) / KEY_ROWS) * ((job->tokens + QUERIES - 1) / QUERIES);
    size_t step = job->tokens / larger(score_tiles, 1) + 1;
    for (size_t head = 0; head < job->heads; head++) {
        size_t next = head + 1;
        struct NAMED(fetch) fetch = {job, next, next < job->heads ? 0 : job->tokens, step};
        NAMED(attend)(job, head, &fetch);
    }
}

#undef NAMED
#undef QUERIES
