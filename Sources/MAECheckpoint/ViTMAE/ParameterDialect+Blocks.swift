extension ParameterDialect {
    /// A module of a block, as each dialect calls it.
    private struct BlockModule {
        let canonical: String
        /// In memory of transformers 5.x.
        let memory: String
        /// In files of facebookresearch/mae.
        let original: String
    }

    private static let blockModules = [
        BlockModule(canonical: "attention.attention.query", memory: "attention.q_proj", original: "attn.qkv"),
        BlockModule(canonical: "attention.attention.key", memory: "attention.k_proj", original: "attn.qkv"),
        BlockModule(canonical: "attention.attention.value", memory: "attention.v_proj", original: "attn.qkv"),
        BlockModule(canonical: "attention.output.dense", memory: "attention.o_proj", original: "attn.proj"),
        BlockModule(canonical: "intermediate.dense", memory: "mlp.fc1", original: "mlp.fc1"),
        BlockModule(canonical: "output.dense", memory: "mlp.fc2", original: "mlp.fc2"),
        BlockModule(canonical: "layernorm_before", memory: "layernorm_before", original: "norm1"),
        BlockModule(canonical: "layernorm_after", memory: "layernorm_after", original: "norm2"),
    ]

    private func name(of module: BlockModule) -> String {
        switch self {
        case .transformers4, .transformers5Disk: module.canonical
        case .transformers5Memory: module.memory
        case .original: module.original
        }
    }

    /// Canonical modules by this dialect's name: one, or query, key and value in this order when they are fused.
    var canonicalModules: [String: [String]] {
        switch self {
        case .transformers4, .transformers5Disk: Self.modulesByCanonicalName
        case .transformers5Memory: Self.modulesByMemoryName
        case .original: Self.modulesByOriginalName
        }
    }

    /// This dialect's name of the module of a block that holds the attention's projections.
    var attentionModule: String {
        switch self {
        case .transformers4, .transformers5Disk: "attention.attention"
        case .transformers5Memory: "attention"
        case .original: "attn"
        }
    }

    private static let modulesByCanonicalName = modules(by: .transformers4)
    private static let modulesByMemoryName = modules(by: .transformers5Memory)
    private static let modulesByOriginalName = modules(by: .original)

    private static func modules(by dialect: ParameterDialect) -> [String: [String]] {
        var modules: [String: [String]] = [:]
        for module in blockModules { modules[dialect.name(of: module), default: []].append(module.canonical) }
        return modules
    }

    /// This dialect's name of a canonical module of a block.
    func moduleName(of canonical: String) -> String {
        Self.blockModules.first { $0.canonical == canonical }.map(name(of:)) ?? canonical
    }
}
