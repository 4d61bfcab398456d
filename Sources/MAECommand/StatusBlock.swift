import Glibc
import Synchronization

/// The last lines of a terminal on standard error, which are drawn again in place; lines that stay go above them.
public enum StatusBlock {
    private static let shown = Mutex(TerminalBlock())

    /// Replaces the lines, each of which is to fit a row: see ``TerminalWidth``.
    public static func show(_ lines: [String]) {
        shown.withLock { shown in
            StandardError.writeBytes(shown.replace(by: lines, width: TerminalWidth.of(STDERR_FILENO)))
        }
    }

    /// Takes the lines away.
    public static func clear() {
        shown.withLock { shown in
            guard !shown.lines.isEmpty else { return }
            StandardError.writeBytes(shown.replace(by: [], width: TerminalWidth.of(STDERR_FILENO)))
        }
    }

    /// Takes the lines away while `write` writes whole lines on standard error.
    static func standingAside(_ write: () -> Void) {
        shown.withLock { shown in
            guard !shown.lines.isEmpty else { return write() }
            StandardError.writeBytes(shown.erasing(width: TerminalWidth.of(STDERR_FILENO)))
            write()
            StandardError.writeBytes(shown.lines.joined(separator: "\n"))
        }
    }
}
