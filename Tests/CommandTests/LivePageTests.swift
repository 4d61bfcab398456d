import Foundation
import Glibc
import TestSupport
import Testing

@Suite("The page of mae-coord verify while the run goes on")
struct LivePageTests {
    let folder: TemporaryDirectory
    let page: String

    init() throws {
        folder = try TemporaryDirectory()
        page = try folder.write("page.html", Array("the report of yesterday".utf8))
    }

    private func html() -> String { (try? String(contentsOfFile: page, encoding: .utf8)) ?? "" }

    @Test("it is there while workers are waited for, tells of results that disagree, and the report replaces it")
    func replaced() async throws {
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--html", page, "--noise", "sequential", "--mask-ratio", "0.75"], folder: folder
        )
        try await eventually("the page is there") { self.html().contains("<h1>Waiting for workers") }
        #expect(html().contains("http-equiv=\"refresh\"") && html().contains("0 of 2 nodes"))
        try await eventually("what was said is on the page") { self.html().contains("--name worker-1") }
        let left = try site.worker("left")
        // The page is written by rename: each time it is read it is whole.
        try await eventually("the page tells of the results that there are") {
            let html = self.html()
            #expect(html.hasSuffix("</html>\n"))
            return html.contains("Results disagree") && html.contains("1 of 2 nodes: 1 waiting")
        }
        #expect(html().contains("<td>left / full</td>"))
        let right = try site.worker("right")
        #expect(try await site.coordinator.result().exitCode == 1)
        #expect(html().contains("<h1>Disagreement</h1>") && !html().contains("http-equiv=\"refresh\""))
        try await VerifySite.dismiss([left, right])
    }

    @Test("a run that is refused leaves the report of an earlier one as it is")
    func refused() async throws {
        let verify = ["verify", "--store", folder.file("other"), "--html", page]
        let missing = try await Program.coordinator.run(
            verify + ["--local", "1", "--method", "full=\(folder.file("no.pth"))"])
        #expect(missing.exitCode == 65, "\(missing.errors)")
        let site = try await VerifySite(VerifySite.goldenMethods, folder: folder)
        let taken = try await Program.coordinator.run(verify + ["--bind", site.endpoint] + VerifySite.goldenMethods)
        #expect(taken.exitCode == 69, "\(taken.errors)")
        #expect(html() == "the report of yesterday")
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
        #expect(html() == "the report of yesterday")
    }

    @Test("a coordinator that is killed leaves a page that says when it was written, and how the run is carried on")
    func killed() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + ["--html", page, "--run", "night"], folder: folder)
        try await eventually("the page is there") { self.html().contains("Waiting for workers") }
        site.coordinator.send(signal: SIGKILL)
        _ = try await site.coordinator.result()
        let html = html()
        #expect(html.contains("Written at 2") && html.contains("the coordinator is gone"))
        #expect(html.contains("mae-coord verify --resume night"))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("page.html") }
        #expect(left.contains("page.html"))
    }

    @Test("what is no file gets the report alone")
    func pipe() async throws {
        let pipe = folder.file("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let reader = try RunningCommand(program: "/bin/cat", arguments: [pipe], directory: nil)
        let site = try await VerifySite(VerifySite.goldenMethods + ["--html", pipe], workers: 1, folder: folder)
        let worker = try site.worker("one")
        #expect(try await site.coordinator.result().exitCode == 0)
        let read = try await reader.result().output
        #expect(read.components(separatedBy: "<!DOCTYPE html>").count == 2 && read.contains("Everything agrees"))
        try await VerifySite.dismiss([worker])
    }
}
