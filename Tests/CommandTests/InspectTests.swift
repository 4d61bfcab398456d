import Foundation
import TestSupport
import Testing

@Suite("mae-coord checkpoint inspect")
struct InspectTests {
    @Test("every golden form is read, told apart by content and digested alike", arguments: GoldenForm.all)
    func inspects(form: GoldenForm) async throws {
        let result = try await Program.coordinator.run(["checkpoint", "inspect", "--json"] + form.arguments)
        #expect(result.exitCode == 0, "\(result.errors)")
        let json = try result.json
        #expect(json["path"] == form.path)
        #expect(json["method"] == form.method)
        #expect(json["container"] == form.container)
        #expect((json["weights_sha256"] == GoldenForm.weights) == form.hasExactWeights)
        let parameters = try json.object("parameters")
        #expect(parameters.number("elements") == 10_203)
        #expect(parameters.bool("decoder") == true)
        #expect(try json.object("configuration").object("hidden_size").number("value") == 20)
    }

    @Test("the JSON has the members that programs rely on")
    func hasMembers() async throws {
        let json = try await Program.coordinator.run("checkpoint", "inspect", "--json", GoldenForm.path("hub5")).json
        let members: Set = [
            "path", "method", "container", "shards", "dialect", "prefix", "pickled_class", "transformers_version",
            "lightning_version", "readers", "parameters", "weights_sha256", "files", "configuration", "findings",
        ]
        #expect(json.keys.isSuperset(of: members))
        #expect(try json.objects("files").map { $0.keys } == [["path", "size"], ["path", "size"]])
        let ratio = try json.object("configuration").object("mask_ratio")
        #expect(ratio.keys.isSuperset(of: ["value", "origin", "detail", "uncertain"]))
        #expect(ratio["origin"] == "config-file")
        #expect(ratio.bool("uncertain") == false)
    }

    @Test("the text shows each value with its origin, the files and the findings")
    func showsText() async throws {
        let result = try await Program.coordinator.run("checkpoint", "inspect", GoldenForm.path("full-ratio0.pth"))
        #expect(result.exitCode == 0)
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains("mask_ratio 0.0 pickled with the model"))
        #expect(lines.contains("weights_sha256 \(GoldenForm.weights)"))
        #expect(lines.contains("parameters 10,203 in 62 tensors, encoder and decoder"))
        #expect(lines.contains { $0.hasSuffix("bytes \(GoldenForm.path("full-ratio0.pth"))") })
        #expect(lines.contains { $0.hasPrefix("note") && $0.contains("only 5.x opens it") })
    }

    @Test("what a state dict does not say is marked as guessed")
    func marksGuesses() async throws {
        let folder = try TemporaryDirectory()
        let model = folder.file("model")
        let state = folder.file("weights.pth")
        #expect(
            try await Program.coordinator.run("checkpoint", "init", "--preset", "tiny", "--output", model).exitCode == 0
        )
        #expect(
            try await Program.coordinator.run("checkpoint", "convert", model, state, "--to", "state-dict").exitCode == 0
        )
        let result = try await Program.coordinator.run("checkpoint", "inspect", state)
        #expect(result.exitCode == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains { $0.hasPrefix("? num_attention_heads 4 guessed:") })
        #expect(lines.contains("? mask_ratio 0.75 the default of transformers"))
        #expect(lines.contains("hidden_size 64 read off the shapes of the weights"))
        #expect(lines.contains { $0.hasPrefix("warning") && $0.contains("--config") })
    }

    @Test("the file saved and the older file loaded in its place are told apart")
    func namesStaleSibling() async throws {
        let folder = try TemporaryDirectory()
        let saved = folder.file("vit_mae_from_hugging_face.pth")
        let loaded = folder.file("vit_mae_from_hugging_face.cpkt")
        try FileManager.default.copyItem(atPath: GoldenForm.path("full-ratio0.pth"), toPath: saved)
        try FileManager.default.copyItem(atPath: GoldenForm.path("full5.pth"), toPath: loaded)
        for (path, other) in [(saved, "vit_mae_from_hugging_face.cpkt"), (loaded, "vit_mae_from_hugging_face.pth")] {
            let json = try await Program.coordinator.run("checkpoint", "inspect", "--json", path).json
            let finding = try #require(try json.objects("findings").first { $0["code"] == "different-sibling" })
            #expect(finding["severity"] == "warning")
            let message = try #require(finding["message"])
            #expect(message.contains(other))
            #expect(message.contains("mask_ratio"))
        }
    }
}
