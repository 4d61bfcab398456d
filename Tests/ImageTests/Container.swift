import Foundation
import Glibc
import TestSupport

/// A network of containers that reach each other, by name, and nothing else.
final class Network {
    let hosts: String
    fileprivate let name = "mae-images-\(getpid())"
    private let folder: TemporaryDirectory

    /// A network of containers with these host names.
    init(_ names: [String]) throws {
        folder = try TemporaryDirectory()
        // One network namespace for all: its loopback interface carries what the bridge of a container engine does.
        hosts = try folder.write("hosts", Array("127.0.0.1 localhost \(names.joined(separator: " "))\n".utf8))
        for arguments in [["netns", "add", name], ["-n", name, "link", "set", "lo", "up"]] {
            let outcome = try Script.run("/bin/sh", ["-c", #"exec ip "$@""#, "sh"] + arguments)
            guard outcome.exitCode == 0 else { throw ContainerFailure(description: outcome.text) }
        }
    }

    deinit { _ = try? Script.run("/bin/sh", ["-c", "ip netns delete \(name)"]) }
}

/// A container of an image as compose.yaml starts it: read-only root, /tmp in memory, no capabilities.
final class Container {
    private let image: Image
    private let process = Process()
    private let output: TemporaryDirectory

    /// Starts a container named `name`; `mounts` are folders and files of the machine and where they are shown.
    init(
        _ image: Image, name: String, entryPoint: [String]? = nil, command: [String]? = nil, network: Network,
        mounts: [(from: String, to: String, isWritable: Bool)]
    ) throws {
        self.image = image
        output = try TemporaryDirectory()
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: output.write("log", [])))
        guard let user = image.user else { throw ContainerFailure(description: "the image's user is root") }
        var options = image.options + ["--host", name, "--user", user, "--tmpfs", "/tmp"]
        options += ["--show", network.hosts, "/etc/hosts"]
        for mount in mounts { options += [mount.isWritable ? "--mount" : "--show", mount.from, mount.to] }
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments =
            ["-c", #"exec ip netns exec "$@""#, "sh", network.name, Script.enter.path]
            + [image.layers.joined(separator: ":")] + options + ["--"] + (entryPoint ?? image.entryPoint)
            + (command ?? (entryPoint == nil ? image.command : []))
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log
        process.standardError = log
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Everything written so far.
    var log: String { (try? String(contentsOfFile: output.file("log"), encoding: .utf8)) ?? "" }

    /// Sends the image's stop signal to process 1 of the container.
    func stop() throws {
        guard image.stopSignal == "SIGTERM" else { throw ContainerFailure(description: "not the signal known here") }
        kill(try firstProcess, SIGTERM)
    }

    /// Waits for the end; kills the container and returns -1 when it does not come.
    func exitCode() async throws -> Int32 {
        do {
            try await eventually("the container ends") { !process.isRunning }
        } catch is WaitedInVain {
            kill(try firstProcess, SIGKILL)
            return -1
        }
        return process.terminationStatus
    }

    /// Runs a command inside, as the container's user.
    func execute(_ command: [String]) throws -> Script.Outcome {
        let inside = [
            "--target", "\(try firstProcess)", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd",
        ]
        let identity = [
            "setpriv", "--reuid=\(image.user ?? "")", "--regid=\(image.user ?? "")", "--clear-groups", "--",
        ]
        return try Script.run("/usr/bin/nsenter", inside + ["--"] + identity + command)
    }

    /// Waits until the image's health check succeeds; false when the container ends before.
    func becomesHealthy() async throws -> Bool {
        guard let check = image.healthCheck else { return false }
        var isHealthy = false
        try await eventually("the container is healthy: \(log)", every: .milliseconds(200)) {
            let isRunning = process.isRunning
            // At first there is no process 1 yet.
            isHealthy = (try? execute(check))?.exitCode == 0
            return isHealthy || !isRunning
        }
        return isHealthy
    }

    /// A line of the status that the kernel shows of process 1.
    func status(_ field: String) throws -> String? {
        let text = try String(contentsOfFile: "/proc/\(firstProcess)/status", encoding: .utf8)
        return text.split(separator: "\n").first { $0.hasPrefix(field + ":") }
            .map { $0.dropFirst(field.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    /// The child of `unshare`, which stays outside of the container and waits for it.
    private var firstProcess: pid_t {
        get throws {
            let id = process.processIdentifier
            let children = try? String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)
            guard let child = children?.split(separator: " ").first.flatMap({ pid_t($0) }) else {
                throw ContainerFailure(description: "the container does not run:\n\(log)")
            }
            return child
        }
    }
}

/// A container did not do what it should.
struct ContainerFailure: Error, CustomStringConvertible {
    let description: String
}
