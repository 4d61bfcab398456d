import MAEDomain

extension LoadingChoice {
    /// The method by which a run loads.
    public init(_ kind: LoadingMethod.Kind) {
        switch kind {
        case .pretrained: self = .pretrained
        case .full: self = .full
        case .stateDict: self = .stateDict
        }
    }

    /// The kind that `--method` calls it; nil for ``automatic``.
    public var kind: LoadingMethod.Kind? {
        switch self {
        case .pretrained: .pretrained
        case .full: .full
        case .stateDict: .stateDict
        case .automatic: nil
        }
    }
}
