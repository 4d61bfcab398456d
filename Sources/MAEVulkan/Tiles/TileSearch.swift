import MAECompute
import MAETensor

/// Finds the tile in which a device computes a linear layer fastest, by trying.
struct TileSearch {
    /// The layer that is tried.
    let layer: Layer
    /// When no further tile is tried.
    let limit: Duration
    /// The tile whose bits the others must have.
    let defaultTile: ProductTile
    private let pipelines: PipelineStore

    /// The device that is measured.
    var device: PhysicalDevice { pipelines.device.physical }

    /// Names what a result is good for: the device, its driver, and the shader in the form in use.
    var cacheKey: SHA256Digest {
        var hasher = SHA256Hasher()
        hasher.update("\(device.identity) ")
        Shader.linear.words(pipelines.form).withUnsafeBytes { hasher.update($0) }
        return hasher.finalize()
    }

    /// A linear layer, some times over.
    struct Layer {
        let rows, depth, columns, repeats: Int

        /// Multiply-adds of one pass through the layer.
        var work: Double { Double(rows) * Double(depth) * Double(columns) }
    }

    /// A search on the device of `pipelines`.
    init(on pipelines: PipelineStore, limit: Duration = .seconds(2)) {
        self.pipelines = pipelines
        self.limit = limit
        defaultTile = .defaultTile(for: pipelines.device.physical)
        // The first half of the MLP of ViT-MAE-base at batch 8; a piece of it where the processor emulates a device.
        layer =
            pipelines.device.physical.kind == .cpu
            ? Layer(rows: 128, depth: 256, columns: 128, repeats: 1)
            : Layer(rows: 1576, depth: 768, columns: 3072, repeats: 8)
    }

    /// The fastest of the default tile and `tiles`; the earlier ones are tried when time is short.
    ///
    /// A tile that the driver cannot build, or that gives other bits than the default one in one of `finishes`, is passed
    /// over.
    ///
    /// - Throws: ``ComputeError`` when the device is lost or hangs, when it has no memory for the search, or when even the
    ///   default tile does not work.
    func fastest(among tiles: [ProductTile], for finishes: Set<LinearFinish>) throws -> ProductTile {
        let end = ContinuousClock.now + limit
        let timed = try Trial(layer, [.bare], on: pipelines)
        let checked = try Trial(Self.checked, finishes, on: pipelines)
        let expected = try checked.outputs(with: defaultTile)
        var best = (tile: defaultTile, time: try timed.shortestTime(with: defaultTile, until: end))
        for tile in tiles where tile != defaultTile && ContinuousClock.now < end {
            let time = try Self.ifPossible { () -> Duration? in
                let time = try timed.shortestTime(with: tile, until: end)
                // Checked last: the shaders of all finishes take long to compile.
                guard time < best.time else { return nil }
                return try checked.gives(expected, with: tile) ? time : nil
            }
            if let time { best = (tile, time) }
        }
        return best.tile
    }

    /// Whether the driver builds `tile`, and it gives the bits of the default one in each of `finishes`.
    ///
    /// - Throws: As ``fastest(among:for:)``.
    func works(_ tile: ProductTile, for finishes: Set<LinearFinish>) throws -> Bool {
        if tile == defaultTile { return true }
        let checked = try Trial(Self.checked, finishes, on: pipelines)
        let expected = try checked.outputs(with: defaultTile)
        return try Self.ifPossible { try checked.gives(expected, with: tile) } ?? false
    }

    /// What `body` returns; nil when what it asks for is too much for the device or its driver.
    private static func ifPossible<Result>(_ body: () throws -> Result?) throws -> Result? {
        do {
            return try body()
        } catch let error as ComputeError where error.isResourceShortage {
            return nil
        }
    }

    /// A layer whose extents are no multiples of any tile's, over more than one block of the contract.
    private static let checked = Layer(rows: 131, depth: 149, columns: 133, repeats: 1)
}

/// Layers with their weights on the device, to be run in one tile after the other.
private struct Trial {
    private let pipelines: PipelineStore
    private let parameters: VulkanParameters
    /// Two sets, so that an element which is not written cannot pass for right by what lay there before.
    private let inputs: [[Tensor]]
    private var program = Program()
    private var results: [BufferID] = []

    /// The layer with each of `finishes`, every one with an output of its own.
    init(_ layer: TileSearch.Layer, _ finishes: Set<LinearFinish>, on pipelines: PipelineStore) throws {
        // Any values do, if they differ from each other.
        func values(_ shape: MatrixShape, from start: Int = 0) -> Tensor {
            Tensor(shape: [shape.rows, shape.columns]) { elements in
                for index in elements.indices { elements[index] = Float((start + index) * 7919 % 4093) / 4093 - 0.5 }
            }
        }
        let weights = values(MatrixShape(rows: layer.columns, columns: layer.depth))
        let bias = values(MatrixShape(rows: 1, columns: layer.columns), from: 2).reshaped(to: [layer.columns])
        var parameters = ParameterSet()
        let source = program.input(MatrixShape(rows: layer.rows, columns: layer.depth))
        let shape = MatrixShape(rows: layer.rows, columns: layer.columns)
        for finish in finishes {
            let id = parameters.add(LinearParameters(weights: [weights], biases: [finish.hasBias ? bias : nil]))
            let residual = finish.residual == .none ? nil : program.input(shape)
            let apart = finish.residual == .inPlace ? nil : program.buffer(shape)
            guard let output = apart ?? residual else { continue }
            for _ in 0..<layer.repeats {
                program.append(
                    .linear(
                        input: source, parameters: id, activation: finish.activation, residual: residual,
                        output: output))
            }
            results.append(output)
        }
        self.pipelines = pipelines
        self.parameters = try VulkanParameters(parameters, for: pipelines, tiles: TileChoice(always: .small))
        let program = program
        inputs = [0, 1].map { start in program.inputs.map { values(program[$0], from: start) } }
    }

    /// The outputs for each of the sets of inputs.
    func outputs(with tile: ProductTile) throws -> [Tensor] {
        var program = program
        for result in results { program.output(result) }
        let executable = try executable(program, tile)
        return try inputs.flatMap { try run(executable, $0) }
    }

    /// Whether the outputs are `expected`, bit for bit.
    func gives(_ expected: [Tensor], with tile: ProductTile) throws -> Bool {
        zip(try outputs(with: tile), expected).allSatisfy { $0.hasSameBits(as: $1) }
    }

    /// The shortest of some runs, whose results stay on the device; of one when `end` is past.
    func shortestTime(with tile: ProductTile, until end: ContinuousClock.Instant) throws -> Duration {
        let executable = try executable(program, tile)
        _ = try run(executable, inputs[0])
        let clock = ContinuousClock()
        var shortest: Duration?
        for _ in 0..<3 where shortest == nil || clock.now < end {
            let time = try clock.measure { _ = try run(executable, inputs[0]) }
            shortest = min(shortest ?? time, time)
        }
        return shortest ?? .zero
    }

    private func executable(_ program: Program, _ tile: ProductTile) throws -> VulkanExecutable {
        try VulkanExecutable(program, parameters, pipelines, tile: tile)
    }

    private func run(_ executable: VulkanExecutable, _ inputs: [Tensor]) throws -> [Tensor] {
        try executable.run(inputs: inputs, indexTables: [], control: RunControl())
    }
}
