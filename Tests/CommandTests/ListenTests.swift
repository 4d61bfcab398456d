import Foundation
import Glibc
@testable import MAEHTTP
import TestSupport
import Testing
@testable import MAERun
@testable import mae_coord

@Suite("A run looked at over HTTP, with real processes")
struct ListenTests {
    /// The port at which a coordinator says that it serves pages.
    private func port(of coordinator: RunningCommand) async throws -> UInt16 {
        let mark = "pages of the run at http://127.0.0.1:"
        try await coordinator.waitFor(mark)
        var port: UInt16?
        try await eventually("the line with the address is whole") {
            let rest = coordinator.errors.components(separatedBy: mark).last ?? ""
            port = rest.contains("/\n") ? rest.split(separator: "/").first.flatMap { UInt16($0) } : nil
            return port != nil
        }
        return try #require(port)
    }

    /// The answer to a request of one page.
    private func get(_ path: String, _ port: UInt16) async throws -> HTTPClient.Answer {
        try await onThread { try #require(HTTPClient.get(path, port: port), "\(path)") }
    }

    private func bytes(_ path: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(fileURLWithPath: path))).map(Array.init)
    }

    @Test(
        "figures, probes and the report are those of the files, and a signal ends the serving with the verdict's code")
    func wholeRun() async throws {
        let folder = try TemporaryDirectory()
        let (html, metrics) = (folder.file("report.html"), folder.file("mae.prom"))
        let site = try await VerifySite(
            VerifySite.goldenMethods + [
                "--listen", "127.0.0.1:*", "--linger", "100000", "--html", html, "--metrics", metrics, "--run", "a<b",
            ], folder: folder)
        let port = try await port(of: site.coordinator)

        // The endpoint's file is there, so workers can connect, and the page says so.
        let ready = try await get("/readyz", port)
        #expect(ready.status == 200 && ready.text == "workers can connect at \(site.endpoint)\n")
        #expect(try await get("/healthz", port).status == 200)
        let early = try await get("/report", port)
        #expect(early.status == 200 && early.fields["refresh"] == "5", "\(early.fields)")
        #expect(early.text.contains("<h1>run a&lt;b</h1>") && !early.text.contains("a<b"), "\(early.text)")
        let overview = try await get("/", port)
        for page in ["report", "metrics", "healthz", "readyz"] { #expect(overview.text.contains("href=\"/\(page)\"")) }
        #expect(try await get("/store", port).status == 404)
        let figures = try await get("/metrics", port)
        #expect(figures.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(PrometheusSamples(figures.text).faults == [])
        try await eventually("figures of the run") {
            PrometheusSamples(try await get("/metrics", port).text)["mae_run_active"] == 1
        }

        let workers = [try site.worker("a"), try site.worker("b")]
        try await site.coordinator.waitFor("its pages stay at http://127.0.0.1:\(port)/")
        let report = try await get("/report", port)
        #expect(report.fields["refresh"] == nil)
        #expect(try report.body == #require(bytes(html)))
        let last = try await get("/metrics", port)
        #expect(try last.body == #require(bytes(metrics)))
        #expect(PrometheusSamples(last.text)["mae_run_verdict{verdict=\"agree\"}"] == 1)
        #expect(try await get("/healthz", port).status == 200)
        let over = try await get("/readyz", port)
        #expect(over.status == 503 && over.text == "workers cannot connect now: the run is judged\n", "\(over.text)")
        // The next run need not wait for the pages of this one.
        let prune = try await Program.coordinator.run("prune", "--keep", "9", "--store", site.folder.file("store"))
        #expect(prune.exitCode == 0, "\(prune.errors)")

        #expect(site.coordinator.isRunning && site.coordinator.output.contains("AGREE"))
        site.coordinator.send(signal: SIGTERM)
        #expect(try await site.coordinator.result().exitCode == 0)
        #expect(HTTPClient.get("/", port: port) == nil)
        try await VerifySite.dismiss(workers)
    }

    @Test("pages stay as long as --linger says, and the code is that of the verdict", arguments: [true, false])
    func end(bySignal: Bool) async throws {
        let linger = bySignal ? "100000" : "0.3"
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--listen", "127.0.0.1:*", "--linger", linger, "--timeout", "0.2"])
        if bySignal {
            try await site.coordinator.waitFor("its pages stay at")
            site.coordinator.send(signal: SIGINT)
        }
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 3, "\(result.errors)")
        #expect(result.errors.contains("its pages stay at"))
    }

    @Test("a signal while alarms are told ends the lingering before it begins, and a command that hangs soon")
    func signalDuringAlarm() async throws {
        let folder = try TemporaryDirectory()
        let begun = folder.file("begun")
        let site = try await VerifySite(
            VerifySite.goldenMethods + [
                "--listen", "127.0.0.1:*", "--linger", "100000", "--timeout", "0.2", "--on-change",
                "touch '\(begun)'; sleep 100000",
            ])
        try await eventually("the command runs") { FileManager.default.fileExists(atPath: begun) }
        site.coordinator.send(signal: SIGTERM)
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 3, "\(result.errors)")
        #expect(
            !result.errors.contains("its pages stay at") && !result.errors.contains("it is run again in"),
            "\(result.errors)")
    }

    @Test("a run that a signal ended serves no longer")
    func interrupted() async throws {
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--listen", "127.0.0.1:*", "--linger", "100000"])
        site.coordinator.send(signal: SIGTERM)
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 3, "\(result.errors)")
        #expect(!result.errors.contains("its pages stay at"))
    }

    @Test("an address that other machines reach is warned of, one in use is refused, and neither begins a run")
    func addresses() async throws {
        let folder = try TemporaryDirectory()
        func verify(_ options: String...) throws -> RunningCommand {
            try Program.coordinator.start(
                ["verify", "--store", folder.file("store"), "--timeout", "0.2", "--bind", "tcp://127.0.0.1:*"]
                    + VerifySite.goldenMethods + options)
        }
        let open = try await verify("--listen", "0.0.0.0:*", "--quiet").result()
        #expect(open.exitCode == 3)
        #expect(open.errors.contains("--listen 0.0.0.0:*: everyone who reaches this address"), "\(open.errors)")

        let server = try HTTPServer(at: HTTPAddress("127.0.0.1:*")) { _ in HTTPResponse(.ok, line: "") }
        let taken = try await verify("--listen", server.address.description, "--run", "second").result()
        #expect(taken.exitCode == 69)
        #expect(taken.errors.contains("\(server.address): pages cannot be served there"), "\(taken.errors)")
        let runs = try await Program.coordinator.run("runs", "--store", folder.file("store"))
        #expect(!runs.output.contains("second"), "\(runs.output)")

        for (options, words) in [
            (["--listen", "9464"], "ADDRESS:PORT"), (["--listen", "node1:9464"], "ADDRESS:PORT"),
            (["--linger", "5"], "only with --listen"), (["--listen", "127.0.0.1:*", "--linger", "-1"], "from 0 to"),
        ] {
            let result = try await Program.coordinator.run(["verify"] + VerifySite.goldenMethods + options)
            #expect(result.exitCode == 64 && result.errors.contains(words), "\(options): \(result.errors)")
        }
    }

    @Test("the run is told to be alive for as long after its last sign of life as the file of --health is one")
    func silence() {
        let pages = RunPages()
        pages.renew()
        let request = HTTPRequest(path: "/healthz", isHead: false, keepsConnection: false)
        #expect(pages.current.answer(request, now: .now).status == .ok)
        let later = pages.current.answer(request, now: .now + .seconds(31))
        #expect(later.status == .unavailable)
        let text = String(decoding: later.body, as: UTF8.self)
        #expect(text.wholeMatch(of: /the last sign of life is \d+ s old\n/) != nil, "\(text)")
    }

    @Test("names and words of others are escaped in pages and lines")
    func escaping() throws {
        let pages = RunPages()
        pages.take(.listening(endpoint: "ipc:///tmp/\u{1B}[2J"))
        func text(_ path: String) -> String {
            let request = HTTPRequest(path: path, isHead: false, keepsConnection: false)
            return String(decoding: pages.current.answer(request, now: .now).body, as: UTF8.self)
        }
        #expect(!text("/readyz").contains("\u{1B}"))
        pages.take(.step(RunStep(text: "reading </p><script>", share: nil)))
        #expect(text("/report").contains("reading &lt;/p&gt;&lt;script&gt;"))
        #expect(text("/").contains("reading &lt;/p&gt;&lt;script&gt;"))
        pages.show(page: "<p>live</p>")
        #expect(text("/report") == "<p>live</p>")
    }
}
