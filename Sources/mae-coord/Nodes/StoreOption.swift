import ArgumentParser

/// The store of a site, for commands that look at it or leave orders.
struct StoreOption: ParsableArguments {
    @Option(help: ArgumentHelp("Folder in which runs and results are kept.", valueName: "dir"))
    var store = "mae-store"
}
