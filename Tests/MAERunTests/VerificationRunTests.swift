import Foundation
import Glibc
import MAECoordinator
import MAERun
import MAEStore
import MAEVerify
import Synchronization
import Testing

@Suite("A verification without its command, with real workers in this process", .serialized)
struct VerificationRunTests {
    private let site: RunSite

    init() throws { site = try RunSite() }

    private func draft(_ name: String, batches: Int = 2) -> RunPlan {
        RunPlan(run: name, seed: 42, batches: batches, batchSize: 2, methods: RunSite.methods, workers: 2)
    }

    @Test("the plan is kept with its files, what happens is told in order, and the verdict is in the store")
    func agreement() throws {
        let names = Mutex<Set<String>>([])
        let course = try site.carryOut(PlannedRun(draft("night"))) { event in
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
        let kept = try site.store.run("night")
        #expect(kept.plan == verification.comparison.plan && kept.ending?.verdict == "agree")
        #expect(kept.plan.checkpoints?.map(\.path).contains(RunSite.methods[1].path) == true)
        #expect(course.result.judgement.details.startedAtSeconds == kept.started.timeIntervalSince1970)
        let judged = try site.store.judgement(of: "night").verification
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
        let batches = 40
        let course = try site.carryOut(PlannedRun(draft("night", batches: batches))) { event in
            // Of more results than there are batches, two are of one batch and can be compared.
            guard case .progress(let now) = event, now.done > batches else { return }
            let isFirst = isInterrupted.withLock { isInterrupted in
                defer { isInterrupted = true }
                return !isInterrupted
            }
            if isFirst { raise(SIGUSR1) }
        }
        #expect(course.result.outcome.isInterrupted)
        #expect(course.result.judgement.verification.verdict.outcome == .incomplete)
        let record = try site.store.run("night")
        #expect(record.ending?.verdict == "incomplete")

        let second = try site.carryOut(PlannedRun(resuming: record))
        #expect(second.result.judgement.verification.verdict.outcome == .agree)
        #expect(second.result.judgement.verification.comparison.plan == record.plan)
        #expect(second.result.judgement.details.startedAtSeconds == record.started.timeIntervalSince1970)
        #expect(try site.store.results(of: "night").count == 240)
    }

    @Test("what cannot be loaded ends it before anything listens or is stored")
    func unloadable() throws {
        var draft = draft("night")
        draft.methods[1].path = site.folder.file("no.pth")
        let planned = try PlannedRun(draft)
        let heard = Mutex<[VerificationEvent]>([])
        #expect(throws: MethodError.self) {
            try site.carryOut(planned) { event in heard.withLock { $0.append(event) } }
        }
        #expect(heard.withLock { $0 }.isEmpty)
        #expect(throws: StoreError.self) { try site.store.run("night") }
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
