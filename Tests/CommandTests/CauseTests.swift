import Foundation
import TestSupport
import Testing

@Suite("Causes that mae-coord verify and inspect name", .serialized)
struct CauseTests {
    private let configuration = Goldens.path("checkpoints/hub4")

    /// The result of a run with one worker, and its site.
    private func verify(_ options: [String]) async throws -> (result: CommandResult, site: VerifySite) {
        let site = try await VerifySite(options, workers: 1)
        let worker = try site.worker("one")
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss([worker])
        return (result, site)
    }

    @Test("two copies in half precision that outvote the original are named as its copies")
    func halfPrecision() async throws {
        let (result, site) = try await verify([
            "--method", "pretrained=\(Goldens.path("checkpoints/hub4"))",
            "--method", "pretrained=\(Goldens.path("checkpoints/hub-fp16"))",
            "--method", "state-dict=\(Goldens.path("checkpoints/state-fp16.pth"))", "--config", configuration,
        ])
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        let findings = try site.report.objects("findings").filter { $0["code"] == "weights-differ" }
        #expect(findings.count == 1)
        let finding = try #require(findings.first)
        let sentence = try #require(finding["sentence"])
        #expect(
            sentence == "`pretrained-2` and `state-dict` loaded the weights of `pretrained`, rounded to float16.",
            "\(sentence)")
        let evidence = try finding.strings("evidence")
        #expect(evidence.first?.contains("tensors differ: vit.embeddings.") == true, "\(evidence)")
        #expect(evidence.contains { $0.contains("hub4 is the original") })
        #expect(result.output.contains("= same bits as the original"), "\(result.output)")
        let states = try site.report.objects("cells").map { [$0["method"], $0["status"]] }
        #expect(states.contains(["pretrained", "identical"]) && states.contains(["state-dict", "differs at weights"]))
    }

    @Test("each type of half precision is named, and the original is not blamed")
    func bothTypes() async throws {
        let (result, site) = try await verify([
            "--method", "state-dict=\(Goldens.path("checkpoints/state-fp16.pth"))",
            "--method", "state-dict=\(Goldens.path("checkpoints/state-bf16.pth"))",
            "--method", "state-dict=\(Goldens.path("checkpoints/state5.pth"))", "--config", configuration,
        ])
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        let sentences = try site.report.objects("findings").filter { $0["code"] == "weights-differ" }
            .compactMap { $0["sentence"] }
        #expect(
            Set(sentences) == [
                "`state-dict` loaded the weights of `state-dict-3`, rounded to float16.",
                "`state-dict-2` loaded the weights of `state-dict-3`, rounded to bfloat16.",
            ], "\(sentences)")
    }

    @Test("a half-precision copy in the same file is named as one, by the keys of both")
    func halfPrecisionOfKeys() async throws {
        let file = Goldens.path("stored/several-kinds.pth")
        let (result, site) = try await verify([
            "--method", "state-dict=\(file)#half", "--method", "full=\(file)", "--method",
            "state-dict=\(file)#state_dict",
        ])
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        let finding = try #require(try site.report.objects("findings").first { $0["code"] == "weights-differ" })
        #expect(
            finding["sentence"] == "`state-dict` loaded the weights of `full` and `state-dict-2`, rounded to float16.",
            "\(String(describing: finding["sentence"]))")
        let findings = try site.report.objects("findings").filter { $0["code"] == "load-several-models" }
        for key in ["model", "state_dict", "half"] {
            #expect(findings.contains { $0["sentence"]?.contains("Taken was `\(key)`") == true }, "\(key)")
        }
    }

    @Test("a guess is a guess with its reason, in the text, the JSON and the page")
    func guess() async throws {
        let folder = try await VerifySite.tinyModel()
        let state = folder.file("weights.pth")
        let converted = try await Program.coordinator.run(
            "checkpoint", "convert", folder.file("model"), state, "--to", "state-dict")
        try #require(converted.exitCode == 0, "\(converted.errors)")
        let page = folder.file("report.html")
        let (result, site) = try await verify(
            ["--method", "pretrained=\(folder.file("model"))", "--method", "state-dict=\(state)", "--html", page])
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        let words = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("num_attention_heads = 4 is a guess: the encoder has the sizes of the tiny model."))
        let configurations = try site.report.objects("configurations")
        let stated = try #require(configurations.first { $0["method"] == "state-dict" }).objects("values")
        let heads = try #require(stated.first { $0["name"] == "num_attention_heads" })
        #expect(heads["from"] == "guess")
        #expect(heads["reason"] == "the encoder has the sizes of the tiny model")
        #expect(stated.first { $0["name"] == "hidden_size" }?["from"] == "inferred")
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.contains("<td>a guess, because nothing says it: the encoder has the sizes of the tiny model</td>"))
        withExtendedLifetime(folder) {}
    }

    @Test("tensors of zeros in a valid file are a warning of inspect, infer and verify")
    func zeros() async throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("hub")
        try FileManager.default.copyItem(atPath: Goldens.path("checkpoints/hub4"), toPath: path)
        let names = ["vit.encoder.layer.1.output.dense.weight", "decoder.decoder_pred.weight"]
        try SafetensorsZeros.write(names, in: path + "/model.safetensors")
        let expected = "2 of 62 tensors hold nothing but zeros: \(names.joined(separator: ", "))."

        let inspected = try await Program.coordinator.run("checkpoint", "inspect", "--json", path)
        let finding = try #require(try inspected.json.objects("findings").first { $0["code"] == "zero-weights" })
        #expect(finding["severity"] == "warning")
        #expect(finding["message"]?.hasPrefix(expected) == true, "\(String(describing: finding["message"]))")
        let inferred = try await Program.coordinator.run("infer", "--model", path, "--output", folder.file("output"))
        #expect(inferred.exitCode == 0)
        #expect(inferred.errors.contains(expected), "\(inferred.errors)")
        let compared = try await Program.coordinator.run(
            "checkpoint", "diff", Goldens.path("checkpoints/hub4"), path)
        #expect(compared.exitCode == 1)
        #expect(compared.output.contains("Nothing but zeros in b: \(names.joined(separator: ", "))\n"))

        let (result, site) = try await verify([
            "--method", "pretrained=\(path)", "--method", "full=\(Goldens.path("checkpoints/full5.pth"))",
        ])
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        let findings = try site.report.objects("findings")
        let warning = try #require(findings.first { $0["code"] == "load-zero-weights" })
        #expect(warning["sentence"]?.contains(expected) == true)
        #expect(findings.contains { $0["code"] == "weights-differ" })
        withExtendedLifetime(folder) {}
    }

    @Test("a path at which nothing is names the file of the same stem")
    func missingFile() async throws {
        let folder = try TemporaryDirectory()
        _ = try folder.write("vit_mae.pth", Goldens.bytes("checkpoints/full5.pth"))
        let result = try await Program.coordinator.run("checkpoint", "inspect", folder.file("vit_mae.cpkt"))
        #expect(result.exitCode == 65)
        #expect(result.errors.contains("Its folder has vit_mae.pth. Check the extension."), "\(result.errors)")
        withExtendedLifetime(folder) {}
    }
}
