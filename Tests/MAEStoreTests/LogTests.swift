import Foundation
import MAETensor
import TestSupport
import Testing

@testable import MAEStore

@Suite("The write-ahead log of a store")
struct LogTests {
    @Test("large transactions gather in the log: not each of them waits for the database file too")
    func gathers() throws {
        let folder = try TemporaryDirectory()
        let store = try Store(directory: folder.file("site"))
        let count = 6
        try store.begin(
            Example.plan(), shards: (0..<count).map { ShardRecord(shard: $0, method: "full", batch: $0) }, at: .at(0))
        for shard in 0..<count {
            // 4 MiB, which is more than SQLite's own limit of the log.
            var observation = Example.result(shard: shard).observation
            observation.pooled = Tensor(shape: [1, 1 << 20], repeating: 1)
            let result = ResultRecord(shard: shard, observation: observation, received: .at(1))
            try store.record(Example.changes(results: [result]), run: "night-1")
        }
        // A log that was carried over is written from its beginning again, and grows no more.
        let log = try FileManager.default.attributesOfItem(atPath: folder.file("site/mae.sqlite-wal"))
        #expect(try #require(log[.size] as? Int) > count * 4 << 20)
    }
}
