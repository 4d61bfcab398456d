import Foundation
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
        let poller = Poller(sockets: [], wakeUps: [mailbox.wakeUp], in: context)
        var next = Array(repeating: 0, count: threads)
        while next.reduce(0, +) < threads * each {
            try poller.wait(atMost: .seconds(10))
            for post in mailbox.takeAll() {
                #expect(post.number == next[post.thread])
                next[post.thread] += 1
            }
        }
        #expect(mailbox.takeAll().isEmpty)
    }

    @Test("a signal before waiting is not lost, and clearing takes it back")
    func earlySignal() throws {
        let context = try Context()
        let wakeUp = try WakeUp()
        let poller = Poller(sockets: [], wakeUps: [wakeUp], in: context)
        wakeUp.signal()
        wakeUp.signal()
        try poller.wait(atMost: nil)
        wakeUp.clear()
        try poller.wait(atMost: .milliseconds(1))
    }
}
