import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Pruned weights")
struct PrunedWeightTests {
    private let bench: StateDictBench

    init() throws { bench = try StateDictBench() }

    /// Every second element stays, and one is scaled where `scale` says so.
    private static func mask(_ shape: [Int], scale: Float = 1) -> Tensor {
        Tensor(shape: shape) { elements in
            for index in elements.indices {
                elements.initializeElement(at: index, to: index == 4 ? scale : index % 2 == 0 ? 1 : 0)
            }
        }
    }

    private func pruned(
        _ dialect: ParameterDialect, _ key: String, mask: (Tensor) -> Tensor
    ) throws -> StateDictBench.Entries {
        try bench.entries(dialect).flatMap { entry -> StateDictBench.Entries in
            guard entry.key == key, case .tensor(let tensor) = entry.value else { return [entry] }
            let shape = Tensor(shape: tensor.shape, repeating: 0)
            return [(key + "_orig", entry.value), (key + "_mask", .tensor(PickledTensor(mask(shape))))]
        }
    }

    @Test(
        "the product of original and mask is the weight",
        arguments: [
            (ParameterDialect.transformers4, "vit.encoder.layer.1.output.dense.weight"),
            (.transformers5Memory, "vit.layers.0.attention.k_proj.weight"), (.transformers4, "vit.layernorm.bias"),
            (.transformers4, "decoder.decoder_layers.0.intermediate.dense.weight"),
        ])
    func computesTheProduct(dialect: ParameterDialect, key: String) throws {
        let entries = try pruned(dialect, key) { Self.mask($0.shape, scale: 1.5) }
        let checkpoint = try bench.open(StateDictBench.dictionary(entries))
        let changed = try checkpoint.fingerprints().entries.filter { entry in
            try bench.golden.fingerprints().entries.first { $0.name == entry.name }?.sha256 != entry.sha256
        }
        #expect(changed.count == 1)
        let name = try #require(changed.first?.name)
        let expected = zip(
            try bench.tensor(name).elements, Self.mask([changed[0].shape.reduce(1, *)], scale: 1.5).elements
        )
        .map { $0 * $1 }
        #expect(try checkpoint.tensors[name]?.tensor().elements == expected)
        #expect(checkpoint.findings.contains { $0.code == .prunedWeights && $0.message.contains(key) })
    }

    @Test("a fused weight is cut with its mask")
    func cutsFusedWeights() throws {
        let entries = try pruned(.original, "blocks.1.attn.qkv.weight") { Self.mask($0.shape) }
        let checkpoint = try bench.open(StateDictBench.dictionary(entries))
        for name in ["query", "value"] {
            let canonical = "vit.encoder.layer.1.attention.attention.\(name).weight"
            let elements = try #require(checkpoint.tensors[canonical]).tensor().elements
            let original = try bench.tensor(canonical).elements
            #expect(elements == original.enumerated().map { $0.offset % 2 == 0 ? $0.element : $0.element * 0 })
        }
    }

    @Test("an original without its mask and a mask of another shape are refused")
    func refusesHalves() throws {
        let key = "vit.encoder.layer.1.output.dense.weight"
        let entries = try pruned(.transformers4, key) { $0 }
        let error = bench.refusal(of: StateDictBench.dictionary(entries.filter { $0.key != key + "_mask" }))
        #expect(error?.message.contains("torch.nn.utils.prune") == true, "\(String(describing: error))")
        let shape = try pruned(.transformers4, key) { _ in Tensor(shape: [3], repeating: 1) }
        #expect(bench.refusal(of: StateDictBench.dictionary(shape))?.code == .contradiction)
    }

    @Test("a pickled model that is pruned is computed with its masks")
    func computesAPrunedModule() throws {
        let modules = try ModuleBench()
        let checkpoint = try modules.open { place, node in
            guard place == "vit.layers.0.mlp.fc2", case .tensor(let weight) = node.parameters[0].1 else { return }
            node.parameters = [node.parameters[1], ("weight_orig", node.parameters[0].1)]
            let mask = PickleExpression.tensor(PickledTensor(Self.mask(weight.shape)))
            node.attributes.append(("_buffers", .dictionary([(.string("weight_mask"), mask)])))
            let hook = PickleExpression.object(
                PickleGlobal(module: "torch.nn.utils.prune", name: "L1Unstructured"),
                state: .dictionary([(.string("_tensor_name"), .string("weight"))]))
            node.attributes.append(("_forward_pre_hooks", .orderedDictionary([(.int(0), hook)], state: nil)))
        }
        let name = "vit.encoder.layer.0.output.dense.weight"
        let elements = try #require(checkpoint.tensors[name]).tensor().elements
        let original = try bench.tensor(name).elements
        #expect(elements == original.enumerated().map { $0.offset % 2 == 0 ? $0.element : $0.element * 0 })
    }
}
