import MAEVerify

/// What came of setting answers against those that the coordinator's machine computed, in a document.
struct StoredReferee: Codable, Hashable {
    struct Check: Codable, Hashable {
        var place: StoredPlace
        /// `identical`, `within-tolerance` or `differs`.
        var relation: String
        /// Where it differs first; nil unless it does.
        var stage: StoredWord<Stage>?
        var metrics: StoredMetrics?
        var standard: StoredWord<RefereeReport.Standard>
    }

    struct Obstacle: Codable, Hashable {
        var method: String?
        var reason: String
    }

    /// One side of a dispute that double precision was asked about.
    struct Error: Codable, Hashable {
        var place: StoredPlace
        var name: String
        var maximum, rms: Double
    }

    struct Float64: Codable, Hashable {
        var image: Int
        var left, right: Error
        /// False where the two agree; nil, as in judgements of older versions, where they do not.
        var isDispute: Bool?
    }

    var numericClass: String?
    var checks: [Check]
    var obstacles: [Obstacle]
    var unanswered: [StoredPlace]
    /// Nil where nothing was set against double precision, and in judgements of older versions.
    var float64: [Float64]?

    /// Nil where there was no referee.
    init?(_ report: RefereeReport) {
        guard !report.isEmpty else { return nil }
        numericClass = report.numericClass
        checks = report.checks.map { check in
            var stage: StoredWord<Stage>?
            if case .differs(let first) = check.relation { stage = StoredWord(first) }
            return Check(
                place: StoredPlace(check.cell), relation: check.relation.name, stage: stage,
                metrics: check.metrics.map(StoredMetrics.init), standard: StoredWord(check.standard))
        }
        obstacles = report.obstacles.map { Obstacle(method: $0.method, reason: $0.reason) }
        unanswered = report.unanswered.map(StoredPlace.init)
        float64 =
            report.float64.isEmpty
            ? nil
            : report.float64.map {
                Float64(
                    image: $0.image, left: Error($0.left), right: Error($0.right),
                    isDispute: $0.isDispute ? nil : false)
            }
    }

    /// The report as it was; nil for a relation that there is not.
    var report: RefereeReport? {
        let checks = checks.compactMap { check in
            PairComparison.Relation(named: check.relation, stage: check.stage?.value).map {
                RefereeReport.Check(
                    cell: check.place.cell, relation: $0, metrics: check.metrics?.metrics,
                    standard: check.standard.value)
            }
        }
        guard checks.count == self.checks.count else { return nil }
        return RefereeReport(
            numericClass: numericClass, checks: checks,
            obstacles: obstacles.map { RefereeAnswers.Obstacle(method: $0.method, reason: $0.reason) },
            unanswered: unanswered.map(\.cell),
            float64: (float64 ?? []).map {
                Float64Check(
                    image: $0.image, left: $0.left.side, right: $0.right.side, isDispute: $0.isDispute ?? true)
            })
    }
}

extension StoredReferee.Error {
    fileprivate init(_ side: Float64Check.Side) {
        place = StoredPlace(side.cell)
        (name, maximum, rms) = (side.name, side.maximum, side.rms)
    }

    /// The side as it was.
    fileprivate var side: Float64Check.Side {
        Float64Check.Side(cell: place.cell, name: name, maximum: maximum, rms: rms)
    }
}
