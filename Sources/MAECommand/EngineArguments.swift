import ArgumentParser
import MAECPU
import MAEEngine

/// The options of every command that computes: what with, and on how many threads.
public struct EngineArguments: ParsableArguments {
    @Option(help: "What computes: cpu, or reference (the slow specification).")
    var backend: EngineOptions.Backend = .cpu

    @Option(help: "Instruction set of the CPU backend: auto, scalar, avx2, avx512 or neon. All give the same bits.")
    var isa = "auto"

    @Option(help: ArgumentHelp("Threads to compute with; all processors when left out.", valueName: "n"))
    var threads: Int?

    /// The defaults.
    public init() {}

    /// Refuses names of instruction sets that do not exist, and thread counts outside 1 to 1024.
    public func validate() throws {
        guard isa == "auto" || InstructionSet(rawValue: isa) != nil else {
            let names = InstructionSet.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--isa \(isa): one of auto, \(names).")
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads \(threads): from 1 to 1024.")
        }
    }

    /// What the engine is opened with.
    public var options: EngineOptions {
        EngineOptions(backend: backend, instructionSet: InstructionSet(rawValue: isa), threads: threads)
    }
}

extension EngineOptions.Backend: ExpressibleByArgument {}
