import ArgumentParser
import Foundation
import MAEKeys
import MAERun

/// Which keys a run uses.
struct VerifyKeyOptions: ParsableArguments {
    @Flag(help: "Use keys on this machine too: workers without a key that was added are refused.")
    var secure = false

    @Option(
        help: ArgumentHelp(
            "Folder with the keys, which are then used as with --secure; \(KeysFolderOption.defaultName) next to the store when left out.",
            valueName: "dir"), completion: .directory)
    var keys: String?

    /// Where the keys are, and whether they are used in any case.
    func keys(store: String) -> VerificationOptions.Keys {
        let neighbor = URL(fileURLWithPath: store).deletingLastPathComponent()
            .appendingPathComponent(KeysFolderOption.defaultName).path
        return VerificationOptions.Keys(
            KeyFolder(path: keys ?? neighbor), isRequired: secure || keys != nil)
    }
}
