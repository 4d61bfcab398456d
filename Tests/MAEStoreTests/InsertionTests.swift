import Foundation
import GRDB
import MAETensor
import TestSupport
import Testing

@testable import MAEStore

@Suite("Rows by a prepared statement")
struct InsertionTests {
    let folder: TemporaryDirectory
    let store: Store

    init() throws {
        folder = try TemporaryDirectory()
        store = try Store(directory: folder.file("site"))
        try store.begin(Example.plan(), shards: Example.shards(), at: .at(0))
    }

    @Test("each kind of value is stored as it was given, and no bytes are not NULL")
    func values() throws {
        try store.write { database in
            try database.execute(sql: "CREATE TABLE examples (a, b, c, d, e, f, g, checksum)")
            try RowInsertion<ExampleRow>(database).insert(ExampleRow())
            let row = try #require(try Row.fetchOne(database, sql: "SELECT * FROM examples"))
            #expect(Array(row.databaseValues.dropLast()) == ExampleRow().checked + ExampleRow().unchecked)
            #expect(row["checksum"] == RecordChecksum.of(ExampleRow().checked))
        }
    }

    @Test("shards and results are stored with their checksums")
    func checksums() throws {
        try store.record(Example.changes(results: [Example.result()]), run: "night-1")
        try store.read { database in
            for shard in try ShardRow.fetchAll(database) { #expect(shard.checksum != nil && shard.isWhole) }
            for result in try ResultRow.fetchAll(database) { #expect(result.checksum != nil && result.isWhole) }
        }
    }

    @Test("after a row that was refused, the same statement inserts the next one")
    func afterRefusal() throws {
        try store.record(Example.changes(results: [Example.result()]), run: "night-1")
        #expect(throws: StoreError.self) {
            try store.record(Example.changes(results: [Example.result()]), run: "night-1")
        }
        try store.record(Example.changes(results: [Example.result(shard: 1)]), run: "night-1")
        #expect(try store.results(of: "night-1").map(\.shard) == [0, 1])
    }

    @Test("a tensor without elements is stored")
    func empty() throws {
        var observation = Example.result().observation
        observation.pooled = Tensor(shape: [0], elements: [])
        let result = ResultRecord(shard: 0, observation: observation, received: .at(1))
        try store.record(Example.changes(results: [result]), run: "night-1")
        #expect(try store.results(of: "night-1").first?.observation.pooled.shape == [0])
    }
}

/// One value of each kind that SQLite keeps.
private struct ExampleRow: PreparedRow {
    static let databaseTableName = "examples"
    static let columns = ["a", "b", "c", "d", "e", "f", "g", "checksum"]

    var checksum: Int64?
    var checked: [DatabaseValue] {
        [
            .null, Int64.min.databaseValue, (-0.5).databaseValue, "größer".databaseValue, "".databaseValue,
            Data([0, 255]).databaseValue,
        ]
    }
    var unchecked: [DatabaseValue] { [Data().databaseValue] }
}
