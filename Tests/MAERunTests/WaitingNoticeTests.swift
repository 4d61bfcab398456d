import MAEDomain
import Testing

@testable import MAECoordinator
@testable import MAERun

@Suite("What a run says while it waits")
struct WaitingNoticeTests {
    private static func progress(_ nodes: [(name: String, isDraining: Bool, job: RunProgress.Job?)]) -> RunProgress {
        RunProgress(
            endpoint: "tcp://127.0.0.1:5555", expected: 2, done: 0, total: 8, isFollowingUp: false,
            nodes: nodes.map {
                RunProgress.Node(name: $0.name, isPresent: true, isDraining: $0.isDraining, results: 0, job: $0.job)
            })
    }

    private func text(_ progress: RunProgress) -> String? {
        var notice = WaitingNotice(WorkerInvitation(keys: nil))
        return notice.text(progress, now: .now)
    }

    @Test("nodes that came and were told to drain are named, with what lets them work")
    func drained() {
        #expect(
            text(Self.progress([("left", true, nil), ("right", true, nil)]))
                == "2 of 2 workers are here (left, right), and told to drain; `mae-coord undrain left` lets one work again"
        )
        #expect(text(Self.progress([("left one", true, nil)]))?.contains("mae-coord undrain 'left one'") == true)
    }

    @Test("a node that still works, or may work, is not waited for in this way")
    func atWork() {
        let job = RunProgress.Job(method: "full", batch: 0)
        #expect(text(Self.progress([("left", true, job), ("right", true, nil)])) == nil)
        #expect(text(Self.progress([("left", false, nil), ("right", true, nil)])) == nil)
    }

    @Test("while no worker is here, it is said how one is started")
    func none() {
        #expect(text(Self.progress([]))?.contains("mae-worker --connect tcp://127.0.0.1:5555") == true)
    }
}
