import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("A pickled model is its modules, not its configuration")
struct ModuleAuditTests {
    private let bench: ModuleBench

    init() throws { bench = try ModuleBench() }

    private func expectModules(_ checkpoint: ModelCheckpoint, _ field: ConfigurationKey, _ text: String) {
        #expect(checkpoint.configuration.values[field].compactText == text)
        #expect(checkpoint.configuration.origin(of: field) == .pickledModules(path: checkpoint.path))
        let finding = checkpoint.findings.first { $0.code == .contradictoryConfiguration }
        #expect(finding?.message.contains("\(field.rawValue) is \(text) in the pickled modules") == true)
    }

    private static func isActivation(_ name: String) -> Bool {
        name.hasSuffix("activation_fn") || name.hasSuffix("intermediate_act_fn")
    }

    @Test("an unchanged model is what its configuration says", arguments: CheckpointWriter.Release.allCases)
    func agrees(release: CheckpointWriter.Release) throws {
        #expect(try bench.open(release) { _, _ in }.findings.map(\.code) == [.limitedReaders])
    }

    @Test(
        "the activation of the modules is computed",
        arguments: [
            ("torch.nn.modules.activation", "ReLU", "\"relu\""),
            ("transformers.activations", "QuickGELUActivation", "\"quick_gelu\""),
            ("timm.layers.activations", "GELUTanh", "\"gelu_pytorch_tanh\""),
            ("torch.nn.modules.activation", "SiLU", "\"silu\""),
        ])
    func computesTheirActivation(package: String, name: String, text: String) throws {
        for release in CheckpointWriter.Release.allCases {
            let checkpoint = try bench.open(release) { place, node in
                if Self.isActivation(place) { node = PickledModuleNode(package, name) }
            }
            expectModules(checkpoint, .hiddenActivation, text)
        }
    }

    @Test(
        "an activation that is not known, or that only some modules have, is refused by name",
        arguments: [
            ("torch.nn.modules.activation", "Tanh", true), ("__main__", "GELU", true),
            ("torch.nn.modules.linear", "Identity", true), ("torch.nn.modules.activation", "ReLU", false),
        ])
    func refusesOtherActivations(package: String, name: String, isEverywhere: Bool) throws {
        let error = try bench.refusal { place, node in
            guard Self.isActivation(place), isEverywhere || place.contains("layers.1.") else { return }
            node = PickledModuleNode(package, name)
        }
        #expect(error?.code == .unsupportedFormat)
        #expect(error?.place?.contains("layers.") == true, "\(String(describing: error))")
    }

    @Test("the epsilon of the norms is computed where all agree, and refused where they do not")
    func computesTheirEpsilon() throws {
        let checkpoint = try bench.open { place, node in
            if node.type.name == "LayerNorm" { node.set("eps", .float(1e-6)) }
        }
        expectModules(checkpoint, .layerNormEpsilon, "1e-06")
        for norm in ["vit.layernorm", "vit.layers.1.layernorm_after", "decoder.decoder_norm"] {
            let error = try bench.refusal { place, node in
                if place == norm { node.set("eps", .float(1e-6)) }
            }
            #expect(error?.message.contains("layer_norm_eps") == true)
            #expect(error?.description.contains(norm) == true, "\(String(describing: error))")
        }
    }

    @Test("the number of heads that the modules compute with is taken")
    func computesTheirHeads() throws {
        let checkpoint = try bench.open { place, node in
            guard place.hasPrefix("vit."), place.hasSuffix(".attention") else { return }
            node.set("head_dim", .int(10))
            node.set("scaling", .float(1 / 10.0.squareRoot()))
        }
        expectModules(checkpoint, .headCount, "2")
        let error = try bench.refusal(.transformers4) { place, node in
            if place.hasSuffix("1.attention.attention") { node.set("num_attention_heads", .int(5)) }
        }
        #expect(error?.place == "module vit.encoder.layer.1.attention.attention")
    }

    @Test(
        "a model of fewer blocks than its configuration says is computed with those",
        arguments: CheckpointWriter.Release.allCases)
    func computesFewerBlocks(release: CheckpointWriter.Release) throws {
        let checkpoint = try bench.open(release) { place, node in
            if place == "vit.layers" || place == "vit.encoder.layer" { node.modules.removeLast() }
        }
        expectModules(checkpoint, .layerCount, "1")
    }

