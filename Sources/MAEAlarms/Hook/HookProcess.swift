import Glibc
import MAEThreads

/// One run of a command by a shell: its end, or that it took too long, and the last of what it wrote.
struct HookProcess {
    /// Bytes of its output that are kept: the last ones.
    private static let mostOutput = 4096
    private static let interval: CInt = 20

    /// How it ended; nil where it took too long, and was killed with all that it had started.
    let ending: ProcessGroup.Ending?
    /// The last of what it wrote on both streams.
    let output: String

    /// Runs `command` by /bin/sh and waits for its end, as long as `isLate` says no, which is asked many times a second.
    ///
    /// - Throws: `ProcessError` when there is no shell or no process.
    init(_ command: String, environment: [String: String], isLate isOver: () -> Bool) throws(ProcessError) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ProcessError(path: "/bin/sh", number: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        defer { close(ends[0]) }
        let group = try Self.start(command, environment, output: ends[1])
        var output: [UInt8] = []
        var isLate = false
        while group.isRunning() {
            var readable = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
            poll(&readable, 1, Self.interval)
            // Without writers the pipe is ready at once: then only the end of the process is waited for.
            if !Self.drain(ends[0], into: &output) { usleep(useconds_t(Self.interval) * 1000) }
            guard isOver() else { continue }
            isLate = true
            group.killAndReap()
        }
        _ = Self.drain(ends[0], into: &output)
        self.output = String(decoding: output, as: UTF8.self)
        ending = isLate ? nil : group.ending
    }

    /// Starts the shell, and lets go of `output`.
    private static func start(
        _ command: String, _ environment: [String: String], output: CInt
    ) throws(ProcessError) -> ProcessGroup {
        defer { close(output) }
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(nothing) }
        return try ProcessGroup(
            "/bin/sh", ["-c", command], environment: environment.map { "\($0.key)=\($0.value)" }, input: nothing,
            output: output)
    }

    /// Takes what is there, and keeps the last of it; false once there is no writer.
    private static func drain(_ descriptor: CInt, into output: inout [UInt8]) -> Bool {
        var bytes = [UInt8](repeating: 0, count: mostOutput)
        // As often as a pipe can be full: a command that writes without end must not hold this up.
        for _ in 0..<64 {
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { return count < 0 }
            output += bytes.prefix(count)
            output.removeFirst(max(output.count - mostOutput, 0))
        }
        return true
    }
}
