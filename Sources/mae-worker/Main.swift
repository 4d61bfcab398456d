import ArgumentParser
import Foundation
import Logging
import MAECommand
import MAECompute
import MAEEngine
import MAEKeys
import MAEWire
import MAEWorker
import ZeroMQ

@main
struct MAEWorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mae-worker",
        abstract: "Computes for a coordinator: loads checkpoints, runs ViT-MAE, and answers digests.",
        discussion: """
            Waits for a coordinator that is not there yet, and again when it is gone. SIGINT and SIGTERM end it with a \
            Goodbye; a second signal ends it at once.

            Without --connect it works for this user's coordinators on this machine. A coordinator on another machine is spoken \
            to with keys: mae-coord keys add NODE writes the file for --key.

            Example: mae-worker --connect tcp://coordinator.example:5555 --key node2.key --threads 8 --pin

            Exit codes: 0 told to stop, 64 usage, 65 bad key file, 69 cannot reach the endpoint or trust it, lacks the device or \
            has lost it, or gives no sign of life, 70 internal error.
            """,
        version: ProgramVersion(
            of: "mae-worker", wireProtocol: Envelope.version, storeSchema: nil,
            libzmq: LibraryVersion.text
        ).text)

    @OptionGroup var worker: WorkerArguments

    func run() throws {
        if let file = worker.checkHealth {
            try HealthFile.check(file)
            return
        }
        guard !worker.listDevices else {
            try StandardOutput.write(DeviceTable(DeviceReport.all()).text)
            return
        }
        let endpoint =
            try worker.connect
            ?? DefaultEndpoint.make(ProcessInfo.processInfo.environment, otherwise: "--connect")
        // First of all: threads inherit that the signals are blocked.
        let signals = try SignalWatch()
        LoggingSystem.bootstrap { SafeLogHandler(label: $0) }
        let shell = try worker.shell(connectingTo: endpoint)
        let input = worker.untilInputEnds ? try InputWatch { shell.leave() } : nil
        defer { try? input?.stop() }
        try worker.health.during { try shell.run(signals: signals, onTurn: $0) }
    }

    static func main() {
        StandardError.ignoreBrokenPipes()
        do {
            var command = try parseCommandLine()
            try command.run()
            ProgramEnd.exit(0)
        } catch {
            guard exitCode(for: error) == .failure else { exit(withError: error) }
            StandardError.complain("mae-worker", "\(error)")
            ProgramEnd.exit(code(for: error))
        }
    }

    private static func code(for error: any Error) -> Int32 {
        switch error {
        case is DefaultEndpointError, is HealthError, is OutputError, is UnguardedSocket: 69
        case let error as ZeroMQError: error.code == .badEndpoint ? 64 : 69
        case is KeyError: 65
        case let error as ComputeError: error.exitCode
        default: 70
        }
    }
}
