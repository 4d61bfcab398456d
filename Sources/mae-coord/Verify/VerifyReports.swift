import Foundation
import MAECommand
import MAEReport
import MAEStore

/// Shows the judgement of a run to the person and writes it for programs.
struct VerifyReports {
    let files: ReportFileOptions
    /// The folder of the run's store, as the person names it.
    let store: String

    /// Finds out whether the reports, and other files that come of a run, can be written.
    func probe(and others: [String?] = []) throws(OutputError) {
        for file in (files.outputs.map(\.path) + others).compactMap(\.self) { try OutputFile(file).probe() }
    }

    /// Writes every report that can be written, files first, and returns why others could not; `pages` show the one for a browser.
    func write(_ judgement: Judgement, _ pages: RunPages? = nil) -> [any Error] {
        let verification = judgement.verification
        var details = judgement.details
        details.store = store == StoreOption.defaultFolder ? nil : store
        var errors: [any Error] = []
        func attempt(_ work: () throws -> Void) {
            do { try work() } catch { errors.append(error) }
        }
        if let file = files.json {
            attempt { try OutputFile(file).write(JSONReport.render(verification, details: details)) }
        }
        if let file = files.junit {
            attempt { try OutputFile(file).write(JUnitReport.render(verification, details: details)) }
        }
        if files.html != nil || pages != nil {
            let page = HTMLReport.render(verification, details: details)
            if let file = files.html { attempt { try OutputFile(file).write(page) } }
            pages?.show(page: page, activity: "the run is judged")
        }
        attempt {
            try StandardOutput.write(TerminalReport.render(verification, details: details, style: .ofStandardOutput))
        }
        return errors
    }
}
