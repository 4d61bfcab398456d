import Glibc

/// How many columns lines may have.
public enum TerminalWidth {
    /// The width for output that is no terminal, or one that does not tell its size.
    public static let `default` = 100

    /// Columns of the terminal that `descriptor` leads to, else ``default``.
    public static func of(_ descriptor: CInt) -> Int {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return `default`
        }
        return Int(size.ws_col)
    }
}
