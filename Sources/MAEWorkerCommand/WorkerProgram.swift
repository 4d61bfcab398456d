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

/// A worker as a program: what it tells of itself, how it runs, and with which code it ends.
///
/// mae-worker opens the engine that its options name; a program for tests opens one with faults.
package enum WorkerProgram {
    /// The program's name, help and version.
    package static func configuration(of name: String) -> CommandConfiguration {
        CommandConfiguration(
            commandName: name,
            abstract: "Computes for a coordinator: loads checkpoints, runs ViT-MAE, and answers digests.",
            discussion: """
                Waits for a coordinator that is not there yet, and again when it is gone; --once and --give-up end it. After \
                SIGINT or SIGTERM it finishes its job, for --grace seconds at most, and says Goodbye; a second signal ends it at \
                once.

                Without --connect it works for this user's coordinators on this machine. A coordinator on another machine is \
                spoken to with keys: mae-coord keys add NODE writes the file for --key.

                Example: \(name) --connect tcp://coordinator.example:5555 --key node2.key --threads 8 --pin

                Exit codes: 0 told to stop, or --once and the run is over; 64 usage; 65 bad key file; 69 cannot reach the \
                endpoint or trust it, found no coordinator within --give-up, lacks the device or has lost it, or gives no sign \
                of life; 70 internal error.
                """,
            version: ProgramVersion(
                of: name, wireProtocol: Envelope.version, storeSchema: nil, libzmq: LibraryVersion.text
            ).text)
    }

    /// Works until told to stop, or does what an option asks for instead.
    ///
    /// - Parameter open: opens the engine that the options name; again when its device was lost.
    package static func run(
        _ worker: WorkerArguments, open: @escaping @Sendable (EngineOptions) throws -> Engine
    ) throws {
        if let file = worker.checkHealth {
            try HealthFile.check(file)
            return
        }
        guard !worker.listDevices else {
            try StandardOutput.write(DeviceTable(DeviceReport.all()).text)
            return
        }
        let address = try worker.address()
        // First of all: threads inherit that the signals are blocked.
        let signals = try SignalWatch()
        LoggingSystem.bootstrap { SafeLogHandler(label: $0) }
        let shell = try worker.shell(connectingTo: address, open: open)
        let input = worker.untilInputEnds ? try InputWatch { shell.leave() } : nil
        defer { try? input?.stop() }
        try worker.health.during { try shell.run(signals: signals, onTurn: $0) }
    }

    /// Parses the command line, runs the command, and ends the process with its code.
    package static func main<Command: ParsableCommand>(_ program: Command.Type) {
        StandardError.ignoreBrokenPipes()
        do {
            var command = try program.parseCommandLine()
            try command.run(in: program)
            ProgramEnd.exit(0)
        } catch {
            guard !(error is UsageError), program.exitCode(for: error) == .failure else { program.end(with: error) }
            StandardError.complain(program.configuration.commandName ?? "mae-worker", "\(error)")
            ProgramEnd.exit(code(for: error))
        }
    }

    private static func code(for error: any Error) -> Int32 {
        switch error {
        case is DefaultEndpointError, is HealthError, is NoCoordinator, is OutputError, is UnguardedSocket: 69
        case let error as ZeroMQError: error.code == .badEndpoint ? 64 : 69
        case is KeyError: 65
        case let error as ComputeError: error.exitCode
        default: 70
        }
    }
}
