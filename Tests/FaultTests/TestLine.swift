import Glibc
import Synchronization
import TestSupport

/// Lines from machines to one switch, which carry IP packets late, lose some, or carry none.
///
/// Each end is a TUN device, which the kernel gives to a machine's namespace; what its network sends is read here, held for as
/// long as the line is slow, and written to the end of whom it is for. So nothing is asked of the kernel that some lack,
/// as netem is.
final class TestLine: @unchecked Sendable {
    // Sendable: `ends` and `stop` never change, and what does is under the mutex.
    private let ends: [CInt]
    private let stop: (reading: CInt, writing: CInt)
    private let condition: Mutex<Condition>
    private let lossCount = Atomic(0)

    /// What the lines are like.
    struct Condition {
        var delay = Duration.zero
        /// The share of packets that are lost.
        var loss = 0.0
        /// Lines that carry nothing.
        var cut: Set<Int> = []
    }

    private struct Parcel {
        let bytes: [UInt8]
        let receiver: Int
        let due: ContinuousClock.Instant
    }

    /// Makes devices of these names; packets go to the one whose number, from 1 on, is the last of their address.
    init(devices: [String]) throws {
        ends = try devices.map(Self.device)
        var pair: [CInt] = [0, 0]
        guard pipe(&pair) == 0 else { throw NetworkError(description: "no pipe: \(errno)") }
        stop = (pair[0], pair[1])
        condition = Mutex(Condition())
    }

    /// Starts to carry packets, until ``close()``.
    func start() {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { line in
                if let line { Unmanaged<TestLine>.fromOpaque(line).takeRetainedValue().carry() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    /// Carries nothing any more; the devices go.
    func close() {
        _ = write(stop.writing, [1], 1)
        Glibc.close(stop.writing)
    }

    deinit { for end in ends + [stop.reading] { Glibc.close(end) } }

    /// Packets that were lost, those on lines that are cut not counted.
    var lost: Int { lossCount.load(ordering: .relaxed) }

    /// Changes what the lines are like.
    func change(_ change: (inout Condition) -> Void) { condition.withLock { change(&$0) } }

    private func carry() {
        var chance = SplitMix(seed: 1)
        // All lines are equally slow, so what came first is due first.
        var parcels: [Parcel] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var entries = (ends + [stop.reading]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let wait = parcels.first.map { max($0.due - .now, .zero) / .milliseconds(1) }
            poll(&entries, nfds_t(entries.count), wait.map { CInt($0.rounded(.up)) } ?? -1)
            guard entries[ends.count].revents == 0 else { return }
            let condition = condition.withLock(\.self)
            for (sender, end) in ends.enumerated() where entries[sender].revents != 0 {
                while true {
                    let count = read(end, &buffer, buffer.count)
                    guard count > 0 else { break }
                    // IPv4, by the address that it is for.
                    guard count >= 20, buffer[0] >> 4 == 4 else { continue }
                    let receiver = Int(buffer[19]) - 1
                    guard ends.indices.contains(receiver), condition.cut.isDisjoint(with: [sender, receiver])
                    else { continue }
                    guard Double.random(in: 0..<1, using: &chance) >= condition.loss else {
                        lossCount.add(1, ordering: .relaxed)
                        continue
                    }
                    parcels.append(
                        Parcel(bytes: Array(buffer[..<count]), receiver: receiver, due: .now + condition.delay))
                }
            }
            let due = parcels.prefix { $0.due <= .now }
            for parcel in due { _ = write(ends[parcel.receiver], parcel.bytes, parcel.bytes.count) }
            parcels.removeFirst(due.count)
        }
    }

    /// A TUN device, whose end is read and written without waiting.
    private static func device(_ name: String) throws -> CInt {
        let end = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)
        guard end >= 0 else { throw NetworkError(description: "/dev/net/tun: \(String(cString: strerror(errno)))") }
        // `struct ifreq`: the name in 16 bytes, then the flags IFF_TUN and IFF_NO_PI of <linux/if_tun.h>.
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<name.utf8.count, with: name.utf8)
        request[16] = 0x01
        request[17] = 0x10
        let setInterface: UInt = 0x4004_54CA
        guard ioctl(end, setInterface, &request) == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(end)
            throw NetworkError(description: "\(name): \(reason)")
        }
        return end
    }
}
