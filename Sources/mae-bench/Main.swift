import ArgumentParser
import MAECommand
import MAEStore
import MAEWire
import ZeroMQ

/// `mae-bench`: how fast the parts of the engine are on this machine.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mae-bench",
        abstract: "Measures the engine on this machine.",
        discussion: """
            What is timed is first compared with the reference, bit for bit; a difference ends the program with code 1 \
            and without a figure. Figures are the smallest, the middle and the largest of several runs: the smallest is \
            what the machine does when nothing disturbs it.

            Exit codes: 0 measured, 1 results are wrong, 64 usage, 65 bad input file, 69 the machine or a program lacks \
            something, 70 internal error.
            """,
        version: ProgramVersion(
            of: "mae-bench", wireProtocol: Envelope.version, storeSchema: Store.schemaVersion,
            libzmq: LibraryVersion.text
        ).text,
        subcommands: [
            TargetsCommand.self, KernelsCommand.self, DeviceCommand.self, ModelCommand.self, GrowthCommand.self,
            SimulateOnceCommand.self, RegressionCommand.self, CompareCommand.self, SoakCommand.self,
            LoadCommand.self, LoadOnceCommand.self, FetchCommand.self, FetchServeCommand.self, FetchOnceCommand.self,
            ClusterCommand.self, ClusterOnceCommand.self, SwarmCommand.self, FloodCommand.self, RandomCommand.self,
        ])

    static func main() {
        StandardError.ignoreBrokenPipes()
        do {
            var command = try parseCommandLine()
            try command.run(in: Self.self)
        } catch {
            BenchExit.end(with: error)
        }
    }
}
