import MAEText

extension ShellText {
    /// The command line of this process, whatever path it was started by.
    static var ownCommand: String {
        (["mae-coord"] + CommandLine.arguments.dropFirst()).map(quoted).joined(separator: " ")
    }
}
