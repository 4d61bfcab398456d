@testable import VerifyTestSupport

/// Sixty nights of four nodes with three planted changes: a kernel update on n3, n2 turns bad, the checkpoint is replaced.
///
/// One night n4 is lost, and from some night on n1 is slower.
enum SixtyNights {
    static let count = 60
    static let nodes = ["n1", "n2", "n3", "n4"]
    static let kernel = 15, lost = 20, slow = 25, bad = 30, checkpoint = 45

    static func site(_ series: String = "night") throws -> NightSite {
        let site = try NightSite(series)
        try site.record(nights: count, nodes: nodes) { night in
            let number = night.number
            night.simulation.node = { name in
                NightSite.identity(name, kernel: name == "n3" && number >= kernel ? "6.1.0-18" : "6.1.0-17")
            }
            night.work = { cell, work in
                if number >= checkpoint { work.weights = "second" }
                if number >= bad, cell.node == "n2" { work.outputFault = "stuck bit" }
            }
            if number >= checkpoint { night.checkpoint = "second" }
            if number == lost { night.simulation.lost = Set(night.simulation.places.filter { $0.node == "n4" }) }
            night.forward = { node in (node == "n1" && number >= slow ? 0.6 : 0.4) + Double(number % 3) / 100 }
        }
        try site.keep(as: "sixty-nights")
        return site
    }
}
