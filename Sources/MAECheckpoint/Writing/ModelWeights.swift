import MAEFormats
import MAETensor

/// A whole model to be written: a configuration and one fp32 tensor for each parameter.
public struct ModelWeights: Sendable {
    /// What the model is built from.
    public let configuration: ViTMAEConfiguration
    /// The parameters, of the whole model or of the encoder alone, in the order in which they are written.
    public let layout: ParameterLayout
    private let tensors: [String: Tensor]

    /// Takes tensors by canonical name: exactly those of `layout`, with its shapes.
    init(configuration: ViTMAEConfiguration, layout: ParameterLayout, tensors: [String: Tensor]) {
        for parameter in layout.parameters {
            precondition(
                tensors[parameter.name]?.shape == parameter.shape,
                "\(parameter.name) must have shape \(parameter.shape)")
        }
        self.configuration = configuration
        self.layout = layout
        self.tensors = tensors
    }

    /// The weights of a checkpoint, as fp32.
    ///
    /// fp32 weights stay where they lie in the mapped file; others are converted now. Throws
    /// ``CheckpointError/Code/malformedTensor`` for weights that are no floats.
    public init(_ checkpoint: ModelCheckpoint) throws(CheckpointError) {
        let names = checkpoint.layout.parameters.map(\.name)
        let stored = checkpoint.tensors
        let converted = try Parallel.map(names) { name throws(CheckpointError) in try stored[name]?.tensor() }
        var tensors: [String: Tensor] = [:]
        for (name, tensor) in zip(names, converted) { tensors[name] = tensor }
        self.init(
            configuration: checkpoint.configuration.values.inDoublePrecision, layout: checkpoint.layout,
            tensors: tensors)
    }

    /// The elements of a parameter of ``layout``.
    public func tensor(of parameter: ParameterLayout.Parameter) -> Tensor {
        guard let tensor = tensors[parameter.name] else {
            preconditionFailure("\(parameter.name) is no parameter of this model")
        }
        return tensor
    }

    /// Whether the decoder is there too.
    public var hasDecoder: Bool { layout.parameters.contains { $0.part == .decoder } }

    /// The class of transformers that holds these weights.
    var architecture: String { hasDecoder ? "ViTMAEForPreTraining" : "ViTMAEModel" }
}
