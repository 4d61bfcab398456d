import MAECompute
import MAETensor
import Synchronization

/// The reference with room for few things at a time: what is too many more is out of memory.
package final class NarrowBackend: ComputeBackend {
    /// Things that are alive.
    private struct Count {
        var parameters = 0
        var executables = 0
        var compiled: [Int] = []
    }

    private let parameterRoom, executableRoom: Int
    private let count = Mutex(Count())

    /// A backend with room for so many sets of weights, and so many compiled programs.
    package init(parameters: Int = .max, executables: Int = .max) {
        (parameterRoom, executableRoom) = (parameters, executables)
    }

    package var description: BackendDescription { ReferenceBackend().description }

    /// Elements of the first input of each program that was compiled, or should have been.
    package var compiled: [Int] { count.withLock(\.compiled) }

    package func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        try count.withLock { count in
            guard count.parameters < parameterRoom else { throw ComputeError(.outOfMemory, "no room for weights") }
            count.parameters += 1
        }
        return Parameters(base: try ReferenceBackend().load(parameters), owner: self)
    }

    private final class Parameters: LoadedParameters {
        let base: any LoadedParameters
        let owner: NarrowBackend

        init(base: any LoadedParameters, owner: NarrowBackend) {
            (self.base, self.owner) = (base, owner)
        }

        deinit { owner.count.withLock { $0.parameters -= 1 } }

        func compile(_ program: Program) throws -> any Executable {
            try owner.count.withLock { count in
                count.compiled.append(program[program.inputs[0]].count)
                guard count.executables < owner.executableRoom else {
                    throw ComputeError(.outOfMemory, "no room for programs")
                }
                count.executables += 1
            }
            return Compiled(base: try base.compile(program), owner: owner)
        }
    }

    private final class Compiled: Executable {
        let base: any Executable
        let owner: NarrowBackend

        init(base: any Executable, owner: NarrowBackend) {
            (self.base, self.owner) = (base, owner)
        }

        deinit { owner.count.withLock { $0.executables -= 1 } }

        func run(inputs: [Tensor], indexTables: [[Int32]], control: RunControl) throws -> [Tensor] {
            try base.run(inputs: inputs, indexTables: indexTables, control: control)
        }
    }
}
