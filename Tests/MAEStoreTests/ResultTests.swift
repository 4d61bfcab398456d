import Foundation
import GRDB
import MAETensor
import MAEVerify
import TestSupport
import Testing

@testable import MAEStore

@Suite("Results in the store")
struct ResultTests {
    let folder: TemporaryDirectory
    let store: Store

    init() throws {
        folder = try TemporaryDirectory()
        store = try Store(directory: folder.file("store/site"))
        try store.begin(Example.plan(), shards: Example.shards(), at: .at(0))
    }

    @Test(
        "an observation comes back exactly, bits of odd numbers and whole tensors included", arguments: [true, false])
    func exact(layernorm: Bool) throws {
        var result = Example.result(layernorm: layernorm, examined: layernorm)
        try store.record(Example.changes(results: [result]), run: "night-1")
        var read = try #require(try store.results(of: "night-1").first)
        // NaN is not equal to itself as a Double: that one is compared on its own.
        #expect(read.observation.seconds.input.isNaN)
        (read, result) = (read.withoutNaN, result.withoutNaN)
        #expect(read == result)
        #expect(
            read.observation.pooled.elements.map(\.bitPattern) == result.observation.pooled.elements.map(\.bitPattern))
        #expect((read.observation.layernorm != nil) == layernorm)
    }

    @Test("what a call has recorded is in the files when it returns, whatever becomes of the process")
    func durable() throws {
        for shard in 0..<3 {
            try store.record(Example.changes(results: [Example.result(shard: shard)]), run: "night-1")
            // What a killed process leaves behind: the files as they are, and no index of the log.
            let copy = folder.file("copy-\(shard)")
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            for name in ["mae.sqlite", "mae.sqlite-wal"] {
                try FileManager.default.copyItem(atPath: "\(store.directory)/\(name)", toPath: "\(copy)/\(name)")
            }
            let survivor = try Store(directory: copy)
            #expect(try survivor.resume("night-1").stored.map(\.shard) == Array(0...shard))
        }
    }

    @Test("a log cut off anywhere loses the latest calls whole, and nothing else", arguments: [0.2, 0.5, 0.8, 0.99])
    func torn(fraction: Double) throws {
        try store.record(Example.changes(results: [Example.result(shard: 0)]), run: "night-1")
        try store.record(Example.changes(results: (1...3).map { Example.result(shard: $0) }), run: "night-1")
        let copy = folder.file("copy")
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: store.directory + "/mae.sqlite", toPath: copy + "/mae.sqlite")
        let log = try Data(contentsOf: URL(fileURLWithPath: store.directory + "/mae.sqlite-wal"))
        try log.prefix(Int(Double(log.count) * fraction)).write(to: URL(fileURLWithPath: copy + "/mae.sqlite-wal"))
        let survivor = try Store(directory: copy)
        let history = try survivor.history(limit: 10)
        #expect([nil, 0, 1, 4].contains(history.first?.results))
        if history.count == 1 { _ = try survivor.results(of: "night-1") }
    }

    @Test("the database waits for the disk at each commit")
    func synchronous() throws {
        #expect(try store.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        #expect(try store.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        #expect(try store.read { try Int.fetchOne($0, sql: "PRAGMA foreign_keys") } == 1)
    }

    @Test("a second result of a shard from one node is refused, and what came with it is not recorded")
    func duplicate() throws {
        try store.record(Example.changes(results: [Example.result(shard: 0)]), run: "night-1")
        let error = #expect(throws: StoreError.self) {
            try store.record(
                Example.changes(results: [Example.result(shard: 1), Example.result(shard: 0)]), run: "night-1")
        }
        #expect(error?.code == .duplicate)
        #expect(try store.results(of: "night-1").map(\.shard) == [0])
    }

    @Test("a result of a shard that is no part of the run is refused")
    func unknownShard() throws {
        let error = #expect(throws: StoreError.self) {
            try store.record(Example.changes(results: [Example.result(shard: 99)]), run: "night-1")
        }
        #expect(error?.code == .unknownReference)
    }

    @Test("equal tensors share one file, and a file that was changed is noticed")
    func tensorFiles() throws {
        let results = [Example.result(node: "n1", layernorm: true), Example.result(node: "n2", layernorm: true)]
        try store.record(Example.changes(results: results), run: "night-1")
        let names = try FileManager.default.contentsOfDirectory(atPath: store.directory + "/tensors")
        #expect(names.count == 1)
        let path = "\(store.directory)/tensors/\(try #require(names.first))"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[5] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: StoreError.self) { try store.results(of: "night-1") }
        #expect(error?.code == .damaged)
        #expect(error?.path == path)
    }

    @Test(
        "a bit that flips on the disk is said to be that, whichever record it is in",
        arguments: [
            ("results", "pooled", "result"), ("results", "digests", "result"), ("results", "batch", "result"),
            ("results", "details", "result"), ("contexts", "content", "context"),
            ("manifests", "content", "manifest"), ("shards", "batch", "shard"), ("shards", "method", "shard"),
            ("runs", "plan", "the plan"), ("nodes", "name", "node"), ("nodes", "numeric_class", "node"),
            ("nodes", "threads", "node"), ("drains", "node", "the order"),
        ])
    func flippedBits(table: String, column: String, what: String) throws {
        try store.record(Example.changes(results: [Example.result(shard: 0, examined: true)]), run: "night-1")
        try store.drain("n1", at: .at(1))
        try store.write { database in
            let rows = try Row.fetchAll(database, sql: "SELECT \(column) FROM \(table)")
            let old = try #require(rows.first?[column] as DatabaseValue?)
            let new: DatabaseValue
            switch old.storage {
            case .int64(let value): new = (value ^ 1).databaseValue
            case .string(let text): new = (text + "x").databaseValue
            case .blob(var bytes):
                // A digit of a document stays a digit, so that it can still be read.
                let place = bytes.firstIndex { (0x30...0x38).contains($0) } ?? 5
                bytes[place] ^= 1
                new = bytes.databaseValue
            default: throw CancellationError()
            }
            try database.execute(sql: "UPDATE \(table) SET \(column) = ? WHERE \(column) = ?", arguments: [new, old])
        }
        let error = #expect(throws: StoreError.self) {
            _ = try store.resume("night-1")
            _ = try store.results(of: "night-1")
            _ = try store.drainOrders()
        }
        #expect(error?.code == .damaged)
        #expect(
            error?.message.hasPrefix(what) == true && error?.message.contains("no node's fault") == true,
            "\(String(describing: error))")
    }

    @Test("what was stored with schemas 4 and 5, without checksums, is read")
    func withoutChecksums() throws {
        try store.record(Example.changes(results: [Example.result(shard: 0)]), run: "night-1")
        try store.write { database in
            for table in ["results", "runs", "shards", "nodes"] {
                try database.execute(sql: "UPDATE \(table) SET checksum = NULL")
            }
        }
        #expect(try store.results(of: "night-1").map(\.shard) == [0])
        #expect(try store.resume("night-1").stored.count == 1)
    }

    @Test("a list of parameters that results share is stored once")
    func manifests() throws {
        try store.record(Example.changes(results: (0..<4).map { Example.result(shard: $0) }), run: "night-1")
        #expect(try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM manifests") } == 1)
    }

    @Test("what the results of a node and method share is stored once, also after a transaction that was taken back")
    func contexts() throws {
        try store.record(Example.changes(results: [Example.result(shard: 0)]), run: "night-1")
        #expect(throws: StoreError.self) {
            // The other method's context is made, and goes with the transaction.
            try store.record(
                Example.changes(results: [Example.result(shard: 1), Example.result(shard: 0)]), run: "night-1")
        }
        try store.record(Example.changes(results: (1...3).map { Example.result(shard: $0) }), run: "night-1")
        #expect(try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM contexts") } == 2)
        #expect(
            try store.results(of: "night-1").map(\.withoutNaN) == (0...3).map { Example.result(shard: $0).withoutNaN })
    }

    @Test(
        "thousands of results are recorded, and read after reopening",
        .enabled(if: !Sampling.isOn, "takes long without optimization"))
    func thousands() throws {
        let shards = (0..<2000).map { ShardRecord(shard: 100 + $0, method: "full", batch: $0) }
        var changes = Changes()
        changes.shards = shards
        try store.record(changes, run: "night-1")
        for group in stride(from: 0, to: shards.count, by: 100) {
            let results = shards[group..<group + 100].flatMap { shard in
                ["n1", "n2"].map { Example.result(shard: shard.shard, node: $0) }
            }
            try store.record(Example.changes(results: results), run: "night-1")
        }
        let reader = try Store(directory: store.directory, access: .reading)
        let results = try reader.results(of: "night-1")
        #expect(results.count == 4000)
        #expect(results.last?.withoutNaN == Example.result(shard: 2099, node: "n2").withoutNaN)
    }

    @Test("a full disk is said to be full, and what was recorded before stays")
    func fullDisk() throws {
        try store.record(Example.changes(results: [Example.result(shard: 0)]), run: "night-1")
        try store.database.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages + 1)")
        }
        var changes = Changes()
        changes.shards = (0..<5000).map { ShardRecord(shard: 100 + $0, method: "full", batch: $0) }
        let error = #expect(throws: StoreError.self) { try store.record(changes, run: "night-1") }
        #expect(error?.code == .diskFull)
        #expect(try store.resume("night-1").stored.count == 1)
        #expect(try store.resume("night-1").shards.count == 4)
    }
}

extension ResultRecord {
    /// The record with a plain number where NaN would make it unequal to itself.
    var withoutNaN: ResultRecord {
        var observation = observation
        observation.seconds.input = 0
        return ResultRecord(shard: shard, observation: observation, received: received)
    }
}
