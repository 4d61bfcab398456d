import Glibc

/// How many columns lines may have.
public enum TerminalWidth {
    /// What is usual where the reader is no terminal, or one that does not tell.
    public static let usual = 100

    /// Columns of the terminal that `descriptor` leads to, else ``usual``.
    public static func of(_ descriptor: CInt) -> Int {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return usual
        }
        return Int(size.ws_col)
    }
}
