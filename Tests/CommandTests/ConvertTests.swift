import Foundation
import TestSupport
import Testing

@Suite("mae-coord checkpoint convert and init")
struct ConvertTests {
    private func digest(_ path: String, configuration: [String] = []) async throws -> String? {
        let result = try await Program.coordinator.run(["checkpoint", "inspect", "--json", path] + configuration)
        #expect(result.exitCode == 0, "\(result.errors)")
        return try result.json["weights_sha256"]
    }

    @Test("a way through all forms and back changes neither weights nor configuration")
    func goesRound() async throws {
        let folder = try TemporaryDirectory()
        let configuration = ["--config", GoldenForm.configuration]
        let way: [(form: String, path: String, configuration: [String])] = [
            ("full", folder.file("full.pth"), []), ("state-dict", folder.file("state.pth"), configuration),
            ("lightning", folder.file("light.ckpt"), []), ("hub", folder.file("hub"), []),
        ]
        var source = GoldenForm.path("hub4")
        var sourceConfiguration: [String] = []
        for step in way {
            let result = try await Program.coordinator.run(
                ["checkpoint", "convert", source, step.path, "--to", step.form] + sourceConfiguration)
            #expect(result.exitCode == 0, "\(result.errors)")
            #expect(result.output.contains(GoldenForm.weights))
            #expect(try await digest(step.path, configuration: step.configuration) == GoldenForm.weights)
            (source, sourceConfiguration) = (step.path, step.configuration)
        }
        let result = try await Program.coordinator.run("checkpoint", "diff", GoldenForm.path("hub4"), source)
        #expect(result.exitCode == 0, "\(result.output)")
    }

    @Test("what lies at the output is replaced only with --force", arguments: ["state-dict", "hub"])
    func refusesToOverwrite(form: String) async throws {
        let folder = try TemporaryDirectory()
        let output = folder.file("out")
        let convert = ["checkpoint", "convert", GoldenForm.path("full5.pth"), output, "--to", form]
        #expect(try await Program.coordinator.run(convert).exitCode == 0)
        let refused = try await Program.coordinator.run(convert)
        #expect(refused.exitCode == 64)
        #expect(refused.errors.contains("--force"))
        #expect(try await Program.coordinator.run(convert + ["--force"]).exitCode == 0)
        #expect(try await digest(output, configuration: ["--config", GoldenForm.configuration]) == GoldenForm.weights)
    }

    @Test("the input is never written over")
    func refusesInputAsOutput() async throws {
        let folder = try TemporaryDirectory()
        let model = folder.file("model.pth")
        try FileManager.default.copyItem(atPath: GoldenForm.path("full5.pth"), toPath: model)
        let result = try await Program.coordinator.run(
            "checkpoint", "convert", "./model.pth", "model.pth", "--to", "full", "--force", in: folder.path)
        #expect(result.exitCode == 64)
        #expect(try Data(contentsOf: URL(fileURLWithPath: model)).elementsEqual(Goldens.bytes("checkpoints/full5.pth")))
    }

    @Test("a folder that cannot be written to is named, with code 69", arguments: ["state-dict", "hub"])
    func namesUnwritableFolder(form: String) async throws {
        let folder = try TemporaryDirectory()
        // A file where a folder is needed stops root too, whom permissions do not.
        let output = try folder.write("file", [0]) + "/out"
        let result = try await Program.coordinator.run(
            "checkpoint", "convert", GoldenForm.path("full5.pth"), output, "--to", form)
        #expect(result.exitCode == 69)
        #expect(result.errors.contains("mae-coord: \(output)"), "\(result.errors)")
    }

    @Test("one preset and seed give the same bytes each time, another seed gives others")
    func drawsFromSeed() async throws {
        let folder = try TemporaryDirectory()
        for (name, seed) in [("one", "7"), ("two", "7"), ("three", "8")] {
            let result = try await Program.coordinator.run(
                "checkpoint", "init", "--preset", "tiny", "--seed", seed, "--output", folder.file(name))
            #expect(result.exitCode == 0, "\(result.errors)")
        }
        func weights(_ name: String) throws -> Data {
            try Data(contentsOf: URL(fileURLWithPath: folder.file(name) + "/model.safetensors"))
        }
        #expect(try weights("one") == weights("two"))
        #expect(try weights("one") != weights("three"))
        let again = try await Program.coordinator.run(
            "checkpoint", "init", "--preset", "tiny", "--output", folder.file("one"))
        #expect(again.exitCode == 64)
    }

    @Test("a name that ends in .safetensors gets safetensors, in folders that are made")
    func writesSafetensors() async throws {
        let folder = try TemporaryDirectory()
        let output = folder.file("new/deeper/a.safetensors")
        let written = try await Program.coordinator.run(
            "checkpoint", "convert", GoldenForm.path("hub4"), output, "--to", "state-dict")
        #expect(written.exitCode == 0, "\(written.errors)")
        let json = try await Program.coordinator.run(
            "checkpoint", "inspect", "--json", output, "--config", GoldenForm.configuration
        ).json
        #expect(json["container"] == "safetensors" && json["method"] == "state-dict")
        #expect(try !json.objects("findings").contains { $0["code"] == "misleading-name" })
        let equal = try await Program.coordinator.run(
            "checkpoint", "diff", GoldenForm.path("hub4"), output, "--config", GoldenForm.configuration)
        #expect(equal.exitCode == 0, "\(equal.output)")
        let refused = try await Program.coordinator.run(
            "checkpoint", "convert", GoldenForm.path("hub4"), folder.file("b.safetensors"), "--to", "full")
        #expect(refused.exitCode == 64 && refused.errors.contains("--to state-dict"), "\(refused.errors)")
    }
}
