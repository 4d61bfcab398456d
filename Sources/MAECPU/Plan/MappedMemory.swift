import Glibc
import MAECompute

/// Zeroed memory for fp32 elements, straight from the system: page-aligned, in huge pages where the system grants them.
///
/// Who may write where, and when, is the owner's affair: parameters are written once, while they are packed, and an
/// executable's arena only inside its run.
final class MappedMemory: @unchecked Sendable {
    // Sendable: the stored properties never change; see above for what `base` leads to.

    let base: UnsafeMutablePointer<Float>
    private let byteCount: Int

    /// Reserves `count` elements; the system provides a page when it is first written.
    init(count: Int) throws(ComputeError) {
        let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        let failure = ComputeError(
            .outOfMemory,
            "no memory for \(count) fp32 elements: use a smaller batch, or run fewer engines on this machine")
        if overflow { throw failure }
        guard let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            address != MAP_FAILED
        else { throw failure }
        // Advice only: where huge pages are switched off, ordinary ones do.
        _ = madvise(address, bytes, MADV_HUGEPAGE)
        base = address.bindMemory(to: Float.self, capacity: max(count, 1))
        byteCount = bytes
    }

    deinit { munmap(base, byteCount) }
}
