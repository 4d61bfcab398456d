import MAECompute
import Synchronization

/// The processor's vector units, in class `canonical-v1`: the bits of ``ReferenceBackend`` whatever the instruction set
/// and the number of threads.
public struct CPUBackend: ComputeBackend {
    private let kernels: KernelSet
    private let pool: ThreadPool
    private let alteration: (any StepAlteration)?

    /// Starts the threads of a backend.
    ///
    /// - Parameters:
    ///   - instructionSet: the set to compute with; nil takes the fastest that is supported.
    ///   - threads: number of threads, the caller's included; nil takes one for each processor the process may use, but
    ///     no more than the time that a control group grants is enough for.
    ///   - pins: whether thread i runs on the i-th processor that the process may use and on no other, the caller's
    ///     thread for the time of a run. Two pinned backends share processors, each time the first ones.
    /// - Throws: ``ComputeError`` `unsupportedDevice` when this machine or build lacks the instruction set or cannot pin,
    ///   and `invalidInput` for a thread count outside 1...1024 or, pinned, above that of processors.
    public init(
        instructionSet: InstructionSet? = nil, threads: Int? = nil, pins: Bool = false
    ) throws(ComputeError) {
        try self.init(instructionSet: instructionSet, threads: threads, pins: pins, alteration: nil)
    }

    /// A backend whose results are altered, for tests.
    ///
    /// Parameters and errors are those of ``init(instructionSet:threads:pins:)``.
    package init(
        instructionSet: InstructionSet?, threads: Int?, pins: Bool, alteration: (any StepAlteration)?
    ) throws(ComputeError) {
        let threads = threads ?? Processor.usableCount
        guard (1...1024).contains(threads) else {
            throw ComputeError(.invalidInput, "\(threads) threads were asked for; give a number from 1 to 1024")
        }
        let found = KernelSet.supported.first { instructionSet == nil || $0.instructionSet == instructionSet }
        guard let found else {
            let name = instructionSet?.rawValue ?? "auto"
            let available = InstructionSet.available.map(\.rawValue).joined(separator: ", ")
            throw ComputeError(
                .unsupportedDevice,
                "this machine has no kernels for instruction set \(name); available: \(available), or auto")
        }
        kernels = found
        pool = pins ? try ThreadPool(pinnedThreadCount: threads) : ThreadPool(threadCount: threads)
        self.alteration = alteration
    }

    /// A backend of one particular kernel set.
    package init(kernels: KernelSet, threads: Int) {
        self.kernels = kernels
        pool = ThreadPool(threadCount: threads)
        alteration = nil
    }

    /// Backend `cpu`, with the processor's own name, the instruction set and the number of threads.
    public var description: BackendDescription {
        BackendDescription(
            backend: "cpu", device: Processor.name, instructionSet: kernels.instructionSet.rawValue,
            threads: pool.threadCount, numericClass: NumericClass.canonical)
    }

    /// Runs register-only chains of fused multiply-adds on all threads, and returns how many operations they were.
    package func spinFMA(rounds: Int) -> Double {
        let operations = Atomic<Int>(0)
        pool.forEach(pool.threadCount) { _, _ in
            operations.add(Int(kernels.vector.spin_fma(rounds)), ordering: .relaxed)
        }
        return Double(operations.load(ordering: .relaxed))
    }

    /// Packs all weights, on all threads.
    public func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        try CPUParameters(
            packed: PackedParameters(parameters, for: kernels, on: pool), kernels: kernels, pool: pool,
            alteration: alteration)
    }
}

/// Weights packed for one kernel set.
private final class CPUParameters: LoadedParameters {
    private let packed: PackedParameters
    private let kernels: KernelSet
    private let pool: ThreadPool
    private let alteration: (any StepAlteration)?

    init(packed: PackedParameters, kernels: KernelSet, pool: ThreadPool, alteration: (any StepAlteration)?) {
        self.packed = packed
        self.kernels = kernels
        self.pool = pool
        self.alteration = alteration
    }

    var bindsRuns: Bool { true }

    func memoryNeed(of program: Program) -> Int {
        Arena.Extent(program, steps: steps(of: program), threadCount: pool.threadCount).byteCount
    }

    func compile(_ program: Program) throws -> any Executable {
        try CPUExecutable(program, packed, steps: steps(of: program), on: pool)
    }

    private func steps(of program: Program) -> [any Step] {
        let planner = StepPlanner(
            program: program, parameters: packed, kernels: kernels, threadCount: pool.threadCount)
        return program.operations.enumerated().map { index, operation in
            let step = planner.step(operation)
            let alter = alteration?.alteration(of: index, in: program, by: kernels.instructionSet)
            return alter.map { AlteredStep(step: step, output: operation.output, alter: $0) } ?? step
        }
    }
}
