import ArgumentParser
import MAEKeys
import MAEStore

extension CompletionKind {
    /// Runs of the store that the command line names; names with dates come latest first.
    static var runs: CompletionKind { .custom { words, _, _ in runs(storeOptions: ["--store"], words) } }

    /// Runs of the store of the earlier run.
    static var earlierRuns: CompletionKind {
        .custom { words, _, _ in runs(storeOptions: ["--earlier-store", "--store"], words) }
    }

    /// Nodes that were ever seen in the store that the command line names.
    static var nodes: CompletionKind { .custom { words, _, _ in storedNodes(words) } }

    /// Nodes that have a key in the folder that the command line names.
    static var nodesWithKeys: CompletionKind {
        .custom { words, _, _ in
            let folder = CompletedCommandLine(words).value(of: "--keys") ?? KeysFolderOption.defaultName
            return plain((try? KeyFolder(path: folder).list().nodes.map(\.node.name)) ?? [])
        }
    }

    /// Nodes as ``nodes`` has them, after the commas of a list too.
    static var nodeList: CompletionKind {
        .custom { words, index, _ in
            let word = words.indices.contains(index) ? words[index] : ""
            guard let comma = word.lastIndex(of: ",") else { return storedNodes(words) }
            let complete = String(word[...comma])
            let given = complete.split(separator: ",").map(String.init)
            return plain(storedNodes(words).filter { !given.contains($0) }.map { complete + $0 })
        }
    }

    private static func runs(storeOptions: [String], _ words: [String]) -> [String] {
        guard let store = store(storeOptions, words) else { return [] }
        return plain((try? store.runNames()) ?? []).sorted(by: >)
    }

    private static func storedNodes(_ words: [String]) -> [String] {
        guard let store = store(["--store"], words) else { return [] }
        return plain((try? store.knownNodes()) ?? [])
    }

    /// The store of the first of these options that is given, else the one of commands that name none; nil where there is none.
    private static func store(_ options: [String], _ words: [String]) -> Store? {
        let line = CompletedCommandLine(words)
        let folder = options.lazy.compactMap { line.value(of: $0) }.first ?? StoreOption.defaultFolder
        return try? Store(directory: folder, access: .reading)
    }

    /// The names that no shell reads as anything but themselves: bash expands what it is offered, and a store may be another user's.
    private static func plain(_ names: [String]) -> [String] {
        names.filter { !$0.isEmpty && $0.utf8.allSatisfy(plainBytes.contains) }
    }

    private static let plainBytes = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-@:+,".utf8)
}
