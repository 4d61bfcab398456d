import ArgumentParser
import MAEEngine
import MAEWorkerCommand

@main
struct MAEWorker: ParsableCommand {
    static let configuration = WorkerProgram.configuration(of: "mae-worker")

    @OptionGroup var worker: WorkerArguments

    func run() throws { try WorkerProgram.run(worker) { try Engine($0) } }

    static func main() { WorkerProgram.main(Self.self) }
}
