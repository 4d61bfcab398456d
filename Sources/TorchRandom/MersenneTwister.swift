import CTorchRandom

/// MT19937 as PyTorch seeds and reads it.
struct MersenneTwister: Sendable {
    private var state: [UInt32]
    /// Words of the current block that were handed out.
    private var consumed: Int
    private let instructions: TorchGenerator.Instructions

    private static let blockSize = Int(TORCH_RANDOM_STATE_WORDS)

    /// Knuth's initialization from one word.
    init(seed: UInt32, instructions: TorchGenerator.Instructions) {
        state = [seed]
        state.reserveCapacity(Self.blockSize)
        for index in 1..<UInt32(Self.blockSize) {
            let previous = state[Int(index) - 1]
            state.append(1_812_433_253 &* (previous ^ previous >> 30) &+ index)
        }
        consumed = Self.blockSize
        self.instructions = instructions
    }

    /// Fills `buffer` with uniform numbers, one word each.
    mutating func fillUniform(_ buffer: UnsafeMutableBufferPointer<Float>) {
        var filled = 0
        while filled < buffer.count {
            let words = nextWords(atMost: buffer.count - filled)
            state.withUnsafeBufferPointer { state in
                let words = UnsafeBufferPointer(rebasing: state[words])
                let target = UnsafeMutableBufferPointer(rebasing: buffer[filled...])
                torch_random_uniform(words.baseAddress, words.count, target.baseAddress, instructions == .avx2)
            }
            filled += words.count
        }
    }

    /// Passes over `count` words.
    mutating func skip(_ count: Int) {
        var remaining = count
        while remaining > 0 { remaining -= nextWords(atMost: remaining).count }
    }

    /// A uniform number in [0, 1) with 53 random bits, made of two words: the first is the upper half.
    mutating func nextDouble() -> Double {
        let upper = UInt64(nextWord())
        let lower = UInt64(nextWord())
        return Double((upper << 32 | lower) & (1 << 53 - 1)) * 0x1p-53
    }

    private mutating func nextWord() -> UInt32 {
        var word = state[nextWords(atMost: 1).lowerBound]
        word ^= word >> 11
        word ^= word << 7 & 0x9D2C_5680
        word ^= word << 15 & 0xEFC6_0000
        return word ^ word >> 18
    }

    /// Takes up to `limit` words of the current block, or of the next one when it is used up; at least one.
    private mutating func nextWords(atMost limit: Int) -> Range<Int> {
        if consumed == Self.blockSize {
            state.withUnsafeMutableBufferPointer { torch_random_advance($0.baseAddress, instructions == .avx2) }
            consumed = 0
        }
        let words = consumed..<min(consumed + limit, Self.blockSize)
        consumed = words.upperBound
        return words
    }
}
