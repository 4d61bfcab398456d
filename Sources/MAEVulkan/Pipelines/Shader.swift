import CMAEShaders
import MAECompute

/// How a shader computes `fma(a, b, c)` with one rounding.
package enum FusedForm: String, Sendable, CaseIterable {
    /// By the driver's own instruction.
    case native
    /// By 64-bit numbers and rounding to odd: for devices whose instruction rounds twice.
    case float64
}

/// The compute shaders, by file name.
package enum Shader: String, Sendable, CaseIterable {
    case assembleTokens = "assemble_tokens"
    case attentionScores = "attention_scores"
    case attentionValues = "attention_values"
    case dropLeadingTokens = "drop_leading_tokens"
    case fmaRate = "fma_rate"
    case functions
    case gatherPatches = "gather_patches"
    case layerNorm = "layer_norm"
    case linear
    case meanOverTokens = "mean_over_tokens"
    case probe
    case restoreTokens = "restore_tokens"
    case softmax

    /// The words of the shader's module.
    ///
    /// Shaders that never fuse have one module for all forms.
    package func words(_ form: FusedForm) -> [UInt32] {
        let modules = Self.modules
        let name = form == .float64 && modules[rawValue + "_float64"] != nil ? rawValue + "_float64" : rawValue
        guard let words = modules[name] else { preconditionFailure("\(name) is not among the compiled shaders") }
        return words
    }

    /// Every compiled module, by name.
    package static let modules: [String: [UInt32]] = {
        var count = 0
        let shaders = mae_shaders(&count)
        return Dictionary(
            uniqueKeysWithValues: (0..<count).map { index in
                let shader = shaders[index]
                return (
                    String(cString: shader.name), Array(UnsafeBufferPointer(start: shader.words, count: shader.count))
                )
            })
    }()
}
