import ArgumentParser
import MAECPU
import MAEEngine

/// The options of every command that computes: what with, and on how many threads.
public struct EngineArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What computes: cpu, vulkan (the first device), vulkan:N (device N of mae-worker --list-devices), or "
                + "reference (the slow specification).", valueName: "backend"))
    var backend: EngineOptions.Backend = .cpu

    @Option(
        help: "Instruction set of the CPU backend: auto, scalar, avx2, avx512 or neon. All give the same bits.",
        completion: .instructionSets)
    var isa = "auto"

    @Option(
        help: ArgumentHelp(
            "Threads of the CPU backend; when left out, one for each processor that this process may use and that "
                + "its container's quota pays for.", valueName: "n"))
    var threads: Int?

    @Flag(help: "Keep each thread of the CPU backend on a processor of its own while it computes.")
    var pin = false

    /// The defaults.
    public init() {}

    /// Refuses names of instruction sets that do not exist, or given for a backend that has none, thread counts outside 1 to 1024, and more pinned threads than
    /// there are processors.
    public func validate() throws {
        guard isa == "auto" || InstructionSet(rawValue: isa) != nil else {
            let names = InstructionSet.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--isa \(isa): one of auto, \(names).")
        }
        guard isa == "auto" || backend == .cpu else {
            throw ValidationError(
                "--isa \(isa): instruction sets are those of --backend cpu; \(backend.defaultValueDescription) has none to "
                    + "choose.")
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads \(threads): from 1 to 1024.")
        }
        if pin, let threads, threads > Processor.allowedCount {
            throw ValidationError(
                "--pin: \(threads) threads cannot have a processor each, this process may use "
                    + "\(Processor.allowedCount); give fewer --threads.")
        }
    }

    /// What the engine is opened with.
    public var options: EngineOptions {
        EngineOptions(
            backend: backend, instructionSet: InstructionSet(rawValue: isa), threads: threads,
            pinsThreads: pin)
    }
}

extension EngineOptions.Backend: ExpressibleByArgument {
    /// Reads what ``init(_:)`` does.
    public init?(argument: String) { self.init(argument) }

    /// What a shell offers; `vulkan:N` is for those who have several devices.
    public static var defaultCompletionKind: CompletionKind { .list(["cpu", "vulkan", "reference"]) }

    /// The text of the value, as help shows the default.
    public var defaultValueDescription: String {
        switch self {
        case .cpu: "cpu"
        case .vulkan(let device): "vulkan:\(device)"
        case .reference: "reference"
        }
    }
}
