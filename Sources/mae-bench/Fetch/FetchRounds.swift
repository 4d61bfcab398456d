import Foundation
import Glibc
import MAEContent
import MAEThreads
import Synchronization

/// Copies of one checkpoint, by cp and by workers, made again and again.
struct FetchRounds {
    /// One fetch by all workers.
    struct Fetch {
        let seconds: Double
        let bytes: Int
        /// In MiB.
        let coordinatorGrowth: Double
    }

    /// What a worker writes when it is done; times are nanoseconds of CLOCK_MONOTONIC.
    struct WorkerRecord: Codable {
        let begin: Int64
        let end: Int64
    }

    /// What the coordinator writes in the end.
    struct CoordinatorRecord: Codable {
        let bytes: Int
        let growth_mib: Double
    }

    let folder: String
    let listing: FileListing
    let workers: Int

    /// Seconds that cp takes for all files.
    func copy() throws -> Double {
        let place = try makeFolder("copy")
        let seconds = try ChildProcess("/bin/cp", listing.paths + [place], folder: folder).seconds
        try FileManager.default.removeItem(atPath: place)
        return seconds
    }

    /// Lets all workers fetch the checkpoint at the same instant.
    func fetch(sharing: Bool) throws -> Fetch {
        let place = try makeFolder("fetch")
        let program = try ChildProcess.path(of: "mae-bench")
        let results = Mutex<[Int: Result<ChildProcess, any Error>]>([:])
        let names = ["coordinator"] + (0..<workers).map { "worker-\($0)" }
        let threads = try names.enumerated().map { index, name in
            let own = try makeFolder("fetch/" + name)
            let cache = place + (sharing ? "/cache" : "/\(name)/cache")
            let arguments =
                index == 0
                ? ["fetch-serve", listing.path, "--workers", "\(workers)", "--folder", place]
                : ["fetch-once", "--name", name, "--cache", cache, "--folder", place]
            return try NamedThread("bench-\(name)") {
                let result = Result { try ChildProcess(program, arguments, folder: own) }
                results.withLock { $0[index] = result }
            }
        }
        try begin(place, names) { results.withLock { !$0.isEmpty } }
        for thread in threads { try thread.join() }
        let outputs = try results.withLock { $0 }.sorted { $0.key < $1.key }.map { try $0.value.get().output }
        try FileManager.default.removeItem(atPath: place)
        let coordinator = try JSONDecoder().decode(CoordinatorRecord.self, from: outputs[0])
        let records = try outputs.dropFirst().map { try JSONDecoder().decode(WorkerRecord.self, from: $0) }
        let (begin, end) = (records.map(\.begin).min() ?? 0, records.map(\.end).max() ?? 0)
        return Fetch(
            seconds: Double(end - begin) / 1e9, bytes: coordinator.bytes, coordinatorGrowth: coordinator.growth_mib)
    }

    /// Lets the workers go when each has its job, or has failed.
    private func begin(_ place: String, _ names: [String], unless hasEnded: () -> Bool) throws {
        let deadline = ContinuousClock.now + FetchSignal.patience
        while !hasEnded(), ContinuousClock.now < deadline,
            !names.dropFirst().allSatisfy({ access(FetchSignal.ready(place, $0), F_OK) == 0 })
        { usleep(1000) }
        try FetchSignal.give(FetchSignal.go(place))
    }

    private func makeFolder(_ name: String) throws -> String {
        let path = folder + "/" + name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// Files by whose presence the processes of one fetch tell each other how far they are.
enum FetchSignal {
    /// How long a process waits for another; only what waits in vain comes to its end.
    static let patience = Duration.seconds(300)

    static func ready(_ folder: String, _ worker: String) -> String { folder + "/" + worker + "/ready" }
    static func go(_ folder: String) -> String { folder + "/go" }
    static func endpoint(_ folder: String) -> String { folder + "/endpoint" }

    /// Makes a file that others wait for.
    static func give(_ path: String) throws { try Data().write(to: URL(fileURLWithPath: path)) }

    /// Waits for a file.
    static func wait(for path: String) throws {
        let deadline = ContinuousClock.now + patience
        while access(path, F_OK) != 0 {
            guard ContinuousClock.now < deadline else { throw ChildFailure(exitCode: 70, "\(path) never came") }
            usleep(200)
        }
    }
}
