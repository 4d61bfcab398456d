import MAEFormats

extension ModuleAudit {
    /// What an MLP's activation is called in transformers and timm.
    private static let names: Set<String> = ["activation_fn", "intermediate_act_fn", "act", "act_fn", "activation"]

    /// Notes the activation of an MLP: a module, or a function kept as an attribute.
    mutating func lookAtActivation(_ place: ModulePlace) throws(CheckpointError) {
        if Self.names.contains(String(place.lastWord)), !place.isWrapper {
            guard let activation = HiddenActivation(place.module) else { throw unknown(place, place.kind) }
            return note(activation, at: place.name)
        }
        for name in Self.names {
            guard let value = place.module.attribute(name), !value.isNone, value.string == nil else { continue }
            guard let activation = value.global.flatMap(HiddenActivation.init(function:)) else {
                throw unknown(place, "\(value.kind) as its \(name)")
            }
            note(activation, at: "\(place.name).\(name)")
        }
    }

    private func unknown(_ place: ModulePlace, _ what: String) -> CheckpointError {
        refusal(
            place,
            "is or has \(what), an activation that is not computed here. Those that are: "
                + "\(HiddenActivation.supportedNames).")
    }
}

extension HiddenActivation {
    /// Packages whose classes of these names compute what their names say.
    private static let packages: Set<Substring> = ["torch", "transformers", "timm"]

    private static let classes: [String: HiddenActivation] = [
        "GELUActivation": .gelu, "GELU": .gelu, "NewGELUActivation": .geluNew, "FastGELUActivation": .geluFast,
        "QuickGELUActivation": .quickGELU, "QuickGELU": .quickGELU, "PytorchGELUTanh": .geluPytorchTanh,
        "GELUTanh": .geluPytorchTanh, "SiLUActivation": .silu, "SiLU": .silu, "Swish": .silu, "ReLU": .relu,
        "SELU": .selu,
    ]

    private static let functions: [String: HiddenActivation] = [
        "torch.nn.functional.gelu": .gelu, "torch._C._nn.gelu": .gelu, "torch.nn.functional.relu": .relu,
        "torch.relu": .relu, "torch.nn.functional.silu": .silu, "torch._C._nn.silu": .silu,
        "torch.nn.functional.selu": .selu, "torch.selu": .selu,
    ]

    /// The activation that a module of a pickle computes; nil for one that is not known.
    init?(_ module: PickleObject) {
        guard let type = module.callable.global, let package = type.module.split(separator: ".").first,
            Self.packages.contains(package), let known = Self.classes[type.name]
        else { return nil }
        switch (known, module.attribute("approximate")?.string) {
        case (.gelu, "tanh"): self = .geluPytorchTanh
        default: self = known
        }
    }

    /// The activation that a function of a pickle computes; nil for one that is not known.
    init?(function: PickleGlobal) {
        guard let known = Self.functions[function.qualifiedName] else { return nil }
        self = known
    }

    /// Whether both are one function under several names.
    func isSameFunction(as other: HiddenActivation) -> Bool { canonical == other.canonical }

    private var canonical: HiddenActivation {
        switch self {
        case .gelu, .geluPython: .gelu
        case .geluNew, .geluPytorchTanh, .geluPythonTanh: .geluPytorchTanh
        case .silu, .swish: .silu
        case .geluFast, .quickGELU, .relu, .selu: self
        }
    }
}
