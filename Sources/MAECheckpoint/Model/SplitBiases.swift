/// Attention that has biases of queries and values and none of keys, as in BEiT, EVA and VideoMAE.
///
/// A bias of keys adds one number to all scores of a query, which softmax takes away again: so those models leave it out.
/// The model computed here has one, which is zero then. It is filled in only where every block of a stack lacks it; a
/// block that lacks what another has is damaged.
struct SplitBiases {
    /// What the canonical names of the attention's projections begin with in the blocks that lack a bias of keys.
    let prefixes: [String]

    /// Looks at the canonical names of the parameters that are there.
    init(names: some Collection<String>) {
        let names = Set(names)
        var prefixes: [String] = []
        for part in ParameterLayout.Part.allCases {
            let blocks = Set(
                names.compactMap { name in
                    LayerName(canonical: name).flatMap { $0.part == part ? $0.index : nil }
                }
            ).map { part.layerPrefix($0) + "attention.attention." }
            guard !blocks.contains(where: { names.contains($0 + "key.bias") }) else { continue }
            prefixes += blocks.filter { names.contains($0 + "query.bias") && names.contains($0 + "value.bias") }
        }
        self.prefixes = prefixes.sorted()
    }
}
