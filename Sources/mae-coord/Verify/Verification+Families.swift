import Foundation
import MAEReport
import MAEVerify

extension Verification {
    /// What the run came to, for an alarm.
    func families(endedAt time: Date) -> [MetricFamily] {
        let outcomes = Verdict.Outcome.allCases.map { ($0.rawValue, $0 == verdict.outcome ? 1.0 : 0.0) }
        return [
            MetricFamily(
                .gauge, "mae_run_verdict", "1 for the verdict of the run, 0 for the others; absent until it has ended.",
                by: "verdict", Dictionary(uniqueKeysWithValues: outcomes)),
            MetricFamily(
                .gauge, "mae_run_exit_code", "What mae-coord exits with.", Double(verdict.outcome.exitCode)),
            MetricFamily(
                .gauge, "mae_run_end_timestamp_seconds", "When the run was judged, in Unix time.",
                time.timeIntervalSince1970),
            MetricFamily(
                .gauge, "mae_pairs", "Pairs of results that were compared, by what came of it.", by: "relation",
                comparison.pairCounts.mapValues(Double.init)),
            MetricFamily(
                .gauge, "mae_findings", "Findings of the run that are more than notes, by their code.", by: "code",
                Dictionary(grouping: findings.filter { $0.severity > .note }, by: \.code).mapValues { Double($0.count) }
            ),
            MetricFamily(
                .gauge, "mae_output_digest",
                "The first 48 bits of the digest that most nodes and methods gave of the first batch, by its seed.",
                by: "seed", firstDigest.map { [$0.seed: $0.number] } ?? [:]),
        ]
    }

    /// What most cells gave of the first batch, as a number that a gauge takes as it is; nil where there is none.
    ///
    /// It is a change of this number under one seed that an alarm looks for.
    private var firstDigest: (seed: String, number: Double)? {
        guard let index = Matrix(comparison).references[0] else { return nil }
        let digest = comparison.cells[index].digests.layernorm.description.prefix(12)
        guard let number = UInt64(digest, radix: 16) else { return nil }
        let plan = comparison.plan
        return (plan.images == nil ? "\(plan.batch(0).seed)" : "images", Double(number))
    }
}
