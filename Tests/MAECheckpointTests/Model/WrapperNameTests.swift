import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Names of wrappers")
struct WrapperNameTests {
    private let bench: ModuleBench

    init() throws { bench = try ModuleBench() }

    /// Puts the name of a wrapper behind a part of each key, where the part is there.
    private func wrapped(
        _ dialect: ParameterDialect, _ part: String, _ wrapper: String, in front: String = ""
    ) throws -> StateDictBench.Entries {
        try bench.states.entries(dialect).map { key, value in
            guard let range = key.firstRange(of: part) else { return (front + key, value) }
            var name = key
            name.insert(contentsOf: wrapper + ".", at: range.upperBound)
            return (front + name, value)
        }
    }

    @Test(
        "wrappers around the model, every block, some blocks or single layers are taken off",
        arguments: [
            (ParameterDialect.transformers5Memory, "vit.layers.0.", "_orig_mod", ""),
            (.transformers5Memory, "vit.layers.", "0", "skip"),
            (.transformers4, "vit.encoder.layer.1.", "_checkpoint_wrapped_module", ""),
            (.transformers4, "vit.", "_fsdp_wrapped_module", "_fsdp_wrapped_module."),
            (.original, "blocks.1.", "_fsdp_wrapped_module._checkpoint_wrapped_module", "model._orig_mod."),
            (.original, "blocks.0.attn.", "module", "module."),
            (.original, "patch_embed.", "module", ""),
            (.transformers5Memory, "attention.q_proj.", "base_layer", "base_model.model."),
            (.transformers5Disk, "decoder.", "_orig_mod", "net."),
            (.transformers4, "vit.layernorm.", "original_module", ""),
        ])
    func takesWrappersOff(dialect: ParameterDialect, part: String, wrapper: String, front: String) throws {
        guard front != "skip" else { return }
        let entries = try wrapped(dialect, part, wrapper, in: front)
        let checkpoint = try bench.states.open(StateDictBench.dictionary(entries))
        #expect(try checkpoint.fingerprints().sha256 == bench.states.golden.fingerprints().sha256)
        #expect(checkpoint.format.dialect == dialect)
        #expect(checkpoint.format.prefix == front)
    }

    @Test("what a wrapper adds inside the model is refused all the same")
    func refusesAdapters() throws {
        let entries =
            try wrapped(.transformers5Memory, "attention.q_proj.", "base_layer", in: "base_model.model.")
            + [("base_model.model.vit.layers.0.attention.q_proj.lora_A.default.weight", StateDictBench.filler())]
        let error = bench.states.refusal(of: StateDictBench.dictionary(entries))
        #expect(error?.message.contains("merge_and_unload") == true, "\(String(describing: error))")
        let saved =
            try wrapped(.transformers4, "vit.layernorm.", "original_module")
            + [("vit.layernorm.modules_to_save.default.weight", StateDictBench.filler([20]))]
        #expect(bench.states.refusal(of: StateDictBench.dictionary(saved))?.message.contains("modules_to_save") == true)
    }

    @Test("one parameter inside and outside a wrapper is one under two names")
    func seesDuplicates() throws {
        let entries =
            try bench.states.entries(.transformers5Memory)
            + [("vit.layers.0._orig_mod.mlp.fc1.bias", StateDictBench.filler([28]))]
        #expect(bench.states.refusal(of: StateDictBench.dictionary(entries))?.code == .contradiction)
    }

    @Test("a module compiled by itself, which is pickled as a call, is seen through")
    func seesThroughCompiledModules() throws {
        let node = PickledModuleNode("torch.nn.modules.linear", "Linear")
        let compiled = PickleExpression.call(
            PickleGlobal(module: "torch._dynamo.eval_frame", name: "OptimizedModule"), [node.pickle, .none])
        let root = PickleExpression.object(
            PickleGlobal(module: "m", name: "Model"),
            state: .dictionary([(.string("_modules"), .dictionary([(.string("block"), compiled)]))]))
        var objects = NoPersistentObjects()
        let value = try PickleReader.read(
            ByteView(copying: PickleWriter(root).bytes), of: CheckpointLocation(path: "x"), objects: &objects,
            budget: PickleBudget()
        ).root
        let model = try #require(ModelSearch(in: value).firstModule)
        #expect(try model.places(path: "x").map(\.prefix) == ["", "block.", "block._orig_mod."])
        #expect(try model.places(path: "x").last?.module.className == "torch.nn.modules.linear.Linear")
    }

    @Test(
        "pickled modules are seen through wrappers",
        arguments: [
            ("vit.layers.1", "torch._dynamo.eval_frame", "OptimizedModule", "_orig_mod"),
            (
                "vit.layers.0.mlp", "torch.distributed.algorithms._checkpoint.checkpoint_wrapper", "CheckpointWrapper",
                "_checkpoint_wrapped_module"
            ),
            ("vit.layers.0.mlp.activation_fn", "torch._dynamo.eval_frame", "OptimizedModule", "_orig_mod"),
            ("vit", "torch.nn.parallel.distributed", "DistributedDataParallel", "module"),
            ("decoder.decoder_pred", "peft.tuners.lora.layer", "Linear", "base_layer"),
        ])
    func seesThroughModules(place: String, package: String, name: String, child: String) throws {
        let checkpoint = try bench.open { module, node in
            guard module == place else { return }
            node = PickledModuleNode(package, name, modules: [(child, node)])
        }
        #expect(try checkpoint.fingerprints().sha256 == bench.states.golden.fingerprints().sha256)
        #expect(checkpoint.findings.map(\.code) == [.limitedReaders])
        let error = try bench.refusal { module, node in
            if module == "vit.layers.1.layernorm_after" { node.set("eps", .float(1e-6)) }
            guard module == place else { return }
            node = PickledModuleNode(package, name, modules: [(child, node)])
        }
        #expect(error?.message.contains("layer_norm_eps") == true, "\(String(describing: error))")
    }
}
