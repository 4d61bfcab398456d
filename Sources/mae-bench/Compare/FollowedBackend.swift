import MAECompute
import Synchronization

/// A backend whose programs can be looked at after each operation; without an observer they run as they always do.
final class FollowedBackend: ComputeBackend {
    private let backend: any ComputeBackend
    private let latest = Mutex<[OperationPlace]>([])

    /// Follows what `backend` computes.
    init(_ backend: any ComputeBackend) { self.backend = backend }

    /// The operations of the program that was compiled last, one for each call of an observer.
    var places: [OperationPlace] { latest.withLock(\.self) }

    var description: BackendDescription { backend.description }

    var variant: String { backend.variant }

    func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        Followed(loaded: try backend.load(parameters)) { program in self.latest.withLock { $0 = program.places } }
    }

    private final class Followed: LoadedParameters {
        private let loaded: any LoadedParameters
        private let note: @Sendable (_ program: Program) -> Void

        init(loaded: any LoadedParameters, note: @escaping @Sendable (_ program: Program) -> Void) {
            self.loaded = loaded
            self.note = note
        }

        func memoryNeed(of program: Program) -> Int { loaded.memoryNeed(of: program) }

        func compile(_ program: Program) throws -> any Executable {
            note(program)
            return try loaded.compile(program.tappingEachOperation())
        }
    }
}
