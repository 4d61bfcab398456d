import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Names and lives of mae-worker", .serialized)
struct WorkerLifeTests {
    let folder: TemporaryDirectory
    private let host = ProcessInfo.processInfo.hostName

    init() throws { folder = try TemporaryDirectory() }

    private func worker(_ options: String..., environment: [String: String] = [:]) throws -> RunningCommand {
        try Program.worker.start(["--threads", "1", "--models", "/"] + options, environment: environment)
    }

    @Test("the second worker of a host takes another name, and is not told of as turned away")
    func secondOnHost() async throws {
        let run = try verification("--workers", "2", "--json", folder.file("report.json"))
        let workers = try (0..<2).map { _ in try worker("--once", "--connect-file", folder.file("endpoint")) }
        let result = try await run.result()
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try JSONObject(Data(contentsOf: URL(fileURLWithPath: folder.file("report.json"))))
        let names = try report.objects("nodes").compactMap { $0["name"] as String? }
        #expect(names.count == 2 && names.contains { $0.hasSuffix("-2") }, "\(names)")
        #expect(try report.objects("refused").isEmpty && !result.output.contains("turned away"), "\(result.output)")
        for worker in workers { #expect(try await worker.result().exitCode == 0) }
    }

    /// Starts a verification whose endpoint is written to the file `endpoint`.
    private func verification(_ options: String...) throws -> RunningCommand {
        try Program.coordinator.start(
            [
                "verify", "--bind", "tcp://127.0.0.1:*", "--endpoint-file", folder.file("endpoint"), "--store",
                folder.file("store"), "--method", "full=\(Goldens.path("checkpoints/full5.pth"))",
            ] + options)
    }

    /// Everything that is written to a named pipe until its writer closes it.
    private static func read(pipe path: String) throws -> String {
        let file = try #require(FileHandle(forReadingAtPath: path))
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }

    @Test("workers of one host without names of their own get some")
    func severalOfOneHost() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods, workers: 3, folder: folder)
        let workers = try (0..<3).map { _ in try worker("--connect", site.endpoint) }
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        let nodes = Set(try site.report.objects("cells").compactMap { $0["node"] })
        #expect(nodes == [host, "\(host)-2", "\(host)-3"])
        #expect(workers.contains { $0.errors.contains("is \(host)-3") })
        try await VerifySite.dismiss(workers)
    }

    @Test("a name that was given stays, and its worker is told to have another")
    func givenName() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods, folder: folder)
        let workers = try (0..<2).map { _ in try worker("--connect", site.endpoint, "--name", "same") }
        try await eventually("one of them is refused twice") {
            workers.contains { $0.errors.components(separatedBy: "give each worker its own --name").count > 2 }
        }
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
        #expect(!workers.contains { $0.errors.contains("same-2") })
        try await VerifySite.dismiss(workers)
    }

    @Test("in a job step of Slurm the number of the task is part of the name")
    func taskOfSlurm() async throws {
        let run = try verification("--workers", "2")
        let workers = try (0..<2).map {
            try worker(
                "--once", "--connect-file", folder.file("endpoint"),
                environment: ["SLURM_JOB_ID": "7", "SLURM_PROCID": "\($0)"])
        }
        let result = try await run.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        for (task, worker) in workers.enumerated() {
            let ended = try await worker.result()
            #expect(ended.exitCode == 0 && ended.errors.contains("as \(host)-\(task)"), "\(ended.errors)")
        }
    }

    @Test("with --once a worker ends with 0 when the run is over")
    func once() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods, folder: folder)
        let workers = try ["left", "right"].map { try worker("--connect", site.endpoint, "--name", $0, "--once") }
        #expect(try await site.coordinator.result().exitCode == 0)
        for worker in workers {
            let result = try await worker.result()
            #expect(result.exitCode == 0, "\(result.errors)")
            #expect(result.errors.contains("parted from the coordinator, after 6 shards"), "\(result.errors)")
        }
    }

    @Test("with --give-up a worker that finds no coordinator ends with 69 and says where it looked")
    func giveUp() async throws {
        let alone = try await worker("--connect", "tcp://127.0.0.1:9", "--give-up", "0.5").result()
        #expect(alone.exitCode == 69)
        #expect(alone.errors.contains("no coordinator at tcp://127.0.0.1:9 for 0.5 s"), "\(alone.errors)")
        let waiting = try await worker("--connect-file", folder.file("endpoint"), "--give-up", "0.5").result()
        #expect(waiting.exitCode == 69)
        #expect(waiting.errors.contains(folder.file("endpoint")), "\(waiting.errors)")
        for text in ["0", "-1", "nan", "inf", "1e9"] {
            #expect(try await worker("--give-up=\(text)").result().exitCode == 64, "\(text)")
            guard text != "0" else { continue }
            #expect(try await worker("--grace=\(text)").result().exitCode == 64, "\(text)")
        }
    }

    @Test("a worker waits for the file that names its coordinator, and follows it to the next one")
    func connectFile() async throws {
        let workers = try ["left", "right"].map {
            try worker("--connect-file", folder.file("endpoint"), "--name", $0)
        }
        for worker in workers { try await worker.waitFor("no answer yet from a coordinator at the endpoint that") }
        for _ in 0..<2 {
            let result = try await verification("--workers", "2").result()
            #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        }
        try await VerifySite.dismiss(workers)
    }

    @Test("a file that names no coordinator to be spoken to is told of once, and another one in its place is read")
    func badConnectFile() async throws {
        let file = try folder.write("endpoint", Array("\u{1B}[31mtcp://nonsense\n".utf8))
        let worker = try worker("--connect-file", file, "--name", "left")
        try await worker.waitFor("names no endpoint")
        for (text, words) in [
            ("tcp://0.0.0.0:5555", "start mae-coord verify with --advertise HOST"),
            ("tcp://192.0.2.1:5555", "spoken to with keys only"), ("ipc:///tmp/endpoint", "others may write to"),
        ] {
            _ = try folder.write("endpoint", Array(text.utf8))
            try await worker.waitFor(words)
        }
        #expect(!worker.errors.contains("\u{1B}"))
        #expect(worker.errors.components(separatedBy: "names no endpoint").count == 2)
        let result = try await verification("--workers", "1").result()
        // One node alone proves nothing.
        #expect(result.exitCode == 0 || result.exitCode == 3, "\(result.output)\(result.errors)")
        #expect(worker.errors.contains("joined the cluster"))
        try await VerifySite.dismiss([worker])
        #expect(try await Program.worker.run("--connect-file", file, "--connect", "tcp://127.0.0.1:9").exitCode == 64)
    }

    @Test("the advertised host is what the endpoint file and the line for a worker name")
    func advertise() async throws {
        #expect(try await Program.coordinator.run("keys", "init", "--keys", folder.file("keys")).exitCode == 0)
        let options = ["--keys", folder.file("keys"), "--bind", "tcp://0.0.0.0:*", "--advertise", "localhost"]
        let site = try await VerifySite(VerifySite.goldenMethods + options, folder: folder)
        #expect(site.endpoint.hasPrefix("tcp://localhost:"))
        try await site.coordinator.waitFor("mae-worker --connect \(site.endpoint) --key NODE.key")
        site.coordinator.send(signal: SIGTERM)
        let result = try await site.coordinator.result()
        #expect(result.errors.contains("--advertise localhost"), "the line that carries the run on: \(result.errors)")
        for wrong in [["--advertise", "localhost"], ["--bind", "tcp://0.0.0.0:*", "--advertise", "host:80"]] {
            let words = ["verify", "--method", "full=model.pth"] + wrong
            #expect(try await Program.coordinator.run(words).exitCode == 64, "\(wrong)")
        }
    }

    @Test("a folder has the key of each node of a range, which its worker finds by its name")
    func keyFolder() async throws {
        let (keys, nodes) = (folder.file("keys"), folder.file("nodes"))
        #expect(try await Program.coordinator.run("keys", "init", "--keys", keys).exitCode == 0)
        let added = try await Program.coordinator.run(
            "keys", "add", "n-{00..03}", "--keys", keys, "--output", nodes)
        #expect(added.exitCode == 0 && added.output.contains("added 4 nodes, n-00 to n-03"), "\(added.errors)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: nodes).sorted()
                == ["n-00.key", "n-01.key", "n-02.key", "n-03.key"])
        let again = try await Program.coordinator.run("keys", "add", "n-{03..04}", "--keys", keys, "--output", nodes)
        #expect(again.exitCode == 65 && again.errors.contains("n-03 has a key already"), "\(again.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: nodes).count == 4)
        let run = try verification("--workers", "2", "--keys", keys)
        let workers = try ["n-01", "n-03"].map {
            try worker("--once", "--connect-file", folder.file("endpoint"), "--key", nodes, "--name", $0)
        }
        let result = try await run.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        for worker in workers { #expect(try await worker.result().exitCode == 0) }
        let missing = try await worker("--connect", "tcp://127.0.0.1:9", "--key", nodes, "--name", "n-04").result()
        #expect(missing.exitCode == 65 && missing.errors.contains("\(nodes)/n-04.key"), "\(missing.errors)")
        let range = [
            "keys", "add", "m-{0..1}", "--keys", keys, "--public-key", "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
        ]
        #expect(try await Program.coordinator.run(range).exitCode == 64)
    }

    @Test(
        "a signal while reports are written does not change the exit code of the verdict, and a second ends the program"
    )
    func signalAfterVerdict() async throws {
        for count in [1, 2] {
            let pipe = folder.file("page-\(count)")
            // Nothing reads it: the program stands still where it writes the page.
            #expect(mkfifo(pipe, 0o600) == 0)
            let run = try verification("--workers", "2", "--run", "run-\(count)", "--html", pipe)
            let workers = try ["left", "right"].map {
                try worker("--once", "--connect-file", folder.file("endpoint"), "--name", $0)
            }
            try await eventually("the verdict is kept") {
                let runs = try await Program.coordinator.run("runs", "--json", "--store", folder.file("store"))
                // The store is not there from the beginning.
                guard runs.exitCode == 0 else { return false }
                let kept = try runs.json.objects("runs").first { $0["name"] == "run-\(count)" }
                return kept?["verdict"] == "agree"
            }
            for worker in workers { #expect(try await worker.result().exitCode == 0) }
            run.send(signal: SIGTERM)
            if count == 2 {
                // Sent again until it is seen: of two that come at once, the system keeps one.
                try await eventually("the program has ended") {
                    run.send(signal: SIGTERM)
                    return !run.isRunning
                }
                #expect(try await run.result().exitCode == -SIGTERM)
            } else {
                let page = try await onThread { try Self.read(pipe: pipe) }
                #expect(page.contains("Everything agrees"))
                #expect(try await run.result().exitCode == 0)
            }
        }
    }
}
