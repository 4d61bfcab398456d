import Glibc
import Synchronization

/// What the threads of a ``ThreadPool`` share: the loop in progress and the means to wait for one.
final class Crew: @unchecked Sendable {
    // Sendable: the plain variables are touched only under `mutex`. `body` outlives the loop's last participant, because
    // `share` returns only when nobody is inside.

    typealias Body = (_ item: Int, _ worker: Int) -> Void

    private let mutex = Lock()
    /// Held by the caller whose loop is in progress.
    private let turn = Lock()
    private let hasWork = Condition()
    private let isEmpty = Condition()
    private let spinRounds: Int

    private var body: UnsafePointer<Body>?
    private var itemCount = 0
    private var isStopping = false

    /// Number of the latest loop: what waiting threads watch without a lock.
    private let loop = Atomic<Int>(0)
    /// Next item nobody has taken.
    private let nextItem = Atomic<Int>(0)
    /// Threads inside the loop, the caller not counted.
    private let inside = Atomic<Int>(0)

    /// A crew whose threads, unless `spins` is false, look for work some tens of microseconds before they sleep.
    init(spins: Bool) {
        spinRounds = spins ? 20_000 : 0
    }

    /// Runs a loop on the calling thread and on all others that come in time.
    func share(_ count: Int, _ body: Body) {
        turn.lock()
        defer { turn.unlock() }
        withoutActuallyEscaping(body) { escapable in
            withUnsafePointer(to: escapable) { pointer in
                mutex.lock()
                self.body = pointer
                itemCount = count
                nextItem.store(0, ordering: .relaxed)
                loop.add(1, ordering: .releasing)
                hasWork.broadcast()
                mutex.unlock()

                takeItems(pointer, count, worker: 0)

                mutex.lock()
                self.body = nil
                mutex.unlock()
                spin { inside.load(ordering: .acquiring) == 0 }
                mutex.lock()
                while inside.load(ordering: .acquiring) > 0 { isEmpty.wait(mutex) }
                mutex.unlock()
            }
        }
    }

    /// Starts a thread that works until ``stop()``; nil when the system grants none.
    func startThread(worker: Int) -> pthread_t? {
        let start = Unmanaged.passRetained(Start(crew: self, worker: worker))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                start.crew.work(worker: start.worker)
                return nil
            }, start.toOpaque())
        if status == 0 { return thread }
        start.release()
        return nil
    }

    /// Sends all threads home.
    func stop() {
        mutex.lock()
        isStopping = true
        loop.add(1, ordering: .releasing)
        hasWork.broadcast()
        mutex.unlock()
    }

    private func work(worker: Int) {
        var seen = 0
        while true {
            spin { loop.load(ordering: .acquiring) != seen }
            mutex.lock()
            while loop.load(ordering: .relaxed) == seen { hasWork.wait(mutex) }
            seen = loop.load(ordering: .relaxed)
            let stops = isStopping
            let body = self.body
            let count = itemCount
            if body != nil { inside.add(1, ordering: .relaxed) }
            mutex.unlock()

            if stops { return }
            guard let body else { continue }
            takeItems(body, count, worker: worker)
            mutex.lock()
            if inside.subtract(1, ordering: .releasing).newValue == 0 { isEmpty.broadcast() }
            mutex.unlock()
        }
    }

    // Never inlined: every reference to the closure that the calls take is given back when this returns.
    @inline(never)
    private func takeItems(_ body: UnsafePointer<Body>, _ count: Int, worker: Int) {
        while true {
            let item = nextItem.add(1, ordering: .relaxed).oldValue
            if item >= count { return }
            body.pointee(item, worker)
        }
    }

    @inline(__always)
    private func spin(until condition: () -> Bool) {
        for _ in 0..<spinRounds where condition() { return }
    }

    private final class Start {
        let crew: Crew
        let worker: Int

        init(crew: Crew, worker: Int) {
            self.crew = crew
            self.worker = worker
        }
    }
}
