import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Configurations of other libraries")
struct ForeignConfigurationTests {
    /// A hub directory whose sizes are those of a named model, with another `config.json`.
    private func hub(_ configuration: String) throws -> TestFolder {
        let folder = try TestFolder()
        let model = try ModelWeights(drawing: ViTMAEConfiguration(preset: .tiny), seed: 1)
        try CheckpointWriter.write(model, as: .hub, to: folder.path)
        try folder.write("config.json", configuration.utf8)
        return folder
    }

    @Test(
        "one is not used but named, and the shapes decide",
        arguments: [
            (
                #"{"architecture": "vit_base_patch16_224", "num_features": 768, "pretrained_cfg": {"tag": "mae"}}"#,
                "for timm (vit_base_patch16_224)"
            ),
            (#"{"architecture": "vit_s", "num_classes": 0, "input_size": [3, 224, 224]}"#, "for timm (vit_s)"),
            (#"{"_class_name": "Transformer2DModel", "_diffusers_version": "0.30"}"#, "for diffusers (Transformer"),
            (#"{"model_cfg": {"embed_dim": 512}, "preprocess_cfg": {}}"#, "for OpenCLIP"),
            (#"{"do_normalize": true, "image_mean": [0.5, 0.5, 0.5]}"#, "without a field of ViTMAEConfig"),
            ("{}", "an empty object"),
        ])
    func usesTheShapes(text: String, name: String) throws {
        let folder = try hub(text)
        for method in [LoadingChoice.automatic, .pretrained] {
            let checkpoint = try ModelCheckpoint.open(folder.path, method: method)
            #expect(checkpoint.method == .pretrained)
            #expect(checkpoint.configuration.values.encoder == ViTMAEConfiguration(preset: .tiny).encoder)
            #expect(checkpoint.configuration.origin(of: .hiddenSize) == .shapes)
            #expect(checkpoint.configuration.origin(of: .headCount).isUncertain)
            #expect(checkpoint.configuration.origin(of: .maskRatio) == .transformersDefault)
            #expect(!checkpoint.carriesConfiguration)
            let finding = try #require(checkpoint.findings.first { $0.code == .foreignConfiguration })
            #expect(finding.severity == .warning && finding.location.path == folder.file("config.json"))
            #expect(finding.message.contains(name), "\(finding)")
            #expect(finding.message.contains("the shapes of the weights decide"))
            #expect(checkpoint.findings.contains { $0.code == .guessedConfiguration })
        }
    }

    @Test("arguments of facebookresearch/mae in it are used as statements, also those that timm passes on")
    func usesStatements() throws {
        for text in [
            #"{"embed_dim": 64, "num_heads": 8, "decoder_num_heads": 2, "norm_pix_loss": true, "mask_ratio": 0.5}"#,
            #"{"architecture": "mae", "norm_pix_loss": true, "model_args": {"num_heads": 8, "mask_ratio": 0.5}}"#,
        ] {
            let folder = try hub(text)
            let checkpoint = try ModelCheckpoint.open(folder.path)
            #expect(checkpoint.configuration.values.encoder.headCount == 8)
            #expect(checkpoint.configuration.values.maskRatio == 0.5)
            #expect(checkpoint.configuration.values.normalizesPixelLoss)
            #expect("\(checkpoint.configuration.origin(of: .maskRatio))".contains("config.json"))
        }
    }

    @Test(
        "a configuration of transformers is used, however little it says",
        arguments: [
            #"{"model_type": "vit_mae", "architecture": "x"}"#, #"{"architectures": ["ViTMAEModel"]}"#,
            #"{"hidden_size": 768, "num_attention_heads": 12}"#,
        ])
    func usesConfigurations(text: String) throws {
        let source = ConfigurationSource(
            path: "config.json", origin: .shapes,
            members: try Array(text.utf8).withUnsafeBytes { try #require(try JSONReader.read($0).members) })
        #expect(ForeignConfiguration(source) == nil)
    }

    @Test("another model of transformers stays refused")
    func refusesOtherModels() throws {
        let folder = try hub(#"{"model_type": "vit", "architecture": "vit"}"#)
        #expect(folder.refusal().contains("model_type"))
    }

    @Test("--config goes before it, and cannot itself be one")
    func followsTheOption() throws {
        let folder = try hub(#"{"architecture": "vit", "pretrained_cfg": {}}"#)
        try folder.write("right.json", ViTMAEConfiguration(preset: .tiny).configJSON().utf8)
        let checkpoint = try ModelCheckpoint.open(folder.path, configuration: folder.file("right.json"))
        #expect(checkpoint.configuration.origin(of: .headCount) == .option(path: folder.file("right.json")))
        let finding = try #require(checkpoint.findings.first { $0.code == .foreignConfiguration })
        #expect(finding.message.contains("--config was followed"))
        let refusal = folder.refusal("model.safetensors", configuration: folder.path)
        #expect(refusal.contains("timm") && refusal.contains("leave --config out"), "\(refusal)")
        #expect(try ModelCheckpoint.open(folder.file("model.safetensors")).hasDecoder)
    }

    @Test(
        "a config.json that is no JSON is named for what it is, and --config goes before it",
        arguments: [
            ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 629\n", "a Git LFS pointer"),
            ("<!DOCTYPE html><html></html>", "an HTML page"), ("\n <!doctype html>", "HTML"),
            (#"<?xml version="1.0"?><Error/>"#, "XML"), ("", "is empty"), ("Entry not found", "no JSON"),
            ("\u{FEFF}{\"model_type\": \"vit_mae\"}", "byte order mark (BOM)"),
        ])
    func namesOtherContent(text: String, name: String) throws {
        let folder = try hub(text)
        let refusal = folder.refusal()
        #expect(refusal.hasPrefix(folder.file("config.json")))
        #expect(refusal.contains(name), "\(refusal)")
        try folder.write("right.json", ViTMAEConfiguration(preset: .tiny).configJSON().utf8)
        let checkpoint = try ModelCheckpoint.open(folder.path, configuration: folder.file("right.json"))
        let finding = try #require(checkpoint.findings.first { $0.code == .foreignConfiguration })
        #expect(finding.message.contains(name) && finding.message.contains("--config was followed"), "\(finding)")
    }

    @Test("UTF-16 is named, in both orders of its bytes")
    func namesUTF16() throws {
        for mark: [UInt8] in [[0xFF, 0xFE], [0xFE, 0xFF]] {
            let folder = try hub("")
            try folder.write("config.json", mark + Array("{\0}\0".utf8))
            #expect(folder.refusal().contains("UTF-16"))
        }
    }

    @Test("an index of shards that is no JSON is named for what it is")
    func namesIndexes() throws {
        let folder = try TestFolder()
        try folder.write("model.safetensors.index.json", "\u{FEFF}{}".utf8)
        #expect(folder.refusal().contains("BOM"))
        try folder.write("model.safetensors.index.json", "version https://git-lfs.github.com/spec/v1\n".utf8)
        #expect(folder.refusal().contains("git lfs pull"))
    }

    @Test("a configuration that has transformers load another file is refused")
    func refusesOtherWeights() throws {
        let text = ViTMAEConfiguration(preset: .tiny).configJSON().replacing(
            "{", with: #"{"transformers_weights": "other.safetensors","#, maxReplacements: 1)
        let folder = try hub(text)
        #expect(folder.refusal().contains("names other.safetensors, which transformers 5 loads"))
        let usual = try hub(text.replacing("other.safetensors", with: "model.safetensors"))
        #expect(try ModelCheckpoint.open(usual.path).hasDecoder)
    }
}
