import MAEDomain
import MAEText

extension Diagnosis {
    /// A configuration value that the encoder computes with is not the same everywhere.
    static let configurationDiffers: Rule = { context in
        var touched: [String: [Int]] = [:]
        for index in context.pairs(with: .configuration) {
            for field in context.otherFields(index) { touched[field.left.name, default: []].append(index) }
        }
        return touched.sorted { $0.key < $1.key }.map { name, pairs in
            let universe = context.cells(in: pairs)
            let values = Split(universe) { context.field(name, of: $0) }.sides.map { side in
                let field = side.first.flatMap { context.field(name, of: $0) }
                let who = Scope(side, among: universe, in: context).words
                return "\(field?.value ?? "unset") for \(who) (from \(field?.originWords ?? "nowhere"))"
            }
            // Where a value is from makes nothing odd that has the value of most.
            let split = Split(universe) { context.field(name, of: $0).map { EncoderConfiguration.key($0.value) } }
            return Explanation(
                finding: Finding(
                    code: .configurationDiffers, severity: context.severity(of: pairs),
                    sentence: "`\(name)` is not the same everywhere: " + NumberText.list(values) + ".",
                    evidence: context.worstDifference(in: pairs),
                    remedy: "Give the methods one configuration with --config.",
                    cells: context.places(split.odd.flatMap(\.self).sorted())),
                explains: context.explaining(StageSet.masking.union(StageSet([.configuration])), in: pairs))
        }
    }
}

extension DiagnosisContext {
    fileprivate func field(_ name: String, of cell: Int) -> ConfigurationField? {
        cells[cell].configuration.first { $0.name == name }
    }
}
