import MAETensor

/// A small generator seeded by a text, so that equal texts give equal values.
struct Xorshift: RandomNumberGenerator {
    private var state: UInt64

    init(_ text: String) {
        state = SHA256Digest.of(text).bytes.prefix(8).reduce(1) { $0 << 8 | UInt64($1) } | 1
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
