import MAEDomain
import MAEVerify
import TestSupport

extension FindingCase {
    /// What does not change the outputs of a run.
    static let harmless = [
        FindingCase("masks-drawn-anew", .note, "In PyTorch each forward call draws a new mask, ").with {
            $0.workers = ["a", "b"]
        },
        FindingCase("permuted-tokens", .note, "With mask_ratio 0 every patch is kept, but the noise still ").with {
            $0.workers = ["a", "b"]
            $0.plan = { plan, _ in (plan.noise, plan.maskRatio) = (.sequential, 0) }
        },
        FindingCase("other-configuration", .note, "The configurations differ in values that the encoder").with {
            $0.evidence = "99 for `full`"
            $0.workers = ["a", "b"]
            $0.faults = [Fault.configuration("decoder_num_hidden_layers", "99").with("full")]
        },
        FindingCase("partial-weights", .note, "`full` lacks ").with {
            $0.workers = ["a", "b"]
            $0.faults = [Fault.withoutDecoder.with("full")]
        },
        FindingCase("guessed-configuration", .warning, "`state-dict` (").with {
            $0.evidence = "hidden_size = "
            $0.workers = ["a", "b"]
            $0.faults = [Fault.guess("hidden_size", reason: "most have it").with("state-dict")]
        },
        FindingCase("load-different-sibling", .warning, "While loading `saved`: ").with {
            $0.workers = ["a", "b"]
            $0.plan = { plan, folder in
                let saved = try folder.write("model.pth", Goldens.bytes("checkpoints/state5.pth"))
                _ = try folder.write("model.cpkt", Goldens.bytes("checkpoints/state-wrong.pth"))
                plan.methods = [.golden("hub5", "hub"), .state(saved, "saved")]
            }
        },
        FindingCase("load-training-mode", .error, "While loading `full`: it has dropout.").with {
            $0.evidence = "Seen on node b only."
            $0.workers = ["a", "b"]
            let finding = LoadFinding(code: "training-mode", severity: .error, text: "it has dropout.")
            $0.faults = [Fault.noticed(finding).on("b").with("full")]
        },
    ]
}
