import Foundation
import GRDB
import MAEDomain
import MAETensor
import MAEVerify

extension Store {
    /// The last `limit` runs in short, all of them where it is nil.
    ///
    /// The checksums of results, which are of their tensors too, are not looked at: ``requireWhole(_:)`` does, for those that blame
    /// a node.
    public func archive(last limit: Int? = nil) throws -> RunArchive {
        try read { database in
            var reader = ArchiveReader(store: self, database: database)
            let runs = try RunRow.latestFirst.limit(limit ?? -1).fetchAll(database)
            for run in runs.reversed() { try reader.read(run) }
            return reader.archive
        }
    }

    /// Throws ``StoreError/Code/damaged`` where a result is not what was stored.
    public func requireWhole(_ rows: [Int64]) throws {
        try read { database in
            for row in rows {
                guard let result = try ResultRow.fetchOne(database, key: row) else { throw damaged("result \(row)") }
                guard result.isWhole else { throw changed("result \(row)") }
            }
        }
    }
}

/// Reads runs into an archive.
private struct ArchiveReader {
    let store: Store
    let database: Database
    private(set) var archive = RunArchive()
    private var names: [String: Int] = [:]
    private var identities: [String: Int] = [:]
    private var digests: [SHA256Digest: Int] = [:]
    private var contexts: [Int64: Int] = [:]

    init(store: Store, database: Database) { (self.store, self.database) = (store, database) }

    mutating func read(_ row: RunRow) throws {
        guard let number = row.id else { throw store.damaged("the record of run \(row.name)") }
        let plan = try store.plan(row)
        let (nodes, nameOfNode) = try nodes(of: number)
        let (works, workOfShard) = try works(of: number)
        let start = archive.results.count
        try readResults(of: number, nameOfNode, workOfShard)
        let judged = try JudgementRow.of(number).fetchOne(database)
        archive.runs.append(
            RunArchive.Run(
                plan: plan, started: row.started,
                ending: judged.map { RunEnding(time: $0.ended, verdict: $0.verdict, exitCode: $0.exitCode) },
                judgement: try judged.map { try summary($0, of: row.name) }, nodes: nodes, works: works,
                results: start..<archive.results.count))
    }

    /// The nodes of a run, and the name of each by its row.
    private mutating func nodes(of run: Int64) throws -> ([RunArchive.Node], [Int64: Int]) {
        // Most nodes introduce themselves as in the run before: the columns as one text say so without reading documents.
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, name, quote(name) || quote(host) || quote(backend) || quote(device) || quote(isa) || quote(threads)
                    || quote(numeric_class) || quote(class_reason) || quote(engine_build) || quote(machine)
                FROM nodes WHERE run = ? ORDER BY id
                """)
        var nodes: [RunArchive.Node] = []
        var nameOfNode: [Int64: Int] = [:]
        let rows = try Row.fetchCursor(statement, arguments: [run])
        while let row = try rows.next() {
            let identifier: Int64 = row[0]
            let name = index(ofName: row[1])
            let text: String = row[2]
            let identity = try identities[text] ?? read(node: identifier, as: text)
            nameOfNode[identifier] = name
            nodes.append(RunArchive.Node(name: name, identity: identity))
        }
        return (nodes, nameOfNode)
    }

    private mutating func read(node: Int64, as text: String) throws -> Int {
        guard let row = try NodeRow.fetchOne(database, key: node) else { throw store.damaged("node \(node)") }
        archive.identities.append(try store.identity(row))
        identities[text] = archive.identities.count - 1
        return archive.identities.count - 1
    }

    private mutating func index(ofName name: String) -> Int {
        if let known = names[name] { return known }
        names[name] = archive.names.count
        archive.names.append(name)
        return archive.names.count - 1
    }

    /// What a run asked, and which of it each shard is.
    private func works(of run: Int64) throws -> ([RunArchive.Work], [Int: Int]) {
        let statement = try database.cachedStatement(
            sql: "SELECT shard, method, batch FROM shards WHERE run = ? ORDER BY shard")
        var works: [RunArchive.Work] = []
        var numbers: [RunArchive.Work: Int] = [:]
        var workOfShard: [Int: Int] = [:]
        let rows = try Row.fetchCursor(statement, arguments: [run])
        while let row = try rows.next() {
            let work = RunArchive.Work(method: row[1], batch: row[2])
            if numbers[work] == nil {
                numbers[work] = works.count
                works.append(work)
            }
            workOfShard[row[0]] = numbers[work]
        }
        return (works, workOfShard)
    }

    private mutating func readResults(
        of run: Int64, _ nameOfNode: [Int64: Int], _ workOfShard: [Int: Int]
    ) throws {
        // The fifth digest is that of the layernorm output.
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, shard, node, context, load_seconds, forward_seconds, substr(digests, 129, 32) FROM results
                WHERE run = ? ORDER BY shard, node
                """)
        let rows = try Row.fetchCursor(statement, arguments: [run])
        while let row = try rows.next() {
            let identifier: Int64 = row[0]
            let digest = try row.withUnsafeData(atIndex: 6) { data in
                data.flatMap { $0.withUnsafeBytes { SHA256Digest(bytes: $0) } }
            }
            guard let digest, let node = nameOfNode[row[2]], let work = workOfShard[row[1]] else {
                throw store.damaged("result \(identifier)")
            }
            let context: Int64 = row[3]
            archive.results.append(
                RunArchive.Result(
                    node: node, work: work, digest: index(of: digest), context: try contexts[context] ?? read(context),
                    load: row[4], forward: row[5], row: identifier))
        }
    }

    private mutating func index(of digest: SHA256Digest) -> Int {
        if let known = digests[digest] { return known }
        digests[digest] = archive.digests.count
        archive.digests.append(digest)
        return archive.digests.count - 1
    }

    private mutating func read(_ context: Int64) throws -> Int {
        archive.contexts.append(try store.context(context, database))
        contexts[context] = archive.contexts.count - 1
        return archive.contexts.count - 1
    }

    private func summary(_ row: JudgementRow, of run: String) throws -> JudgementSummary {
        let what = "the judgement of run \(run)"
        guard row.isWhole else { throw store.changed(what) }
        let document = try store.decode(StoredJudgementSummary.self, row.content, what)
        let relations =
            document.comparison.relations.contains { $0.relation == StoredRelations.differs }
            ? try store.decode(StoredRelations.self, row.content, what).relations : .agreeing
        let stamp = "\(SHA256Digest(of: row.content))"
        guard let relations, let summary = document.summary(relations, stamp: stamp) else { throw store.damaged(what) }
        return summary
    }
}
