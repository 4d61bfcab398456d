import Foundation
import TestSupport
import Testing

@Suite("mae-coord explain with recordings of PyTorch")
struct ExplainRecordingTests {
    private func path(_ name: String) -> String { Goldens.path("explain/recordings/" + name) }

    @Test(
        "exit codes say what recordings show",
        arguments: [
            (["base.safetensors", "version-4.safetensors"], 0, "SAME"),
            (["base.safetensors", "fault.safetensors"], 1, "DIFFERENT"),
            (["base-bare.safetensors", "eager.safetensors"], 2, "INCOMPLETE"),
            (["base.safetensors", "hidden.safetensors"], 2, "INCOMPLETE"),
            (["base.safetensors"], 3, "NOTHING COMPARED"),
        ])
    func exits(_ names: [String], _ code: Int32, _ word: String) async throws {
        let result = try await Program.coordinator.run(["explain"] + names.map(path))
        #expect(result.exitCode == code, "\(result.errors)")
        #expect(result.output.contains(word) && result.errors.isEmpty, "\(result.output)\(result.errors)")
    }

    @Test("the first module, the side that is wrong and by how much are told")
    func tellsWhoIsWrong() async throws {
        let folder = try TemporaryDirectory()
        let (json, html) = (folder.file("e.json"), folder.file("e.html"))
        let result = try await Program.coordinator.run(
            "explain", path("base-kept.safetensors"), path("fault-kept.safetensors"), path("hub"), "--json", json,
            "--html",
            html)
        #expect(result.exitCode == 1, "\(result.errors)")
        for words in [
            "The difference begins in encoder block 0", "it is right", "it is wrong", "0.01 from double precision",
        ] {
            let text = result.output.replacing(/\s+/, with: " ")
            #expect(text.contains(words), "\(result.output)")
        }
        let document = try JSONObject(Data(contentsOf: URL(fileURLWithPath: json)))
        #expect(try document.objects("recordings").count == 2)
        let pair = try #require(try document.objects("recording_pairs").first)
        #expect(pair["cause"] == "module" && pair["input"] == "equal")
        #expect(try document.objects("blocks").count == 4)
        let page = try String(contentsOfFile: html, encoding: .utf8)
        #expect(page.contains("<h2>Recordings</h2>"))
    }

    @Test("a recording that is damaged, or newer, is refused with its field and exit code 65")
    func refusesDamage() async throws {
        let folder = try TemporaryDirectory()
        var file = try RecordingFile(path("base.safetensors"))
        file.set("calls.0.modules.2.module", to: 5000)
        let damaged = try await Program.coordinator.run("explain", folder.write("a.safetensors", file.bytes()))
        #expect(damaged.exitCode == 65)
        #expect(damaged.errors.contains("mae_record: calls[0].modules[2].module"), "\(damaged.errors)")
        file.set("schema", to: 2)
        let newer = try await Program.coordinator.run("explain", folder.write("a.safetensors", file.bytes()))
        #expect(newer.exitCode == 65 && newer.errors.contains("the recorder is newer"), "\(newer.errors)")
        let part = try await Program.coordinator.run("explain", path("base.safetensors") + "#0/pooled")
        #expect(part.exitCode == 65 && part.errors.contains("without #KEY"), "\(part.errors)")
    }

    @Test("the forum thread's recording and files, in one call, give all of its causes")
    func explainsThread() async throws {
        let folder = try TemporaryDirectory()
        let demo = try await Program.coordinator.run("demo", "thread", "--keep", folder.path)
        #expect(demo.exitCode == 0, "\(demo.errors)")
        let name = folder.file("second/vit_mae_from_hugging_face")
        let result = try await Program.coordinator.run(
            "explain", Goldens.path("recordings/thread.safetensors"), name + ".pth", name + ".cpkt",
            name + "_statedict.pth@mask_ratio=0", "--config", folder.file("vit-mae"))
        #expect(result.exitCode == 1, "\(result.errors)")
        for words in ["stale-file", "permuted-tokens", "noise-not-shared", "All 62 tensors are equal, by SHA-256"] {
            #expect(result.output.contains(words), "\(result.output)")
        }
    }

    @Test("a report is not written over a recording")
    func protectsRecordings() async throws {
        let folder = try TemporaryDirectory()
        let copy = try folder.write("a.safetensors", try Goldens.bytes("explain/recordings/base.safetensors"))
        let result = try await Program.coordinator.run("explain", copy, "--json", copy)
        #expect(result.exitCode == 64, "\(result.errors)")
    }
}
