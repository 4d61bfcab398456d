import MAEWire
import WireTestSupport

/// Messages from a peer: frames divided by a mark that mutations seldom hit.
enum WireTarget: FuzzTarget {
    private static let mark: [UInt8] = [0xF7, 0x6D, 0x61, 0x65]

    static func run(_ input: UnsafeRawBufferPointer) {
        guard let envelope = try? Envelope(frames: frames(Array(input))) else { return }
        // What is read can be sent, and is then the same.
        guard let again = try? Envelope(frames: envelope.frames()), again == envelope else {
            fatalError("a message that was read cannot be sent again: \(envelope)")
        }
    }

    static func seeds() throws -> [[UInt8]] {
        try Samples.envelopes.map { Array(try $0.frames().joined(separator: mark)) }
    }

    private static func frames(_ input: [UInt8]) -> [[UInt8]] {
        input.split(separator: mark, maxSplits: WireLimits.frames, omittingEmptySubsequences: false).map(Array.init)
    }
}
