import Foundation
import MAEKeys
import MAEText
import MAEVerify
import ZeroMQ

/// How a worker of a run is started, for the person who is to do so.
struct WorkerInvitation {
    /// The coordinator's keys; nil where none are used.
    let keys: KeyFolder?

    /// What to type for one more worker, when those named `present` are there.
    func line(_ endpoint: String, present: [String]) -> String {
        let command = "mae-worker --connect \(ShellText.quoted(Endpoint.reachable(endpoint, host: Self.host)))"
        guard let keys else { return "\(command) --name \(Self.freeName(besides: present))" }
        let absent = (try? keys.list())?.nodes.map(\.node).first { !present.contains($0.name) }
        guard let absent else {
            return "\(command) --key NODE.key, with the file that `mae-coord keys add NODE` writes"
        }
        return "\(command) --key \(ShellText.quoted("\(absent.fileName).key"))"
    }

    /// `worker-2`, say: names must differ, and the host's name is the usual one of all workers of a machine.
    private static func freeName(besides present: [String]) -> String {
        let names = (1...(present.count + 1)).map { "worker-\($0)" }
        return names.first { !present.contains($0) } ?? "worker"
    }

    private static var host: String { ProcessInfo.processInfo.hostName }
}
