import Foundation
import Glibc
import MAETensor
import TestSupport
import Testing

@Suite("mae-coord verify, with real processes", .serialized)
struct VerifyTests {
    /// A method that can be loaded.
    private static let method = "full=\(Goldens.path("checkpoints/full5.pth"))"

    @Test("with --replicas each batch goes to so many nodes, by every method, and the report says so")
    func replicas() async throws {
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--batches", "3", "--replicas", "2"], workers: 3)
        let workers = [try site.worker("a"), try site.worker("b"), try site.worker("c")]
        #expect(try await site.coordinator.result().exitCode == 0)
        try await VerifySite.dismiss(workers)
        #expect(try site.report.object("settings").number("replicas") == 2)
        let cells = try site.report.objects("cells")
        #expect(cells.count == 18)
        let nodes = Dictionary(grouping: cells) { $0.number("batch") }.values.map { batch in
            Set(batch.compactMap { $0["node"] as String? })
        }
        #expect(nodes.allSatisfy { $0.count == 2 } && Set(nodes).count == 3)
    }

    @Test(
        "--replicas that make no sense are refused",
        arguments: [
            (["--workers", "3", "--replicas", "1"], "--replicas 1: from 2 to the 3 of --workers."),
            (["--workers", "3", "--replicas", "4"], "--replicas 4: from 2 to the 3 of --workers."),
            (["--workers", "9", "--replicas", "2", "--batches", "4"], "give --batches 5 or more"),
        ])
    func senselessReplicas(options: [String], message: String) async throws {
        let result = try await Program.coordinator.run(["verify", "--method", "full=/model.pth"] + options)
        #expect(result.exitCode == 64)
        #expect(result.errors.contains(message))
    }

