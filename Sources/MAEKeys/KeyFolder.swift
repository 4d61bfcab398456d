import Foundation
import MAEDomain
import MAEFiles
import ZeroMQ

/// The folder in which a coordinator keeps its own keys and the public keys of its nodes.
///
/// `coordinator.key` is the coordinator's pair. `nodes/` has a file for each node that may connect, `revoked/` one for each
/// key that no longer may. A key that is in both, since a revocation was cut short, is revoked.
public struct KeyFolder: Sendable {
    /// The folder.
    public let path: String

    private static let suffix = ".key"
    private var coordinatorFile: String { path + "/coordinator" + Self.suffix }
    private var nodes: String { path + "/nodes" }
    private var revoked: String { path + "/revoked" }

    /// Names a folder, which need not exist yet.
    public init(path: String) { self.path = path }

    /// Whether ``create()`` has been called for this folder.
    public var exists: Bool { access(coordinatorFile, F_OK) == 0 }

    /// Makes the folder and the coordinator's keys in it.
    ///
    /// Throws ``KeyError``: ``KeyError/Code/exists`` when the coordinator has keys there, which are left as they are.
    public func create() throws -> CurvePublicKey {
        let parent = FileSystem.split(path.withoutSlashesAtEnd).folder
        do throws(FileError) { try Folder.make(parent) } catch {
            throw KeyError(.unwritable, parent, "the folder cannot be made: \(error.reason)")
        }
        for folder in [path, nodes, revoked] { try PrivateFile.makeFolder(folder) }
        let pair = try CurveKeyPair()
        var bytes = KeyText.bytes(
            .coordinator, [(.publicKey, pair.publicKey.userID), (.secretKey, pair.secretKey.z85)])
        try PrivateFile.create(coordinatorFile, &bytes)
        return pair.publicKey
    }

    /// The coordinator's own pair.
    ///
    /// Throws ``KeyError``; a folder or a file that others may read is refused.
    public func coordinatorKeys() throws -> CurveKeyPair {
        try requireFolders()
        var text = try KeyText(coordinatorFile, .coordinator, [.publicKey, .secretKey])
        return try text.keyPair()
    }

    /// Who may connect and who no longer may.
    ///
    /// A file that cannot be trusted does not keep the others from being read: it is among ``KeyList/faults``. Throws
    /// ``KeyError`` when that is so of the folder itself.
    public func list() throws(KeyError) -> KeyList {
        try requireFolders()
        var list = KeyList()
        // In this order, since a revocation writes in `revoked/` before it removes from `nodes/`.
        let all = try entries(in: nodes, .authorizedNode, .added, &list.faults)
        list.revoked = try entries(in: revoked, .revokedNode, .revoked, &list.faults)
        let barred = Set(list.revoked.map(\.key))
        var names: [CurvePublicKey: NodeID] = [:]
        for entry in all where !barred.contains(entry.key) {
            if let other = names.updateValue(entry.node, forKey: entry.key) {
                list.faults.append(
                    KeyError(.malformed, file(of: entry.node), "has the same key as \(other); give each node its own"))
            } else {
                list.nodes.append(entry)
            }
        }
        return list
    }

    /// Lets a node connect with `key` from now on.
    ///
    /// Throws ``KeyError``: ``KeyError/Code/exists`` when the node has a key, or another node has this one, and
    /// ``KeyError/Code/revoked`` for a key that was revoked: it stays so, under whatever name.
    public func add(_ node: NodeID, _ key: CurvePublicKey, at date: Date) throws {
        try add([(node, key)], at: date)
    }

    /// Lets several nodes connect from now on, as `add` does one; none where one of them may not.
    public func add(_ added: [(node: NodeID, key: CurvePublicKey)], at date: Date) throws {
        let list = try list()
        let own = try coordinatorKeys().publicKey
        for (node, key) in added { try requireNew(node, key, in: list, own: own) }
        for (node, key) in added {
            // What a revocation left that was cut short.
            if list.revoked.contains(where: { $0.node == node }) { try PrivateFile.remove(file(of: node)) }
            try write(.authorizedNode, node, key, .added, date, to: file(of: node))
        }
    }

