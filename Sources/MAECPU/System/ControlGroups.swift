/// Limits that the control groups set on this process: its own group's, and those of all groups around it.
///
/// A container's limits stand here and nowhere else: the processors and the memory of the machine say nothing of them.
struct ControlGroups {
    /// Lists the groups of this process, a hierarchy a line.
    private let membership: String
    /// Where the hierarchies are mounted.
    private let mounts: String

    /// The groups as the system shows them.
    init(membership: String = "/proc/self/cgroup", mounts: String = "/sys/fs/cgroup") {
        self.membership = membership
        self.mounts = mounts
    }

    /// Processors' worth of time that the process may use; nil without a limit.
    var processorQuota: Double? {
        let unified = folders(of: "").compactMap { folder -> Double? in
            guard let text = SystemFile.text(folder + "/cpu.max") else { return nil }
            // "max" in place of the first number is no limit.
            let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
            return numbers.count == 2 && numbers[1] > 0 ? numbers[0] / numbers[1] : nil
        }
        let separate = folders(of: "cpu").compactMap { folder -> Double? in
            guard let quota = SystemFile.number(folder + "/cpu.cfs_quota_us"), quota > 0,
                let period = SystemFile.number(folder + "/cpu.cfs_period_us"), period > 0
            else { return nil }
            return Double(quota) / Double(period)
        }
        return (unified + separate).min()
    }

    /// Bytes that the process may still take, counting what its groups can give back; nil without a limit.
    var memoryLeft: Int? {
        let unified = folders(of: "").compactMap { folder in
            left(of: folder + "/memory.max", used: folder + "/memory.current", folder, prefix: "")
        }
        let separate = folders(of: "memory").compactMap { folder in
            left(
                of: folder + "/memory.limit_in_bytes", used: folder + "/memory.usage_in_bytes", folder,
                prefix: "total_")
        }
        return (unified + separate).min()
    }

    /// Bytes that the groups of the process may have; nil without a limit.
    var memoryLimit: Int? {
        let limits =
            folders(of: "").map { SystemFile.number($0 + "/memory.max") }
            + folders(of: "memory").map { SystemFile.number($0 + "/memory.limit_in_bytes") }
        // Without a limit the separate hierarchy tells the largest number of whole pages.
        return limits.compactMap(\.self).filter { $0 < 1 << 60 }.min()
    }

    private func left(of limit: String, used: String, _ folder: String, prefix: String) -> Int? {
        guard let limit = SystemFile.number(limit), let used = SystemFile.number(used) else { return nil }
        // Pages of files, active ones too: a checkpoint that was read twice is all active, and given back when asked for.
        let cache = ["inactive_file", "active_file"].reduce(0) {
            $0 + (SystemFile.number(folder + "/memory.stat", field: prefix + $1) ?? 0)
        }
        return max(0, limit - max(0, used - cache))
    }

    /// Folders of the process's group and of those around it; `controller` is empty for the unified hierarchy.
    private func folders(of controller: String) -> [String] {
        for line in SystemFile.text(membership)?.split(separator: "\n") ?? [] {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].split(separator: ",").contains(controller[...]) || parts[1] == controller
            else { continue }
            // Hierarchies of several controllers are mounted under all their names together.
            let mount = controller.isEmpty ? mounts : "\(mounts)/\(parts[1])"
            let path = parts[2].split(separator: "/")
            return (0...path.count).map { depth in
                ([mount] + path.prefix(depth).map(String.init)).joined(separator: "/")
            }
        }
        return []
    }
}
