import Foundation
import MAECluster
import MAEDomain
import MAEStore

/// Says once a second how nodes are doing, for other programs that read the store.
struct StatusJournal {
    private static let interval = Duration.seconds(1)

    /// When the next entry is due.
    private(set) var next = Instant(sinceOrigin: .zero)
    private var last: [NodeID: Overview<ShardWork>.Node] = [:]

    /// Adds what has changed since the last entry, and that the coordinator is at work.
    mutating func note(_ overview: Overview<ShardWork>, now: Instant, in changes: inout Changes) {
        next = now + Self.interval
        let date = Date()
        changes.alive = date
        for node in overview.nodes where last[node.node] != node {
            last[node.node] = node
            let heard = node.lastHeard.map { date.addingTimeInterval(-((now - $0) / .seconds(1))) }
            changes.statuses[node.node.name] = NodeStatus(node, heard: heard)
        }
    }
}

extension NodeStatus {
    /// The status of a node that was heard last at `heard`.
    init(_ node: Overview<ShardWork>.Node, heard: Date?) {
        let job = node.shards.first.map { Job(method: $0.method, batch: $0.batch) }
        let (state, cause) = Self.state(of: node)
        self.init(state: state, cause: cause, heard: heard, jobs: node.shards.count, job: job)
    }

    /// The state of a node, and why it is lost if it is.
    static func state(of node: Overview<ShardWork>.Node) -> (State, cause: String?) {
        switch node.standing {
        case .expected: (.expected, nil)
        case .absent(.left): (.left, nil)
        case .absent(let loss): (.lost, loss.description)
        case .present where node.isStalled: (.stuck, nil)
        case .present where node.isDraining: (node.shards.isEmpty ? .drained : .draining, nil)
        case .present: (.present, nil)
        }
    }
}
