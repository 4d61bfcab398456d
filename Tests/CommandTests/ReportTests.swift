import Foundation
import TestSupport
import Testing

@Suite("mae-coord report", .serialized)
struct ReportTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func files(_ name: String) -> [String] {
        ["--html", "--junit", "--json"].flatMap { [$0, folder.file("\(name)\($0)")] }
    }

    private func report(_ arguments: [String]) async throws -> CommandResult {
        try await Program.coordinator.run(["report", "--store", folder.file("store")] + arguments)
    }

    /// Expects that `report` shows and writes the very bytes that a `verify` with ``files(_:)`` of `verify` did.
    private func expectSame(as result: CommandResult, _ arguments: [String] = []) async throws {
        let again = try await report(files("report") + arguments)
        #expect(again.exitCode == result.exitCode, "\(again.errors)")
        #expect(again.output == result.output)
        for option in ["--html", "--junit", "--json"] {
            let then = try String(contentsOfFile: folder.file("verify\(option)"), encoding: .utf8)
            #expect(try String(contentsOfFile: folder.file("report\(option)"), encoding: .utf8) == then, "\(option)")
        }
    }

    @Test("the reports of a run are written again, byte for byte", arguments: ["shared", "sequential"])
    func same(noise: String) async throws {
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--batches", "2", "--noise", noise] + files("verify"), folder: folder)
        let workers = [try site.worker("left"), try site.worker("right")]
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss(workers)
        #expect(result.exitCode == (noise == "shared" ? 0 : 1), "\(result.output)\(result.errors)")
        try await expectSame(as: result)
        if noise == "sequential" {
            let page = try String(contentsOfFile: folder.file("report--html"), encoding: .utf8)
            #expect(page.contains("Which patches were kept"), "masks are kept too")
        }
    }

    @Test("a report asks for no checkpoints, and is there for a run that lacks a worker")
    func early() async throws {
        let model = try await VerifySite.tinyModel()
        let methods = ["--method", "pretrained=\(model.file("model"))"]
        let site = try await VerifySite(
            methods + ["--expect", "left,right", "--run", "short", "--log-level", "info"] + files("verify"),
            folder: folder)
        let worker = try site.worker("left")
        try await site.coordinator.waitFor("left is in the cluster")
        try await eventually("its result is stored") { try await site.storedResults() == ["left": 2] }
        site.coordinator.send(signal: SIGINT)
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss([worker])
        #expect(result.output.contains("ended early"), "\(result.output)\(result.errors)")
        try FileManager.default.removeItem(atPath: model.file("model"))
        try await expectSame(as: result, ["short"])
    }

    @Test("where there is no report, that is said with what to do")
    func none() async throws {
        let empty = try await report([])
        #expect(empty.exitCode == 69 && empty.errors.contains("there is no store here"), "\(empty.errors)")
        let site = try await VerifySite(VerifySite.goldenMethods + ["--run", "cut"], folder: folder)
        try await site.coordinator.waitFor("waiting for 2 workers")
        site.coordinator.send(signal: SIGKILL)
        _ = try await site.coordinator.result()
        for arguments in [[], ["cut"]] {
            let result = try await report(arguments + ["--json", folder.file("none.json")])
            #expect(result.exitCode == 65 && result.errors.contains("verify --resume cut"), "\(result.errors)")
            #expect(result.output.isEmpty)
        }
        let unknown = try await report(["another"])
        #expect(unknown.exitCode == 65 && unknown.errors.contains("no run named another"), "\(unknown.errors)")
    }

    @Test("a report is not written over what the run reads")
    func protection() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + ["--timeout", "1"], folder: folder)
        #expect(try await site.coordinator.result().exitCode == 3)
        let result = try await report(["--html", Goldens.path("checkpoints/full5.pth")])
        #expect(result.exitCode == 64 && result.errors.contains("which is read"), "\(result.errors)")
    }
}
