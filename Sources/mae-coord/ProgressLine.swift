import Foundation
import MAECommand
import MAEReport

/// One line on standard error that says what a long command is at.
///
/// On a terminal the line is rewritten in place; elsewhere a new line appears at most every few seconds. Nothing is shown
/// for work that is over within a quiet period.
final class ProgressLine: @unchecked Sendable {
    // Sendable: all state is behind `lock`.
    private let lock = NSLock()
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?
    private var isLineOpen = false

    private let quietPeriod: Duration

    /// A line that first shows itself after `quietPeriod`.
    init(quietPeriod: Duration = .seconds(2)) {
        self.quietPeriod = quietPeriod
    }

    /// Says what is being done.
    func show(_ text: String) {
        lock.withLock {
            let now = ContinuousClock.now
            let interval = isTerminal ? Duration.milliseconds(100) : .seconds(5)
            guard now - start >= quietPeriod, lastShown.map({ now - $0 >= interval }) ?? true else { return }
            lastShown = now
            let text = SafeText.terminal(text)
            StandardError.write(isTerminal ? "\r\u{1B}[K\(text)" : "\(text)\n")
            isLineOpen = isTerminal
        }
    }

    /// Says how much of it is done.
    func show(_ text: String, _ done: Int, of total: Int) {
        show("\(text) \(total == 0 ? 100 : done * 100 / total) %")
    }

    /// Writes a line that stays.
    func note(_ text: String) {
        lock.withLock {
            clearLine()
            StandardError.write(SafeText.terminal(text) + "\n")
        }
    }

    /// Takes the line away.
    func clear() { lock.withLock { clearLine() } }

    private func clearLine() {
        guard isLineOpen else { return }
        StandardError.write("\r\u{1B}[K")
        isLineOpen = false
    }
}