    private func requireNew(
        _ node: NodeID, _ key: CurvePublicKey, in list: KeyList, own: CurvePublicKey
    ) throws(KeyError) {
        if let known = list.nodes.first(where: { $0.node == node }) {
            throw KeyError(.exists, file(of: node), "\(node) has the key \(known.key) already; revoke it first")
        }
        if let former = list.revoked.first(where: { $0.key == key }) {
            throw KeyError(
                .revoked, file(of: key),
                "this key was revoked on \(former.date.formatted(.iso8601)), as that of \(former.node), and stays so; "
                    + "`mae-coord keys add \(node)` without --public-key makes another")
        }
        if let other = list.nodes.first(where: { $0.key == key }) {
            throw KeyError(.exists, file(of: other.node), "\(other.node) has this key; give each node its own")
        }
        if key == own {
            throw KeyError(.exists, coordinatorFile, "this is the coordinator's own key; give each node its own")
        }
    }

    /// Keeps a node from connecting with the key that it has now, and returns that key.
    ///
    /// Throws ``KeyError``: ``KeyError/Code/unknownNode`` when it has none.
    public func revoke(_ node: NodeID, at date: Date) throws(KeyError) -> CurvePublicKey {
        guard let known = try list().nodes.first(where: { $0.node == node }) else {
            throw KeyError(
                .unknownNode, path, "no node named \(node) has a key here; `keys list` shows those that have")
        }
        try write(.revokedNode, node, known.key, .revoked, date, to: file(of: known.key))
        try PrivateFile.remove(file(of: node))
        return known.key
    }

    /// Something that changes whenever the folder does.
    public func stamp() -> KeyFolderStamp { KeyFolderStamp(of: [path, nodes, revoked]) }

    private func requireFolders() throws(KeyError) {
        guard access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR) else {
            throw KeyError(.missing, path, "does not exist; make keys with: mae-coord keys init --keys '\(path)'")
        }
        for folder in [path, nodes, revoked] { try PrivateFile.requireFolder(folder) }
    }

    private func file(of node: NodeID) -> String { nodes + "/" + node.fileName + Self.suffix }

    /// Named after the key, since a node may have had several.
    private func file(of key: CurvePublicKey) -> String {
        revoked + "/" + key.userID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + Self.suffix
    }

    private func write(
        _ kind: KeyText.Kind, _ node: NodeID, _ key: CurvePublicKey, _ field: KeyText.Field, _ date: Date,
        to file: String
    ) throws(KeyError) {
        var bytes = KeyText.bytes(
            kind,
            [
                (.name, Array(node.name.utf8)), (.publicKey, key.userID),
                (field, Array(date.formatted(.iso8601).utf8)),
            ])
        try PrivateFile.create(file, &bytes)
    }

    private func entries(
        in folder: String, _ kind: KeyText.Kind, _ field: KeyText.Field, _ faults: inout [KeyError]
    ) throws(KeyError) -> [KeyList.Entry] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch { throw KeyError(.unreadable, folder, "cannot be listed: \(error.localizedDescription)") }
        var entries: [KeyList.Entry] = []
        for name in names.sorted() where name.hasSuffix(Self.suffix) && !name.hasPrefix(".") {
            let path = folder + "/" + name
            do throws(KeyError) {
                let text = try KeyText(path, kind, [.name, .publicKey, field])
                guard let node = NodeID(try text.text(.name)),
                    let date = try? Date(text.text(field), strategy: .iso8601)
                else { throw KeyText.malformed(path, "name or \(field.rawValue) is none") }
                let entry = KeyList.Entry(node: node, key: try text.publicKey(.publicKey), date: date)
                guard path == (kind == .revokedNode ? file(of: entry.key) : file(of: node)) else {
                    throw KeyText.malformed(path, "the file's name does not fit what it says")
                }
                entries.append(entry)
            } catch {
                // Removed since the folder was listed.
                if error.code != .missing { faults.append(error) }
            }
        }
        return entries.sorted { ($0.node, $0.date) < ($1.node, $1.date) }
    }
}

extension String {
    fileprivate var withoutSlashesAtEnd: String { String(reversed().drop { $0 == "/" }.reversed()) }
}
