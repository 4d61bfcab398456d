extension NightSetting {
    /// A plan with every key, explained, as `mae-coord nightly --example` prints it.
    public static var exampleText: String {
        let head = """
            # The plan of a night, for: mae-coord nightly --plan FILE
            # Paths count from the folder of this file. Each key is a flag too, which goes before it: --batches 5.

            """
        return head
            + all.map { setting in
                let gap = setting.example.hasPrefix("\n") ? "" : " "
                let line = "\(setting.key):\(gap)\(setting.example)"
                let shown = line.split(separator: "\n").map { setting.isSetInExample ? String($0) : "# \($0)" }
                return "\n# \(setting.help)\n" + shown.joined(separator: "\n") + "\n"
            }.joined()
    }

    /// The keys as rows of a table in Markdown, as docs/formats.md has them.
    public static var table: String {
        "| key | flag | what it says |\n|---|---|---|\n"
            + all.map { setting in
                let must = setting.isRequired ? " Required." : ""
                return "| `\(setting.key)` | `\(setting.flag)` | \(setting.help)\(must) |\n"
            }.joined()
    }
}
