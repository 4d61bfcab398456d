import Logging
import Synchronization

/// What a site logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    /// A logger whose lines are kept here.
    var logger: Logger { Logger(label: "test") { [self] _ in Handler(lines: self) } }

    /// Whether a line has this text in it.
    func contain(_ text: String) -> Bool { lines.withLock { $0.contains { $0.contains(text) } } }

    /// How many lines have this text in them.
    func count(_ text: String) -> Int { lines.withLock { $0.count { $0.contains(text) } } }

    private func add(_ line: String) { lines.withLock { $0.append(line) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.info
        var metadata = Logger.Metadata()

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.add(event.message.description) }
    }
}
