import ArgumentParser
import MAECommand

/// `mae-bench cluster-workers`: light workers in a process of their own, for `mae-bench cluster`; prints a
/// ``SwarmRecord``.
struct SwarmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster-workers", abstract: "Workers that compute nothing.", shouldDisplay: false)

    @Option var connect: String
    @Option var workers: Int

    func run() throws {
        DescriptorLimit.raise()
        try StandardOutput.writeLine(Swarm(workers, connectingTo: connect).run().json())
    }
}
