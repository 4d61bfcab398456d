import ArgumentParser
import MAECommand

/// `mae-bench cluster-once`: one run of a coordinator in a process of its own, for `mae-bench cluster`; prints a ``ClusterRun``.
struct ClusterOnceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster-once", abstract: "One run of a coordinator and its workers.", shouldDisplay: false)

    @Option var workers: Int
    @Option var batches: Int
    @Option var leases: Int?
    @Option var folder: String

    func run() throws {
        DescriptorLimit.raise()
        try StandardOutput.writeLine(
            ClusterRun(workers: workers, batches: batches, leases: leases, folder: folder).json())
    }
}
