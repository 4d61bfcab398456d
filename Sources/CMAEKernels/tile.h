/* A register tile: the inner loop of every matrix product. Include inside a target region, after fetch.h, with
 *   TILE       suffix of the generated names, such as 12x32
 *   TILE_ROWS  rows of the tile
 *   TILE_REGS  registers across it */

/* One block of the contract: element (r, c) of the tile is one ascending fma chain from +0 over `depth` ≤ MAE_BLOCK
 * steps, rows[k · row_step + r · lane_step] times panel[k · panel_step + c]. What `fetch` names, unless it is null, is asked for
 * in pieces: one for each row, and of a slab every other step. */
INLINE void TILE_NAME(chains, TILE)(
    size_t depth, const float *restrict rows, size_t row_step, size_t lane_step, const float *restrict panel,
    size_t panel_step, const struct tile_fetch *fetch, vreg sums[TILE_ROWS][TILE_REGS]) {
    UNROLL for (int r = 0; r < TILE_ROWS; r++) {
        UNROLL for (int j = 0; j < TILE_REGS; j++) sums[r][j] = (vreg)(0.0f);
    }
    /* An address is a base and once or twice the step, so a pointer for three rows is enough: one for each row would not stay in
     * registers. The empty statement keeps the compiler from making those. Rows side by side need a single one. */
    enum { groups = (TILE_ROWS + 2) / 3 };
    bool are_apart = !__builtin_constant_p(lane_step);
    const float *bases[groups];
    UNROLL for (int g = 0; g < groups; g++) bases[g] = rows + 3 * g * lane_step;
    const float *slab = fetch ? fetch->slab : 0;
    bool has_slab = fetch && fetch->slab_step > 0;
    size_t slab_step = fetch ? fetch->slab_step : 0, pieces = fetch ? TILE_ROWS : 1;
    for (size_t piece = 0; piece < pieces; piece++) {
        size_t steps = piece + 1 < pieces ? depth / pieces : depth - depth / pieces * piece;
        if (fetch) fetch_piece(fetch);
        _Pragma("clang loop unroll_count(2)") for (size_t k = 0; k < steps; k++) {
            if (are_apart) {
                UNROLL for (int g = 0; g < groups; g++) __asm__("" : "+r"(bases[g]));
            }
            if (has_slab && k % 2 == 0) {
                __builtin_prefetch(slab, 0, 2);
                /* Few tiles have more than a line each to ask for. */
                for (size_t i = LINE; i < slab_step; i += LINE) __builtin_prefetch(slab + i, 0, 2);
                slab += slab_step;
            }
            vreg columns[TILE_REGS];
            UNROLL for (int j = 0; j < TILE_REGS; j++) columns[j] = load_reg(panel + j * LANES);
            UNROLL for (int r = 0; r < TILE_ROWS; r++) {
                vreg row = (vreg)(bases[r / 3][r % 3 * lane_step]);
                UNROLL for (int j = 0; j < TILE_REGS; j++) sums[r][j] = fma_reg(row, columns[j], sums[r][j]);
            }
            UNROLL for (int g = 0; g < groups; g++) bases[g] += row_step;
            panel += panel_step;
        }
    }
}

/* The block becomes the totals (first) or is added to them. */
INLINE void TILE_NAME(tile, TILE)(
    size_t depth, const float *restrict rows, size_t row_step, size_t lane_step, const float *restrict panel,
    size_t panel_step, float *restrict totals, size_t stride, bool first, const struct tile_fetch *fetch) {
    vreg sums[TILE_ROWS][TILE_REGS];
    TILE_NAME(chains, TILE)(depth, rows, row_step, lane_step, panel, panel_step, fetch, sums);
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

/* The last block of scores: the totals are multiplied by `scale`, and the maxima of the columns take them in. */
INLINE void TILE_NAME(last_tile, TILE)(
    size_t depth, const float *restrict rows, size_t row_step, size_t lane_step, const float *restrict panel,
    size_t panel_step, float *restrict totals, size_t stride, bool first, float scale, float *restrict maxima,
    const struct tile_fetch *fetch) {
    vreg sums[TILE_ROWS][TILE_REGS], most[TILE_REGS];
    TILE_NAME(chains, TILE)(depth, rows, row_step, lane_step, panel, panel_step, fetch, sums);
    UNROLL for (int j = 0; j < TILE_REGS; j++) most[j] = *(vreg *)(maxima + j * LANES);
    UNROLL for (int r = 0; r < TILE_ROWS; r++) {
        UNROLL for (int j = 0; j < TILE_REGS; j++) {
            vreg *place = (vreg *)(totals + r * stride + j * LANES);
            vreg score = (first ? sums[r][j] : *place + sums[r][j]) * (vreg)(scale);
            *place = score;
            most[j] = score > most[j] ? score : most[j];
        }
    }
    UNROLL for (int j = 0; j < TILE_REGS; j++) *(vreg *)(maxima + j * LANES) = most[j];
}

#undef TILE
#undef TILE_ROWS
#undef TILE_REGS
