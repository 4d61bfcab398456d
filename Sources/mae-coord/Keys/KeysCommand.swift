import ArgumentParser
import MAECluster
import MAEDomain
import MAEKeys

/// `mae-coord keys`: who may take part in runs.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make the keys of a cluster, and add and revoke nodes.",
        discussion: """
            The coordinator and each node have a key pair. Only nodes that were added here can connect, and they talk to \
            this coordinator only. A change takes effect at once, during a run too.

            Example: mae-coord keys init, then for each node mae-coord keys add NODE, and copy NODE.key to that machine.
            """,
        subcommands: [KeysInitCommand.self, KeysAddCommand.self, KeysRevokeCommand.self, KeysListCommand.self])
}

/// `--keys DIR`.
struct KeysFolderOption: ParsableArguments {
    static let defaultName = "mae-keys"

    @Option(help: ArgumentHelp("Folder with the keys.", valueName: "dir"), completion: .directory)
    var keys = defaultName

    var folder: KeyFolder { KeyFolder(path: keys) }
}

/// The name of a node.
struct NodeArgument: ExpressibleByArgument {
    let node: NodeID

    init?(argument: String) {
        guard let node = NodeID(argument) else { return nil }
        self.node = node
    }
}
