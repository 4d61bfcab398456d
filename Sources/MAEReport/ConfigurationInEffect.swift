import MAEDomain
import MAEVerify

/// The configuration that a loading method computed with, and on which nodes.
struct ConfigurationInEffect {
    /// Label of the loading method.
    let method: String
    /// Names of the nodes, in the order of the comparison.
    private(set) var nodes: [String] = []
    /// Every value, in the order in which the nodes sent it.
    let fields: [ConfigurationField]

    private struct Key: Hashable {
        var method: String
        var fields: [ConfigurationField]
    }

    private init(_ key: Key) {
        method = key.method
        fields = key.fields
    }

    /// What the checkpoint says, except where the run or its method set the ratio.
    private static func fields(of cell: Observation) -> [ConfigurationField] {
        cell.configuration.map { field in
            guard field.name == "mask_ratio" else { return field }
            return ConfigurationField(
                name: field.name, value: "\(cell.maskRatio.value)", origin: cell.maskRatio.origin,
                reason: cell.maskRatio.origin == field.origin ? field.reason : nil)
        }
    }

    /// All that differ, method by method: usually one each.
    ///
    /// A method whose nodes sent no configuration has none.
    static func all(in comparison: Comparison) -> [ConfigurationInEffect] {
        var found: [ConfigurationInEffect] = []
        var places: [Key: Int] = [:]
        var seen: [Set<String>] = []
        for cell in comparison.cells where !cell.configuration.isEmpty {
            let key = Key(method: cell.method.label, fields: fields(of: cell))
            let place = places[key] ?? found.count
            if place == found.count {
                places[key] = place
                found.append(ConfigurationInEffect(key))
                seen.append([])
            }
            if seen[place].insert(cell.node.name).inserted { found[place].nodes.append(cell.node.name) }
        }
        return comparison.methods.flatMap { method in found.filter { $0.method == method.label } }
    }
}
