import MAEFormats
import MAETensor

/// Parameters that are in the file under their names, but not as the numbers that a ViT-MAE computes with.
enum UnusableWeights {
    /// Throws ``CheckpointError/Code/unsupportedFormat`` for a parameter without elements, or of integers.
    static func requireNone(
        in recognized: [String: CheckpointTensor], naming: ParameterNaming, path: String
    ) throws(CheckpointError) {
        func keys(_ isUnusable: (CheckpointTensor) -> Bool) -> [String] {
            Set(recognized.filter { isUnusable($0.value) }.keys.compactMap { naming.sources[$0]?.key }).sorted()
        }
        let empty = keys { $0.count == 0 }
        if let key = empty.first {
            throw CheckpointError(
                .unsupportedFormat, path: path, place: "tensor \(key)",
                "has no elements, as \(empty.count) parameters here: DeepSpeed ZeRO-3 and FSDP leave such placeholders where "
                    + "the weights are spread over ranks. Gather them with `python zero_to_fp32.py CHECKPOINT_FOLDER OUTPUT` "
                    + "(DeepSpeed writes the script into the folder), or save inside "
                    + "FSDP.state_dict_type(model, StateDictType.FULL_STATE_DICT)."
            )
        }
        let integers = keys { !$0.dtype.isFloatingPoint }
        if let key = integers.first {
            let dtype = naming.sources.first { $0.value.key == key }.flatMap { recognized[$0.key]?.dtype }
            throw CheckpointError(
                .unsupportedFormat, path: path, place: "tensor \(key)",
                "holds \(dtype?.rawValue ?? "integers"), as \(integers.count) parameters here: these are quantized weights, "
                    + "whose scales are elsewhere or lost. Save the model as it was before quantization, or after "
                    + "dequantizing it.")
        }
    }
}
