import ArgumentParser
import Foundation
import MAEKeys
import ZeroMQ

/// Which keys a run uses.
struct VerifyKeyOptions: ParsableArguments {
    @Flag(help: "Use keys on this machine too: workers without a key that was added are refused.")
    var secure = false

    @Option(
        help: ArgumentHelp(
            "Folder with the keys, which are then used as with --secure; \(KeysFolderOption.defaultName) beside the store when left out.",
            valueName: "dir"))
    var keys: String?

    /// The keys for an endpoint; nil when none are asked for and none are needed, or none were ever made.
    func folder(for endpoint: String, store: String) -> KeyFolder? {
        let beside = URL(fileURLWithPath: store).deletingLastPathComponent()
            .appendingPathComponent(KeysFolderOption.defaultName).path
        let folder = KeyFolder(path: keys ?? beside)
        if secure || keys != nil { return folder }
        return Endpoint.isLocal(endpoint) || !folder.exists ? nil : folder
    }
}
