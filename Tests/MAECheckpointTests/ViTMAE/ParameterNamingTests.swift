import Testing

@testable import MAECheckpoint

@Suite("Names of parameters")
struct ParameterNamingTests {
    private static let layout = ParameterLayout(ViTMAEConfiguration(preset: .tiny))
    private static let canonical = layout.parameters.map(\.name)

    @Test(
        "every dialect is recognized behind any wrapper, and gives the canonical names back",
        arguments: ParameterDialect.allCases,
        ["", "model.", "module.", "model.module.", "vit.", "_orig_mod.net.decoder."])
    func recognizes(dialect: ParameterDialect, prefix: String) {
        var keys: [String] = []
        for name in Self.canonical {
            let key = prefix + dialect.key(of: name)
            if !keys.contains(key) { keys.append(key) }
        }
        let naming = ParameterNaming(keys: keys + ["optimizer.step", "head.weight"])
        #expect(naming.prefix == prefix)
        #expect(naming.dialect == dialect)
        #expect(Set(naming.sources.keys) == Set(Self.canonical))
        #expect(naming.unexpected == ["optimizer.step", "head.weight"])
        #expect(naming.duplicates.isEmpty)
    }

    @Test("the names of a bare ViTMAEModel are recognized without their prefix")
    func recognizesABareEncoder() {
        let encoder = Self.canonical.filter { $0.hasPrefix("vit.") }
        for dialect in [ParameterDialect.transformers4, .transformers5Memory] {
            let keys = encoder.map { "encoder." + dialect.key(of: $0).dropFirst("vit.".count) }
            let naming = ParameterNaming(keys: keys)
            #expect(naming.prefix == "encoder.")
            #expect(Set(naming.sources.keys) == Set(encoder))
        }
    }

    @Test("fused query, key and value are three parts of one key")
    func partsFusedNames() throws {
        let naming = ParameterNaming(keys: ["blocks.7.attn.qkv.bias"])
        let value = try #require(naming.sources["vit.encoder.layer.7.attention.attention.value.bias"])
        #expect(value == .init(key: "blocks.7.attn.qkv.bias", fusedIndex: 2, fusedCount: 3))
    }

    @Test("two keys for one parameter are seen")
    func seesDuplicates() {
        let naming = ParameterNaming(keys: ["vit.layernorm.weight", "norm.weight", "vit.layernorm.bias"])
        #expect(naming.duplicates == ["vit.layernorm.weight": ["vit.layernorm.weight", "norm.weight"]])
        #expect(naming.dialects.isEmpty)
    }

    @Test(
        "what only looks like a parameter is none",
        arguments: [
            "vit.encoder.layer.x.layernorm_before.weight", "vit.encoder.layer.01.layernorm_before.weight",
            "vit.encoder.layer.99999999999999999999.layernorm_before.weight", "vit.encoder.layer.0", "vit.layers.0.",
            "vit.encoder.layer.-1.layernorm_before.weight", "vit.encoder.layer.0.layernorm_before.gamma", "", ".",
            "vit.layernorm.weight.", String(repeating: "a.", count: 10_000),
        ])
    func refusesLookalikes(key: String) {
        #expect(ParameterNaming(keys: [key]).isEmpty)
    }
}
