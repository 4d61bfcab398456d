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

    /// The same sides, those of witnesses alone behind the others, and those last whose nodes the referee all contradicts; where the largest are of one size then, the one whose
    /// nodes are disputed least comes first.
    init(_ split: Split, decidedBy disputes: Disputes, _ cells: [Observation]) {
        let ranks = split.sides.map { side in
            side.allSatisfy { disputes.isRefuted(cells[$0].node.name) }
                ? 2 : side.allSatisfy { cells[$0].node.isWitness } ? 1 : 0
        }
        let ranked = split.sides.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
        let sides = ranked.map { split.sides[$0] }
        let leading = ranked.prefix { ranks[$0] == ranks[ranked[0]] }.count
        let largest = sides.prefix(leading).prefix { $0.count == sides[0].count }
        guard largest.count > 1 else {
            (self.sides, isTie) = (sides, false)
            return
        }
        let rates = largest.map { side in side.reduce(0.0) { $0 + disputes.rate(of: cells[$1].node.name) } }
        let order = rates.indices.sorted { (rates[$0], $0) < (rates[$1], $1) }
        self.sides = order.map { sides[$0] } + sides[rates.count...]
        isTie = rates[order[0]] == rates[order[1]]
    }

    /// Whether no side outweighs all others, so that none can be outvoted.
    let isTie: Bool

    /// Every side but the largest.
    var odd: ArraySlice<[Int]> { sides.dropFirst() }
}
