import Foundation
import Glibc
import Logging
import MAECluster
import MAECoordinator
import MAEDomain
import MAEStore
import MAEThreads
import MAEVerify
import Synchronization
import ZeroMQ

/// One run of a real coordinator with a real store, and light workers in another process.
struct ClusterRun: Codable {
    /// What the workers saw.
    let workers: SwarmRecord
    /// Bytes by which the coordinator's resident memory grew from before the first worker to its largest.
    let memoryGrowth: Int

    /// Runs `batches` batches on each of `workers` workers; a worker holds `leases` at once where they are given.
    init(workers count: Int, batches: Int, leases: Int?, folder: String, access: ClusterAccess = .open) throws {
        let plan = RunPlan(
            run: "bench", seed: 0, batches: batches, batchSize: 1,
            methods: [LoadingMethod(kind: .full, label: "full", path: "/none")], workers: count)
        let store = try Store(directory: folder + "/store")
        let endpointFile = folder + "/endpoint"
        var options = CoordinatorOptions(endpoint: "tcp://127.0.0.1:*", timeout: .seconds(3600))
        options.endpointFile = endpointFile
        options.followUpRounds = 0
        let names = (0..<count).map(Swarm.name(ofWorker:))
        let secured = try access.prepare(nodes: names, folder: folder)
        options.keys = secured?.keys
        if let leases {
            options.policy.leasesPerNode = leases
            options.policy.mostLeasesPerNode = leases
        }
        let log = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let coordinator = try Coordinator(plan, options: options, store: store, context: Context(), log: log)
        let before = try Self.residentBytes()
        let peak = Atomic<Int>(0)
        let child = Mutex<Result<Data, any Error>?>(nil)
        // The coordinator writes its endpoint when it listens; the workers are told of it then.
        let starter = try NamedThread("bench-workers") {
            let result = Result {
                try FetchSignal.wait(for: endpointFile)
                let endpoint = try String(contentsOfFile: endpointFile, encoding: .utf8)
                return try ChildProcess(
                    try ChildProcess.path(of: "mae-bench"),
                    [
                        "cluster-workers", "--connect", endpoint.trimmingCharacters(in: .newlines), "--workers",
                        "\(count)",
                    ] + (secured?.options ?? []), folder: folder
                ).output
            }
            child.withLock { $0 = result }
            if case .failure = result { coordinator.stop() }
        }
        _ = try coordinator.run { _ in
            if let bytes = try? Self.residentBytes() { peak.max(bytes, ordering: .relaxed) }
        }
        try starter.join()
        guard let output = try child.withLock({ $0 })?.get() else { preconditionFailure("the thread left a result") }
        self.workers = try JSONDecoder().decode(SwarmRecord.self, from: output)
        memoryGrowth = max(peak.load(ordering: .relaxed) - before, 0)
        guard self.workers.shards == batches * count else {
            throw WrongResult("\(self.workers.shards) results were acknowledged, not \(batches * count)")
        }
    }

    /// The same in a process of its own, where no run before has left memory that this one could take.
    ///
    /// - Parameter folder: an empty folder for the run.
    static func inProcess(workers: Int, batches: Int, leases: Int?, folder: String) throws -> ClusterRun {
        // Its own programs write what they print to files of the folder, as it does.
        let own = folder + "/run"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        let child = try ChildProcess(
            try ChildProcess.path(of: "mae-bench"),
            ["cluster-once", "--workers", "\(workers)", "--batches", "\(batches)", "--folder", own]
                + (leases.map { ["--leases", "\($0)"] } ?? []), folder: folder)
        return try JSONDecoder().decode(ClusterRun.self, from: child.output)
    }

    /// What the process holds in memory now.
    private static func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else {
            throw ChildFailure(exitCode: 69, "/proc/self/statm cannot be read, so memory cannot be measured")
        }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
