import Glibc
import MAECheckpoint
import MAECompute
import MAEModel

/// The memory a batch takes before anything is computed: refused early, not when the system runs out of it.
enum MemoryNeed {
    /// Throws ``ComputeError`` with code `outOfMemory` when the pixels and outputs of `images` images cannot fit this
    /// machine.
    static func check(images: Int, _ configuration: ViTMAEConfiguration) throws(ComputeError) {
        let geometry = configuration.patchGeometry
        let tokens = geometry.patchCount + 1
        // Pixels, noise, the layer norm in both orders, and logits.
        let elements =
            geometry.imagePixels + geometry.patchCount + 2 * tokens * configuration.encoder.hiddenSize
            + tokens * geometry.patchPixels
        let (bytes, overflow) = images.multipliedReportingOverflow(by: elements * MemoryLayout<Float>.stride)
        let available = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        guard overflow || bytes > available else { return }
        let need = overflow ? "more than \(Int.max >> 30)" : "\(bytes >> 30)"
        throw ComputeError(
            .outOfMemory,
            "a batch of \(images) images takes \(need) GiB, and this machine has \(available >> 30) GiB: use smaller "
                + "batches")
    }
}
