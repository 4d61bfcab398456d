import ArgumentParser
import Foundation
import MAECheckpoint
import MAECommand
import MAECompute
import MAEEngine
import MAEPictures
import MAETensor

/// `mae-coord infer`: one process, no cluster.
struct InferCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "infer",
        abstract: "Run the model on one batch in this process and write what it gives.",
        discussion: """
            Writes layernorm.npy (images, tokens, hidden; tokens in the order PyTorch returns them), pooled.npy (mean over \
            tokens), mask.npy, ids_restore.npy and noise.npy, with --decoder logits.npy, and summary.json. With --pictures, the \
            folder pictures has PNG files of the images and a page that shows them, with --decoder their reconstruction too.

            The batch is what two lines of Python give: torch.manual_seed(SEED); x = torch.randn(B, C, H, W). The noise \
            is the torch.rand(B, patches) drawn next.

            Example: mae-coord infer --model vit-mae-base --seed 42 --output out
            """)

    @OptionGroup var checkpoint: CheckpointOptions
    @OptionGroup var engineOptions: EngineArguments

    @Option(
        help: ArgumentHelp(
            "Seed of PyTorch's generator for pixels and noise. (default: \(SeedArgument.default))", valueName: "n"),
        transform: SeedArgument.parse)
    var seed: UInt64 = SeedArgument.default

    @Option(
        name: .customLong("batch-size"),
        help: ArgumentHelp("Images in the batch. (default: \(defaultBatchSize))", valueName: "n"))
    var givenBatchSize: Int?

    @Option(
        help: ArgumentHelp(
            "Fraction of patches to remove, from 0 to below 1; what the checkpoint says when left out.", valueName: "r")
    )
    var maskRatio: Double?

    @Option(
        help: ArgumentHelp("Noise to mask with, fp32 (images, patches).", valueName: "file.npy"),
        completion: .file(extensions: ["npy"]))
    var noiseFile: String?

    @Option(
        help: ArgumentHelp(
            "Images to run on, instead of drawn ones: a file, or every one in a folder by name. PNG and JPEG are preprocessed "
                + "as preprocessor_config.json says; .npy is taken as it is, float16, float32 or float64, (C, H, W) or "
                + "(B, C, H, W).", valueName: "path"), completion: .file())
    var images: String?

    @Flag(help: "Run the decoder too: logits.npy, and the loss in summary.json.")
    var decoder = false

    @Flag(help: "Write PNG files of the images, masked and with --decoder reconstructed, and a page that shows them.")
    var pictures = false

    @Option(
        help: ArgumentHelp("Folder to write to; made when it does not exist.", valueName: "dir"), completion: .directory
    )
    var output: String

    private static let defaultBatchSize = 8

    func validate() throws {
        if let givenBatchSize {
            guard givenBatchSize > 0 else {
                throw ValidationError("--batch-size \(givenBatchSize): a batch has at least one image.")
            }
            guard images == nil else {
                throw ValidationError("--images says how many images there are: leave out --batch-size.")
            }
        }
        if let maskRatio, !(maskRatio >= 0 && maskRatio < 1) {
            throw ValidationError("--mask-ratio \(maskRatio): from 0 to below 1.")
        }
    }

    func run() throws {
        // Noise is read whole before it is written again.
        try InputProtection(inputs: [checkpoint.reference.path, images].compactMap(\.self))
            .check(folder: output, writing: InferenceOutput.names)
        let clock = ContinuousClock()
        let engine = try Engine(engineOptions.options)
        let progress = ProgressLine()
        let reference = checkpoint.reference
        progress.show("loading \(reference)")
        let loadStart = clock.now
        let model = try engine.load(
            reference.path, weights: reference.weights, configuration: checkpoint.config, decodes: decoder
        ) { done, total in
            progress.show("loading \(reference)", done, of: total)
        }
        let loadSeconds = (clock.now - loadStart).inSeconds
        let scale =
            pictures ? try PixelScale.find(in: [model.checkpoint.path, checkpoint.config].compactMap(\.self)) : nil
        let read = try model.checkpoint.fingerprints().findings(at: reference.path)
        for finding in model.checkpoint.findings + read { progress.note("\(finding)") }
        let given = try images.map { path in
            let size = model.checkpoint.configuration.values.imageSize
            let source = try ImageSource(path: path) {
                try Preprocessing.find(
                    in: [model.checkpoint.path, checkpoint.config].compactMap(\.self),
                    otherwise: .init(height: size.height, width: size.width))
            }
            for note in [source.note, source.words.map { "images: \($0)" }].compactMap(\.self) { progress.note(note) }
            // A batch that the model does not take is not decoded first.
            try source.requireFit(model.checkpoint.configuration.values)
            return GivenImages(images: try source.images(), words: source.words)
        }
        let request = BatchRequest(
            seed: seed,
            pixels: given.map { .given($0.images.pixels) } ?? .seeded(images: givenBatchSize ?? Self.defaultBatchSize),
            noise: try noiseFile.map { .given(try Tensor(npy: $0)) } ?? .drawn(index: 0), maskRatio: maskRatio,
            decodes: decoder)
        let result = try model.run(
            request,
            control: RunControl(progress: { place in
                progress.show("computing \(place.layer ?? "")", place.done, of: place.total)
            }))
        progress.show("writing \(output)")
        let isFinite = try InferenceOutput(folder: output).write(
            result, model: model, engine: engine, loadSeconds: loadSeconds,
            .init(seed: seed, images: images, given: given, noiseFile: noiseFile, pictures: scale))
        progress.clear()
        if !isFinite {
            progress.note(
                "warning: the outputs hold NaN or infinite values. Look for them in the weights "
                    + "(mae-coord checkpoint inspect \(reference)) and in the images.")
        }
        try StandardOutput.writeLine(
            "\(output): layernorm_sha256 \(result.output.layernorm.digest()), class \(engine.description.numericClass), "
                + "\((result.seconds.forward * 1000).rounded() / 1000) s")
    }
}
