import ArgumentParser

/// The store of a site, for commands that look at it or leave orders.
struct StoreOption: ParsableArguments {
    /// The store of commands that name none.
    static let defaultFolder = "mae-store"

    @Option(help: ArgumentHelp("Folder in which runs and results are kept.", valueName: "dir"), completion: .directory)
    var store = StoreOption.defaultFolder
}
