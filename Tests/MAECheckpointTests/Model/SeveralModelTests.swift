import Foundation
import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Several models in one file")
struct SeveralModelTests {
    private let bench: StateDictBench

    init() throws { bench = try StateDictBench() }

    /// The golden model with the bias of one module moved by `step`, so that each copy has other weights.
    private func weights(_ step: Float, prefix: String = "", parts: Set<ParameterLayout.Part>? = nil) throws
        -> StateDictBench.Entries
    {
        try bench.entries(.transformers5Memory, parts: parts).map { key, value in
            guard key == "vit.layernorm.bias" else { return (prefix + key, value) }
            let moved = try bench.tensor("vit.layernorm.bias").elements.map { $0 + step }
            return (prefix + key, .tensor(PickledTensor(Tensor(shape: [moved.count], elements: moved))))
        }
    }

    private static func strings(_ values: [(String, PickleExpression)]) -> PickleExpression {
        .dictionary(values.map { (.string($0.0), $0.1) })
    }

    /// Which copy a checkpoint is of: its step.
    private func step(_ checkpoint: ModelCheckpoint) throws -> Float {
        let bias = try #require(checkpoint.tensors["vit.layernorm.bias"]).tensor().elements
        return (bias[0] - (try bench.tensor("vit.layernorm.bias").elements[0])).rounded()
    }

    private func open(_ root: PickleExpression, weights: String? = nil) throws -> ModelCheckpoint {
        let path = bench.folder.file("several.pth")
        try TorchArchiveWriter.write(root, to: path)
        return try ModelCheckpoint.open(path, weights: weights, configuration: GoldenWeights.path("hub4"))
    }

    /// Files with a model, step 1, and a copy, step 2: the root, and the keys of both.
    private func files() throws -> [(root: PickleExpression, model: String, copy: String)] {
        let model = StateDictBench.dictionary(try weights(1))
        let copy = StateDictBench.dictionary(try weights(2))
        return [
            (Self.strings([("model", model), ("ema", copy)]), "model", "ema"),
            (Self.strings([("model_ema", copy), ("model", model)]), "model", "model_ema"),
            (
                Self.strings([("teacher", Self.strings([("sd", copy)])), ("student", Self.strings([("sd", model)]))]),
                "student.sd", "teacher.sd"
            ),
            (
                Self.strings([
                    (
                        "state_dict",
                        StateDictBench.dictionary(
                            try weights(2, prefix: "momentum_encoder.") + weights(1, prefix: "base_encoder.")
                                + [(key: "head.weight", value: StateDictBench.filler())])
                    )
                ]), "state_dict.base_encoder", "state_dict.momentum_encoder"
            ),
            (
                Self.strings([("state_dict", model), ("callbacks", Self.strings([("EMA", .list([copy]))]))]),
                "state_dict", "callbacks.EMA.0"
            ),
            (.tuple([model, copy]), "0", "1"),
        ]
    }

