import TestSupport
import Testing

/// One of the committed forms of the golden model.
struct GoldenForm: CustomTestStringConvertible {
    let name: String
    let method: String
    let container: String
    /// Whether the configuration lies in the form itself.
    var carriesConfiguration = true
    /// Whether the weights are those of all others, bit for bit.
    var hasExactWeights = true

    var testDescription: String { name }

    var path: String { Self.path(name) }

    /// The arguments that name the form and, when it needs one, its configuration.
    var arguments: [String] { carriesConfiguration ? [path] : [path, "--config", Self.configuration] }

    static func path(_ name: String) -> String { Goldens.path("checkpoints/\(name)") }

    /// A configuration for forms without one.
    static let configuration = path("hub4")

    /// weights_sha256 of the golden model.
    static let weights = "b0a4ad10aec4edb8cb77212b98012427cd984923c03aa3500576187796d0faec"

    static let all =
        [
            GoldenForm(name: "hub4", method: "pretrained", container: "safetensors"),
            GoldenForm(name: "hub5", method: "pretrained", container: "safetensors"),
            GoldenForm(name: "hub-sharded", method: "pretrained", container: "safetensors"),
            GoldenForm(name: "hub-bin", method: "pretrained", container: "torch-archive"),
            GoldenForm(name: "hub-fp16", method: "pretrained", container: "safetensors", hasExactWeights: false),
            GoldenForm(name: "legacy-full.pth", method: "full", container: "torch-legacy"),
            GoldenForm(
                name: "legacy-state.pth", method: "state-dict", container: "torch-legacy", carriesConfiguration: false),
            GoldenForm(
                name: "state.safetensors", method: "state-dict", container: "safetensors", carriesConfiguration: false),
            GoldenForm(name: "lightning-hparams.ckpt", method: "state-dict", container: "torch-archive"),
        ]
        + ["full4.pth", "full4-ratio0.pth", "full5.pth", "full-ratio0.pth", "lightning-full5.pth"].map {
            GoldenForm(name: $0, method: "full", container: "torch-archive")
        }
        + [
            "state4.pth", "state5.pth", "state-views.pth", "state-fp64.pth", "ddp-state.pth", "facebookresearch.pth",
            "lightning.ckpt", "lightning-state5.pth",
        ].map {
            GoldenForm(name: $0, method: "state-dict", container: "torch-archive", carriesConfiguration: false)
        }
        + ["state-fp16.pth", "state-bf16.pth", "state-wrong.pth"].map {
            GoldenForm(
                name: $0, method: "state-dict", container: "torch-archive", carriesConfiguration: false,
                hasExactWeights: false)
        }
}
