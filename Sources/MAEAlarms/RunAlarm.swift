import MAEText
import MAEVerify

/// What a run came to, as alarms tell it.
public struct RunAlarm: Sendable, Equatable {
    /// The word for a run that could not even begin.
    public static let failed = "failed"

    /// Name of the run; nil where it has none yet.
    public var run: String?
    /// The verdict in a word, such as `disagree`, or ``failed``.
    public var verdict: String
    /// What mae-coord exits with.
    public var exitCode: Int32
    /// The verdict in a sentence, or why there is none.
    public var message: String
    /// Code and sentence of the first finding that is more than a note; nil where there is none.
    public var cause: String?
    /// Absolute path of the HTML report; nil where none was written.
    public var htmlReport: String?
    /// Absolute path of the JSON report; nil where none was written.
    public var jsonReport: String?
    /// Absolute path of the store.
    public var store: String

    /// Tells of a run that was judged.
    public init(
        _ verification: Verification, htmlReport: String? = nil, jsonReport: String? = nil, store: String
    ) {
        let verdict = verification.verdict
        let cause = verification.findings.first { $0.severity > .note }
        (run, self.verdict) = (verification.comparison.plan.run, verdict.outcome.rawValue)
        (exitCode, message) = (verdict.outcome.exitCode, verdict.sentence)
        self.cause = cause.map { "\($0.code): \($0.sentence)" }
        (self.htmlReport, self.jsonReport, self.store) = (htmlReport, jsonReport, store)
    }

    /// Tells of a run that ended without a judgement.
    public init(failed message: String, exitCode: Int32, run: String?, store: String) {
        (self.run, self.message, self.exitCode, self.store) = (run, message, exitCode, store)
        // A signal that came before there was anything to judge ends with the code of an incomplete run.
        verdict = exitCode == Verdict.Outcome.incomplete.exitCode ? Verdict.Outcome.incomplete.rawValue : Self.failed
    }

    /// The alarm as the body of a ping: a line or a few, of ``longestText`` bytes at most.
    public var text: String {
        // The sentence of a verdict often ends with that of its cause.
        let isSaid = cause.map { cause in message.contains(cause.drop { $0 != " " }.dropFirst()) } ?? true
        let lines = ["\(verdict.uppercased()) \(message)", isSaid ? nil : cause, run.map { "run \($0)" }]
        let text = lines.compactMap(\.self).map(SafeText.terminal).joined(separator: "\n") + "\n"
        return text.utf8.count <= Self.longestText ? text : text.prefix(utf8Count: Self.longestText - 4) + "…\n"
    }

    /// Bytes of ``text`` at most: what Healthchecks keeps by default.
    public static let longestText = 10_000
}

extension String {
    /// As many whole characters from the beginning as have at most `count` bytes of UTF-8.
    func prefix(utf8Count count: Int) -> String {
        guard utf8.count > count else { return self }
        var size = 0
        return String(
            prefix { character in
                size += character.utf8.count
                return size <= count
            })
    }
}
