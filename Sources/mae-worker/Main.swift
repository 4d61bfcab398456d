import ArgumentParser
import Foundation
import MAECompute
import Logging
import ZeroMQ

@main
struct MAEWorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mae-worker",
        abstract: "Computes for a coordinator: loads checkpoints, runs ViT-MAE, and answers digests.",
        discussion: """
            Waits for a coordinator that is not there yet, and again when it is gone. SIGINT and SIGTERM end it with a \
            Goodbye; a second signal ends it at once.

            Example: mae-worker --connect tcp://coordinator.example:5555 --name node2 --threads 8 --pin

            Exit codes: 0 told to stop, 64 usage, 69 cannot reach the endpoint or lacks the device, 70 internal error.
            """)

    @OptionGroup var worker: WorkerArguments

    func run() throws {
        // First of all: threads inherit that the signals are blocked.
        let signals = try SignalWatch()
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        try worker.shell().run(signals: signals)
    }

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard exitCode(for: error) == .failure else { exit(withError: error) }
            FileHandle.standardError.write(Data("mae-worker: \(error)\n".utf8))
            Foundation.exit(code(for: error))
        }
    }

    private static func code(for error: any Error) -> Int32 {
        switch error {
        case is ZeroMQError: 69
        case let error as ComputeError where error.code == .unsupportedDevice: 69
        default: 70
        }
    }
}
