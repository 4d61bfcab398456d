import Foundation
import Glibc
import ProcessTestSupport
import Testing

/// Machines on one switch: network namespaces of this machine, joined by virtual cables to a bridge in one more.
///
/// Nothing of it touches the network of the machine itself. The namespaces go with the last reference.
final class TestNetwork {
    private let names: [String]
    private let prefix: String

    /// Makes a machine for each name; the first has the address 10.77.0.1.
    init(_ names: [String]) async throws {
        self.names = names
        prefix = "mae-\(getpid())-\(UInt16.random(in: 0 ... .max))"
        for name in names + ["switch"] { try await Self.ip("netns", "add", space(name)) }
        try await Self.ip("-n", space("switch"), "link", "add", "bridge", "type", "bridge")
        try await Self.ip("-n", space("switch"), "link", "set", "bridge", "up")
        for (index, name) in names.enumerated() {
            try await Self.ip(
                "-n", space("switch"), "link", "add", "to-\(name)", "type", "veth", "peer", "name", "net", "netns",
                space(name))
            try await Self.ip("-n", space("switch"), "link", "set", "to-\(name)", "master", "bridge", "up")
            try await Self.ip("-n", space(name), "addr", "add", "10.77.0.\(index + 1)/24", "dev", "net")
            for device in ["net", "lo"] { try await Self.ip("-n", space(name), "link", "set", device, "up") }
        }
    }

    deinit {
        for name in names + ["switch"] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["ip", "netns", "delete", space(name)]
            process.environment = Self.environment
            try? process.run()
            process.waitUntilExit()
        }
    }

    /// Takes the cable of a machine out of the switch, or puts it in again.
    func setConnected(_ name: String, _ isConnected: Bool) async throws {
        try await Self.ip("-n", space("switch"), "link", "set", "to-\(name)", isConnected ? "up" : "down")
    }

    /// Makes everything late that a machine sends, and loses some of it.
    func disturb(_ name: String, delay: String, loss: String) async throws {
        try await Self.run(
            "tc", "-n", space(name), "qdisc", "add", "dev", "net", "root", "netem", "delay", delay, "loss", loss)
    }

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

    /// Whether this process may make namespaces and has the tools to.
    static func isPossible() async -> Bool { (try? await TestNetwork(["probe"])) != nil }

    /// Whether the kernel can delay and lose what is sent, too.
    static func canDisturb() async -> Bool {
        do {
            try await TestNetwork(["probe"]).disturb("probe", delay: "1ms", loss: "0%")
            return true
        } catch {
            return false
        }
    }
}

/// A network could not be made or changed.
struct NetworkError: Error, CustomStringConvertible {
    let description: String
}
