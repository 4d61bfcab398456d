import Foundation
import GRDB
import MAEDomain
import MAEStore
import MAEVerify
import TestSupport
import Testing

@testable import MAEHistory
@testable import VerifyTestSupport

@Suite("history of a store")
struct HistoryTests {
    private func states(_ site: NightSite) throws -> [String: String] {
        let series = try #require(try History(site.store).series.first)
        return Dictionary(uniqueKeysWithValues: series.nodes.map { ($0.name, String($0.states.map(\.rawValue))) })
    }

    @Test("a store without runs has no series")
    func empty() throws {
        let site = try NightSite()
        let history = try History(site.store)
        #expect(history.series.isEmpty && HistoryText.render(history) == "no runs yet\n")
        #expect(try HistorySite(history, release: "1").seriesPages().map(\.path) == ["index.html"])
        // Of a single night nothing was computed again.
        try site.record(nights: 1, nodes: ["n1", "n2"])
        let single = HistoryText.render(try History(site.store))
        #expect(
            single.contains("One night: the next one is set against it.") && !single.contains("bad night"), "\(single)")
    }

    @Test("runs are nights of one series by the name before the date, or where they ask the same")
    func series() throws {
        let site = try NightSite()
        try site.record(nights: 2, nodes: ["n1", "n2"])
        try site.record(nights: 2, nodes: ["n1", "n2"], names: ["run-0-abc", "run-1-abc"])
        try site.record(nights: 1, nodes: ["n1", "n2"], batches: 1, names: ["another"])
        try site.record(nights: 1, nodes: ["n1", "n2"], names: ["weekly-2027-01-01-2"])
        let series = try History(site.store).series
        #expect(
            Set(series.map { $0.nights.map(\.run) }) == [
                [site.name(0), site.name(1)], ["run-0-abc", "run-1-abc"], ["another"], ["weekly-2027-01-01-2"],
            ])
        #expect(Set(series.map(\.title)).isSuperset(of: ["night", "weekly"]))
        // That of the latest run comes first; all these began at the same times.
        #expect(try History(site.store, last: 1).series.count == 1)
    }

    @Test("a batch that a night draws for itself is other work each night, where the rest has images of a folder too")
    func drawnBesideImages() throws {
        let site = try NightSite()
        try site.record(nights: 3, nodes: ["n1", "n2"]) { night in
            night.simulation.images = PlannedImages(path: "/photos", count: 2)
            night.simulation.rotating = RotatingBatches(count: 1, seed: UInt64(1000 + night.number))
        }
        let series = try #require(try History(site.store).series.first)
        #expect(series.badNights.isEmpty && series.changes.isEmpty)
        #expect(Set(series.outputs.map(\.batch)) == ["/photos, batch 0, 2 images"])
    }

    @Test("a night that was not judged counts what came, and blames no node for what did not")
    func unjudged() throws {
        let site = try NightSite()
        try site.record(nights: 2, nodes: ["n1", "n2"]) { night in
            guard night.number == 1 else { return }
            night.isJudged = false
            night.simulation.lost = Set(night.simulation.places.filter { $0.node == "n2" })
        }
        #expect(try states(site) == ["n1": "==", "n2": "=."])
        let series = try #require(try History(site.store).series.first)
        #expect(series.streak?.verdict == "not ended" && series.nights[1].stamp == nil)
    }

    @Test("where no output changed, nodes that were lost are named with their nights, and nights are not called good")
    func lostNodes() throws {
        let site = try NightSite()
        try site.record(nights: 4, nodes: ["n1", "n2", "n3"]) { night in
            guard night.number == 1 || night.number == 3 else { return }
            night.simulation.lost = Set(night.simulation.places.filter { $0.node == "n2" })
        }
        let history = try History(site.store)
        #expect(try states(site)["n2"] == "=!=!")
        let words =
            "Every output that was computed again had its bits. In 2 of 4 nights nodes lost work, were lost or never came: "
            + "\(NightSite.date(3)) (n2) and \(NightSite.date(1)) (n2)."
        let text = HistoryText.render(history).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains(words) && !text.contains("No bad night"), "\(text)")
        let page = try #require(try HistorySite(history, release: "1").seriesPages().first)
        #expect(page.text.contains(words), "\(page.text.prefix(3000))")
    }

    @Test("nights that disagree alike are no bad nights, and are told all the same")
    func disagreeingAlike() throws {
        let site = try NightSite()
        try site.record(nights: 2, nodes: ["n1", "n2"]) { night in
            night.work = { cell, work in
                guard cell.method == "full" else { return }
                work.weights = "other"
                work.changedTensors = [work.tensors[0]]
            }
        }
        let history = try History(site.store)
        #expect(history.series.first?.streak?.verdict == "disagree")
        let text = HistoryText.render(history).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(!text.contains("No bad night"), "\(text)")
        #expect(
            text.contains(
                "In 2 of 2 nights the run itself ended with disagree, for a cause that its report names: "
                    + "\(NightSite.date(1)) and \(NightSite.date(0))."), "\(text)")
    }

    @Test("a new build with the same bits is told apart, and so is another class within the tolerance")
    func buildAndClass() throws {
        let site = try NightSite()
        try site.record(nights: 3, nodes: ["n1", "n2", "n3"]) { night in
            let number = night.number
            night.simulation.node = { name in
                var identity = NightSite.identity(name, build: name == "n2" && number > 0 ? "1.1" : "1.0")
                if name == "n3" { identity.numericClass = "torch-2.13.0/sdpa/avx512" }
                return identity
            }
            night.work = { cell, work in if cell.node == "n3" { work.shift = 1e-7 } }
        }
        #expect(try states(site) == ["n1": "===", "n2": "=b=", "n3": "~~~"])
        let series = try #require(try History(site.store).series.first)
        #expect(series.badNights.isEmpty && series.flaky.isEmpty)
        #expect(series.changes.map(\.what) == ["engine build"] && series.changes.map(\.nodes) == [["n2"]])
    }

    @Test("a witness beyond the tolerance has other bits, in a night with another that is within it")
    func witnesses() throws {
        let site = try NightSite()
        try site.record(nights: 2, nodes: ["n1", "n2", "p1", "p2"]) { night in
            let isOdd = night.number == 1
            night.simulation.node = { name in
                var identity = NightSite.identity(name)
                if name.hasPrefix("p") { identity.numericClass = "torch-2.13.0/sdpa/avx512" }
                return identity
            }
            night.work = { cell, work in
                guard cell.node.hasPrefix("p") else { return }
                work.rounding = cell.node
                work.shift = cell.node == "p2" && isOdd ? 0.1 : 1e-7
            }
        }
        #expect(try states(site) == ["n1": "==", "n2": "==", "p1": "~~", "p2": "~x"])
    }

    @Test("a node that had not been there, and one that never came, are lost or not run, not the same")
    func membership() throws {
        let site = try NightSite()
        try site.record(nights: 2, nodes: ["n1", "n2"])
        try site.record(from: 2, nights: 1, nodes: ["n1", "n2", "n3"]) { night in
            night.simulation.lost = Set(night.simulation.places.filter { $0.node == "n2" && $0.batch == 1 })
        }
        #expect(try states(site) == ["n1": "===", "n2": "==!", "n3": "..="])
    }

    @Test("a batch that one night alone asked has no history, and a changed setting is told")
    func freshBatches() throws {
        let site = try NightSite()
        try site.record(nights: 3, nodes: ["n1", "n2"], batches: 1)
        try site.record(from: 3, nights: 1, nodes: ["n1", "n2"], batches: 2) { night in
            night.work = { _, work in work.layerNormEps = "1e-6" }
        }
        let series = try #require(try History(site.store).series.first)
        #expect(series.outputs.count == 3 && Set(series.outputs.map(\.batch)).count == 1)
        #expect(
            series.changes.filter { $0.what == "layer_norm_eps" }.map(\.nodes)
                == Array(repeating: ["n1", "n2"], count: 3))
        #expect(series.badNights.map(\.kind) == [.changed])
    }

    @Test("names that would break out of a page are escaped, and pages of runs have plain names")
    func hostileNames() throws {
        let site = try NightSite()
        let node = "n<script>alert(1)</script>\u{202E}"
        try site.record(nights: 2, nodes: ["n1", "n2", node], names: ["../<b>0\"", "../<b>1\""]) { night in
            let isOdd = night.number == 1
            night.work = { cell, work in if isOdd, cell.node == node { work.outputFault = "x" } }
        }
        let site2 = HistorySite(try History(site.store), release: "1")
        for page in try site2.seriesPages() {
            #expect(!page.text.contains("<script") && !page.text.contains("<b>") && !page.text.contains("\u{202E}"))
        }
        for page in site2.runPages {
            #expect(page.path.wholeMatch(of: /runs\/[A-Za-z0-9_-][A-Za-z0-9._-]*\.html/) != nil, "\(page.path)")
        }
        #expect(!HistoryText.render(try History(site.store)).contains("\u{202E}"))
    }

    @Test("a result whose bytes changed on the disk is the disk's fault, and no node's")
    func damage() throws {
        let site = try NightSite()
        try site.record(nights: 2, nodes: ["n1", "n2", "n3"])
        try DatabaseQueue(path: site.folder.file("store/mae.sqlite")).write {
            try $0.execute(
                sql: "UPDATE results SET digests = randomblob(length(digests)) WHERE id = (SELECT max(id) FROM results)"
            )
        }
        let error = #expect(throws: StoreError.self) { _ = try History(site.store) }
        #expect(error?.code == .damaged && error?.message.contains("no node's fault") == true)
    }

    @Test("nights beyond those of a page are on further pages, the newest on the first")
    func pages() throws {
        #expect(HistorySite.windows(365) == [0..<365] && HistorySite.windows(0).isEmpty)
        #expect(HistorySite.windows(800) == [435..<800, 70..<435, 0..<70])
        let site = try NightSite()
        try site.recordAlike(nights: 367, nodes: ["n1", "n2"])
        let pages = try HistorySite(try History(site.store), release: "1").seriesPages()
        #expect(pages.map(\.path) == ["index.html", "index-2.html"])
        #expect(
            pages[0].text.contains("runs/\(site.name(366)).html")
                && !pages[0].text.contains("runs/\(site.name(1)).html"))
        #expect(
            pages[1].text.contains("runs/\(site.name(1)).html")
                && !pages[1].text.contains("runs/\(site.name(366)).html"))
        #expect(pages[0].text.contains("href=\"index-2.html\"") && pages[1].text.contains("href=\"index.html\""))
    }
}
