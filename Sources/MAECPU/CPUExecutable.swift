import MAECompute
import MAETensor

/// A program planned for one kernel set: steps over one arena, which is all the memory a run needs.
///
/// A run allocates nothing but outputs, and those only while the ones of the run before are still held.
final class CPUExecutable: Executable {
    private let program: Program
    /// Held because steps point into them.
    private let parameters: PackedParameters
    private let arena: Arena
    private let steps: [any Step]
    private let current: CurrentStep
    private let pool: ThreadPool
    /// What the last run returned: memory to write the next outputs into, once their holders have let go of it.
    private var results: [Tensor]

    /// Takes memory for `steps`, which carry out `program` with `parameters`.
    init(_ program: Program, _ parameters: PackedParameters, steps: [any Step], on pool: ThreadPool) throws {
        self.steps = steps
        arena = try Arena(Arena.Extent(program, steps: steps, threadCount: pool.threadCount))
        current = CurrentStep(arena)
        self.program = program
        self.parameters = parameters
        self.pool = pool
        results = program.outputShapes.map { Tensor(shape: $0, repeating: 0) }
    }

    func run(inputs: [Tensor], indexTables: [[Int32]], control: RunControl) throws -> [Tensor] {
        try program.check(inputs: inputs, indexTables: indexTables)
        for (buffer, tensor) in zip(program.inputs, inputs) {
            tensor.withUnsafeElements { arena.fill(buffer, program[buffer], from: $0) }
        }
        current.indexTables = indexTables
        defer { current.clear() }
        if let processor = control.processor {
            try ProcessorSet.withCaller(onlyOn: processor) { try runSteps(control, alone: true) }
        } else {
            try pool.withPinnedCaller { try runSteps(control, alone: false) }
        }
        for index in results.indices {
            let buffer = program.outputs[index]
            results[index].overwrite { arena.copy(buffer, program[buffer], to: $0) }
        }
        return results
    }

    /// Runs all steps, on the pool or on the calling thread alone.
    private func runSteps(_ control: RunControl, alone: Bool) throws {
        var next = 0
        try program.forEachOperation(control: control) { _ in
            let step = steps[next]
            current.step = step
            if alone {
                for item in 0..<step.itemCount { current.run(item: item, worker: 0) }
            } else {
                pool.run(step.itemCount, of: current)
            }
            next += 1
        } value: { buffer in
            tensor(buffer)
        }
    }

    private func tensor(_ buffer: BufferID) -> Tensor {
        let shape = program[buffer]
        return Tensor(shape: [shape.rows, shape.columns]) { arena.copy(buffer, shape, to: $0) }
    }
}

/// The step in progress, as the threads share it.
private final class CurrentStep: LoopBody, @unchecked Sendable {
    // Sendable: the variables change only between loops.

    private let arena: Arena
    var step: (any Step)?
    var indexTables: [[Int32]] = []

    init(_ arena: Arena) {
        self.arena = arena
    }

    func run(item: Int, worker: Int) { step?.run(item: item, worker: worker, in: arena, indexTables) }

    func clear() {
        step = nil
        indexTables = []
    }
}
