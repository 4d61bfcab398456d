import Glibc
import Synchronization

/// The last line of a terminal on standard error, which is rewritten in place; lines that stay go above it.
public enum StatusLine {
    private static let shown = Mutex<String?>(nil)

    /// Replaces the line by `text`, which is to fit: see ``TerminalWidth``.
    public static func show(_ text: String) {
        shown.withLock { shown in
            shown = text
            StandardError.writeBytes("\r\u{1B}[K" + text)
        }
    }

    /// Takes the line away.
    public static func clear() {
        shown.withLock { shown in
            guard shown != nil else { return }
            shown = nil
            StandardError.writeBytes("\r\u{1B}[K")
        }
    }

    /// Takes the line away while `write` writes whole lines on standard error.
    static func standingAside(_ write: () -> Void) {
        shown.withLock { shown in
            if shown != nil { StandardError.writeBytes("\r\u{1B}[K") }
            write()
            if let shown { StandardError.writeBytes(shown) }
        }
    }
}
