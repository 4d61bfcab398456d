import MAEDomain
import MAEVerify

extension LoadingMethod.Kind: WordInStore {
    var wordInStore: String {
        switch self {
        case .pretrained: "pretrained"
        case .full: "full"
        case .stateDict: "state-dict"
        }
    }
}

extension ConfigurationOrigin: WordInStore {
    var wordInStore: String {
        switch self {
        case .flag: "flag"
        case .configJSON: "config.json"
        case .pickledConfig: "pickled-config"
        case .pickledModules: "pickled-modules"
        case .stated: "stated"
        case .configOption: "--config"
        case .inferred: "inferred"
        case .guess: "guess"
        case .defaultValue: "default"
        }
    }
}

extension Severity: WordInStore {
    var wordInStore: String {
        switch self {
        case .note: "note"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

extension NoiseSource.Policy: WordInStore {
    var wordInStore: String {
        switch self {
        case .shared: "shared"
        case .sequential: "sequential"
        case .file: "file"
        }
    }
}

extension CheckpointFiles.Role: WordInStore {
    var wordInStore: String {
        switch self {
        case .checkpoint: "checkpoint"
        case .configuration: "configuration"
        case .images: "images"
        case .pictures: "pictures"
        case .noise: "noise"
        }
    }
}

extension HalfPrecisionCopy.Format: WordInStore {
    var wordInStore: String {
        switch self {
        case .float16: "float16"
        case .bfloat16: "bfloat16"
        }
    }
}

extension Verdict.Outcome: WordInStore {
    var wordInStore: String {
        switch self {
        case .agree: "agree"
        case .disagree: "disagree"
        case .incomplete: "incomplete"
        case .nothingCompared: "nothing-compared"
        }
    }
}

extension ExaminedOperation.Kind: WordInStore {
    var wordInStore: String {
        switch self {
        case .gathering: "gathering"
        case .product: "product"
        case .activatedProduct: "activated-product"
        case .layerNorm: "layer-norm"
        case .attention: "attention"
        case .mean: "mean"
        }
    }
}

extension FaultHint: WordInStore {
    var wordInStore: String {
        switch self {
        case .otherOrder: "other-order"
        case .bfloat16: "bfloat16"
        case .float16: "float16"
        case .layerNorm: "layer-norm"
        case .activation: "activation"
        case .weight: "weight"
        case .processor: "processor"
        case .lane: "lane"
        case .intermittent: "intermittent"
        case .bit: "bit"
        }
    }
}

extension Stage: WordInStore {
    var wordInStore: String {
        switch self {
        case .weights: "weights"
        case .configuration: "configuration"
        case .input: "input"
        case .noise: "noise"
        case .mask: "mask"
        case .order: "order"
        case .layers: "layers"
        case .layernorm: "layernorm"
        case .pooled: "pooled"
        }
    }
}

extension DifferenceMetrics.Subject: WordInStore {
    var wordInStore: String {
        switch self {
        case .layernorm: "layernorm"
        case .pooled: "pooled"
        }
    }
}

extension RefereeReport.Standard: WordInStore {
    var wordInStore: String {
        switch self {
        case .thisMachine: "this-machine"
        case .mostNodes: "most-nodes"
        }
    }
}
