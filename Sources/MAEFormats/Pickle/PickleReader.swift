/// Reads one pickle out of a file.
enum PickleReader {
    /// What reading one pickle gives.
    struct Reading {
        let root: PickleValue
        let findings: [CheckpointFinding]
        /// Offset of the byte after STOP.
        let end: Int
    }

    /// Runs the pickle that begins at byte `start` of `bytes`.
    ///
    /// `file` is where `bytes` come from, for messages; `objects` answers its persistent ids. Nothing is executed.
    static func read(
        _ bytes: ByteView, from start: Int = 0, of file: CheckpointLocation, objects: inout some PersistentObjects,
        budget: PickleBudget = PickleBudget()
    ) throws(CheckpointError) -> Reading {
        var machine = PickleMachine(bytes, from: start, file: file, budget: budget)
        let root = try machine.run(&objects)
        return Reading(
            root: PickleValue(root, in: PickleGraph(machine.heap)), findings: machine.findings,
            end: machine.cursor.offset)
    }
}

/// For pickles that may name nothing outside themselves.
struct NoPersistentObjects: PersistentObjects {
    mutating func resolve(
        _ identifier: PickleSlot, for machine: inout PickleMachine
    ) throws(CheckpointError) -> PickleSlot {
        throw machine.cursor.malformed("An object outside the pickle is named where there can be none.")
    }
}
