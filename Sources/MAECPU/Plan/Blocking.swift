/// How a product is cut into blocks for threads; the result does not depend on it.
///
/// Blocks are whole tiles high and whole panels wide, and differ by at most one of each.
struct Blocking {
    private let rows: Int, columns: Int
    private let tileRows: Int, tileColumns: Int
    private let rowBlocks: Int, columnBlocks: Int

    /// Rows that stay in a second-level cache of 1 MiB together with the weights that stream through it.
    private static let rowsInCache = 132

    /// Work of a block in units of one tile of one panel.
    private enum Cost {
        /// Packing a tile of rows, or bringing it near, which every block does for itself.
        static let tile = 0.25
        /// Bringing a panel near, which few tiles cannot hide.
        static let panel = 0.25
        /// Of the last block, for the threads that wait for it when they were not equally fast.
        static let waiting = 0.1
    }

    /// Cuts into the blocks that `threadCount` threads finish soonest.
    init(rows: Int, columns: Int, kernels: MatrixKernels, threadCount: Int) {
        self.rows = rows
        self.columns = columns
        tileRows = kernels.tileRows
        tileColumns = kernels.tileColumns
        let tiles = rows.dividedRoundingUp(by: tileRows), panels = columns.dividedRoundingUp(by: tileColumns)
        guard tiles > 0, panels > 0 else {
            (rowBlocks, columnBlocks) = (0, 0)
            return
        }
        let fewest = tiles.dividedRoundingUp(by: max(1, Self.rowsInCache / tileRows))
        var best = (time: Double.infinity, rowBlocks: 1, columnBlocks: 1)
        for rowBlocks in fewest...max(fewest, min(tiles, fewest + 4 * threadCount)) {
            for columnBlocks in 1...min(panels, 4 * threadCount) {
                let blockTiles = Double(tiles.dividedRoundingUp(by: rowBlocks))
                let blockPanels = Double(panels.dividedRoundingUp(by: columnBlocks))
                let block = blockTiles * blockPanels + Cost.tile * blockTiles + Cost.panel * blockPanels
                let turns = (rowBlocks * columnBlocks).dividedRoundingUp(by: threadCount)
                let time = (Double(turns) + (threadCount > 1 ? Cost.waiting : 0)) * block
                if time < best.time { best = (time, rowBlocks, columnBlocks) }
            }
        }
        (_, rowBlocks, columnBlocks) = best
    }

    /// Number of blocks.
    var count: Int { rowBlocks * columnBlocks }

    /// Most rows and columns of a block.
    var mostRows: Int { most(rows, step: tileRows, blocks: rowBlocks) }
    var mostColumns: Int { most(columns, step: tileColumns, blocks: columnBlocks) }

    /// The rows and columns of a block; blocks that share weights follow each other.
    subscript(item: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        (
            share(rows, step: tileRows, index: item % rowBlocks, blocks: rowBlocks),
            share(columns, step: tileColumns, index: item / rowBlocks, blocks: columnBlocks)
        )
    }

    private func most(_ extent: Int, step: Int, blocks: Int) -> Int {
        blocks == 0 ? 0 : extent.dividedRoundingUp(by: step).dividedRoundingUp(by: blocks) * step
    }

    private func share(_ extent: Int, step: Int, index: Int, blocks: Int) -> Range<Int> {
        let steps = extent.dividedRoundingUp(by: step)
        return index * steps / blocks * step..<min((index + 1) * steps / blocks * step, extent)
    }
}
