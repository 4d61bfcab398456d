import MAECPU
import MAECompute
import MAETensor
import Synchronization

/// A matrix product, or the attention, of a model.
struct ModelProduct {
    /// Model, layer and extents.
    let name: String
    /// Widths of a linear layer; nil for attention.
    let layer: (inputs: Int, outputs: Int)?
    let kind: Kind

    /// What products have targets of their own.
    enum Kind: Hashable {
        case product, productWithGELU
        /// With the width of a head.
        case attention(width: Int)
    }

    private let build: (_ rows: Int, _ repeats: Int) -> ProductProgram
    private let rows: Int
    private let rowsToCompare: Int

    /// A linear layer on a matrix of (`rows`, `depth`), giving `columns` columns.
    static func linear(
        _ name: String, _ rows: Int, _ depth: Int, _ columns: Int, _ activation: Activation? = nil,
        residual: Bool = false
    ) -> ModelProduct {
        ModelProduct(
            name: "\(name) \(rows)×\(depth)×\(columns)",
            layer: (depth, columns), kind: activation == .gelu ? .productWithGELU : .product,
            build: { rows, repeats in
                .linear(
                    rows: rows, depth: depth, columns: columns, activation: activation, hasResidual: residual,
                    repeats: repeats)
            }, rows: rows, rowsToCompare: 15)
    }

    /// Attention of all heads of `images` images.
    static func attention(
        _ name: String, images: Int, tokens: Int, heads: Int, width: Int
    ) -> ModelProduct {
        ModelProduct(
            name: "\(name) \(images * heads)×\(tokens)×\(width / heads)",
            layer: nil, kind: .attention(width: width / heads),
            build: { rows, repeats in
                .attention(images: rows, tokens: tokens, heads: heads, width: width, repeats: repeats)
            }, rows: images, rowsToCompare: 1)
    }

    /// The product, some times over.
    func program(repeats: Int) -> ProductProgram { build(rows, repeats) }

    /// What the reference gives for a small piece of the product: a few rows, at full depth and width.
    func reference() throws -> [Tensor] { try build(rowsToCompare, 1).run(on: ReferenceBackend()) }

    /// Whether the piece has the bits of ``reference()``.
    func gives(_ reference: [Tensor], on backend: some ComputeBackend) throws -> Bool {
        let outputs = try build(rowsToCompare, 1).run(on: backend)
        return outputs.count == reference.count && zip(outputs, reference).allSatisfy { $0.hasSameBits(as: $1) }
    }

    /// GFLOP/s at the best of several runs, which take `limit` seconds together unless one takes longer.
    func rate(on backend: CPUBackend, repeats: Int, limit: Double) throws -> Double {
        // Each time is that from the end of one operation to the end of the next: in a model, too, inputs lie where the
        // operation before left them.
        let whole = program(repeats: 3)
        let executable = try backend.load(whole.parameters).compile(whole.program(withOutput: false))
        let laps = Laps()
        _ = try Timing.spread(repeats: repeats, limit: limit) {
            laps.start()
            _ = try executable.run(
                inputs: whole.inputs, indexTables: [], control: RunControl(progress: { _ in laps.mark() }))
        }
        return whole.operations / Double(whole.repeats) / laps.shortest / 1e9
    }
}

/// Finds the shortest time between marks.
private final class Laps: Sendable {
    private let state = Mutex<(last: ContinuousClock.Instant?, shortest: Duration)>((nil, .seconds(1 << 20)))

    /// The next mark ends no lap, but begins one.
    func start() { state.withLock { $0.last = nil } }

    func mark() {
        let now = ContinuousClock().now
        state.withLock { state in
            if let last = state.last { state.shortest = min(state.shortest, now - last) }
            state.last = now
        }
    }

    /// In seconds.
    var shortest: Double { state.withLock { $0.shortest / .seconds(1) } }
}
