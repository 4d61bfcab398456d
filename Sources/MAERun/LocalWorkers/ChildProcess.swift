import Glibc

/// A program that this process started: it is told to end, killed when it does not, and waited for.
///
/// Its standard input is a pipe that closes when this process ends, however that comes about. It has a process group of its
/// own, so that Ctrl-C in a terminal reaches this process alone, which then ends it in order.
final class ChildProcess {
    /// How a process ended.
    enum Ending: Equatable, CustomStringConvertible {
        case exited(Int32)
        case killed(signal: Int32)

        var description: String {
            switch self {
            case .exited(let code): "ended with exit code \(code)"
            case .killed(let signal): "was ended by signal \(signal)"
            }
        }
    }

    /// The number of the process.
    let id: pid_t
    /// How the process ended; nil while it runs.
    private(set) var ending: Ending?
    /// The end of its standard input that is held here.
    private let lifeline: CInt

    /// Starts the program at `path`; what it prints goes to the file `log`, which is made for its owner alone.
    ///
    /// - Throws: ``LocalWorkerError``
    init(_ path: String, _ arguments: [String], log: String) throws(LocalWorkerError) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw LocalWorkerError(path, "no pipe can be made", number: errno) }
        defer { close(ends[0]) }
        // Only this thread starts processes, so none inherits the ends before they are marked.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What is blocked or ignored here is not to be so there.
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
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        let failure = posix_spawn(&id, path, &actions, &attributes, &words, environ)
        guard failure == 0 else {
            close(ends[1])
            throw LocalWorkerError(path, "cannot be started", number: failure)
        }
        self.id = id
        lifeline = ends[1]
    }

    deinit { close(lifeline) }

    /// Whether the process has not ended; one that has is reaped.
    func isRunning() -> Bool {
        guard ending == nil else { return false }
        var status: CInt = 0
        guard waitpid(id, &status, WNOHANG) == id else { return true }
        ending = Self.ending(status)
        return false
    }

    /// Asks the process to end.
    func terminate() { if isRunning() { kill(id, SIGTERM) } }

    /// Ends the process at once, and waits for that.
    func killAndReap() {
        guard isRunning() else { return }
        kill(id, SIGKILL)
        var status: CInt = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        ending = Self.ending(status)
    }

    /// What the macros of `sys/wait.h` make of a status.
    private static func ending(_ status: CInt) -> Ending {
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
    }
}
