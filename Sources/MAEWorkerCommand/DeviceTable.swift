import MAECommand
import MAEEngine
import MAEText

/// What `--list-devices` shows: a line for each device, and under it why it is in its class.
struct DeviceTable {
    let text: String

    init(_ reports: [DeviceReport]) {
        guard !reports.isEmpty else {
            text = "no Vulkan device was found\n"
            return
        }
        var table = TextTable()
        table.add("backend", "device", "driver", "type", "memory", "class", "arithmetic")
        for report in reports {
            let listing = report.listing
            table.add(
                "vulkan:\(listing.index)", listing.name, listing.driver, listing.kind,
                "\(listing.memoryBytes >> 20) MiB", report.numericClass ?? "cannot be opened", report.form ?? "-")
        }
        let lines = table.text(indentation: 0).split(separator: "\n")
        let rows = zip(lines.dropFirst(), reports).map { "\($0)\n    \($1.reason)\n" }
        text = lines[0] + "\n" + rows.joined()
    }
}
