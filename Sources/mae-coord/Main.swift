import ArgumentParser
import MAECommand
import MAEStore
import MAEWire
import ZeroMQ

@main
struct MAECoord: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mae-coord",
        abstract: "Proves that ViT-MAE gives the same outputs on every machine and from every checkpoint form.",
        discussion: """
            Exit codes: 0 everything compared agrees, 1 disagreement, 2 incomplete (nodes or shards lost), 3 nothing was \
            compared, 64 usage, 65 bad input file, 69 cannot reach, bind or write, or lacks the memory or the device, \
            70 internal error.
            """,
        version: ProgramVersion(
            of: "mae-coord", wireProtocol: Envelope.version, storeSchema: Store.schemaVersion,
            libzmq: LibraryVersion.text
        ).text,
        subcommands: [
            ExplainCommand.self, VerifyCommand.self, NightlyCommand.self, BaselineCommand.self, RunsCommand.self,
            ReportCommand.self, CompareCommand.self, HistoryCommand.self,
            ReplayCommand.self, RunbookCommand.self, PruneCommand.self, NodesCommand.self, DrainCommand.self,
            UndrainCommand.self, KeysCommand.self, InferCommand.self, CheckpointCommand.self, HealthCommand.self,
            DemoCommand.self,
        ])

    static func main() async {
        StandardError.ignoreBrokenPipes()
        do {
            var command = try parseCommandLine()
            if var command = command as? AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run(in: Self.self)
            }
        } catch {
            CommandExit.end(with: error)
        }
    }
}
