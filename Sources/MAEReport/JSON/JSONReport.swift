import MAEText
import MAEVerify

/// A verification for programs.
///
/// `docs/verdict.md` describes every field. Fields are added, never renamed.
public enum JSONReport {
    /// Pairs beyond this number are left out, agreeing ones first, and counted in `pairs_omitted`.
    public static let mostPairs = 5000

    /// The same in a long run, of which some results are only counted; and most pairs that agree then.
    static let mostPairsOfLongRun = (all: 2500, agreeing: 500)

    /// Encodes the report: UTF-8, keys sorted, indented, ending in a newline.
    public static func render(_ verification: Verification, details: ReportDetails = ReportDetails()) throws -> String {
        try JSONText.encode(Document(verification, details), snakeCase: true) + "\n"
    }

    /// The pairs that the document lists, by their index.
    static func listedPairs(_ comparison: Comparison) -> [Int] {
        guard comparison.counted != nil else { return listedPairs(comparison, limit: mostPairs) }
        let differing = comparison.pairs.count { !$0.agrees }
        return listedPairs(
            comparison, limit: min(differing + mostPairsOfLongRun.agreeing, mostPairsOfLongRun.all))
    }

    /// The pairs that a report lists, by their index: all, or the disagreeing ones first when there are too many.
    static func listedPairs(_ comparison: Comparison, limit: Int) -> [Int] {
        let pairs = comparison.pairs
        guard pairs.count > limit else { return Array(pairs.indices) }
        let differing = pairs.indices.filter { !pairs[$0].agrees }
        let agreeing = pairs.indices.filter { pairs[$0].agrees }
        return (differing + agreeing).prefix(limit).sorted()
    }
}
