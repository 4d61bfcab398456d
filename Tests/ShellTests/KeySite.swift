import Foundation
import MAECluster
import MAECoordinator
import MAEDomain
import MAEKeys
import MAEStore
import TestSupport
import Testing
import ZeroMQ

/// A site whose coordinator uses keys.
final class KeySite: Sendable {
    let site: Site
    let keys: KeyFolder
    let store: Store

    init() throws {
        site = try Site()
        keys = KeyFolder(path: site.folder.file("keys"))
        store = try site.store()
        _ = try keys.create()
    }

    var options: CoordinatorOptions {
        var options = site.options
        options.keys = keys
        return options
    }

    /// Adds a node and writes its file.
    @discardableResult
    func add(_ name: String) throws -> NodeKeys {
        let keys = try unknown(name)
        try self.keys.add(keys.node, keys.pair.publicKey, at: Date())
        try keys.write(to: file(name))
        return keys
    }

    /// Keys for a node that is not added.
    func unknown(_ name: String) throws -> NodeKeys {
        NodeKeys(
            node: try #require(NodeID(name)), pair: try CurveKeyPair(),
            coordinatorKey: try keys.coordinatorKeys().publicKey)
    }

    func revoke(_ name: String) throws { _ = try keys.revoke(#require(NodeID(name)), at: Date()) }

    /// A path outside the folder of keys.
    func folder(_ name: String) -> String { site.folder.file("away-" + name) }

    func file(_ name: String) -> String { site.folder.file(name + ".key") }

    func peer(_ keys: NodeKeys?) throws -> RawPeer { try RawPeer(connectingTo: site.endpoint, site.context, keys) }

    func startWorker(_ name: String) throws { try site.startWorker(name, keyFile: file(name)) }
}
