import Foundation
import TestSupport
import Testing
import ZeroMQ

@Suite("Mailboxes")
struct MailboxTests {
    @Test("what other threads post wakes the poller and arrives in order of each thread")
    func posts() throws {
        let context = try Context()
        let mailbox = try Mailbox<(thread: Int, number: Int)>()
        let threads = 4
        let each = 500
        for thread in 0..<threads {
            Thread.detachNewThread {
                for number in 0..<each { mailbox.post((thread, number)) }
            }
        }
        let poller = Poller(sockets: [], descriptors: [mailbox.wakeUp.descriptor], in: context)
        var next = Array(repeating: 0, count: threads)
        try blockUntil("every post arrives", every: .zero) {
            try poller.wait(atMost: .seconds(1))
            for post in mailbox.takeAll() {
                #expect(post.number == next[post.thread])
                next[post.thread] += 1
            }
            return next.reduce(0, +) == threads * each
        }
        #expect(mailbox.takeAll().isEmpty)
    }

    @Test("a signal before waiting is not lost, and clearing takes it back")
    func earlySignal() throws {
        let context = try Context()
        let wakeUp = try WakeUp()
        let poller = Poller(sockets: [], descriptors: [wakeUp.descriptor], in: context)
        wakeUp.signal()
        wakeUp.signal()
        try poller.wait(atMost: nil)
        wakeUp.clear()
        try poller.wait(atMost: .milliseconds(1))
    }
}

@Suite("Signals")
struct SignalTests {
    @Test("a blocked signal is reported once and by number")
    func signal() async throws {
        // On a thread of its own: the signal is sent to that thread only, and the process has no other use for it.
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread {
                done.resume(
                    with: Result {
                        let watch = try SignalWatch([SIGUSR2])
                        let poller = Poller(sockets: [], descriptors: [watch.descriptor], in: try Context())
                        #expect(watch.take() == nil)
                        pthread_kill(pthread_self(), SIGUSR2)
                        try poller.wait(atMost: nil)
                        #expect(watch.take() == SIGUSR2)
                        #expect(watch.take() == nil)
                    })
            }
        }
    }
}
