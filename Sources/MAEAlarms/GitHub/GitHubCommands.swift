import MAEDomain
import MAEText
import MAEVerify

/// Lines on standard output that the runner of GitHub Actions takes for commands: annotations of a run, shown on its page.
///
/// The runner takes any line for one that begins with `::`, also one that a peer has put there by its name. So other output of a run
/// is put between ``stop(_:)`` and ``resume(_:)``, whose token no peer can know.
public enum GitHubCommands {
    /// Annotations of each kind that the runner shows of one step.
    static let mostOfKind = 10
    /// Characters of an annotation: GitHub cuts longer ones off.
    private static let longestMessage = 4096

    /// A token for ``stop(_:)``.
    public static func makeToken() -> String {
        let random: [UInt64] = (0..<2).map { _ in .random(in: .min ... .max) }
        return "mae-" + random.map { String($0, radix: 36) }.joined()
    }

    /// Has the runner take no line for a command from here on.
    public static func stop(_ token: String) -> String { "::stop-commands::\(token)\n" }

    /// Has the runner take commands again.
    public static func resume(_ token: String) -> String { "::\(token)::\n" }

    /// The verdict and the findings as annotations, the most severe first, ending in a newline.
    public static func annotations(_ verification: Verification) -> String {
        let verdict = verification.verdict
        let kind = verdict.outcome == .agree ? Kind.notice : .error
        var lines = [line(kind, title: "mae-coord: \(verdict.outcome.rawValue)", verdict.sentence)]
        // The verdict is one of its kind.
        var counts: [Kind: Int] = [kind: 1]
        var hidden = 0
        for finding in verification.findings {
            let kind = Kind(finding.severity)
            guard counts[kind, default: 0] < mostOfKind else {
                hidden += 1
                continue
            }
            counts[kind, default: 0] += 1
            let text = finding.sentence + (finding.remedy.isEmpty ? "" : "\n\(finding.remedy)")
            lines.append(line(kind, title: "mae-coord: \(finding.code)", text))
        }
        if hidden > 0 {
            lines.append(
                "\(NumberText.count(hidden, "further finding")) in the reports: GitHub shows \(mostOfKind) of a kind.")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Why a run could not begin, as an annotation, ending in a newline.
    public static func failure(_ message: String) -> String {
        line(.error, title: "mae-coord: \(RunAlarm.failed)", message) + "\n"
    }

    private enum Kind: String {
        case error, warning, notice

        init(_ severity: Severity) {
            self =
                switch severity {
                case .error: .error
                case .warning: .warning
                case .note: .notice
                }
        }
    }

    private static func line(_ kind: Kind, title: String, _ message: String) -> String {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false).map {
            SafeText.terminal(String($0))
        }
        let text = lines.joined(separator: "\n").prefix(longestMessage)
        return "::\(kind.rawValue) title=\(property(SafeText.terminal(title)))::\(data(String(text)))"
    }

    /// Text behind the second pair of colons, as the runner reads it back.
    static func data(_ text: String) -> String {
        // By scalars: a carriage return and the line feed behind it are one character of Swift.
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// The value of a property, as the runner reads it back.
    static func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
