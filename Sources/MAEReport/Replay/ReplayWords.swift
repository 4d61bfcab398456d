import MAEText
import MAEVerify

/// How reports say that a finding can be shown again on one machine.
package struct ReplayWords: Sendable {
    private let run: String?
    private let store: String?

    /// Words for the findings of a run.
    init(_ verification: Verification, _ details: ReportDetails) {
        (run, store) = (verification.comparison.plan.run, details.store)
    }

    /// No words: findings that belong to no run.
    package static let none = ReplayWords()

    private init() { (run, store) = (nil, nil) }

    /// What stands before the command line.
    static let label = "Show it again on one machine:"

    /// The command line, as a shell takes it; nil where no cell shows the finding.
    func command(_ finding: Finding) -> String? {
        guard let run, let cell = finding.replay else { return nil }
        let words =
            ["mae-coord", "replay", ShellText.quoted(run), "--cell", ShellText.quoted(cell.name)]
            + (store.map { ["--store", ShellText.word($0)] } ?? [])
        return words.joined(separator: " ")
    }

    /// Both, on one line.
    func line(_ finding: Finding) -> String? { command(finding).map { "\(Self.label) \($0)" } }
}
