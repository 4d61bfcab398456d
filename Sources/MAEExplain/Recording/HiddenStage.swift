import MAERecording
import MAETensor
import MAEVerify

/// Stages inside two calls whose outputs agree to rounding.
enum HiddenStage {
    /// The stage kept on both sides that differs most beyond rounding; nil where each that was kept is within it.
    static func largest(
        _ left: RecordedCall, _ right: RecordedCall, _ modules: [ModulePair], epsilon: Double
    ) throws -> (words: String, size: Double)? {
        let isPermuted = left.call.masking?.idsRestore?.sha256 != right.call.masking?.idsRestore?.sha256
        var largest: (words: String, size: Double, share: Double)?
        for pair in modules where pair.outputs == .differs && pair.left.role != .encoderNorm {
            guard
                let one = left.call.modules[pair.leftCall].outputs.first(where: \.isFloatingPoint),
                let other = right.call.modules[pair.rightCall].outputs.first(where: \.isFloatingPoint),
                var mine = try left.recording.tensor(of: one), var theirs = try right.recording.tensor(of: other)
            else { continue }
            if isPermuted {
                // What is behind the encoder has an order of its own.
                guard [.encoderBlock, .embeddings].contains(pair.left.role), let sorted = left.inOneOrder(mine),
                    let others = right.inOneOrder(theirs), left.selection?.ascending == right.selection?.ascending
                else { continue }
                (mine, theirs) = (sorted, others)
            }
            guard let size = DifferenceMetrics(of: .layernorm, mine, theirs, rtol: 0)?.maximum else { continue }
            let bound = max(mine.roundingBound(epsilon), theirs.roundingBound(epsilon))
            guard size > bound, size / bound > largest?.share ?? 0 else { continue }
            largest = (pair.words, size, size / bound)
        }
        return largest.map { ($0.words, $0.size) }
    }

    /// Number of stages before the final layer norm that differ by their digests, and of which no values were kept on one side.
    static func unseen(_ left: RecordedCall, _ right: RecordedCall, _ modules: [ModulePair]) -> Int {
        let stages: [Recording.Role?] = [.embeddings, .encoderBlock]
        return modules.count { pair in
            let kept = [left.call.modules[pair.leftCall], right.call.modules[pair.rightCall]].allSatisfy {
                $0.outputs.first(where: \.isFloatingPoint)?.tensor != nil
            }
            return stages.contains(pair.left.role) && pair.outputs == .differs && !kept
        }
    }
}
