import MAECluster
import MAEDomain

/// The peers that were over their share, and until when what they say is not looked at.
///
/// A key is kept out for twice as long each time. Connections without keys have no name that they keep, and are kept out for the
/// shortest time.
struct Exclusions {
    /// For how long the first time: less than it takes for a node to be lost.
    static let shortest = Duration.seconds(5)
    private static let longest = Duration.seconds(300)
    /// For how long after its exclusion a key must keep to its share until it counts as one that always did.
    private static let memory = Duration.seconds(600)

    private struct Entry {
        let isOfKey: Bool
        let end: Instant
        let duration: Duration
        /// Connections that were cut since the last exclusion began: a key has several, and which ones is known only when they speak.
        var cut: Set<[UInt8]> = []
    }

    private var entries: [[UInt8]: Entry] = [:]

    /// Keeps a peer out from now on; returns for how long.
    mutating func add(_ peer: Peer, now: Instant) -> Duration {
        entries = entries.filter { now < $0.value.end + ($0.value.isOfKey ? Self.memory : .zero) }
        var duration = Self.shortest
        let isOfKey = !peer.identity.isEmpty
        if isOfKey, let former = entries[peer.account] { duration = min(former.duration * 2, Self.longest) }
        entries[peer.account] = Entry(isOfKey: isOfKey, end: now + duration, duration: duration)
        return duration
    }

    /// Whether a peer is kept out.
    func contains(_ peer: Peer, now: Instant) -> Bool {
        guard !entries.isEmpty, let entry = entries[peer.account] else { return false }
        return now < entry.end
    }

    /// Whether the connection of a peer that is kept out has yet to be cut; it counts as cut from then on.
    mutating func takesCut(_ peer: Peer) -> Bool {
        guard let entry = entries[peer.account], !entry.cut.contains(peer.route), entry.cut.count < Self.mostCut else {
            return false
        }
        entries[peer.account]?.cut.insert(peer.route)
        return true
    }

    private static let mostCut = 1024
}
