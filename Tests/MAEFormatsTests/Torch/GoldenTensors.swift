import Foundation
import MAETensor
import TestSupport

@testable import MAEFormats

/// The weights of the tiny model that the checkpoint goldens all hold, by digest.
enum GoldenTensors {
    struct Weight: Decodable {
        let sha256: String
        let shape: [Int]
    }

    /// Digest and shape of every weight, by its name on disk in transformers 4.
    static func weights() throws -> [String: Weight] {
        try JSONDecoder().decode([String: Weight].self, from: Data(try Goldens.bytes("checkpoints/weights.json")))
    }

    /// The tensors inside `value`, in the order of the file, with the way to each as Python writes it.
    static func all(in value: PickleValue) -> [(path: String, tensor: PickleTensor)] {
        var found: [(String, PickleTensor)] = []
        value.walk { visit in
            if case .tensor(let tensor) = visit.value {
                found.append((visit.path.map(\.description).joined(), tensor))
            }
            return true
        }
        return found
    }

    /// Digests of the tensors inside `value` as fp32, sorted, so that files with other names can be compared.
    static func digests(in value: PickleValue) throws -> [String] {
        try all(in: value).map { try $0.tensor.tensor.tensor().digest().description }.sorted()
    }
}
