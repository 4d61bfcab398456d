import Foundation
import Glibc

/// A program run to its end, with the memory it took.
///
/// Started without any of this process's memory: Linux counts what a parent held at the start as its child's, so a parent
/// that measures children stays small itself.
struct ChildProcess {
    /// Everything on standard output.
    let output: Data
    /// Seconds from the start to the end of the process.
    let seconds: Double
    /// The most memory it held at once, in MiB.
    let peakMemory: Double

    /// Runs a program; its output goes to files in `folder`.
    ///
    /// - Throws: ``ChildFailure`` when the program cannot be started or does not end with code 0.
    init(_ program: String, _ arguments: [String], folder: String) throws {
        let files = ["output", "errors"].map { folder + "/" + $0 }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, file) in files.enumerated() {
            posix_spawn_file_actions_addopen(
                &actions, Int32(index) + STDOUT_FILENO, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        let started = Self.now
        var process = pid_t()
        let failure = Self.withCStrings([program] + arguments) { arguments in
            Self.withCStrings(environment) { posix_spawn(&process, program, &actions, nil, arguments, $0) }
        }
        guard failure == 0 else {
            throw ChildFailure(exitCode: 69, "\(program) cannot be started: \(String(cString: strerror(failure)))")
        }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
        seconds = Double(Self.now - started) / 1e9
        peakMemory = Double(usage.ru_maxrss) / 1024
        output = FileManager.default.contents(atPath: files[0]) ?? Data()
        guard status == 0 else {
            let errors = FileManager.default.contents(atPath: files[1]) ?? Data()
            let signal = status & 0x7F
            throw ChildFailure(
                exitCode: signal == 0 ? (status >> 8) & 0xFF : 70,
                String(decoding: errors, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
                    + (signal == 0 ? "" : "\(program) was ended by signal \(signal)"))
        }
    }

    /// Nanoseconds of a clock that all processes share.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The path of a program of this package: it lies beside this one.
    static func path(of program: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(program).path
        guard access(path, X_OK) == 0 else {
            throw ChildFailure(
                exitCode: 69, "\(program) does not lie beside mae-bench; build it too: swift build -c release")
        }
        return path
    }

    private static func withCStrings<R>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
    ) -> R {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// A program that could not do its part.
struct ChildFailure: Error, CustomStringConvertible {
    /// The code it ended with, which is this program's too.
    let exitCode: Int32
    /// What it said.
    let description: String

    init(exitCode: Int32, _ description: String) {
        self.exitCode = exitCode
        self.description = description
    }
}
