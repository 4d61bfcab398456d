import Foundation
import Glibc
import ProcessTestSupport
import Testing

/// Machines on one switch: network namespaces of this machine, joined by lines that can be made as bad as a test needs.
///
/// Nothing of it touches the network of the machine itself. The namespaces go with the last reference.
final class TestNetwork {
    private let names: [String]
    private let prefix: String
    private let line: TestLine

    /// Makes a machine for each name; the first has the address 10.77.0.1.
    init(_ names: [String]) async throws {
        self.names = names
        let number = UInt32.random(in: 0 ... .max)
        prefix = "mae-\(getpid())-\(number)"
        let devices = names.indices.map { "mae\(number)-\($0)".suffix(15) }.map(String.init)
        line = try TestLine(devices: devices)
        for (index, name) in names.enumerated() {
            try await Self.ip("netns", "add", space(name))
            try await Self.ip("link", "set", devices[index], "netns", space(name))
            try await Self.ip("-n", space(name), "addr", "add", "10.77.0.\(index + 1)/24", "dev", devices[index])
            for device in [devices[index], "lo"] {
                try await Self.ip("-n", space(name), "link", "set", device, "up")
            }
        }
        line.start()
    }

    deinit {
        line.close()
        for name in names {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["ip", "netns", "delete", space(name)]
            process.environment = Self.environment
            try? process.run()
            process.waitUntilExit()
        }
    }

    /// Takes the cable of a machine out of the switch, or puts it in again.
    func setConnected(_ name: String, _ isConnected: Bool) throws {
        let index = try #require(names.firstIndex(of: name))
        line.change { if isConnected { $0.cut.remove(index) } else { $0.cut.insert(index) } }
    }

    /// Makes everything late that any machine sends, and loses some of it.
    func disturb(delay: Duration, loss: Double) {
        line.change { ($0.delay, $0.loss) = (delay, loss) }
    }

    /// Packets that were lost so.
    var lostPackets: Int { line.lost }

    /// A command that runs another on a machine.
    func command(on name: String) -> [String] { ["/usr/bin/env", "ip", "netns", "exec", space(name)] }

    private func space(_ name: String) -> String { "\(prefix)-\(name)" }

    private static func ip(_ words: String...) async throws { try await run(["ip"] + words) }

    private static func run(_ words: String...) async throws { try await run(words) }

    private static func run(_ words: [String]) async throws {
        let result = try await RunningCommand(
            program: "/usr/bin/env", arguments: words, directory: nil, environment: environment
        ).result()
        guard result.exitCode == 0 else { throw NetworkError(description: "\(words): \(result.errors)") }
    }

    /// The tools lie where only root looks for them.
    private static let environment = [
        "PATH": (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin") + ":/usr/sbin:/sbin"
    ]

    // MARK: - What is possible here

    /// Whether this process may make namespaces and devices, and has the tool to.
    static func isPossible() async -> Bool { (try? await TestNetwork(["probe"])) != nil }
}

/// A network could not be made or changed.
struct NetworkError: Error, CustomStringConvertible {
    let description: String
}
