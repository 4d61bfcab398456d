import Foundation
import GRDB
import MAEDomain
import MAEVerify

extension Store {
    /// The run that a coordinator worked on last; nil in a store without runs.
    public func latestRun() throws -> String? {
        try read { database in
            try String.fetchOne(
                database, sql: "SELECT name FROM runs ORDER BY max(started, coalesce(alive, 0)) DESC, id DESC LIMIT 1")
        }
    }

    /// Every node ever seen in a run, by name.
    public func knownNodes() throws -> [String] {
        try read { try String.fetchAll($0, sql: "SELECT DISTINCT name FROM nodes ORDER BY name") }
    }

    /// The nodes of a run, by name, with what their coordinator said of them last.
    public func nodes(of name: String) throws -> [NodeRecord] {
        let batchSize = try run(name).plan.batchSize
        return try read { database in
            let run = try identify(name, database)
            return try Row.fetchAll(database, sql: Self.nodesOfRun, arguments: [run, run, Self.latestResults, run]).map
            {
                row in
                let (count, seconds): (Int, Double) = (row["timed"] ?? 0, row["seconds"] ?? 0)
                return NodeRecord(
                    identity: NodeIdentity(
                        name: row["name"], host: row["host"], backend: row["backend"], device: row["device"],
                        isa: row["isa"], threads: row["threads"], numericClass: row["numeric_class"],
                        classReason: row["class_reason"], engineBuild: row["engine_build"]),
                    status: try status(row), results: row["results"] ?? 0,
                    imagesPerSecond: seconds > 0 ? Double(count * batchSize) / seconds : nil)
            }
        }
    }

    /// Results that a speed is taken from: those of a while, however long the run is.
    private static let latestResults = 10_000

    private static let nodesOfRun = """
        SELECT nodes.*, counts.results, speeds.timed, speeds.seconds FROM nodes
        LEFT JOIN (SELECT node, count(*) AS results FROM results WHERE run = ? GROUP BY node) AS counts
            ON counts.node = nodes.id
        LEFT JOIN (
            SELECT node, count(*) AS timed, sum(load_seconds + input_seconds + forward_seconds) AS seconds
            FROM (SELECT * FROM results WHERE run = ? ORDER BY id DESC LIMIT ?)
            WHERE load_seconds + input_seconds + forward_seconds IS NOT NULL GROUP BY node
        ) AS speeds ON speeds.node = nodes.id
        WHERE nodes.run = ? ORDER BY nodes.name
        """

    private func status(_ row: Row) throws -> NodeStatus? {
        guard let word = row["state"] as String? else { return nil }
        guard let state = NodeStatus.State(rawValue: word) else {
            throw damaged("the state of node \(row["name"] as String)")
        }
        let heard: Double? = row["heard"]
        let (method, batch): (String?, Int?) = (row["method"], row["batch"])
        return NodeStatus(
            state: state, cause: row["cause"], heard: heard.map { Date(timeIntervalSince1970: $0) },
            jobs: row["jobs"] ?? 0,
            job: method.flatMap { method in batch.map { NodeStatus.Job(method: method, batch: $0) } })
    }

    /// Records how nodes are doing, and that the coordinator is at work.
    func insert(_ statuses: [String: NodeStatus], alive: Date?, run: Int64, _ database: Database) throws {
        if let alive {
            try database.cachedStatement(sql: "UPDATE runs SET alive = ? WHERE id = ?")
                .execute(arguments: [alive.timeIntervalSince1970, run])
        }
        guard !statuses.isEmpty else { return }
        let statement = try database.cachedStatement(
            sql: """
                UPDATE nodes SET state = ?, cause = ?, heard = ?, jobs = ?, method = ?, batch = ?
                WHERE run = ? AND name = ?
                """)
        for (name, status) in statuses {
            try statement.execute(arguments: [
                status.state.rawValue, status.cause, status.heard?.timeIntervalSince1970, status.jobs,
                status.job?.method, status.job?.batch, run, name,
            ])
        }
    }
}
