import MAETensor

/// Names a linear layer's weights in a ``ParameterSet``.
public struct LinearID: Sendable, Hashable {
    /// Position in ``ParameterSet/linears``.
    public let index: Int
}

/// Names a layer norm's scale and shift in a ``ParameterSet``.
public struct LayerNormID: Sendable, Hashable {
    /// Position in ``ParameterSet/layerNorms``.
    public let index: Int
}

/// Names a token or a table of position embeddings in a ``ParameterSet``.
public struct VectorID: Sendable, Hashable {
    /// Position in ``ParameterSet/vectors``.
    public let index: Int
}

/// Weights of a linear layer, as one or more matrices stacked along the output: query, key and value make one layer.
public struct LinearParameters: Sendable {
    /// Matrices of shape (outᵢ, in), or convolution kernels (outᵢ, …) whose other dimensions multiply to `in`.
    public let weights: [Weight]
    /// A bias of shape (outᵢ) for each matrix, or nil where it has none; a missing one among present ones counts as +0.
    public let biases: [Weight?]

    /// Stacks `weights`; all have the same `in`.
    public init(weights: [Weight], biases: [Weight?]) {
        precondition(!weights.isEmpty && weights.count == biases.count, "a bias, or nil, for each weight")
        let rows = weights.map { $0.shape.first ?? 0 }
        let inputs = zip(weights, rows).map { $1 == 0 ? 0 : $0.count / $1 }
        precondition(inputs.allSatisfy { $0 == inputs[0] }, "stacked weights have one input width")
        precondition(zip(biases, rows).allSatisfy { $0 == nil || $0?.count == $1 }, "a bias for each output")
        self.weights = weights
        self.biases = biases
        inputWidth = inputs[0]
        outputWidth = rows.reduce(0, +)
    }

    /// Stacks weights that lie in memory.
    public init(weights: [Tensor], biases: [Tensor?]) {
        self.init(weights: weights.map(Weight.init), biases: biases.map { $0.map(Weight.init) })
    }

    /// Elements of an input row.
    public let inputWidth: Int
    /// Elements of an output row.
    public let outputWidth: Int

    /// Whether any part has a bias.
    public var hasBias: Bool { biases.contains { $0 != nil } }
}

/// Scale and shift of a layer norm, each of shape (H).
public struct LayerNormParameters: Sendable {
    /// PyTorch's `weight`.
    public let scale: Weight
    /// PyTorch's `bias`.
    public let shift: Weight

    /// Pairs two vectors of one length.
    public init(scale: Weight, shift: Weight) {
        precondition(scale.count == shift.count, "scale and shift have one length")
        self.scale = scale
        self.shift = shift
    }

    /// Pairs two vectors that lie in memory.
    public init(scale: Tensor, shift: Tensor) {
        self.init(scale: Weight(scale), shift: Weight(shift))
    }
}

/// All weights of a model, in the form programs refer to.
public struct ParameterSet: Sendable {
    /// Linear layers.
    public private(set) var linears: [LinearParameters] = []
    /// Layer norms.
    public private(set) var layerNorms: [LayerNormParameters] = []
    /// Tokens and position tables.
    public private(set) var vectors: [Weight] = []

    /// Weights that no program uses, but whose reading tells something, such as their digest: a backend may read them along, and
    /// keeps nothing of them.
    public private(set) var readAlong: [Weight] = []

    /// An empty set.
    public init() {}

    /// Adds a linear layer.
    public mutating func add(_ parameters: LinearParameters) -> LinearID {
        linears.append(parameters)
        return LinearID(index: linears.count - 1)
    }

    /// Adds a layer norm.
    public mutating func add(_ parameters: LayerNormParameters) -> LayerNormID {
        layerNorms.append(parameters)
        return LayerNormID(index: layerNorms.count - 1)
    }

    /// Adds a token, or a table with a row for each position.
    public mutating func add(_ vector: Weight) -> VectorID {
        vectors.append(vector)
        return VectorID(index: vectors.count - 1)
    }

    /// Adds a token or table that lies in memory.
    public mutating func add(_ vector: Tensor) -> VectorID { add(Weight(vector)) }

    /// Adds a weight that no program uses.
    public mutating func addReadAlong(_ weight: Weight) { readAlong.append(weight) }

    /// The weights of a layer of this set.
    public subscript(_ id: LinearID) -> LinearParameters { linears[id.index] }
    /// The weights of a layer norm of this set.
    public subscript(_ id: LayerNormID) -> LayerNormParameters { layerNorms[id.index] }
    /// A token or table of this set.
    public subscript(_ id: VectorID) -> Weight { vectors[id.index] }
}
