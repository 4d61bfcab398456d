import MAEFormats
import MAETensor

/// What differs between two checkpoints.
public struct ModelDifference: Sendable {
    /// A configuration value that differs.
    public struct Field: Sendable, Hashable {
        /// The field.
        public let field: ConfigurationKey
        /// The value on either side.
        public let values: [JSONValue]
        /// Where either side has its value from.
        public let origins: [TracedOrigin]
    }

    /// A parameter that the two files store in different types.
    public struct StoredType: Sendable, Hashable {
        /// Canonical name.
        public let name: String
        /// The type on either side.
        public let types: [DType]
    }

    /// Parameters that only the first has.
    public let onlyInFirst: [String]
    /// Parameters that only the second has.
    public let onlyInSecond: [String]
    /// Parameters that both have and that differ, in the order of the model.
    public let tensors: [TensorDifference]
    /// Configuration values that differ.
    public let fields: [Field]
    /// Parameters stored in different types, which is no difference of their values.
    public let storedTypes: [StoredType]
    /// Number of parameters that both have.
    public let sharedCount: Int

    /// That one side holds the weights of the other rounded to half precision, which explains every bit that differs.
    ///
    /// All weights of that side are numbers of the type, also those that do not differ: otherwise the model was not saved in
    /// that type, and a single changed bit can look like a rounding. Nil when it explains only some tensors, or none
    /// differs. When both types explain all, it is float16.
    public let rounding: WeightRounding?

    /// Names of the tensors that differ and hold nothing but zeros on one side.
    public func zeroTensors(of side: ComparedSide) -> [String] {
        tensors.filter { $0.zeroSides.contains(side) }.map(\.name)
    }

    /// Whether nothing differs.
    public var isEmpty: Bool { hasEqualWeights && fields.isEmpty }

    /// Whether both hold the same parameters with the same bits.
    public var hasEqualWeights: Bool { onlyInFirst.isEmpty && onlyInSecond.isEmpty && tensors.isEmpty }

    /// Compares two checkpoints, parameter by parameter, on all cores.
    ///
    /// Throws for parameters that are no floats, and for a file that changed meanwhile.
    public init(_ first: ModelCheckpoint, _ second: ModelCheckpoint) throws(CheckpointError) {
        let names = first.layout.parameters.map(\.name)
        onlyInFirst = names.filter { second.tensors[$0] == nil }
        onlyInSecond = second.layout.parameters.map(\.name).filter { first.tensors[$0] == nil }
        let shared = names.filter { second.tensors[$0] != nil }
        sharedCount = shared.count
        let (mine, theirs) = (first.tensors, second.tensors)
        let differences = try Parallel.map(shared) { name throws(CheckpointError) -> TensorDifference? in
            guard let one = mine[name], let other = theirs[name] else { return nil }
            return try TensorDifference.between(one, other, name: name)
        }.compactMap { $0 }
        tensors = differences
        rounding = try Self.rounding(differences, first, second)
        for checkpoint in [first, second] { try checkpoint.requireUnchanged() }
        storedTypes = shared.compactMap { name in
            guard let one = mine[name]?.dtype, let other = theirs[name]?.dtype, one != other else { return nil }
            return StoredType(name: name, types: [one, other])
        }
        let configurations = [first.configuration, second.configuration]
        fields = ConfigurationKey.allCases.compactMap { field in
            let values = configurations.map { $0.values[field] }
            guard values[0] != values[1] else { return nil }
            return Field(field: field, values: values, origins: configurations.map { $0.origin(of: field) })
        }
    }

    /// The rounding that explains all differences between two checkpoints.
    private static func rounding(
        _ differences: [TensorDifference], _ first: ModelCheckpoint, _ second: ModelCheckpoint
    ) throws(CheckpointError) -> WeightRounding? {
        guard !differences.isEmpty else { return nil }
        for rounding in WeightRounding.all where differences.allSatisfy({ $0.roundings.contains(rounding) }) {
            if try (rounding.rounded == .first ? first : second).isRounded(to: rounding.format) { return rounding }
        }
        return nil
    }
}
