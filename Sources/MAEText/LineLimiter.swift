/// Says which lines of a log are worth writing where peers decide how many there are.
///
/// Of one kind, about one peer, the first ones are written, and then one for each doubling of their count. So a flood fills no
/// log, and what happens now and then is told each time.
public struct LineLimiter: Sendable {
    private struct Key: Hashable {
        let kind: String
        let peer: String
    }

    /// Lines of a kind about a peer that are all written.
    public static let written = 32
    /// Peers that are counted for themselves; those that come later are counted together.
    private static let mostPeers = 1024

    private var counts: [Key: Int] = [:]
    private var peers: Set<String> = []

    /// Nothing was written yet.
    public init() {}

    /// Counts one more line of `kind` about `peer`; its number when it is to be written, else nil.
    public mutating func next(_ kind: String, about peer: String = "") -> Int? {
        let isCounted = peers.contains(peer) || peers.count < Self.mostPeers
        if isCounted { peers.insert(peer) }
        let count = counts[Key(kind: kind, peer: isCounted ? peer : ""), default: 0] + 1
        counts[Key(kind: kind, peer: isCounted ? peer : "")] = count
        return count <= Self.written || count & (count - 1) == 0 ? count : nil
    }
}

extension LineLimiter {
    /// What a line says of its number: nothing while all are written.
    public static func suffix(_ count: Int) -> String { count > written ? " (\(count) times so far)" : "" }
}
