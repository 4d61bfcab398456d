import MAECheckpoint
import MAECompute
import MAEEngine
import MAEModel
import MAERecording
import MAETensor
import MAEVerify

/// A block of a recorded call, computed again from the input that was recorded: by this engine, and in double precision.
public struct BlockReplay: Sendable, Hashable {
    /// The call.
    public let call: RecordedCallID
    /// Number of the block.
    public let block: Int
    /// The image that was computed.
    public let image: Int
    /// How far what PyTorch gave is from double precision.
    public let fromDouble: Double
    /// How far what this engine gives is from it.
    public let ownFromDouble: Double
    /// Whether PyTorch's result is as near to double precision as fp32 rounding leaves it.
    public let isRight: Bool

    /// How much further off than this engine a result may be and still be rounding.
    private static let factor = 16.0

    /// Computes the blocks of a call from `first` on, of which input and output were kept.
    static func blocks(
        of recorded: RecordedCall, from first: Int, image: Int, _ model: LoadedModel,
        _ progress: (Int) -> Void
    ) throws -> [BlockReplay] {
        let configuration = model.checkpoint.configuration.values
        let hidden = configuration.encoder.hiddenSize
        let encoder = try Float64Encoder(configuration) { model.checkpoint.weight($0) }
        var replays: [BlockReplay] = []
        for call in recorded.call.modules {
            let module = recorded.model.modules[call.module]
            guard module.role == .encoderBlock, let block = module.index, block >= first,
                block < configuration.encoder.layerCount, let input = call.inputs.first(where: \.isFloatingPoint),
                let output = call.outputs.first(where: \.isFloatingPoint), input.shape == output.shape,
                input.shape.count == 3, image < input.shape[0],
                (2...configuration.patchCount + 1).contains(input.shape[1]),
                input.shape[2] == hidden, let given = try recorded.recording.tensor(of: input),
                let returned = try recorded.recording.tensor(of: output)
            else { continue }
            progress(block)
            let tokens = given.rows(image..<image + 1)
            let exact = try encoder.block(block, from: tokens)
            let own = try model.model.restart(tokens, fromBlock: block, control: RunControl())[0]
            let answer = returned.rows(image..<image + 1)
            let (distance, mine) = (answer.largestDistance(from: exact), own.largestDistance(from: exact))
            let bits = answer.largestMagnitude * Double(Float.ulpOfOne) * Double(hidden).squareRoot()
            replays.append(
                BlockReplay(
                    call: recorded.id, block: block, image: image, fromDouble: distance, ownFromDouble: mine,
                    isRight: distance <= max(mine * factor, bits)))
        }
        return replays
    }
}

extension Tensor {
    /// The largest magnitude of an element.
    fileprivate var largestMagnitude: Double {
        withUnsafeElements { $0.reduce(0) { Swift.max($0, Double($1.magnitude)) } }
    }
}
