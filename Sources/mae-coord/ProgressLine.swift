import Foundation
import MAECommand
import MAEReport
import MAEText
import Synchronization

/// A line on standard error, or a few, that say what a long command is at.
///
/// On a terminal they are drawn again in place; elsewhere a new line appears at most every few seconds. Nothing is shown
/// for work that is over within a quiet period.
final class ProgressLine: Sendable {
    /// Whether lines are drawn again in place.
    let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

    private let quietPeriod: Duration
    private let isQuiet: Bool

    /// A line that first shows itself after `quietPeriod`; one that `isQuiet` never does.
    init(quietPeriod: Duration = .seconds(2), isQuiet: Bool = false) {
        self.quietPeriod = quietPeriod
        self.isQuiet = isQuiet
    }

    /// Columns that the line may have.
    var width: Int { TerminalWidth.of(STDERR_FILENO) }

    /// Says what is being done; what does not fit one line of a terminal is cut off.
    func show(_ text: String) {
        whenDue {
            let text = SafeText.terminal(text)
            if isTerminal {
                // The last column stays empty: a character there may wrap the line.
                StatusBlock.show([text.fitted(to: width - 1)])
            } else {
                StandardError.write(text + "\n")
            }
        }
    }

    /// Draws lines on a terminal, which `lines` makes for its size when it is time.
    func show(_ lines: (_ width: Int, _ height: Int) -> [String]) {
        whenDue { StatusBlock.show(lines(width, TerminalHeight.of(STDERR_FILENO))) }
    }

    private func whenDue(_ show: () -> Void) {
        lastShown.withLock { lastShown in
            let now = ContinuousClock.now
            let interval = isTerminal ? Duration.milliseconds(100) : .seconds(5)
            guard !isQuiet, now - start >= quietPeriod, lastShown.map({ now - $0 >= interval }) ?? true else { return }
            lastShown = now
            show()
        }
    }

    /// Says how much of it is done.
    func show(_ text: String, _ done: Int, of total: Int) {
        show("\(text) \(total == 0 ? 100 : done * 100 / total) %")
    }

    /// Writes a line that stays.
    func note(_ text: String) {
        guard !isQuiet else { return }
        StandardError.write(SafeText.terminal(text) + "\n")
    }

    /// Writes a line that stays, also where nothing of the progress is shown.
    func warn(_ text: String) { StandardError.complain("mae-coord", text) }

    /// Takes the line away.
    func clear() { StatusBlock.clear() }
}
