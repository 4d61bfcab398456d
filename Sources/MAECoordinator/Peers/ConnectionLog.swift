import Logging
import MAEText
import Synchronization
import ZeroMQ

/// Writes what happens to connections into the log and the report; for threads of the socket.
final class ConnectionLog: Sendable {
    private let hasKeys: Bool
    private let refusals: RefusalList
    private let log: Logger
    /// By reason, so that a flood of one kind hides no first of another.
    private let counts = Mutex<[String: SparseCount]>([:])
    private let addresses = Mutex<Set<PeerAddress>>([])
    private static let mostAddresses = 1024

    init(hasKeys: Bool, _ refusals: RefusalList, _ log: Logger) {
        self.hasKeys = hasKeys
        self.refusals = refusals
        self.log = log
    }

    /// Takes in a notice.
    func note(_ notice: ConnectionNotice) {
        switch notice {
        case .cut(let bytes, let userID):
            let owner = CurvePublicKey(z85: userID).map { " of the key \($0)" } ?? ""
            guard let times = count("cut\(owner)") else { return }
            log.error(
                "a connection\(owner) was cut (\(times) times so far): it had sent \(bytes) bytes that are no whole messages"
            )
        case .cutSilent(let count):
            let reason = "too many connections over which nothing was said"
            refusals.add(reason)
            guard let times = self.count(reason) else { return }
            log.warning("\(count) connections were cut (\(times) times so far): there were \(reason)")
        case .cutExcess(let userID, let count):
            let reason = "too many connections with one key"
            refusals.add(reason)
            let key = CurvePublicKey(z85: userID).map { " \($0)" } ?? ""
            guard let times = self.count(reason + key) else { return }
            log.warning("\(count) connections of the key\(key) were cut (\(times) times so far): it had \(reason)")
        case .cutBroken(let address, let count):
            let reason = "too many handshakes from one address came to nothing"
            refusals.add(reason)
            guard let times = self.count(reason, of: address) else { return }
            log.warning("\(count) connections from \(address) were cut (\(times) times so far): \(reason)")
        case .cutOpen(let address, let count):
            let reason = "too many connections from one address"
            refusals.add(reason)
            guard let times = self.count(reason, of: address) else { return }
            log.warning("\(count) connections from \(address) were cut (\(times) times so far): there were \(reason)")
        // The authorizer has logged a refusal, with the key.
        case .event(.refused), .event(.accepted), .event(.connected), .event(.disconnected),
            .event(.handshakeSucceeded):
            break
        // A probe, or a worker that ended just then: neither was refused.
        case .event(.abandoned):
            if let times = count("abandoned") {
                log.debug("a peer closed its connection before it said who it is (\(times) so far)")
            }
        case .event(.mechanismMismatch):
            turnedAway(
                hasKeys
                    ? "it uses no keys; give its mae-worker a node file with --key"
                    : "it uses keys; start mae-coord with --secure, or its mae-worker without --key")
        case .event(.handshakeFailed):
            turnedAway(
                hasKeys
                    ? "it has another public key for this coordinator, or speaks another protocol"
                    : "it speaks another protocol")
        }
    }

    private func turnedAway(_ reason: String) {
        refusals.add(reason)
        guard let count = count(reason) else { return }
        log.warning("a peer was turned away (\(count) so far): \(reason)")
    }

    /// Counts one more line of a kind about an address; addresses beyond so many are counted together.
    private func count(_ kind: String, of address: PeerAddress) -> Int? {
        let isCounted = addresses.withLock { addresses in
            if addresses.count < Self.mostAddresses { addresses.insert(address) }
            return addresses.contains(address)
        }
        return count("\(kind) \(isCounted ? "\(address)" : "")")
    }

    /// Counts one more line of a kind; the count when it is to be written.
    private func count(_ kind: String) -> Int? {
        counts.withLock { counts in
            // Kinds that name a key are as many as there are keys that may connect.
            counts[kind, default: SparseCount()].next()
        }
    }
}
