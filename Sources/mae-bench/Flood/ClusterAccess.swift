import Foundation
import MAEDomain
import MAEKeys
import ZeroMQ

/// Who may take part in a run that is measured.
enum ClusterAccess {
    /// Everyone.
    case open
    /// Nodes with keys; one more of them floods the coordinator where a kind is given.
    case keys(FloodKind?)

    /// The name of the node that floods.
    static let flooder = "flood"

    /// The key folder of a run, and the options that tell the light workers of it; nil without keys.
    func prepare(nodes: [String], folder: String) throws -> (keys: KeyFolder, options: [String])? {
        guard case .keys(let flood) = self else { return nil }
        let keys = KeyFolder(path: folder + "/keys")
        let coordinator = try keys.create()
        let files = folder + "/nodes"
        try FileManager.default.createDirectory(
            atPath: files, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        for name in nodes + [Self.flooder] {
            guard let node = NodeID(name) else { preconditionFailure("\(name) is a name") }
            let pair = try CurveKeyPair()
            try keys.add(node, pair.publicKey, at: Date())
            try NodeKeys(node: node, pair: pair, coordinatorKey: coordinator)
                .write(to: Self.file(of: name, in: files))
        }
        return (keys, ["--keys", files] + (flood.map { ["--flood", $0.rawValue] } ?? []))
    }

    /// The file with the keys of a node.
    static func file(of node: String, in folder: String) -> String { "\(folder)/\(node).key" }
}
