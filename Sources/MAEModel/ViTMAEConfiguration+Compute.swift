import MAECheckpoint
import MAECompute

extension ViTMAEConfiguration {
    /// How images are cut into patches.
    public var patchGeometry: PatchGeometry {
        PatchGeometry(
            channels: channelCount, imageHeight: imageSize.height, imageWidth: imageSize.width,
            patchHeight: patchSize.height, patchWidth: patchSize.width)
    }

    /// The activation between the two layers of an MLP.
    var activation: Activation {
        switch hiddenActivation {
        case .gelu, .geluPython: .gelu
        case .geluNew, .geluPytorchTanh, .geluPythonTanh, .geluFast: .geluTanh
        case .quickGELU: .quickGELU
        case .relu: .relu
        case .silu, .swish: .silu
        case .selu: .selu
        }
    }
}
