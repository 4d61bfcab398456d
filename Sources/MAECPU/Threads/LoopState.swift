/// The number of a crew's latest loop, whether it can still be joined, and how many threads are inside, in one word: a
/// thread joins by one exchange that fails when the loop has closed meanwhile.
struct LoopState {
    // Bits 0 ..< 16: threads inside, the caller not counted. Bit 16: open. Above: number of the loop.
    private(set) var bits: UInt64

    static let open: UInt64 = 1 << 16
    private static let insideMask = open - 1

    init(_ bits: UInt64) {
        self.bits = bits
    }

    var inside: UInt64 { bits & Self.insideMask }
    var isOpen: Bool { bits & Self.open != 0 }
    var loop: UInt64 { bits >> 17 }

    /// The next loop, open, with nobody inside.
    var next: LoopState { LoopState((loop + 1) << 17 | Self.open) }
    /// One thread more inside.
    var joined: LoopState { LoopState(bits + 1) }
}
