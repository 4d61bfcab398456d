import MAECheckpoint
import MAECompute
import MAEDomain
import MAEModel
import MAETensor
import Synchronization

/// A checkpoint's model on a backend, ready to compute batches.
public final class LoadedModel: Sendable {
    /// The checkpoint: its configuration, files, weights and what was noticed on reading it.
    public let checkpoint: ModelCheckpoint
    /// The model.
    public let model: ViTMAEModel
    /// Images in one forward pass; larger batches are computed in parts, with the same bits.
    public static let imagesPerPass = 16

    private let watch: AnswerWatch
    /// Images that a pass may have, as far as the backend's memory has shown.
    private let passLimit = Mutex(imagesPerPass)

    /// Reads every weight once; nothing else is read of what was already verified.
    ///
    /// Of the decoder only what `decodes` asks for is kept; its digests are taken all the same, here or when they are asked for.
    init(
        _ checkpoint: ModelCheckpoint, decodes: Bool, on backend: any ComputeBackend, _ watch: AnswerWatch,
        progress: (@Sendable (_ done: Int, _ total: Int) -> Void)?
    ) throws {
        self.checkpoint = checkpoint
        self.watch = watch
        let left = decodes ? [] : checkpoint.layout.parameters(of: .decoder)
        let names = Set(left.map(\.name))
        let counter = ByteCounter(
            checkpoint.layout.elementCount - left.reduce(0) { $0 + $1.count }, progress: progress)
        let weights = CheckpointWeights(checkpoint) { name, count in if !names.contains(name) { counter.add(count) } }
        model = try ViTMAEModel(
            checkpoint.configuration.values, withDecoder: decodes && checkpoint.hasDecoder,
            readingAlong: left.map(\.name), on: backend, weight: weights.weight)
        // A file may hold more than the weights of the model.
        try checkpoint.verifyChecksums()
    }

    /// Computes one batch.
    ///
    /// - Throws: ``ComputeError`` with code `invalidInput` for pixels, noise or a mask ratio that do not fit the model,
    ///   `outOfMemory` for a batch this machine cannot hold, and `cancelled` when `control` says so.
    public func run(_ request: BatchRequest, control: RunControl = RunControl()) throws -> BatchResult {
        let (maskRatio, origin) = try maskRatio(request)
        let clock = ContinuousClock()
        let start = clock.now
        let (input, selection) = try prepared(request)
        let inputEnd = clock.now
        let (output, layerDigests) = try forward(input, selection, request, control: control)
        let forwardEnd = clock.now
        let loss = output.logits.map { logits in
            ReconstructionLoss.value(
                images: input.images, logits: logits, mask: selection.mask,
                geometry: model.configuration.patchGeometry,
                normalizesPixels: model.configuration.normalizesPixelLoss)
        }
        return BatchResult(
            input: input, selection: selection, maskRatio: maskRatio, maskRatioOrigin: origin, output: output,
            loss: loss, layerDigests: layerDigests,
            seconds: ((inputEnd - start).inSeconds, (forwardEnd - inputEnd).inSeconds))
    }

    /// What a request's pass is fed.
    func prepared(_ request: BatchRequest) throws -> (BatchInput, PatchSelection) {
        _ = try maskRatio(request)
        let kept = model.configuration.keptCount(maskRatio: request.maskRatio)
        let input = try input(request, kept: kept)
        return (input, PatchSelection(noise: input.noise, keeping: kept, order: request.tokenOrder))
    }

    private func maskRatio(_ request: BatchRequest) throws -> (Double, origin: String) {
        guard let ratio = request.maskRatio else {
            let configuration = checkpoint.configuration
            return (configuration.values.maskRatio, "\(configuration.origin(of: .maskRatio))")
        }
        guard ratio >= 0, ratio < 1 else {
            throw ComputeError(.invalidInput, "a mask ratio of \(ratio) was asked for; it lies in 0 ..< 1")
        }
        return (ratio, "\(TracedOrigin.flag("--mask-ratio"))")
    }

