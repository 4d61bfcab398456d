import MAEDomain
import MAEWire

extension JobFailure {
    /// The failure with its texts cut to what a message carries: it must reach the coordinator whatever it says.
    var sendable: JobFailure {
        JobFailure(
            code: code.clipped(to: WireLimits.nameBytes), message: message.clipped(to: WireLimits.textBytes),
            remedy: remedy.clipped(to: WireLimits.textBytes), fault: fault)
    }
}

extension String {
    /// The text without NUL, cut to at most `limit` bytes of UTF-8, with an ellipsis where something is cut off.
    func clipped(to limit: Int) -> String {
        let text = utf8.contains(0) ? String(unicodeScalars.filter { $0.value != 0 }.map(Character.init)) : self
        guard text.utf8.count > limit else { return text }
        let ellipsis = "..."
        var end = text.utf8.index(text.startIndex, offsetBy: limit - ellipsis.utf8.count)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return text[..<end] + ellipsis
    }
}
