import MAECheckpoint

/// The model in which ``FaultCase``s are planted: eight layers, so small that it runs in an instant.
package enum FaultModel {
    /// Images of a batch.
    package static let images = 4

    /// Writes the model as a hub directory.
    package static func write(to path: String) throws {
        var configuration = ViTMAEConfiguration(preset: .tiny)
        configuration.encoder = TransformerDimensions(
            hiddenSize: 64, layerCount: 8, headCount: 4, intermediateSize: 128)
        try CheckpointWriter.write(ModelWeights(drawing: configuration, seed: 1), as: .hub, to: path)
    }
}
