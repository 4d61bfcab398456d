import MAEVerify

/// Why a person's files differ: what is in them, what PyTorch shows of them, and what makes the difference.
///
/// It grows section by section; what a section holds is there once it is reached.
public struct Explanation: Sendable {
    /// The parts of an explanation, in the order in which they are found and told.
    public enum Section: Sendable, CaseIterable {
        /// What each file is.
        case files
        /// Whether the weights are equal.
        case weights
        /// What the configurations say.
        case configuration
        /// What PyTorch would show.
        case prediction
        /// What the person's own outputs are.
        case outputs
        /// What recordings of PyTorch show.
        case recordings
        /// Why, and what to do.
        case causes
    }

    /// What was asked.
    public let request: ExplainRequest
    /// The models, in the order given.
    public internal(set) var models: [GivenModel] = []
    /// The outputs, in the order given.
    public internal(set) var outputs: [RecordedOutput] = []
    /// What was left out of files of outputs, for it is no output of an encoder.
    public internal(set) var leftOut: [LeftOutParts] = []
    /// The recordings of PyTorch, in the order given.
    public internal(set) var recordings: [GivenRecording] = []
    /// Recorded calls, set against each other.
    public internal(set) var recordingPairs: [RecordingPair] = []
    /// Recorded calls, computed again from checkpoints with the same weights.
    public internal(set) var recordedRuns: [RecordedRun] = []
    /// Outputs that are those of recorded calls.
    public internal(set) var recordedOutputs: [RecordedOutputMatch] = []
    /// Blocks of recorded calls, computed again from what was recorded.
    public internal(set) var blockReplays: [BlockReplay] = []
    /// The weights of each model of each recording.
    var recordedWeights: [[RecordedWeights]] = []
    /// The weights of each model given, by the forms in which recordings have weights.
    var weightsInForms: [[WeightsForm: RecordedWeights]] = []
    /// What is worked out of each recorded call.
    var recordedCalls: [RecordedCallID: RecordedCall] = [:]
    /// Number of images in the batch.
    public internal(set) var images = 0
    /// Which weights are equal; nil without models.
    public internal(set) var weights: WeightsGroups?
    /// What PyTorch would show; nil without models.
    public internal(set) var prediction: ScriptPrediction?
    /// The outputs that were recognized.
    public internal(set) var recognized: [RecognizedOutput] = []
    /// The outputs that were not.
    public internal(set) var unrecognized: [UnrecognizedOutput] = []
    /// Each two outputs.
    public internal(set) var outputPairs: [OutputPair] = []
    /// What a person should know, the most severe first.
    public internal(set) var findings: [Finding] = []

    /// The index of the model that each call of the script runs: a single model is called twice.
    var calls: [Int] { models.count == 1 ? [0, 0] : Array(models.indices) }

    /// What each call of the script is called in reports.
    var callLabels: [String] {
        calls.enumerated().map { call, index in
            calls[..<call].contains(index) ? "\(models[index].label), called again" : models[index].label
        }
    }

    /// What output number `index` is; nil when it was not recognized.
    func identity(_ index: Int) -> RecognizedOutput? { recognized.first { $0.output == index } }

    /// The labels of the models of a group.
    func labels(ofGroup group: Int) -> [String] { models.filter { $0.group == group }.map(\.label) }

    /// The answer in one word, as for a run.
    public var outcome: Verdict.Outcome {
        if findings.contains(where: { $0.severity == .error }) { return .disagree }
        if prediction != nil, unrecognized.contains(where: { recordedOutput($0.output) == nil }) { return .incomplete }
        // A setting that was guessed and that makes the models compute different things.
        if findings.contains(where: { $0.has(.configurationDiffers) }) { return .incomplete }
        // A recording that ended early, digests that differ by nothing knows how much, or a difference that the outputs do not show.
        if findings.contains(where: {
            $0.has(.recordingIncomplete) || $0.has(.hiddenDifference)
                || $0.has(.moduleDiffers) && $0.severity == .warning
        }) {
            return .incomplete
        }
        if findings.contains(where: { $0.has(.outputUnknown) && !recordings.isEmpty }) { return .incomplete }
        let isNothing =
            prediction == nil && outputPairs.isEmpty && recordingPairs.isEmpty && recordedRuns.isEmpty
            && recordedOutputs.isEmpty
        // Equal weights alone say little of outputs.
        return isNothing ? comparesRecordedWeights ? .incomplete : .nothingCompared : .agree
    }
}
