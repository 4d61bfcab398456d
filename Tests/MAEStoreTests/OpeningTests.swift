import Foundation
import GRDB
import TestSupport
import Testing

@testable import MAEStore

@Suite("Opening a store")
struct OpeningTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func failure(_ access: Store.Access = .writing, at path: String? = nil) -> StoreError? {
        #expect(throws: StoreError.self) { try Store(directory: path ?? folder.path, access: access) }
    }

    @Test("a store has one writer at a time; readers come and go")
    func oneWriter() throws {
        var writer: Store? = try Store(directory: folder.path)
        #expect(failure()?.code == .inUse)
        #expect(failure()?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
        try writer?.begin(Example.plan(), shards: [], at: .at(0))
        let reader = try Store(directory: folder.path, access: .reading)
        #expect(try reader.history(limit: 1).map(\.run) == ["night-1"])
        writer = nil
        #expect(try Store(directory: folder.path).history(limit: 1).map(\.run) == ["night-1"])
    }

    @Test("a reader cannot write")
    func reader() throws {
        do { _ = try Store(directory: folder.path) }
        let reader = try Store(directory: folder.path, access: .reading)
        let error = #expect(throws: StoreError.self) { try reader.begin(Example.plan(), shards: [], at: .at(0)) }
        #expect(error?.code == .inaccessible)
    }

    @Test("a store of a newer version is refused and left as it is")
    func newerVersion() throws {
        do {
            let store = try Store(directory: folder.path)
            try store.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('7 things to come')") }
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.file("mae.sqlite")))
        #expect(failure()?.code == .newerVersion)
        #expect(failure(.reading)?.code == .newerVersion)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("mae.sqlite"))) == before)
    }

    @Test("a store with the table of failed grants, of schema 4, loses it when it is written to, and nothing else")
    func failedGrants() throws {
        do {
            let store = try Store(directory: folder.path)
            try store.begin(Example.plan(), shards: Example.shards(), at: .at(0))
            try store.record(Example.changes(results: [Example.result()]), run: "night-1")
            try store.write {
                try $0.execute(sql: "DELETE FROM grdb_migrations WHERE identifier GLOB '[56] *'")
                for table in ["results", "runs", "shards", "judgements", "nodes", "drains"] {
                    try $0.execute(sql: "ALTER TABLE \(table) DROP COLUMN checksum")
                }
                try $0.execute(sql: "ALTER TABLE nodes DROP COLUMN machine")
                try $0.execute(
                    sql: """
                        CREATE TABLE failed_grants (
                            run INTEGER NOT NULL, lease INTEGER NOT NULL, node INTEGER NOT NULL REFERENCES nodes ON DELETE CASCADE,
                            PRIMARY KEY (run, lease)
                        ) WITHOUT ROWID;
                        INSERT INTO failed_grants VALUES (1, 0, 1);
                        """)
            }
        }
        #expect(failure(.reading)?.code == .olderVersion)
        let store = try Store(directory: folder.path)
        #expect(try store.read { try !$0.tableExists("failed_grants") })
        #expect(try store.results(of: "night-1").count == 1)
        #expect(try store.prune(keeping: 0) == ["night-1"])
    }

    @Test(
        "a store from before the first release is refused with what to do, and left as it is",
        arguments: [Store.Access.writing, .ordering, .reading])
    func unreleased(access: Store.Access) throws {
        try Example.unreleasedStore(in: folder.path)
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.file("mae.sqlite")))
        let error = failure(access)
        #expect(error?.code == .olderVersion)
        #expect(error?.path == folder.file("mae.sqlite"))
        #expect(error?.message.contains("choose another folder") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("mae.sqlite"))) == before)
    }

    @Test("versions before the first release take a store of this one for a newer one")
    func seenFromBefore() throws {
        let store = try Store(directory: folder.path)
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 runs and results") { _ in }
        #expect(try store.read { try migrator.hasBeenSuperseded($0) })
        #expect(Store.schemaVersion == 6)
    }

    @Test("a store whose making was cut short is made by the next writer")
    func halfMade() throws {
        do {
            try DatabaseQueue(path: folder.file("mae.sqlite")).write {
                try $0.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
            }
        }
        #expect(failure(.reading)?.code == .olderVersion)
        #expect(failure(.ordering)?.code == .olderVersion)
        #expect(try Store(directory: folder.path).history(limit: 1) == [])
    }

    @Test(
        "a store in which something is a link is refused, and what it leads to stays",
        arguments: ["mae.sqlite", "mae.sqlite-wal", "mae.lock", "digests.json", "tensors"])
    func links(name: String) throws {
        let precious = name == "tensors" ? folder.file("precious") : try folder.write("precious", [7])
        if name == "tensors" {
            try FileManager.default.createDirectory(atPath: precious, withIntermediateDirectories: true)
            _ = try folder.write("precious/\(String(repeating: "a", count: 64))", [7])
        }
        let store = folder.file("store")
        try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: "\(store)/\(name)", withDestinationPath: precious)
        for access in [Store.Access.writing, .reading] {
            let error = failure(access, at: store)
            #expect(error?.code == .inaccessible && error?.path == "\(store)/\(name)")
        }
        let file = name == "tensors" ? "\(precious)/\(String(repeating: "a", count: 64))" : precious
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data([7]))
    }

    @Test("a file that is no database is refused and left as it is")
    func noDatabase() throws {
        let path = try folder.write("mae.sqlite", Array(repeating: 0x41, count: 4096))
        #expect(failure()?.code == .damaged)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(repeating: 0x41, count: 4096))
    }

    @Test("the database of another program is refused")
    func otherProgram() throws {
        do {
            try DatabaseQueue(path: folder.file("mae.sqlite")).write { try $0.execute(sql: "CREATE TABLE runs (x)") }
        }
        #expect(failure()?.code == .damaged)
    }

    @Test("a path that leads through a file cannot be a store")
    func throughFile() throws {
        let path = try folder.write("file", [])
        #expect(failure(at: path)?.code == .inaccessible)
        #expect(failure(at: path + "/store")?.code == .inaccessible)
    }

    @Test("reading a folder without a store says so, and makes nothing")
    func nothingThere() throws {
        #expect(failure(.reading)?.code == .inaccessible)
        #expect(failure(.reading, at: folder.file("nowhere"))?.code == .inaccessible)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test("a damaged page is reported as damage")
    func damagedPage() throws {
        do {
            let store = try Store(directory: folder.path)
            try store.begin(Example.plan(), shards: Example.shards(50), at: .at(0))
        }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("mae.sqlite")))
        for index in 4096..<bytes.count { bytes[index] = 0xFF }
        try bytes.write(to: URL(fileURLWithPath: folder.file("mae.sqlite")))
        let error = #expect(throws: StoreError.self) {
            _ = try Store(directory: folder.path).run("night-1")
        }
        #expect(error?.code == .damaged)
    }
}
