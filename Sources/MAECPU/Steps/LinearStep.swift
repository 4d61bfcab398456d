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
    private let blocking: Blocking

    init(
        input: BufferID, rows: Int, layer: PackedParameters.Linear, activation: mae_activation, residual: BufferID?,
        output: BufferID, threadCount: Int
    ) {
        self.input = input
        self.rows = rows
        self.layer = layer
        self.activation = activation
        self.residual = residual
        self.output = output
        blocking = Blocking(rows: rows, columns: layer.outputWidth, kernels: layer.kernels, threadCount: threadCount)
    }

    var scratchCount: Int {
        layer.kernels.functions.linear_scratch(blocking.mostRows, blocking.mostColumns, layer.inputWidth)
    }

    var itemCount: Int { blocking.count }

    func region(of item: Int) -> MatrixRegion {
        let (rows, columns) = blocking[item]
        return MatrixRegion(rows: rows, columns: columns)
    }

    func run(item: Int, worker: Int, in arena: Arena, _ indexTables: [[Int32]]) {
        let (blockRows, blockColumns) = blocking[item]
        let place = blockRows.lowerBound * arena.stride(output) + blockColumns.lowerBound
        var block = mae_linear_block(
            input: arena.row(blockRows.lowerBound, of: input), input_stride: arena.stride(input),
            rows: blockRows.count, depth: layer.inputWidth, weights: layer.weights,
            first_column: blockColumns.lowerBound, columns: blockColumns.count,
            bias: layer.bias.map { $0 + blockColumns.lowerBound },
            residual: residual.map { UnsafePointer(arena[$0] + place) },
            output: arena[output] + place, output_stride: arena.stride(output), activation: activation,
            scratch: arena.scratch(of: worker))
        layer.kernels.functions.linear(&block)
    }
}
