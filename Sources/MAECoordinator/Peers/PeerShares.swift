import MAECluster
import MAEDomain

/// What each peer takes of the coordinator's time without bringing the run forward.
///
/// Results that are awaited and chunks that a node needs are free, however many there are: a fast node has many. Everything else
/// costs credit, which comes back at a rate that no honest worker reaches. A peer without credit is over its share. Counted by
/// key, so that several connections have one share, and by connection where no keys are used.
struct PeerShares {
    /// What a peer may use up at once; a small message costs one.
    static let credit = 1024.0
    /// Bytes that cost as much as one message more, and the most that a message costs: what is repeated after a new connection
    /// may be large.
    private static let bytesPerCredit = 64 << 10
    private static let mostPerMessage = 512
    /// Accounts that are kept before those are dropped that are full again.
    private static let mostAccounts = 4096

    private struct Account {
        var credit = PeerShares.credit
        var time: Instant

        mutating func refill(_ perSecond: Double, _ now: Instant) {
            credit = min(PeerShares.credit, credit + (now - time) / .seconds(1) * perSecond)
            time = now
        }
    }

    private var accounts: [[UInt8]: Account] = [:]
    /// What comes back in a second: several times the heartbeats that are asked for.
    private let creditPerSecond: Double

    /// Shares of peers that are asked for a heartbeat at this interval.
    init(heartbeatInterval: Duration = .seconds(1)) {
        creditPerSecond = max(64, 4 / max(heartbeatInterval / .seconds(1), 0.001))
    }

    /// What a message of so many bytes costs.
    static func cost(bytes: Int) -> Int { min(1 + bytes / bytesPerCredit, mostPerMessage) }

    /// Takes `cost` from the credit of a peer; false when it is over its share.
    mutating func charge(_ cost: Int, to peer: Peer, now: Instant) -> Bool {
        if accounts.count >= Self.mostAccounts { dropFull(now) }
        var account = accounts[peer.account] ?? Account(time: now)
        account.refill(creditPerSecond, now)
        // No more than is to be given back in the time that the peer is kept out.
        account.credit = max(account.credit - Double(cost), 0)
        accounts[peer.account] = account
        return account.credit > 0
    }

    private mutating func dropFull(_ now: Instant) {
        accounts = accounts.filter {
            var account = $0.value
            account.refill(creditPerSecond, now)
            return account.credit < Self.credit
        }
    }
}

extension Peer {
    /// By what a peer is counted: its key, or its connection where no keys are used.
    var account: [UInt8] { identity.isEmpty ? route : identity }
}
