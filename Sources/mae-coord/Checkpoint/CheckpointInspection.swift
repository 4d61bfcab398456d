import MAECheckpoint
import MAEFormats

/// What `checkpoint inspect` shows: a checkpoint, the digest of its weights, and all findings.
struct CheckpointInspection {
    let checkpoint: ModelCheckpoint
    let fingerprints: WeightsFingerprints
    let findings: [CheckpointFinding]

    /// Reads every weight once.
    init(_ checkpoint: ModelCheckpoint) throws {
        self.checkpoint = checkpoint
        fingerprints = try checkpoint.fingerprints()
        findings = checkpoint.findings + fingerprints.findings(at: checkpoint.path)
    }

    /// Number of parameters stored in each type, by name of the type.
    var dtypes: [(name: String, count: Int)] {
        checkpoint.format.dtypes.map { ($0.key.rawValue, $0.value) }.sorted { $0.name < $1.name }
    }

    /// The inspection for programs.
    var json: JSONValue {
        let format = checkpoint.format
        return .members([
            "schema": .integer(1),
            "path": .string(checkpoint.path),
            "method": .string(checkpoint.method.rawValue),
            "container": .string(format.container.rawValue),
            "shards": .integer(format.shardCount),
            "dialect": JSONValue(format.dialect?.rawValue),
            "prefix": .string(format.prefix),
            "pickled_class": JSONValue(format.pickledClass),
            "transformers_version": JSONValue(format.transformersVersion),
            "lightning_version": JSONValue(format.lightningVersion),
            "readers": JSONValue(checkpoint.readers),
            "parameters": .members([
                "tensors": .integer(checkpoint.layout.parameters.count),
                "elements": .integer(checkpoint.layout.elementCount),
                "decoder": .bool(checkpoint.hasDecoder),
                "dtypes": .object(dtypes.map { JSONMember(key: $0.name, value: .integer($0.count)) }),
            ]),
            "weights_sha256": .string("\(fingerprints.sha256)"),
            "key": .string(checkpoint.key),
            "contents": .array(
                (checkpoint.contents?.nodes ?? []).map {
                    .members([
                        "depth": .integer($0.depth), "key": .string($0.key), "name": .string($0.name),
                        "summary": .string($0.summary),
                    ])
                }),
            "models": .array(
                checkpoint.models.map {
                    .members([
                        "key": .string($0.key),
                        "other_keys": .array($0.otherKeys.map(JSONValue.string)),
                        "method": .string($0.method.rawValue),
                        "taken": .bool($0.isTaken),
                        "tensors": .integer($0.tensorCount),
                        "bytes": .integer($0.byteCount),
                        "weights_sha256": JSONValue($0.sha256.map { "\($0)" }),
                        "problem": JSONValue($0.problem),
                    ])
                }),
            "files": .array(
                checkpoint.files.map { .members(["path": .string($0.path), "size": .integer($0.size)]) }),
            "configuration": .object(
                ConfigurationKey.allCases.map { field in
                    let origin = checkpoint.configuration.origin(of: field)
                    return JSONMember(
                        key: field.rawValue,
                        value: .members([
                            "value": checkpoint.configuration.values[field],
                            "origin": .string(origin.kind),
                            "detail": .string(origin.description),
                            "uncertain": .bool(origin.isUncertain),
                        ]))
                }),
            "findings": .array(
                findings.map {
                    .members([
                        "code": .string($0.code.rawValue),
                        "severity": .string($0.severity.rawValue),
                        "path": .string($0.location.path),
                        "place": JSONValue($0.location.place),
                        "message": .string($0.message),
                    ])
                }),
        ])
    }
}

extension JSONValue {
    /// A string, or null for nil.
    init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
}
