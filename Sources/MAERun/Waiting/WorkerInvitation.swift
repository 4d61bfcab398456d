import Foundation
import MAEDomain
import MAEKeys
import MAEText
import MAEVerify
import ZeroMQ

/// How a worker of a run is started, for the person who is to do so.
struct WorkerInvitation {
    /// The coordinator's keys; nil where none are used.
    let keys: KeyFolder?
    /// Whether workers look at the run's endpoint by themselves.
    var isDefaultEndpoint = false
    /// The name by which other machines reach this one; nil where it is the host's.
    var advertisedHost: String?
    /// Names that workers of this program have, whether they are there yet or not.
    var taken: [String] = []

    /// What to type for one more worker, when those named `present` are there.
    func line(_ endpoint: String, present: [String]) -> String {
        let command = command(endpoint)
        guard let keys else { return "\(command) --name \(freeName(besides: present))" }
        let absent = (try? keys.list())?.nodes.map(\.node).first { !present.contains($0.name) }
        guard let absent else {
            return "\(command) --key NODE.key, with the file that `mae-coord keys add NODE` writes"
        }
        return "\(command) --key \(ShellText.quoted("\(absent.fileName).key"))"
    }

    /// What to type for the worker of this name, which was there before.
    func line(_ endpoint: String, again name: String) -> String {
        guard keys != nil, let node = NodeID(name) else {
            return "\(command(endpoint)) --name \(ShellText.quoted(name))"
        }
        return "\(command(endpoint)) --key \(ShellText.quoted("\(node.fileName).key"))"
    }

    private func command(_ endpoint: String) -> String {
        guard !isDefaultEndpoint else { return "mae-worker" }
        let advertised = advertisedHost.flatMap { try? Endpoint.advertised(endpoint, as: $0) }
        let reachable = advertised ?? Endpoint.reachable(endpoint, host: Self.host)
        return "mae-worker --connect \(ShellText.quoted(reachable))"
    }

    /// `worker-2`, say: names must differ, and the host's name is the usual one of all workers of a machine.
    private func freeName(besides present: [String]) -> String {
        let used = Set(present + taken)
        let names = (1...(used.count + 1)).map { "worker-\($0)" }
        return names.first { !used.contains($0) } ?? "worker"
    }

    private static var host: String { ProcessInfo.processInfo.hostName }
}
