import MAETensor

/// The output of one batch by one method, night by night.
public struct OutputSeries: Sendable {
    /// What most nodes gave in one night.
    public struct Entry: Sendable, Hashable {
        /// The digest of the layernorm output that most nodes gave: an index in ``SeriesHistory/digests``.
        public let digest: Int
        /// Names of nodes that gave other bits, sorted.
        public let others: [String]
    }

    /// Label of the method.
    public let method: String
    /// The batch in words.
    public let batch: String
    /// An entry for each night of the series; nil where no node computed it.
    public internal(set) var entries: [Entry?]

    /// The nights that are no longer like the night before: most nodes have other bits, or further nodes have.
    var breaks: [(night: Int, isChanged: Bool, nodes: [String])] {
        var last: Entry?
        var breaks: [(night: Int, isChanged: Bool, nodes: [String])] = []
        for (night, entry) in entries.enumerated() {
            guard let entry else { continue }
            let isChanged = last.map { $0.digest != entry.digest } ?? false
            let nodes = entry.others.filter { !(last?.others.contains($0) ?? false) }
            if isChanged || !nodes.isEmpty { breaks.append((night, isChanged, nodes)) }
            last = entry
        }
        return breaks
    }
}
