/// What keys of a state dict, or modules of a model in memory, are called in a ViT-MAE, whatever version of transformers or wrapper
/// spelled them.
package struct CanonicalNames: Sendable {
    private let names: [String: String]

    /// Looks for parameters among `keys`, which are in the order of the state dict.
    ///
    /// Of a tensor that holds query, key and value in one, nothing is told: its parts have no key of their own.
    package init(keys: [String]) {
        let naming = ParameterNaming(keys: keys)
        var names: [String: String] = [:]
        for (canonical, source) in naming.sources where source.fusedCount == 1 { names[source.key] = canonical }
        self.names = names
    }

    /// The canonical name of a key; nil for one that is no parameter of a ViT-MAE.
    package subscript(key: String) -> String? { names[key] }

    /// How many keys are parameters of a ViT-MAE.
    package var count: Int { names.count }

    /// Whether the encoder computes with a parameter of this canonical name.
    package static func isOfEncoder(_ canonical: String) -> Bool { canonical.hasPrefix("vit.") }
}
