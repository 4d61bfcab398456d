import Foundation
import GRDB
import MAEVerify

/// How a run ended and what was made of it.
struct JudgementRow: CheckedRow {
    static let databaseTableName = "judgements"

    let run: Int64
    let ended: Date
    let verdict: String
    let exitCode: Int32
    /// How many findings it has.
    let findings: Int
    /// A ``StoredJudgement``.
    let content: Data
    private(set) var checksum: Int64?

    enum CodingKeys: String, CodingKey {
        case run, ended, verdict, findings, content, checksum
        case exitCode = "exit_code"
    }

    var checked: [DatabaseValue] {
        [
            run.databaseValue, verdict.databaseValue, exitCode.databaseValue, findings.databaseValue,
            content.databaseValue,
        ]
    }

    /// A judgement that is encoded as `content` already.
    init(_ judgement: Judgement, content: Data, run: Int64, ended: Date) {
        (self.run, self.ended, self.content) = (run, ended, content)
        let outcome = judgement.verification.verdict.outcome
        (verdict, exitCode) = (outcome.wordInStore, outcome.exitCode)
        findings = judgement.verification.findings.count
        checksum = RecordChecksum.of(checked)
    }

    /// The judgement of a run, if there is one.
    static func of(_ run: Int64) -> QueryInterfaceRequest<JudgementRow> { filter(key: run) }
}

/// How a run ended, without what was made of it.
struct EndingRow: StoreRow {
    static let databaseTableName = JudgementRow.databaseTableName

    let ended: Date
    let verdict: String
    let exitCode: Int32

    enum CodingKeys: String, CodingKey {
        case ended, verdict
        case exitCode = "exit_code"
    }

    static var databaseSelection: [any SQLSelectable] {
        [Column(CodingKeys.ended), Column(CodingKeys.verdict), Column(CodingKeys.exitCode)]
    }

    /// The ending of a run, if it has ended.
    static func of(_ run: Int64) -> QueryInterfaceRequest<EndingRow> { filter(key: run) }

    /// That of the run that was judged last.
    static var latest: QueryInterfaceRequest<EndingRow> { order(Column(CodingKeys.ended).desc).limit(1) }

    /// How it ended.
    var ending: RunEnding { RunEnding(time: ended, verdict: verdict, exitCode: exitCode) }
}
