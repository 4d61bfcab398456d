import Foundation
import Glibc
import TestSupport
import Testing

@Suite("The sign of life that probes ask for")
struct HealthTests {
    /// Asks as a probe does, both programs: what they say is one.
    private func probe(_ file: String) async throws -> CommandResult {
        let worker = try await Program.worker.run("--check-health", file)
        let coordinator = try await Program.coordinator.run("health", file)
        #expect(worker.exitCode == coordinator.exitCode)
        return worker
    }

    /// Waits until the file was renewed after `time`.
    private func renewal(of file: String, after time: timespec) async throws -> timespec {
        var status = stat()
        try await eventually("\(file) is renewed") {
            lstat(file, &status) == 0
                && (status.st_mtim.tv_sec, status.st_mtim.tv_nsec) > (time.tv_sec, time.tv_nsec)
        }
        return status.st_mtim
    }

    @Test("a worker that waits for its coordinator gives it again and again, and takes it away when it ends")
    func worker() async throws {
        let folder = try TemporaryDirectory()
        let file = folder.file("health")
        // Nothing listens on this port of the machine itself.
        let worker = try Program.worker.start(
            ["--connect", "tcp://127.0.0.1:9", "--threads", "1", "--health", file])
        let first = try await renewal(of: file, after: timespec())
        _ = try await renewal(of: file, after: first)
        #expect(try await probe(file).exitCode == 0)
        worker.send(signal: SIGTERM)
        #expect(try await worker.result().exitCode == 0)
        let none = try await probe(file)
        #expect(none.exitCode == 69)
        #expect(none.errors.contains("no sign of life"), "\(none.errors)")
    }

    @Test("a coordinator gives it as soon as workers can connect, before any of them is there")
    func coordinator() async throws {
        let folder = try TemporaryDirectory()
        let file = folder.file("health")
        let site = try await VerifySite(VerifySite.goldenMethods + ["--health", file], folder: folder)
        let first = try await renewal(of: file, after: timespec())
        _ = try await renewal(of: file, after: first)
        #expect(try await probe(file).exitCode == 0)
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
        #expect(try await probe(file).exitCode == 69)
    }

    @Test("a file that grew old, or comes from the future, is none")
    func ages() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("health", Array("process 1 is at work\n".utf8))
        func setAge(_ seconds: Double) throws {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: file)
        }
        // It gets older while the probes start, which may take long.
        for age in [0.0, 20] {
            try await eventually("a file \(age) s old is seen before it is 30 s old") {
                try setAge(age)
                let worker = try await Program.worker.run("--check-health", file)
                let coordinator = try await Program.coordinator.run("health", file)
                return worker.exitCode == 0 && coordinator.exitCode == 0
            }
        }
        for age in [31.0, 3600, -3600] {
            try setAge(age)
            #expect(try await probe(file).exitCode == 69, "\(age) s")
        }
    }

    @Test("a file that cannot be written is said at the start")
    func unwritable() async throws {
        let result = try await Program.worker.run(
            "--connect", "tcp://127.0.0.1:9", "--threads", "1", "--health", "/proc/nowhere/health")
        #expect(result.exitCode == 69)
        #expect(result.errors.contains("/proc/nowhere/health"), "\(result.errors)")
    }
}
