import ArgumentParser
import MAECommand

/// `mae-coord keys init`.
struct KeysInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the coordinator's key pair, in a folder that no other user can read.",
        discussion: """
            Keys that are there already are left as they are.

            Example: mae-coord keys init --keys mae-keys
            """)

    @OptionGroup var option: KeysFolderOption

    func run() throws {
        let key = try option.folder.create()
        try StandardOutput.writeLine("made the coordinator's keys in \(option.keys); its public key is \(key)")
    }
}
