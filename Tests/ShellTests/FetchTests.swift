import Foundation
import MAECheckpoint
import MAECluster
import MAEContent
import MAEDomain
import MAEEngine
import MAEFiles
import MAEStore
import MAETensor
import MAEVerify
import MAEWire
import Synchronization
import TestSupport
import Testing
import ZeroMQ

@testable import MAECoordinator
@testable import MAEWorker

@Suite("Checkpoints that travel")
struct FetchTests {
    let site: Site
    let store: Store

    init() throws {
        site = try Site()
        store = try site.store()
    }

    /// A runner with the real engine, which fetches into a cache of its own.
    private func runner(
        _ name: String, fetches: Bool = true, reading folders: [String] = ["/"]
    ) throws -> EngineRunner {
        EngineRunner(
            try Engine(EngineOptions(threads: 1)), supply: try supply(name, fetches: fetches, reading: folders))
    }

    private func supply(_ name: String, fetches: Bool, reading folders: [String]) throws -> CheckpointSupply {
        guard let node = NodeID(name) else { preconditionFailure("\(name) is no name") }
        return CheckpointSupply(
            cache: ContentCache(directory: site.folder.file("cache-" + name), limit: 1 << 30),
            folders: ModelFolders(folders), fetches: fetches,
            options: WorkerOptions(endpoint: site.endpoint, node: node, host: "here"), context: site.context,
            log: site.log)
    }

    /// A plan whose methods name paths that hold, for the coordinator, what lies elsewhere.
    private func plan(
        _ methods: [(method: LoadingMethod, source: String)], configSource: String? = nil
    ) throws -> (RunPlan, ContentOffer) {
        var plan = RunPlan(
            run: "night", seed: 42, batches: 1, batchSize: 2, methods: methods.map(\.method), workers: 2)
        var offer = ContentOffer()
        var files: [CheckpointFiles] = []
        func add(_ role: CheckpointFiles.Role, _ path: String, _ listing: FileListing) throws {
            let read = try ReadFiles(
                listing,
                memory: DigestMemory())
            try offer.add(read)
            files.append(CheckpointFiles(role, path: path, digest: read.manifest.digest, files: []))
        }
        for (method, source) in methods {
            try add(.checkpoint, method.path, FileListing(checkpoint: Goldens.path(source)))
            if let path = method.configPath, let configSource {
                try add(.configuration, path, FileListing(configuration: Goldens.path(configSource)))
            }
        }
        plan.checkpoints = files
        return (plan, offer)
    }

    private func run(_ plan: RunPlan, _ offer: ContentOffer) async throws -> RunOutcome {
        var options = site.options
        options.content = offer
        let coordinator = try site.coordinator(plan, store, options)
        return try await onThread { try coordinator.run() }
    }

    @Test("nodes that have no file compute the bits of the file, and name the path that the run names")
    func nothingThere() async throws {
        let hub = Goldens.path("checkpoints/hub5")
        let methods = [
            LoadingMethod(kind: .pretrained, label: "hub", path: "/nowhere/hub"),
            LoadingMethod(kind: .full, label: "full", path: "/nowhere/full5.pth"),
            LoadingMethod(
                kind: .stateDict, label: "state", path: "/nowhere/state5.pth", configPath: "/nowhere/hub"),
            LoadingMethod(kind: .pretrained, label: "there", path: hub),
        ]
        let sources = ["checkpoints/hub5", "checkpoints/full5.pth", "checkpoints/state5.pth", "checkpoints/hub5"]
        let (plan, offer) = try plan(Array(zip(methods, sources)), configSource: "checkpoints/hub5")
        try site.startWorker("a", runner("a"))
        try site.startWorker("b", runner("b"))
        let outcome = try await run(plan, offer)
        #expect(outcome.failures.isEmpty)
        let observations = try store.results(of: "night").map(\.observation)
        #expect(observations.count == 8)
        #expect(Set(observations.map { [$0.digests.layernorm, $0.weights.digest] }).count == 1)
        let texts = observations.flatMap(\.loadFindings).map(\.text)
        #expect(texts.contains { $0.contains("/nowhere/full5.pth") })
        #expect(!texts.contains { $0.contains("cache-") || $0.contains("views") })
        // What was there is used where it is.
        let cached = try FileManager.default.contentsOfDirectory(atPath: site.folder.file("cache-a/files"))
        #expect(cached.count == 4)
    }

