import ArgumentParser
import Foundation
import MAEAlarms

/// Whom a run tells how it ended, apart from its reports.
struct AlarmOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Run this by /bin/sh -c when the verdict is another than that of the run before of the same name without its date, or of the "
                + "same plan: on a change for the worse, on recovery, and when a run cannot begin. Its environment has MAE_VERDICT, "
                + "MAE_VERDICT_BEFORE, MAE_CAUSE and more (docs/alarms.md).", valueName: "command"))
    var onChange: String?

    @Option(
        name: .customLong("ping"),
        help: ArgumentHelp(
            "Tell a monitoring service in the form of Healthchecks: URL/start at the beginning, URL/EXITCODE with the verdict at the end. "
                + "The address is a secret: better give it in the environment, as \(Self.pingVariable).",
            valueName: "url"))
    var givenPing: String?

    @Flag(
        name: .customLong("github"), inversion: .prefixedNo,
        help: ArgumentHelp(
            "Write annotations for GitHub Actions, and the report into the summary of the step. (default: where GITHUB_ACTIONS is true)"
        ))
    var givenGitHub: Bool?

    static let pingVariable = "MAE_PING_URL"
    /// Options whose values may be secrets, with what stands for these where a command line is kept.
    private static let secrets = ["--ping": "URL", "--on-change": "COMMAND"]

    func validate() throws {
        guard onChange?.allSatisfy(\.isWhitespace) != true else {
            throw ValidationError("--on-change: name a command.")
        }
        _ = try pingAddress()
    }

    /// Whether annotations are written.
    var isGitHub: Bool { givenGitHub ?? (ProcessInfo.processInfo.environment["GITHUB_ACTIONS"] == "true") }

    /// Where pings go; nil where nowhere is.
    ///
    /// - Throws: `ValidationError`, which does not show the address.
    func pingAddress() throws(ValidationError) -> PingAddress? {
        let variable = ProcessInfo.processInfo.environment[Self.pingVariable].flatMap { $0.isEmpty ? nil : $0 }
        guard let text = givenPing ?? variable else { return nil }
        guard let address = PingAddress(text) else {
            throw ValidationError(
                "\(givenPing == nil ? Self.pingVariable : "--ping"): this is no address; it has the form https://HOST/… or http://HOST/…."
            )
        }
        return address
    }

    /// The words of a command line without what may be secret in them.
    static func withoutSecrets(_ words: [String]) -> [String] {
        words.indices.map { index in
            if index > 0, let mark = secrets[words[index - 1]] { return mark }
            let parts = words[index].split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let mark = secrets[String(parts[0])] else { return words[index] }
            return "\(parts[0])=\(mark)"
        }
    }
}
