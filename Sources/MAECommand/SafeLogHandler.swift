import Logging
import MAEText

/// Writes one line on standard error for each event, whatever peers have put into it.
///
/// Names, reasons and messages in a log come from other machines: a line break in one of them could forge a line, and a
/// control character move a terminal's cursor. Both become visible instead.
public struct SafeLogHandler: LogHandler {
    private var lines: StreamLogHandler

    /// A handler for the logger `label`.
    public init(label: String) { lines = StreamLogHandler.standardError(label: label) }

    /// What is logged at least.
    public var logLevel: Logger.Level {
        get { lines.logLevel }
        set { lines.logLevel = newValue }
    }

    /// What every line is about.
    public var metadata: Logger.Metadata {
        get { lines.metadata }
        set { lines.metadata = newValue.mapValues(Self.safe) }
    }

    /// One thing that every line is about.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { lines[metadataKey: key] }
        set { lines[metadataKey: key] = newValue.map(Self.safe) }
    }

    /// Writes the line.
    public func log(event: LogEvent) { StatusBlock.standingAside { lines.log(event: Self.safe(event)) } }

    /// The event with everything visible that it holds.
    static func safe(_ event: LogEvent) -> LogEvent {
        var event = event
        event.message = "\(SafeText.terminal(event.message.description))"
        event.metadata = event.metadata?.mapValues(safe)
        return event
    }

    private static func safe(_ value: Logger.Metadata.Value) -> Logger.Metadata.Value {
        .string(SafeText.terminal(value.description))
    }
}

extension Logger {
    /// A logger of a command, which writes safe lines.
    public init(command label: String, level: Logger.Level) {
        self.init(label: label, factory: { SafeLogHandler(label: $0) })
        logLevel = level
    }
}
