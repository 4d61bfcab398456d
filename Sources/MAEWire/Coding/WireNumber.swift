import CMAEWire
import CProtobufC
import MAEDomain

/// A kind that a message carries by number.
///
/// Numbers are those of the `.proto` file; the names that other programs read in reports are the domain's own.
protocol WireNumbered: CaseIterable, Equatable, Sendable {
    /// The number of the kind in a message.
    var wireNumber: UInt32 { get }
}

extension WireNumbered {
    /// The kind that a message must name.
    init(_ has: protobuf_c_boolean, _ value: some RawRepresentable<UInt32>, _ field: String) throws(WireError) {
        let number = try required(has, value, field).rawValue
        guard let kind = Self.allCases.first(where: { $0.wireNumber == number }) else {
            throw WireError(.invalidField, field, "is \(number), which means nothing to this version")
        }
        self = kind
    }
}

extension ConfigurationOrigin: WireNumbered {
    var wireNumber: UInt32 {
        switch self {
        case .flag: 1
        case .configJSON: 2
        case .pickledConfig: 3
        case .configOption: 4
        case .inferred: 5
        case .defaultValue: 6
        case .pickledModules: 7
        case .stated: 8
        case .guess: 9
        }
    }
}

extension Severity: WireNumbered {
    var wireNumber: UInt32 {
        switch self {
        case .note: 1
        case .warning: 2
        case .error: 3
        }
    }
}

extension LoadingMethod.Kind: WireNumbered {
    var wireNumber: UInt32 {
        switch self {
        case .pretrained: 1
        case .full: 2
        case .stateDict: 3
        }
    }
}

extension JobProgress.Stage: WireNumbered {
    var wireNumber: UInt32 {
        switch self {
        case .loading: 1
        case .weights: 2
        case .input: 3
        case .forward: 4
        case .encoding: 5
        case .fetching: 6
        }
    }
}

extension ExaminedOperation.Kind: WireNumbered {
    var wireNumber: UInt32 {
        switch self {
        case .gathering: 1
        case .product: 2
        case .activatedProduct: 3
        case .layerNorm: 4
        case .attention: 5
        case .mean: 6
        }
    }
}

extension JobFailure.Fault: WireNumbered {
    var wireNumber: UInt32 {
        switch self {
        case .input: 1
        case .node: 2
        case .internal: 3
        }
    }
}
