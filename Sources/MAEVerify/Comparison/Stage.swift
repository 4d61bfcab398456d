/// A step on the way from the files to the output, in the order in which a difference travels.
public enum Stage: Int, Sendable, CaseIterable, Comparable {
    /// The loaded parameters.
    case weights
    /// The configuration, mask ratio included.
    case configuration
    /// The pixels.
    case input
    /// The noise that decides the mask.
    case noise
    /// The set of kept patches.
    case mask
    /// The order in which the kept patches come out.
    case order
    /// The tokens after the embeddings or a block of the encoder.
    case layers
    /// The encoder's layernorm output in canonical order.
    case layernorm
    /// The mean over its tokens.
    case pooled

    /// Orders from ``weights`` to ``pooled``.
    public static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }

    /// The name of the stage, as reports and JSON write it.
    public var name: String {
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

/// A set of stages.
public struct StageSet: OptionSet, Sendable, Hashable {
    /// One bit a stage.
    public let rawValue: UInt16

    /// A set by its bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The set of some stages.
    public init(_ stages: [Stage]) {
        rawValue = stages.reduce(0) { $0 | 1 << $1.rawValue }
    }

    /// Whether `stage` is in the set.
    public func has(_ stage: Stage) -> Bool { rawValue & 1 << stage.rawValue != 0 }

    /// The stages of the set, in order.
    public var stages: [Stage] { Stage.allCases.filter(has) }

    /// The tokens after each layer and what is made from them: what every earlier difference ends in.
    static let outputs = StageSet([.layers, .layernorm, .pooled])
    /// Everything after the noise.
    static let masking = StageSet([.mask, .order]).union(outputs)
}
