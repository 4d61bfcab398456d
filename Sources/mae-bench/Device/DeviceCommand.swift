import ArgumentParser
import MAECheckpoint
import MAECommand
import MAECompute
import MAEEngine
import MAEVulkan

/// `mae-bench device`: the products of the models on a Vulkan device.
struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Times each matrix product of base, large and huge on a Vulkan device.",
        discussion: """
            The device answers the known questions, and a tiny model and a piece of each product are compared with the \
            reference, before anything is timed. The tile is the one that the engine chooses; on a graphics device, by a \
            search whose result is kept in the user's cache. The share is that of the rate of fused multiply-adds in \
            registers, in the device's form of them, measured anew round each product.

            Example: mae-bench device --backend vulkan:0 --preset base --batch-size 8
            """)

    @Option(help: "The device: vulkan, or vulkan:N of mae-worker --list-devices.")
    var backend = EngineOptions.Backend.vulkan(device: 0)
    @OptionGroup var batch: BatchArguments
    @Option(help: "Number of timed runs.")
    var `repeat` = 7
    @Option(help: "Seconds after which a product is not run again.")
    var limit = 1.0
    @Option(help: "Models, several times if need be; base, large and huge unless given.")
    var preset: [ViTMAEConfiguration.Preset] = []
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard case .vulkan = backend else { throw ValidationError("--backend takes vulkan or vulkan:N here") }
        guard batch.batchSize <= 1024 else { throw ValidationError("--batch-size takes a number from 1 to 1024") }
        guard (1...10_000).contains(`repeat`) else { throw ValidationError("--repeat takes a number from 1 to 10000") }
        guard limit > 0 else { throw ValidationError("--limit takes a number above 0") }
    }

    func run() throws {
        guard case .vulkan(let index) = backend else { return }
        let device = try VulkanBackend(device: index)
        let tile = try device.chooseTile().name
        try BackendCheck.pass(device, maskRatio: batch.maskRatio)
        let description = device.description
        if !json {
            try StandardOutput.writeLine(
                "\(description.device), \(description.instructionSet), tile of linear layers \(tile)")
            try StandardOutput.writeLine(DeviceBenchReport.Entry.heading)
        }
        let products = (preset.isEmpty ? [.base, .large, .huge] : preset).flatMap {
            ModelProduct.all(of: $0, images: batch.batchSize, maskRatio: batch.maskRatio)
        }
        let entries = try products.map { product in
            let entry = try measure(product, on: device)
            if !json { try StandardOutput.writeLine(entry.text) }
            return entry
        }
        guard json else { return }
        let report = DeviceBenchReport(
            device: description.device, isa: description.instructionSet, numeric_class: description.numericClass,
            tile: tile, batch_size: batch.batchSize, mask_ratio: batch.maskRatio, products: entries)
        try StandardOutput.writeLine(report.json())
    }

    private func measure(_ product: ModelProduct, on device: VulkanBackend) throws -> DeviceBenchReport.Entry {
        guard try product.gives(product.reference(), on: device) else {
            throw WrongResult("the device differs from the reference at \(product.name), so it was not timed")
        }
        var peak = try PeakRate(of: device)
        let rate = try product.rate(onDevice: device, repeats: `repeat`, limit: limit)
        try peak.measure()
        return DeviceBenchReport.Entry(
            product: product.name, gflops: rate, peak_fma_gflops: peak.gflops, share_of_peak: rate / peak.gflops)
    }
}
