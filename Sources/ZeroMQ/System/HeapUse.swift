import CZeroMQ

/// How much memory this process has taken from the C library's allocator and not given back.
///
/// Everything that libzmq holds is in it, and no mapped file is. Unlike resident memory it falls as soon as memory is freed, so
/// one look can be compared with the next.
enum HeapUse {
    /// Bytes in use in all arenas, and in blocks that have a mapping of their own.
    static var bytes: Int {
        let information = mallinfo2()
        return Int(clamping: information.uordblks) + Int(clamping: information.hblkhd)
    }
}
