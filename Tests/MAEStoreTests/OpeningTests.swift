import Foundation
import GRDB
import MAETensor
import MAEVerify
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
            try store.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('2 things to come')") }
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.file("mae.sqlite")))
        #expect(failure()?.code == .newerVersion)
        #expect(failure(.reading)?.code == .newerVersion)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("mae.sqlite"))) == before)
    }

    @Test("a store of an older version is not read before a writer has brought it up to date")
    func olderVersion() throws {
        do {
            let store = try Store(directory: folder.path)
            try store.write { try $0.execute(sql: "DELETE FROM grdb_migrations") }
        }
        #expect(failure(.reading)?.code == .olderVersion)
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

    @Test("a store of version 1 is brought up to date with its results as they were")
    func migrates() throws {
        let folder = try TemporaryDirectory()
        let result = Example.result(shard: 1)
        var stripped = result.observation
        stripped.weights.manifest = nil
        stripped.pooled = Tensor(shape: [0], elements: [])
        let old = try DatabaseQueue(path: folder.file("mae.sqlite"))
        try Schema.migrator.migrate(old, upTo: "1 runs and results")
        try old.write { database in
            try database.execute(
                sql: """
                    INSERT INTO runs (id, name, seed, batches, batch_size, workers, started, plan)
                        VALUES (1, 'night-1', -1, 2, 2, 2, 0, ?);
                    INSERT INTO nodes VALUES (1, 1, 'n1', 'h', 'cpu', 'd', 'avx2', 1, 'canonical-v1', 'b');
                    INSERT INTO shards VALUES (1, 0, 'pretrained', 0, 'every-node'), (1, 1, 'full', 0, 'every-node');
                    INSERT INTO leases VALUES (1, 0, 1, 0, 1, 0, 1, 'revoked', 'lost'), (1, 1, 1, 1, 1, 0, 1, 'result', NULL);
                    INSERT INTO manifests VALUES ('m', ?);
                    INSERT INTO results VALUES (1, 1, 1, 1, 'full', 0, 1, ?, 'w', 'i', 'm', 'l', 'p', 0.5, 1.5, '2x3', ?,
                        NULL, NULL, 'm', ?);
                    """,
                arguments: [
                    try JSONEncoder.store.encode(Example.plan()),
                    try JSONEncoder.store.encode(result.observation.weights.manifest),
                    result.received.timeIntervalSince1970, Data(result.observation.pooled.littleEndianBytes),
                    try JSONEncoder.store.encode(stripped),
                ])
        }
        try old.close()
        let store = try Store(directory: folder.path)
        #expect(try store.results(of: "night-1").map(\.withoutNaN) == [result.withoutNaN])
        #expect(try store.resume("night-1").start == 2)
        #expect(try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM failed_grants") } == 1)
    }
}
