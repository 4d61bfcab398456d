import MAECompute
import MAETensor

/// A compiled forward pass and the lists that its arguments are handed over in, kept so that a run takes no memory.
final class PreparedPass {
    private let executable: any Executable
    private let decodes: Bool
    private var inputs: [Tensor] = []
    private var indexTables: [[Int32]] = []

    /// A pass of a compiled ``ForwardProgram``.
    init(_ executable: any Executable, decodes: Bool) {
        self.executable = executable
        self.decodes = decodes
    }

    /// Runs the pass once.
    func run(
        _ images: Tensor, _ selection: PatchSelection, _ control: RunControl
    ) throws -> ViTMAEModel.Output {
        defer {
            inputs.removeAll(keepingCapacity: true)
            indexTables.removeAll(keepingCapacity: true)
        }
        inputs.append(images)
        indexTables.append(selection.tokenPatches)
        if decodes { indexTables.append(selection.slots) }
        let outputs = try executable.run(inputs: inputs, indexTables: indexTables, control: control)
        return ViTMAEModel.Output(
            layernorm: outputs[ForwardProgram.layernormOutput], pooled: outputs[ForwardProgram.pooledOutput],
            logits: decodes ? outputs[ForwardProgram.logitsOutput] : nil)
    }
}
