/// How a matrix product is shared out: values of specialization constants, which change no bit.
struct ProductTile: Sendable, Hashable {
    /// Rows and columns of the output that a workgroup computes.
    let rows, columns: Int
    /// Rows and columns of them that an invocation computes.
    let threadRows, threadColumns: Int
    /// Depth held in shared memory at a time; divides a block of the contract.
    let depth: Int

    /// Invocations of a workgroup.
    var invocations: Int { (rows / threadRows) * (columns / threadColumns) }

    /// The constants, in the order of their numbers in `product.glsl`.
    var constants: [UInt32] { [invocations, rows, columns, threadRows, threadColumns, depth].map(UInt32.init) }

    /// A tile whose shared memory and invocations fit every device; processors compile it fastest.
    static let small = ProductTile(rows: 32, columns: 32, threadRows: 4, threadColumns: 4, depth: 32)
    /// A tile that reads each element of its factors half as often.
    static let large = ProductTile(rows: 64, columns: 64, threadRows: 4, threadColumns: 4, depth: 16)

    /// The tile for a device.
    static func preferred(for device: PhysicalDevice) -> ProductTile {
        device.kind == .cpu || device.limits.invocations < large.invocations ? small : large
    }
}
