import MAECheckpoint
import MAEFormats
import MAERecording

/// Which recorded calls are set against each other, and what came of it.
struct RecordingPairs {
    /// Calls of one recording up to which each two of them are compared; of more, each is compared with the first.
    static let mostOfAll = 8
    /// Most pairs of calls that are compared in all.
    private static let mostPairs = 4096

    private(set) var pairs: [RecordingPair] = []
    /// The calls, each worked out once.
    private(set) var calls: [RecordedCallID: RecordedCall] = [:]
    /// The weights of each model of each recording.
    let weights: [[RecordedWeights]]

    /// Compares the calls of one recording with each other, or the i-th calls of several.
    ///
    /// - Throws: ``CheckpointError`` for tensors that are not what the recording tells of them.
    init(_ given: [GivenRecording], _ request: ExplainRequest, _ rounding: RoundingLimit, _ progress: (String) -> Void)
        throws
    {
        weights = given.map { $0.recording.models.map(RecordedWeights.init) }
        let keys = given.map { $0.recording.models.map(ModuleKeys.init) }
        let drawn = DrawnImages()
        for (index, one) in given.enumerated() {
            progress("reading \(one.label)")
            let draws = max(request.draws, one.recording.calls.count + 1)
            for call in one.recording.calls.indices {
                let id = RecordedCallID(recording: index, call: call)
                calls[id] = try RecordedCall(id, one, keys[index], seeds: [request.seed, 0], draws: draws, drawn)
            }
        }
        var differences: [[Int]: RecordedWeights.Difference] = [:]
        for (left, right) in Self.planned(given).prefix(Self.mostPairs) {
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

    private static func planned(_ given: [GivenRecording]) -> [(RecordedCallID, RecordedCallID)] {
        func id(_ recording: Int, _ call: Int) -> RecordedCallID { RecordedCallID(recording: recording, call: call) }
        if given.count == 1 {
            let calls = given[0].recording.calls.indices
            guard calls.count <= mostOfAll else { return calls.dropFirst().map { (id(0, 0), id(0, $0)) } }
            return calls.flatMap { left in calls.dropFirst(left + 1).map { (id(0, left), id(0, $0)) } }
        }
        return given.indices.flatMap { left in
            given.indices.dropFirst(left + 1).flatMap { right in
                zip(given[left].recording.calls.indices, given[right].recording.calls.indices).map {
                    (id(left, $0), id(right, $1))
                }
            }
        }
    }
}
