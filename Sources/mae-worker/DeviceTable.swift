import MAEEngine

/// What `--list-devices` shows: a line for each device, and under it why it is in its class.
struct DeviceTable {
    let text: String

    init(_ reports: [DeviceReport]) {
        let rows = [["backend", "device", "driver", "type", "memory", "class", "arithmetic"]] + reports.map(Self.row)
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }
        var text = lines[0] + "\n"
        for (line, report) in zip(lines.dropFirst(), reports) {
            text += line + "\n"
            text += "    \(report.reason)\n"
        }
        self.text = reports.isEmpty ? "no Vulkan device was found\n" : text
    }

    private static func row(_ report: DeviceReport) -> [String] {
        let listing = report.listing
        let mebibytes = listing.memoryBytes >> 20
        return [
            "vulkan:\(listing.index)", listing.name, listing.driver, listing.kind, "\(mebibytes) MiB",
            report.numericClass ?? "cannot be opened", report.form ?? "-",
        ]
    }
}
