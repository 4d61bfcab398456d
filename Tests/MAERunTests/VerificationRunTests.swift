import Foundation
import Glibc
import Logging
import MAECoordinator
import MAEDomain
import MAEKeys
import MAERun
import MAEStore
import MAEThreads
import MAEVerify
import Synchronization
import TestSupport
import Testing
import ZeroMQ

@Suite("A verification without its command, with real workers in this process", .serialized)
struct VerificationRunTests {
    private let folder: TemporaryDirectory
    private let store: Store
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        folder = try TemporaryDirectory()
        store = try Store(directory: folder.file("store"))
    }

    private static let methods = [
        LoadingMethod(kind: .pretrained, label: "pretrained", path: Goldens.path("checkpoints/hub5")),
        LoadingMethod(kind: .full, label: "full", path: Goldens.path("checkpoints/full5.pth")),
        LoadingMethod(
            kind: .stateDict, label: "state-dict", path: Goldens.path("checkpoints/state5.pth"),
            configPath: Goldens.path("checkpoints/hub5")),
    ]

    private func draft(_ name: String, batches: Int = 2) -> RunPlan {
        RunPlan(run: name, seed: 42, batches: batches, batchSize: 2, methods: Self.methods, workers: 2)
    }

    private var options: VerificationOptions {
        var options = VerificationOptions(
            endpoint: "ipc://" + folder.file("socket"),
            keys: .init(KeyFolder(path: folder.file("keys")), isRequired: false), timeout: .patience)
        options.isEndpointGiven = true
        return options
    }

    /// What a run came to, and what was heard of it.
    private struct Course: Sendable {
        let result: VerificationResult
        let events: [VerificationEvent]
    }

    /// Carries a run out on a thread of its own, with two workers once it says that it waits for them.
    private func carryOut(
        _ planned: PlannedRun, hearing hear: @escaping @Sendable (VerificationEvent) -> Void = { _ in }
    ) throws -> Course {
        let workers = try InProcessWorkers(log)
        let course = Monitor<Course?>(nil)
        let run = VerificationRun(planned, options: options, store: store, log: log)
        let thread = try NamedThread("test-run") {
            // A signal that this thread raises reaches it alone.
            let signals = try SignalWatch([SIGUSR1])
            var events: [VerificationEvent] = []
            var endpoint = ""
            var failure: (any Error)?
            let result = try run.run(until: signals) { event in
                events.append(event)
                switch event {
                case .listening(let reachable): endpoint = reachable
                // Not before: with workers that are there at once, there is nothing to wait for.
                case .note(let text) where text.hasPrefix("waiting for 2 workers"):
                    do { try workers.start(["a", "b"], connectingTo: endpoint) } catch { failure = error }
                default: break
                }
                hear(event)
            }
            if let failure { throw failure }
            course.change { $0 = Course(result: result, events: events) }
        }
        defer { try? workers.end() }
        try thread.join()
        return try #require(course.withLock { $0 })
    }

    @Test("the plan is kept with its files, what happens is told in order, and the verdict is in the store")
    func agreement() throws {
        let names = Mutex<Set<String>>([])
        let course = try carryOut(PlannedRun(draft("night"))) { event in
            guard case .progress = event else { return }
            let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
            let running = tasks.compactMap {
                try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)
            }
            names.withLock { $0.formUnion(running.map { $0.trimmingCharacters(in: .newlines) }) }
        }
        let (verification, events) = (course.result.judgement.verification, course.events)
        #expect(verification.verdict.outcome == .agree && course.result.storeFailure == nil)
        #expect(verification.comparison.cells.count == 12)
        let kept = try store.run("night")
        #expect(kept.plan == verification.comparison.plan && kept.ending?.verdict == "agree")
        #expect(kept.plan.checkpoints?.map(\.path).contains(Self.methods[1].path) == true)
        #expect(course.result.judgement.details.startedAtSeconds == kept.started.timeIntervalSince1970)
        let judged = try store.judgement(of: "night").verification
        #expect(judged.findings.map(\.code) == verification.findings.map(\.code))

        let begins = events.firstIndex { if case .begins = $0 { true } else { false } }
        let listens = events.firstIndex { if case .listening = $0 { true } else { false } }
        let computes = events.firstIndex { if case .progress(let now) = $0 { now.done > 0 } else { false } }
        let order = [begins, listens, computes].compactMap(\.self)
        #expect(order.count == 3 && order == order.sorted())
        guard case .progress(let last) = events.last(where: { if case .progress = $0 { true } else { false } }) else {
            Issue.record("no progress was told")
            return
        }
        #expect(last.done == 12 && last.total == 12)
        #expect(names.withLock { $0 }.isSuperset(of: ["mae-store", "mae-compute", "test-run"]))
    }

    @Test("a signal ends the computing, what there is is judged, and the run is carried on from its record")
    func interruption() throws {
        let isInterrupted = Mutex(false)
        let course = try carryOut(PlannedRun(draft("night", batches: 40))) { event in
            guard case .progress(let now) = event, now.done > 0 else { return }
            let isFirst = isInterrupted.withLock { isInterrupted in
                defer { isInterrupted = true }
                return !isInterrupted
            }
            if isFirst { raise(SIGUSR1) }
        }
        #expect(course.result.outcome.isInterrupted)
        #expect(course.result.judgement.verification.verdict.outcome == .incomplete)
        let record = try store.run("night")
        #expect(record.ending?.verdict == "incomplete")

        let second = try carryOut(PlannedRun(resuming: record))
        #expect(second.result.judgement.verification.verdict.outcome == .agree)
        #expect(second.result.judgement.verification.comparison.plan == record.plan)
        #expect(second.result.judgement.details.startedAtSeconds == record.started.timeIntervalSince1970)
        #expect(try store.results(of: "night").count == 240)
    }

    @Test("what cannot be loaded ends it before anything listens or is stored")
    func unloadable() throws {
        var draft = draft("night")
        draft.methods[1].path = folder.file("no.pth")
        let planned = try PlannedRun(draft)
        let heard = Mutex<[VerificationEvent]>([])
        #expect(throws: MethodError.self) {
            try carryOut(planned) { event in heard.withLock { $0.append(event) } }
        }
        #expect(heard.withLock { $0 }.isEmpty)
        #expect(throws: StoreError.self) { try store.run("night") }
    }

    @Test("replicas that leave nodes without work are refused before anything is read")
    func replicas() throws {
        var draft = draft("night", batches: 1)
        draft.workers = 5
        draft.replicas = 2
        let error = #expect(throws: CoordinatorError.self) { try PlannedRun(draft) }
        #expect(error?.code == .badPlan && error?.message.contains("--batches 3") == true)
    }
}
