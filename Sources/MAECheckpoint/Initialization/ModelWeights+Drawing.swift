import MAEFormats
import MAETensor
import TorchRandom

extension ModelWeights {
    /// Draws all parameters of a model from a seed: the same bits on every machine.
    ///
    /// Parameters are drawn in the order of ``ParameterLayout``, each by one `torch.randn` of its shape from the one
    /// generator that `torch.manual_seed(seed)` gives, then scaled in fp32: weights and tokens by `initializer_range`,
    /// biases by 0.02; scales of layer norms are 1 + 0.02 times the draw. Position embeddings are drawn from nothing:
    /// they are ``PositionEmbeddings``. So every parameter matters to the output, which zero biases and unit scales
    /// would not. Order and scaling are frozen: digests of such models are kept as goldens.
    ///
    /// Throws ``CheckpointError/Code/invalidConfiguration`` for a configuration no model can be built from.
    public init(drawing configuration: ViTMAEConfiguration, seed: UInt64) throws(CheckpointError) {
        try configuration.validate(path: "configuration")
        let layout = ParameterLayout(configuration)
        let scale = Float(configuration.initializerRange)
        var generator = TorchGenerator(seed: seed)
        var tensors: [String: Tensor] = [:]
        for parameter in layout.parameters {
            tensors[parameter.name] =
                switch parameter.role {
                case .weight, .token: generator.randn(parameter.shape, scaledBy: scale, plus: 0)
                case .bias: generator.randn(parameter.shape, scaledBy: Self.smallScale, plus: 0)
                case .normScale: generator.randn(parameter.shape, scaledBy: Self.smallScale, plus: 1)
                case .positionEmbedding:
                    PositionEmbeddings.table(grid: configuration.patchGrid, width: parameter.shape.last ?? 0)
                }
        }
        self.init(configuration: configuration, layout: layout, tensors: tensors)
    }

    private static let smallScale: Float = 0.02
}

extension TorchGenerator {
    /// `torch.randn(shape) * scale`, and then `+ offset` unless that is 0.
    fileprivate mutating func randn(_ shape: [Int], scaledBy scale: Float, plus offset: Float) -> Tensor {
        Tensor(shape: shape) { elements in
            fillNormal(elements)
            if offset == 0 {
                for index in elements.indices { elements[index] *= scale }
            } else {
                for index in elements.indices { elements[index] = elements[index] * scale + offset }
            }
        }
    }
}
