import Glibc
import Testing
import ZeroMQ

@Suite("Failures of the library under us")
struct FailureTests {
    @Test(
        "each operation that fails is reported by name",
        arguments: [Operation.socket, .setOption, .bind, .getOption, .connect, .send, .receive, .poll])
    func reported(operation: Operation) throws {
        let context = try Context(failing: { $0 == operation ? ENOMEM : nil })
        let error = #expect(throws: ZeroMQError.self) {
            let socket = try Socket(.router, in: context)
            let address = try socket.bind("tcp://127.0.0.1:*")
            let dealer = try Socket(.dealer, in: context)
            try dealer.connect(address)
            _ = try dealer.send(Message([[1]]))
            try Poller(sockets: [socket], in: context).wait(atMost: .milliseconds(1))
            _ = try socket.receive()
        }
        #expect(error?.operation == operation)
        #expect(error?.code == .resourcesExhausted)
    }

    @Test("a context that cannot start says so", arguments: [Operation.contextNew, .contextSet])
    func contextFails(operation: Operation) {
        let error = #expect(throws: ZeroMQError.self) {
            _ = try Context(failing: { $0 == operation ? EMFILE : nil })
        }
        #expect(error?.code == .resourcesExhausted)
    }

    @Test("refused permission and a terminated context have codes of their own")
    func codes() throws {
        for (number, code) in [(EACCES, ZeroMQError.Code.permissionDenied), (156_384_765, .contextTerminated)] {
            let context = try Context(failing: { $0 == .bind ? number : nil })
            let error = #expect(throws: ZeroMQError.self) {
                _ = try Socket(.router, in: context).bind("tcp://127.0.0.1:*")
            }
            #expect(error?.code == code)
        }
    }
}
