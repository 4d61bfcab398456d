/// A node, night by night.
public struct NodeHistory: Sendable {
    /// Its name.
    public let name: String
    /// How it fared in each night of the series.
    public internal(set) var states: [NightState]
    /// What there is to say of a night, by its index.
    public internal(set) var remarks: [Int: String] = [:]
    /// Median seconds of the encoder in each night; nil where there is none.
    public internal(set) var forward: [Double?]
    /// Median seconds of those loads that read a checkpoint.
    public internal(set) var load: [Double?]

    init(name: String, nights: Int) {
        self.name = name
        states = Array(repeating: .notRun, count: nights)
        forward = Array(repeating: nil, count: nights)
        load = Array(repeating: nil, count: nights)
    }

    /// How many nights were of a state.
    public func count(_ state: NightState) -> Int { states.count { $0 == state } }
}

/// A node with nights that count against it, and others.
public struct FlakyNode: Sendable {
    /// How its bad nights lie.
    public enum Pattern: Sendable {
        /// Bad nights and good ones after them.
        case nowAndThen
        /// Every night since the one of this index.
        case since(Int)
    }

    /// Its name.
    public let name: String
    /// Nights in which it took part or was missed.
    public let nights: Int
    /// Nights with other bits, and nights in which it was lost.
    public let otherBits: Int, lost: Int
    /// How they lie.
    public let pattern: Pattern
    /// Indices of the bad nights.
    public let bad: [Int]

    /// Nil for a node without bad nights, or with no others.
    init?(_ node: NodeHistory) {
        let taken = node.states.indices.filter { node.states[$0] != .notRun }
        bad = taken.filter { node.states[$0].isBad }
        guard let first = bad.first, bad.count < taken.count else { return nil }
        (name, nights) = (node.name, taken.count)
        (otherBits, lost) = (node.count(.otherBits), node.count(.lost))
        pattern = bad == taken.filter { $0 >= first } ? .since(first) : .nowAndThen
    }
}