    @Test("another file under the same name is not used, and the run says where it lies")
    func staleFile() async throws {
        let path = site.folder.file("model.pth")
        try FileManager.default.copyItem(atPath: Goldens.path("checkpoints/state-wrong.pth"), toPath: path)
        let method = LoadingMethod(
            kind: .stateDict, label: "state", path: path, configPath: Goldens.path("checkpoints/hub5"))
        let (plan, offer) = try plan([(method, "checkpoints/state5.pth")])
        try site.startWorker("a", runner("a"))
        try site.startWorker("b", runner("b", fetches: false))
        let outcome = try await run(plan, offer)
        let observation = try #require(try store.results(of: "night").first).observation
        let finding = try #require(observation.loadFindings.first { $0.code == "other-local-files" })
        #expect(finding.severity == .warning && finding.text.contains(path))
        let used = try ModelCheckpoint.open(
            Goldens.path("checkpoints/state5.pth"), configuration: Goldens.path("checkpoints/hub5")
        ).fingerprints().sha256
        #expect(observation.weights.digest == used)

        let failure = try #require(outcome.failures.first)
        #expect(failure.code == "files-refused" && failure.error == "otherFile")
        #expect(failure.node == "b" && failure.message.contains(path) && failure.message.contains("--no-fetch"))
        let here = try ReadFiles(
            FileListing(path: path, isDirectory: false, names: ["model.pth"]), memory: DigestMemory())
        let digests = [here.manifest.digest, try #require(plan.files(.checkpoint, at: path)).digest]
        #expect(digests.allSatisfy { failure.message.contains($0.description) })
    }

    @Test("a node that is not to fetch, and cannot read what lies at the path, computes nothing from it")
    func unreadableFile() async throws {
        let path = site.folder.file("model.pth")
        let method = LoadingMethod(
            kind: .stateDict, label: "state", path: path, configPath: Goldens.path("checkpoints/hub5"))
        let (plan, offer) = try plan([(method, "checkpoints/state5.pth")])
        try site.startWorker("a", runner("a"))
        try site.startWorker("b", runner("b", fetches: false))
        let outcome = try await run(plan, offer)
        #expect(try store.results(of: "night").map(\.observation.node.name) == ["a"])
        let failure = try #require(outcome.failures.first)
        #expect(failure.node == "b" && failure.message.contains("is not there") && failure.message.contains(path))
    }

    @Test("a file that changes under a running coordinator is not sent any more")
    func changedSource() async throws {
        let path = try site.folder.write("model.pth", [UInt8](repeating: 1, count: 3 << 20))
        let read = try ReadFiles(
            FileListing(path: path, isDirectory: false, names: ["model.pth"]), memory: DigestMemory())
        var options = site.options
        try options.content.add(read)
        let coordinator = try site.coordinator(Site.plan(), store, options)
        let run = Task { try await onThread { try coordinator.run() } }
        try await onThread { [site] in
            let peer = try RawPeer(connectingTo: site.endpoint, site.context)
            let file = read.manifest.files[0].content
            try peer.send(.manifestRequest(ManifestRequest(digest: read.manifest.digest)))
            #expect(try peer.receive().body == .manifest(read.manifest))
            try peer.send(.chunkRequest(ChunkRequest(file: file.digest, index: 1)))
            #expect(
                try peer.receive().body
                    == .chunk(Chunk(file: file.digest, index: 1, bytes: Array(repeating: 1, count: 1 << 20))))
            try peer.send(.chunkRequest(ChunkRequest(file: file.digest, index: 3)))
            #expect(try peer.awaitReject().rejection == .contentNotHeld)

            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.write(contentsOf: [2])
            for index in [0, 1] {
                try peer.send(.chunkRequest(ChunkRequest(file: file.digest, index: index)))
                let reject = try peer.awaitReject()
                #expect(reject.rejection == .contentNotHeld && (index > 0 || reject.text.contains(path)))
            }
        }
        coordinator.stop()
        _ = try await run.value
    }
}
