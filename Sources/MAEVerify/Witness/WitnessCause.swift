import MAEDomain

/// Something that only PyTorch shows, as a witness reports it of a model that it loaded or ran.
///
/// Its code is the one of the witness's own finding, and of the finding of the run that comes of it.
struct WitnessCause: Sendable {
    /// The code.
    let code: FindingCode
    /// The stages that it may change.
    let stages: StageSet
    /// The way of loading that alone can bring it about; nil where each can.
    ///
    /// A model is in training mode only as it was pickled: the other ways end in evaluation mode, whatever a witness says.
    var onlyKind: LoadingMethod.Kind?
    /// The largest difference of outputs that it leaves, relative to values above 1; nil where it has no bound.
    ///
    /// 64 times the unit roundoff of what is computed in. The outputs are those of a layer norm, so their values are about 1.
    var bound: Double?
    /// Says what is so with the cells that a scope names.
    let sentence: @Sendable (_ scope: String, _ program: String) -> String
    /// What to do about it.
    let remedy: String
    /// A line of Python that does it.
    let python: String?

    /// All of them, in the order in which what they change travels.
    static let all: [WitnessCause] = [
        WitnessCause(
            code: .drawnWeights, stages: StageSet([.weights]).union(.outputs),
            sentence: { scope, program in
                "\(program) drew weights at random for \(scope): it found none under the names that it looks for, and said so "
                    + "in a warning at most."
            },
            remedy: "Load the file with the release of transformers that wrote it, or write it again for this one with "
                + "`mae-coord checkpoint convert`.",
            python: "model, info = ViTMAEForPreTraining.from_pretrained(path, output_loading_info=True); "
                + "assert not info[\"missing_keys\"], info"),
        WitnessCause(
            code: .unexpectedKeys, stages: [],
            sentence: { scope, program in
                "\(program) left out weights of the file for \(scope): it looks for none of these names."
            },
            remedy:
                "Where the encoder needs them, rename them, or write the file again with `mae-coord checkpoint convert`.",
            python: "print(model.load_state_dict(state, strict=False))"),
        WitnessCause(
            code: .trainingMode, stages: .outputs, onlyKind: .full,
            sentence: { scope, program in
                "\(program) ran \(scope) in training mode, as it was loaded. With dropout its outputs are random then, and change "
                    + "from call to call."
            },
            remedy: "Call eval() on the model after loading it, and before it is pickled.",
            python: "model.eval()  # after loading, before the first call"),
        WitnessCause(
            code: .dropout, stages: .outputs, onlyKind: .full,
            sentence: { scope, program in "\(program) ran \(scope) with dropout at work: its outputs are random." },
            remedy: "Call eval() on the whole model: a submodule that was set to train() stays so.",
            python: "model.eval()  # after loading, before the first call"),
        WitnessCause(
            code: .halfPrecision, stages: StageSet([.weights]).union(.outputs), bound: 0x1p-3,
            sentence: { scope, program in
                "\(program) computed \(scope) in fewer bits than fp32, so its outputs are right to three digits or less."
            },
            remedy: "Load the model in fp32, and call it outside of autocast. Weights that were rounded stay so.",
            python: "model = ViTMAEForPreTraining.from_pretrained(path, dtype=torch.float32)"),
        WitnessCause(
            code: .tf32, stages: .outputs, bound: 0x1p-5,
            sentence: { scope, program in
                "\(program) may have computed \(scope) in TF32, which keeps 10 bits of each factor."
            },
            remedy: "Switch it off before the model runs, or accept that outputs differ in the fourth digit.",
            python: "torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False"),
        WitnessCause(
            code: .attention, stages: [],
            sentence: { scope, program in "\(program) ran \(scope) with an attention of its own choice." },
            remedy: "Name the implementation where the model is loaded, so that all of them sum in one order.",
            python: "model = ViTMAEForPreTraining.from_pretrained(path, attn_implementation=\"sdpa\")"),
    ]

    /// The cause that a witness reports by this code of a model loaded in such a way; nil for a reader's code, and for what cannot be.
    static func named(_ code: String, of kind: LoadingMethod.Kind) -> WitnessCause? {
        all.first { $0.code.rawValue == code && ($0.onlyKind ?? kind) == kind }
    }

    /// Whether it can leave outputs so far apart.
    func leaves(_ metrics: DifferenceMetrics) -> Bool {
        guard let bound else { return true }
        let size = metrics.values.map { max(abs(Double($0.left)), abs(Double($0.right))) } ?? 1
        return metrics.maximum <= bound * max(1, size)
    }
}
