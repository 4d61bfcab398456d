import ArgumentParser
import Foundation
import MAECheckpoint
import MAECommand
import MAEContent
import MAEDomain
import MAEEngine
import MAEExplain
import MAEPictures
import MAEReport
import MAETensor
import MAEVerify

/// `mae-coord explain`: why a person's own checkpoints and outputs differ.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why checkpoints, outputs of PyTorch or recordings of it differ. No cluster needed.",
        discussion: """
            Give checkpoints of any form and outputs saved by PyTorch (.npy, .npz, torch.save or safetensors; whole layer norms \
            or one vector an image), models in the order in which your program runs them. FILE#KEY names one of several \
            in a file; FILE@mask_ratio=R says that your program sets model.config.mask_ratio = R after loading it.

            The weights and configurations are compared; the models are run one after the other as your program does \
            (seed, images, then a draw of noise for each forward call); each output is matched with the model, draw and \
            mask ratio that it came from; and each cause is named, with the line of Python that takes it away.

            Recordings that mae_record made of PyTorch are compared with each other, module by module, and with the checkpoints \
            and outputs given next to them: the first module that differs, whether it adds the difference, and which side is right.

            Exit codes: 0 nothing differs, 1 something does, 2 an output was not recognized or only a guessed setting differs, 3 nothing to compare, 64 usage, 65 \
            a file that cannot be read, 69 out of memory or a report that cannot be written.

            Example: mae-coord explain model.pth model.cpkt statedict.pth out1.npy out2.npy out3.npy
            """)

    @Argument(
        help: ArgumentHelp(
            "A checkpoint, a hub directory, a model of the local hub cache, outputs, or a recording of mae_record.",
            valueName: "file"), completion: .file())
    var files: [ExplainedFileArgument]

    @Option(
        help: ArgumentHelp(
            "A config.json, or a directory with one, for models that carry no configuration.", valueName: "path"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "What your program gives torch.manual_seed before it draws the images. (default: \(SeedArgument.default))",
            valueName: "n"),
        transform: SeedArgument.parse)
    var seed: UInt64 = SeedArgument.default

    @Option(
        help: ArgumentHelp(
            "Images in the batch; as many as the outputs have, or \(ExplainRequest.defaultBatchSize), when left out.",
            valueName: "n"))
    var batchSize: Int?

    @Option(
        help: ArgumentHelp(
            "Images to run on, instead of drawn ones: a file, or every one in a folder by name. PNG and JPEG are preprocessed as "
                + "preprocessor_config.json says; .npy is taken as it is, (C, H, W) or (B, C, H, W).", valueName: "path"
        ), completion: .file())
    var images: String?

    @Option(
        help: ArgumentHelp(
            "Draws of noise to try for each output: raise it when your program makes other forward calls before.",
            valueName: "n"))
    var draws = ExplainRequest.defaultDraws

    @OptionGroup var engineOptions: EngineArguments

    @Option(
        help: ArgumentHelp("Write the explanation for programs; fields are added, never renamed.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var json: String?

    @Option(help: ArgumentHelp("Write a JUnit report.", valueName: "file"), completion: .file(extensions: ["xml"]))
    var junit: String?

    @Option(
        help: ArgumentHelp(
            "Write a page to read in a browser, with the masks drawn and a strip of modules for each two recorded calls.",
            valueName: "file"), completion: .file(extensions: ["html"]))
    var html: String?

    func validate() throws {
        if let batchSize, !(1...ExplainRequest.mostImages).contains(batchSize) {
            throw ValidationError("--batch-size \(batchSize): from 1 to \(ExplainRequest.mostImages).")
        }
        guard (1...1024).contains(draws) else { throw ValidationError("--draws \(draws): from 1 to 1024.") }
        guard images == nil || batchSize == nil else {
            throw ValidationError("--images says how many images there are: leave out --batch-size.")
        }
    }

    func run() throws {
        try InputProtection(inputs: files.map(\.file.reference.path) + [config, images].compactMap(\.self)).check([
            ("--json", json), ("--junit", junit), ("--html", html),
        ])
        for file in [json, junit, html].compactMap(\.self) { try OutputFile(file).probe() }
        // Whether a file needs it or not: a path that is mistyped is told.
        if let config { _ = try FileListing(configuration: config) }
        let request = ExplainRequest(
            files.map(\.file), configuration: config, seed: seed, batchSize: batchSize,
            pixels: try images.map { try pixels(at: $0) }, draws: draws, engine: engineOptions.options)
        let text = ExplanationText(style: .ofStandardOutput)
        let line = ProgressLine(quietPeriod: isatty(STDERR_FILENO) == 1 ? .milliseconds(500) : .seconds(5))
        let explainer = Explainer(progress: { line.show($0) }) { section, explanation in
            line.clear()
            try StandardOutput.write(text.render(section, of: explanation))
        }
        defer { line.clear() }
        let explanation = try explainer.explain(request)
        if let json { try OutputFile(json).write(ExplanationJSON.render(explanation)) }
        if let junit { try OutputFile(junit).write(ExplanationJUnit.render(explanation)) }
        if let html { try OutputFile(html).write(ExplanationPage.render(explanation)) }
        guard explanation.outcome == .agree else { throw ExitCode(explanation.outcome.exitCode) }
    }
}

extension ExplainCommand {
    /// The images that `--images` names; pictures as the image processor of a given model makes them, else as ViT-MAE's own does it,
    /// to the size that the first given model takes.
    private func pixels(at path: String) throws -> Tensor {
        let models = files.compactMap {
            try? ModelCheckpoint.openUnverified(
                $0.file.reference, configurationIfNone: config, comparesNeighbors: false
            ).configuration.values
        }
        let size = models.first?.imageSize
        let source = try ImageSource(path: path) {
            try Preprocessing.find(
                in: files.map(\.file.reference.path) + [config].compactMap(\.self),
                otherwise: size.map { .init(height: $0.height, width: $0.width) } ?? .standard)
        }
        for note in [source.note, source.words.map { "images: \($0)" }].compactMap(\.self) { ProgressLine().note(note) }
        // Images that a model does not take are not decoded first.
        for model in models { try source.requireFit(model) }
        return try source.images().pixels
    }
}

/// `PATH`, `FILE#KEY`, either with `@mask_ratio=R` behind it.
struct ExplainedFileArgument: ExpressibleByArgument {
    let file: GivenFile

    init?(argument: String) {
        guard let (name, ratio) = MaskRatioSuffix.split(argument), !name.isEmpty else { return nil }
        file = GivenFile(CheckpointReference(name), maskRatio: ratio)
    }
}

/// `@mask_ratio=R` behind what it belongs to.
enum MaskRatioSuffix {
    private static let mark = "@mask_ratio="

    /// Takes the suffix off; nil when what follows the mark is no ratio.
    static func split(_ text: String) -> (name: String, ratio: Double?)? {
        guard let found = text.range(of: mark, options: .backwards) else { return (text, nil) }
        guard let ratio = Double(text[found.upperBound...]), ratio >= 0, ratio < 1 else { return nil }
        return (String(text[..<found.lowerBound]), ratio)
    }
}
