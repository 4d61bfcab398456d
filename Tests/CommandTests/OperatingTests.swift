import Foundation
import Glibc
import MAEStore
import TestSupport
import Testing

@testable import VerifyTestSupport

@Suite("Operating a run, with real processes", .serialized)
struct OperatingTests {
    @Test("a node drained in mid-run gets no more jobs, another takes over, and nothing is lost")
    func drain() async throws {
        let start = Date().timeIntervalSince1970
        let model = try await VerifySite.tinyModel()
        let metrics = model.file("mae.prom")
        let site = try await VerifySite(
            [
                "--method", "pretrained=\(model.file("model"))", "--batches", "600", "--batch-size", "256",
                "--metrics", metrics, "--run", "night",
            ])
        let store = ["--store", site.folder.file("store")]
        let steady = try site.worker("steady")
        let victim = try site.worker("victim", environment: ["MALLOC_ARENA_MAX": "8"])
        try await victim.waitFor("computing batch 2")

        let order = try await Program.coordinator.run(["drain", "victim"] + store)
        #expect(order.exitCode == 0, "\(order.errors)")
        #expect(order.output == "victim gets no more jobs\n")
        #expect(order.errors.isEmpty, "\(order.errors)")
        try await site.coordinator.waitFor("victim is drained")
        let begun = Self.begun(by: victim)
        #expect(begun < 600)
        try await Self.expect("victim", toBecome: "drained", store)
        // It may come later than the victim, which computes from its first job on.
        try await Self.expect("steady", toBecome: "present", store)

        let substitute = try site.worker("substitute")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("told to drain: victim"))
        // Once for each number of batches that wait for another node in its place, and not with each result that is on the disk.
        let drained = result.errors.split(separator: "\n").compactMap { line in
            line.firstRange(of: "victim is drained").map { line[$0.lowerBound...] }
        }
        #expect(Set(drained).count == drained.count, "\(drained)")
        #expect(!result.errors.contains("given back by victim"), "\(result.errors)")
        #expect(Self.begun(by: victim) == begun)
        let report = try site.report
        #expect(try report.strings("drained_nodes") == ["victim"])
        let answers = try await site.results(of: "night")
        let batches = Dictionary(grouping: answers) { $0.number("batch") }
        // One more is the batch that is drawn for the run alone.
        #expect(batches.count == 601)
        #expect(batches.values.allSatisfy { Set($0.compactMap { $0["node"] as String? }).count >= 2 })

        let samples = PrometheusSamples(try String(contentsOfFile: metrics, encoding: .utf8))
        #expect(samples.faults == [])
        #expect(samples["mae_run_info{run=\"night\"}"] == 1 && samples["mae_run_active"] == 0)
        #expect(samples["mae_nodes{state=\"present\"}"] == 2 && samples["mae_nodes{state=\"drained\"}"] == 1)
        #expect((samples["mae_shards"], samples["mae_shards_done"]) == (601, 601))
        #expect(samples["mae_results_stored_total"] == Double(answers.count))
        let handedIn = answers.count { $0["node"] == "victim" }
        #expect(handedIn > 0 && handedIn <= begun)
        #expect(samples["mae_node_results_total{node=\"victim\"}"] == Double(handedIn))
        #expect((samples["mae_store_commit_seconds_count"] ?? 0) > 0)
        #expect(samples["mae_run_verdict{verdict=\"agree\"}"] == 1 && samples["mae_run_exit_code"] == 0)
        #expect(samples["mae_run_verdict{verdict=\"disagree\"}"] == 0)
        #expect(samples["mae_last_verdict{verdict=\"agree\"}"] == 1)
        #expect((samples["mae_pairs{relation=\"identical\"}"] ?? 0) > 0)
        let end = try #require(samples["mae_run_end_timestamp_seconds"])
        #expect((start - 1...Date().timeIntervalSince1970 + 1).contains(end))
        let attributes = try FileManager.default.attributesOfItem(atPath: metrics)
        #expect(attributes[.posixPermissions] as? Int == 0o644, "collectors are other users")
        try await VerifySite.dismiss([steady, victim, substitute])

