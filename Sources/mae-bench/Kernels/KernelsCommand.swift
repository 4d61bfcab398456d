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
            multiply-adds in registers, measured anew round each product; * marks what the engine picks.

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
        let products = (preset.isEmpty ? [.base, .large, .huge] : preset).flatMap {
            ModelProduct.all(of: $0, images: batch.batchSize, maskRatio: batch.maskRatio)
        }
        if !json { try StandardOutput.writeLine(KernelsReport.Entry.heading) }
        var entries: [KernelsReport.Entry] = []
        for set in KernelSet.supported where !tiles(of: set).isEmpty {
            let bench = SetBench(set, tiles: tiles(of: set), threads: threads)
            for product in products {
                let measured = try bench.measure(product, repeats: `repeat`, limit: limit)
                if !json { for entry in measured { try StandardOutput.writeLine(entry.text) } }
                entries += measured
            }
        }
        guard json else { return }
        let report = KernelsReport(
            device: try CPUBackend(threads: threads).description.device, threads: threads,
            batch_size: batch.batchSize, mask_ratio: batch.maskRatio, kernels: entries)
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

    /// Whether the engine takes this kernel when nobody tells it otherwise.
    private func isPicked(_ name: String, for product: ModelProduct) -> Bool {
        guard let set = KernelSet.supported.first else { return false }
        let pick = product.layer.map { set.pick(inputs: $0.inputs, outputs: $0.outputs) } ?? set.usual
        return pick.name == name
    }
}
