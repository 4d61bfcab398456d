import Foundation
import MAEDomain
import MAENight
import MAEStore
import MAEVerify
import TestSupport
import Testing

@Suite("Runs of a plan, by date")
struct NightRunsTests {
    private let folder: TemporaryDirectory
    private let store: Store
    private let runs = NightRuns(of: "night")
    private let date = NightDate(year: 2026, month: 1, day: 31)

    init() throws {
        folder = try TemporaryDirectory()
        store = try Store(directory: folder.path)
    }

    private func plan(_ name: String) -> RunPlan {
        RunPlan(
            run: name, seed: 1, batches: 1, batchSize: 1,
            methods: [LoadingMethod(kind: .full, label: "full", path: "model.pth")], workers: 2)
    }

    private func judge(_ name: String) throws {
        let judgement = Judgement(Verification(plan: plan(name), observations: []), details: ReportDetails())
        try store.record(judgement, run: name, at: Date())
    }

    @Test("a day's first run has its date, one that was cut off is carried on, and the next has a number")
    func names() throws {
        #expect(try runs.next(on: date, in: store) == .new("night-2026-01-31"))
        try store.begin(plan("night-2026-01-31"), shards: [], at: Date())
        #expect(try runs.next(on: date, in: store) == .resumed("night-2026-01-31"))
        #expect(try runs.newName(on: date, in: store) == "night-2026-01-31-2")
        try judge("night-2026-01-31")
        #expect(try runs.next(on: date, in: store) == .new("night-2026-01-31-2"))
        try store.begin(plan("night-2026-01-31-2"), shards: [], at: Date())
        #expect(try runs.next(on: date, in: store) == .resumed("night-2026-01-31-2"))
        // Pruning may have removed the first.
        try judge("night-2026-01-31-2")
        #expect(try store.prune(keeping: 1, where: runs.have) == ["night-2026-01-31"])
        #expect(try runs.next(on: date, in: store) == .new("night-2026-01-31-3"))
        let tomorrow = NightDate(year: 2026, month: 2, day: 1)
        #expect(try runs.next(on: tomorrow, in: store) == .new("night-2026-02-01"))
    }

    @Test("runs of another plan are not its own, whose names begin alike")
    func own() {
        for name in ["night-2026-01-31", "night-2026-01-31-12"] { #expect(runs.have(name), "\(name)") }
        for name in [
            "night", "night-1", "night-b-2026-01-31", "nightly-2026-01-31", "night-2026-01-31-x", "run-2026-01-31",
        ] {
            #expect(!runs.have(name), "\(name)")
        }
    }

    @Test("old runs of the plan go, and those of others stay")
    func pruning() throws {
        for name in ["night-2026-01-29", "mine", "night-2026-01-30", "night-2026-01-31"] {
            try store.begin(plan(name), shards: [], at: Date())
        }
        #expect(try store.prune(keeping: 1, where: runs.have) == ["night-2026-01-30", "night-2026-01-29"])
        #expect(try store.history(limit: 9).map(\.run) == ["night-2026-01-31", "mine"])
    }

    @Test("a date is that of this machine's time zone, and its seeds are apart from those of other days")
    func dates() {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .current
        for moment in [0.0, 86_399, 1_769_903_940.5, 1_772_323_199] {
            let parts = calendar.dateComponents([.year, .month, .day], from: Date(timeIntervalSince1970: moment))
            let expected = NightDate(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0)
            #expect(NightDate(at: moment) == expected)
        }
        #expect("\(date)" == "2026-01-31" && "\(NightDate(year: 999, month: 12, day: 1))" == "0999-12-01")
        let next = NightDate(year: 2026, month: 2, day: 1)
        #expect(next.freshSeed - date.freshSeed >= UInt64(RotatingBatches.most))
        #expect(next.freshSeed < 1 << 53)
    }
}
