import MAETensor
import MAEText
import MAEVerify

/// Which results of each batch have the same bits: what a reader wants to know of n² pairs.
struct BitGroups {
    /// Results of one batch that have one output and fared alike.
    struct Group: Hashable {
        /// The first letters of the output's digest.
        var digest: String
        /// Which results they are, by method and node.
        var words: String
        var count: Int
        var status: Matrix.Status
        /// How far they lie from what the batch is set against; nil where the bits are equal or nothing was measured.
        var maximum: Double?, rms: Double?
        /// Index of the first of them in ``Comparison/cells``.
        var first: Int
    }

    /// Batches that are parted alike.
    struct Parting {
        var batches: [Int]
        /// The group that the others are set against first, then the largest.
        ///
        /// Digests, figures and indices are those of the first batch.
        var groups: [Group]

        /// Whether all results have the same bits.
        var isWhole: Bool { groups.count == 1 && groups[0].status == .identical }
    }

    /// Those with more groups first.
    let partings: [Parting]

    init(_ comparison: Comparison) {
        let matrix = Matrix(comparison)
        let cells = comparison.cells
        let methods = comparison.methods.map(\.label)
        var order: [[Group]] = []
        var batches: [[Group]: [Int]] = [:]
        var partings: [[Group]: [Group]] = [:]
        for (batch, members) in Dictionary(grouping: cells.indices, by: { cells[$0].batch.index }).sorted(by: {
            $0.key < $1.key
        }) {
            let groups = Self.groups(members, cells, matrix, methods)
            // Batches have other digests and figures; what makes them alike is who is with whom.
            let isWhole = groups.count == 1 && groups[0].status == .identical
            let key =
                isWhole
                ? [Group(digest: "", words: "", count: 0, status: .identical, first: 0)]
                : groups.map {
                    Group(digest: "", words: $0.words, count: $0.count, status: $0.status, first: 0)
                }
            if batches[key] == nil {
                order.append(key)
                partings[key] = groups
            }
            batches[key, default: []].append(batch)
        }
        self.partings = order.map { Parting(batches: batches[$0] ?? [], groups: partings[$0] ?? []) }
            .enumerated().sorted { ($1.element.groups.count, $0.offset) < ($0.element.groups.count, $1.offset) }
            .map(\.element)
    }

    private static func groups(
        _ members: [Int], _ cells: [Observation], _ matrix: Matrix, _ methods: [String]
    ) -> [Group] {
        struct Key: Hashable {
            let output: SHA256Digest
            let status: Matrix.Status
        }
        func status(_ index: Int) -> Matrix.Status {
            let cell = cells[index].cell
            return matrix[cell.node, cell.method, cell.batch]?.status ?? .identical
        }
        var order: [Key] = []
        var groups: [Key: [Int]] = [:]
        for member in members {
            let key = Key(output: cells[member].digests.layernorm, status: status(member))
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(member)
        }
        let reference = members.first.flatMap { matrix.references[cells[$0].batch.index] }
        let all = Dictionary(grouping: members.map { cells[$0].cell }, by: \.method).mapValues { $0.map(\.node) }
        return order.map { key in
            let inside = groups[key] ?? []
            let metrics = matrix.difference(of: cells[inside[0]].cell)
            let group = Group(
                digest: "\(key.output)".prefix(8).description,
                words: words(inside.map { cells[$0].cell }, all: all, methods), count: inside.count,
                status: key.status, maximum: metrics?.maximum, rms: metrics?.rms, first: inside[0])
            return (group: group, isReference: inside.contains { $0 == reference })
        }.enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            guard one.isReference == other.isReference else { return one.isReference }
            return (other.group.count, left.offset) < (one.group.count, right.offset)
        }.map(\.element.group)
    }

    /// `every method on every node`, `` `full` on n1, n2 and 26 more; `state-dict` on n3 ``.
    private static func words(_ group: [Cell], all: [String: [String]], _ methods: [String]) -> String {
        let mine = Dictionary(grouping: group, by: \.method).mapValues { $0.map(\.node) }
        var parts: [(methods: [String], nodes: [String])] = []
        for method in methods {
            guard let nodes = mine[method] else { continue }
            if let index = parts.firstIndex(where: { $0.nodes == nodes }) {
                parts[index].methods.append(method)
            } else {
                parts.append(([method], nodes))
            }
        }
        let every = Set(all.values.joined()).count
        let words = parts.map { part in
            let isAll = part.methods.count == all.count && all.count > 1
            let who = isAll ? "every method" : NumberText.list(part.methods.map { "`\($0)`" })
            let nodes = part.nodes.count == every && every > 1 ? "every node" : NumberText.list(part.nodes, limit: 6)
            return "\(who) on \(nodes)"
        }
        return NumberText.list(words, limit: 6)
    }
}
