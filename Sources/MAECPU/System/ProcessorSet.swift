import CMAEThreads
import Glibc

/// Processors that a thread may run on.
struct ProcessorSet {
    private var bits = cpu_set_t()

    /// The set of the calling thread; nil on a machine with more than 1024 processors.
    static var ofCallingThread: ProcessorSet? {
        var set = ProcessorSet()
        return mae_get_affinity(&set.bits) ? set : nil
    }

    private init() {}

    /// The set of one processor, numbered as the system does.
    private init(only processor: Int) {
        withUnsafeMutableBytes(of: &bits) { $0[processor / 8] |= 1 << (processor % 8) }
    }

    /// The system's numbers of the processors, ascending.
    var numbers: [Int] {
        withUnsafeBytes(of: bits) { bytes in
            (0..<8 * bytes.count).filter { bytes[$0 / 8] >> ($0 % 8) & 1 == 1 }
        }
    }

    /// Number of processors.
    var count: Int { numbers.count }

    /// Each processor as a set of its own, by ascending number.
    var singles: [ProcessorSet] { numbers.map(ProcessorSet.init(only:)) }

    /// Lets `thread` run on these processors only; false when the system does not allow it.
    @discardableResult
    func bind(_ thread: pthread_t) -> Bool {
        withUnsafePointer(to: bits) { mae_set_affinity(thread, $0) }
    }
}
