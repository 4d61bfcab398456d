import Glibc
import MAEThreads

/// A program that this process started: it is told to end, killed when it does not, and waited for.
///
/// Its standard input is a pipe that closes when this process ends, however that comes about. It has a process group of its
/// own, so that Ctrl-C in a terminal reaches this process alone, which then ends it in order.
final class ChildProcess {
    private let group: ProcessGroup
    /// The end of its standard input that is held here.
    private let lifeline: CInt

    /// Starts the program at `path`; what it prints goes to the file `log`, which is made for its owner alone.
    ///
    /// - Throws: ``LocalWorkerError``
    init(_ path: String, _ arguments: [String], log: String) throws(LocalWorkerError) {
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw LocalWorkerError(log, "cannot be written", number: errno) }
        defer { close(output) }
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw LocalWorkerError(path, "no pipe can be made", number: errno) }
        defer { close(ends[0]) }
        // Only this thread starts processes, so none inherits the ends before they are marked.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do {
            group = try ProcessGroup(path, arguments, input: ends[0], output: output)
        } catch {
            close(ends[1])
            throw LocalWorkerError(path, "cannot be started", number: error.number)
        }
        lifeline = ends[1]
    }

    deinit { close(lifeline) }

    /// How the process ended; nil while it runs.
    var ending: ProcessGroup.Ending? { group.ending }

    /// Whether the process has not ended; one that has is reaped.
    func isRunning() -> Bool { group.isRunning() }

    /// Asks the process to end.
    func terminate() { group.terminate() }

    /// Ends the process at once, and waits for that.
    func killAndReap() { group.killAndReap() }
}
