import Logging
import Testing

@testable import MAECommand

@Suite("Logs that other machines write into")
struct SafeLogTests {
    @Test("a line break or a terminal's command in a message or in metadata becomes visible")
    func hostileText() {
        let hostile = "bad\n2026-01-01T00:00:00Z error run: forged\u{1b}[2J"
        let event = LogEvent(
            level: .error, message: "a worker refused a message: \(hostile)",
            metadata: ["node": "\(hostile)", "tries": ["\(hostile)", "two"]], source: "test", file: #fileID,
            function: #function, line: #line)
        let safe = SafeLogHandler.safe(event)
        #expect(safe.message.description.contains(#"bad\u{a}2026"#))
        for text in [safe.message.description] + (safe.metadata ?? [:]).values.map(\.description) {
            #expect(text.contains("forged") && text.contains(#"\u{1"#))
            #expect(!text.unicodeScalars.contains { $0.value < 32 })
        }
        var handler = SafeLogHandler(label: "test")
        handler.metadata = ["run": "\(hostile)"]
        handler[metadataKey: "node"] = "\(hostile)"
        #expect(handler.metadata.values.allSatisfy { !$0.description.contains("\n") })
    }
}
