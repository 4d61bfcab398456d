/// How many handshakes from each address came to nothing, of which each takes some hundred microseconds of the thread that all share.
struct BrokenHandshakes {
    /// Addresses that are kept before those are dropped whose credit is full again.
    private static let mostAddresses = 4096

    private struct Account {
        var credit: Double
        var time: ContinuousClock.Instant
    }

    private let atOnce, perSecond: Double
    private var accounts: [PeerAddress: Account] = [:]

    init(_ limits: ConnectionLimits) {
        atOnce = Double(limits.brokenHandshakes.atOnce)
        perSecond = Double(limits.brokenHandshakes.perSecond)
    }

    /// Counts one.
    mutating func note(_ address: PeerAddress, now: ContinuousClock.Instant) {
        if accounts.count >= Self.mostAddresses {
            accounts = accounts.filter { refilled($0.value, now).credit < atOnce }
            // Strangers that have so many addresses: those that come later are not counted.
            guard accounts.count < Self.mostAddresses || accounts[address] != nil else { return }
        }
        var account = refilled(accounts[address] ?? Account(credit: atOnce, time: now), now)
        account.credit = max(account.credit - 1, 0)
        accounts[address] = account
    }

    /// Whether an address has had more than its share.
    func isOver(_ address: PeerAddress, now: ContinuousClock.Instant) -> Bool {
        accounts[address].map { refilled($0, now).credit < 1 } ?? false
    }

    private func refilled(_ account: Account, _ now: ContinuousClock.Instant) -> Account {
        let credit = account.credit + (now - account.time) / .seconds(1) * perSecond
        return Account(credit: min(atOnce, credit), time: now)
    }
}
