import MAECompute
import MAETensor

/// A program planned for one kernel set: steps over one arena, which is all the memory a run needs.
final class CPUExecutable: Executable {
    private let program: Program
    /// Held because steps point into them.
    private let parameters: PackedParameters
    private let arena: Arena
    private let steps: [any Step]
    private let pool: ThreadPool

    /// Takes memory for `steps`, which carry out `program` with `parameters`.
    init(_ program: Program, _ parameters: PackedParameters, steps: [any Step], on pool: ThreadPool) throws {
        self.steps = steps
        arena = try Arena(Arena.Extent(program, steps: steps, threadCount: pool.threadCount))
        self.program = program
        self.parameters = parameters
        self.pool = pool
    }

    func run(inputs: [Tensor], indexTables: [[Int32]], control: RunControl) throws -> [Tensor] {
        try program.check(inputs: inputs, indexTables: indexTables)
        for (buffer, tensor) in zip(program.inputs, inputs) {
            tensor.withUnsafeElements { arena.fill(buffer, program[buffer], from: $0) }
        }
        var next = 0
        try pool.withBoundCaller {
            try program.forEachOperation(control: control) { _ in
                steps[next].run(in: arena, indexTables, on: pool)
                next += 1
            } value: { buffer in
                tensor(buffer)
            }
        }
        return program.outputs.map(tensor)
    }

    private func tensor(_ buffer: BufferID) -> Tensor {
        let shape = program[buffer]
        return Tensor(shape: [shape.rows, shape.columns]) { arena.copy(buffer, shape, to: $0) }
    }
}
