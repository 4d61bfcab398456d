import MAECheckpoint
import MAECompute
import MAETensor

/// The encoder of a ViT-MAE in double precision, to measure by how much fp32 outputs are off.
package struct Float64Encoder {
    let configuration: ViTMAEConfiguration
    let parameters: ModelParameters

    /// Binds weights by canonical name; none is read yet, and each is read again by each run.
    package init(_ configuration: ViTMAEConfiguration, weight: @escaping (String) throws -> Weight) throws {
        self.configuration = configuration
        parameters = try ModelParameters(configuration, withDecoder: false, weight: weight)
    }

    /// Runs the encoder on images (B, C, height, width), of which the patches of `selection` are kept.
    ///
    /// - Returns: the final layer norm, B·T·H elements with tokens by ascending patch, and its mean over tokens, B·H elements.
    /// - Throws: ``ComputeError`` for images that do not fit and on cancellation, and what a weight throws when it is read.
    package func run(
        images: Tensor, selection: PatchSelection, control: RunControl = RunControl()
    ) throws -> (layernorm: [Double], pooled: [Double]) {
        let pass = ForwardProgram(
            configuration, parameters,
            ForwardProgram.Key(images: selection.images, kept: selection.kept, decodes: false))
        let outputs = try Float64Reference(parameters.set).run(
            pass.program, inputs: [images], indexTables: [selection.tokenPatches], control: control)
        return (outputs[ForwardProgram.layernormOutput], outputs[ForwardProgram.pooledOutput])
    }
}
