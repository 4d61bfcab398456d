import ArgumentParser
import MAECommand
import Foundation
import MAEKeys
import ZeroMQ

/// `mae-coord keys add`.
struct KeysAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Let a node take part.",
        discussion: """
            Makes a key pair for the node and writes it, with the coordinator's public key, to a file for copying to that \
            machine, where mae-worker --key takes it. With --public-key the node has made its own pair; nothing secret is \
            written then. The node takes part under this name and no other.

            Example: mae-coord keys add node2
              scp node2.key node2: && rm node2.key
              ssh node2 mae-worker --connect tcp://coordinator.example:5555 --key node2.key
            """)

    @Argument(help: ArgumentHelp("What the node is called.", valueName: "node"))
    var node: NodeArgument

    @Option(help: ArgumentHelp("The node's own public key, 40 characters (Z85).", valueName: "z85"))
    var publicKey: PublicKeyArgument?

    @Option(help: ArgumentHelp("The node's file; NODE.key when left out.", valueName: "file"))
    var output: String?

    @OptionGroup var option: KeysFolderOption

    func validate() throws {
        if publicKey != nil && output != nil {
            throw ValidationError("--output is for the node's secret key, which is not known with --public-key.")
        }
    }

    func run() throws {
        let folder = option.folder
        let coordinatorKey = try folder.coordinatorKeys().publicKey
        let node = node.node
        if let publicKey {
            try folder.add(node, publicKey.key, at: Date())
            try StandardOutput.writeLine("added \(node); the coordinator's public key is \(coordinatorKey)")
            return
        }
        // Before a file is written: of its name there may be one, and that says nothing of the node.
        if let entry = try folder.list().nodes.first(where: { $0.node == node }) {
            throw KeyError(
                .exists, option.keys,
                "\(node) has a key already, added \(entry.date.formatted(.iso8601)): keys revoke \(node) takes it back, and then "
                    + "keys add makes another one")
        }
        let file = output ?? node.fileName + ".key"
        let keys = NodeKeys(node: node, pair: try CurveKeyPair(), coordinatorKey: coordinatorKey)
        try keys.write(to: file)
        do {
            try folder.add(node, keys.pair.publicKey, at: Date())
        } catch {
            // A key that was not added is of no use, and must not be taken for one that was.
            unlink(file)
            throw error
        }
        try StandardOutput.writeLine(
            "added \(node); copy \(file) to that machine, remove it here, and start: mae-worker --connect ENDPOINT --key \(file)"
        )
    }
}

/// A public key on the command line.
struct PublicKeyArgument: ExpressibleByArgument {
    let key: CurvePublicKey

    init?(argument: String) {
        guard let key = CurvePublicKey(z85: argument.utf8) else { return nil }
        self.key = key
    }
}
