import CMAEKernels
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
    private let pool: ThreadPool
    /// What the last run returned: memory to write the next outputs into, once their holders have let go of it.
    private var results: [Tensor]

    init(
        _ program: Program, _ parameters: PackedParameters, vector: mae_vector_kernels, matrix: MatrixKernels,
        on pool: ThreadPool
    ) throws {
        let planner = StepPlanner(
            program: program, parameters: parameters, vector: vector, matrix: matrix, threadCount: pool.threadCount)
        steps = program.operations.map(planner.step)
        let scratch = steps.map(\.scratchCount).max() ?? 0
        arena = try Arena(ArenaPlan(program), scratchCount: scratch, threadCount: pool.threadCount)
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
        var next = 0
        try program.forEachOperation(control: control) { _ in
            steps[next].run(in: arena, indexTables, on: pool)
            next += 1
        } value: { buffer in
            tensor(buffer)
        }
        for index in results.indices {
            let source = arena[program.outputs[index]]
            results[index].overwrite { elements in
                elements.baseAddress?.update(from: source, count: elements.count)
            }
        }
        return results
    }

    private func tensor(_ buffer: BufferID) -> Tensor {
        let shape = program[buffer]
        return Tensor(shape: [shape.rows, shape.columns]) { arena.copy(buffer, shape, to: $0) }
    }
}
