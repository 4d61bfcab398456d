import MAEWire
import TestSupport

/// Messages that were valid before bits, bytes, lengths or frames of them were changed: the same ones for the same seed.
package struct MessageMutator {
    /// Bytes that parsers stumble over: ends of ranges, and variable-length numbers that go on.
    private static let edges: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF]
    /// Most bytes that a frame is given beyond its own.
    private static let mostAdded = 4096

    private let bodies: [Envelope.Body]
    private var chance: SplitMix

    /// Mutates messages with these bodies.
    package init(_ bodies: [Envelope.Body], seed: UInt64) {
        self.bodies = bodies
        chance = SplitMix(seed: seed)
    }

    /// The frames of the next message, as one who speaks in `session` would send it.
    package mutating func next(session: UInt64?, incarnation: UInt64?) throws -> [[UInt8]] {
        let body = bodies[Int.random(in: bodies.indices, using: &chance)]
        var frames = try Envelope(session: session, incarnation: incarnation, body).frames()
        for _ in 0..<Int.random(in: 1...4, using: &chance) { mutate(&frames) }
        return frames
    }

    private mutating func mutate(_ frames: inout [[UInt8]]) {
        let frame = Int.random(in: frames.indices, using: &chance)
        switch Int.random(in: 0..<10, using: &chance) {
        // A message has a frame.
        case 0 where frames.count > 1: frames.remove(at: frame)
        case 1: frames.insert(frames[frame], at: frame)
        case 2: frames.swapAt(frame, Int.random(in: frames.indices, using: &chance))
        case 3: frames[frame].removeLast(Int.random(in: 0...frames[frame].count, using: &chance))
        case 4:
            let count = Int.random(in: 1...Self.mostAdded, using: &chance)
            frames[frame] += (0..<count).map { _ in UInt8.random(in: 0...255, using: &chance) }
        case 5:
            // A piece of the same message in another place: a field within a field.
            guard let source = frames[frame].indices.randomElement(using: &chance) else { return }
            let piece = frames[frame][source...].prefix(Int.random(in: 1...32, using: &chance))
            frames[frame].insert(contentsOf: piece, at: Int.random(in: 0...frames[frame].count, using: &chance))
        default:
            guard let byte = frames[frame].indices.randomElement(using: &chance) else { return }
            if Bool.random(using: &chance) {
                frames[frame][byte] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
            } else {
                frames[frame][byte] = Self.edges.randomElement(using: &chance) ?? 0
            }
        }
    }
}
