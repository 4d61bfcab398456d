/// The number of a team's latest loop, whether it can still be joined, and how many threads take part, in one word: a
/// thread joins by one compare-and-exchange, which fails when the loop has closed meanwhile.
struct LoopState {
    // Bits 0 ..< 16: participating threads, the caller not counted. Bit 16: open. Above: number of the loop.
    private(set) var bits: UInt64

    static let open: UInt64 = 1 << 16
    private static let participantMask = open - 1

    init(_ bits: UInt64) {
        self.bits = bits
    }

    var participants: UInt64 { bits & Self.participantMask }
    var isOpen: Bool { bits & Self.open != 0 }
    var loop: UInt64 { bits >> 17 }

    /// The next loop, open, without participants.
    var next: LoopState { LoopState((loop + 1) << 17 | Self.open) }
    /// The same loop with one participant more.
    var joined: LoopState { LoopState(bits + 1) }
}
