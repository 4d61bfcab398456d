import CMAEThreads
import Glibc
import MAECompute

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

    /// Runs `body` with the calling thread on one processor alone, and free as before afterwards.
    ///
    /// - Throws: ``ComputeError`` `unsupportedDevice` when the system does not allow it.
    static func withCaller<Result>(onlyOn processor: Int, _ body: () throws -> Result) throws -> Result {
        guard let before = ofCallingThread, before.numbers.contains(processor),
            ProcessorSet(only: processor).bind(pthread_self())
        else {
            throw ComputeError(
                .unsupportedDevice, "the system does not let a thread run on processor \(processor) alone")
        }
        defer { before.bind(pthread_self()) }
        return try body()
    }

    /// Lets `thread` run on these processors only; false when the system does not allow it.
    @discardableResult
    func bind(_ thread: pthread_t) -> Bool {
        withUnsafePointer(to: bits) { mae_set_affinity(thread, $0) }
    }
}
