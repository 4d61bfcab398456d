import Foundation
import MAEDomain
import MAEVerify
import TestSupport

extension FindingCase {
    /// Causes of a difference between results.
    static let causes: [FindingCase] = files + settings + masking

    /// Other files than were meant.
    private static let files = [
        FindingCase("stale-file", .error, "`loaded` reads ").with {
            $0.evidence = "The names end differently (.cpkt and .pth)"
            $0.methods = ["loaded"]
            $0.alongside = ["load-different-sibling"]
            $0.plan = { plan, folder in
                let saved = try folder.write("model.pth", Goldens.bytes("checkpoints/state5.pth"))
                let loaded = try folder.write("model.cpkt", Goldens.bytes("checkpoints/state-wrong.pth"))
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: loaded)
                plan.methods = [
                    .golden("hub5", "hub"), .state(saved, "saved"), .state(loaded, "loaded"),
                ]
            }
        },
        FindingCase("weights-differ", .error, "`state-dict` on node c loaded other weights than the rest.").with {
            $0.evidence = "1 of "
            ($0.nodes, $0.methods, $0.suspects) = (["c"], ["state-dict"], [])
            $0.faults = [
                Fault(asks: { $0.checkpoint = Goldens.path("checkpoints/state-wrong.pth") }).on("c").with("state-dict")
            ]
        },
        FindingCase(
            "weights-differ", .error, "`half` on every node loaded the weights of `hub` on every node, rounded to "
        ).with {
            $0.methods = ["half"]
            $0.alongside = ["load-converted-dtype"]
            $0.workers = ["a", "b"]
            $0.plan = { plan, _ in
                plan.methods = [
                    .golden("hub5", "hub"), .state(Goldens.path("checkpoints/state-fp16.pth"), "half"),
                ]
            }
        },
    ]

    /// The same files, computed with other settings or another input.
    private static let settings = [
        FindingCase("mask-ratio-differs", .error, "The mask ratio is not the same everywhere, so ").with {
            $0.methods = ["state-dict"]
            $0.plan = { plan, _ in plan.methods[2].maskRatio = 0 }
        },
        FindingCase("configuration-differs", .error, "`layer_norm_eps` is not the same everywhere: ").with {
            $0.nodes = ["c"]
            $0.faults = [Fault.configuration("layer_norm_eps", "0.5").on("c"), Fault.output().on("c")]
        },
        FindingCase("input-differs", .error, "node c with every loading method computed on another input: ").with {
            $0.nodes = ["c"]
            $0.faults = [Fault(asks: { $0.seed += 1 }).on("c")]
        },
    ]

    /// The same input, masked in another way.
    private static let masking = [
        FindingCase("noise-not-shared", .error, "The patch masks differ because the noise is not shared: ").with {
            $0.plan = { plan, _ in plan.noise = .sequential }
        },
        FindingCase("noise-differs", .error, "node c with every loading method masked by other noise, ").with {
            $0.nodes = ["c"]
            $0.faults = [Fault(asks: { $0.noise = .drawn(index: 1) }).on("c")]
        },
        FindingCase(
            "mask-miscomputed", .error, "node c with every loading method made another mask out of the same noise "
        ).with {
            $0.nodes = ["c"]
            $0.faults = [Fault.mask.on("c")]
        },
        // Each method has noise of its own, which cannot matter where every patch is kept.
        FindingCase("unexplained", .error, "4 pairs of cells differ in their ").with {
            $0.workers = ["a", "b"]
            $0.faults = [Fault.mask.with("full")]
            $0.plan = { plan, _ in
                (plan.noise, plan.maskRatio) = (.sequential, 0)
                plan.methods = [.golden("hub5", "hub"), RunSite.methods[1]]
            }
        },
    ]
}

extension LoadingMethod {
    /// A folder of the goldens.
    static func golden(_ name: String, _ label: String) -> LoadingMethod {
        LoadingMethod(kind: .pretrained, label: label, path: Goldens.path("checkpoints/\(name)"))
    }

    /// A state dict with the configuration of the goldens.
    static func state(_ path: String, _ label: String) -> LoadingMethod {
        LoadingMethod(kind: .stateDict, label: label, path: path, configPath: Goldens.path("checkpoints/hub5"))
    }
}
