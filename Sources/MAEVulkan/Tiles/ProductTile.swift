/// How a matrix product is shared out: values of specialization constants, which change no bit.
package struct ProductTile: Sendable, Hashable {
    /// Rows and columns of the output that a workgroup computes.
    let rows, columns: Int
    /// Rows and columns of them that an invocation computes.
    let threadRows, threadColumns: Int
    /// Depth held in shared memory at a time; divides a block of the contract.
    let depth: Int

    /// Invocations of a workgroup.
    var invocations: Int { (rows / threadRows) * (columns / threadColumns) }

    /// Bytes that a workgroup shares, with the element more a row that `product.glsl` keeps.
    var sharedBytes: Int { depth * (rows + 1 + columns + 1) * MemoryLayout<Float>.stride }

    /// The constants, in the order of their numbers in `product.glsl`.
    var constants: [UInt32] { [invocations, rows, columns, threadRows, threadColumns, depth].map(UInt32.init) }

    /// The extents in tables and files: tile, part of an invocation, depth.
    package var name: String { "\(rows)x\(columns)/\(threadRows)x\(threadColumns)/\(depth)" }

    /// Whether a device's workgroups may be as large.
    func fits(_ limits: PhysicalDevice.Limits) -> Bool {
        invocations <= min(limits.invocations, limits.groupWidth) && sharedBytes <= limits.sharedMemory
    }
}

extension ProductTile {
    /// A tile that fits every device; processors compile it fastest.
    static let small = ProductTile(rows: 32, columns: 32, threadRows: 4, threadColumns: 4, depth: 32)
    /// A tile that reads each element of its factors half as often.
    static let large = ProductTile(rows: 64, columns: 64, threadRows: 4, threadColumns: 4, depth: 16)

    /// What a search tries, after the default one: the larger a tile, the fewer reads of memory, and the fewer workgroups to
    /// share the work.
    static let candidates: [ProductTile] = [
        small, large,
        ProductTile(rows: 64, columns: 64, threadRows: 4, threadColumns: 4, depth: 32),
        ProductTile(rows: 64, columns: 64, threadRows: 8, threadColumns: 4, depth: 16),
        ProductTile(rows: 64, columns: 64, threadRows: 8, threadColumns: 8, depth: 16),
        ProductTile(rows: 64, columns: 128, threadRows: 4, threadColumns: 8, depth: 16),
        ProductTile(rows: 128, columns: 64, threadRows: 8, threadColumns: 4, depth: 16),
        ProductTile(rows: 128, columns: 64, threadRows: 8, threadColumns: 8, depth: 16),
        ProductTile(rows: 128, columns: 128, threadRows: 8, threadColumns: 8, depth: 8),
        ProductTile(rows: 128, columns: 128, threadRows: 8, threadColumns: 8, depth: 16),
    ]

    /// The candidates whose workgroups a device can run.
    static func candidates(for limits: PhysicalDevice.Limits) -> [ProductTile] {
        candidates.filter { $0.fits(limits) }
    }

    /// The tile for what is not measured on a device.
    static func defaultTile(for device: PhysicalDevice) -> ProductTile {
        device.kind != .cpu && large.fits(device.limits) ? large : small
    }
}
