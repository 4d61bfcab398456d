import MAEVerify

extension JSONReport {
    /// PyTorch as a node: what it is, and how far from this engine its results lie.
    struct WitnessEntry: Encodable {
        struct Method: Encodable {
            var method: String
            /// Results that were set against an engine's.
            var results: Int
            var agrees: Bool
            var max, rms: Double?
        }

        var node, numericClass, version: String
        var attention, capability: String?
        var agrees: Bool
        var max, rms: Double?
        /// Whether all methods gave it the same bits.
        var equalBits: Bool?
        /// Largest difference between its own results of a batch.
        var betweenMethods: Double?
        var methods: [Method]

        init(_ report: WitnessReport) {
            let witness = report.witness
            (node, numericClass, version) = (witness.node, witness.numericClass, witness.version)
            (attention, capability) = (witness.attention, witness.capability)
            (agrees, equalBits) = (report.agrees, report.hasEqualBits)
            (max, rms) = (Self.finite(report.maximum), Self.finite(report.rms))
            betweenMethods = Self.finite(report.betweenMethods)
            methods = report.methods.map {
                Method(
                    method: $0.method, results: $0.results, agrees: $0.agrees, max: Self.finite($0.maximum),
                    rms: Self.finite($0.rms))
            }
        }

        private static func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    }
}
