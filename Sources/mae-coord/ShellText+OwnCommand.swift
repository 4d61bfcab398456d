import MAEText

extension ShellText {
    /// The command line of this process, whatever path it was started by, without what may be secret in it: reports show it.
    static var ownCommand: String {
        (["mae-coord"] + AlarmOptions.withoutSecrets(Array(CommandLine.arguments.dropFirst()))).map(quoted)
            .joined(separator: " ")
    }
}
