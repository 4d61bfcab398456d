import MAECheckpoint
import MAECompute
import MAETensor
import Synchronization

/// A ViT-MAE with its weights on a backend.
///
/// Follows transformers' `ViTMAEForPreTraining` in evaluation mode; docs/numerics.md fixes its bits.
public final class ViTMAEModel: Sendable {
    /// The configuration the weights were bound with.
    public let configuration: ViTMAEConfiguration
    /// Whether the decoder's weights are present.
    public let hasDecoder: Bool
    let parameters: ModelParameters
    let loaded: any LoadedParameters
    /// Passes that are ready to run.
    ///
    /// The lock is held during a run, since an executable serves one run at a time.
    private let passes = Mutex<[ForwardProgram.Key: PreparedPass]>([:])

    /// Binds weights by canonical name and loads them onto `backend`.
    ///
    /// - Parameters:
    ///   - readingAlong: canonical names of weights that the model has no use for, and that are to be read with the others
    ///     where the backend can do it in the same go.
    ///   - weight: gives the fp32 weight of a canonical name, in the shape ``ParameterLayout`` states.
    public init(
        _ configuration: ViTMAEConfiguration, withDecoder: Bool, readingAlong: [String] = [],
        on backend: any ComputeBackend, weight: @escaping (String) throws -> Weight
    ) throws {
        self.configuration = configuration
        hasDecoder = withDecoder
        let parameters = try ModelParameters(
            configuration, withDecoder: withDecoder, readingAlong: readingAlong, weight: weight)
        loaded = try backend.load(parameters.set)
        self.parameters = parameters
    }

    /// What a forward pass gives.
    ///
    /// T = 1 + K tokens in the order CLS, kept patches by ascending index.
    public struct Output: Sendable {
        /// The encoder's final layer norm, (B, T, H).
        public let layernorm: Tensor
        /// Its mean over tokens, (B, H).
        public let pooled: Tensor
        /// The decoder's prediction, (B, N, pixels of a patch), where it was asked for.
        public let logits: Tensor?
    }

    /// Runs the encoder, and the decoder where `decodes` asks for it.
    ///
    /// The first pass of a batch size and number of kept patches takes the memory that later ones work in: those take
    /// nothing from the heap when the outputs of the pass before are not held any more.
    ///
    /// - Parameters:
    ///   - images: (B, C, height, width).
    ///   - selection: the patches kept of those B images.
    /// - Throws: ``ComputeError`` when the images do not fit the model, when it has no decoder to run, or on cancellation.
    public func forward(
        images: Tensor, selection: PatchSelection, decodes: Bool = false, control: RunControl = RunControl()
    ) throws -> Output {
        let geometry = configuration.patchGeometry
        guard selection.images > 0 else { throw ComputeError(.invalidInput, "a pass takes at least one image") }
        guard images.shape.count == 4, images.shape[0] == selection.images, images.shape[1] == geometry.channels,
            images.shape[2] == geometry.imageHeight, images.shape[3] == geometry.imageWidth,
            selection.patches == geometry.patchCount
        else {
            throw ComputeError(
                .invalidInput,
                "images of shape \(images.shape) do not fit a model of \(geometry.channels) × \(geometry.imageHeight) × "
                    + "\(geometry.imageWidth) pixels and \(geometry.patchCount) patches")
        }
        guard !decodes || hasDecoder else {
            throw ComputeError(
                .invalidInput,
                "there is no decoder to run: the checkpoint has none (run without --decoder), or it was loaded without")
        }
        let key = ForwardProgram.Key(images: selection.images, kept: selection.kept, decodes: decodes)
        return try passes.withLock { passes in
            if let pass = passes[key] { return try pass.run(images, selection, control) }
            let pass = PreparedPass(
                try loaded.compile(ForwardProgram(configuration, parameters, key).program), decodes: decodes)
            passes[key] = pass
            return try pass.run(images, selection, control)
        }
    }

    /// Bytes that a pass takes in addition to weights, inputs and outputs; 0 for one whose program is compiled already.
    ///
    /// - Parameters:
    ///   - images: images in the pass.
    ///   - kept: patches kept of each.
    ///   - decodes: whether the decoder runs too.
    public func memoryNeed(images: Int, kept: Int, decodes: Bool) -> Int {
        let key = ForwardProgram.Key(images: images, kept: kept, decodes: decodes)
        return passes.withLock { passes in
            passes[key] == nil
                ? loaded.memoryNeed(of: ForwardProgram(configuration, parameters, key).program) : 0
        }
    }

    /// Frees the memory of all programs compiled so far; the next pass of each shape compiles again.
    public func discardPrograms() {
        passes.withLock { $0.removeAll() }
    }
}

extension ViTMAEModel.Output {
    /// Puts the outputs of parts of a batch one after the other.
    public init(joining parts: [ViTMAEModel.Output]) {
        layernorm = Tensor(joiningRowsOf: parts.map(\.layernorm))
        pooled = Tensor(joiningRowsOf: parts.map(\.pooled))
        let decoded = parts.compactMap(\.logits)
        logits = decoded.isEmpty ? nil : Tensor(joiningRowsOf: decoded)
    }
}

extension ViTMAEModel {
    /// The operations of a pass over so many images, of each of which so many patches are kept.
    package func program(images: Int, kept: Int, decodes: Bool) -> Program {
        ForwardProgram(configuration, parameters, ForwardProgram.Key(images: images, kept: kept, decodes: decodes))
            .program
    }
}
