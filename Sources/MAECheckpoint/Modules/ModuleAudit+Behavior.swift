import MAEFormats

extension ModuleAudit {
    private static let hookTables = ["_forward_hooks", "_forward_pre_hooks"]
    /// Hooks of PyTorch's own, whose work is seen in the parameters.
    private static let visibleHooks = [
        "torch.nn.utils.prune.", "torch.nn.utils.weight_norm.", "torch.nn.utils.spectral_norm.",
    ]

    /// Refuses what changes a module's output and is code of somebody: forward hooks and a replaced `forward`.
    func rejectReplacedBehavior(of place: ModulePlace) throws(CheckpointError) {
        for table in Self.hookTables {
            for hook in place.module.attribute(table)?.values ?? [] {
                let name = hook.global?.qualifiedName ?? hook.object?.className ?? hook.kind
                guard !Self.visibleHooks.contains(where: name.hasPrefix) else { continue }
                throw refusal(
                    place,
                    "has a forward hook (\(name)), code that may change what it computes and that is not executed here. "
                        + "Remove the hook (hook.remove(), or clear module.\(table)) and save the model again.")
            }
        }
        for name in ["forward", "_call_impl", "__call__"] {
            guard let value = place.module.attribute(name), !value.isMethod(name, of: place.module) else { continue }
            throw refusal(
                place,
                "has a \(name) of its own in place of its class's, which is not executed here. Remove it "
                    + "(del module.\(name); for accelerate's, remove_hook_from_module(model, recurse=True)) and save the "
                    + "model again.")
        }
    }

    /// Packages whose classes compute what their names and parameters say.
    private static let knownPackages = [
        "torch.", "transformers.models.vit_mae.", "transformers.models.vit.", "transformers.activations.", "timm.",
        "models_mae.", "models_vit.", "peft.tuners.", "apex.normalization.",
    ]

    /// Notes a class of the model whose `forward` may do something else than a ViT-MAE's: its code is not in the file.
    mutating func noteClass(of place: ModulePlace) {
        guard let name = place.module.className, !Self.knownPackages.contains(where: name.hasPrefix) else { return }
        note(foreignClass: name, at: place.name)
    }

    /// A finding when modules are of classes of somebody's own; nil otherwise.
    var foreignClassFinding: CheckpointFinding? {
        guard !foreignClasses.isEmpty else { return nil }
        return CheckpointFinding(
            .foreignClasses, .error, at: CheckpointLocation(path: path),
            "the model has modules of classes whose code is not in the file and not known here: "
                + "\(ParameterBinding.list(foreignClasses.map { "\($0.value) (\($0.place))" })). They are computed as a "
                + "ViT-MAE's by their parameters. Where their forward does something else, PyTorch's outputs differ: compare "
                + "them once with layernorm.npy of mae-coord infer, from the same seed.")
    }

    /// Notes a module that draws random numbers in each forward pass: dropout in training mode.
    mutating func noteRandomness(of place: ModulePlace) {
        guard place.isTraining else { return }
        let names: [String]
        if place.className.contains("Dropout") || place.className.contains("DropPath")
            || place.className == "StochasticDepth"
        {
            names = ["p", "drop_prob", "prob"]
        } else {
            names = ["attention_dropout", "dropout_prob"]
        }
        guard let probability = names.lazy.compactMap(place.number).first, probability > 0 else { return }
        note(random: "\(place.name) (p \(probability))")
    }

    /// A finding when the model was pickled in training mode with dropout; nil otherwise.
    var randomnessFinding: CheckpointFinding? {
        guard !randomModules.isEmpty else { return nil }
        return CheckpointFinding(
            .trainingMode, .error, at: CheckpointLocation(path: path),
            "was pickled in training mode with dropout, so PyTorch's own outputs are random: they change from call to call "
                + "and from those given here, which are computed as after model.eval(). \(randomModules.count) modules draw: "
                + "\(ParameterBinding.list(randomModules)). Call model.eval() after torch.load, or before saving.")
    }
}

extension PickleValue {
    /// Whether this is the method that the class of `owner` has by `name`, bound to it: what accelerate leaves behind.
    ///
    /// It is pickled as a call that comes before the attributes of `owner` are set, so none of them replaces it.
    fileprivate func isMethod(_ name: String, of owner: PickleObject) -> Bool {
        guard let object, object.isCall, object.className.map(Self.getters.contains) == true,
            let arguments = object.arguments.sequence, arguments.count == 2
        else { return false }
        return arguments[0].id == owner.id && arguments[1].string == name
    }

    private static let getters: Set<String> = ["builtins.getattr", "__builtin__.getattr"]
}
