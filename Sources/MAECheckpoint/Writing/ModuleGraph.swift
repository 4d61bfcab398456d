import MAEFormats

/// A ViT-MAE as the tree of `torch.nn.Module` objects that `torch.save(model)` pickles.
///
/// Each object is its class, by name, and its `__dict__`. The attributes are those that the class's `forward` and
/// PyTorch's module machinery read; checked by running such files in transformers 4.57.6 and 5.23.0.
struct ModuleGraph {
    /// The whole pickle.
    let pickle: PickleExpression

    /// Builds the tree of the classes of `release`.
    ///
    /// Throws ``CheckpointError/Code/unsupportedFormat`` for an activation whose module cannot be written.
    init(_ model: ModelWeights, release: CheckpointWriter.Release, path: String) throws(CheckpointError) {
        guard let activation = ActivationModule(model.configuration.hiddenActivation) else {
            throw CheckpointError(
                .unsupportedFormat, path: path,
                "the activation \(model.configuration.hiddenActivation.rawValue) cannot be written into a pickled model. "
                    + "Write a hub directory, load it with from_pretrained and save it from there.")
        }
        guard model.configuration.imageSize.isSquare, model.configuration.patchSize.isSquare else {
            throw CheckpointError(
                .unsupportedFormat, path: path,
                "a pickled model is written for square images and patches only. Write a hub directory.")
        }
        let builder = ModuleGraphBuilder(model: model, release: release, activation: activation)
        pickle = (model.hasDecoder ? builder.preTraining : builder.encoder).pickle
    }
}

/// The module of an activation function, as transformers makes it.
struct ActivationModule {
    let module: PickledModuleNode

    /// Nil for those that hold a bound method or a partial function.
    init?(_ activation: HiddenActivation) {
        let transformers = "transformers.activations"
        let torch = "torch.nn.modules.activation"
        switch activation {
        case .gelu:
            module = PickledModuleNode(
                transformers, "GELUActivation", attributes: [("act", .global("torch._C._nn", "gelu"))])
        case .geluNew: module = PickledModuleNode(transformers, "NewGELUActivation")
        case .geluFast: module = PickledModuleNode(transformers, "FastGELUActivation")
        case .quickGELU: module = PickledModuleNode(transformers, "QuickGELUActivation")
        case .relu: module = PickledModuleNode(torch, "ReLU", attributes: [("inplace", .bool(false))])
        case .silu: module = PickledModuleNode(transformers, "SiLUActivation")
        case .swish: module = PickledModuleNode(torch, "SiLU", attributes: [("inplace", .bool(false))])
        case .geluPython, .geluPytorchTanh, .geluPythonTanh, .selu: return nil
        }
    }
}

/// A `torch.nn.Module` to be pickled.
struct PickledModuleNode {
    let type: PickleGlobal
    var attributes: [(String, PickleExpression)]
    var parameters: [(String, PickleExpression)]
    var modules: [(String, PickledModuleNode)]

    init(
        _ module: String, _ name: String, attributes: [(String, PickleExpression)] = [],
        parameters: [(String, PickleExpression)] = [], modules: [(String, PickledModuleNode)] = []
    ) {
        type = PickleGlobal(module: module, name: name)
        self.attributes = attributes
        self.parameters = parameters
        self.modules = modules
    }

    /// Hooks that every module has, each in an ordered dictionary of its own; none is set.
    private static let hookTables = [
        "_backward_pre_hooks", "_backward_hooks", "_forward_hooks", "_forward_hooks_with_kwargs",
        "_forward_hooks_always_called", "_forward_pre_hooks", "_forward_pre_hooks_with_kwargs", "_state_dict_hooks",
        "_state_dict_pre_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
    ]

    /// The object with its `__dict__`, in evaluation mode and marked as initialized, so that nothing is drawn anew.
    var pickle: PickleExpression {
        var state: [(String, PickleExpression)] = [
            ("training", .bool(false)),
            ("_parameters", Self.dictionary(parameters)),
            ("_buffers", .dictionary([])),
            ("_non_persistent_buffers_set", .set([])),
            ("_is_full_backward_hook", .none),
        ]
        for name in Self.hookTables { state.append((name, .orderedDictionary([], state: nil))) }
        state.append(("_modules", Self.dictionary(modules.map { ($0.0, $0.1.pickle) })))
        state += attributes
        state.append(("_is_hf_initialized", .bool(true)))
        return .object(type, state: Self.dictionary(state))
    }

    private static func dictionary(_ entries: [(String, PickleExpression)]) -> PickleExpression {
        .dictionary(entries.map { (PickleExpression.string($0.0), $0.1) })
    }
}
