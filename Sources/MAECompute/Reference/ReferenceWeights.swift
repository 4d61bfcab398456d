/// All weights of a model as plain arrays.
struct ReferenceWeights: Sendable {
    /// A linear layer: weights row after row, each row those of one output.
    struct Linear: Sendable {
        let weights: [Float]
        /// A bias for each output, or nil when no part of the layer has one.
        let bias: [Float]?
        let inputWidth: Int, outputWidth: Int
    }

    /// A layer norm.
    struct LayerNorm: Sendable {
        let scale: [Float], shift: [Float]
    }

    private let linears: [Linear]
    private let layerNorms: [LayerNorm]
    private let vectors: [[Float]]

    /// Reads every weight of `parameters`.
    init(_ parameters: ParameterSet) throws {
        linears = try parameters.linears.map { layer in
            let biases = try zip(layer.weights, layer.biases).flatMap { weight, bias in
                try bias?.elements() ?? [Float](repeating: 0, count: weight.shape[0])
            }
            return Linear(
                weights: try layer.weights.flatMap { try $0.elements() }, bias: layer.hasBias ? biases : nil,
                inputWidth: layer.inputWidth, outputWidth: layer.outputWidth)
        }
        layerNorms = try parameters.layerNorms.map {
            LayerNorm(scale: try $0.scale.elements(), shift: try $0.shift.elements())
        }
        vectors = try parameters.vectors.map { try $0.elements() }
    }

    subscript(_ id: LinearID) -> Linear { linears[id.index] }
    subscript(_ id: LayerNormID) -> LayerNorm { layerNorms[id.index] }
    subscript(_ id: VectorID) -> [Float] { vectors[id.index] }
}

extension Weight {
    /// All elements, copied.
    fileprivate func elements() throws -> [Float] {
        var elements: [Float] = []
        try read { elements = $0.elements }
        return elements
    }
}
