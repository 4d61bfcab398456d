import ArgumentParser
import MAECPU
import MAECheckpoint
import MAECommand
import MAECompute

/// `mae-bench kernels`: every register tile at every product of the models.
struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Times each kernel at each matrix product of base, large and huge.",
        discussion: """
            A kernel is compared with the reference before it is timed. The share is that of the rate of fused \
            multiply-adds in registers, measured again round each product; * marks what the engine picks. Of base, batch 8, \
            mask ratio 0 and 2 threads, the lowest share of each kind is set against its target.

            Example: mae-bench kernels --kernel avx512 --preset base --threads 2
            """)

    @Option(help: "Threads.")
    var threads = 1
    @OptionGroup var batch: BatchArguments
    @Option(help: "Number of timed runs.")
    var `repeat` = 15
    @Option(help: "Seconds after which a kernel is not run again at one product.")
    var limit = 1.0
    @Option(help: "Kernels whose name starts like this, such as avx512; all unless given.")
    var kernel = ""
    @Option(help: "Models, several times if need be; base, large and huge unless given.")
    var preset: [ViTMAEConfiguration.Preset] = []
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads takes a number from 1 to 1024") }
        guard batch.batchSize <= 1024 else { throw ValidationError("--batch-size takes a number from 1 to 1024") }
        guard (1...10_000).contains(`repeat`) else { throw ValidationError("--repeat takes a number from 1 to 10000") }
        guard limit > 0 else { throw ValidationError("--limit takes a number above 0") }
        guard KernelSet.supported.contains(where: { !tiles(of: $0).isEmpty }) else {
            let names = KernelSet.supported.flatMap(\.matrixKernels).map(\.name).joined(separator: ", ")
            throw ValidationError("--kernel \(kernel) is the beginning of none of \(names)")
        }
    }

    func run() throws {
        let products = (preset.isEmpty ? [.base, .large, .huge] : preset).map {
            (preset: $0, all: ModelProduct.all(of: $0, images: batch.batchSize, maskRatio: batch.maskRatio))
        }
        let haveTargets = threads == 2 && batch.batchSize == 8 && batch.maskRatio == 0
        if !json { try StandardOutput.writeLine(KernelsReport.Entry.heading) }
        var entries: [KernelsReport.Entry] = []
        var figures: [KernelFigure] = []
        for set in KernelSet.supported where !tiles(of: set).isEmpty {
            let bench = SetBench(set, tiles: tiles(of: set), threads: threads)
            for (preset, product) in products.flatMap({ model in model.all.map { (model.preset, $0) } }) {
                let measured = try bench.measure(product, repeats: `repeat`, limit: limit)
                if !json { for entry in measured { try StandardOutput.writeLine(entry.text) } }
                entries += measured
                if haveTargets, preset == .base { figures += measured.map { bench.figure($0, product) } }
            }
        }
        let judged = figures.judged()
        guard json else { return judged.isEmpty ? () : try StandardOutput.writeLine(judged.table) }
        let report = KernelsReport(
            device: try CPUBackend(threads: threads).description.device, threads: threads,
            batch_size: batch.batchSize, mask_ratio: batch.maskRatio, kernels: entries, targets: judged)
        try StandardOutput.writeLine(report.json())
    }

    private func tiles(of set: KernelSet) -> [MatrixKernels] {
        set.matrixKernels.filter { $0.name.hasPrefix(kernel) }
    }
}

/// The kernels of one instruction set, each on a backend of its own.
private struct SetBench {
    private let set: KernelSet
    private let whole: CPUBackend
    private let tiles: [(name: String, backend: CPUBackend)]

    init(_ set: KernelSet, tiles: [MatrixKernels], threads: Int) {
        self.set = set
        whole = CPUBackend(kernels: set, threads: threads)
        self.tiles = tiles.map { ($0.name, CPUBackend(kernels: set.restricted(to: $0), threads: threads)) }
    }

    /// Compares each kernel with the reference at `product`, and then times each.
    func measure(_ product: ModelProduct, repeats: Int, limit: Double) throws -> [KernelsReport.Entry] {
        let reference = try product.reference()
        for tile in tiles where try !product.gives(reference, on: tile.backend) {
            throw WrongResult("\(tile.name) differs from the reference at \(product.name), so it was not timed")
        }
        var peak = try PeakRate(of: whole)
        let rates = try tiles.map { try product.rate(on: $0.backend, repeats: repeats, limit: limit) }
        try peak.measure()
        return zip(tiles, rates).map { tile, rate in
            KernelsReport.Entry(
                isa: set.instructionSet.rawValue, kernel: tile.name, is_picked: isPicked(tile.name, for: product),
                product: product.name, gflops: rate, peak_fma_gflops: peak.gflops,
                share_of_peak: rate / peak.gflops)
        }
    }

    /// What was measured of a kernel, for the targets.
    func figure(_ entry: KernelsReport.Entry, _ product: ModelProduct) -> KernelFigure {
        KernelFigure(
            isa: entry.isa, product: product.name, kind: product.kind, isPick: set.takes(entry.kernel, for: product),
            share: entry.share_of_peak)
    }

    /// Whether the engine takes this kernel when it is not told otherwise.
    private func isPicked(_ name: String, for product: ModelProduct) -> Bool {
        KernelSet.supported.first?.takes(name, for: product) ?? false
    }
}

extension KernelSet {
    /// Whether a kernel is this set's choice for a product.
    fileprivate func takes(_ name: String, for product: ModelProduct) -> Bool {
        (product.layer.map { pick(inputs: $0.inputs, outputs: $0.outputs) } ?? usual).name == name
    }
}
