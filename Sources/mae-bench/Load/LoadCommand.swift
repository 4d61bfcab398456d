import ArgumentParser
import MAECheckpoint
import MAECommand

/// `mae-bench load`: from a checkpoint to the first result, by each loading method.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Times loading a checkpoint and its first pass by each loading method, with the peak memory.",
        discussion: """
            Each load is a process of its own, and the methods take turns. In an untimed first round all methods must give \
            the same weights and the same layer norm, bit for bit, and mae-coord infer too. Weights are digested while \
            they are packed. Copies in the other forms are made in the folder for temporary files, and removed.

            Example: mae-bench load --preset base --threads 2 --repeat 5
            """)

    @Option(help: "Size of a model with seeded random weights: tiny, base, large or huge.")
    var preset = ViTMAEConfiguration.Preset.base
    @Option(help: ArgumentHelp("A checkpoint, instead of random weights.", valueName: "path"), completion: .file())
    var model: String?
    @Option(
        help: ArgumentHelp(
            "A config.json, or a directory with one, for checkpoints that carry no configuration.", valueName: "path"),
        completion: .file(extensions: ["json"]))
    var config: String?
    @Option(help: "Loading method, several times if need be: pretrained, full or state-dict; all unless given.")
    var method: [LoadingChoice] = []
    @Option(help: "Images in the batch.")
    var batchSize = 8
    @Option(help: "Share of patches left out, 0 ..< 1; what the checkpoint says unless given.")
    var maskRatio: Double?
    @OptionGroup var cpu: CPUArguments
    @Option(help: "Number of timed loads by each method.")
    var `repeat` = 5
    @Option(
        help: ArgumentHelp(
            "mae-bench of an earlier build, with which this one takes turns: the start to the first result is compared.",
            valueName: "program"), completion: .file())
    var before: String?
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(batchSize) else {
            throw ValidationError("--batch-size takes a number from 1 to 1024")
        }
        if let maskRatio, !(0..<1).contains(maskRatio) { throw ValidationError("--mask-ratio lies in 0 ..< 1") }
        guard (1...1000).contains(`repeat`) else { throw ValidationError("--repeat takes a number from 1 to 1000") }
        guard !method.contains(.automatic) else {
            throw ValidationError("--method takes pretrained, full or state-dict")
        }
    }

    func run() throws {
        try BackendCheck.pass(try cpu.open(), maskRatio: maskRatio ?? 0.75)
        let forms = try CheckpointForms()
        let source = if let model { model } else { try forms.draw(preset) }
        let methods = method.isEmpty ? [LoadingChoice.pretrained, .full, .stateDict] : method
        try forms.add(methods, of: source, configuration: config)
        let loads = Loads(
            forms: forms, configuration: config,
            options: ["--batch-size", "\(batchSize)", "--isa", cpu.isa]
                + (cpu.threads.map { ["--threads", "\($0)"] } ?? [])
                + (maskRatio.map { ["--mask-ratio", "\($0)"] } ?? []),
            earlier: before)
        let first = try loads.agreeingRound()
        var rounds: [[Loads.Load]] = []
        for _ in 0..<`repeat` { rounds.append(try forms.all.map(loads.load)) }

        let measured = forms.all.enumerated().map { index, form in
            LoadReport.Method(
                form.method.rawValue, records: rounds.map { $0[index].record }, infers: rounds.map { $0[index].infer })
        }
        let startRatios = before.map { _ in
            Dictionary(
                uniqueKeysWithValues: forms.all.enumerated().map { index, form in
                    (form.method.rawValue, startRatio(rounds.map { $0[index] }))
                })
        }
        let report = LoadReport(
            model: model ?? preset.rawValue, batch_size: batchSize, mask_ratio: first.mask_ratio, isa: first.isa,
            threads: first.threads, device: first.device, weights_sha256: first.weights_sha256,
            layernorm_sha256: first.layernorm_sha256,
            methods: measured, start_ratio_to_before: startRatios,
            targets: LoadReport.judged(
                measured, isBase: model == nil && preset == .base, batchSize: batchSize, startRatios: startRatios))
        try StandardOutput.writeLine(json ? report.json() : report.text)
    }

    /// The least time to the first result, in that of the earlier build.
    private func startRatio(_ loads: [Loads.Load]) -> Double {
        let own = loads.map(\.record.start_to_first_result).min() ?? .nan
        return own / (loads.compactMap { $0.before?.start_to_first_result }.min() ?? .nan)
    }
}

extension LoadingChoice: ExpressibleByArgument {}
