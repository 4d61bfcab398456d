import ArgumentParser
import MAECPU

extension CompletionKind {
    /// What `--isa` takes.
    public static var instructionSets: CompletionKind { .list(["auto"] + InstructionSet.allCases.map(\.rawValue)) }
}
