import MAEDomain
import MAEVerify

extension JSONReport {
    /// A finding, as every JSON that names causes has it.
    package struct FindingEntry: Encodable {
        var code, severity, sentence: String
        var evidence: [String]
        var remedy: String
        var python: String?
        var cells: [CellName]
        /// The command line that shows it again on one machine.
        var replay: String?

        /// Takes over a finding.
        package init(_ finding: Finding, replay: ReplayWords = .none) {
            (code, severity, sentence) = (finding.code, finding.severity.rawValue, finding.sentence)
            (evidence, remedy, python) = (finding.evidence, finding.remedy, finding.python)
            cells = finding.cells.map(CellName.init)
            self.replay = replay.command(finding)
        }
    }

    /// The name of a cell.
    struct CellName: Encodable {
        var node, method: String
        var batch: Int

        init(_ cell: Cell) { (node, method, batch) = (cell.node, cell.method, cell.batch) }
    }

    /// Work that gave no result.
    struct Failure: Encodable {
        var node, method: String
        var batch: Int
        var code: String
        var error: String?
        var message: String

        init(_ failure: ShardFailure) {
            (node, method, batch) = (failure.node, failure.method, failure.batch)
            (code, error, message) = (failure.code, failure.error, failure.message)
        }
    }
}
