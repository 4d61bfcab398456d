import MAEFormats

/// Values of the configuration that a pickled model's modules and parameters state themselves.
struct ModuleFacts {
    private(set) var activation: HiddenActivation?
    private var values: [(field: ConfigurationKey, value: JSONValue)] = []
    private let path: String

    /// Takes what all modules of an audited model agree on.
    ///
    /// Throws ``CheckpointError/Code/unsupportedFormat`` when two modules disagree: there is one value for all here.
    init(_ audit: ModuleAudit) throws(CheckpointError) {
        path = audit.path
        activation = try Self.only(audit.activations, .hiddenActivation, path) { one, other in
            one.isSameFunction(as: other)
        }
        if let epsilon = try Self.only(audit.epsilons, .layerNormEpsilon, path) {
            values.append((.layerNormEpsilon, .number(epsilon)))
        }
        for (part, field) in [
            (ParameterLayout.Part.encoder, ConfigurationKey.headCount), (.decoder, .decoderHeadCount),
        ] {
            if let count = try Self.only(audit.headCounts[part] ?? [], field, path) {
                values.append((field, .integer(count)))
            }
        }
        readShapes(audit)
    }

    private mutating func readShapes(_ audit: ModuleAudit) {
        let names = Set(audit.naming.sources.keys)
        for (part, count, size) in [
            (ParameterLayout.Part.encoder, ConfigurationKey.layerCount, ConfigurationKey.intermediateSize),
            (.decoder, .decoderLayerCount, .decoderIntermediateSize),
        ] {
            let blocks = names.compactMap(LayerName.init(canonical:)).filter { $0.part == part }.map(\.index)
            guard let last = blocks.max() else { continue }
            values.append((count, .integer(last + 1)))
            if let key = audit.naming.sources[part.layerPrefix(0) + "intermediate.dense.weight"]?.key,
                let rows = audit.naming.local(key).flatMap({ audit.entries[String($0)]?.shape.first })
            {
                values.append((size, .integer(rows)))
            }
        }
        let hasBias = names.contains { $0.hasSuffix("attention.attention.query.bias") }
        values.append((.hasQKVBias, .bool(hasBias)))
    }

    /// The one value of all statements; nil without any.
    private static func only<Value: Hashable>(
        _ statements: [ModuleAudit.Statement<Value>], _ field: ConfigurationKey, _ path: String,
        by areEqual: (Value, Value) -> Bool = { $0 == $1 }
    ) throws(CheckpointError) -> Value? {
        guard let first = statements.first else { return nil }
        if let other = statements.first(where: { !areEqual($0.value, first.value) }) {
            throw CheckpointError(
                .unsupportedFormat, path: path, place: "module \(other.place)",
                "has \(other.value) for \(field.rawValue) where \(first.place) has \(first.value); one model has one value "
                    + "here. Compute the model with the program it was made with, or make all modules alike.")
        }
        return first.value
    }

    /// The values that differ from those of a configuration.
    func differences(from configuration: ViTMAEConfiguration) -> [(field: ConfigurationKey, value: JSONValue)] {
        var differences = values.filter { !configuration[$0.field].isSameNumber(as: $0.value) }
        if let activation, !activation.isSameFunction(as: configuration.hiddenActivation) {
            differences.append((.hiddenActivation, .string(activation.rawValue)))
        }
        return differences
    }
}

extension JSONValue {
    /// Whether both are equal, where an integer equals the same number as a float.
    fileprivate func isSameNumber(as other: JSONValue) -> Bool {
        if let one = double, let two = other.double { return one == two }
        return self == other
    }
}
