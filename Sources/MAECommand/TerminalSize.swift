import Glibc

/// How many columns lines may have.
public enum TerminalWidth {
    /// The width for output that is no terminal, or one that does not tell its size.
    public static let `default` = 100

    /// Columns of the terminal that `descriptor` leads to, else ``default``.
    public static func of(_ descriptor: CInt) -> Int {
        windowSize(of: descriptor).flatMap { $0.ws_col > 0 ? Int($0.ws_col) : nil } ?? `default`
    }
}

/// How many lines are seen at once.
public enum TerminalHeight {
    /// The height for output that is no terminal, or one that does not tell its size.
    public static let `default` = 24

    /// Lines of the terminal that `descriptor` leads to, else ``default``.
    public static func of(_ descriptor: CInt) -> Int {
        windowSize(of: descriptor).flatMap { $0.ws_row > 0 ? Int($0.ws_row) : nil } ?? `default`
    }
}

/// The size of the terminal that `descriptor` leads to; nil where it leads to none.
private func windowSize(of descriptor: CInt) -> winsize? {
    var size = winsize()
    return isatty(descriptor) == 1 && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 ? size : nil
}
