import Logging
import MAECluster
import MAEDomain
import MAEFiles
import MAEKeys
import Synchronization
import ZeroMQ

/// Which keys may take part in a run, as the key folder says now.
///
/// The authenticator's thread asks at each handshake, the coordinator's own thread at each message; the latter reads the
/// folder again once it has changed.
final class KeyAuthorizer: Sendable {
    /// How often the folder is checked for changes.
    static let interval = Duration.seconds(1)

    private struct State {
        var nodes: [[UInt8]: NodeID]
        /// Whose keys may not take part any more.
        var revoked: [[UInt8]: NodeID]
        var stamp: KeyFolderStamp
        var logsRefusals = false
        var refusalCounts = RefusalCounts()
        var handshakes = HandshakeShares()
        /// How often keys were kept out for connecting too often.
        var tooMany = SparseCount()
        /// Until when keys are not let in, though they may take part.
        var keptOut: [[UInt8]: ContinuousClock.Instant] = [:]
    }

    private let folder: KeyFolder
    /// Nodes that have keys for this run alone, by their keys.
    private let extraKeys: [[UInt8]: NodeID]
    private let refusals: RefusalList
    private let log: Logger
    private let state: Mutex<State>
    /// For reading the folder: strangers may use up all others by connecting.
    private let descriptors = DescriptorReserve(4)

    /// Reads the folder; anything in it that cannot be trusted is an error.
    ///
    /// `extraKeys` may take part too. Throws `KeyError`.
    init(
        _ folder: KeyFolder, extraKeys: [NodeID: CurvePublicKey] = [:], _ refusals: RefusalList, _ log: Logger
    ) throws(KeyError) {
        self.refusals = refusals
        self.folder = folder
        self.extraKeys = Dictionary(uniqueKeysWithValues: extraKeys.map { ($0.value.userID, $0.key) })
        self.log = log
        let stamp = folder.stamp()
        let list = try folder.list()
        if let fault = list.faults.first { throw fault }
        state = Mutex(
            State(
                nodes: Self.nodes(of: list, extraKeys: self.extraKeys), revoked: Self.revoked(of: list), stamp: stamp))
        if list.nodes.isEmpty, extraKeys.isEmpty {
            log.notice("no node has a key yet: add nodes with `mae-coord keys add`")
        }
    }

    /// Whether a key may connect; refusals are logged once workers are served.
    func authorizes(_ client: Authenticator.Client) -> Bool {
        let identity = client.key.userID
        if delay(of: client) > .zero { return false }
        let verdict = state.withLock { state in
            guard let node = state.nodes[identity] else { return Verdict.unknown }
            let now = ContinuousClock.now
            if state.handshakes.charge(identity, now: now) { return .admitted }
            state.keptOut[identity] = now + Exclusions.shortest
            return .tooMany(node, state.tooMany.next())
        }
        switch verdict {
        case .admitted: return true
        case .unknown: noteUnknown(client)
        case .tooMany(let node, let count):
            refusals.add(peer: node.name, "its key was used for more handshakes than a worker makes")
            if let count {
                log.warning(
                    "the key of \(node) is kept out for \(Exclusions.shortest / .seconds(1)) s (\(count) times so far): it connects over and over",
                    metadata: .about(node))
            }
        }
        return false
    }

    private enum Verdict {
        case admitted
        /// The key was revoked or never added.
        case unknown
        /// It connects too often; with a count, a line is due.
        case tooMany(NodeID, Int?)
    }

    private func noteUnknown(_ client: Authenticator.Client) {
        let identity = client.key.userID
        let (isListed, owner, count) = state.withLock { state in
            guard state.logsRefusals else { return (false, NodeID?.none, Int?.none) }
            return (
                state.refusalCounts.lists(identity, at: client.address), state.revoked[identity],
                state.refusalCounts.next(at: client.address)
            )
        }
        if isListed { refuse(client.key, of: owner) }
        guard let count else { return }
        log.warning(
            "the key \(client.key) at \(client.address) was refused (\(count) refusals from there so far): it was revoked or never added"
        )
    }

