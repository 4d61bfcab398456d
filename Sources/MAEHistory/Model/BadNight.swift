/// A night whose outputs are not those of the night before.
public struct BadNight: Sendable, Hashable {
    /// What is otherwise.
    public enum Kind: String, Sendable {
        /// Most nodes give other bits than before.
        case changed
        /// Some nodes give other bits than most.
        case divided
    }

    /// Index of the night.
    public let night: Int
    /// What is otherwise.
    public let kind: Kind
    /// Indices of the series of outputs that it shows in.
    public let outputs: [Int]
    /// The nodes that give other bits than most; empty where most changed.
    public let nodes: [String]
    /// What changed that night and may be the cause: indices in ``SeriesHistory/changes``.
    public let changes: [Int]

    /// All of a series, in the order of nights.
    static func all(_ outputs: [OutputSeries], _ changes: [Change]) -> [BadNight] {
        var changed: [Int: [Int]] = [:]
        var divided: [Int: (outputs: [Int], nodes: Set<String>)] = [:]
        for (number, output) in outputs.enumerated() {
            for part in output.breaks {
                if part.isChanged { changed[part.night, default: []].append(number) }
                guard !part.nodes.isEmpty else { continue }
                divided[part.night, default: ([], [])].outputs.append(number)
                divided[part.night, default: ([], [])].nodes.formUnion(part.nodes)
            }
        }
        let byNight = Dictionary(grouping: changes.indices) { changes[$0].night }
        return Set(changed.keys).union(divided.keys).sorted().flatMap { night -> [BadNight] in
            let all = byNight[night] ?? []
            var nights: [BadNight] = []
            if let outputs = changed[night] {
                nights.append(BadNight(night: night, kind: .changed, outputs: outputs, nodes: [], changes: all))
            }
            if let (outputs, nodes) = divided[night] {
                // What changed on other nodes alone is no cause.
                let causes = all.filter { changes[$0].nodes.isEmpty || !nodes.isDisjoint(with: changes[$0].nodes) }
                nights.append(
                    BadNight(night: night, kind: .divided, outputs: outputs, nodes: nodes.sorted(), changes: causes))
            }
            return nights
        }
    }
}
