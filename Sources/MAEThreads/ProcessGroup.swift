import Glibc

/// A program that this process started, in a process group of its own: Ctrl-C in a terminal does not reach it.
///
/// What is blocked or ignored here is not to be so there. It must be waited for, by ``isRunning()`` or ``killAndReap()``.
public final class ProcessGroup {
    /// How a process ended.
    public enum Ending: Sendable, Equatable, CustomStringConvertible {
        /// By itself, with an exit code.
        case exited(Int32)
        /// By a signal.
        case killed(signal: Int32)

        /// The ending as the end of a sentence.
        public var description: String {
            switch self {
            case .exited(let code): "ended with exit code \(code)"
            case .killed(let signal): "was ended by signal \(signal)"
            }
        }
    }

    /// The number of the process, and of its group.
    public let id: pid_t
    /// How the process ended; nil while it runs.
    public private(set) var ending: Ending?

    /// Starts the program at `path`, with `input` and `output` as its standard streams, errors to `output` too.
    ///
    /// - Parameter environment: words of the form `NAME=value`; nil hands on that of this process.
    /// - Throws: ``ProcessError``
    public init(
        _ path: String, _ arguments: [String], environment: [String]? = nil, input: CInt, output: CInt
    ) throws(ProcessError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var usual = sigset_t()
        sigemptyset(&usual)
        sigaddset(&usual, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var id: pid_t = 0
        let failure = Self.withWords([path] + arguments) { arguments in
            guard let environment else { return posix_spawn(&id, path, &actions, &attributes, arguments, environ) }
            return Self.withWords(environment) { posix_spawn(&id, path, &actions, &attributes, arguments, $0) }
        }
        guard failure == 0 else { throw ProcessError(path: path, number: failure) }
        self.id = id
    }

    /// Whether the process has not ended; one that has is reaped.
    public func isRunning() -> Bool {
        guard ending == nil else { return false }
        var status: CInt = 0
        guard waitpid(id, &status, WNOHANG) == id else { return true }
        ending = Self.ending(status)
        return false
    }

    /// Asks the process to end.
    public func terminate() { if isRunning() { kill(id, SIGTERM) } }

    /// Ends the process at once, with all of its group that it has started, and waits for that.
    public func killAndReap() {
        guard isRunning() else { return }
        kill(-id, SIGKILL)
        var status: CInt = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        ending = Self.ending(status)
    }

    /// What the macros of `sys/wait.h` make of a status.
    private static func ending(_ status: CInt) -> Ending {
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
    }

    private static func withWords<Result>(
        _ words: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = words.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// The system did not start a program.
public struct ProcessError: Error, Sendable, CustomStringConvertible {
    /// The program.
    public let path: String
    /// The error number of `posix_spawn`.
    public let number: CInt

    /// Describes a failure.
    public init(path: String, number: CInt) { (self.path, self.number) = (path, number) }

    /// What is wrong.
    public var description: String { "\(path): cannot be started: \(String(cString: strerror(number)))" }
}
