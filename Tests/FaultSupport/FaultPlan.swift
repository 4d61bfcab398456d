import MAECPU
import MAECompute
import Synchronization

/// The faults of one engine, which are there from ``arm()`` on.
///
/// An engine is asked known questions when it is opened, and one that answers them wrongly is in a class of its own. So
/// faults come later, as most do: they are those that the questions don't find.
package final class FaultPlan: StepAlteration {
    private struct State {
        var isArmed = false
        var passes = 0
    }

    let faults: [PlantedFault]
    private let state = Mutex(State())

    /// A plan of faults that are not there yet.
    package init(_ faults: [PlantedFault]) {
        self.faults = faults
    }

    /// From now on the faults are there; passes are counted from here.
    package func arm() { state.withLock { $0.isArmed = true } }

    /// Whether the faults are there.
    var isArmed: Bool { state.withLock(\.isArmed) }

    /// To be called before each pass.
    func beginPass() { state.withLock { if $0.isArmed { $0.passes += 1 } } }

    /// Whether a fault shows itself in this pass.
    func isActive(_ fault: PlantedFault) -> Bool {
        state.withLock { $0.isArmed && $0.passes % fault.every == 0 }
    }

    /// The faults that change the values of an operation on a backend; `instructionSet` is nil where there is none.
    func faults(of place: OperationPlace, backend: String, instructionSet: InstructionSet?) -> [PlantedFault] {
        faults.filter { fault in
            fault.changesValues && fault.concerns(place) && (fault.backend ?? backend) == backend
                && (fault.instructionSet == nil || fault.instructionSet == instructionSet)
        }
    }

    package func alteration(
        of index: Int, in program: Program, by instructionSet: InstructionSet
    ) -> (@Sendable (_ piece: ComputedPiece) -> Void)? {
        let faults = faults(of: program.places[index], backend: "cpu", instructionSet: instructionSet)
        guard !faults.isEmpty else { return nil }
        let matrix = FaultedMatrix(of: index, in: program)
        return { piece in
            for fault in faults where self.isActive(fault) {
                if let processor = fault.processor, CurrentProcessor.number != processor { continue }
                matrix.forEachElement(of: piece.region.rows, piece.region.columns, in: fault) { row, column in
                    piece[row, column] = fault.changed(piece[row, column])
                }
            }
        }
    }
}
