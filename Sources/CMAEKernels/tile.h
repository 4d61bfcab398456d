/* A register tile: the inner loop of every matrix product. Include inside a target region, after simd.h, with
 *   TILE       suffix of the generated name, such as 12x32
 *   TILE_ROWS  rows of the tile
 *   TILE_REGS  registers across it */

/* One block of the contract: element (r, c) of the tile is one ascending fma chain from +0 over `depth` ≤ MAE_BLOCK
 * steps, rows[k · row_step + r] times panel[k · panel_step + c], which becomes the total (first) or is added to it. */
INLINE void TILE_NAME(tile, TILE)(
    size_t depth, const float *restrict rows, size_t row_step, const float *restrict panel, size_t panel_step,
    float *restrict totals, size_t stride, bool first) {
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
        rows += row_step;
        panel += panel_step;
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

#undef TILE
#undef TILE_ROWS
#undef TILE_REGS
