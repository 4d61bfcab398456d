/* Bringing near what is needed next. Include inside a target region, after simd.h.
 *
 * A processor keeps some dozen requests open. More at a time hold up the loads of the tile that is computed until memory has
 * answered: with 50 rows and wide registers, whose tiles ask for 50 lines each, that was a quarter of all time. So a tile spreads
 * what it asks for over its steps. */
#ifndef MAE_FETCH_H
#define MAE_FETCH_H

#include "simd.h"

/* Elements of a cache line. */
#define LINE 16

/* Rows of `width` elements that lie `stride` apart, asked for line by line. */
struct walk {
    const float *start;
    size_t stride, rows, width;
    bool is_written;
    /* What comes next. */
    size_t row, column;
};

/* What a tile asks for while it computes. */
struct tile_fetch {
    /* `slab_step` elements of the weights that come next for every two steps, if that is not zero. */
    const float *slab;
    size_t slab_step;
    /* `lines` lines for each row of the tile, of the first walk that is not at its end. */
    struct walk *walks;
    size_t walk_count, lines;
};

INLINE size_t lines_of(size_t elements) { return (elements + LINE - 1) / LINE; }

/* Brings at most `lines` lines near, into the second cache level, or the first for what is written; returns what is left of
 * them. */
INLINE size_t fetch_lines(struct walk *walk, size_t lines) {
    for (; lines > 0 && walk->row < walk->rows; lines--) {
        const float *line = walk->start + walk->row * walk->stride + walk->column;
        if (walk->is_written) {
            __builtin_prefetch(line, 1, 3);
        } else {
            __builtin_prefetch(line, 0, 2);
        }
        walk->column += LINE;
        if (walk->column >= walk->width) {
            walk->column = 0;
            walk->row++;
        }
    }
    return lines;
}

/* What one row of a tile asks for. */
INLINE void fetch_piece(const struct tile_fetch *fetch) {
    size_t lines = fetch->lines;
    for (size_t i = 0; i < fetch->walk_count; i++) lines = fetch_lines(fetch->walks + i, lines);
}

#endif
