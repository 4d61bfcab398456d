import MAECompute
import MAETensor

/// Weights in a device's memory, in PyTorch's layout, uploaded once.
final class VulkanParameters: LoadedParameters {
    private let linears: [(weights: DeviceBuffer, bias: DeviceBuffer?)]
    private let layerNorms: [(scale: DeviceBuffer, shift: DeviceBuffer)]
    private let vectors: [DeviceBuffer]
    private let pipelines: PipelineStore
    private let tiles: TileChoice

    /// Copies all weights to the device of `pipelines`.
    ///
    /// - Throws: ``ComputeError`` `outOfMemory` when the device cannot hold them, `unsupportedDevice` when its shaders
    ///   cannot see one of them whole.
    init(_ parameters: ParameterSet, for pipelines: PipelineStore, tiles: TileChoice) throws {
        self.pipelines = pipelines
        self.tiles = tiles
        let device = pipelines.device
        // What is placed: stacked weights lie one after the other, so that the shader sees one matrix.
        var layout = ParameterLayout(device.physical.limits)
        let linearPlaces = try parameters.linears.map { layer in
            let biasCount = layer.hasBias ? layer.outputWidth : nil
            return (try layout.place(layer.outputWidth * layer.inputWidth), try biasCount.map { try layout.place($0) })
        }
        let normPlaces = try parameters.layerNorms.map { norm in
            (try layout.place(norm.scale.count), try layout.place(norm.shift.count))
        }
        let vectorPlaces = try parameters.vectors.map { try layout.place($0.count) }

        let blocks = try layout.blockSizes.map { try MemoryBlock(.device, byteCount: $0, on: device) }
        func buffer(_ place: ParameterLayout.Place) -> DeviceBuffer {
            DeviceBuffer(block: blocks[place.block], offset: place.offset, byteCount: place.byteCount)
        }
        linears = linearPlaces.map { (buffer($0), $1.map(buffer)) }
        layerNorms = normPlaces.map { (buffer($0), buffer($1)) }
        vectors = vectorPlaces.map(buffer)

        var upload = try Upload(on: device)
        for (place, layer) in zip(linears, parameters.linears) {
            try upload.copy(layer.weights, to: place.weights)
            guard let bias = place.bias else { continue }
            // A part without a bias has one of +0.
            let biases = zip(layer.biases, layer.weights).map { bias, weight in
                bias ?? Weight(Tensor(shape: [weight.shape[0]], repeating: 0))
            }
            try upload.copy(biases, to: bias)
        }
        for (place, norm) in zip(layerNorms, parameters.layerNorms) {
            try upload.copy([norm.scale], to: place.scale)
            try upload.copy([norm.shift], to: place.shift)
        }
        for (place, vector) in zip(vectors, parameters.vectors) { try upload.copy([vector], to: place) }
        try upload.finish()
    }

    /// Whether a linear layer has a bias.
    func hasBias(_ id: LinearID) -> Bool { linears[id.index].bias != nil }

    /// Where the weights of a dispatch lie; nil for what are no weights.
    func buffer(_ binding: Dispatch.Binding) -> DeviceBuffer? {
        switch binding {
        case .weights(let id): linears[id.index].weights
        case .bias(let id): linears[id.index].bias
        case .scale(let id): layerNorms[id.index].scale
        case .shift(let id): layerNorms[id.index].shift
        case .vector(let id): vectors[id.index]
        case .buffer, .table, .scratch: nil
        }
    }

    /// What the host provides: all of it where the device's memory is the host's, else what goes in and out.
    func memoryNeed(of program: Program) -> Int {
        let device = pipelines.device.physical
        // A program that cannot be planned is refused when it is compiled.
        guard let plan = try? DispatchPlan(program, self, tile: tiles.current, on: device) else { return 0 }
        let memory = ExecutableLayout(program, scratch: plan.scratch, alignment: device.limits.alignment)
        return memory.stagingBytes + (device.kind == .cpu || device.kind == .integrated ? memory.arenaBytes : 0)
    }

    func compile(_ program: Program) throws -> any Executable {
        let tile = try tiles.tile(for: program.linearFinishes(hasBias: hasBias), work: program.linearWork)
        return try VulkanExecutable(program, self, pipelines, tile: tile)
    }
}
