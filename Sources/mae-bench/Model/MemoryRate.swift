import Glibc
import MAEThreads

/// How fast threads together read memory that hardly lies in a cache: no step that needs as many other bytes is faster.
enum MemoryRate {
    /// Bytes that are read: as many as the weights of a large model.
    private static let size = 512 << 20
    private static let pieces = 64

    /// Bytes a second at the best of some readings, by so many threads.
    static func bytesPerSecond(threads: Int) -> Double {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1 << 21)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0xFF)
        let address = Int(bitPattern: memory.baseAddress)
        let spread = Timing.spread(repeats: 5) {
            ParallelLoop.run("mae-read", count: pieces, threads: threads) { piece in
                let length = size / pieces
                // The C library looks for a byte that is not there as fast as it can read.
                guard let start = UnsafeRawPointer(bitPattern: address + piece * length) else { return }
                precondition(memchr(start, 0, length) == nil, "the memory was written to meanwhile")
            }
        }
        return Double(size) / spread.min
    }
}
