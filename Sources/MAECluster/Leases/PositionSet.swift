/// A set of positions counted from 0, all of them in it to begin with.
///
/// Blocks of positions that are all in, or all out, take one word: a million places that were never looked at cost
/// next to nothing. Looking for the next position skips what is out 64 at a time, and whole blocks at once.
struct PositionSet: Sendable, Equatable {
    private enum Block: Sendable, Equatable {
        case full, empty
        case mixed([UInt64])
    }

    private static let wordsInBlock = 64
    private static let blockSize = 64 * wordsInBlock

    private var blocks: [Block] = []
    /// One past the highest position that there is.
    private(set) var end = 0
    /// How many positions are in the set.
    private(set) var count = 0

    /// The positions `0 ..< end`.
    init(end: Int) {
        append(end)
    }

    /// Puts `more` positions at the end, all of them in the set.
    mutating func append(_ more: Int) {
        // The last block is full up to the old end only; the rest of its bits mean nothing until now.
        let old = end
        end += more
        while blocks.count * Self.blockSize < end { blocks.append(.full) }
        count += more
        guard old % Self.blockSize != 0, blocks[old / Self.blockSize] != .full else { return }
        for position in old..<min(end, (old / Self.blockSize + 1) * Self.blockSize) { set(position, true) }
    }

    func contains(_ position: Int) -> Bool {
        guard position >= 0, position < end else { return false }
        switch blocks[position / Self.blockSize] {
        case .full: return true
        case .empty: return false
        case .mixed(let words):
            return words[position % Self.blockSize / 64] >> UInt64(position % 64) & 1 == 1
        }
    }

    mutating func insert(_ position: Int) {
        guard !contains(position) else { return }
        set(position, true)
        count += 1
    }

    mutating func remove(_ position: Int) {
        guard contains(position) else { return }
        set(position, false)
        count -= 1
    }

    /// The first position in the set that is not below `start`.
    func next(from start: Int) -> Int? {
        var position = start
        while position < end {
            switch blocks[position / Self.blockSize] {
            case .full: return position
            case .empty: position = (position / Self.blockSize + 1) * Self.blockSize
            case .mixed(let words):
                let first = position % Self.blockSize
                var word = first / 64
                var bits = words[word] & (~0 << UInt64(first % 64))
                while bits == 0, word + 1 < Self.wordsInBlock {
                    word += 1
                    bits = words[word]
                }
                let base = position / Self.blockSize * Self.blockSize
                if bits != 0 {
                    let found = base + word * 64 + bits.trailingZeroBitCount
                    return found < end ? found : nil
                }
                position = base + Self.blockSize
            }
        }
        return nil
    }

    private mutating func set(_ position: Int, _ isIn: Bool) {
        let index = position / Self.blockSize
        var words: [UInt64]
        switch blocks[index] {
        case .full: words = Array(repeating: ~0, count: Self.wordsInBlock)
        case .empty: words = Array(repeating: 0, count: Self.wordsInBlock)
        case .mixed(let existing): words = existing
        }
        // The block lets go of its words first, so that they are changed in place.
        blocks[index] = .empty
        let word = position % Self.blockSize / 64
        let bit = UInt64(1) << UInt64(position % 64)
        words[word] = isIn ? words[word] | bit : words[word] & ~bit
        blocks[index] = words[word] == 0 && words.allSatisfy { $0 == 0 } ? .empty : .mixed(words)
    }
}
