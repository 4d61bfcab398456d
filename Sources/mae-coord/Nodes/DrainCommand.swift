import ArgumentParser
import Foundation
import MAECommand
import MAEReport
import MAEStore
import MAEText

/// `mae-coord drain`: a node finishes what it runs and gets no more.
struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Give a node no more jobs, in this run and in later ones, until undrain.",
        discussion: """
            Leaves an order in the store, which the coordinator notices within a second. The node finishes the job it runs \
            and stays connected; others take over the rest of its share if they can. The order holds for the name: for a \
            node that is started again, and for one that has not come yet.

            Example: mae-coord drain node2 --store mae-store
            """)

    @Argument(help: ArgumentHelp("What the node is called.", valueName: "node"), completion: .nodes)
    var node: NodeArgument

    @OptionGroup var options: StoreOption

    func run() throws {
        let store = try Store(directory: options.store, access: .ordering)
        let now = Date()
        let node = node.node.name
        let isNew = try store.drain(node, at: now)
        let overview = try SiteOverview(of: nil, in: store, at: now)
        let name = SafeText.terminal(node)
        try StandardOutput.writeLine(
            isNew ? "\(name) gets no more jobs" : "\(name) gets no more jobs, as was ordered before")
        let known = try store.knownNodes()
        if !known.contains(node) {
            let names = known.prefix(20).map(SafeText.terminal).joined(separator: ", ")
            StandardError.write(
                "note: no node of this name is in the store\(known.isEmpty ? "" : " (it has \(names))"); "
                    + "the order holds when one comes, and mae-coord undrain takes it back\n")
        }
        if !overview.isUnderWay { StandardError.write("note: no run is under way; the order holds for the next one\n") }
    }
}

/// `mae-coord undrain`: a node gets jobs again.
struct UndrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undrain",
        abstract: "Give a node jobs again that was told to drain.",
        discussion: """
            Takes the order of mae-coord drain back. Where the node's place in the run was taken meanwhile, it gets another.

            Example: mae-coord undrain node2 --store mae-store
            """)

    @Argument(help: ArgumentHelp("What the node is called.", valueName: "node"), completion: .nodes)
    var node: NodeArgument

    @OptionGroup var options: StoreOption

    func run() throws {
        let store = try Store(directory: options.store, access: .ordering)
        let node = node.node.name
        let name = SafeText.terminal(node)
        let wasDrained = try store.undrain(node)
        try StandardOutput.writeLine(
            wasDrained ? "\(name) gets jobs again" : "\(name) was not told to drain: nothing has changed")
    }
}
