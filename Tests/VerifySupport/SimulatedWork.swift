import MAEDomain
import MAEVerify

/// What a simulated cell is made of; its digests and values follow from these as an engine's would.
struct SimulatedWork {
    var weights = "base"
    var tensors = ["vit.embeddings.cls_token", "vit.layers.0.attention.q_proj.weight", "vit.layernorm.weight"]
    /// Tensors whose content is `weights` rather than `base`.
    var changedTensors = ["vit.layers.0.attention.q_proj.weight"]
    var layerNormEps = "1e-12"
    var maskRatio = MaskRatio(0.75, from: .configJSON)
    var seed: UInt64 = 42
    var noise = NoiseSource(policy: .shared)
    /// Stands for a generator or a file that gives other noise.
    var noiseFault = ""
    /// Stands for a sort that gives another mask.
    var maskFault = ""
    /// Stands for a computation that gives other bits.
    var outputFault = ""
    /// Stands for sums in another order, as other threads give: other bits, and values as far off as `shift` says.
    var rounding = ""
    /// Stands for a reduction that gives other bits.
    var poolingFault = ""
    /// How far the numeric class and the fault move the values.
    var shift: Float = 0
    /// The layer from which on `outputFault` shows: 0 are the embeddings.
    var faultyLayer = 3
    /// The only layer whose digest another fault changes.
    var hiddenIn: Int?
    var notFinite = false
    var attempt = 0
    var loadFindings: [LoadFinding] = []
}
