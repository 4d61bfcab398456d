import MAEDomain
import MAETensor

/// What a node found on looking closely at one layer, in a document.
///
/// Values are in files of ``TensorFolder``.
struct StoredExamination: Codable, Hashable {
    struct Operation: Codable, Hashable {
        var kind: StoredWord<ExaminedOperation.Kind>
        var words: String
        var rows, columns, heads: Int
        var digest: StoredDigest
    }

    struct Values: Codable, Hashable {
        /// Which operation of the layer, from 0; nil for states.
        var operation: Int?
        /// The images that the values are of.
        var images: [Int]?
        var shape: [Int]
        var file: StoredDigest
    }

    struct Repetition: Codable, Hashable {
        var processor: Int?
        var digests: [StoredDigest]
    }

    var layer: String
    var operations: [Operation]
    var images: [StoredDigest]
    var output, states: Values?
    var restarted: [StoredDigest]
    var repetitions: [Repetition]

    /// Writes the values to their files.
    init(_ answer: ExaminationAnswer, tensors: TensorFolder) throws {
        func values(_ tensor: Tensor) throws -> Values {
            Values(shape: tensor.shape, file: StoredDigest(try tensors.write(tensor)))
        }
        layer = answer.layer.name
        operations = answer.operations.map {
            Operation(
                kind: StoredWord($0.kind), words: $0.words, rows: $0.rows, columns: $0.columns, heads: $0.heads,
                digest: StoredDigest($0.digest))
        }
        images = answer.images.map { StoredDigest($0) }
        output = try answer.output.map { output in
            var stored = try values(output.values)
            (stored.operation, stored.images) = (output.operation, output.images)
            return stored
        }
        states = try answer.states.map(values)
        restarted = answer.restarted.map { StoredDigest($0) }
        repetitions = answer.repetitions.map {
            Repetition(processor: $0.processor, digests: $0.digests.map { StoredDigest($0) })
        }
    }

    /// The answer as it was; nil for a layer that there is not.
    func answer(_ tensors: TensorFolder) throws -> ExaminationAnswer? {
        guard let layer = EncoderLayer(name: layer) else { return nil }
        var answer = ExaminationAnswer(
            layer: layer,
            operations: operations.map {
                ExaminedOperation(
                    kind: $0.kind.value, words: $0.words, rows: $0.rows, columns: $0.columns, heads: $0.heads,
                    digest: $0.digest.digest)
            }, images: images.map(\.digest), restarted: restarted.map(\.digest),
            repetitions: repetitions.map {
                PassRepetition(processor: $0.processor, digests: $0.digests.map(\.digest))
            })
        if let output, let operation = output.operation {
            answer.output = OperationOutput(
                operation: operation, images: output.images ?? [],
                values: try tensors.read(output.file.digest, shape: output.shape))
        }
        if let states { answer.states = try tensors.read(states.file.digest, shape: states.shape) }
        return answer
    }

    /// The names of its files.
    var files: [String] { [output, states].compactMap { $0.map { "\($0.file.digest)" } } }
}
