import Foundation
import MAEReport
import MAEStore

/// What a run's name says: `night-2026-11-29` is the night of that date in the series `night`.
struct NightName: Hashable {
    /// What stands before the date.
    let series: String
    /// The date, as it stands there.
    let date: String

    /// Nil for a name that ends in no date; `-2` behind the date is a second run of that night.
    init?(_ run: String) {
        guard let match = run.wholeMatch(of: /(.+)-([0-9]{4}-[0-9]{2}-[0-9]{2})(-[0-9]{1,3})?/) else { return nil }
        series = String(match.output.1)
        date = String(match.output.2) + (match.output.3.map { String($0) } ?? "")
    }
}

/// Which runs are nights of one series.
enum SeriesKey: Hashable {
    /// Those of one name before their dates.
    case named(String)
    /// Those without dates that ask the same: seed, batches and their size, images and labels of methods.
    case asking(seed: UInt64, batches: Int, size: Int, images: String?, methods: [String])

    init(_ run: RunArchive.Run) {
        if let name = NightName(run.plan.run) {
            self = .named(name.series)
        } else {
            let plan = run.plan
            self = .asking(
                seed: plan.seed, batches: plan.batches, size: plan.batchSize, images: plan.images?.path,
                methods: plan.methods.map(\.label))
        }
    }

    /// The name of the series.
    var title: String {
        switch self {
        case .named(let name): return name
        case .asking(let seed, let batches, let size, let images, let methods):
            let what = images.map { "images of \($0)" } ?? "seed \(Int64(bitPattern: seed))"
            return "\(what), \(batches) × \(size), \(methods.joined(separator: ", "))"
        }
    }
}

extension RunArchive.Run {
    /// The night in a few letters: the date in the run's name, or when it began in local time.
    var night: String { NightName(plan.run)?.date ?? LocalTime.text(started.timeIntervalSince1970) }
}
