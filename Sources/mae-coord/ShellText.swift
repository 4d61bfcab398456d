/// Text for a command line that a person copies.
enum ShellText {
    /// `text` as a shell takes it for one word.
    static func quoted(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/:._-=,@".utf8.contains(byte)
            }
        }
        return plain && !text.isEmpty ? text : "'\(text.replacing("'", with: #"'\''"#))'"
    }

    /// The command line of this process, whatever path it was started by.
    static var ownCommand: String {
        (["mae-coord"] + CommandLine.arguments.dropFirst()).map(quoted).joined(separator: " ")
    }
}
