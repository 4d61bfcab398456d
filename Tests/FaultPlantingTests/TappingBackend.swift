import MAECompute

/// A backend that lets observers look at what each operation writes.
struct TappingBackend: ComputeBackend {
    let base: any ComputeBackend

    var description: BackendDescription { base.description }

    func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        Parameters(base: try base.load(parameters))
    }

    private final class Parameters: LoadedParameters {
        let base: any LoadedParameters

        init(base: any LoadedParameters) { self.base = base }

        func memoryNeed(of program: Program) -> Int { base.memoryNeed(of: program) }

        func compile(_ program: Program) throws -> any Executable {
            try base.compile(program.tappingEachOperation())
        }
    }
}
