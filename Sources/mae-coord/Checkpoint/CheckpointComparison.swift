import MAECheckpoint
import MAEFormats

/// What `checkpoint diff` shows: two checkpoints and what differs between them.
struct CheckpointComparison {
    let first: ModelCheckpoint
    let second: ModelCheckpoint
    let difference: ModelDifference
    let weightsOnly: Bool

    init(_ first: ModelCheckpoint, _ second: ModelCheckpoint, weightsOnly: Bool) throws {
        self.first = first
        self.second = second
        self.weightsOnly = weightsOnly
        difference = try ModelDifference(first, second)
    }

    /// The verdict.
    var isEqual: Bool { weightsOnly ? difference.hasEqualWeights : difference.isEmpty }

    /// The configuration values that differ and were asked for.
    var fields: [ModelDifference.Field] { weightsOnly ? [] : difference.fields }

    private static func side(_ checkpoint: ModelCheckpoint) -> JSONValue {
        .members([
            "path": .string(checkpoint.path), "key": .string(checkpoint.key),
            "method": .string(checkpoint.method.rawValue),
        ])
    }

    /// The comparison for programs.
    var json: JSONValue {
        .members([
            "schema": .integer(1),
            "equal": .bool(isEqual),
            "weights_equal": .bool(difference.hasEqualWeights),
            "configuration_equal": weightsOnly ? .null : .bool(difference.fields.isEmpty),
            "a": Self.side(first),
            "b": Self.side(second),
            "shared_tensors": .integer(difference.sharedCount),
            "only_in_a": .array(difference.onlyInFirst.map(JSONValue.string)),
            "only_in_b": .array(difference.onlyInSecond.map(JSONValue.string)),
            "rounding": difference.rounding?.json ?? .null,
            "tensors": .array(difference.tensors.map(\.json)),
            "stored_types": .array(
                difference.storedTypes.map {
                    .members([
                        "name": .string($0.name), "a": .string($0.types[0].rawValue),
                        "b": .string($0.types[1].rawValue),
                    ])
                }),
            "configuration": .array(
                fields.map {
                    .members([
                        "field": .string($0.field.rawValue), "a": $0.values[0], "a_origin": .string($0.origins[0].kind),
                        "b": $0.values[1], "b_origin": .string($0.origins[1].kind),
                    ])
                }),
        ])
    }
}

extension TensorDifference {
    /// The difference for programs; numbers that are not finite are null, as JSON has none.
    fileprivate var json: JSONValue {
        func number(_ value: Double?) -> JSONValue {
            value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
        }
        return .members([
            "name": .string(name),
            "a_shape": .array(shapes[0].map(JSONValue.integer)),
            "b_shape": .array(shapes[1].map(JSONValue.integer)),
            "differing_elements": .integer(differingCount),
            "differing_bits_elements": .integer(differingBitsCount),
            "largest_difference": number(largest),
            "index": index.map { .array($0.map(JSONValue.integer)) } ?? .null,
            "a_value": number((values?[0]).map(Double.init)),
            "b_value": number((values?[1]).map(Double.init)),
            "a_is_zero": .bool(zeroSides.contains(.first)),
            "b_is_zero": .bool(zeroSides.contains(.second)),
        ])
    }
}

extension WeightRounding {
    /// The rounding for programs.
    fileprivate var json: JSONValue {
        .members([
            "format": .string(format.rawValue), "rounded": .string(copy("a", "b")),
            "original": .string(original("a", "b")),
        ])
    }
}
