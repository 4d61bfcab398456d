import Foundation
import Glibc
import MAECommand
import MAEReport
import MAEStore
import MAEText
import ZeroMQ

/// Shows the nodes of a run again and again, until the run has ended or a signal comes.
struct NodesWatch {
    private let signals: SignalWatch
    private let store: Store
    private let name: String?
    private let isVerbose: Bool
    private let interval: Double

    /// A watch on the run named `run`, or on the one that is worked on last, every `interval` seconds.
    init(_ folder: String, run: String?, isVerbose: Bool, every interval: Double) throws {
        // Before any thread is started, so that all of them inherit that signals are caught.
        signals = try SignalWatch()
        store = try Store(directory: folder, access: .reading)
        (name, self.isVerbose, self.interval) = (run, isVerbose, interval)
    }

    func run() throws {
        var block = TerminalBlock()
        let isTerminal = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        var isFirst = true
        while true {
            let overview = try SiteOverview(of: name, in: store, at: Date())
            let text = isVerbose ? overview.verboseText : overview.text
            if isTerminal {
                let width = TerminalWidth.of(STDOUT_FILENO)
                let lines = Self.lines(of: text, width: width, height: TerminalHeight.of(STDOUT_FILENO))
                try StandardOutput.write(block.replace(by: lines, width: width))
            } else {
                try StandardOutput.write((isFirst ? "" : "\n") + text)
            }
            isFirst = false
            if !overview.isUnderWay || signalCame() { break }
        }
        if isTerminal { try StandardOutput.write("\n") }
    }

    /// The lines that fit a screen; of those that do not, how many there are.
    private static func lines(of text: String, width: Int, height: Int) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map { $0.fitted(to: max(width - 1, 1)) }
        let room = max(height - 1, 2)
        guard lines.count > room else { return lines }
        return lines.prefix(room - 1) + ["… \(NumberText.count(lines.count - room + 1, "further line"))"]
    }

    /// Waits for the time between two views; whether a signal came meanwhile.
    private func signalCame() -> Bool {
        var watched = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&watched, 1, CInt((interval * 1000).rounded()))
        return signals.take() != nil
    }
}