    @Test("three methods on two workers with different instruction sets agree bit for bit")
    func agreement() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + ["--batches", "2", "--log-level", "info"])
        let workers = [try site.worker("left"), try site.worker("right", "--isa", "scalar")]
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("agree bit for bit"))
        let note = try #require(try site.report.objects("findings").first { $0["code"] == "masks-drawn-anew" })
        #expect(note["sentence"]?.contains("differ by up to") == true && note["severity"] == "note")
        #expect(try site.report["verdict"] == "agree")
        #expect(try site.report.number("exit_code") == 0)
        #expect(try site.report.objects("cells").count == 12)
        // By each method on each node what the run draws for itself, and on each node what is drawn by lot.
        let referee = try site.report.object("referee")
        let checks = try referee.objects("checks")
        #expect(checks.count == 8 && checks.allSatisfy { $0["relation"] == "identical" && $0.bool("agrees") == true })
        #expect(checks.allSatisfy { $0["standard"] == "this-machine" } && referee.number("batch") == 2)
        #expect(result.output.contains("checked: 8 answers, to the batch drawn for this run alone"), "\(result.output)")
        // Programs of one checkout name one build, which covers what the engine is made of.
        let builds = try Set(site.report.objects("nodes").map { $0["engine_build"] })
        #expect(builds == [try site.report.object("versions")["engine"]])
        let reasons = try site.report.objects("nodes").compactMap { $0["class_reason"] }
        #expect(reasons.count == 2 && reasons.allSatisfy { $0.contains("known answers match") }, "\(reasons)")
        #expect(site.coordinator.errors.contains("known answers match"))
        try await VerifySite.dismiss(workers)
    }

    @Test("of a checkpoint that was replaced during the run, nothing is told that it was not run with")
    func replacedCheckpoint() async throws {
        let folder = try await VerifySite.tinyModel()
        let made = try await Program.coordinator.run(
            ["checkpoint", "init", "--preset", "tiny", "--seed", "2", "--output", folder.file("other")])
        try #require(made.exitCode == 0, "\(made.errors)")
        let site = try await VerifySite(
            ["--method", "pretrained=\(folder.file("model"))"], workers: 1, folder: folder)
        // The coordinator has the files open that were there, and the worker fetches them.
        try FileManager.default.moveItem(atPath: folder.file("model"), toPath: folder.file("former"))
        try FileManager.default.moveItem(atPath: folder.file("other"), toPath: folder.file("model"))
        let worker = try site.worker("one", "--cache", folder.file("cache"))
        _ = try await site.coordinator.result()
        try await VerifySite.dismiss([worker])
        let note = try #require(try site.report.objects("findings").first { $0["code"] == "masks-drawn-anew" })
        #expect(note["sentence"]?.contains("would differ.") == true)
        let report = try String(contentsOfFile: folder.file("report.json"), encoding: .utf8)
        #expect(report.contains("is not what it was when the run began"))
        // The verdict is in the store, with the note.
        let runs = try await Program.coordinator.run(["runs", "--store", folder.file("store"), "--json"])
        #expect(try runs.json.objects("runs").first?["verdict"] == "nothing-compared")
    }

    @Test("a worker killed in mid-run costs nothing: a late joiner takes its place")
    func killedWorker() async throws {
        let model = try await VerifySite.tinyModel()
        let site = try await VerifySite(
            ["--method", "pretrained=\(model.file("model"))", "--batches", "60", "--batch-size", "64"])
        let steady = try site.worker("steady")
        let victim = try site.worker("victim")
        try await victim.waitFor("computing batch 3")
        victim.send(signal: SIGKILL)
        let substitute = try site.worker("substitute")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        // Everything was computed by two different nodes, and what the victim had handed in still counts.
        let cells = try site.report.objects("cells")
        let batches = Dictionary(grouping: cells) { $0.number("batch") }
        #expect(batches.count == 60)
        #expect(batches.values.allSatisfy { Set($0.compactMap { $0["node"] }).count >= 2 })
        try await VerifySite.dismiss([steady, substitute])
    }

    @Test("a node that never comes leaves the run incomplete, with exit code 2")
    func missingNode() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + ["--run", "lonely"])
        let worker = try site.worker("alone")
        try await eventually("one node has done what it can") { try await site.storedResults() == ["alone": 6] }
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
        try await VerifySite.dismiss([worker])
        // The timeout begins when nothing is left but to wait for the other node.
        let again = try await VerifySite(["--resume", "lonely", "--timeout", "1"], folder: site.folder)
        let result = try await again.coordinator.result()
        #expect(result.exitCode == 2, "\(result.output)\(result.errors)")
        #expect(result.output.contains("Incomplete") || result.output.contains("INCOMPLETE"))
    }

    @Test("without any worker nothing is compared, with exit code 3")
    func nobody() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + ["--timeout", "1"])
        #expect(try await site.coordinator.result().exitCode == 3)
    }

    @Test("the thread's first failure: noise drawn anew for each method masks other patches")
    func sequentialNoise() async throws {
        let folder = try TemporaryDirectory()
        let site = try await VerifySite(
            VerifySite.goldenMethods + [
                "--noise", "sequential", "--mask-ratio", "0.75", "--html", folder.file("report.html"),
            ], workers: 1, folder: folder)
        let worker = try site.worker("one")
        let result = try await site.coordinator.result()
        // One grid for each method, drawn again here: their digests are those of the results.
        let page = try String(contentsOfFile: folder.file("report.html"), encoding: .utf8)
        #expect(page.components(separatedBy: "aria-label=\"patches kept:").count == 4)
        #expect(page.contains("mae-coord verify --endpoint-file") && page.contains("1 of 1 expected worker"))
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        #expect(result.output.contains("noise"))
        let codes = try site.findingCodes()
        #expect(codes.contains("noise-not-shared"), "\(codes)")
        try await VerifySite.dismiss([worker])
    }

    @Test("a run on noise of a file is carried on with that file, and with no other")
    func noiseFile() async throws {
        let folder = try await VerifySite.tinyModel()
        let noise = folder.file("noise.npy")
        try Tensor(shape: [8, 16], elements: (0..<128).map { Float($0 * 37 % 128) / 128 }).writeNpy(to: noise)
        let method = ["--method", "pretrained=\(folder.file("model"))"]
        let site = try await VerifySite(
            method + ["--noise", "file=\(noise)", "--run", "first", "--timeout", "1"], folder: folder)
        #expect(try await site.coordinator.result().exitCode == 3)
        let resume = ["verify", "--store", folder.file("store"), "--resume", "first", "--bind", "tcp://127.0.0.1:*"]
        for other in [["--noise", "shared"], ["--noise", "file=\(folder.file("other.npy"))"], ["--config", noise]] {
            let refused = try await Program.coordinator.run(resume + other)
            #expect(refused.exitCode == 64, "\(refused.errors)")
            #expect(refused.errors.contains("run first was planned with"), "\(refused.errors)")
        }
        let same = try await Program.coordinator.run(resume + ["--timeout", "1", "--noise", "file=\(noise)"])
        #expect(same.exitCode == 3, "\(same.errors)")
        try Tensor(shape: [8, 16], elements: (0..<128).map { Float($0 * 41 % 128) / 128 }).writeNpy(to: noise)
        let changed = try await Program.coordinator.run(resume)
        #expect(changed.exitCode == 65 && changed.errors.contains("\(noise) holds other files"), "\(changed.errors)")
    }

    @Test("with mask_ratio 0 sequential noise only permutes tokens, and all agree bit for bit")
    func sequentialNoiseWithoutMask() async throws {
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--noise", "sequential", "--mask-ratio", "0"], workers: 1)
        let worker = try site.worker("one")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("PyTorch"), "\(result.output)")
        try await VerifySite.dismiss([worker])
    }

    @Test("KIND@mask_ratio=R= plays what a program sets in Python")
    func ratioOfOneMethod() async throws {
        let site = try await VerifySite(
            [
                "--method", "full=\(Goldens.path("checkpoints/full-ratio0.pth"))",
                "--method", "state-dict@mask_ratio=0=\(Goldens.path("checkpoints/state5.pth"))",
                "--config", Goldens.path("checkpoints/hub4"),
            ], workers: 1)
        let worker = try site.worker("one")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        let cells = try site.report.objects("cells")
        #expect(cells.map { $0.number("mask_ratio") } == [0, 0])
        #expect(cells.map { $0["mask_ratio_from"] } == ["pickled-config", "flag"])
        #expect(try site.report.objects("methods").last?.number("mask_ratio") == 0)
        try await VerifySite.dismiss([worker])
    }

    @Test("a ratio of a method that is none is refused", arguments: ["1", "-0.5", "x", ""])
    func badRatio(ratio: String) async throws {
        let result = try await Program.coordinator.run(
            "verify", "--method", "full@mask_ratio=\(ratio)=/model.pth")
        #expect(result.exitCode == 64, "\(result.errors)")
    }

    @Test("a mask ratio pickled into one file is found, with where each value came from")
    func otherMaskRatio() async throws {
        let site = try await VerifySite(
            [
                "--method", "pretrained=\(Goldens.path("checkpoints/hub4"))",
                "--method", "full=\(Goldens.path("checkpoints/full-ratio0.pth"))",
            ], workers: 1)
        let worker = try site.worker("one")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        #expect(result.output.contains("mask_ratio"))
        #expect(result.output.contains("config.json") && result.output.contains("pickled"), "\(result.output)")
        try await VerifySite.dismiss([worker])
    }

    @Test("other weights are named, and so is the stale file beside the right one")
    func staleFile() async throws {
        let folder = try TemporaryDirectory()
        let fresh = try folder.write(
            "vit_mae_from_hugging_face.pth", try Goldens.bytes("checkpoints/state5.pth"))
        _ = try folder.write("vit_mae_from_hugging_face.cpkt", try Goldens.bytes("checkpoints/state-wrong.pth"))
        let site = try await VerifySite(
            [
                "--method", "pretrained=\(Goldens.path("checkpoints/hub4"))",
                "--method", "state-dict=\(folder.file("vit_mae_from_hugging_face.cpkt"))",
                "--config", Goldens.path("checkpoints/hub4"),
            ], workers: 1, folder: folder)
        let worker = try site.worker("one")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        #expect(result.output.contains("weights"))
        #expect(result.output.contains((fresh as NSString).lastPathComponent), "\(result.output)")
        try await VerifySite.dismiss([worker])
    }

    @Test("Ctrl-C and SIGTERM end both sides cleanly, and the run can be carried on", arguments: [SIGINT, SIGTERM])
    func interruption(signal: Int32) async throws {
        let model = try await VerifySite.tinyModel()
        let options = ["--method", "pretrained=\(model.file("model"))", "--batches", "200", "--batch-size", "64"]
        // The third node comes last: the run cannot be over before.
        let site = try await VerifySite(options + ["--run", "interrupted"], workers: 3)
        let workers = [try site.worker("left"), try site.worker("right")]
        try await eventually("there is something to compare") {
            let stored = try await site.storedResults()
            return ["left", "right"].allSatisfy { (stored[$0] ?? 0) > 0 }
        }
        site.coordinator.send(signal: signal)
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 2, "\(result.output)\(result.errors)")
        #expect(result.errors.contains("--resume interrupted"), "\(result.errors)")
        for worker in workers {
            worker.send(signal: signal)
            #expect(try await worker.result().exitCode == 0)
        }
        let done = try await site.results(of: "interrupted").count
        #expect(done > 0 && done < 600)

        let again = try await VerifySite(["--resume", "interrupted"], workers: 3, folder: site.folder)
        let others = [try again.worker("left"), try again.worker("right"), try again.worker("third")]
        let complete = try await again.coordinator.result()
        #expect(complete.exitCode == 0, "\(complete.output)\(complete.errors)")
        // The batch of the run alone has three more.
        #expect(try await again.results(of: "interrupted").count == 603)
        try await VerifySite.dismiss(others)
    }

    @Test("an address that other machines reach is refused without keys")
    func openAddress() async throws {
        let folder = try TemporaryDirectory()
        let result = try await Program.coordinator.run(
            ["verify", "--bind", "tcp://0.0.0.0:5555", "--store", folder.file("store"), "--method", Self.method])
        #expect(result.exitCode == 69)
        #expect(result.errors.contains("keys"), "\(result.errors)")
    }

    @Test("a port that is in use is refused by name")
    func portInUse() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods)
        let folder = try TemporaryDirectory()
        let result = try await Program.coordinator.run(
            ["verify", "--bind", site.endpoint, "--store", folder.file("store"), "--method", Self.method])
        #expect(result.exitCode == 69)
        #expect(result.errors.contains(site.endpoint), "\(result.errors)")
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
    }

    @Test("two coordinators cannot write to one store")
    func storeInUse() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods)
        let result = try await Program.coordinator.run(
            ["verify", "--bind", "tcp://127.0.0.1:*", "--store", site.folder.file("store"), "--method", Self.method])
        #expect(result.exitCode == 69)
        #expect(result.errors.contains("store"), "\(result.errors)")
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
    }
}
