import MAECheckpoint
import MAECompute
import MAEEngine
import MAEModel
import MAETensor
import TestSupport
import Testing

@Suite("The encoder in double precision")
struct Float64Tests {
    @Test(
        "the mean over tokens is near that of PyTorch's float64, for every architecture", arguments: GoldenCase.models)
    func agrees(_ golden: GoldenCase) throws {
        let checkpoint = try ModelCheckpoint.openUnverified(Goldens.path(golden.model))
        let configuration = checkpoint.configuration.values
        let images = try golden.input("images")
        let selection = PatchSelection(
            noise: try golden.input("noise"),
            keeping: configuration.keptCount(maskRatio: try #require(Double(golden.ratio))))
        let encoder = try Float64Encoder(configuration) { checkpoint.weight($0) }
        let ours = try encoder.run(images: images, selection: selection)
        // PyTorch has the tokens in another order, which a mean does not see.
        let truth = try golden.doubles("layernorm-float64")
        let (count, hidden) = (images.shape[0], configuration.encoder.hiddenSize)
        let tokens = truth.count / hidden / count
        #expect(ours.layernorm.count == truth.count && ours.pooled.count == count * hidden)
        var largest = 0.0
        for (place, value) in ours.pooled.enumerated() {
            let (image, column) = (place / hidden, place % hidden)
            let sum = (0..<tokens).reduce(0.0) { $0 + truth[(image * tokens + $1) * hidden + column] }
            largest = max(largest, abs(value - sum / Double(tokens)))
        }
        // What transformers calls eager attention takes its softmax in fp32, whatever the model is in: the base model's is exact.
        #expect(largest < 5e-7, "differs by \(largest)")
    }

    @Test("one image alone has the values that it has in its batch")
    func alone() throws {
        let golden = try #require(GoldenCase.models.first)
        let checkpoint = try ModelCheckpoint.openUnverified(Goldens.path(golden.model))
        let configuration = checkpoint.configuration.values
        let (images, noise) = (try golden.input("images"), try golden.input("noise"))
        let encoder = try Float64Encoder(configuration) { checkpoint.weight($0) }
        let batch = try encoder.run(images: images, selection: PatchSelection(noise: noise, keeping: 4)).pooled
        let image = images.shape[0] - 1
        let range = image..<image + 1
        let alone = try encoder.run(
            images: images.rows(range), selection: PatchSelection(noise: noise.rows(range), keeping: 4)
        ).pooled
        #expect(Array(batch.suffix(alone.count)) == alone)
    }

    @Test("a run that is cancelled ends")
    func cancelled() throws {
        let golden = try #require(GoldenCase.models.first)
        let checkpoint = try ModelCheckpoint.openUnverified(Goldens.path(golden.model))
        let encoder = try Float64Encoder(checkpoint.configuration.values) { checkpoint.weight($0) }
        let selection = PatchSelection(noise: try golden.input("noise"), keeping: 4)
        #expect {
            try encoder.run(
                images: golden.input("images"), selection: selection, control: RunControl(isCancelled: { true }))
        } throws: {
            ($0 as? ComputeError)?.code == .cancelled
        }
    }
}
