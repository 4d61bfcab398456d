import Foundation
import GRDB
import Glibc
import MAECoordinator
import MAEStore
import Synchronization
import TestSupport
import Testing

@Suite("A disk that makes the coordinator wait")
struct SlowDiskTests {
    let site: Site
    let store: Store

    init() throws {
        site = try Site()
        store = try Store(directory: site.folder.file("store"), lockLimit: .patience)
    }

    @Test("nobody is blamed for a silence that is the coordinator's own, and no result is lost")
    func stalledDisk() async throws {
        var options = site.options
        // Far longer than a worker is ever silent, on a slow machine too.
        let silence = Duration.seconds(6)
        options.policy.heartbeatInterval = .milliseconds(50)
        options.policy.silenceTimeout = silence
        options.policy.lateness = .milliseconds(200)
        options.storeLimits.results = 1
        let runner = LightRunner(.freezes)
        try site.startWorker("left", runner)
        try site.startWorker("right")
        let coordinator = try site.coordinator(Site.plan(batches: 10), store, options)
        let path = store.directory + "/mae.sqlite"
        async let storedWhenStalled = onThread {
            try blockUntil("a job stands still") { runner.begun >= 1 }
            var configuration = Configuration()
            configuration.busyMode = .timeout(Duration.patience / .seconds(1))
            var stored: Int?
            try DatabaseQueue(path: path, configuration: configuration).inDatabase { database in
                try database.inTransaction(.immediate) {
                    stored = try Int.fetchOne(database, sql: "SELECT count(*) FROM results")
                    // The results of this node come from now on. Until this ends, no other connection can write.
                    runner.release()
                    Thread.sleep(forTimeInterval: silence / .seconds(1) + 1)
                    return .rollback
                }
            }
            return stored
        }
        let last = Mutex<RunMetrics?>(nil)
        let outcome = try await onThread { try coordinator.run(metrics: { metrics in last.withLock { $0 = metrics } }) }
        // It was stalled indeed: there was more to be stored.
        let stored = try await storedWhenStalled
        #expect((stored ?? 40) < 40)
        #expect(outcome.summary.isComplete)
        #expect(outcome.summary.nodes.allSatisfy { $0.loss == nil })
        #expect(last.withLock(\.self)?.failedGrants == [:])
        #expect(try store.results(of: "night").count == 40)
    }
}
