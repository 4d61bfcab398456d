/// The codes of findings: what kind of finding it is, for programs.
///
/// `docs/verdict.md` and `docs/explain.md` say more of each. What a reader of checkpoints noticed has the reader's own code
/// behind ``loadPrefix``; see ``load(_:)``.
public enum FindingCode: String, Sendable, CaseIterable {
    // MARK: Causes

    /// Two files that are named as siblings hold different things, and one is the older.
    case staleFile = "stale-file"
    /// The loaded parameters differ.
    case weightsDiffer = "weights-differ"
    /// The mask ratios in effect differ.
    case maskRatioDiffers = "mask-ratio-differs"
    /// Another value that the encoder computes with differs.
    case configurationDiffers = "configuration-differs"
    /// The images differ.
    case inputDiffers = "input-differs"
    /// Each loading method, or each call, draws a mask of its own.
    case noiseNotShared = "noise-not-shared"
    /// The same draw or file gave other noise.
    case noiseDiffers = "noise-differs"
    /// The same noise gave another mask.
    case maskMiscomputed = "mask-miscomputed"
    /// An output holds NaN or infinity.
    case outputNotFinite = "output-not-finite"
    /// One node gave other bits for the same work.
    case rerunDiffers = "rerun-differs"
    /// Equal encoder outputs have other means.
    case poolingDiffers = "pooling-differs"
    /// Equal outputs came of other bits after a layer: rounding hid what went wrong.
    case hiddenDifference = "hidden-difference"

    // MARK: Outliers

    /// All nodes of one backend, build, instruction set or device compute differently.
    case platformOutlier = "platform-outlier"
    /// One node computes differently by every method.
    case nodeOutlier = "node-outlier"
    /// One method gives other outputs on every node, although all it loaded is equal.
    case loaderOutlier = "loader-outlier"
    /// One node computes some of its work differently.
    case intermittent
    /// Two numeric classes are further apart than the tolerance.
    case classGap = "class-gap"
    /// No rule names the cause of a difference.
    case unexplained
    /// Nodes gave another answer than this machine, and no other finding says why.
    case wrongAnswer = "wrong-answer"

    // MARK: What only PyTorch shows

    /// PyTorch drew weights at random that it did not find.
    case drawnWeights = "drawn-weights"
    /// PyTorch left out weights of a file.
    case unexpectedKeys = "unexpected-keys"
    /// A model ran in training mode.
    case trainingMode = "training-mode"
    /// A model ran with dropout at work.
    case dropout
    /// A model was computed in fewer bits than fp32.
    case halfPrecision = "half-precision"
    /// Matrices were multiplied in TF32.
    case tf32
    /// Which implementation of attention a model ran with.
    case attention

    // MARK: Notes on a result

    /// PyTorch itself took part.
    case witness

    /// By how much PyTorch's outputs of one model differ from call to call, since each call draws a mask.
    case masksDrawnAnew = "masks-drawn-anew"
    /// The same patches in another order.
    case permutedTokens = "permuted-tokens"
    /// Values that the encoder does not compute with differ.
    case otherConfiguration = "other-configuration"
    /// Only parameters that the encoder does not compute with differ.
    case partialWeights = "partial-weights"
    /// No file states a value of the configuration.
    case guessedConfiguration = "guessed-configuration"
    /// A result is missing, and why.
    case workFailed = "work-failed"
    /// An expected node never came.
    case nodesMissing = "nodes-missing"
    /// Nodes that no chain of shared batches ties to the others, so that nothing compares them.
    case nodesNotTied = "nodes-not-tied"
    /// Only one node took part.
    case oneNode = "one-node"
    /// Answers were not set against what this machine computes.
    case answersUnchecked = "answers-unchecked"
    /// A node says itself that it computes in another numeric class, so bits say nothing of its answers.
    case classClaimed = "class-claimed"
    /// A node took much longer for a shard than the others.
    case slowNode = "slow-node"
    /// The nodes run several builds of the engine.
    case engineBuilds = "engine-builds"
    /// Nodes that are compared through others only.
    case pairsNotMet = "pairs-not-met"

    // MARK: Against a baseline

    /// Nodes gave other bits than a run that was pinned as a baseline.
    case baselineDiffers = "baseline-differs"
    /// Nothing could be set against the baseline.
    case baselineUnchecked = "baseline-unchecked"

    // MARK: Of `mae-coord explain` alone

    /// Several models could have made an output.
    case modelAmbiguous = "model-ambiguous"
    /// Fields of a file that are no output of an encoder were left out.
    case outputParts = "output-parts"
    /// An output was not recognized as that of a model that was given.
    case outputUnknown = "output-unknown"
    /// Outputs of one model and draw differ by more than fp32 rounding: some have fewer bits.
    case precisionDiffers = "precision-differs"
    /// Outputs were computed with different weights or settings.
    case modelsDiffer = "models-differ"
    /// Outputs were made of the tokens in different ways, such as their mean and the class token.
    case reductionDiffers = "reduction-differs"
    /// Outputs differ for a reason that is not known.
    case outputsDiffer = "outputs-differ"
    /// Outputs differ by rounding alone.
    case rounding
    /// The weights of one file are those of another, rounded to half precision.
    case roundedWeights = "rounded-weights"
    /// Outputs keep another number of patches than the mask ratio of their model leaves.
    case outputRatioDiffers = "output-ratio-differs"
    /// Outputs were made by the models in another order than they were given.
    case modelsInOtherOrder = "models-in-other-order"
    /// A module gave other values for the same input, and nothing that was recorded says why.
    case moduleDiffers = "module-differs"
    /// Two processes that were recorded were not set up alike.
    case settingsDiffer = "settings-differ"
    /// A recording ended early, or does not show everything.
    case recordingIncomplete = "recording-incomplete"

    /// What the codes of findings that a reader of checkpoints noticed begin with.
    public static let loadPrefix = "load-"

    /// The code of what a reader of checkpoints noticed under `code`.
    public static func load(_ code: String) -> String { loadPrefix + code }

    /// Whether it blames the nodes of its cells for what they compute, and not a file or a setting.
    var blamesNodes: Bool {
        switch self {
        case .inputDiffers, .noiseDiffers, .maskMiscomputed, .outputNotFinite, .rerunDiffers, .poolingDiffers,
            .platformOutlier, .nodeOutlier, .intermittent:
            true
        default: false
        }
    }

    /// Whether another machine may compute something else than its cells did.
    var concernsComputing: Bool {
        switch self {
        case .hiddenDifference, .loaderOutlier, .classGap, .unexplained, .wrongAnswer: true
        default: blamesNodes
        }
    }

    /// Whether it comes of a baseline, and not of the results of a run alone.
    var isOfBaseline: Bool { self == .baselineDiffers || self == .baselineUnchecked }

    /// Whether only `mae-coord explain` finds it.
    public var isOfExplainAlone: Bool {
        switch self {
        case .modelAmbiguous, .outputParts, .outputUnknown, .precisionDiffers, .modelsDiffer, .reductionDiffers,
            .outputsDiffer, .rounding, .roundedWeights, .outputRatioDiffers, .modelsInOtherOrder, .moduleDiffers,
            .settingsDiffer, .recordingIncomplete:
            true
        default: false
        }
    }
}
