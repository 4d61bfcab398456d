import ArgumentParser
import MAECommand
import Foundation
import MAEFiles
import MAEKeys
import MAEText
import ZeroMQ

/// `mae-coord keys add`.
struct KeysAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Let a node take part, or a range of them.",
        discussion: """
            Makes a key pair for the node and writes it, with the coordinator's public key, to a file for copying to that \
            machine, where mae-worker --key takes it. With --public-key the node has made its own pair; nothing secret is \
            written then. The node takes part under this name and no other.

            A range in quotes adds each node of it: 'n-{0..63}', or with zeros in front 'n-{00..63}'. Workers find their file in the \
            folder of --output: mae-worker --key FOLDER --name n-7.

            Example: mae-coord keys add node2
              scp node2.key node2: && rm node2.key
              ssh node2 mae-worker --connect tcp://coordinator.example:5555 --key node2.key
            """)

    @Argument(help: ArgumentHelp("What the node is called, or a range: 'n-{0..63}'.", valueName: "node"))
    var node: String

    @Option(help: ArgumentHelp("The node's own public key, 40 characters (Z85).", valueName: "z85"))
    var publicKey: PublicKeyArgument?

    @Option(
        help: ArgumentHelp(
            "The node's file, or the folder for it; NODE.key in this folder when left out. For a range a folder, which is made.",
            valueName: "path"), completion: .file())
    var output: String?

    @OptionGroup var option: KeysFolderOption

    func validate() throws {
        if publicKey != nil && output != nil {
            throw ValidationError("--output is for the node's secret key, which is not known with --public-key.")
        }
        let isRange = try names().isRange
        if publicKey != nil, isRange {
            throw ValidationError("--public-key is the key of one node: name one, not a range.")
        }
    }

    /// Throws a `ValidationError`.
    private func names() throws -> NodeNames {
        do { return try NodeNames(node) } catch { throw ValidationError("\(error)") }
    }

    func run() throws {
        let folder = option.folder
        let coordinatorKey = try folder.coordinatorKeys().publicKey
        let names = try names()
        if let publicKey {
            for node in names.nodes {
                try folder.add(node, publicKey.key, at: Date())
                try StandardOutput.writeLine("added \(node); the coordinator's public key is \(coordinatorKey)")
            }
            return
        }
        // Before a file is written: of its name there may be one, and that says nothing of the node.
        let known = try folder.list().nodes.filter { names.nodes.contains($0.node) }
        if let entry = known.first {
            throw KeyError(
                .exists, option.keys,
                "\(entry.node) has a key already, added \(entry.date.formatted(.iso8601)): keys revoke \(entry.node) takes it back, "
                    + "and then keys add makes another one")
        }
        let files = try files(of: names)
        let keys = try names.nodes.map {
            NodeKeys(node: $0, pair: try CurveKeyPair(), coordinatorKey: coordinatorKey)
        }
        var written: [String] = []
        do {
            for (file, keys) in zip(files, keys) {
                try keys.write(to: file)
                written.append(file)
            }
            try folder.add(keys.map { ($0.node, $0.pair.publicKey) }, at: Date())
        } catch {
            // A key that was not added is of no use, and must not be taken for one that was.
            for file in written { unlink(file) }
            throw error
        }
        for (node, file) in zip(names.nodes, files) where !names.isRange {
            try StandardOutput.writeLine(
                "added \(node); copy \(file) to that machine, remove it here, and start: mae-worker --connect ENDPOINT --key \(file)"
            )
        }
        if names.isRange, let first = names.nodes.first, let last = names.nodes.last {
            try StandardOutput.writeLine(
                """
                added \(NumberText.count(names.nodes.count, "node")), \(first) to \(last); their files are in \(output ?? "this folder"): \
                give each machine its own, or all of them a folder that only their user may read, and start there: \
                mae-worker --connect ENDPOINT --key FOLDER --name NODE
                """)
        }
    }

    /// The file for each of the nodes.
    ///
    /// Throws `KeyError` where the folder for them cannot be made.
    private func files(of names: NodeNames) throws -> [String] {
        let folder: String
        if let output, names.isRange || FileSystem.isDirectory(output) {
            do { try Folder.make(output, mode: 0o700) } catch {
                throw KeyError(.unwritable, output, "the folder cannot be made: \(error.reason)")
            }
            folder = output
        } else if let output {
            return names.nodes.map { _ in output }
        } else {
            return names.nodes.map { $0.fileName + ".key" }
        }
        return names.nodes.map { NodeKeys.file(of: $0, in: folder) }
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
