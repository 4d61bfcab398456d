import MAEVerify

extension JSONReport {
    /// What came of setting answers against those that the coordinator's machine computed.
    struct Referee: Encodable {
        struct Check: Encodable {
            var node, method: String
            var batch: Int
            var relation: String
            var agrees: Bool
            var stage: String?
            var measured: Metrics?
            var standard: String

            init(_ check: RefereeReport.Check) {
                (node, method, batch) = (check.cell.node, check.cell.method, check.cell.batch)
                relation = check.relation.name
                agrees = !check.isWrong
                if case .differs(let at) = check.relation { stage = at.name }
                measured = check.metrics.map(Metrics.init)
                standard =
                    switch check.standard {
                    case .thisMachine: "this-machine"
                    case .mostNodes: "most-nodes"
                    }
            }
        }

        struct Obstacle: Encodable {
            var method: String?
            var reason: String
        }

        /// Two results, set against double precision; errors that are not finite are left out.
        struct Float64: Encodable {
            struct Side: Encodable {
                var cell: CellName
                var max, rms: Double?

                init(_ side: Float64Check.Side) {
                    cell = CellName(side.cell)
                    (max, rms) = (side.maximum.isFinite ? side.maximum : nil, side.rms.isFinite ? side.rms : nil)
                }
            }

            var image: Int
            var sides: [Side]
            var wrong: CellName?
            /// Whether the two disagree.
            var dispute: Bool

            init(_ check: Float64Check) {
                image = check.image
                sides = [Side(check.left), Side(check.right)]
                wrong = check.wrong.map { CellName($0.cell) }
                dispute = check.isDispute
            }
        }

        /// Seed of the batch that was drawn for the run alone.
        var seed: UInt64?
        /// Index of that batch.
        var batch: Int?
        var checks: [Check]
        var obstacles: [Obstacle]
        var unanswered: [CellName]
        var float64: [Float64]?

        /// Nil where there was no referee.
        init?(_ comparison: Comparison) {
            let report = comparison.referee
            guard !report.isEmpty else { return nil }
            (seed, batch) = (comparison.plan.freshSeed, comparison.plan.freshBatch)
            checks = report.checks.map(Check.init)
            obstacles = report.obstacles.map { Obstacle(method: $0.method, reason: $0.reason) }
            unanswered = report.unanswered.map(CellName.init)
            float64 = report.float64.isEmpty ? nil : report.float64.map(Float64.init)
        }
    }
}