        let after = try await Program.coordinator.run(["nodes"] + store)
        #expect(after.exitCode == 0, "\(after.errors)")
        #expect(after.output.contains("run night · ended") && after.output.contains("victim"), "\(after.output)")
        #expect(after.output.contains("known answers match"))
        let json = try await Program.coordinator.run(["nodes", "--json"] + store).json
        #expect(try json.object("run").bool("under_way") == false)
        let nodes = try json.objects("nodes")
        #expect(nodes.compactMap { $0["name"] as String? } == ["steady", "substitute", "victim"])
        #expect(nodes.allSatisfy { ($0.number("images_per_second") ?? 0) > 0 && $0["last_seen"] != nil })
        #expect(nodes.map { $0.bool("drain_ordered") } == [false, false, true])

        // Every node told of its machine, which is this one.
        for node in nodes {
            let facts = try node.objects("machine")
            let names = facts.compactMap { $0["name"] as String? }
            #expect(names.contains("processor") && names.contains("kernel") && names.contains("libc"))
            #expect(names.contains("environment MALLOC_ARENA_MAX") == (node["name"] == "victim"), "\(names)")
        }
        #expect(!after.output.contains("glibc"))
        let verbose = try await Program.coordinator.run(["nodes", "--verbose"] + store).output
        #expect(verbose.hasPrefix("run night · ended"), "\(verbose)")
        #expect(verbose.contains("glibc") && verbose.contains("MALLOC_ARENA_MAX"), "\(verbose)")
        #expect(!verbose.contains("HOME"))
    }

    @Test("a drain holds over runs until undrain, and a name never seen is told to the person")
    func orders() async throws {
        let folder = try TemporaryDirectory()
        let store = ["--store", folder.file("store")]
        let early = try await Program.coordinator.run(["drain", "a"] + store)
        #expect(early.exitCode == 69)
        #expect(early.errors.contains(folder.file("store")), "\(early.errors)")

        let site = try await VerifySite(VerifySite.goldenMethods + ["--timeout", "1"], workers: 1, folder: folder)
        _ = try await site.coordinator.result()
        let order = try await Program.coordinator.run(["drain", "a"] + store)
        #expect(order.exitCode == 0)
        #expect(order.errors.contains("no node of this name") && order.errors.contains("no run is under way"))
        let overview = try await Program.coordinator.run(["nodes"] + store)
        #expect(overview.output.contains("to be drained when it comes: a"), "\(overview.output)")

        let next = try await VerifySite(VerifySite.goldenMethods, workers: 1, folder: folder)
        let worker = try next.worker("a")
        try await next.coordinator.waitFor("a gets no more work")
        try await Self.expect("a", toBecome: "drained", store)
        #expect(Self.begun(by: worker) == 0)
        let back = try await Program.coordinator.run(["undrain", "a"] + store)
        #expect(back.output == "a gets jobs again\n")
        #expect(try await next.coordinator.result().exitCode == 0)
        let twice = try await Program.coordinator.run(["undrain", "a"] + store)
        #expect(twice.exitCode == 0 && twice.output.contains("nothing has changed"))
        try await VerifySite.dismiss([worker])
    }

    @Test("runs are listed with what they came to, also from a folder that may only be read")
    func listing() async throws {
        let folder = try TemporaryDirectory()
        let store = folder.file("store")
        for (run, code) in [("first", 3), ("second", 3)] {
            let result = try await Program.coordinator.run(
                ["verify", "--bind", "tcp://127.0.0.1:*", "--timeout", "1", "--store", store, "--run", run]
                    + VerifySite.goldenMethods)
            #expect(result.exitCode == code, "\(result.errors)")
        }
        let runs = try await Program.coordinator.run(["runs", "--json", "--store", store]).json.objects("runs")
        #expect(runs.compactMap { $0["name"] as String? } == ["second", "first"])
        #expect(runs.allSatisfy { $0["verdict"] == "nothing-compared" && $0.number("exit_code") == 3 })
        let text = try await Program.coordinator.run(["runs", "--limit", "1", "--store", store])
        #expect(text.output.contains("second") && !text.output.contains("first"))

        let resume = ["verify", "--bind", "tcp://127.0.0.1:*", "--timeout", "1", "--store", store, "--resume", "first"]
        let other = try await Program.coordinator.run(resume + ["--seed", "7"])
        #expect(other.exitCode == 64 && other.errors.contains("--seed 7: run first was planned with 42"))
        #expect(try await Program.coordinator.run(resume + ["--seed", "42", "--workers", "2"]).exitCode == 3)

        // As another user's, or on a medium that is read-only.
        let script = "mount --bind \"$2\" \"$2\" && mount -o remount,bind,ro \"$2\" || exit 99; "
        for command in ["runs", "nodes"] {
            let result = try await RunningCommand(
                program: "/usr/bin/env",
                arguments: [
                    "unshare", "-m", "sh", "-c", script + "exec \"$0\" \"$1\" --store \"$2\"",
                    try Program.coordinator.path, command, store,
                ], directory: nil
            ).result()
            // 99 and 1: this process may make no mount.
            guard ![1, 99].contains(result.exitCode) else { continue }
            #expect(result.exitCode == 0 && result.output.contains("first"), "\(command): \(result.errors)")
        }
    }

    @Test("pruning keeps the runs that began last, and makes no store")
    func pruning() async throws {
        let folder = try TemporaryDirectory()
        let store = folder.file("store")
        let none = try await Program.coordinator.run("prune", "--keep", "1", "--store", store)
        #expect(none.exitCode == 69 && !FileManager.default.fileExists(atPath: store), "\(none.errors)")
        for run in ["first", "second"] {
            let result = try await Program.coordinator.run(
                ["verify", "--bind", "tcp://127.0.0.1:*", "--timeout", "1", "--store", store, "--run", run]
                    + VerifySite.goldenMethods)
            #expect(result.exitCode == 3, "\(result.errors)")
        }
        let result = try await Program.coordinator.run("prune", "--keep", "1", "--store", store)
        #expect(result.output == "removed 1 run: first\n", "\(result.errors)")
        let runs = try await Program.coordinator.run(["runs", "--json", "--store", store]).json.objects("runs")
        #expect(runs.compactMap { $0["name"] as String? } == ["second"])
    }

    @Test("runs that were removed are named with their control characters escaped")
    func hostileRunName() async throws {
        let folder = try TemporaryDirectory()
        try LongRun(name: "a\u{1B}[2J", batches: 1).record(in: Store(directory: folder.path))
        let result = try await Program.coordinator.run("prune", "--keep", "0", "--store", folder.path)
        #expect(result.output.contains("removed 1 run: a"), "\(result.errors)")
        #expect(!result.output.contains("\u{1B}"))
    }

    @Test("each line of a log says which run, node, shard and lease it is about")
    func logs() async throws {
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--run", "night", "--log-level", "info"], workers: 1)
        let worker = try site.worker("left", environment: ["MAE_LOG_LEVEL": "debug"])
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.errors)")
        try await VerifySite.dismiss([worker])
        let lines = result.errors.split(separator: "\n").filter { $0.contains("mae-coord") }
        #expect(lines.count >= 2 && lines.allSatisfy { $0.contains("run=night") }, "\(result.errors)")
        #expect(lines.contains { $0.contains("node=left") && $0.contains("is in the cluster") })
        let own = worker.errors.split(separator: "\n")
        #expect(!own.isEmpty && own.allSatisfy { $0.contains("node=left") }, "\(worker.errors)")
        let jobs = own.filter { $0.contains("computing batch") }
        // By each method one batch, and the one that is drawn for the run alone.
        #expect(jobs.count == 6)
        for field in ["run=night", "shard=", "lease=", "epoch="] {
            #expect(jobs.allSatisfy { $0.contains(field) }, "\(worker.errors)")
        }
    }

    @Test(
        "a level that is none is a usage error, by flag and by environment, and the flag goes first",
        arguments: [Program.coordinator, .worker])
    func levels(program: Program) async throws {
        let folder = try TemporaryDirectory()
        let arguments =
            program == .worker
            ? ["--connect", "tcp://nowhere", "--threads", "1"]
            : ["verify", "--bind", "tcp://nowhere", "--method", "full=x.pth", "--store", folder.file("store")]
        let wrong = try await program.run(arguments, environment: ["MAE_LOG_LEVEL": "loud"])
        #expect(wrong.exitCode == 64)
        #expect(wrong.errors.contains("MAE_LOG_LEVEL=loud"), "\(wrong.errors)")
        let flag = try await program.run(arguments + ["--log-level", "loud"])
        #expect(flag.exitCode == 64 && flag.errors.contains("--log-level"), "\(flag.errors)")
        // With a level that is one, the next thing is wrong: the endpoint.
        let right = try await program.run(
            arguments + ["--log-level", "error"], environment: ["MAE_LOG_LEVEL": "loud"])
        #expect(!right.errors.contains("MAE_LOG_LEVEL") && right.errors.contains("tcp://nowhere"), "\(right.errors)")
    }

    @Test("what the last judged run came to stays in the metrics, also when the next coordinator is killed")
    func lastVerdict() async throws {
        let folder = try TemporaryDirectory()
        let metrics = folder.file("mae.prom")
        func samples() -> PrometheusSamples {
            PrometheusSamples((try? String(contentsOfFile: metrics, encoding: .utf8)) ?? "")
        }
        let first = try await VerifySite(
            VerifySite.goldenMethods + ["--timeout", "1", "--metrics", metrics], workers: 1, folder: folder)
        #expect(try await first.coordinator.result().exitCode == 3)
        let judged = try #require(samples()["mae_last_judged_timestamp_seconds"])
        #expect(samples()["mae_last_verdict{verdict=\"nothing-compared\"}"] == 1)
        #expect(samples()["mae_run_end_timestamp_seconds"] == judged)

        let next = try await VerifySite(
            VerifySite.goldenMethods + ["--metrics", metrics], workers: 1, folder: folder)
        try await eventually("the next run writes its figures") { samples()["mae_run_active"] == 1 }
        next.coordinator.send(signal: SIGKILL)
        _ = try await next.coordinator.result()
        let left = samples()
        #expect(left.faults == [])
        #expect(left["mae_last_judged_timestamp_seconds"].map { abs($0 - judged) < 0.01 } == true)
        #expect(left["mae_last_verdict{verdict=\"nothing-compared\"}"] == 1)
        #expect(left["mae_run_verdict{verdict=\"nothing-compared\"}"] == nil)
        #expect((left["mae_run_start_timestamp_seconds"] ?? 0) > judged)
    }

    @Test("a metrics file that cannot be written is refused before the run begins")
    func unwritableMetrics() async throws {
        let folder = try TemporaryDirectory()
        let result = try await Program.coordinator.run(
            [
                "verify", "--bind", "tcp://127.0.0.1:*", "--store", folder.file("store"), "--method", "full=x.pth",
                "--metrics", folder.file("nowhere/mae.prom"),
            ])
        #expect(result.exitCode == 69)
        #expect(result.errors.contains("nowhere/mae.prom"), "\(result.errors)")
    }

    /// How many jobs a worker has begun.
    private static func begun(by worker: RunningCommand) -> Int {
        worker.errors.split(separator: "\n").count { $0.contains("computing batch") }
    }

    /// The state of a node, as `mae-coord nodes` tells programs.
    private static func state(of node: String, _ store: [String]) async throws -> String? {
        let result = try await Program.coordinator.run(["nodes", "--json"] + store)
        return try result.json.objects("nodes").first { $0["name"] == node }?["state"]
    }

    /// Waits until a node is in this state.
    private static func expect(_ node: String, toBecome state: String, _ store: [String]) async throws {
        try await eventually("\(node) is \(state)") { try await Self.state(of: node, store) == state }
    }
}
