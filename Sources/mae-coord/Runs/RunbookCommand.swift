import ArgumentParser
import MAECommand
import MAEReport
import MAEText

/// `mae-coord runbook`: what to do first about a finding.
struct RunbookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runbook",
        abstract: "Say what a finding's code means, and what to do first.",
        discussion: """
            Each finding of verify and explain has a code, such as node-outlier. Without a code the whole page is printed, in Markdown.

            Example: mae-coord runbook node-outlier
            """)

    @Argument(help: ArgumentHelp("The code of a finding.", valueName: "code"), completion: .list(Runbook.codes))
    var code: String?

    func validate() throws {
        guard let code, Runbook.section(code) == nil else { return }
        throw ValidationError(
            "There is no finding \(SafeText.terminal(code))\(NearestWord.advice(code, among: Runbook.codes)) "
                + "mae-coord runbook tells of all.")
    }

    func run() throws {
        try StandardOutput.write(code.flatMap(Runbook.section) ?? Runbook.text)
    }
}
