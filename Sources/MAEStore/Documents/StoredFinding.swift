import MAEDomain
import MAEVerify

/// A finding in a document.
struct StoredFinding: Codable, Hashable {
    var code: String
    var severity: StoredWord<Severity>
    var sentence: String
    var evidence: [String]
    var remedy: String
    var python: String?
    var places: [StoredPlace]
    /// Nil in judgements of older versions too.
    var replay: StoredPlace?

    init(_ finding: Finding) {
        (code, severity, sentence) = (finding.code, StoredWord(finding.severity), finding.sentence)
        (evidence, remedy, python) = (finding.evidence, finding.remedy, finding.python)
        places = finding.cells.map(StoredPlace.init)
        replay = finding.replay.map(StoredPlace.init)
    }

    /// The finding as it was.
    var finding: Finding {
        var finding = Finding(
            code: code, severity: severity.value, sentence: sentence, evidence: evidence, remedy: remedy,
            python: python, cells: places.map(\.cell))
        finding.replay = replay?.cell
        return finding
    }
}
