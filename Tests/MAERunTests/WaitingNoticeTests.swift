import MAEDomain
import Testing

@testable import MAECoordinator
@testable import MAERun

@Suite("What a run says while it waits")
struct WaitingNoticeTests {
    private static func progress(_ nodes: [(name: String, isDraining: Bool, job: RunProgress.Job?)]) -> RunProgress {
        RunProgress(
            endpoint: "tcp://127.0.0.1:5555", expected: 2, done: 0, total: 8, phase: .gathering,
            nodes: nodes.map {
                RunProgress.Node(name: $0.name, isPresent: true, isDraining: $0.isDraining, results: 0, job: $0.job)
            })
    }

    /// What is said at once, and what after a while.
    private func texts(
        _ progress: RunProgress, _ invitation: WorkerInvitation = WorkerInvitation(keys: nil)
    ) -> [String] {
        var notice = WaitingNotice(invitation)
        let now = ContinuousClock.now
        return [Duration.zero, .seconds(1), .seconds(5), .seconds(10)].compactMap { pause -> String? in
            switch notice.notice(progress, now: now + pause) {
            case .note(let text), .warning(let text): text
            case nil: nil
            }
        }
    }

    @Test("nodes that came and were told to drain are named once, with what lets them work")
    func drained() {
        #expect(
            texts(Self.progress([("left", true, nil), ("right", true, nil)])) == [
                "2 of 2 workers are here (left, right), and left and right were told to drain; to let one work again: "
                    + "mae-coord undrain left"
            ])
        #expect(
            texts(Self.progress([("left", false, nil), ("my right", true, nil)])) == [
                "2 of 2 workers are here (left, my right), and my right was told to drain; to let it work again: "
                    + "mae-coord undrain 'my right'"
            ])
    }

    @Test("what only a person can end is a warning, shown with --quiet too, and its command names the store")
    func warnings() {
        let now = ContinuousClock.now
        var notice = WaitingNotice(nil, store: "my store")
        let progress = Self.progress([("worker-1", true, nil), ("worker-2", true, nil)])
        #expect(notice.notice(progress, now: now) == nil)
        guard case .warning(let text)? = notice.notice(progress, now: now + .seconds(5)) else {
            Issue.record("no warning")
            return
        }
        #expect(text.hasSuffix("mae-coord undrain worker-1 --store 'my store'"))

        // A worker of this machine that hangs: no other can come in its place.
        var hung = Self.progress([("worker-1", false, nil), ("worker-2", false, nil)])
        hung.nodes[1].isPresent = false
        hung.nodes[1].absence = RunProgress.Absence(seconds: 12, waiting: 3)
        var local = WaitingNotice(nil)
        guard case .warning(let lost)? = local.notice(hung, now: now) else {
            Issue.record("no warning")
            return
        }
        #expect(lost.contains("worker-2 was lost 12 s ago, 3 shards wait for it; if it does not come back"))
    }

    @Test("while a node works, nothing is said of those that drain")
    func atWork() {
        let job = RunProgress.Job(method: "full", batch: 0)
        #expect(texts(Self.progress([("left", true, job), ("right", true, nil)])) == [])
        #expect(texts(Self.progress([("left", false, nil), ("right", false, nil)])) == [])
    }

    @Test("while no worker is here, it is said how one is started")
    func none() {
        let first = texts(Self.progress([])).first
        #expect(first?.contains("mae-worker --connect tcp://127.0.0.1:5555") == true)
    }

    @Test("the host that the run is to be known by is the one that is named")
    func advertised() {
        let invitation = WorkerInvitation(keys: nil, advertisedHost: "login.example")
        #expect(texts(Self.progress([]), invitation).first?.contains("--connect tcp://login.example:5555 ") == true)
    }

    @Test("where workers look by themselves no endpoint is named, and no name that a worker of this program will have")
    func needless() {
        let invitation = WorkerInvitation(keys: nil, isDefaultEndpoint: true, taken: ["worker-1"])
        #expect(texts(Self.progress([]), invitation).first?.hasSuffix(": mae-worker --name worker-2") == true)
    }

    @Test("of a node that was lost it is said since when, and what waits for it, instead of asking for another one")
    func lost() {
        var progress = Self.progress([("left", false, nil), ("right", false, nil)])
        progress.nodes[1].isPresent = false
        progress.nodes[1].absence = RunProgress.Absence(seconds: 12, waiting: 3)
        #expect(
            texts(progress) == [
                "1 of 2 workers is here (left); right was lost 12 s ago, 3 shards wait for it; start it again with: "
                    + "mae-worker --connect tcp://127.0.0.1:5555 --name right"
            ])
    }
}
