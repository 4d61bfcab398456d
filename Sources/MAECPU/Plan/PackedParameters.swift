import MAECompute

/// Weights in the form the kernels read: linear layers in panels, everything in one piece of memory.
final class PackedParameters: Sendable {
    /// A linear layer, packed.
    struct Linear {
        /// What the weights are packed for.
        let kernels: MatrixKernels
        let weights: UnsafePointer<Float>
        let bias: UnsafePointer<Float>?
        let inputWidth: Int, outputWidth: Int
    }

    private struct LinearPlace: Sendable {
        let kernels: MatrixKernels
        let weights: Int
        let bias: Int?
        let inputWidth: Int, outputWidth: Int
    }

    private let memory: MappedMemory
    private let linears: [LinearPlace]
    private let layerNorms: [(scale: Int, shift: Int, width: Int)]
    private let vectors: [(offset: Int, count: Int)]

    /// Copies and packs all weights, on all threads of `pool`, and reads along what is read along.
    ///
    /// - Throws: what reading a weight throws; when that are several, the error of the first by its place in the set.
    init(_ parameters: ParameterSet, for kernels: KernelSet, on pool: ThreadPool) throws {
        var layout = Layout()
        linears = parameters.linears.map { layer in
            let kernels = kernels.pick(inputs: layer.inputWidth, outputs: layer.outputWidth)
            let columns = layer.outputWidth.roundedUp(toMultipleOf: kernels.tileColumns)
            return LinearPlace(
                kernels: kernels, weights: layout.place(columns * layer.inputWidth),
                bias: layer.hasBias ? layout.place(layer.outputWidth) : nil,
                inputWidth: layer.inputWidth, outputWidth: layer.outputWidth)
        }
        layerNorms = parameters.layerNorms.map { norm in
            (layout.place(norm.scale.count), layout.place(norm.shift.count), norm.scale.count)
        }
        vectors = parameters.vectors.map { (layout.place($0.count), $0.count) }
        memory = try MappedMemory(count: layout.end)

        var copies: [Copy] = []
        for (place, layer) in zip(linears, parameters.linears) {
            var first = 0
            for (weight, bias) in zip(layer.weights, layer.biases) {
                copies.append(Copy(weight: weight, place: .rows(of: place, from: first)))
                if let bias, let offset = place.bias {
                    copies.append(Copy(weight: bias, place: .asItIs(offset + first)))
                }
                first += weight.shape[0]
            }
        }
        for (place, norm) in zip(layerNorms, parameters.layerNorms) {
            copies.append(Copy(weight: norm.scale, place: .asItIs(place.scale)))
            copies.append(Copy(weight: norm.shift, place: .asItIs(place.shift)))
        }
        for (place, vector) in zip(vectors, parameters.vectors) {
            copies.append(Copy(weight: vector, place: .asItIs(place.offset)))
        }
        copies += parameters.readAlong.map { Copy(weight: $0, place: .nowhere) }
        try runCopies(copies, on: pool)
    }

    /// The packed layer.
    subscript(_ id: LinearID) -> Linear {
        let place = linears[id.index]
        return Linear(
            kernels: place.kernels, weights: UnsafePointer(memory.base + place.weights),
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

    /// The way of one weight into the packed memory.
    private struct Copy: Sendable {
        enum Place: Sendable {
            /// From this offset on, unchanged.
            case asItIs(Int)
            /// As outputs of a linear layer, from this one on.
            case rows(of: LinearPlace, from: Int)
            /// Read, and not kept.
            case nowhere
        }

        let weight: Weight
        let place: Place
    }

    private func runCopies(_ copies: [Copy], on pool: ThreadPool) throws {
        let queue = WeightQueue(
            copies.map { copy in (copy.weight, { [self] in write($0, from: $1, to: copy.place) }) },
            threadCount: pool.threadCount)
        pool.forEach(pool.threadCount) { _, _ in queue.work() }
        try queue.requireSuccess()
    }

    /// Writes elements of a weight, from the one at `start` on, to where the weight goes.
    private func write(_ elements: UnsafeBufferPointer<Float>, from start: Int, to place: Copy.Place) {
        guard let source = elements.baseAddress else { return }
        switch place {
        case .asItIs(let offset): (memory.base + offset + start).update(from: source, count: elements.count)
        case .rows(let layer, let first):
            guard layer.inputWidth > 0 else { return }
            let rows = elements.count / layer.inputWidth
            let firstRow = first + start / layer.inputWidth
            // Rows that fit a second-level cache together with what they become.
            let rowsAtOnce = 64
            for row in stride(from: 0, to: rows, by: rowsAtOnce) {
                layer.kernels.functions.pack_weights(
                    source + row * layer.inputWidth, layer.inputWidth, firstRow + row, min(rowsAtOnce, rows - row),
                    memory.base + layer.weights)
            }
        case .nowhere: break
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
