/// A set of rows of the shard table, such as those that a node has run.
///
/// A bit for each row where a node runs most of them, and two bytes for each row in it where it runs few: as in Roaring bitmaps
/// (Chambi, Lemire, Kaser and Godin, 2016).
struct RowSet: Sendable, Equatable {
    private enum Block: Sendable, Equatable {
        /// The rows within the block, ascending.
        case few([UInt16])
        case many([UInt64])
    }

    private static let blockSize = 1 << 16
    /// From here on, the bits of a block take less than its rows.
    private static let mostFew = blockSize / 16

    private var blocks: [Block] = []

    func contains(_ row: Int) -> Bool {
        let index = row / Self.blockSize
        guard row >= 0, index < blocks.count else { return false }
        let place = UInt16(row % Self.blockSize)
        switch blocks[index] {
        case .few(let rows):
            let found = rows.index(notBelow: place)
            return found < rows.count && rows[found] == place
        case .many(let words): return words[Int(place) / 64] >> UInt64(place % 64) & 1 == 1
        }
    }

    mutating func insert(_ row: Int) {
        guard !contains(row) else { return }
        let index = row / Self.blockSize
        while blocks.count <= index { blocks.append(.few([])) }
        let place = UInt16(row % Self.blockSize)
        switch take(index) {
        case .few(var rows) where rows.count < Self.mostFew:
            rows.insert(place, at: rows.index(notBelow: place))
            blocks[index] = .few(rows)
        case .few(let rows):
            var words = [UInt64](repeating: 0, count: Self.blockSize / 64)
            for place in rows + [place] { words[Int(place) / 64] |= 1 << UInt64(place % 64) }
            blocks[index] = .many(words)
        case .many(var words):
            words[Int(place) / 64] |= 1 << UInt64(place % 64)
            blocks[index] = .many(words)
        }
    }

    mutating func remove(_ row: Int) {
        guard contains(row) else { return }
        let index = row / Self.blockSize
        let place = UInt16(row % Self.blockSize)
        switch take(index) {
        case .few(var rows):
            rows.remove(at: rows.index(notBelow: place))
            blocks[index] = .few(rows)
        case .many(var words):
            words[Int(place) / 64] &= ~(1 << UInt64(place % 64))
            blocks[index] = .many(words)
        }
    }

    /// Takes a block out, so that what it holds is changed in place.
    private mutating func take(_ index: Int) -> Block {
        let block = blocks[index]
        blocks[index] = .few([])
        return block
    }
}
