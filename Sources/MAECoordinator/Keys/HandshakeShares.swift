/// How many handshakes each key has had, each of which takes the time of some dozens of messages.
///
/// A worker connects again after a tenth of a second at the earliest, and after ten seconds where that goes on.
struct HandshakeShares {
    private static let credit = 64.0
    private static let creditPerSecond = 2.0

    private struct Account {
        var credit: Double
        var time: ContinuousClock.Instant
    }

    /// By key: only of those that may take part.
    private var accounts: [[UInt8]: Account] = [:]

    /// Takes one handshake from the credit of a key; false when it has none left.
    mutating func charge(_ identity: [UInt8], now: ContinuousClock.Instant) -> Bool {
        var account = accounts[identity] ?? Account(credit: Self.credit, time: now)
        account.credit = min(Self.credit, account.credit + (now - account.time) / .seconds(1) * Self.creditPerSecond)
        account.time = now
        defer { accounts[identity] = account }
        guard account.credit >= 1 else { return false }
        account.credit -= 1
        return true
    }
}
