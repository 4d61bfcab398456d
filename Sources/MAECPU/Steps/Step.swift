import CMAEKernels
import MAECompute

/// One operation of a program, planned.
protocol Step: Sendable {
    /// Elements of scratch that each thread needs.
    var scratchCount: Int { get }

    /// Number of pieces that the operation is cut into; they may run at once.
    var itemCount: Int { get }

    /// What of the output a piece writes.
    func region(of item: Int) -> MatrixRegion

    /// Carries one piece of the operation out, on the thread with the number `worker`.
    func run(item: Int, worker: Int, in arena: Arena, _ indexTables: [[Int32]])
}

extension Step {
    var scratchCount: Int { 0 }
}

/// Turns operations into steps.
struct StepPlanner {
    let program: Program
    let parameters: PackedParameters
    let kernels: KernelSet
    let threadCount: Int

    func step(_ operation: Operation) -> any Step {
        switch operation {
        case .gatherPatches(let images, let kept, let geometry, let output):
            let imageCount = program[images].rows
            return PatchStep(
                images: images, imageCount: imageCount, kept: kept, keptCount: program[kept] / max(imageCount, 1),
                geometry: geometry, output: output)
        case .linear(let input, let layer, let activation, let residual, let output):
            return LinearStep(
                input: input, rows: program[input].rows, layer: parameters[layer],
                activation: activation?.kernelValue ?? MAE_IDENTITY, residual: residual, output: output,
                threadCount: threadCount)
        case .layerNorm(let input, let norm, let epsilon, let output):
            return LayerNormStep(
                input: input, shape: program[input], norm: parameters[norm], epsilon: epsilon, output: output,
                layerNorm: kernels.vector.layer_norm)
        case .attention(let qkv, let images, let heads, let scale, let output):
            return AttentionStep(
                qkv: qkv, images: images, heads: heads, scale: scale, output: output, shape: program[output],
                kernels: kernels.usual, threadCount: threadCount)
        case .assembleTokens(let patches, let kept, let token, let positions, let images, let output):
            return AssembleTokensStep(
                patches: patches, kept: kept, token: parameters[token], positions: parameters[positions],
                images: images, output: output, shape: program[output])
        case .restoreTokens(let tokens, let slots, let maskToken, let positions, let images, let output):
            return RestoreTokensStep(
                tokens: tokens, tokenCount: program[tokens].rows / images, slots: slots,
                maskToken: parameters[maskToken], positions: parameters[positions], images: images, output: output,
                shape: program[output])
        case .meanOverTokens(let tokens, let images, let output):
            return MeanStep(
                tokens: tokens, images: images, shape: program[tokens], output: output,
                means: kernels.vector.column_means)
        case .dropLeadingTokens(let tokens, let count, let images, let output):
            return DropTokensStep(
                tokens: tokens, tokenCount: program[tokens].rows / images, count: count, images: images,
                width: program[tokens].columns, output: output)
        }
    }
}

/// Rows and columns of a matrix.
package struct MatrixRegion: Sendable, Hashable {
    package let rows: Range<Int>, columns: Range<Int>
}

/// Rows that are shared out in runs worth a thread's while.
struct RowRuns {
    private let rows: Int, rowsAtOnce: Int

    /// Cuts up `rows` rows; `cost` is a row's number of elements.
    init(rows: Int, cost: Int) {
        self.rows = rows
        rowsAtOnce = max(1, 16_384 / max(cost, 1))
    }

    /// Number of runs.
    var count: Int { rows.dividedRoundingUp(by: rowsAtOnce) }

    /// The rows of a run.
    subscript(run: Int) -> Range<Int> { run * rowsAtOnce..<min((run + 1) * rowsAtOnce, rows) }
}
