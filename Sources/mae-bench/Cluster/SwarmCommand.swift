import ArgumentParser
import MAECommand
import MAEKeys

/// `mae-bench cluster-workers`: light workers in a process of their own, for `mae-bench cluster`; prints a
/// ``SwarmRecord``.
struct SwarmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster-workers", abstract: "Workers that compute nothing.", shouldDisplay: false)

    @Option var connect: String
    @Option var workers: Int
    @Option var keys: String?
    @Option var flood: FloodKind?

    func run() throws {
        DescriptorLimit.raise()
        let swarm = try Swarm(workers, connectingTo: connect, keys: keys)
        let flooder = try flood.flatMap { kind in
            try keys.map {
                try Flooder(
                    kind, NodeKeys(file: ClusterAccess.file(of: ClusterAccess.flooder, in: $0)), connectingTo: connect)
            }
        }
        let record = try swarm.run()
        try flooder?.stop()
        try StandardOutput.writeLine(record.json())
    }
}
