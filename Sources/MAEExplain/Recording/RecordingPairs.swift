import MAECheckpoint
import MAEFormats
import MAERecording

/// Which recorded calls are set against each other, and what came of it.
struct RecordingPairs {
    /// Most pairs of calls that are compared in all.
    private static let mostPairs = 4096

    private(set) var pairs: [RecordingPair] = []
    /// The calls, each worked out once.
    private(set) var calls: [RecordedCallID: RecordedCall] = [:]
    /// The weights of each model of each recording.
    let weights: [[RecordedWeights]]

    /// Compares the calls of one recording with each other, or those of several that ``CallPairing`` sets against each other.
    ///
    /// - Throws: ``CheckpointError`` for tensors that are not what the recording tells of them.
    init(_ given: [GivenRecording], _ request: ExplainRequest, _ rounding: RoundingLimit, _ progress: (String) -> Void)
        throws
    {
        weights = given.map { $0.recording.models.map(RecordedWeights.init) }
        let keys = given.map { $0.recording.models.map(ModuleKeys.init) }
        let drawn = DrawnNumbers()
        for (index, one) in given.enumerated() {
            progress("reading \(one.label)")
            let draws = max(request.draws, one.recording.calls.count + 1)
            for call in one.recording.calls.indices {
                let id = RecordedCallID(recording: index, call: call)
                calls[id] = try RecordedCall(id, one, keys[index], seeds: [request.seed, 0], draws: draws, drawn)
            }
        }
        var differences: [[Int]: RecordedWeights.Difference] = [:]
        for (left, right) in CallPairing.planned(given).prefix(Self.mostPairs) {
            guard let mine = calls[left], let theirs = calls[right] else { continue }
            let models = [left.recording, mine.call.model, right.recording, theirs.call.model]
            let difference =
                differences[models]
                ?? weights[models[0]][models[1]].difference(from: weights[models[2]][models[3]])
            differences[models] = difference
            if pairs.count.isMultiple(of: 16) { progress("comparing recorded calls") }
            pairs.append(try RecordingPair(mine, theirs, difference, rounding))
        }
    }
}
