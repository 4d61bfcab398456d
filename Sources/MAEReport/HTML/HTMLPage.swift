import MAEText

/// The frame of every page: no script, no font, nothing from outside.
package enum HTMLPage {
    /// A page of the given parts, of which empty ones are left out; `style` follows the style sheet of every page.
    ///
    /// Browsers load it again after `refresh` seconds where that is not nil. With `showsPictures` it may hold pictures, as `data:` URLs
    /// alone.
    package static func render(
        title: String, parts: [String], style: String = "", refresh: Int? = nil, showsPictures: Bool = false
    ) -> String {
        let pictures = showsPictures ? "; img-src data:" : ""
        let refreshing = refresh.map { "<meta http-equiv=\"refresh\" content=\"\($0)\">\n" } ?? ""
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'\(pictures)">
            \(refreshing)<title>\(SafeText.markup(title))</title>
            <style>\(HTMLStyle.sheet)\(style.isEmpty ? "" : "\n" + style)</style>
            </head>
            <body>
            <main>
            \(parts.filter { !$0.isEmpty }.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }
}
