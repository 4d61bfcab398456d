import CMAEKernels
import MAECompute

/// A linear layer, cut into blocks of rows and columns that one thread computes over the whole depth.
struct LinearStep: Step, @unchecked Sendable {
    // Sendable: parameters are constant, and blocks write disjoint parts of the output.

    let input: BufferID
    let rows: Int
    let layer: PackedParameters.Linear
    let activation: mae_activation
    let residual: BufferID?
    let output: BufferID
    let kernels: MatrixKernels
    private let blocking: Blocking

    init(
        input: BufferID, rows: Int, layer: PackedParameters.Linear, activation: mae_activation, residual: BufferID?,
        output: BufferID, kernels: MatrixKernels, threadCount: Int
    ) {
        self.input = input
        self.rows = rows
        self.layer = layer
        self.activation = activation
        self.residual = residual
        self.output = output
        self.kernels = kernels
        blocking = Blocking(rows: rows, columns: layer.outputWidth, kernels: kernels, threadCount: threadCount)
    }

    var scratchCount: Int { kernels.functions.linear_scratch(blocking.rowsAtOnce, blocking.columnsAtOnce) }

    func run(in arena: Arena, _ indexTables: [[Int32]], on pool: ThreadPool) {
        let width = layer.outputWidth
        pool.forEach(blocking.count) { item, worker in
            let (firstRow, firstColumn) = blocking.start(of: item)
            let place = firstRow * width + firstColumn
            var block = mae_linear_block(
                input: arena[input] + firstRow * layer.inputWidth, input_stride: layer.inputWidth,
                rows: min(blocking.rowsAtOnce, rows - firstRow), depth: layer.inputWidth,
                weights: layer.weights, slab_columns: layer.slabColumns, first_column: firstColumn,
                columns: min(blocking.columnsAtOnce, width - firstColumn),
                bias: layer.bias.map { $0 + firstColumn }, residual: residual.map { UnsafePointer(arena[$0] + place) },
                output: arena[output] + place, output_stride: width, activation: activation,
                scratch: arena.scratch(of: worker))
            kernels.functions.linear(&block)
        }
    }
}

/// How a product is cut into blocks for threads; the result does not depend on it.
struct Blocking {
    let rowsAtOnce: Int, columnsAtOnce: Int
    /// Number of blocks.
    let count: Int
    private let rowBlocks: Int

    /// Totals, packed rows and a slab of weights of this size stay in a second-level cache of 1 MiB.
    private static let mostRows = 192, mostColumns = 384

    /// Cuts into blocks of nearly equal size, at least two for each of several threads where there are enough columns.
    init(rows: Int, columns: Int, kernels: MatrixKernels, threadCount: Int) {
        func share(_ extent: Int, step: Int, blocks: Int) -> Int {
            let steps = extent.dividedRoundingUp(by: step)
            return max(1, steps.dividedRoundingUp(by: max(blocks, 1))) * step
        }
        rowsAtOnce = share(rows, step: kernels.tileRows, blocks: rows.dividedRoundingUp(by: Self.mostRows))
        rowBlocks = rows.dividedRoundingUp(by: rowsAtOnce)
        let wanted = threadCount == 1 ? 1 : (2 * threadCount).dividedRoundingUp(by: max(rowBlocks, 1))
        columnsAtOnce = share(
            columns, step: kernels.tileColumns,
            blocks: max(wanted, columns.dividedRoundingUp(by: Self.mostColumns)))
        count = rowBlocks * columns.dividedRoundingUp(by: columnsAtOnce)
    }

    /// First row and column of a block; blocks that share weights follow each other.
    func start(of item: Int) -> (row: Int, column: Int) {
        (item % rowBlocks * rowsAtOnce, item / rowBlocks * columnsAtOnce)
    }
}
