import Foundation
import GRDB

/// A run: what it set out to do, and when it was worked on.
struct RunRow: CheckedRow {
    static let databaseTableName = "runs"

    private(set) var id: Int64?
    let name: String
    let started: Date
    /// When a coordinator last said that it works on the run.
    var alive: Date?
    /// How many coordinators have worked on it.
    var starts: Int
    /// A ``StoredPlan``.
    let plan: Data
    private(set) var checksum: Int64?

    enum CodingKeys: String, CodingKey {
        case id, name, started, alive, starts, plan, checksum
    }

    var checked: [DatabaseValue] { [name.databaseValue, plan.databaseValue] }

    /// A run that begins, with a plan that is encoded already.
    init(name: String, started: Date, plan: Data) {
        (self.name, self.started, self.plan) = (name, started, plan)
        starts = 1
        checksum = RecordChecksum.of(checked)
    }

    mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }

    /// The run of a name.
    static func named(_ name: String) -> QueryInterfaceRequest<RunRow> { filter(Column(CodingKeys.name) == name) }

    /// The number of a run; nil when there is none of this name.
    static func number(of name: String, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(database.cachedStatement(sql: "SELECT id FROM runs WHERE name = ?"), arguments: [name])
    }

    /// The names of all runs.
    static func names(_ database: Database) throws -> [String] {
        try String.fetchAll(database, sql: "SELECT name FROM runs")
    }

    /// All runs, those that began last first.
    static var latestFirst: QueryInterfaceRequest<RunRow> {
        order(Column(CodingKeys.started).desc, Column(CodingKeys.id).desc)
    }

    /// The run that was worked on last.
    static func latest(_ database: Database) throws -> RunRow? {
        try fetchOne(
            database, sql: "SELECT * FROM runs ORDER BY max(started, coalesce(alive, 0)) DESC, id DESC LIMIT 1")
    }

    /// Records that a coordinator works on a run.
    static func touch(_ run: Int64, at time: Date, _ database: Database) throws {
        try filter(key: run).updateAll(database, Column(CodingKeys.alive).set(to: time.timeIntervalSince1970))
    }
}
