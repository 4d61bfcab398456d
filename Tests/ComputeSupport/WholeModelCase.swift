import MAECompute
import MAETensor
import TestSupport

extension Case {
    /// A small model of every kind of operation, with two blocks, in-place residuals, an output in mid-program and taps.
    package static func wholeModel(seed: UInt64) -> Case {
        var writer = ModelWriter(random: SplitMix(seed: seed))
        writer.write()
        return writer.example
    }

    /// The places at which the program, cut into two excerpts there, has other bits on `backend` than in one piece.
    package func cutsThatChangeBits(on backend: some ComputeBackend) throws -> [Int] {
        let loaded = try backend.load(parameters)
        let whole = try loaded.compile(program).run(inputs: inputs, indexTables: tables, control: RunControl())
        return try (1..<program.operations.count).filter { cut in
            var values = Dictionary(uniqueKeysWithValues: zip(program.inputs, inputs))
            for excerpt in [program.excerpt(0..<cut), program.excerpt(cut..<program.operations.count)] {
                let outputs = try loaded.compile(excerpt.program).run(
                    inputs: excerpt.inputs.compactMap { values[$0] }, indexTables: excerpt.tables(of: tables),
                    control: RunControl())
                for (buffer, output) in zip(excerpt.outputs, outputs) { values[buffer] = output }
            }
            return !zip(program.outputs, whole).allSatisfy {
                values[$0]?.elements.map(\.bitPattern) == $1.elements.map(\.bitPattern)
            }
        }
    }
}

/// Writes the operations of a ViT-MAE of two blocks.
private struct ModelWriter {
    var random: SplitMix
    var example = Case()

    private let images = 2, hidden = 12, wide = 20, heads = 3
    private let geometry = PatchGeometry(channels: 3, imageHeight: 6, imageWidth: 9, patchHeight: 3, patchWidth: 3)
    private let kept: [Int32] = [0, 2, 3, 5, 1, 2, 4, 5]

    init(random: SplitMix) {
        self.random = random
    }

    mutating func write() {
        let keptCount = kept.count / images
        let pixels = example.input(random.matrix(images, geometry.imagePixels))
        let kept = example.table(kept)
        let slots = example.table(
            self.kept.split(count: keptCount).flatMap { image in
                (0..<Int32(geometry.patchCount)).map { patch in Int32(image.firstIndex(of: patch) ?? -1) }
            })
        let cut = buffer(images * keptCount, geometry.patchPixels)
        example.program.append(.gatherPatches(images: pixels, kept: kept, geometry: geometry, output: cut))
        let projected = linear(cut, to: hidden)
        let tokens = buffer(images * (1 + keptCount), hidden)
        example.program.append(
            .assembleTokens(
                patches: projected, kept: kept, token: example.parameters.add(random.vector(hidden)),
                positions: example.parameters.add(random.matrix(1 + geometry.patchCount, hidden)), images: images,
                output: tokens))
        example.program.tap("embeddings", tokens)
        for block in 0..<2 {
            self.block(tokens)
            example.program.tap("block.\(block)", tokens)
        }
        let normalized = norm(tokens)
        let pooled = buffer(images, hidden)
        example.program.append(.meanOverTokens(tokens: normalized, images: images, output: pooled))
        example.program.tap("norm", normalized)
        example.program.output(normalized)
        example.program.output(pooled)
        let restored = buffer(images * (1 + geometry.patchCount), hidden)
        example.program.append(
            .restoreTokens(
                tokens: normalized, slots: slots, maskToken: example.parameters.add(random.vector(hidden)),
                positions: example.parameters.add(random.matrix(1 + geometry.patchCount, hidden)), images: images,
                output: restored))
        let rest = buffer(images * geometry.patchCount, hidden)
        example.program.append(.dropLeadingTokens(tokens: restored, count: 1, images: images, output: rest))
        example.program.output(rest)
    }

    private mutating func block(_ tokens: BufferID) {
        let qkv = linear(norm(tokens), to: 3 * hidden)
        let attended = buffer(example.program[tokens].rows, hidden)
        example.program.append(
            .attention(qkv: qkv, images: images, heads: heads, scale: 0.5, output: attended))
        _ = linear(attended, to: hidden, addedTo: tokens)
        let widened = linear(norm(tokens), to: wide, .gelu)
        _ = linear(widened, to: hidden, addedTo: tokens)
    }

    private mutating func buffer(_ rows: Int, _ columns: Int) -> BufferID {
        example.program.buffer(MatrixShape(rows: rows, columns: columns))
    }

    private mutating func norm(_ input: BufferID) -> BufferID {
        let output = buffer(example.program[input].rows, hidden)
        let id = example.parameters.add(
            LayerNormParameters(scale: random.vector(hidden), shift: random.vector(hidden)))
        example.program.append(.layerNorm(input: input, parameters: id, epsilon: 1e-12, output: output))
        return output
    }

    private mutating func linear(
        _ input: BufferID, to columns: Int, _ activation: Activation? = nil, addedTo residual: BufferID? = nil
    ) -> BufferID {
        let id = example.parameters.add(
            LinearParameters(
                weights: [random.matrix(columns, example.program[input].columns)], biases: [random.vector(columns)]))
        let output = residual ?? buffer(example.program[input].rows, columns)
        example.program.append(
            .linear(input: input, parameters: id, activation: activation, residual: residual, output: output))
        return output
    }
}

extension [Int32] {
    fileprivate func split(count: Int) -> [[Int32]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<$0 + count]) }
    }
}
