import Foundation
import GRDB
import MAEDomain
import MAEVerify

extension Store {
    /// The run that a coordinator worked on last; nil in a store without runs.
    public func latestRun() throws -> String? { try read { try RunRow.latest($0)?.name } }

    /// The same, for those who need one.
    ///
    /// Throws ``StoreError/Code/unknownRun`` in a store without runs.
    public func requireLatestRun() throws -> String {
        guard let run = try latestRun() else {
            throw StoreError(.unknownRun, path: directory, "there are no runs in this store yet")
        }
        return run
    }

    /// Every node ever seen in a run, by name.
    public func knownNodes() throws -> [String] { try read { try NodeRow.allNames($0) } }

    /// The nodes of a run, by name, with what their coordinator said of them last.
    public func nodes(of name: String) throws -> [NodeRecord] {
        try read { database in
            let (row, run) = try find(name, database)
            let batchSize = try plan(row).batchSize
            return try NodeActivityRow.fetchAll(database, of: run).map { activity in
                let timed = activity.timed
                return NodeRecord(
                    identity: try identity(activity.node), status: try status(activity), results: activity.results,
                    imagesPerSecond: timed.seconds > 0 ? Double(timed.results * batchSize) / timed.seconds : nil)
            }
        }
    }

    /// The node as it introduced itself, if the row is what was stored.
    func identity(_ row: NodeRow) throws -> NodeIdentity {
        guard row.isWhole else { throw changed("node \(row.name)") }
        return row.identity
    }

    private func status(_ activity: NodeActivityRow) throws -> NodeStatus? {
        do throws(StrangeWord) {
            return try activity.status.status
        } catch {
            throw damaged("the state \(error.word) of node \(activity.node.name)")
        }
    }
}
