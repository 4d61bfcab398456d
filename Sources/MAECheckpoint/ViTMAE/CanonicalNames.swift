/// What keys of a state dict, or modules of a model in memory, are called in a ViT-MAE, whatever version of transformers or wrapper
/// spelled them.
package struct CanonicalNames: Sendable {
    private let names: [String: String]
    /// The canonical names of query, key and value by the key of the tensor that holds their rows in this order.
    private let parts: [String: [String]]

    /// Looks for parameters among `keys`, which are in the order of the state dict.
    ///
    /// A tensor that holds query, key and value in one has no name of its own, but those of its ``parts(of:)``.
    package init(keys: [String]) {
        let naming = ParameterNaming(keys: keys)
        var names: [String: String] = [:]
        var parts: [String: [(index: Int, name: String)]] = [:]
        for (canonical, source) in naming.sources {
            if source.fusedCount == 1 {
                names[source.key] = canonical
            } else {
                parts[source.key, default: []].append((source.fusedIndex, canonical))
            }
        }
        self.names = names
        self.parts = parts.mapValues { $0.sorted { $0.index < $1.index }.map(\.name) }
    }

    /// The canonical names of what the tensor of a key holds one after the other; nil for one that is no query, key and value in one.
    package func parts(of key: String) -> [String]? { parts[key] }

    /// The canonical name of a key; nil for one that is no parameter of a ViT-MAE.
    package subscript(key: String) -> String? { names[key] }

    /// How many keys are parameters of a ViT-MAE.
    package var count: Int { names.count }

    /// Whether the encoder computes with a parameter of this canonical name.
    package static func isOfEncoder(_ canonical: String) -> Bool { canonical.hasPrefix("vit.") }
}
