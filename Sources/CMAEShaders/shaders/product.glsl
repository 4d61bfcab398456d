// A tile of a matrix product in the order of the contract, by one workgroup.
//
// Include after `first_factor(row, k)` and `second_factor(k, column)`, which give +0 outside their matrices, and
// `element(row, column, total)`, which takes one finished sum.
// The workgroup is local_size_x = (TILE_ROWS / THREAD_ROWS) · (TILE_COLUMNS / THREAD_COLUMNS).
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint TILE_ROWS = 32;
layout(constant_id = 2) const uint TILE_COLUMNS = 32;
layout(constant_id = 3) const uint THREAD_ROWS = 4;
layout(constant_id = 4) const uint THREAD_COLUMNS = 4;
// Depth held in shared memory; divides BLOCK.
layout(constant_id = 5) const uint DEPTH = 32;
const uint BLOCK = 128;
const uint THREADS_ACROSS = TILE_COLUMNS / THREAD_COLUMNS;

// One element more a row, so that a column's elements lie in different banks.
shared float rows_tile[DEPTH * (TILE_ROWS + 1)];
shared float columns_tile[DEPTH * (TILE_COLUMNS + 1)];

void fill_tiles(uint first_row, uint first_column, uint k) {
    for (uint i = gl_LocalInvocationIndex; i < TILE_ROWS * DEPTH; i += gl_WorkGroupSize.x) {
        uint row = i / DEPTH, depth = i % DEPTH;
        rows_tile[depth * (TILE_ROWS + 1) + row] = first_factor(first_row + row, k + depth);
    }
    for (uint i = gl_LocalInvocationIndex; i < TILE_COLUMNS * DEPTH; i += gl_WorkGroupSize.x) {
#ifdef SECOND_FACTOR_BY_ROWS
        uint column = i % TILE_COLUMNS, depth = i / TILE_COLUMNS;
#else
        uint column = i / DEPTH, depth = i % DEPTH;
#endif
        columns_tile[depth * (TILE_COLUMNS + 1) + column] = second_factor(k + depth, first_column + column);
    }
}

// An invocation's elements lie THREADS_DOWN rows and THREADS_ACROSS columns apart.
void multiply(uint depth) {
    const uint threads_down = TILE_ROWS / THREAD_ROWS;
    uint across = gl_LocalInvocationIndex % THREADS_ACROSS, down = gl_LocalInvocationIndex / THREADS_ACROSS;
    uint first_row = gl_WorkGroupID.y * TILE_ROWS, first_column = gl_WorkGroupID.x * TILE_COLUMNS;

    precise float totals[THREAD_ROWS * THREAD_COLUMNS], chains[THREAD_ROWS * THREAD_COLUMNS];
    [[unroll]] for (uint i = 0; i < THREAD_ROWS * THREAD_COLUMNS; i++) totals[i] = 0.0;
    for (uint block = 0; block < depth; block += BLOCK) {
        [[unroll]] for (uint i = 0; i < THREAD_ROWS * THREAD_COLUMNS; i++) chains[i] = 0.0;
        uint end = min(block + BLOCK, depth);
        for (uint k = block; k < end; k += DEPTH) {
            barrier();
            fill_tiles(first_row, first_column, k);
            barrier();
            uint count = min(DEPTH, end - k);
            for (uint d = 0; d < count; d++) {
                float row_values[THREAD_ROWS], column_values[THREAD_COLUMNS];
                [[unroll]] for (uint r = 0; r < THREAD_ROWS; r++)
                    row_values[r] = rows_tile[d * (TILE_ROWS + 1) + down + r * threads_down];
                [[unroll]] for (uint c = 0; c < THREAD_COLUMNS; c++)
                    column_values[c] = columns_tile[d * (TILE_COLUMNS + 1) + across + c * THREADS_ACROSS];
                [[unroll]] for (uint r = 0; r < THREAD_ROWS; r++)
                    [[unroll]] for (uint c = 0; c < THREAD_COLUMNS; c++)
                        chains[r * THREAD_COLUMNS + c] =
                            fused(row_values[r], column_values[c], chains[r * THREAD_COLUMNS + c]);
            }
        }
        [[unroll]] for (uint i = 0; i < THREAD_ROWS * THREAD_COLUMNS; i++)
            totals[i] = block == 0 ? chains[i] : totals[i] + chains[i];
    }
    [[unroll]] for (uint r = 0; r < THREAD_ROWS; r++)
        [[unroll]] for (uint c = 0; c < THREAD_COLUMNS; c++)
            element(
                first_row + down + r * threads_down, first_column + across + c * THREADS_ACROSS,
                totals[r * THREAD_COLUMNS + c]);
}
