import Testing

@testable import mae_bench

@Suite("Simulated threads")
struct ListScheduleTests {
    @Test("threads take pieces in order, each the next when it is done, and a step waits for the one before")
    func makespan() {
        // On two threads: 3 | 1, 1, 2 and then the step of one piece; the last long piece of the third step is waited for.
        let steps: [[Double]] = [[3, 1, 1, 2], [5], [1, 1, 1, 4]]
        #expect(ListSchedule.seconds(steps, threads: 1) == 19)
        #expect(ListSchedule.seconds(steps, threads: 2) == 4 + 5 + 5)
        #expect(ListSchedule.seconds(steps, threads: 4) == 3 + 5 + 4)
        #expect(ListSchedule.seconds(steps, threads: 64) == 3 + 5 + 4)
        #expect(ListSchedule.seconds([[]], threads: 2) == 0)
    }
}
