import FaultTestSupport
import Foundation
import TestSupport
import Testing

@Suite("mae-coord replay", .serialized)
struct ReplayTests {
    private func replay(_ arguments: [String]) async throws -> CommandResult {
        try await Program.coordinator.run(["replay"] + arguments)
    }

    @Test("the command that a finding names shows it again, and no honest node's cell")
    func shown() async throws {
        let folder = try TemporaryDirectory()
        let model = folder.file("model")
        try FaultModel.write(to: model)
        let site = try await VerifySite(
            [
                "--method", "pretrained=\(model)", "--batches", "1", "--batch-size", "\(FaultModel.images)", "--bind",
                "ipc://\(folder.file("socket"))", "--run", "night", "--junit", folder.file("junit"), "--html",
                folder.file("html"),
            ], workers: 3, folder: folder)
        let fault = try #require(FaultCase.operations.first { $0.operation == 6 })
        let workers = [try site.worker("a"), try site.worker("b"), try site.faultyWorker("rack/c", fault)]
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss(workers)
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")

        let finding = try #require(try site.report.objects("findings").first { $0["replay"] != nil })
        let command = try #require(finding["replay"])
        #expect(command == "mae-coord replay night --cell rack/c/pretrained/0 --store \(folder.file("store"))")
        let line = "Show it again on one machine: "
        #expect(result.output.contains(line + command), "\(result.output)")
        #expect(try String(contentsOfFile: folder.file("junit"), encoding: .utf8).contains(line + command))
        #expect(try String(contentsOfFile: folder.file("html"), encoding: .utf8).contains("<code>\(command)</code>"))

        // No worker and no coordinator is there now.
        let words = command.split(separator: " ").dropFirst(2).map(String.init)
        let again = try await replay(words + ["--operations", "--json", folder.file("replay.json")])
        #expect(again.exitCode == 1, "\(again.output)\(again.errors)")
        for text in [
            "the same batch alone: mae-coord infer --model \(model) --seed 42 --batch-size \(FaultModel.images)",
            "rack/c parts from this machine at \(fault.layer)", "a has the bits of this machine in every step",
            "at operation \(fault.operation) of 7", "this machine gives the bits of a.", "Only bit 24 is flipped",
            "SHOWN AGAIN  This machine does not agree with rack/c/pretrained/0; it agrees with a/pretrained/0.",
        ] {
            let joined = again.output.replacing("\n  ", with: " ")
            #expect(joined.contains(text), "\(text) is missing:\n\(again.output)")
        }
        let json = try JSONObject(Data(contentsOf: URL(fileURLWithPath: folder.file("replay.json"))))
        let sides = try json.objects("sides")
        #expect(json.bool("agrees") == false && sides.map { $0.bool("agrees") } == [false, true])
        #expect(sides[0]["first_difference"] == fault.layer && sides[0].number("operation") == 6)
        #expect(try sides[0].object("elements").number("differing") == 1)
        #expect(try json.objects("operations").count == 7)

        let store = ["--store", folder.file("store")]
        let honest = try await replay(["--cell", "a/pretrained/0", "--threads", "1", "--isa", "scalar"] + store)
        #expect(honest.exitCode == 0, "\(honest.output)\(honest.errors)")
        #expect(honest.output.contains("NOT SHOWN AGAIN  This machine agrees with a/pretrained/0."))
        try await refuses(store, model)
    }

    /// Expects that what cannot be computed again is refused, with the remedy.
    private func refuses(_ store: [String], _ model: String) async throws {
        let unknown = try await replay(["--cell", "d/pretrained/0"] + store)
        #expect(unknown.exitCode == 64 && unknown.errors.contains("one of a/pretrained/0, "), "\(unknown.errors)")
        let against = try await replay(["--cell", "a/pretrained/0", "--against", "d"] + store)
        #expect(against.exitCode == 64 && against.errors.contains("b and rack/c have one"), "\(against.errors)")

        let file = URL(fileURLWithPath: model + "/config.json")
        let content = try String(contentsOf: file, encoding: .utf8)
        try (content + "\n").write(to: file, atomically: true, encoding: .utf8)
        let changed = try await replay(["--cell", "a/pretrained/0"] + store)
        #expect(changed.exitCode == 65 && changed.errors.contains("holds other files than when run night began"))
        try FileManager.default.removeItem(atPath: model)
        let missing = try await replay(["--cell", "a/pretrained/0"] + store)
        #expect(missing.exitCode == 65 && missing.errors.contains(model), "\(missing.errors)")
    }
}
