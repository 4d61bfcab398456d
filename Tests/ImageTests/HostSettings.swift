import Foundation

/// What a build takes over from the machine and the person who runs it: name servers, proxies, and where git finds
/// repositories instead of where they are said to be.
struct HostSettings {
    /// Options for the script `enter`.
    let options: [String]

    /// Settings of this process and its user, in files under `folder`.
    init(folder: String) throws {
        var options = [
            "--show", URL(fileURLWithPath: "/etc/resolv.conf").resolvingSymlinksInPath().path, "/etc/resolv.conf",
        ]
        let environment = ProcessInfo.processInfo.environment
        for name in ["http_proxy", "https_proxy", "no_proxy"].flatMap({ [$0, $0.uppercased()] }) {
            if let value = environment[name] { options += ["--set", "\(name)=\(value)"] }
        }
        let replacements = try Script.run("/usr/bin/git", ["config", "--get-regexp", #"^url\..*\.insteadof$"#])
        var configuration = ""
        for line in replacements.text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let place = parts[0].dropFirst("url.".count).dropLast(".insteadof".count)
            configuration += "[url \"\(place)\"]\n\tinsteadOf = \(parts[1])\n"
            if place.hasPrefix("/"), !options.contains(String(place)) {
                options += ["--show", String(place), String(place)]
            }
        }
        if !configuration.isEmpty {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let file = folder + "/gitconfig"
            try configuration.write(toFile: file, atomically: true, encoding: .utf8)
            options += ["--show", file, "/etc/gitconfig"]
        }
        self.options = options
    }
}