    private func input(_ request: BatchRequest, kept: Int) throws -> BatchInput {
        let geometry = model.configuration.patchGeometry
        let images: Int
        var drawsPixels = false
        switch request.pixels {
        case .seeded(let count): (images, drawsPixels) = (count, true)
        case .given(let pixels):
            try BatchRequest.Pixels.requireFit(pixels.shape, model.configuration)
            images = pixels.shape[0]
        }
        guard images > 0 else { throw ComputeError(.invalidInput, "a batch has at least one image") }
        try MemoryNeed(
            images: images, kept: kept, decodes: request.decodes,
            imagesPerPass: min(images, passLimit.withLock(\.self)), drawsPixels: drawsPixels, of: model
        ).check()
        let input = request.input(images: images, for: model.configuration)
        guard input.noise.shape == [images, geometry.patchCount] else {
            throw ComputeError(
                .invalidInput,
                "noise of shape \(input.noise.shape) was given; this batch takes (\(images), \(geometry.patchCount))")
        }
        return input
    }

    /// One pass, or several over parts of a batch that is large, or too large for the backend's memory; the bits are the
    /// same, since images do not mix.
    private func forward(
        _ input: BatchInput, _ selection: PatchSelection, _ request: BatchRequest, control: RunControl
    ) throws -> (ViTMAEModel.Output, LayerDigests?) {
        var failedSize = 0
        while true {
            let partSize = min(selection.images, passLimit.withLock(\.self))
            // Parts that an attempt computed before it ran out of memory are computed again, and so are their digests.
            let layers = request.recordsLayerDigests ? try LayerDigester() : nil
            defer { layers?.end() }
            do {
                let output = try forward(
                    input, selection, request, partSize: partSize, layers: layers, control: control)
                return (output, layers?.digests())
            } catch let error as ComputeError where error.code == .outOfMemory {
                // Programs of other shapes may hold what is missing, so a size is given up when it fails without them.
                model.discardPrograms()
                if partSize == failedSize {
                    guard partSize > 1 else { throw error }
                    passLimit.withLock { $0 = min($0, (partSize + 1) / 2) }
                }
                failedSize = partSize
            }
        }
    }

    private func forward(
        _ input: BatchInput, _ selection: PatchSelection, _ request: BatchRequest, partSize: Int,
        layers: LayerDigester?,
        control: RunControl
    ) throws -> ViTMAEModel.Output {
        guard selection.images > partSize else {
            return try watch.checking {
                try model.forward(
                    images: input.images, selection: selection, decodes: request.decodes,
                    control: layers?.observing(control) ?? control)
            }
        }
        let parts = Self.parts(of: selection.images, partSize)
        let outputs = try parts.enumerated().map { index, range in
            let control = control.part(index, of: parts.count)
            return try watch.checking {
                try model.forward(
                    images: input.images.rows(range),
                    selection: PatchSelection(
                        noise: input.noise.rows(range), keeping: selection.kept, order: request.tokenOrder),
                    decodes: request.decodes, control: layers?.observing(control) ?? control)
            }
        }
        return ViTMAEModel.Output(joining: outputs)
    }
}

extension LoadedModel {
    /// Cuts a batch into parts of at most `size` images.
    private static func parts(of images: Int, _ size: Int) -> [Range<Int>] {
        stride(from: 0, to: images, by: size).map { $0..<min($0 + size, images) }
    }

    /// The parts in which a batch is computed, as far as the backend's memory has shown.
    func parts(of images: Int) -> [Range<Int>] { Self.parts(of: images, min(images, passLimit.withLock(\.self))) }
}

/// Counts bytes of weights as they are loaded.
private final class ByteCounter: Sendable {
    private let done = Mutex(0)
    private let total: Int
    private let progress: (@Sendable (_ done: Int, _ total: Int) -> Void)?

    init(_ elements: Int, progress: (@Sendable (_ done: Int, _ total: Int) -> Void)?) {
        total = elements * MemoryLayout<Float>.stride
        self.progress = progress
    }

    @Sendable func add(_ elements: Int) {
        guard let progress else { return }
        done.withLock { done in
            done += elements * MemoryLayout<Float>.stride
            progress(done, total)
        }
    }
}

extension RunControl {
    /// The control of one of several runs that follow each other and count as one.
    fileprivate func part(_ index: Int, of count: Int) -> RunControl {
        var control = self
        if let progress {
            control.progress = { part in
                progress(
                    RunProgress(
                        done: index * part.total + part.done, total: count * part.total, layer: part.layer))
            }
        }
        return control
    }
}

extension Duration {
    /// The duration as seconds.
    package var inSeconds: Double { self / .seconds(1) }
}
