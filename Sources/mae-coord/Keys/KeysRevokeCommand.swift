import ArgumentParser
import MAECommand
import Foundation

/// `mae-coord keys revoke`.
struct KeysRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Keep a node out from now on.",
        discussion: """
            A run under way cuts the node off within a second or two: it is told nothing more, and what it still hands in is \
            not counted. The key is kept with the date, and keys add gives the node another one.

            Example: mae-coord keys revoke node2
            """)

    @Argument(help: ArgumentHelp("What the node is called.", valueName: "node"), completion: .nodesWithKeys)
    var node: NodeArgument

    @OptionGroup var option: KeysFolderOption

    func run() throws {
        let key = try option.folder.revoke(node.node, at: Date())
        try StandardOutput.writeLine("revoked \(node.node), whose key was \(key)")
    }
}