    @Test("the one without the name of a copy is taken, the others are told, and each can be chosen")
    func tells() throws {
        for (root, model, copy) in try files() {
            let checkpoint = try open(root)
            #expect(try step(checkpoint) == 1, "\(model)")
            #expect(checkpoint.models.map(\.key) == [model, copy])
            #expect(checkpoint.models.map(\.isTaken) == [true, false])
            #expect(checkpoint.models.first?.sha256 == (try checkpoint.fingerprints().sha256))
            let finding = try #require(checkpoint.findings.first { $0.code == .severalModels })
            #expect(finding.severity == .warning)
            for key in [model, copy] { #expect(finding.message.contains("`\(key)`"), "\(finding.message)") }
            for (key, expected) in [(model, Float(1)), (copy, 2)] {
                let chosen = try open(root, weights: key)
                #expect(try step(chosen) == expected)
                #expect(chosen.findings.first { $0.code == .severalModels }?.severity == .note)
            }
            #expect(try open(root, weights: copy).fingerprints().sha256 == checkpoint.models.last?.sha256)
        }
    }

    @Test("names of copies come last, then the larger model is taken, and equal weights are said to be equal")
    func ranks() throws {
        let whole = StateDictBench.dictionary(try weights(2))
        let part = StateDictBench.dictionary(try weights(1, parts: [.encoder]))
        #expect(try step(open(Self.strings([("model", part), ("ema", whole)]))) == 1)
        #expect(try step(open(Self.strings([("optimizer", whole), ("net", part)]))) == 1)
        let larger = try open(Self.strings([("one", part), ("two", whole)]))
        #expect(try step(larger) == 2)
        #expect(larger.findings.contains { $0.message.contains("since it has the most parameters") })
        let equal = try open(Self.strings([("model", whole), ("ema", StateDictBench.dictionary(try weights(2)))]))
        let finding = try #require(equal.findings.first { $0.code == .severalModels })
        #expect(finding.severity == .note && finding.message.contains("the same weights"))
    }

    @Test("a model that is no whole one is named with the reason")
    func namesBroken() throws {
        let cut = try weights(2).filter { $0.key != "vit.layernorm.bias" }
        let checkpoint = try open(
            Self.strings([
                ("model", StateDictBench.dictionary(try weights(1))), ("ema", StateDictBench.dictionary(cut)),
            ]))
        #expect(checkpoint.models.last?.sha256 == nil)
        #expect(checkpoint.models.last?.problem?.contains("vit.layernorm.bias") == true)
        #expect(checkpoint.findings.contains { $0.code == .severalModels && $0.message.contains("no whole ViT-MAE") })
    }

    @Test("a key that is not there is refused with those that are")
    func refusesOtherKeys() throws {
        let root = Self.strings([
            ("model", StateDictBench.dictionary(try weights(1))), ("ema", StateDictBench.dictionary(try weights(2))),
        ])
        let error = #expect(throws: CheckpointError.self) { try open(root, weights: "teacher") }
        #expect(error?.code == .missing)
        #expect(error?.message.contains("model, ema") == true)
        let single = #expect(throws: CheckpointError.self) {
            try open(StateDictBench.dictionary(weights(1)), weights: "model")
        }
        #expect(single?.message.contains("Leave --weights out") == true)
        let folder = #expect(throws: CheckpointError.self) {
            try ModelCheckpoint.open(GoldenWeights.path("hub4"), weights: "model")
        }
        #expect(folder?.message.contains("Name a file inside it") == true)
    }

    @Test("optimizers, parts of a model and stages of a pipeline are no models of their own")
    func countsModelsOnly() throws {
        let weights = try weights(1)
        let head = StateDictBench.dictionary([
            ("vit.layernorm.weight", StateDictBench.filler([20])), ("head.weight", StateDictBench.filler()),
        ])
        let decoder = StateDictBench.dictionary(weights.filter { $0.key.hasPrefix("decoder.") })
        let optimizer = Self.strings(
            weights.map { ($0.key, Self.strings([("exp_avg", $0.value), ("exp_avg_sq", $0.value)])) })
        for other in [head, decoder, optimizer] {
            let checkpoint = try open(Self.strings([("model", StateDictBench.dictionary(weights)), ("other", other)]))
            #expect(checkpoint.models.isEmpty)
            #expect(!checkpoint.findings.contains { $0.code == .severalModels })
        }
    }

    @Test("two pickled modules are two models")
    func pickledModules() throws {
        let modules = try ModuleBench()
        let root = Self.strings([("ema", try modules.tree()), ("net", try modules.tree())])
        let checkpoint = try open(root)
        #expect(checkpoint.method == .full)
        #expect(checkpoint.models.map(\.key) == ["net", "ema"])
        #expect(checkpoint.findings.contains { $0.code == .severalModels && $0.severity == .note })
    }

    @Test("each model has the configuration and the settings that are stored with it, not those of another")
    func configurations() throws {
        func member(_ step: Float, ratio: Double) throws -> PickleExpression {
            let config = Self.strings([
                ("model_type", .string("vit_mae")), ("hidden_size", .int(20)), ("num_hidden_layers", .int(2)),
                ("num_attention_heads", .int(4)), ("intermediate_size", .int(28)), ("image_size", .int(15)),
                ("patch_size", .int(5)), ("decoder_hidden_size", .int(12)), ("decoder_num_hidden_layers", .int(1)),
                ("decoder_num_attention_heads", .int(4)), ("decoder_intermediate_size", .int(20)),
                ("mask_ratio", .float(ratio)),
            ])
            return Self.strings([("state_dict", StateDictBench.dictionary(try weights(step))), ("config", config)])
        }
        let root = Self.strings([("a", try member(1, ratio: 0.5)), ("b", try member(2, ratio: 0.25))])
        let path = bench.folder.file("configured.pth")
        try TorchArchiveWriter.write(root, to: path)
        for (key, ratio) in [("a.state_dict", 0.5), ("b.state_dict", 0.25)] {
            let checkpoint = try ModelCheckpoint.open(path, weights: key, comparesNeighbors: false)
            #expect(checkpoint.configuration.values.maskRatio == ratio)
        }
    }

    @Test("blocks of the model in another dictionary are refused: the model is stored in parts")
    func refusesParts() throws {
        let all = try weights(1)
        let last = all.filter { $0.key.contains("vit.layers.1.") }
        let rest = all.filter { !$0.key.contains("vit.layers.1.") }
        let parts = [StateDictBench.dictionary(rest), StateDictBench.dictionary(last)]
        for root in [Self.strings([("stage0", parts[0]), ("stage1", parts[1])]), .list(parts)] {
            try TorchArchiveWriter.write(root, to: bench.folder.file("parts.pth"))
            let error = #expect(throws: CheckpointError.self) {
                try ModelCheckpoint.open(bench.folder.file("parts.pth"))
            }
            #expect(error?.message.contains("stored in parts") == true, "\(String(describing: error))")
        }
    }

    @Test("integer keys are named by their value, and two models of one name are refused")
    func names() throws {
        let models = [StateDictBench.dictionary(try weights(1)), StateDictBench.dictionary(try weights(2))]
        let numbered = PickleExpression.dictionary([(.int(1), models[0]), (.int(0), models[1])])
        #expect(try step(open(numbered, weights: "1")) == 1)
        #expect(try step(open(numbered, weights: "0")) == 2)
        let dotted = Self.strings([("a.b", models[0]), ("a", Self.strings([("b", models[1])]))])
        let error = #expect(throws: CheckpointError.self) { try open(dotted, weights: "a.b") }
        #expect(error?.code == .contradiction)
    }

    @Test("a hub directory whose weights transformers would not find is refused, with a remedy")
    func hubDirectories() throws {
        let folder = bench.folder.file("hub")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: GoldenWeights.path("hub4") + "/config.json", toPath: folder + "/config.json")
        for (root, word) in [
            (Self.strings([("ema", StateDictBench.dictionary(try weights(1)))]), "pytorch_model.bin#ema"),
            (StateDictBench.dictionary(try weights(1, prefix: "student.")), "without the prefix"),
        ] {
            try TorchArchiveWriter.write(root, to: folder + "/pytorch_model.bin")
            let error = #expect(throws: CheckpointError.self) { try ModelCheckpoint.open(folder) }
            #expect(error?.message.contains("at random") == true && error?.message.contains(word) == true)
        }
    }

    @Test("FILE#KEY is taken apart, unless a file has the whole name")
    func references() throws {
        let folder = try TemporaryDirectory()
        let odd = try folder.write("a#b.pth", [0])
        #expect(CheckpointReference(odd).path == odd && CheckpointReference(odd).weights == nil)
        let both = CheckpointReference(odd + "#ema")
        #expect(both.path == odd && both.weights == "ema" && "\(both)" == odd + "#ema")
        #expect(CheckpointReference("x.pth#model", weights: "ema").weights == "ema")
        for plain in ["x.pth", "#x", "x.pth#"] { #expect(CheckpointReference(plain).path == plain) }
    }

    @Test("keys as long as a file are cut in messages, and still name their models")
    func longKeys() throws {
        let long = String(repeating: "k", count: 100_000)
        let root = Self.strings([
            ("model", StateDictBench.dictionary(try weights(1))), (long, StateDictBench.dictionary(try weights(2))),
        ])
        let checkpoint = try open(root)
        let finding = try #require(checkpoint.findings.first { $0.code == .severalModels })
        #expect(finding.message.contains("kkkk…`") && finding.message.utf8.count < 1000)
        #expect(checkpoint.models.last?.key == long)
        #expect(try step(open(root, weights: long)) == 2)
        let names = checkpoint.contents?.nodes.map(\.name.utf8.count) ?? []
        #expect(names.count > 2 && names.allSatisfy { $0 < 100 })
        let error = #expect(throws: CheckpointError.self) { try open(root, weights: "teacher") }
        #expect((error?.message.utf8.count ?? .max) < 1000)
        let cut = Self.strings([
            (long, StateDictBench.dictionary(try weights(2))),
            ("net", StateDictBench.dictionary(try weights(1).filter { $0.key != "vit.layernorm.bias" })),
        ])
        let refusal = #expect(throws: CheckpointError.self) { try open(cut, weights: "net") }
        #expect(refusal?.message.contains("holds other models too: `kkkk") == true)
        #expect((refusal?.message.utf8.count ?? .max) < 2000)
    }

    @Test("a file next to the checkpoint is compared by the model of the same key")
    func siblings() throws {
        let root = Self.strings([
            ("model", StateDictBench.dictionary(try weights(1))), ("ema", StateDictBench.dictionary(try weights(2))),
        ])
        let other = Self.strings([
            ("model", StateDictBench.dictionary(try weights(3))), ("ema", StateDictBench.dictionary(try weights(2))),
        ])
        let path = bench.folder.file("model.pth")
        try TorchArchiveWriter.write(root, to: path)
        try TorchArchiveWriter.write(other, to: bench.folder.file("model.bin"))
        for (key, differs) in [("ema", false), ("model", true)] {
            let checkpoint = try ModelCheckpoint.open(path, weights: key, configuration: GoldenWeights.path("hub4"))
            #expect(checkpoint.findings.contains { $0.code == .differentSibling } == differs, "\(key)")
        }
    }

    @Test("thousands of prefixes with a first block each are no thousands of models")
    func manyPrefixes() {
        let key = "blocks.0.norm1.weight"
        let keys = (0..<5000).map { "part\($0).\(key)" }
        let prefixes = ModelPrefixes(keys: keys)
        #expect(prefixes.names.count == 64 && prefixes.names.first == "part0.")
        #expect(prefixes.owner(of: keys[63]) == "part63." && prefixes.owner(of: keys[64]) == nil)
        let deep = String(repeating: "a.", count: 5000) + key
        #expect(prefixes.owner(of: deep) == nil)
        let entries = keys.map { RawCheckpoint.Unread(key: $0, form: "") }
        #expect(ModelCandidate.split(.root, entries: [], unread: entries).count == 64)
    }

    @Test("weights that lie many and deep in a file are refused, for their ways would take minutes")
    func boundsWays() throws {
        let few = PickleExpression.dictionary([(.string("vit.layernorm.bias"), StateDictBench.filler())])
        var root = PickleExpression.list(Array(repeating: few, count: 1000))
        for _ in 0..<1200 { root = .list([root]) }
        let error = #expect(throws: CheckpointError.self) { try open(root) }
        #expect(error?.code == .overBudget)
    }
}
