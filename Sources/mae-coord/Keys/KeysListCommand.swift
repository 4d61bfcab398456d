import ArgumentParser
import Foundation
import MAECommand
import MAEKeys
import MAEReport
import MAEText

/// `mae-coord keys list`.
struct KeysListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show who may take part and who no longer may.",
        discussion: """
            Ends with exit code 65 when a file in the folder cannot be trusted; the others are shown all the same.

            Example: mae-coord keys list --json
            """)

    @Flag(help: "Print JSON for programs; its fields are stable.")
    var json = false

    @OptionGroup var option: KeysFolderOption

    func run() throws {
        let folder = option.folder
        let coordinator = try folder.coordinatorKeys().publicKey.description
        let list = try folder.list()
        if json {
            let output = Output(
                coordinatorKey: coordinator, nodes: list.nodes.map { Output.Node($0, isRevoked: false) },
                revoked: list.revoked.map { Output.Node($0, isRevoked: true) })
            try StandardOutput.writeLine(output.json(snakeCase: true))
        } else {
            var table = TextTable()
            table.add("coordinator", "", coordinator)
            for entry in list.nodes {
                table.add("node", entry.node.name, "\(entry.key)", "added \(entry.date.formatted(.iso8601))")
            }
            for entry in list.revoked {
                table.add("revoked", entry.node.name, "\(entry.key)", "revoked \(entry.date.formatted(.iso8601))")
            }
            try StandardOutput.writeLine(table.text(indentation: 0))
        }
        for fault in list.faults.dropLast() { StandardError.complain("mae-coord", "\(fault)") }
        if let fault = list.faults.last { throw fault }
    }

    private struct Output: Encodable {
        struct Node: Encodable {
            let name: String
            let publicKey: String
            var added: String?
            var revoked: String?

            init(_ entry: KeyList.Entry, isRevoked: Bool) {
                name = entry.node.name
                publicKey = entry.key.description
                let date = entry.date.formatted(.iso8601)
                if isRevoked { revoked = date } else { added = date }
            }
        }

        let schema = 1
        let coordinatorKey: String
        let nodes: [Node]
        let revoked: [Node]
    }
}
