import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Blocks at the end of a stack")
struct TrailingBlockTests {
    private let bench: StateDictBench
    private static let last = "vit.encoder.layer.1."

    init() throws { bench = try StateDictBench() }

    /// The golden model without a configuration, 64 wide so that heads can be guessed.
    private func drawn() throws -> StateDictBench.Entries {
        var configuration = ViTMAEConfiguration(preset: .tiny)
        configuration.encoder = TransformerDimensions(
            hiddenSize: 64, layerCount: 2, headCount: 1, intermediateSize: 24)
        let model = try ModelWeights(drawing: configuration, seed: 4)
        return model.layout.parameters.filter { $0.part == .encoder }.map {
            ($0.name, .tensor(PickledTensor(model.tensor(of: $0))))
        }
    }

    @Test(
        "a block at the end whose tensors have other names contradicts the number of blocks",
        arguments: ["adapted.attention.query.weight", "inner.layernorm_before.weight", "0.intermediate.dense.weight"])
    func refusesARenamedBlock(name: String) throws {
        #expect(
            try bench.open(StateDictBench.dictionary(drawn()), configuration: nil).configuration.values.encoder
                .layerCount == 2)
        let entries =
            try drawn().filter { !$0.key.hasPrefix(Self.last) } + [(Self.last + name, StateDictBench.filler())]
        let error = bench.refusal(of: StateDictBench.dictionary(entries), configuration: nil)
        #expect(error?.place == "tensor \(Self.last)\(name)", "\(String(describing: error))")
    }

    @Test(
        "a block at the end in a form that is not read contradicts it too",
        arguments: ["_rebuild_sparse_tensor", "_rebuild_qtensor", "_rebuild_device_tensor_from_numpy"])
    func refusesAnUnreadBlock(function: String) throws {
        let entries = try drawn().map { key, value in
            let unread = PickleExpression.call(PickleGlobal(module: "torch._utils", name: function), [.int(1)])
            return (key: key, value: key.hasPrefix(Self.last) ? unread : value)
        }
        let error = bench.refusal(of: StateDictBench.dictionary(entries), configuration: nil)
        #expect(error?.place?.hasPrefix("tensor \(Self.last)") == true, "\(String(describing: error))")
        #expect(error?.message.contains(function) == true)
    }

    @Test("the rest of a stack behind another prefix is no surplus, a second model behind one is")
    func refusesAPartedStack() throws {
        let parted = try drawn().map { key, value in
            (key: (key.hasPrefix(Self.last) ? "stage2." : "stage1.") + key, value: value)
        }
        let error = bench.refusal(of: StateDictBench.dictionary(parted), configuration: nil)
        #expect(error?.place?.hasPrefix("tensor stage2.\(Self.last)") == true, "\(String(describing: error))")
        let teacher: StateDictBench.Entries = (0..<4).map {
            ("teacher.vit.encoder.layer.\($0).layernorm_before.weight", StateDictBench.filler())
        }
        let two = try drawn().map { (key: "student." + $0.key, value: $0.value) } + teacher
        let checkpoint = try bench.open(StateDictBench.dictionary(two), configuration: nil)
        #expect(checkpoint.configuration.values.encoder.layerCount == 2)
    }
}
