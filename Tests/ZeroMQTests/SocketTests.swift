import Glibc
import TestSupport
import Testing
import ZeroMQ

@Suite("Sockets")
struct SocketTests {
    let context: Context

    init() throws { context = try Context() }

    @Test(
        "a message goes from DEALER to ROUTER and an answer comes back",
        arguments: ["tcp://127.0.0.1:*", "tcp://[::1]:*"])
    func roundTrip(endpoint: String) throws {
        let router = try Socket(.router, in: context)
        let dealer = try Socket(.dealer, in: context)
        let address = try router.bind(endpoint)
        #expect(address.hasPrefix(endpoint.dropLast()) && !address.hasSuffix("*"))
        try dealer.connect(address)

        #expect(try dealer.send(Message([[1, 2, 3], [], [0]])) == .sent)
        let request = try router.awaitMessage()
        #expect(request.frames.dropFirst() == [[1, 2, 3], [], [0]])

        #expect(try router.send(Message([request.frames[0], [9]])) == .sent)
        #expect(try dealer.awaitMessage() == Message([[9]]))
        #expect(try dealer.receive() == nil)
    }

    @Test("a file that is no socket is not listened at, and stays as it is")
    func otherFile() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("regular.txt", [1, 2, 3])
        let socket = try Socket(.router, in: context)
        #expect(symlink(path, folder.file("link")) == 0)
        for name in ["regular.txt", "link"] {
            let error = #expect(throws: ZeroMQError.self) { try socket.bind("ipc://" + folder.file(name)) }
            #expect(error?.code == .addressInUse)
        }
        var status = stat()
        #expect(stat(folder.file("link"), &status) == 0 && status.st_size == 3)
    }

    private final class Shared: SharedBytes {
        // The memory is this object's alone and never written after `init`.
        nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
        let gone: Mailbox<Int>

        init(count: Int, gone: Mailbox<Int>) {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
            for index in memory.indices { memory[index] = UInt8(truncatingIfNeeded: index) }
            bytes = UnsafeRawBufferPointer(memory)
            self.gone = gone
        }

        deinit {
            gone.post(bytes.count)
            bytes.deallocate()
        }
    }

    @Test("a frame that is not copied arrives whole, and is let go when it has left or cannot leave")
    func sharedFrame() throws {
        let router = try Socket(.router, in: context)
        let dealer = try Socket(.dealer, in: context)
        let gone = try Mailbox<Int>()
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        #expect(try dealer.send(Message([[1]]), last: Shared(count: 1 << 20, gone: gone)) == .sent)
        let frames = try router.awaitMessage().frames
        #expect(frames.dropFirst().first == [1])
        let isWhole = frames.last == (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0) }
        #expect(isWhole)
        #expect(try blockUntilFound("the frame is let go") { gone.takeAll().first } == 1 << 20)

        #expect(try router.send(Message([[9, 9], [1]]), last: Shared(count: 5, gone: gone)) == .unreachable)
        #expect(gone.takeAll() == [5])
    }

    @Test("a socket file carries messages as TCP does")
    func ipc() throws {
        let folder = try TemporaryDirectory()
        let router = try Socket(.router, in: context)
        let dealer = try Socket(.dealer, in: context)
        try dealer.connect(try router.bind("ipc://" + folder.file("socket")))
        #expect(try dealer.send(Message([[7]])) == .sent)
        #expect(try router.awaitMessage().frames.last == [7])
    }

    @Test("a port in use is named with the remedy")
    func portInUse() throws {
        let first = try Socket(.router, in: context)
        let second = try Socket(.router, in: context)
        let address = try first.bind("tcp://127.0.0.1:*")
        let error = #expect(throws: ZeroMQError.self) { _ = try second.bind(address) }
        #expect(error?.code == .addressInUse)
        #expect(error?.description.contains(address) == true)
        #expect(error?.message.contains("another port") == true)
    }

    @Test(
        "an endpoint that means nothing is refused",
        arguments: [
            "", "tcp://", "tcp://127.0.0.1", "127.0.0.1:99", "carrier-pigeon://x", "tcp://127.0.0.1:99\0",
            "tcp://127.0.0.1:99999", "tcp://127.0.0.1:99 trailing", "tcp://127.0.0.1:99/path",
        ])
    func badEndpoint(endpoint: String) throws {
        let socket = try Socket(.router, in: context)
        #expect(throws: ZeroMQError.self) { _ = try socket.bind(endpoint) }
        let error = #expect(throws: ZeroMQError.self) { try Socket(.dealer, in: context).connect(endpoint) }
        #expect(error?.code == .badEndpoint)
    }

    @Test("an address of another machine and a folder that does not exist are refused")
    func unavailable() throws {
        let socket = try Socket(.router, in: context)
        let error = #expect(throws: ZeroMQError.self) { _ = try socket.bind("tcp://192.0.2.1:*") }
        #expect(error?.code == .addressUnavailable)
        #expect(throws: ZeroMQError.self) { _ = try socket.bind("ipc:///no/such/folder/socket") }
    }

    @Test("sending to a peer that is not there neither waits nor loses the message silently")
    func unreachable() throws {
        let router = try Socket(.router, in: context)
        _ = try router.bind("tcp://127.0.0.1:*")
        #expect(try router.send(Message([[1, 2, 3, 4, 5], [1]])) == .unreachable)
    }

    @Test("a DEALER that has no peer says that it would block")
    func noPeer() throws {
        var options = SocketOptions()
        options.immediate = true
        let dealer = try Socket(.dealer, in: context, options: options)
        #expect(try dealer.send(Message([[1]])) == .wouldBlock)
        try dealer.connect("tcp://127.0.0.1:1")
        #expect(try dealer.send(Message([[1]])) == .wouldBlock)
    }

    @Test("a full queue says that it would block and accepts whole messages only")
    func highWaterMark() throws {
        var options = SocketOptions()
        options.sendHighWaterMark = 2
        let dealer = try Socket(.dealer, in: context, options: options)
        let router = try Socket(.router, in: context)
        // Not yet bound: what is sent stays in the queue, which exists because connecting is not `immediate`.
        try dealer.connect("inproc://later")
        var sent = 0
        while try dealer.send(Message([[1], [2], [3]])) == .sent { sent += 1 }
        #expect(sent >= 2)
        _ = try router.bind("inproc://later")
        for _ in 0..<sent { #expect(try router.awaitMessage().frames.count == 4) }
        #expect(try router.receive() == nil)
    }

    @Test("a message of too many frames is refused whole and the next one is received")
    func tooManyFrames() throws {
        var options = SocketOptions()
        options.maximumFrames = 4
        let router = try Socket(.router, in: context, options: options)
        let dealer = try Socket(.dealer, in: context)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        _ = try dealer.send(Message(Array(repeating: [1], count: 1000)))
        _ = try dealer.send(Message([[1], [2], [3]]))
        let error = #expect(throws: ZeroMQError.self) { _ = try router.awaitMessage() }
        #expect(error?.code == .messageTooLarge)
        #expect(error?.message.contains("1001 frames") == true)
        #expect(try router.awaitMessage().frames.count == 4)
    }

    @Test("a frame over the limit never arrives, and costs its sender the connection")
    func oversizeFrame() throws {
        var options = SocketOptions()
        options.maximumFrameBytes = 1000
        let router = try Socket(.router, in: context, options: options)
        let good = try Socket(.dealer, in: context)
        let bad = try Socket(.dealer, in: context)
        let address = try router.bind("tcp://127.0.0.1:*")
        try bad.connect(address)
        _ = try bad.send(Message([Array(repeating: 1, count: 1001)]))
        try good.connect(address)
        _ = try good.send(Message([Array(repeating: 2, count: 1000)]))
        #expect(try router.awaitMessage().frames.last?.first == 2)
        #expect(try router.receive() == nil)
    }
}
