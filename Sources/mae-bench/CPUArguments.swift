import ArgumentParser
import MAECPU
import MAECommand
import MAECompute

/// The options that choose what is measured: instruction set and threads.
struct CPUArguments: ParsableArguments {
    @Option(help: "Instruction set: auto, scalar, avx2, avx512 or neon.", completion: .instructionSets)
    var isa = "auto"
    @Option(help: "Threads; one for each processor that this process may use unless given.")
    var threads: Int?
    @Flag(help: "Keep each thread on a processor of its own.")
    var pin = false

    func validate() throws {
        guard isa == "auto" || InstructionSet(rawValue: isa) != nil else {
            throw ValidationError("--isa takes auto, scalar, avx2, avx512 or neon")
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads takes a number from 1 to 1024")
        }
        if pin, let threads, threads > Processor.allowedCount {
            throw ValidationError(
                "--pin: this process may use \(Processor.allowedCount) processors; give fewer --threads")
        }
    }

    /// Starts the backend.
    func open() throws -> CPUBackend {
        try CPUBackend(instructionSet: InstructionSet(rawValue: isa), threads: threads, pins: pin)
    }
}

/// The options that say what a model is fed.
struct BatchArguments: ParsableArguments {
    @Option(help: "Images in a batch.")
    var batchSize = 8
    @Option(help: "Share of patches left out, 0 ..< 1.")
    var maskRatio = 0.0

    func validate() throws {
        guard batchSize > 0 else { throw ValidationError("--batch-size takes a number from 1") }
        guard (0..<1).contains(maskRatio) else { throw ValidationError("--mask-ratio lies in 0 ..< 1") }
    }
}
