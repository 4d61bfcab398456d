import MAECompute
import MAETensor

/// Weights in the form the kernels read: linear layers in panels, everything in one piece of memory.
final class PackedParameters: Sendable {
    /// A linear layer, packed.
    struct Linear {
        let weights: UnsafePointer<Float>
        let bias: UnsafePointer<Float>?
        let inputWidth: Int, outputWidth: Int
    }

    private struct LinearPlace: Sendable {
        let weights: Int
        let bias: Int?
        let inputWidth: Int, outputWidth: Int
    }

    private let memory: MappedMemory
    private let linears: [LinearPlace]
    private let layerNorms: [(scale: Int, shift: Int, width: Int)]
    private let vectors: [(offset: Int, count: Int)]

    /// Copies and packs all weights, on all threads of `pool`.
    init(_ parameters: ParameterSet, for kernels: MatrixKernels, on pool: ThreadPool) throws {
        var layout = Layout()
        linears = parameters.linears.map { layer in
            let columns = layer.outputWidth.roundedUp(toMultipleOf: kernels.tileColumns)
            return LinearPlace(
                weights: layout.place(columns * layer.inputWidth),
                bias: layer.biases.contains { $0 != nil } ? layout.place(layer.outputWidth) : nil,
                inputWidth: layer.inputWidth, outputWidth: layer.outputWidth)
        }
        layerNorms = parameters.layerNorms.map { norm in
            (layout.place(norm.scale.count), layout.place(norm.shift.count), norm.scale.count)
        }
        vectors = parameters.vectors.map { (layout.place($0.count), $0.count) }
        memory = try MappedMemory(count: layout.end)

        for (place, norm) in zip(layerNorms, parameters.layerNorms) {
            copy(norm.scale, to: place.scale)
            copy(norm.shift, to: place.shift)
        }
        for (place, vector) in zip(vectors, parameters.vectors) { copy(vector, to: place.offset) }
        for (place, layer) in zip(linears, parameters.linears) { pack(layer, at: place, for: kernels, on: pool) }
    }

    /// The packed layer.
    subscript(_ id: LinearID) -> Linear {
        let place = linears[id.index]
        return Linear(
            weights: UnsafePointer(memory.base + place.weights),
            bias: place.bias.map { UnsafePointer(memory.base + $0) },
            inputWidth: place.inputWidth, outputWidth: place.outputWidth)
    }

    /// Scale and shift of a layer norm.
    subscript(_ id: LayerNormID) -> (scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, width: Int) {
        let place = layerNorms[id.index]
        return (UnsafePointer(memory.base + place.scale), UnsafePointer(memory.base + place.shift), place.width)
    }

    /// Elements of a token or a table of positions.
    subscript(_ id: VectorID) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: memory.base + vectors[id.index].offset, count: vectors[id.index].count)
    }

    private func copy(_ tensor: Tensor, to offset: Int) {
        tensor.withUnsafeElements { elements in
            guard let source = elements.baseAddress else { return }
            (memory.base + offset).update(from: source, count: elements.count)
        }
    }

    private func pack(
        _ layer: LinearParameters, at place: LinearPlace, for kernels: MatrixKernels, on pool: ThreadPool
    ) {
        var first = 0
        for (weight, bias) in zip(layer.weights, layer.biases) {
            let rows = weight.shape[0]
            if let bias, let offset = place.bias { copy(bias, to: offset + first) }
            weight.withUnsafeElements { elements in
                guard let source = elements.baseAddress else { return }
                let rowsAtOnce = 64
                let pieces = (rows + rowsAtOnce - 1) / rowsAtOnce
                pool.forEach(pieces) { [memory] piece, _ in
                    let row = piece * rowsAtOnce
                    kernels.functions.pack_weights(
                        source + row * place.inputWidth, place.inputWidth, first + row, min(rowsAtOnce, rows - row),
                        memory.base + place.weights)
                }
            }
            first += rows
        }
    }
}

extension PackedParameters {
    /// Hands out places, each on its own cache line.
    private struct Layout {
        var end = 0

        mutating func place(_ count: Int) -> Int {
            defer { end += count.roundedUp(toMultipleOf: 16) }
            return end
        }
    }
}
