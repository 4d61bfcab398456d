import Glibc
import Testing

/// A machine whose clock is far off.
@Suite("Clocks")
struct ClockTests {
    @Test(
        "a worker whose clock is three years ahead works like any other: no time travels, only durations",
        .enabled(if: getuid() == 0, "only root may make a time namespace"))
    func farOff() async throws {
        let batches = 10
        let site = try await FaultSite(batchSize: 8)
        let calm = try await site.calmRun(batches: batches)
        let offset = "100000000"
        site.surroundings["b"] = .init(
            command: [
                "/usr/bin/env", "unshare", "--time", "--monotonic", offset, "--boottime", offset, "--fork",
                "--kill-child",
            ])
        try await site.begin("clock", batches: batches)
        try site.startWorker("a")
        try site.startWorker("b")
        try await site.finish()
        try site.expectWhole(batches: batches, like: calm)
        #expect(try !site.coordinator.errors.contains("is lost"))
        // Its parent passes no other signal on.
        let worker = try site.worker("b").process
        try await site.kill(worker)
        try site.worker("a").process.send(signal: SIGTERM)
        #expect(try await site.worker("a").process.result().exitCode == 0)
    }
}
