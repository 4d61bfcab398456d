/// Cells parted by what they saw: the side most of them are on, and the odd ones.
struct Split {
    /// The sides, the largest first; sides of one size in the order of their first cell.
    let sides: [[Int]]

    /// Parts `cells` by `key`.
    init<Key: Hashable>(_ cells: [Int], by key: (Int) -> Key) {
        var order: [Key] = []
        var members: [Key: [Int]] = [:]
        for cell in cells {
            let key = key(cell)
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(cell)
        }
        sides = order.compactMap { members[$0] }.enumerated()
            .sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(\.element)
    }

    /// Whether no side is larger than all others, so that nobody can be outvoted.
    var isTie: Bool { sides.count > 1 && sides[0].count == sides[1].count }

    /// Every side but the largest.
    var odd: ArraySlice<[Int]> { sides.dropFirst() }
}
