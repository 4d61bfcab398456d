import Foundation
import GRDB
import Glibc
import MAECoordinator
import MAEStore
import Testing

@Suite("A disk that makes the coordinator wait")
struct SlowDiskTests {
    let site: Site
    let store: Store

    init() throws {
        site = try Site()
        store = try site.store()
    }

    @Test("nobody is blamed for a silence that is the coordinator's own, and no result is lost")
    func stalledDisk() async throws {
        var options = site.options
        options.policy.heartbeatInterval = .milliseconds(50)
        options.policy.silenceTimeout = .milliseconds(500)
        options.policy.lateness = .milliseconds(200)
        options.storeLimits.results = 1
        let runner = LightRunner(.takes(.milliseconds(50)))
        try site.startWorker("left", runner)
        try site.startWorker("right")
        let coordinator = try site.coordinator(Site.plan(batches: 10), store, options)
        let path = store.directory + "/mae.sqlite"
        let stall = Thread {
            while runner.begun < 2 { usleep(1000) }
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            // As long as this is not ended, nobody else writes.
            try? DatabaseQueue(path: path, configuration: configuration).inDatabase { database in
                try database.inTransaction(.immediate) {
                    Thread.sleep(forTimeInterval: 2)
                    return .rollback
                }
            }
        }
        stall.start()
        let start = ContinuousClock.now
        let outcome = try await onThread { try coordinator.run() }
        // It was stalled indeed.
        #expect(ContinuousClock.now - start > .seconds(2))
        #expect(outcome.summary.isComplete)
        #expect(outcome.summary.nodes.allSatisfy { $0.loss == nil })
        let givenBack = try await DatabaseQueue(path: path).read {
            try String.fetchAll($0, sql: "SELECT cause FROM failed_grants")
        }
        #expect(givenBack.isEmpty)
        #expect(try store.results(of: "night").count == 40)
    }
}
