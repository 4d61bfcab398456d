import Foundation
import TestSupport

/// `Tests/Goldens/random/random.json`: which draws PyTorch made.
struct RandomGoldens: Decodable {
    /// Draws of one generator, one after the other, stored one after the other.
    struct Sequence: Decodable {
        let name: String
        let seed: UInt64
        let draws: [String]
    }

    /// Draws of one generator, stored as the digest of each.
    struct Large: Decodable {
        let seed: UInt64
        let draws: [String]
        let sha256: [String]
    }

    let sizes: [Int]
    let seeds: [UInt64]
    let sequences: [Sequence]
    let large: [Large]

    static func load() throws -> RandomGoldens {
        try JSONDecoder().decode(RandomGoldens.self, from: Data(Goldens.bytes("random/random.json")))
    }
}
