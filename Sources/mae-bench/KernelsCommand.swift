import ArgumentParser
import MAECPU
import MAECheckpoint
import MAECompute

/// `mae-bench kernels`: every register tile at every product of the models.
struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Times each kernel at each matrix product of base, large and huge.",
        discussion: """
            A kernel is compared with the reference before it is timed. The share is that of the rate of fused \
            multiply-adds in registers; * marks what the engine picks.
            """)

    @Option(help: "Threads.")
    var threads = 1
    @Option(help: "Images in a batch.")
    var batchSize = 8
    @Option(help: "Number of timed runs.")
    var `repeat` = 15
    @Option(help: "Kernels whose name starts like this; all unless given.")
    var kernel = ""
    @Option(help: "Models, several times if need be; all unless given.")
    var preset: [ViTMAEConfiguration.Preset] = []

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads takes a number from 1 to 1024") }
        guard (1...1024).contains(batchSize) else {
            throw ValidationError("--batch-size takes a number from 1 to 1024")
        }
        guard (1...10_000).contains(`repeat`) else { throw ValidationError("--repeat takes a number from 1 to 10000") }
    }

    func run() throws {
        for set in KernelSet.supported {
            let picks = set.matrixKernels.filter { $0.name.hasPrefix(kernel) }
            guard !picks.isEmpty else { continue }
            let peak = CPUBackend(kernels: set, threads: threads).peakRate()
            print("\(set.instructionSet.rawValue): \(peak.formatted(decimals: 1)) GFLOP/s peak on \(threads) threads")
            for tile in picks {
                let backend = CPUBackend(kernels: set.restricted(to: tile), threads: threads)
                let isPicked =
                    set.instructionSet == KernelSet.supported.first?.instructionSet
                    && tile.name == set.matrixKernels.first?.name
                try measure(tile.name + (isPicked ? " *" : ""), backend, peak: peak)
            }
        }
    }

    private func measure(_ name: String, _ backend: CPUBackend, peak: Double) throws {
        for product in ModelProduct.all(of: preset.isEmpty ? [.base, .large, .huge] : preset, images: batchSize) {
            guard try product.matchesReference(on: backend) else {
                print("\(name.left(22))\(product.name.left(18)) differs from the reference")
                throw ExitCode.failure
            }
            let rate = try product.rate(on: backend, repeats: `repeat`)
            let share = (rate / peak).formatted(decimals: 1, times: 100)
            print(
                "\(name.left(22))\(product.name.left(40))\(rate.formatted(decimals: 1).right(8)) GFLOP/s\(share.right(7)) %"
            )
        }
    }
}
