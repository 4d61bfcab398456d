import ArgumentParser
import FaultTestSupport
import MAEEngine
import MAEWorkerCommand

/// mae-worker with planted faults, for tests: no release has it.
@main
struct FaultyWorker: ParsableCommand {
    static let configuration = WorkerProgram.configuration(of: "faulty-worker")

    @Option(
        name: .customLong("fault"),
        help: ArgumentHelp(
            "A fault that the engine has as soon as it is open, such as bit=3,layer=7,operation=6,rows=4; repeat for each.",
            valueName: "spec"))
    var faults: [PlantedFault] = []

    @OptionGroup var worker: WorkerArguments

    func run() throws {
        let faults = faults
        try WorkerProgram.run(worker) { try Engine.open($0, with: faults) }
    }

    static func main() { WorkerProgram.main(Self.self) }
}

extension PlantedFault: ExpressibleByArgument {
    /// Reads what `init(_:)` does.
    public init?(argument: String) { try? self.init(argument) }
}
