import MAEDomain
import ZeroMQ

/// What a node needs to take part in a cluster with keys, as it lies in the node's own file.
public struct NodeKeys: Sendable {
    /// The name that the coordinator knows the key by.
    public let node: NodeID
    /// The node's own pair.
    public let pair: CurveKeyPair
    /// The coordinator's public key: the node talks to no other.
    public let coordinatorKey: CurvePublicKey

    private static let fields: [KeyText.Field] = [.name, .publicKey, .secretKey, .coordinatorKey]

    /// New keys for a node.
    public init(node: NodeID, pair: CurveKeyPair, coordinatorKey: CurvePublicKey) {
        self.node = node
        self.pair = pair
        self.coordinatorKey = coordinatorKey
    }

    /// Reads a node's file.
    ///
    /// Throws ``KeyError``; a file that others may read is refused.
    public init(file path: String) throws {
        var text = try KeyText(path, .node, Self.fields)
        guard let node = NodeID(try text.text(.name)) else {
            throw KeyText.malformed(path, "name is no name for a node")
        }
        self.init(node: node, pair: try text.keyPair(), coordinatorKey: try text.publicKey(.coordinatorKey))
    }

    /// Where the file of a node is in a folder that has those of several.
    public static func file(of node: NodeID, in folder: String) -> String {
        (folder.hasSuffix("/") ? folder : folder + "/") + node.fileName + ".key"
    }

    /// Writes the node's file, for its owner alone to read; an existing file is left as it is.
    ///
    /// Throws ``KeyError``.
    public func write(to path: String) throws(KeyError) {
        var bytes = KeyText.bytes(
            .node,
            [
                (.name, Array(node.name.utf8)), (.publicKey, pair.publicKey.userID), (.secretKey, pair.secretKey.z85),
                (.coordinatorKey, coordinatorKey.userID),
            ])
        try PrivateFile.create(path, &bytes)
    }
}
