import MAECheckpoint
import MAECompute
import MAEDomain
import MAEEngine
import MAEModel
import MAETensor
import MAEVerify

/// Computes disputed results on this machine in double precision: images do not mix, so one image of a batch is enough.
struct Float64Referee {
    /// A larger batch is not drawn again.
    private static let mostPixels = 1 << 26

    let plan: RunPlan
    /// The noise of every batch, (B, patches), where it came from a file.
    let noise: Tensor?
    /// The path of a method at which other files are by now than when the run began; nil where there are none.
    let changedPath: (LoadingMethod, StepControl) -> String?

    /// Answers to the questions that can be answered here; `cells` are the results that they are about.
    func answers(
        to questions: [Float64Question], about cells: [Observation], _ step: StepControl
    ) -> [Float64Answer] {
        questions.compactMap { question in
            guard !step.isCancelled, let cell = cells.first(where: { $0.cell == question.left }) else { return nil }
            step.show("computing \(question.left) in double precision")
            // What cannot be computed decides nothing: the finding stays as it is.
            guard let pooled = try? pooled(question.image, of: cell, step) else { return nil }
            return Float64Answer(question, pooled: pooled)
        }
    }

    /// The mean over the tokens of one image; nil where this machine has not what the node had.
    private func pooled(_ image: Int, of cell: Observation, _ step: StepControl) throws -> [Double]? {
        guard let index = plan.methods.firstIndex(where: { $0.label == cell.method.label }) else { return nil }
        let method = plan.methods[index]
        let paths = [method.path] + [method.configPath].compactMap(\.self)
        guard !paths.contains(where: plan.pathsWithoutFiles.contains), changedPath(method, step) == nil else {
            return nil
        }
        let checkpoint = try ModelCheckpoint.openUnverified(
            method.path, weights: method.weights, method: LoadingChoice(method.kind),
            configuration: method.configPath, comparesNeighbors: false)
        let configuration = checkpoint.configuration.values
        let geometry = configuration.patchGeometry
        let batch = plan.batch(cell.batch.index)
        guard batch.size <= Self.mostPixels / geometry.imagePixels, image < batch.size else { return nil }
        let request = try OwnComputation(plan: plan, noise: noise).request(batch, method: index)
        let input = request.input(images: batch.size, for: configuration)
        let kept = configuration.keptCount(maskRatio: request.maskRatio)
        guard input.noise.shape == [batch.size, geometry.patchCount], input.images.digest() == cell.digests.input,
            PatchSelection(noise: input.noise, keeping: kept).keptPatchesDigest == cell.digests.mask
        else { return nil }
        let encoder = try Float64Encoder(configuration) { checkpoint.weight($0) }
        let one = image..<image + 1
        let pooled = try encoder.run(
            images: input.images.rows(one), selection: PatchSelection(noise: input.noise.rows(one), keeping: kept),
            control: RunControl(isCancelled: { step.isCancelled })
        ).pooled
        // Verifies the file too, whose weights are known only now that they were read.
        return try checkpoint.fingerprints().sha256 == cell.weights.digest ? pooled : nil
    }
}
