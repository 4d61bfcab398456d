import Foundation
import TestSupport
import Testing

@Suite("mae-coord explain")
struct ExplainTests {
    /// The thread's files, as `demo thread --keep` leaves them.
    private func thread() async throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        let result = try await Program.coordinator.run("demo", "thread", "--keep", folder.path)
        #expect(result.exitCode == 0, "\(result.errors)")
        return folder
    }

    @Test("demo thread names all four causes")
    func playsTheThread() async throws {
        let result = try await Program.coordinator.run("demo", "thread")
        #expect(result.exitCode == 0, "\(result.errors)")
        let answer = try #require(result.output.range(of: "The four causes\n"))
        let causes = result.output[answer.upperBound...]
        for word in [
            "1. Every forward call draws a new random mask", "2. At mask_ratio 0", "3. ….pth was saved", "4. The loop",
        ] {
            #expect(causes.contains(word), "\(causes)")
        }
        #expect(!causes.contains("not shown"))
        #expect(result.output.contains("model = torch.load(\"second/vit_mae_from_hugging_face.pth\""))
        // The files are gone when this is read: no line names where they were.
        #expect(!result.output.contains("mae-thread-"), "\(result.output)")
        #expect(
            result.output.hasSuffix(
                "mae-coord demo thread --keep DIR keeps them in a folder, where the commands above work.\n"))
    }

    @Test("files that are not there are told at once")
    func missingFiles() async throws {
        let folder = try TemporaryDirectory()
        let paths = [folder.file("a.pth"), folder.file("out.npy")]
        let result = try await Program.coordinator.run(["explain"] + paths)
        #expect(
            result.exitCode == 65 && result.errors.hasPrefix("mae-coord: 2 files cannot be read:\n"), "\(result.errors)"
        )
        for path in paths { #expect(result.errors.contains("\n\(path): cannot be read"), "\(result.errors)") }
    }

    @Test("outputs of a program that set no seed are told of as that, with how to find out")
    func noSeed() async throws {
        let model = Goldens.path("checkpoints/hub5")
        let folder = try TemporaryDirectory()
        for seed in ["901", "902"] {
            let made = try await Program.coordinator.run(
                "infer", "--model", model, "--seed", seed, "--batch-size", "2", "--output", folder.file(seed))
            try #require(made.exitCode == 0, "\(made.errors)")
        }
        let outputs = ["901", "902"].map { folder.file("\($0)/layernorm.npy") }
        func explain(_ outputs: [String]) async throws -> String {
            let result = try await Program.coordinator.run(["explain", model] + outputs)
            return result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        let runs = try await explain(outputs)
        #expect(runs.contains("> Perhaps no seed was set: each run then draws other images and other noise"), "\(runs)")
        #expect(
            runs.contains("run the program twice")
                && runs.contains("torch.manual_seed(42) # before the images are drawn"))
        #expect(runs.contains("as outputs of a program without a seed do from run to run"))
        // Once for all of them.
        #expect(runs.components(separatedBy: "Perhaps no seed").count == 2)
        // Outputs that are equal were drawn alike, which speaks against it.
        try FileManager.default.copyItem(atPath: outputs[0], toPath: folder.file("again.npy"))
        let equal = try await explain([outputs[0], folder.file("again.npy")])
        #expect(
            !equal.contains("Perhaps no seed") && equal.contains("both had the same images and the same noise"),
            "\(equal)")
    }

    @Test("outputs are matched with draws, and every report says so")
    func writesReports() async throws {
        let thread = try await thread()
        let name = thread.file("second/vit_mae_from_hugging_face")
        let (json, html, junit) = (thread.file("e.json"), thread.file("e.html"), thread.file("e.xml"))
        let result = try await Program.coordinator.run(
            "explain", name + ".pth", name + ".cpkt", name + "_statedict.pth@mask_ratio=0",
            thread.file("second/layer_outputs.pt"), "--config", thread.file("vit-mae"), "--json", json, "--html", html,
            "--junit", junit)
        #expect(result.exitCode == 1, "\(result.errors)")
        #expect(result.output.contains("encoder_layernorm_2  draw 1, mask_ratio 0.75 (5 tokens)"), "\(result.output)")
        #expect(result.output.contains("DIFFERENT"))
        let document = try JSONObject(Data(contentsOf: URL(fileURLWithPath: json)))
        #expect(document.number("schema") == 1)
        #expect(document["verdict"] == "disagree" && document.number("exit_code") == 1)
        let outputs = try document.objects("outputs")
        #expect(outputs.map { $0.number("draw") } == [0, 1, 2])
        #expect(try document.objects("findings").first?["code"] == "stale-file")
        let page = try String(contentsOfFile: html, encoding: .utf8)
        #expect(page.contains("Which patches each call keeps") && page.contains("<svg"))
        let suite = try String(contentsOfFile: junit, encoding: .utf8)
        #expect(suite.contains("tests=\"6\"") && suite.contains("mask_ratio 0 against 0.75"), "\(suite)")
    }

    @Test("images of a size that the model does not take are refused before any of them is decoded")
    func refusesOtherSizes() async throws {
        let folder = try await VerifySite.tinyModel()
        _ = try folder.write("model/preprocessor_config.json", Array("{\"size\": 48}".utf8))
        _ = try folder.write("photos/damaged.jpg", Array(try Goldens.bytes("pictures/420.jpg").prefix(1000)))
        let arguments = ["explain", folder.file("model"), "--images", folder.file("photos")]
        let result = try await Program.coordinator.run(arguments)
        #expect(result.exitCode == 65 && result.errors.contains("the model takes (B, [3, 32, 32])"), "\(result.errors)")
        _ = try folder.write("model/preprocessor_config.json", Array("{\"size\": 32}".utf8))
        let fitting = try await Program.coordinator.run(arguments)
        #expect(fitting.exitCode == 65 && fitting.errors.contains("damaged.jpg: is damaged"), "\(fitting.errors)")
    }

    @Test("nothing that differs ends with 0, and one output alone with 3")
    func endsWithTheVerdict() async throws {
        let thread = try await thread()
        let name = thread.file("second/vit_mae_from_hugging_face")
        let equal = try await Program.coordinator.run("explain", name + ".pth", name + ".pth")
        #expect(equal.exitCode == 0, "\(equal.output)")
        #expect(equal.output.contains("SAME"))
        let alone = try await Program.coordinator.run("explain", thread.file("first/out1.npy"))
        #expect(alone.exitCode == 3)
    }

    @Test(
        "bad input ends with 65 and usage with 64",
        arguments: [
            (["nothing.pth"], 65), (["."], 65), ([], 64), (["x.pth@mask_ratio=2"], 64),
            (["x.pth", "--draws", "0"], 64),
            (["x.pth", "--batch-size", "0"], 64),
        ] as [([String], Int32)])
    func refuses(arguments: [String], code: Int32) async throws {
        let folder = try TemporaryDirectory()
        let result = try await Program.coordinator.run(
            ["explain"] + arguments.map { $0 == "." ? folder.path : $0 })
        #expect(result.exitCode == code, "\(result.errors)")
        #expect(!result.errors.isEmpty)
    }
}
