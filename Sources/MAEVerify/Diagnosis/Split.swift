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
        isTie = sides.count > 1 && sides[0].count == sides[1].count
    }

    /// The same sides; where the largest are of one size, the one whose nodes are disputed least comes first.
    init(_ split: Split, decidedBy disputes: Disputes, _ cells: [Observation]) {
        guard split.isTie else {
            self = split
            return
        }
        let size = split.sides[0].count
        let rates = split.sides.prefix { $0.count == size }.map { side in
            side.reduce(0.0) { $0 + disputes.rate(of: cells[$1].node.name) }
        }
        let order = rates.indices.sorted { (rates[$0], $0) < (rates[$1], $1) }
        sides = order.map { split.sides[$0] } + split.sides[rates.count...]
        isTie = rates[order[0]] == rates[order[1]]
    }

    /// Whether no side outweighs all others, so that none can be outvoted.
    let isTie: Bool

    /// Every side but the largest.
    var odd: ArraySlice<[Int]> { sides.dropFirst() }
}
