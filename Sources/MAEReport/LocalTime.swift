import Glibc

/// Points in time as people of this machine's time zone read them.
package enum LocalTime {
    /// Seconds since 1970 as `2026-01-31 23:59`.
    package static func text(_ seconds: Double) -> String {
        let parts = parts(seconds)
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min))"
    }

    /// The same with the distance from UTC, as `2026-01-31 23:59 +01:00`.
    package static func textWithZone(_ seconds: Double) -> String {
        let minutes = parts(seconds).tm_gmtoff / 60
        let distance = Swift.abs(minutes)
        return "\(text(seconds)) \(minutes < 0 ? "-" : "+")\(two(distance / 60)):\(two(distance % 60))"
    }

    /// The same with seconds, as `2026-01-31 23:59:07 +01:00`.
    package static func textWithSeconds(_ seconds: Double) -> String {
        let zone = textWithZone(seconds).split(separator: " ").last ?? ""
        return "\(text(seconds)):\(two(parts(seconds).tm_sec)) \(zone)"
    }

    /// The time of day alone, as `23:59:07`.
    package static func clock(_ seconds: Double) -> String {
        let parts = parts(seconds)
        return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    }

    private static func parts(_ seconds: Double) -> tm {
        var time = time_t(exactly: seconds.rounded(.down)) ?? 0
        var parts = tm()
        localtime_r(&time, &parts)
        return parts
    }

    private static func two(_ number: some BinaryInteger) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
