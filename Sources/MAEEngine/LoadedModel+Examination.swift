import MAECompute
import MAEDomain
import MAEModel
import MAETensor

extension LoadedModel {
    /// Runs a batch's pass again and looks at one layer, operation by operation.
    ///
    /// - Throws: as ``run(_:control:)``, and ``ComputeError`` with code `invalidInput` for a layer, an image or an operation that the
    ///   pass does not have, or for states that do not fit it.
    public func examine(
        _ request: BatchRequest, _ examination: Examination, control: RunControl = RunControl()
    ) throws -> ExaminationAnswer {
        // The memory that ordinary passes work in is needed for these.
        model.discardPrograms()
        let pass = try ExaminedPass(self, request, examination)
        let watch = try pass.run(keepsStates: examination.wantsStates, control)
        let digests = watch.digests
        var output = pass.output(of: watch)
        let repetitions = try Repetitions(examination, bindsRuns: model.bindsRuns).run { processor in
            var control = control
            control.processor = processor
            let watch = try pass.run(keepsStates: false, control)
            output = output ?? pass.output(of: watch)
            return watch.digests
        }
        return ExaminationAnswer(
            layer: examination.layer,
            operations: zip(pass.layer.operations, digests).map {
                ExaminedOperation(
                    kind: $0.kind, words: $0.words, rows: $0.rows, columns: $0.columns, heads: $0.heads, digest: $1)
            }, images: watch.imageDigests, output: output, states: watch.states,
            restarted: try pass.restarted(control), repetitions: repetitions)
    }
}

/// A pass of a batch that is run again and again up to one layer.
private struct ExaminedPass {
    let layer: LayerOperations
    private let loaded: LoadedModel
    private let input: BatchInput
    private let selection: PatchSelection
    private let order: PatchSelection.TokenOrder
    private let examination: Examination
    private let images: [Int]
    /// Places in the program after which tokens of one image are kept.
    private let stateEnds: Set<Int>
    private let passes = PreparedPasses()

    private struct PassShape: Hashable {
        let images: Int, operations: Int
    }

    private final class PreparedPasses {
        var byShape: [PassShape: OperationsPass] = [:]
    }

    init(_ loaded: LoadedModel, _ request: BatchRequest, _ examination: Examination) throws {
        (input, selection) = try loaded.prepared(request)
        order = request.tokenOrder
        self.loaded = loaded
        self.examination = examination
        let layers = loaded.model.encoderLayers(images: 1, kept: selection.kept)
        guard let index = layers.firstIndex(where: { $0.layer == examination.layer }) else {
            throw ComputeError(.invalidInput, "the model has no layer \(examination.layer.name)")
        }
        layer = layers[index]
        if let operation = examination.operation, !layer.operations.indices.contains(operation) {
            throw ComputeError(
                .invalidInput,
                "\(layer.layer.name) has \(layer.operations.count) operations, and none numbered \(operation)")
        }
        let batch = 0..<selection.images
        guard examination.images.allSatisfy(batch.contains) else {
            throw ComputeError(
                .invalidInput, "images were asked for that the batch of \(selection.images) does not have")
        }
        // As many as an answer may hold of the widest operation.
        let bytes = layer.operations.map { $0.rows * $0.columns * MemoryLayout<Float>.stride }.max() ?? 1
        images = Array(Set(examination.images).sorted().prefix(max(Examination.valueBytes / max(bytes, 1), 1)))
        let wanted = examination.wantsStates ? layers[max(index - 1, 0)...].filter { $0.layer != .finalNorm } : []
        let state = (selection.kept + 1) * (layers[0].operations.last?.columns ?? 1) * MemoryLayout<Float>.stride
        stateEnds = Set(wanted.prefix(Examination.stateBytes / state).map { $0.range.upperBound - 1 })
    }

    /// Runs the pass once, until what is looked at has been seen.
    func run(keepsStates: Bool, _ control: RunControl) throws -> OperationWatch {
        let ends = keepsStates ? stateEnds : []
        let watch = OperationWatch(layer, images: images, stateEnds: ends)
        let count = max(layer.range.upperBound, (ends.max() ?? 0) + 1)
        for part in loaded.parts(of: selection.images) {
            var control = control
            control.observer = { tap, value in watch.take(value, after: tap.position - 1, images: part) }
            try pass(images: part.count, first: count).run(
                images: input.images.rows(part),
                selection: PatchSelection(noise: input.noise.rows(part), keeping: selection.kept, order: order),
                control: control)
        }
        return watch
    }

    /// The pass of so many images, prepared once for all repetitions.
    private func pass(images: Int, first count: Int) throws -> OperationsPass {
        let key = PassShape(images: images, operations: count)
        if let pass = passes.byShape[key] { return pass }
        // Those of the parts of a batch, the last of which may be smaller: each holds the memory that it works in.
        if passes.byShape.count > 1 { passes.byShape = [:] }
        let pass = try loaded.model.operationsPass(images: images, kept: selection.kept, first: count)
        passes.byShape[key] = pass
        return pass
    }

    /// The values that were asked for, or those of the first operation whose digest is not the expected one.
    func output(of watch: OperationWatch) -> OperationOutput? {
        guard let operation = operation(watch.digests), let values = watch.values(of: operation) else { return nil }
        return OperationOutput(operation: operation, images: images, values: values)
    }

    /// The operation that was asked for, or the first whose digest is not the expected one; where digests are expected, none of a run that
    /// gave them.
    private func operation(_ digests: [SHA256Digest]) -> Int? {
        guard !examination.expected.isEmpty else { return examination.operation }
        let differing = zip(digests, examination.expected).enumerated().filter { $0.element.0 != $0.element.1 }.map(
            \.offset)
        return differing.first { $0 == examination.operation } ?? differing.first
    }

    /// Digests of the tokens that each block from the layer on gives when it begins with the states that came with the question.
    func restarted(_ control: RunControl) throws -> [SHA256Digest] {
        guard let states = examination.states else { return [] }
        let first: Int
        switch examination.layer {
        case .block(let index): first = index
        case .embeddings: first = 0
        case .finalNorm: return []
        }
        return try loaded.model.restart(states, fromBlock: first, control: control).map { $0.digest() }
    }
}
