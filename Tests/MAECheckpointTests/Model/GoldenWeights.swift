import Foundation
import MAETensor
import TestSupport

@testable import MAECheckpoint

/// What PyTorch says the weights of the golden checkpoints are.
enum GoldenWeights {
    struct Entry: Decodable {
        let sha256: String
        let shape: [Int]
    }

    static let folder = "checkpoints"

    static func path(_ name: String) -> String { Goldens.path("\(folder)/\(name)") }

    static func read() throws -> [String: Entry] {
        try JSONDecoder().decode([String: Entry].self, from: Data(Goldens.bytes("\(folder)/weights.json")))
    }
}
