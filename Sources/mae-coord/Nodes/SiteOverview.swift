import Foundation
import MAEStore

/// What `nodes` shows: a run, its nodes, and who is to be drained.
struct SiteOverview {
    /// A coordinator that has said nothing for so long is not at work; it speaks once a second.
    private static let longestSilence = 10.0

    let time: Date
    /// Nil in a store without runs.
    let run: RunRecord?
    let nodes: [NodeRecord]
    let drains: [DrainOrder]

    /// Reads the run named `name`, or the one worked on last.
    init(of name: String?, in store: Store, at time: Date) throws {
        self.time = time
        let name = try name ?? store.latestRun()
        run = try name.map { try store.run($0) }
        nodes = try name.map { try store.nodes(of: $0) } ?? []
        drains = try store.drainOrders()
    }

    /// Whether a coordinator works on the run.
    var isUnderWay: Bool {
        guard let alive = run?.alive, time.timeIntervalSince(alive) < Self.longestSilence else { return false }
        return run?.ending.map { $0.time < alive } ?? true
    }

    /// Orders for nodes that are not in the run.
    var otherDrains: [DrainOrder] {
        let names = Set(nodes.map(\.identity.name))
        return drains.filter { !names.contains($0.node) }
    }

    func isToBeDrained(_ node: NodeRecord) -> Bool { drains.contains { $0.node == node.identity.name } }
}
