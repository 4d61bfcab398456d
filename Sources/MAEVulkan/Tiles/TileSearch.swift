import MAECompute
import MAETensor

/// Finds the tile in which a device computes a linear layer fastest, by trying.
struct TileSearch {
    /// The layer that is tried.
    let layer: Layer
    /// When no further tile is tried.
    let limit: Duration
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
        // The first half of the MLP of ViT-MAE-base at batch 8; a piece of it where the processor emulates a device.
        layer =
            pipelines.device.physical.kind == .cpu
            ? Layer(rows: 128, depth: 256, columns: 128, repeats: 1)
            : Layer(rows: 1576, depth: 768, columns: 3072, repeats: 8)
    }

    /// The fastest of `tiles`, of which there is at least one; the earlier ones are tried when time is short.
    ///
    /// A tile that the driver cannot build, or that changes a bit, is passed over.
    ///
    /// - Throws: ``ComputeError`` when the device is lost or hangs, or when no tile works.
    func fastest(among tiles: [ProductTile]) throws -> ProductTile {
        let clock = ContinuousClock()
        let end = clock.now + limit
        let (timed, small) = (try Trial(layer, on: pipelines), try Trial(Self.checked, on: pipelines))
        let expected = try small.outputs(with: .small)
        var best: (tile: ProductTile, time: Duration)?
        var failure: ComputeError?
        for tile in tiles where best == nil || clock.now < end {
            do {
                guard zip(try small.outputs(with: tile), expected).allSatisfy({ $0.hasSameBits(as: $1) }) else {
                    failure = ComputeError(.deviceMiscomputed, "tile \(tile.name) changes bits: update the driver")
                    continue
                }
                let time = try timed.shortestTime(with: tile)
                if best.map({ time < $0.time }) ?? true { best = (tile, time) }
            } catch let error as ComputeError where error.code == .unsupportedDevice || error.code == .outOfMemory {
                failure = error
            }
        }
        guard let best else { throw failure ?? ComputeError(.unsupportedDevice, "no tile of a matrix product fits") }
        return best.tile
    }

    /// A layer whose extents are no multiples of any tile's, over more than one block of the contract.
    private static let checked = Layer(rows: 131, depth: 149, columns: 133, repeats: 1)
}

/// A layer with its weights on the device, to be run in one tile after the other.
private struct Trial {
    private let pipelines: PipelineStore
    private let parameters: VulkanParameters
    private let input: Tensor
    private var program = Program()
    private let output: BufferID

    init(_ layer: TileSearch.Layer, on pipelines: PipelineStore) throws {
        // Any values do, if they differ from each other.
        func values(_ rows: Int, _ columns: Int) -> Tensor {
            Tensor(shape: [rows, columns]) { elements in
                for index in elements.indices { elements[index] = Float(index * 7919 % 4093) / 4093 - 0.5 }
            }
        }
        var parameters = ParameterSet()
        let id = parameters.add(LinearParameters(weights: [values(layer.columns, layer.depth)], biases: [nil]))
        self.pipelines = pipelines
        self.parameters = try VulkanParameters(parameters, for: pipelines, tiles: TileChoice(always: .small))
        input = values(layer.rows, layer.depth)
        let source = program.input(MatrixShape(rows: layer.rows, columns: layer.depth))
        output = program.buffer(MatrixShape(rows: layer.rows, columns: layer.columns))
        for _ in 0..<layer.repeats {
            program.append(.linear(input: source, parameters: id, activation: nil, residual: nil, output: output))
        }
    }

    func outputs(with tile: ProductTile) throws -> [Tensor] {
        var program = program
        program.output(output)
        return try run(try executable(program, tile))
    }

    /// The shortest of some runs, whose results stay on the device.
    func shortestTime(with tile: ProductTile) throws -> Duration {
        let executable = try executable(program, tile)
        _ = try run(executable)
        let clock = ContinuousClock()
        return try (0..<3).map { _ in try clock.measure { _ = try run(executable) } }.min() ?? .zero
    }

    private func executable(_ program: Program, _ tile: ProductTile) throws -> VulkanExecutable {
        try VulkanExecutable(program, parameters, pipelines, tile: tile)
    }

    private func run(_ executable: VulkanExecutable) throws -> [Tensor] {
        try executable.run(inputs: [input], indexTables: [], control: RunControl())
    }
}