    @Test("another scaling of scores and causal attention are refused, with what makes them plain")
    func refusesOtherAttention() throws {
        for (release, attribute) in [(CheckpointWriter.Release.transformers5, "scaling"), (.transformers4, "scaling")] {
            let error = try bench.refusal(release) { place, node in
                if node.attributes.contains(where: { $0.0 == attribute }) { node.set(attribute, .float(1)) }
            }
            #expect(error?.message.contains("scales attention scores by 1.0") == true, "\(String(describing: error))")
        }
        let error = try bench.refusal { place, node in
            if place.hasSuffix("layers.0.attention") { node.set("is_causal", .bool(true)) }
        }
        #expect(error?.message.contains("causal") == true)
    }

    @Test(
        "a module of another kind in a place of the model is refused by name",
        arguments: [
            ("vit.layernorm", "torch.nn.modules.linear", "Identity"),
            ("vit.layers.1.layernorm_before", "torch.nn.modules.linear", "Identity"),
            ("vit.layers.0.layernorm_after", "torch.nn.modules.normalization", "RMSNorm"),
            ("vit.layers.1", "torch.nn.modules.linear", "Identity"),
            ("vit.layers.0.mlp.fc1", "bitsandbytes.nn.modules", "Linear8bitLt"),
            ("decoder.decoder_pred", "torch.nn.modules.linear", "Identity"),
        ])
    func refusesAnotherModule(place: String, package: String, name: String) throws {
        let error = try bench.refusal { module, node in
            guard module == place else { return }
            let parameters = node.parameters
            node = PickledModuleNode(package, name, parameters: name == "Identity" ? [] : parameters)
        }
        #expect(error?.place == "module \(place)", "\(String(describing: error))")
        #expect(error?.message.contains("\(package).\(name)") == true)
    }

    @Test("hooks and replaced forward passes are refused by name")
    func refusesHooks() throws {
        let hook = PickleExpression.global("__main__", "scale_output")
        for table in ["_forward_hooks", "_forward_pre_hooks"] {
            let error = try bench.refusal { place, node in
                guard place == "vit.layers.1.mlp" else { return }
                node.attributes.append((table, .orderedDictionary([(.int(3), hook)], state: nil)))
            }
            #expect(error?.message.contains("__main__.scale_output") == true, "\(String(describing: error))")
        }
        let error = try bench.refusal { place, node in
            if place == "vit" { node.set("forward", .call(PickleGlobal(module: "functools", name: "partial"), [hook])) }
        }
        #expect(error?.message.contains("forward of its own") == true, "\(String(describing: error))")
    }

    @Test("a module's own method among its attributes, as accelerate leaves it, replaces nothing")
    func allowsItsOwnMethod() throws {
        let checkpoint = try ModelCheckpoint.open(Goldens.path("stored/bound-forward.pth"))
        #expect(try checkpoint.fingerprints().sha256 == bench.states.golden.fingerprints().sha256)
    }

    @Test("a patch projection that overlaps is refused")
    func refusesOverlappingPatches() throws {
        let error = try bench.refusal { place, node in
            if place.hasSuffix("projection") { node.set("stride", .tuple([.int(2), .int(2)])) }
        }
        #expect(error?.message.contains("stride") == true)
    }

    @Test("--config goes before the modules where the model has a configuration of its own, and says so")
    func followsTheOption() throws {
        let checkpoint = try bench.open(configuration: GoldenWeights.path("hub4")) { place, node in
            if node.type.name == "LayerNorm" { node.set("eps", .float(1e-6)) }
        }
        #expect(checkpoint.configuration.values.layerNormEpsilon == 1e-12)
        #expect(checkpoint.findings.contains { $0.message.contains("PyTorch computes with the modules") })
    }

    @Test(
        "classes of the model whose code is not known are named, and wrappers and heads of one's own are not",
        arguments: [
            ("vit", true), ("vit.embeddings", true), ("vit.embeddings.patch_embeddings", true), ("decoder", true),
            ("vit.layers.1", true), ("vit.layers.0.attention", true), ("vit.layers.0.mlp", true), ("", false),
        ])
    func namesForeignClasses(place: String, isNamed: Bool) throws {
        let checkpoint = try bench.open { module, node in
            guard module == place else { return }
            node = PickledModuleNode(
                "__main__", "Mine", attributes: node.attributes, parameters: node.parameters, modules: node.modules)
        }
        let finding = checkpoint.findings.first { $0.code == .foreignClasses }
        #expect((finding != nil) == isNamed)
        if isNamed { #expect(finding?.severity == .error) }
        if isNamed { #expect(finding?.message.contains("__main__.Mine (\(place))") == true) }
    }
}
