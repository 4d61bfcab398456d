import Foundation
import GRDB

/// How a node of a run is doing: the columns of a ``NodeRow`` that change while it works.
struct NodeStatusRow: StoreRow {
    static let databaseTableName = NodeRow.databaseTableName

    let id: Int64
    let state: String?
    let cause: String?
    let heard: Date?
    let jobs: Int?
    let method: String?
    let batch: Int?

    enum CodingKeys: String, CodingKey {
        case id, state, cause, heard, jobs, method, batch
    }

    init(_ status: NodeStatus, of node: Int64) {
        id = node
        (state, cause, heard) = (status.state.rawValue, status.cause, status.heard)
        (jobs, method, batch) = (status.jobs, status.job?.method, status.job?.batch)
    }

    /// Writes the columns into the row of the node.
    ///
    /// This happens for each node each second: GRDB's own update would encode a dictionary and make the text of the statement each time.
    func store(_ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "UPDATE nodes SET state = ?, cause = ?, heard = ?, jobs = ?, method = ?, batch = ? WHERE id = ?")
        try statement.execute(
            arguments: [state, cause, heard?.timeIntervalSince1970, jobs, method, batch, id])
    }

    /// The status; nil where none was ever recorded.
    ///
    /// Throws ``StrangeWord`` for a state that there is not.
    var status: NodeStatus? {
        get throws(StrangeWord) {
            guard let word = state else { return nil }
            guard let state = NodeStatus.State(rawValue: word) else { throw StrangeWord(word: word) }
            return NodeStatus(
                state: state, cause: cause, heard: heard, jobs: jobs ?? 0,
                job: method.flatMap { method in batch.map { NodeStatus.Job(method: method, batch: $0) } })
        }
    }
}

/// A row has a word that this program does not know.
struct StrangeWord: Error {
    let word: String
}
