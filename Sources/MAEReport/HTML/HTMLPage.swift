import MAEText

/// The frame of every page: no script, no font, no picture from outside.
package enum HTMLPage {
    /// A page of the given parts, of which empty ones are left out; `style` follows the style sheet of every page.
    package static func render(title: String, parts: [String], style: String = "") -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(SafeText.markup(title))</title>
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