    /// Notes for the report that a key was refused, which was the one of `owner` until it was revoked.
    private func refuse(_ key: CurvePublicKey, of owner: NodeID?) {
        guard let owner else {
            refusals.add(
                peer: "the key \(key)",
                "it was never added; do so with mae-coord keys add NODE --public-key, or give its worker a file that mae-coord keys "
                    + "add wrote for this folder")
            return
        }
        refusals.add(
            peer: owner.name,
            "its key was revoked; if it is to take part, make it another one with mae-coord keys add \(owner)")
    }

    /// How long an answer to a key that is kept out waits: no longer than a client waits for one.
    func delay(of client: Authenticator.Client) -> Duration {
        guard let end = state.withLock({ $0.keptOut[client.key.userID] }) else { return .zero }
        return min(max(end - .now, .zero), Exclusions.shortest)
    }

    /// Lets a key in no more for a while; those who look at messages have told why.
    func keepOut(_ identity: [UInt8], for duration: Duration) {
        let now = ContinuousClock.now
        state.withLock { state in
            state.keptOut = state.keptOut.filter { now < $0.value }
            state.keptOut[identity] = now + duration
        }
    }

    /// From now on, refusals are logged and listed: workers are served.
    func logRefusals() { state.withLock { $0.logsRefusals = true } }

    /// The node that an authenticated identity belongs to; nil for one that may not take part any more.
    func node(_ identity: [UInt8]) -> NodeID? { state.withLock { $0.nodes[identity] } }

    /// What a look at the folder has shown.
    struct Refresh {
        /// Identities that may not take part any more.
        var expelled: [[UInt8]] = []
        /// Why it is not known whether these are all, the system being unable to read everything just now; nil when it can.
        var fault: KeyError?
    }

    /// Looks at the folder again.
    ///
    /// A file that cannot be trusted any more keeps its node out, and a folder all nodes. While the system cannot read
    /// everything, those whose keys are known to be revoked are kept out, and the others are what they were.
    func refresh() -> Refresh {
        let (stamp, result) = descriptors.whileReleased { () -> (KeyFolderStamp, Result<KeyList, KeyError>?) in
            let stamp = folder.stamp()
            guard stamp != state.withLock(\.stamp) else { return (stamp, nil) }
            do throws(KeyError) {
                return (stamp, .success(try folder.list()))
            } catch { return (stamp, .failure(error)) }
        }
        var list = KeyList()
        switch result {
        case nil: return Refresh()
        case .success(let found): list = found
        case .failure(let error) where error.code == .unreadable: return Refresh(fault: error)
        case .failure(let error): log.error("the keys cannot be trusted any more: \(error)")
        }
        if let fault = list.faults.first(where: { $0.code == .unreadable }) {
            let revoked = Set(list.revoked.map(\.key.userID))
            let expelled = state.withLock { state in
                let expelled = state.nodes.keys.filter(revoked.contains)
                for identity in expelled { state.nodes[identity] = nil }
                state.revoked = Self.revoked(of: list)
                return expelled
            }
            return Refresh(expelled: expelled, fault: fault)
        }
        for fault in list.faults { log.error("a node is kept out: \(fault)") }
        let nodes = Self.nodes(of: list, extraKeys: extraKeys)
        let former = state.withLock { state in
            defer { (state.nodes, state.revoked, state.stamp) = (nodes, Self.revoked(of: list), stamp) }
            return state.nodes
        }
        for (identity, node) in nodes where former[identity] != node {
            log.notice("\(node) may take part now", metadata: .about(node))
        }
        // A key that now has another name must introduce itself again.
        return Refresh(
            expelled: former.filter { nodes[$0.key] != $0.value }.keys.sorted { $0.lexicographicallyPrecedes($1) })
    }

    private static func revoked(of list: KeyList) -> [[UInt8]: NodeID] {
        Dictionary(list.revoked.map { ($0.key.userID, $0.node) }) { first, _ in first }
    }

    private static func nodes(of list: KeyList, extraKeys: [[UInt8]: NodeID]) -> [[UInt8]: NodeID] {
        Dictionary(list.nodes.map { ($0.key.userID, $0.node) }) { first, _ in first }.merging(extraKeys) { $1 }
    }
}
