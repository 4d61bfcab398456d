import Testing
import WireTestSupport

@testable import MAEWire

@Suite("Mutated messages")
struct MutationTests {
    @Test("what is mutated at random is refused or read, and what is read can be sent again", arguments: 0..<8)
    func mutations(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let originals = try Samples.envelopes.map { try $0.frames() }
        for _ in 0..<2000 {
            var frames = originals.randomElement(using: &random) ?? []
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                frames[0] = mutate(frames[0], with: originals.randomElement(using: &random)?[0] ?? [], &random)
            }
            guard let envelope = try? Envelope(frames: frames) else { continue }
            #expect(try Envelope(frames: envelope.frames()) == envelope)
        }
    }

    @Test("a header cut off anywhere is refused or read, never more")
    func truncations() throws {
        for envelope in Samples.envelopes {
            let frames = try envelope.frames()
            for length in 0..<frames[0].count {
                let cut = [Array(frames[0].prefix(length))] + frames.dropFirst()
                if let shorter = try? Envelope(frames: cut) { #expect(shorter != envelope) }
            }
        }
    }

    /// One random change: a byte, a bit, a cut, a repetition, a piece of another message, or a huge varint.
    private func mutate(_ bytes: [UInt8], with other: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return other }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[place] = .random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.removeSubrange(place..<min(place + .random(in: 1..<9, using: &random), bytes.count))
        case 3: bytes.insert(contentsOf: bytes[place...].prefix(16), at: place)
        case 4: bytes.insert(contentsOf: other.dropFirst(.random(in: 0...other.count, using: &random)), at: place)
        case 5: bytes.insert(contentsOf: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], at: place)
        default: bytes += other
        }
        return bytes
    }
}

/// The SplitMix64 generator: small, and the same on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
