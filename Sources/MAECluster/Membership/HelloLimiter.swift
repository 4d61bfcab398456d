/// Counts the messages of peers that are no members, so that a flood costs no memory and little work.
///
/// Counts start again with each window. A peer over its limit is told so once a window, then ignored. Connections of one key
/// count together.
struct HelloLimiter: Sendable {
    enum Verdict { case pass, refuse, ignore }

    let window: Duration
    let perPeer: Int
    let inAll: Int
    private(set) var windowEnd: Instant?
    private var counts: [[UInt8]: Int] = [:]
    private var total = 0

    init(policy: ClusterPolicy) {
        window = policy.helloWindow
        perPeer = policy.hellosPerPeer
        inAll = policy.hellosInAll
    }

    /// Counts one message of `peer` and says what to do with it.
    mutating func count(_ peer: Peer, now: Instant) -> Verdict {
        if windowEnd.map({ now >= $0 }) ?? true {
            windowEnd = now + window
            counts.removeAll(keepingCapacity: true)
            total = 0
        }
        let name = peer.identity.isEmpty ? peer.route : peer.identity
        let count = counts[name, default: 0]
        if count > perPeer { return .ignore }
        // Each peer in the table has used up some of the total: the table stays small.
        guard total < inAll else { return .ignore }
        total += 1
        counts[name] = count + 1
        return count < perPeer ? .pass : .refuse
    }
}
