import MAECommand
import MAEEngine
import MAEFiles
import MAEHistory
import MAEStore
import MAEText

/// Writes the pages of a history into a folder.
struct HistoryWriter {
    let folder: String
    let store: Store
    /// The folder of the store, as the person names it.
    let named: String

    /// More bytes than this are no file of ours.
    private static let longestStamps = 64 << 20

    /// Writes all pages of series, and those of runs that are not there yet or show another judgement; returns what was done in a
    /// sentence.
    func write(_ history: History) throws -> String {
        let site = HistorySite(history, release: Engine.release)
        try OutputFile.makeFolder(path("runs"))
        let progress = ProgressLine()
        defer { progress.clear() }
        let known = stamps()
        var stamps = known
        let pages = site.runPages
        var written = 0
        // The stamps are written however it ends: what is done stays done.
        defer { try? write(HistorySite.stampFile, HistorySite.stampText(stamps)) }
        for (number, page) in pages.enumerated() {
            if known[page.path] == page.stamp, FileSystem.isFile(path(page.path)) { continue }
            progress.show("pages of runs", number, of: pages.count)
            let judgement = try store.judgement(of: page.run)
            try write(page.path, HistorySite.page(judgement, store: named == StoreOption.defaultFolder ? nil : named))
            stamps[page.path] = page.stamp
            written += 1
        }
        let series = try site.seriesPages()
        for page in series { try write(page.path, page.text) }
        return
            "wrote \(path("index.html")): \(NumberText.count(series.count, "page")) of nights, and \(written) of "
            + "\(NumberText.count(pages.count, "page")) of runs (\(pages.count - written) were there)"
    }

    /// Which judgement each page shows that is there.
    private func stamps() -> [String: String] {
        guard let file = try? RegularFile(path(HistorySite.stampFile)),
            let bytes = try? file.bytes(limit: Self.longestStamps)
        else { return [:] }
        return HistorySite.stamps(bytes)
    }

    private func write(_ name: String, _ text: String) throws {
        // A page can be made again: none waits for the disk.
        try OutputFile(path(name), isLasting: false).write(text)
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }
}
