import MAECPU
import MAECheckpoint
import MAECompute
import MAEModel

/// The memory that something takes, known before it is taken: refused early, not when the system runs out of it.
package struct MemoryNeed {
    /// What takes it, with its verb.
    private let what: String
    /// What to do where there is too little.
    private let remedy: String
    /// In floating point, so that no size overflows it.
    package private(set) var bytes: Double

    /// So many weights of a model as fp32.
    package init(weights count: Int, at path: String) {
        what = "the weights of \(path) take"
        remedy = "use a machine with more"
        bytes = Self.bytes(Double(count))
    }

    /// A batch: its pixels and noise, the memory of a pass, and the outputs.
    ///
    /// - Parameters:
    ///   - images: images in the batch.
    ///   - imagesPerPass: how many of them are computed together.
    ///   - drawsPixels: whether the pixels are still to be drawn, not in memory already.
    package init(
        images: Int, kept: Int, decodes: Bool, imagesPerPass: Int, drawsPixels: Bool = true, of model: ViTMAEModel
    ) {
        what = "a batch of \(images) images takes"
        remedy = "use smaller batches, or a machine with more"
        let configuration = model.configuration
        let geometry = configuration.patchGeometry
        let tokens = kept + 1
        let results =
            tokens * configuration.encoder.hiddenSize + (decodes ? geometry.patchCount * geometry.patchPixels : 0)
        // Results are there twice: of the parts and joined, then in both orders.
        let ofEachImage = (drawsPixels ? geometry.imagePixels : 0) + geometry.patchCount + 2 * results
        bytes = Self.bytes(Double(images) * Double(ofEachImage))
        let together = min(images, imagesPerPass)
        // Within what follows, sizes are products of integers.
        guard Double(together) * Double(ofEachImage) < 0x1p44 else { return }
        bytes += Double(model.memoryNeed(images: together, kept: kept, decodes: decodes))
    }

    /// Throws ``ComputeError`` with code `outOfMemory` when there is less memory than needed.
    package func check(available: Int = MachineMemory.available) throws(ComputeError) {
        guard bytes > Double(available) else { return }
        throw ComputeError(
            .outOfMemory,
            "\(what) \(Self.text(bytes)) of memory, and this machine has \(Self.text(Double(available))) left: "
                + remedy)
    }

    private static func bytes(_ elements: Double) -> Double { elements * Double(MemoryLayout<Float>.stride) }

    /// A number of bytes for people, with one decimal.
    private static func text(_ bytes: Double) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        let unit = units.indices.last { bytes >= Double(1 << (10 * $0)) } ?? 0
        let value = (bytes / Double(1 << (10 * unit)) * 10).rounded() / 10
        return "\(value) \(units[unit])"
    }
}
